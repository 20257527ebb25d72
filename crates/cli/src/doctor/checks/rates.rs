//! How fast clocks go beside each other.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::span;

pub(super) const KIND: Kind = Kind {
    name: "rates",
    title: "Rates",
    why: "The wall and the monotonic clock are the raw counter, steered. Steering is small and \
          smooth; a clock that is stepped or steered hard makes durations wrong.",
    how: "Reads the wall, the monotonic and the raw clock at one moment, and again 0.3 s later.\n\
          degraded: the monotonic clock is steered by more than 500 parts per million, or the wall \
          clock was stepped meanwhile.\n\
          bad: steered by more than 5,000 parts per million.",
    look,
};

/// What `adjtimex` allows as a frequency (`MAXFREQ`), and so what is usual at most.
const HARD_PPM: f64 = 500.0;
const VERY_HARD_PPM: f64 = 5_000.0;

/// Where the clocks are not read at one moment, they seem to differ by microseconds.
const STEP_NS: u64 = 100_000;

fn look(system: &System) -> Finding {
    let rates = match system.machine().rates() {
        Ok(rates) => rates,
        Err(why) => return Finding::skipped(why),
    };
    let ppm = rates.monotonic_ppm;
    let steered = format!("{ppm:+.3} parts per million").replace('-', "−");
    let (level, summary) = match ppm.abs() {
        _ if rates.stepped_ns.unsigned_abs() > STEP_NS => (
            Level::Degraded,
            format!("the wall clock was stepped by {}", span(rates.stepped_ns as f64 / 1e9)),
        ),
        hard if hard > VERY_HARD_PPM => (Level::Bad, format!("the clock is steered by {steered}")),
        hard if hard > HARD_PPM => (Level::Degraded, format!("the clock is steered by {steered}")),
        _ => (Level::Good, format!("the monotonic clock is steered by {steered}")),
    };
    Finding::new(level, summary)
        .measured(format!(
            "In {:.1} s the monotonic clock went {steered} faster than the raw one, and the wall \
             clock gained {} on the monotonic one.",
            rates.seconds,
            span(rates.stepped_ns as f64 / 1e9),
        ))
        .maybe_remedy((level > Level::Good).then(|| {
            Remedy::new(
                "Find who steers the clock: the check \"daemon\" lists who may. Two of them fight \
                 each other. A program that keeps the time should step at boot only (chrony: \
                 makestep 1 3).",
            )
            .command("instanter doctor --only daemon,discipline")
        }))
        .figure(metrics::STEERED, ppm / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::Pretended;

    #[test]
    fn steering_is_judged() {
        let table = [
            (0.0, 0, Level::Good),
            (-499.0, 40, Level::Good),
            (-600.0, 0, Level::Degraded),
            (100_000.0, 0, Level::Bad),
            (3.0, -1_000_000_000, Level::Degraded),
        ];
        for (ppm, stepped, want) in table {
            let mut machine = Pretended::default();
            let rates = machine.rates.as_mut().expect("rates");
            (rates.monotonic_ppm, rates.stepped_ns) = (ppm, stepped);
            let check = KIND.check(&machine.bare());
            assert_eq!(check.level, want, "{ppm} {stepped}: {check:?}");
        }
    }
}
