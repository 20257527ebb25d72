//! The table of leap seconds, and until when it holds.

use super::Kind;
use super::tzdata::FOLDER;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::{System, why_not};
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::span;

pub(super) const KIND: Kind = Kind {
    name: "leap-seconds",
    title: "Leap seconds",
    why: "Leap seconds are announced half a year ahead. Programs that take them from the table \
          (chrony with leapsectz or leapseclist, ntpd with leapfile, PTP) do not learn of the next \
          one where the table is too old, and are a second off.",
    how: "Reads leap-seconds.list of the tz database and compares the kernel's TAI − UTC with it.\n\
          degraded: the table has expired; or the kernel was told another TAI − UTC.",
    look,
};

/// From 1900, where the table counts from, to 1970: 70 years of 365 days, and 17
/// leap days.
const NTP_TO_UNIX_S: i64 = (70 * 365 + 17) * 86_400;

/// What a table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leaps {
    /// In Unix time.
    expires: i64,
    /// TAI − UTC from the last entry on that is not in the future.
    tai_s: i64,
}

fn look(system: &System) -> Finding {
    let file = format!("{FOLDER}/leap-seconds.list");
    let text = match system.text(&file) {
        Ok(text) => text,
        Err(error) => return Finding::skipped(why_not(&file, &error)),
    };
    let now = system.machine().unix_s();
    let Some(leaps) = read(&text, now) else {
        return Finding::new(Level::Degraded, format!("{file} has no date of expiry or no entry"))
            .remedy(update());
    };
    let left = leaps.expires - now;
    let date = date(leaps.expires);
    let known = system.first_look().map_or(0, |state| i64::from(state.tai_s));
    let finding = if left <= 0 {
        Finding::new(
            Level::Degraded,
            format!("the table expired {} ago, on {date}", span(left.unsigned_abs() as f64)),
        )
        .remedy(update())
    } else if known != 0 && known != leaps.tai_s {
        Finding::new(
            Level::Degraded,
            format!("the kernel was told TAI − UTC is {known} s, and it is {} s", leaps.tai_s),
        )
        .remedy(Remedy::new(
            "Whoever keeps the clock tells the kernel; give it the table (chrony: leapsectz right/UTC \
             or leapseclist).",
        ))
    } else {
        Finding::good(format!("the table holds until {date}, for {}", span(left as f64)))
    };
    let kernel = match known {
        0 => "not told, so CLOCK_TAI shows UTC".to_owned(),
        known => format!("{known} s"),
    };
    finding
        .detail("TAI − UTC", format!("{} s by the table; kernel: {kernel}", leaps.tai_s))
        .figure(metrics::LEAP_EXPIRY, leaps.expires as f64)
}

/// `#@` and the expiry; then lines of a time and TAI − UTC from then on. All times
/// are seconds since 1900.
fn read(text: &str, now: i64) -> Option<Leaps> {
    let unix = |text: &str| text.trim().parse::<i64>().ok()?.checked_sub(NTP_TO_UNIX_S);
    let expires = text.lines().find_map(|line| unix(line.strip_prefix("#@")?))?;
    let entries = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((unix(words.next()?)?, words.next()?.parse::<i64>().ok()?))
    });
    let (_, tai_s) = entries.filter(|&(from, _)| from <= now).max_by_key(|&(from, _)| from)?;
    Some(Leaps { expires, tai_s })
}

fn date(unix_s: i64) -> String {
    let text = crate::utc::rfc3339(instanter_clock::Timespec::new(unix_s, 0));
    text.split('T').next().unwrap_or_default().to_owned()
}

fn update() -> Remedy {
    Remedy::new(
        "Bring the tz database up to date, which has the table; versions come twice a year.",
    )
    .command("apt-get install tzdata   # or this system's way")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};

    const TABLE: &str = "#$\t3960835200\n#@\t3991593600\n#\n\
                         2272060800\t10\t# 1 Jan 1972\n3692217600\t37\t# 1 Jan 2017\n";

    #[test]
    fn the_table_is_read() {
        // 2026-06-28, as the file's own comment has it; 37 s since 2017.
        assert_eq!(read(TABLE, 1_780_000_000), Some(Leaps { expires: 1_782_604_800, tai_s: 37 }));
        assert_eq!(read(TABLE, 100_000_000).map(|leaps| leaps.tai_s), Some(10));
        assert_eq!(date(1_782_604_800), "2026-06-28");
        for text in ["", "#@\n", "#@ 3991593600\n", "#@ x\n2272060800 10\n", "#@ 1\n99 y\n"] {
            assert_eq!(read(text, 1_780_000_000), None, "{text:?}");
        }
    }

    #[test]
    fn expiry_is_judged() {
        let table = [
            (1_780_000_000, Level::Good, "holds until 2026-06-28, for 30 days"),
            (1_782_604_800, Level::Degraded, "expired"),
            (1_800_000_000, Level::Degraded, "expired 201 days ago"),
        ];
        for (unix_s, level, text) in table {
            let folder = tempfile::tempdir().expect("a folder");
            put(folder.path(), "/usr/share/zoneinfo/leap-seconds.list", TABLE);
            let machine = Pretended { unix_s, ..Pretended::default() };
            let check = KIND.check(&machine.system(folder.path()));
            assert_eq!(check.level, level, "{unix_s}: {check:?}");
            assert!(check.summary.contains(text), "{unix_s}: {check:?}");
        }
        assert_eq!(KIND.check(&Pretended::default().bare()).level, Level::Skipped);
    }
}
