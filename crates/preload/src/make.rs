//! `mktime` and `timegm`: from fields, which need not be in their ranges, to Unix time.
//!
//! What glibc answers for a local time that does not exist, exists twice, or has the
//! other `tm_isdst` than asked for, follows from *how* it searches: from the distance
//! between local and Unix time that the last call found, by the difference that is left
//! each time, six times at most; and for another `tm_isdst` from the nearest time, in
//! steps of a week, that has it. Programs have come to depend on these answers, so the
//! search here takes the same steps.

use core::sync::atomic::{AtomicI64, Ordering};

use libc::tm;

use crate::calendar::{is_leap_year, seconds_of};
use crate::recent::{self, days_before};
use crate::zone::Zone;
use crate::{current, errno};

/// Conversions before the search gives up.
const PROBES: u32 = 6;

/// 601,200 s: the shortest summer time that there was (Recife, October 2000). A shorter
/// one could be missed between two steps.
const STEP_S: i64 = 601_200;

/// How far a time with another `tm_isdst` is looked for: half of the longest time for
/// which summer time differed by other than an hour (Cambridge Bay, 1965 to 1980, with
/// leap seconds 457,243,209 s), and a step.
const REACH_S: i64 = 457_243_209 / 2 + STEP_S;

/// What a conversion from Unix time shows.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    /// The Unix time that its fields would be in UTC.
    pub shown_s: i64,
    pub is_dst: i32,
    /// 60 in a leap second.
    pub second: i32,
}

impl Probe {
    /// Without leap seconds.
    #[inline(always)]
    pub(crate) fn plain(shown_s: i64, is_dst: i32) -> Probe {
        Probe { shown_s, is_dst, second: shown_s.rem_euclid(60) as i32 }
    }
}

/// A conversion from Unix time: `localtime_r` or `gmtime_r`.
pub(crate) trait Convert {
    /// Returns what it shows; nothing, and `errno`, if it cannot tell.
    fn probe(&self, unix_s: i64) -> Option<Probe>;
    /// Sets the variables as a conversion does, for a search that ends with none.
    fn settle(&self, unix_s: i64);
    /// Writes the fields of a time for which there was a probe.
    fn write(&self, unix_s: i64, to: &mut tm);
}

/// A `tm` of zeros.
pub(crate) fn empty() -> tm {
    // SAFETY: numbers, and a pointer that may be null.
    unsafe { core::mem::zeroed() }
}

/// Does what `mktime` does. `guess_s` is how far the fields were behind Unix time the
/// last time.
///
/// `None` with `errno` for what has no Unix time; `fields` is left alone then.
pub(crate) fn unix_of(fields: &mut tm, convert: impl Convert, guess_s: &AtomicI64) -> Option<i64> {
    let is_dst = fields.tm_isdst;
    let wanted = Wanted::of(fields);
    let last_s = guess_s.load(Ordering::Relaxed);
    // glibc keeps the opposite in 32 bits.
    let ahead_s = i64::from((last_s as i32).wrapping_neg());
    let start = wanted.shown_s.wrapping_sub(ahead_s);
    let (unix_s, found) = match convert.probe(start) {
        Some(found) if found.shown_s == wanted.shown_s && !differ(is_dst, found.is_dst) => {
            (start, found)
        }
        _ => search(&wanted, is_dst, start, &convert)?,
    };
    let distance_s = unix_s.wrapping_sub(start).wrapping_sub(ahead_s);
    if distance_s != last_s {
        guess_s.store(distance_s, Ordering::Relaxed);
    }
    let unix_s = if wanted.second == found.second {
        unix_s
    } else {
        correct_second(&wanted, unix_s, found, &convert)?
    };
    convert.write(unix_s, fields);
    Some(unix_s)
}

/// Does what [`unix_of`] does for local time, if it is plain: fields of the years of
/// [`recent`] and in their ranges, that the first two steps of [`search`] find, as they do
/// nearly all. `None`, and nothing is written, if it is not.
#[inline(always)]
pub(crate) fn recent_unix_of(fields: &mut tm, zone: &Zone, guess_s: &AtomicI64) -> Option<i64> {
    let date = recent::read_fields(fields)?;
    let last_s = guess_s.load(Ordering::Relaxed);
    let ahead_s = i64::from((last_s as i32).wrapping_neg());
    let start = date.utc_s.wrapping_sub(ahead_s);
    // The second step also where the first has found it, and then it changes nothing: in
    // a zone with summer time nothing can guess whether it has.
    let first = zone.recent_kind_at(start)?;
    let unix_s = date.utc_s - i64::from(first.offset_s);
    let kind = zone.recent_kind_at(unix_s)?;
    if kind.offset_s != first.offset_s
        || differ(fields.tm_isdst, i32::from(kind.is_dst))
        || !kind.is_in_force()
        || zone.on_tzset.as_ref().is_some_and(|variables| !variables.are_set())
    {
        return None;
    }
    let distance_s = unix_s.wrapping_sub(start).wrapping_sub(ahead_s);
    if distance_s != last_s {
        guess_s.store(distance_s, Ordering::Relaxed);
    }
    fields.tm_yday = date.day_of_year;
    fields.tm_wday = date.weekday;
    fields.tm_isdst = i32::from(kind.is_dst);
    fields.tm_gmtoff = i64::from(kind.offset_s);
    fields.tm_zone = kind.name;
    Some(unix_s)
}

