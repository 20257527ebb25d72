//! How fine the clocks are.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::{grouped, span};

pub(super) const KIND: Kind = Kind {
    name: "resolution",
    title: "Resolution",
    why: "A clock that goes in steps gives the same time to events that follow each other, and a \
          timer that goes by it wakes as much too late.",
    how: "Asks clock_getres for the monotonic clock and its coarse sister, and looks for the smallest \
          step between 20,000 readings that is not the reading's own cost.\n\
          degraded: the resolution is more than 1 ns (no high-resolution timers), or the smallest \
          step more than 1 µs.\n\
          bad: the clock goes in steps of 100 µs or more.",
    look,
};

fn look(system: &System) -> Finding {
    let found = match system.machine().granularity() {
        Ok(found) => found,
        Err(why) => return Finding::skipped(why),
    };
    let step = span(found.step_ns as f64 / 1e9);
    // Where reading takes long, two readings are far apart on the finest of clocks.
    let read_ns = system.costs().map_or(0.0, |costs| costs.program_ns);
    let is_the_clocks = found.standing.0 > 0 || found.step_ns as f64 > 3.0 * read_ns;
    let (level, summary) = match (found.step_ns, found.resolution_ns) {
        (1_001.., 1) if !is_the_clocks => {
            (Level::Good, format!("1 ns; two readings are {step} apart, which is what they take"))
        }
        (100_000.., _) => (Level::Bad, format!("the clock goes in steps of {step}")),
        (1_001.., _) => (Level::Degraded, format!("the clock goes in steps of {step}")),
        (_, 2..) => (
            Level::Degraded,
            format!(
                "no high-resolution timers: they wake every {}",
                span(found.resolution_ns as f64 / 1e9)
            ),
        ),
        _ => (Level::Good, format!("1 ns; the smallest step seen was {step}")),
    };
    let (standing, readings) = found.standing;
    Finding::new(level, summary)
        .measured(format!(
            "The kernel says {} ns for the monotonic clock and {} for the coarse one, its tick. The \
             smallest step seen was {step}; the clock stood still in {} of {} readings.",
            grouped(u128::from(found.resolution_ns)),
            span(found.tick_ns as f64 / 1e9),
            grouped(u128::from(standing)),
            grouped(u128::from(readings)),
        ))
        .maybe_remedy((level > Level::Good).then(|| {
            Remedy::new(
                "High-resolution timers need a fine clock source: see the check \"clock-source\". \
                 They may also be switched off on the kernel's command line (highres=off, nohz=off).",
            )
            .command("cat /proc/cmdline /sys/devices/system/clocksource/clocksource0/current_clocksource")
        }))
        .labelled(
            metrics::RESOLUTION,
            &[("clock", "monotonic")],
            found.resolution_ns as f64 / 1e9,
        )
        .labelled(
            metrics::RESOLUTION,
            &[("clock", "monotonic_coarse")],
            found.tick_ns as f64 / 1e9,
        )
        .figure(metrics::STEP, found.step_ns as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::Pretended;

    #[test]
    fn steps_and_resolutions_are_judged() {
        let table = [
            (1, 20, Level::Good),
            (1, 1_000, Level::Good),
            (1, 1_117, Level::Degraded),
            (4_000_000, 20, Level::Degraded),
            (4_000_000, 4_000_000, Level::Bad),
        ];
        for (resolution, step, want) in table {
            let mut machine = Pretended::default();
            let found = machine.granularity.as_mut().expect("found");
            (found.resolution_ns, found.step_ns) = (resolution, step);
            let check = KIND.check(&machine.bare());
            assert_eq!(check.level, want, "{resolution} {step}: {check:?}");
        }
        // Each reading takes as long: says nothing of the clock.
        let mut machine = Pretended::default();
        machine.costs.as_mut().expect("costs").program_ns = 2_000.0;
        machine.granularity.as_mut().expect("found").step_ns = 2_170;
        assert_eq!(KIND.check(&machine.bare()).level, Level::Good);
    }
}
