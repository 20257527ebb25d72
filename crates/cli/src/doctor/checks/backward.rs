//! Whether time goes backward while all CPUs read it.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::{grouped, nanos};

pub(super) const KIND: Kind = Kind {
    name: "backward",
    title: "Backward steps",
    why: "Code that subtracts two times takes it that the later is not the smaller. Where it is, \
          timeouts never fire or fire at once, and durations become huge numbers.",
    how: "One thread a CPU reads wall and monotonic clock for 0.2 s; each reading is compared with \
          the latest one that any thread had published before.\n\
          bad: a reading was below one that was published before it.\n\
          degraded: only the wall clock was, and somebody set it meanwhile.",
    look,
};

fn look(system: &System) -> Finding {
    let cpus = match system.machine().cpus() {
        Ok(cpus) => cpus,
        Err(why) => return Finding::skipped(why),
    };
    let seen = match system.machine().stress(&cpus) {
        Ok(seen) => seen,
        Err(why) => return Finding::skipped(why),
    };
    let looked = format!(
        "{} readings on {} CPUs in {:.1} s",
        grouped(u128::from(seen.reads)),
        seen.cpus,
        seen.seconds
    );
    let finding = if seen.monotonic.steps > 0 || (seen.wall.steps > 0 && !seen.stepped) {
        let (clock, most) = if seen.monotonic.steps > 0 {
            ("monotonic", seen.monotonic)
        } else {
            ("wall", seen.wall)
        };
        Finding::new(
            Level::Bad,
            format!("the {clock} clock goes backward, by up to {}", nanos(most.worst_ns as f64)),
        )
        .measured(format!(
            "Among {looked}, the monotonic clock was behind an earlier reading {} times and the wall \
             clock {} times.",
            seen.monotonic.steps, seen.wall.steps
        ))
        .remedy(
            Remedy::new(
                "See the check \"coherence\": counters that differ between CPUs do this. Let the \
                 kernel count something else (kernel parameter tsc=unstable) until firmware or host \
                 are mended.",
            )
            .command("instanter doctor --only coherence")
            .command("dmesg | grep -i tsc"),
        )
    } else if seen.wall.steps > 0 {
        Finding::new(
            Level::Degraded,
            format!("the wall clock was set back by {}", nanos(seen.wall.worst_ns as f64)),
        )
        .measured(format!("Somebody set the wall clock back during {looked}."))
        .remedy(Remedy::new(
            "Programs that keep the time should slew small errors and step at boot only (chrony: \
             makestep 1 3).",
        ))
    } else {
        Finding::good(format!("none in {looked}"))
            .measured(format!("None among {looked}, of the wall and the monotonic clock."))
    };
    [("realtime", seen.wall), ("monotonic", seen.monotonic)].into_iter().fold(
        finding,
        |finding, (clock, backward)| {
            finding
                .labelled(metrics::BACKWARD, &[("clock", clock)], backward.steps as f64)
                .labelled(
                    metrics::BACKWARD_WORST,
                    &[("clock", clock)],
                    backward.worst_ns as f64 / 1e9,
                )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::measured::Backward;
    use crate::doctor::pretend::Pretended;

    #[test]
    fn steps_are_judged_by_whose_they_are() {
        let none = Backward::default();
        let some = Backward { steps: 3, worst_ns: 250 };
        let table = [
            (none, none, false, Level::Good),
            (none, some, false, Level::Bad),
            (some, none, false, Level::Bad),
            (some, none, true, Level::Degraded),
            (some, some, true, Level::Bad),
        ];
        for (wall, monotonic, stepped, want) in table {
            let mut machine = Pretended::default();
            let stress = machine.stress.as_mut().expect("a stress");
            (stress.wall, stress.monotonic, stress.stepped) = (wall, monotonic, stepped);
            let check = KIND.check(&machine.bare());
            assert_eq!(check.level, want, "{wall:?} {monotonic:?} {stepped}: {check:?}");
        }
    }
}