/// Does what [`unix_of`] does for UTC, if it is plain: see [`recent_unix_of`].
#[inline(always)]
pub(crate) fn recent_unix_of_utc(fields: &mut tm, guess_s: &AtomicI64) -> Option<i64> {
    let date = recent::read_fields(fields)?;
    if !current::is_without_leap_seconds() || guess_s.load(Ordering::Relaxed) != 0 {
        return None;
    }
    fields.tm_yday = date.day_of_year;
    fields.tm_wday = date.weekday;
    fields.tm_isdst = 0;
    fields.tm_gmtoff = 0;
    fields.tm_zone = c"GMT".as_ptr();
    Some(date.utc_s)
}

/// What is looked for.
struct Wanted {
    /// The fields as if they were in UTC, with the second between 0 and 59.
    shown_s: i64,
    /// The second as it was asked for, and as it is in `shown_s`.
    second: i32,
    near_second: i32,
}

impl Wanted {
    fn of(fields: &tm) -> Wanted {
        let (years, month) = match fields.tm_mon {
            month @ 0..12 => (0, month),
            month => (month.div_euclid(12), month.rem_euclid(12)),
        };
        let year = i64::from(fields.tm_year) + i64::from(years);
        let before = i64::from(days_before(month as usize, is_leap_year(year)));
        let day_of_year = before + i64::from(fields.tm_mday) - 1;
        let near_second = fields.tm_sec.clamp(0, 59);
        let (hour, minute) = (fields.tm_hour, fields.tm_min);
        let shown_s = seconds_of(year, day_of_year, hour, minute, near_second);
        Wanted { shown_s, second: fields.tm_sec, near_second }
    }
}

/// Whether one says summer time and the other that it is not. A negative one says
/// nothing.
fn differ(one: i32, other: i32) -> bool {
    one >= 0 && other >= 0 && (one == 0) != (other == 0)
}

/// Converts a time, or the nearest one that can be converted.
fn probe_near(at: &mut i64, convert: &impl Convert) -> Option<Probe> {
    if let Some(found) = convert.probe(*at) {
        return Some(found);
    }
    if errno::get() != libc::EOVERFLOW {
        return None;
    }
    let (mut bad, mut good) = (*at, 0_i64);
    let mut nearest = None;
    loop {
        let middle = (good >> 1) + (bad >> 1) + ((good | bad) & 1);
        if middle == good || middle == bad {
            break;
        }
        match convert.probe(middle) {
            Some(found) => {
                good = middle;
                nearest = Some(found);
            }
            None if errno::get() != libc::EOVERFLOW => return None,
            None => bad = middle,
        }
    }
    *at = good;
    nearest
}

#[inline(never)]
fn search(
    wanted: &Wanted,
    is_dst: i32,
    start: i64,
    convert: &impl Convert,
) -> Option<(i64, Probe)> {
    let (mut at, mut one_before, mut two_before) = (start, start, start);
    let mut was_dst = false;
    let mut probes = PROBES;
    let found = loop {
        let found = probe_near(&mut at, convert)?;
        let missing_s = wanted.shown_s.wrapping_sub(found.shown_s);
        if missing_s == 0 {
            break found;
        }
        let now_dst = found.is_dst != 0;
        let other_kind = if is_dst < 0 { was_dst <= now_dst } else { (is_dst != 0) != now_dst };
        // To and fro: the time does not exist. Of the two that are as far away as the
        // clocks were changed, the one whose tm_isdst is not what was asked for.
        if at == two_before && at != one_before && (found.is_dst < 0 || other_kind) {
            return Some((at, found));
        }
        probes -= 1;
        if probes == 0 {
            convert.settle(at);
            errno::set(libc::EOVERFLOW);
            return None;
        }
        two_before = one_before;
        one_before = at;
        at = at.wrapping_add(missing_s);
        was_dst = now_dst;
    };
    if differ(is_dst, found.is_dst) {
        return search_other_kind(wanted, is_dst, at, found, convert);
    }
    Some((at, found))
}

/// The time was found, but with the other `tm_isdst`: takes the offset of the nearest
/// time that has the right one.
#[cold]
fn search_other_kind(
    wanted: &Wanted,
    is_dst: i32,
    at: i64,
    found: Probe,
    convert: &impl Convert,
) -> Option<(i64, Probe)> {
    let mut distance_s = STEP_S;
    while distance_s < REACH_S {
        for direction in [-1, 1] {
            let Some(mut there) = at.checked_add(distance_s * direction) else { continue };
            let other = probe_near(&mut there, convert)?;
            if differ(is_dst, other.is_dst) {
                continue;
            }
            let candidate = there.wrapping_add(wanted.shown_s.wrapping_sub(other.shown_s));
            if let Some(found) = convert.probe(candidate) {
                return Some((candidate, found));
            }
            if errno::get() != libc::EOVERFLOW {
                return None;
            }
        }
        distance_s += STEP_S;
    }
    // None is near: an hour, as nearly everywhere.
    let hours = i64::from(is_dst == 0) - i64::from(found.is_dst == 0);
    let at = at.wrapping_add(3_600 * hours);
    if let Some(found) = convert.probe(at) {
        return Some((at, found));
    }
    errno::set(libc::EOVERFLOW);
    None
}

/// Goes from the second that was searched for to the one that was asked for.
#[cold]
fn correct_second(
    wanted: &Wanted,
    unix_s: i64,
    found: Probe,
    convert: &impl Convert,
) -> Option<i64> {
    let in_leap_second = i64::from(wanted.near_second == 0 && found.second == 60);
    let step_s = in_leap_second - i64::from(wanted.near_second) + i64::from(wanted.second);
    let Some(unix_s) = unix_s.checked_add(step_s) else {
        errno::set(libc::EOVERFLOW);
        return None;
    };
    convert.probe(unix_s).map(|_| unix_s)
}
