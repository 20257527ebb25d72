//! Transitions as `zdump -v` of glibc prints them, extreme times included.
//!
//! zdump writes down what the C library answers, and the C library's dates end
//! where their year no longer fits into an `int`: beyond, it says "failed", and
//! so does this. Where local time and UTC come to that end one after the other,
//! zdump prints both moments.

use std::io::{self, Write};

use instanter_civil::{Date, DateTime, Offset, pattern};
use instanter_zone::{Origin, Policy, Transition, Zone};

use crate::zoned::offset;

/// Years since 1900 are an `int` in C's `struct tm`.
pub(crate) const FIRST_YEAR: i64 = i32::MIN as i64 + 1_900;
pub(crate) const LAST_YEAR: i64 = i32::MAX as i64 + 1_900;

const DAY_S: i64 = 86_400;

/// Returns the Unix time at which a year begins in UTC.
pub(crate) fn start_of(year: i64) -> i64 {
    Date::new(year, 1, 1).map_or(0, |date| date.to_unix_days() * DAY_S)
}

/// The seconds whose dates C can tell: from the first to before the second.
fn ends() -> (i64, i64) {
    (start_of(FIRST_YEAR), start_of(LAST_YEAR + 1))
}

/// Returns the transitions from the start of one year to that of another.
pub(crate) fn transitions(
    zone: Zone,
    from: i64,
    to: i64,
) -> impl Iterator<Item = Transition<'static>> {
    let (start, end) = (start_of(from), start_of(to));
    zone.transitions(start - 1)
        .take_while(move |transition| transition.at < end)
        .filter(|transition| transition.before != transition.after)
}

/// Writes what `zdump -v -c FROM,TO NAME` writes.
pub(crate) fn write(
    out: &mut dyn Write,
    name: &str,
    zone: Zone,
    from: i64,
    to: i64,
) -> io::Result<()> {
    let mut line = |unix_s| writeln!(out, "{name}  {} = {}", utc(unix_s), local(zone, unix_s));
    let (first, end) = ends();
    line(i64::MIN)?;
    pairs(&mut line, first, boundary(zone, first))?;
    for transition in transitions(zone, from, to) {
        line(transition.at - 1)?;
        line(transition.at)?;
    }
    pairs(&mut line, end, boundary(zone, end))?;
    line(i64::MAX)
}

/// Writes the second before and the second of an end in UTC and of that in local
/// time, in order. zdump looks for the former within a day of the latter.
fn pairs(line: &mut impl FnMut(i64) -> io::Result<()>, utc: i64, local: i64) -> io::Result<()> {
    let seen = utc != local && (utc - local).abs() < DAY_S;
    let mut moments = [Some(local), Some(utc).filter(|_| seen)];
    moments.sort_unstable();
    for moment in moments.into_iter().flatten() {
        line(moment - 1)?;
        line(moment)?;
    }
    Ok(())
}

/// Returns when local clocks come to an end of the dates that C can tell.
fn boundary(zone: Zone, end: i64) -> i64 {
    let local = zone.to_unix(end, Policy::Compatible).unwrap_or(end);
    match zone.origin() {
        // For rules alone the C library asks for the date in UTC first: local
        // time fails wherever that fails.
        Origin::Posix if end > 0 => local.min(end),
        Origin::Posix => local.max(end),
        _ => local,
    }
}

/// `Thu Jan  1 00:00:00 1970`, where C can tell it.
fn date(unix_s: i64, offset: Offset) -> Option<String> {
    let local = DateTime::from_unix(unix_s, 0, offset);
    let year = local.date().year();
    // `%Y` pads with zeros, zdump does not.
    let day = pattern!("%a %b %e %T").display(local, offset, None);
    (FIRST_YEAR..=LAST_YEAR).contains(&year).then(|| format!("{day} {year}"))
}

fn utc(unix_s: i64) -> String {
    match date(unix_s, Offset::UTC) {
        Some(date) => format!("{date} UT"),
        None => format!("{unix_s} (gmtime failed)"),
    }
}

fn local(zone: Zone, unix_s: i64) -> String {
    let local = zone.at(unix_s);
    let no_date = zone.origin() == Origin::Posix && date(unix_s, Offset::UTC).is_none();
    match date(unix_s, offset(local.offset_s)).filter(|_| !no_date) {
        Some(date) => format!(
            "{date} {} isdst={} gmtoff={}",
            local.abbreviation,
            u8::from(local.is_dst),
            local.offset_s
        ),
        None => format!("{unix_s} (localtime failed)"),
    }
}
