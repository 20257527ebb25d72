//! Whether somebody keeps the wall clock right, as the kernel knows it.

use std::time::Duration;

use instanter_clock::{Discipline, Leap};

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::{nanos, span};

pub(super) const KIND: Kind = Kind {
    name: "discipline",
    title: "Kept right",
    why: "A quartz is off by seconds a week. Unless a program compares the wall clock with better \
          ones, certificates, logs and databases of different machines disagree sooner or later.",
    how: "Asks adjtimex, twice, a second apart. The bound of the error (maxerror) grows by 0.5 ms a \
          second and is brought down by whoever keeps the clock; at 16 s the kernel gives up. That \
          bound is the judge, and not the flag UNSYNC, which some forget to clear.\n\
          degraded: the bound is above 1 s; or more than 0.1 s is yet to be slewed; or the frequency \
          is at the limit of what can be steered; or the state does not move, so that it cannot be \
          believed.\n\
          skipped: the call is forbidden.",
    look,
};

/// Where the kernel's bound stops growing (`NTP_PHASE_LIMIT`, Linux
/// `include/linux/timex.h`).
const NOBODY_US: i64 = 16_000_000;

/// A bound that somebody keeps; far more than any network makes it.
const LOOSE_US: i64 = 1_000_000;

/// What is yet to be slewed takes minutes above this.
const FAR_NS: u64 = 100_000_000;

/// The kernel adds to the bound once a second (`second_overflow`, 500 µs).
const BETWEEN_LOOKS: Duration = Duration::from_millis(1_100);

fn look(system: &System) -> Finding {
    let first = match system.first_look() {
        Ok(first) => first,
        Err(why) => return Finding::skipped(format!("the kernel does not say: {why}")),
    };
    // Three looks: a daemon may by chance put back the very value once.
    let mut now = first;
    let mut stands = first.max_error_us < NOBODY_US;
    for _ in 0..2 {
        if !stands {
            break;
        }
        system.machine().pause(BETWEEN_LOOKS);
        match system.machine().discipline() {
            Ok(next) => {
                stands = next.max_error_us == now.max_error_us;
                now = next;
            }
            Err(why) => return Finding::skipped(format!("the kernel does not say: {why}")),
        }
    }
    judge(&now, stands)
        .figure(metrics::SYNCHRONIZED, f64::from(u8::from(now.max_error_us < NOBODY_US && !stands)))
        .figure(metrics::MAX_ERROR, now.max_error_us as f64 / 1e6)
        .figure(metrics::ESTIMATED_ERROR, now.estimated_error_us as f64 / 1e6)
        .figure(metrics::OFFSET, now.offset_ns as f64 / 1e9)
        .figure(metrics::FREQUENCY, now.frequency_ppm() / 1e6)
        .figure(metrics::TAI, f64::from(now.tai_s))
}

fn judge(state: &Discipline, stands: bool) -> Finding {
    let bound = span(state.max_error_us as f64 / 1e6);
    let ppm = format!("{:+.3}", state.frequency_ppm()).replace('-', "−");
    let (level, summary) = if stands {
        (
            Level::Degraded,
            format!("adjtimex does not move: its bound of {bound} is not to be believed"),
        )
    } else if state.max_error_us >= NOBODY_US {
        (Level::Degraded, "nobody keeps the wall clock: its error has no bound".to_owned())
    } else if state.max_error_us > LOOSE_US {
        (Level::Degraded, format!("nobody has set the wall clock right for long: within {bound}"))
    } else if state.offset_ns.unsigned_abs() > FAR_NS {
        let left = span(state.offset_ns as f64 / 1e9);
        (Level::Degraded, format!("the wall clock is being slewed, {left} to go"))
    } else if state.frequency_ppm().abs() >= 500.0 {
        (Level::Degraded, format!("the frequency is at its limit, {ppm} parts per million"))
    } else {
        (Level::Good, format!("the wall clock is right within {bound}"))
    };
    let leap = match state.leap {
        Leap::None => String::new(),
        leap => format!(", {leap}"),
    };
    let flag = match (state.is_flagged_unsynchronized(), state.max_error_us < NOBODY_US) {
        (true, true) => " The flag UNSYNC is set all the same: whoever keeps it forgot the flag.",
        _ => "",
    };
    Finding::new(level, summary + &leap)
        .measured(format!(
            "Error at most {bound}{}, estimated {}; offset yet to be slewed {}; frequency {ppm} parts \
             per million; {}.{flag}",
            if state.max_error_us >= NOBODY_US { " (where the kernel gives up)" } else { "" },
            span(state.estimated_error_us as f64 / 1e6),
            offset(state.offset_ns),
            state.leap,
        ))
        .maybe_remedy((level > Level::Good).then(|| remedy(stands)))
        .detail("status bits", format!("{:#06x}", state.status))
        .detail("tick", format!("{} µs", state.tick_us))
        .detail(
            "TAI − UTC",
            if state.tai_s == 0 {
                "0: nobody told the kernel, so CLOCK_TAI shows UTC".to_owned()
            } else {
                format!("{} s", state.tai_s)
            },
        )
}

