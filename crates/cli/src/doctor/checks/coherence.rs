//! Whether the counters of all CPUs show the same.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::nanos;

pub(super) const KIND: Kind = Kind {
    name: "coherence",
    title: "Counters of the CPUs",
    why: "Where the counters of two CPUs differ, a program that moves from one to the other sees time \
          jump, and two threads disagree about what was first.",
    how: "For each pair of CPUs (for more than 16, each with the first and with its neighbour) two \
          threads bound to them pass a ball through a cache line and read their counters. Each round \
          proves between what bounds the counters differ; the bounds of all rounds together are the \
          answer.\n\
          bad: two counters differ for certain.\n\
          skipped: this process may run on one CPU only, or the machine is too busy.",
    look,
};

fn look(system: &System) -> Finding {
    let cpus = match system.machine().cpus() {
        Ok(cpus) => cpus,
        Err(why) => return Finding::skipped(why),
    };
    let matrix = match system.machine().coherence(&cpus) {
        Ok(matrix) => matrix,
        Err(why) => return Finding::skipped(why).maybe_offline(system),
    };
    let bound = matrix.bound_ns();
    let count = matrix.pairs.len();
    let pairs = if count == 1 { "1 pair".to_owned() } else { format!("{count} pairs") };
    let finding = match matrix.worst() {
        Some(pair) => Finding::new(
            Level::Bad,
            format!(
                "the counters of CPU {} and CPU {} differ by {} or more",
                pair.a,
                pair.b,
                nanos(pair.certain_ns())
            ),
        )
        .measured(format!(
            "CPU {}'s counter is ahead of CPU {}'s by {} to {} (negative: behind), in {} rounds.",
            pair.b,
            pair.a,
            nanos_signed(pair.low_ns),
            nanos_signed(pair.high_ns),
            pair.rounds
        ))
        .remedy(
            Remedy::new(
                "The CPU's counter is not fit for keeping time here: firmware has set the counters \
                 apart, or the host of this virtual machine does. Update the firmware; until then let \
                 the kernel count something else (kernel parameter tsc=unstable), which is slow and \
                 right.",
            )
            .command("dmesg | grep -i tsc")
            .command("cat /sys/devices/system/clocksource/clocksource0/available_clocksource"),
        )
        .figure(metrics::COHERENCE_CERTAIN, pair.certain_ns() / 1e9),
        None => Finding::good(format!("no two differ by more than {} ({pairs})", nanos(bound)))
            .measured(format!(
                "In {pairs} of {} CPUs no two counters differ by more than {}; they may well agree \
                 to the tick.",
                matrix.cpus.len(),
                nanos(bound)
            ))
            .figure(metrics::COHERENCE_CERTAIN, 0.0),
    };
    let mut finding = finding.figure(metrics::COHERENCE, bound / 1e9);
    for pair in &matrix.pairs {
        finding = finding.detail(
            format!("CPU {} and {}", pair.a, pair.b),
            format!(
                "{} to {}; there and back in {}, {} rounds",
                nanos_signed(pair.low_ns),
                nanos_signed(pair.high_ns),
                nanos(pair.round_trip_ns),
                pair.rounds
            ),
        );
    }
    if !matrix.missed.is_empty() {
        let missed: Vec<_> = matrix.missed.iter().map(|(a, b)| format!("{a} and {b}")).collect();
        finding = finding.detail("not measured", missed.join(", "));
    }
    if !matrix.every_pair {
        finding = finding.detail("sample", "each CPU with the first and with its neighbour");
    }
    finding.maybe_offline(system)
}

impl Finding {
    /// Says which CPUs are switched off.
    fn maybe_offline(self, system: &System) -> Finding {
        match system.maybe("/sys/devices/system/cpu/offline") {
            Some(offline) if !offline.is_empty() => {
                self.detail("offline", format!("CPU {offline}: not looked at"))
            }
            _ => self,
        }
    }
}

fn nanos_signed(value: f64) -> String {
    if value < 0.0 { format!("−{}", nanos(-value)) } else { nanos(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};

    #[test]
    fn counters_that_may_agree_are_good() {
        let check = KIND.check(&Pretended::default().bare());
        assert_eq!(check.level, Level::Good);
        assert_eq!(check.summary, "no two differ by more than 70.0 ns (1 pair)");
    }

    #[test]
    fn counters_that_differ_are_bad() {
        let mut machine = Pretended::default();
        let matrix = machine.coherence.as_mut().expect("a matrix");
        (matrix.pairs[0].low_ns, matrix.pairs[0].high_ns) = (-4_100.0, -3_900.0);
        let check = KIND.check(&machine.bare());
        assert_eq!(check.level, Level::Bad);
        assert_eq!(check.summary, "the counters of CPU 0 and CPU 1 differ by 3900 ns or more");
        assert!(check.measured.contains("−4100 ns to −3900 ns"), "{check:?}");
    }

    #[test]
    fn one_cpu_is_skipped_and_offline_ones_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "/sys/devices/system/cpu/offline", "1-3\n");
        let machine = Pretended {
            cpus: Ok(vec![0]),
            coherence: Err("this process may run on one CPU only".to_owned()),
            ..Pretended::default()
        };
        let check = KIND.check(&machine.system(folder.path()));
        assert_eq!(check.level, Level::Skipped);
        assert_eq!(check.summary, "this process may run on one CPU only");
        assert_eq!(check.details[0].text, "CPU 1-3: not looked at");
    }
}
