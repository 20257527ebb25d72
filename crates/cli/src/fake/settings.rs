//! The words in which a change of the clocks is written: on the command line and in
//! scripts.

use std::time::Duration;

use instanter_vdso::line::RATE_ONE;

use super::clocks::Rate;
use crate::date;

/// Nanoseconds: what [`instanter::Duration`] reads, and days (`30d`, `-1d12h`).
pub(crate) fn duration(text: &str) -> Result<i64, String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let words = |error: &dyn std::fmt::Display| format!("cannot read {text:?}: {error}");
    let (days, rest) = match rest.split_once('d') {
        Some((days, rest)) => (days.parse::<u32>().map_err(|error| words(&error))?, rest),
        None => (0, rest),
    };
    if rest.starts_with(['+', '-']) {
        return Err(words(&"one sign is enough"));
    }
    let rest = if rest.is_empty() && text.contains('d') { "0" } else { rest };
    let rest: instanter::Duration = rest.parse().map_err(|error| words(&error))?;
    let nanoseconds = i64::from(days)
        .checked_mul(86_400_000_000_000)
        .and_then(|days| days.checked_add(rest.as_nanos()))
        .ok_or_else(|| words(&"at most 292 years"))?;
    Ok(if negative { -nanoseconds } else { nanoseconds })
}

/// A duration that is not negative, of the true time.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let nanoseconds = duration(text)?;
    u64::try_from(nanoseconds)
        .map(Duration::from_nanos)
        .map_err(|_| format!("{text:?} is negative"))
}

/// A slope from 0.001 to 1000, or parts per million above or below 1.
pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    let wrong = |why: &str| format!("cannot read the rate {text:?}: {why}");
    let number = |text: &str| {
        text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| {
            wrong("expected a number from 0.001 to 1000, or parts per million such as -50ppm")
        })
    };
    let rate = match text.strip_suffix("ppm") {
        Some(parts) => {
            let parts = number(parts)?;
            RATE_ONE + (parts * 1e-6 * RATE_ONE as f64).round() as i64
        }
        None => (number(text)? * RATE_ONE as f64).round() as i64,
    };
    // The ends themselves are allowed, as they are rounded.
    let (least, most) = (RATE_ONE / 1000, RATE_ONE * 1000);
    if (least..=most).contains(&rate) {
        return Ok(Rate(rate));
    }
    Err(wrong("it must be from 0.001 to 1000 (--freeze stops the clocks)"))
}

/// A moment: what `instanter date` reads.
pub(crate) fn moment(text: &str) -> Result<(i64, u32), String> {
    date::moment(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_days() {
        let table = [
            ("30d", Ok(30 * 86_400_000_000_000)),
            ("-1d12h", Ok(-129_600_000_000_000)),
            ("+1.5s", Ok(1_500_000_000)),
            ("0", Ok(0)),
            ("", Err(())),
            ("d", Err(())),
            ("1d-1h", Err(())),
            ("--1s", Err(())),
            ("1000000d", Err(())),
            ("5", Err(())),
        ];
        for (text, want) in table {
            assert_eq!(duration(text).map_err(drop), want, "{text:?}");
        }
    }

    #[test]
    fn rates() {
        let table = [
            ("1", Ok(RATE_ONE)),
            ("0.5", Ok(RATE_ONE / 2)),
            ("1000", Ok(RATE_ONE * 1000)),
            ("0ppm", Ok(RATE_ONE)),
            ("+500000ppm", Ok(RATE_ONE + RATE_ONE / 2)),
            ("-500000ppm", Ok(RATE_ONE / 2)),
            ("0", Err(())),
            ("1001", Err(())),
            ("-1", Err(())),
            ("NaN", Err(())),
            ("fast", Err(())),
        ];
        for (text, want) in table {
            assert_eq!(rate(text).map(|rate| rate.0).map_err(drop), want, "{text:?}");
        }
        assert!(rate("0.001").is_ok(), "the least");
    }
}