fn offset(offset_ns: i64) -> String {
    if offset_ns == 0 { "none".to_owned() } else { nanos(offset_ns.unsigned_abs() as f64) }
}

fn remedy(stands: bool) -> Remedy {
    if stands {
        return Remedy::new(
            "A sandbox answers in the kernel's place. Ask outside of it, where the clock is kept.",
        );
    }
    Remedy::new(
        "Have a program keep the clock, chrony for one; in a container, the host does. The check \
         \"daemon\" says what runs here.",
    )
    .command("instanter doctor --only daemon")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, STEERED};
    use crate::doctor::verdict::Check;
    use std::sync::Mutex;

    fn check(looks: Vec<Result<Discipline, String>>) -> Check {
        KIND.check(&Pretended { disciplines: Mutex::new(looks), ..Pretended::default() }.bare())
    }

    /// A state that goes on by the kernel's step.
    fn moving(state: Discipline) -> Check {
        let later = Discipline { max_error_us: state.max_error_us + 500, ..state };
        check(vec![Ok(state), Ok(later)])
    }

    #[test]
    fn the_bound_judges_and_not_the_flag() {
        const UNSYNC: u32 = 0x40;
        let with = |max_error_us, status| Discipline { max_error_us, status, ..STEERED };
        let table = [
            (with(9_000, 0x2001), Level::Good),
            (with(9_000, 0x2001 | UNSYNC), Level::Good),
            (with(1_500_000, 0x2001), Level::Degraded),
            (with(16_000_000, 0x2001), Level::Degraded),
            (with(16_000_000, UNSYNC), Level::Degraded),
            (Discipline { offset_ns: -300_000_000, ..STEERED }, Level::Degraded),
            (Discipline { frequency: 500 << 16, ..STEERED }, Level::Degraded),
            (Discipline { leap: Leap::Insert, ..STEERED }, Level::Good),
        ];
        for (state, want) in table {
            let check = moving(state);
            assert_eq!(check.level, want, "{state:?}: {check:?}");
        }
        let leap = moving(Discipline { leap: Leap::Insert, ..STEERED });
        assert!(leap.summary.contains("a leap second will be inserted"), "{leap:?}");
        let forgot = moving(with(9_000, UNSYNC));
        assert!(forgot.measured.contains("UNSYNC"), "{forgot:?}");
    }

    #[test]
    fn a_state_that_stands_is_not_believed() {
        let check = check(vec![Ok(STEERED)]);
        assert_eq!(check.level, Level::Degraded);
        assert!(check.summary.starts_with("adjtimex does not move"), "{check:?}");
        let figure = check.figures.iter().find(|figure| figure.metric == metrics::SYNCHRONIZED);
        assert_eq!(figure.expect("a figure").value, 0.0);
    }

    #[test]
    fn a_daemon_that_puts_back_the_value_once_is_believed() {
        let later = Discipline { max_error_us: 9_500, ..STEERED };
        assert_eq!(check(vec![Ok(STEERED), Ok(STEERED), Ok(later)]).level, Level::Good);
    }

    #[test]
    fn what_is_forbidden_is_skipped_with_the_reason() {
        let check = check(vec![Err("clock_adjtime: not permitted".to_owned())]);
        assert_eq!(check.level, Level::Skipped);
        assert_eq!(check.summary, "the kernel does not say: clock_adjtime: not permitted");
    }
}
