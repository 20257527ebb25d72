//! Who serves each clock, and what a reading costs beside the bare counter.

use instanter_clock::Source;

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::measured::ClockCost;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::nanos;

pub(super) const KIND: Kind = Kind {
    name: "reading",
    title: "Who answers",
    why: "A clock is served by the kernel's time page (no call at all), by its function in the vDSO \
          (a call, in the program) or by a system call; each costs several times the one before.",
    how: "Asks this program's own chain of sources for each clock, and measures it beside the bare \
          counter.\n\
          degraded: the wall or the monotonic clock is not served by the page though nobody asked \
          for that, or by the source that INSTANTER_SOURCE names.\n\
          bad: it needs a system call for each reading, and nobody asked for that.",
    look,
};

fn look(system: &System) -> Finding {
    let costs = match system.costs() {
        Ok(costs) => costs,
        Err(why) => return Finding::new(Level::Bad, format!("the clocks do not answer: {why}")),
    };
    let pinned = system.machine().image().pinned;
    let main =
        |clock: &&ClockCost| ["CLOCK_REALTIME", "CLOCK_MONOTONIC"].contains(&clock.name.as_str());
    let worst = costs.clocks.iter().filter(main).max_by_key(|clock| clock.source);
    let Some(worst) = worst else {
        return Finding::new(Level::Bad, "neither the wall nor the monotonic clock answers");
    };
    let (level, summary) = match (worst.source, pinned) {
        (Source::Page, _) => (Level::Good, format!("the time page, {} a reading", nanos(worst.ns))),
        (source, Some(_)) => (
            Level::Degraded,
            format!("pinned to the {} by INSTANTER_SOURCE, {}", source.word(), nanos(worst.ns)),
        ),
        (Source::Vdso, None) => {
            (Level::Degraded, format!("the vDSO rather than the page, {}", nanos(worst.ns)))
        }
        (Source::Syscall, None) => {
            (Level::Bad, format!("each reading is a system call, {}", nanos(worst.ns)))
        }
        (Source::System, None) => {
            (Level::Degraded, format!("the system's own function, {}", nanos(worst.ns)))
        }
    };
    let because = match &worst.why_not {
        Some(why) if level > Level::Good => format!(" Nobody faster serves it: {why}."),
        _ => String::new(),
    };
    let mut finding = Finding::new(level, summary)
        .measured(format!(
            "{} is read in {}, {:.2} times the bare counter ({}), {}.{because}",
            worst.name,
            nanos(worst.ns),
            worst.ns / costs.counter_ns,
            nanos(costs.counter_ns),
            match worst.source {
                Source::Page => "from the time page",
                Source::Vdso => "by the vDSO's function",
                Source::Syscall => "by a system call",
                Source::System => "by the system's own function",
            },
        ))
        .maybe_remedy(remedy(level, pinned));
    for clock in &costs.clocks {
        let why = clock.why_not.as_ref().map_or(String::new(), |why| format!("; {why}"));
        finding = finding
            .detail(
                &clock.name,
                format!(
                    "{}, {} ({:.1} × the counter){why}",
                    clock.source,
                    nanos(clock.ns),
                    clock.ns / costs.counter_ns
                ),
            )
            .labelled(
                metrics::CLOCK_READ,
                &[("clock", &clock.name), ("source", clock.source.word())],
                clock.ns / 1e9,
            );
    }
    finding
}

fn remedy(level: Level, pinned: Option<Source>) -> Option<Remedy> {
    match (level, pinned) {
        (Level::Good, _) => None,
        (_, Some(_)) => {
            Some(Remedy::new("Leave INSTANTER_SOURCE unset.").command("unset INSTANTER_SOURCE"))
        }
        _ => Some(
            Remedy::new(
                "What the check \"clock-source\" says mends this too; where that is good, this \
                 program tells why step by step.",
            )
            .command("instanter explain"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::Pretended;

    fn check(source: Source, pinned: Option<Source>) -> crate::doctor::verdict::Check {
        let mut machine = Pretended::default();
        let costs = machine.costs.as_mut().expect("costs");
        costs.clocks[0].source = source;
        costs.clocks[0].why_not = Some("because".to_owned());
        machine.image.pinned = pinned;
        KIND.check(&machine.bare())
    }

    #[test]
    fn sources_are_judged() {
        assert_eq!(check(Source::Page, None).level, Level::Good);
        assert_eq!(check(Source::Vdso, None).level, Level::Degraded);
        let bad = check(Source::Syscall, None);
        assert_eq!(bad.level, Level::Bad);
        assert!(bad.measured.contains("because"), "{bad:?}");
        let pinned = check(Source::Syscall, Some(Source::Syscall));
        assert_eq!(pinned.level, Level::Degraded);
        assert_eq!(pinned.remedy.expect("one").commands, ["unset INSTANTER_SOURCE"]);
    }

    #[test]
    fn clocks_that_do_not_answer_are_bad() {
        let costs = Err("clock_gettime: not permitted".to_owned());
        let machine = Pretended { costs, ..Pretended::default() };
        let check = KIND.check(&machine.bare());
        assert_eq!(check.level, Level::Bad);
        assert!(check.summary.contains("not permitted"), "{check:?}");
    }
}
