//! The hardware clock beside the system's.

use super::Kind;
use super::counter::{Host, host};
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::{System, why_not};
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::span;

pub(super) const KIND: Kind = Kind {
    name: "rtc",
    title: "Hardware clock",
    why: "At boot the kernel takes the time from the hardware clock: what that is off, the machine is \
          off until somebody sets it right.",
    how: "Reads /sys/class/rtc and /etc/adjtime. The hardware clock shows whole seconds.\n\
          degraded: it differs from the system clock by more than 2 s, or cannot be read.",
    look,
};

const FOLDER: &str = "/sys/class/rtc";

/// Whole seconds on both sides, and the moment between the looks.
const MOST_S: i64 = 2;

fn look(system: &System) -> Finding {
    let clocks: Vec<String> =
        system.names(FOLDER).into_iter().filter(|name| name.starts_with("rtc")).collect();
    let of = |clock: &String, file: &str| system.maybe(&format!("{FOLDER}/{clock}/{file}"));
    // The one that the kernel was set from, else the first.
    let clock = clocks
        .iter()
        .find(|&clock| of(clock, "hctosys").as_deref() == Some("1"))
        .or(clocks.first());
    let Some(clock) = clock else {
        let summary = match host(system) {
            Host::Hypervisor(name) => format!("none; the host ({name}) sets the time at boot"),
            _ => "none: at boot the time is not known until somebody sets it".to_owned(),
        };
        return Finding::good(summary);
    };
    let name = of(clock, "name").unwrap_or_else(|| clock.clone());
    let file = format!("{FOLDER}/{clock}/since_epoch");
    let shown = match system.text(&file).map(|text| (text.trim().parse::<i64>(), text)) {
        Ok((Ok(shown), _)) => shown,
        Ok((Err(_), text)) => {
            return unreadable(&format!("{file}: {text:?} is no number of seconds"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Finding::skipped(why_not(&file, &error));
        }
        Err(error) => return unreadable(&why_not(&file, &error)),
    };
    let adjtime = system.maybe("/etc/adjtime").unwrap_or_default();
    let ahead = shown.saturating_sub(system.machine().unix_s());
    if adjtime.lines().nth(2).map(str::trim) == Some("LOCAL") {
        return Finding::good(format!("{name} shows local time, {} beside UTC", span(ahead as f64)))
            .measured(format!(
                "{name} is kept in local time (third line of /etc/adjtime), which is ambiguous when \
                 clocks are put back; its difference to the system clock is judged by instanter clocks."
            ));
    }
    let level = if ahead.saturating_abs() > MOST_S { Level::Degraded } else { Level::Good };
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let far = span(ahead.unsigned_abs() as f64);
    let summary = match level {
        Level::Good => format!("{name} agrees with the system clock to {MOST_S} s"),
        _ => format!("{name} is {far} {side} the system clock"),
    };
    Finding::new(level, summary)
        .measured(format!("{name} is {far} {side} the system clock (whole seconds)."))
        .maybe_remedy((level > Level::Good).then(|| {
            Remedy::new(
                "If the system clock is right (check \"discipline\"), set the hardware clock from it; \
                 else the other way round (--hctosys). If it is wrong again after the next boot, its \
                 battery is empty.",
            )
            .command("instanter clocks --systohc")
        }))
        .figure(metrics::RTC, ahead as f64)
}

fn unreadable(why: &str) -> Finding {
    Finding::new(Level::Degraded, format!("it cannot be read: {why}")).remedy(
        Remedy::new(
            "A hardware clock that shows no date has lost its power, mostly an empty battery. Set it; \
             if it forgets again, change the battery.",
        )
        .command("instanter clocks --systohc"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};
    use crate::doctor::verdict::Check;

    fn check(since_epoch: &str, adjtime: &str) -> Check {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "/sys/class/rtc/rtc0/name", "rtc_cmos rtc_cmos\n");
        put(folder.path(), "/sys/class/rtc/rtc0/since_epoch", since_epoch);
        put(folder.path(), "/etc/adjtime", adjtime);
        KIND.check(&Pretended::default().system(folder.path()))
    }

    #[test]
    fn differences_are_judged() {
        // The machine's clock shows 1780000000.
        let utc = "0.0 0 0.0\n0\nUTC\n";
        let table = [
            ("1780000001\n", utc, Level::Good, "agrees"),
            ("1779999000\n", utc, Level::Degraded, "17 minutes behind"),
            ("946684800\n", utc, Level::Degraded, "days behind"),
            ("\n", utc, Level::Degraded, "\"\" is no number"),
            ("1780007200\n", "0.0 0 0.0\n0\nLOCAL\n", Level::Good, "local time"),
        ];
        for (shown, adjtime, level, text) in table {
            let check = check(shown, adjtime);
            assert_eq!(check.level, level, "{shown:?}: {check:?}");
            assert!(check.summary.contains(text), "{shown:?}: {check:?}");
        }
    }

    #[test]
    fn none_is_no_fault() {
        let check = KIND.check(&Pretended::default().bare());
        assert_eq!(check.level, Level::Good);
    }
}
