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

use crate::calendar::{days_before, is_leap_year, seconds_of};
use crate::errno;

/// Conversions before the search gives up.
const PROBES: u32 = 6;

/// 601,200 s: the shortest summer time that there was (Recife, October 2000). A shorter
/// one could be missed between two steps.
const STEP_S: i64 = 601_200;

/// How far a time with another `tm_isdst` is looked for: half of the longest time for
/// which summer time differed by other than an hour (Cambridge Bay, 1965 to 1980, with
/// leap seconds 457,243,209 s), and a step.
const REACH_S: i64 = 457_243_209 / 2 + STEP_S;

/// A conversion from Unix time: `localtime_r` or `gmtime_r`. Answers with the seconds
/// that the fields show, or with nothing, and `errno`.
pub(crate) trait Convert: Fn(i64, &mut tm) -> Option<i64> {}

impl<F: Fn(i64, &mut tm) -> Option<i64>> Convert for F {}

/// A `tm` of zeros.
pub(crate) fn empty() -> tm {
    // SAFETY: numbers, and a pointer that may be null.
    unsafe { core::mem::zeroed() }
}

/// Does what `mktime` does. `guess_s` is how far the fields were behind Unix time the
/// last time.
///
/// `None` with `errno` for what has no Unix time; `fields` is left alone then.
#[inline(always)]
pub(crate) fn unix_of(fields: &mut tm, convert: impl Convert, guess_s: &AtomicI64) -> Option<i64> {
    let is_dst = fields.tm_isdst;
    let wanted = Wanted::of(fields);
    let last_s = guess_s.load(Ordering::Relaxed);
    // glibc keeps the opposite in 32 bits.
    let ahead_s = i64::from((last_s as i32).wrapping_neg());
    let start = wanted.shown_s.wrapping_sub(ahead_s);
    let mut found = empty();
    let first = convert(start, &mut found);
    let plain = first == Some(wanted.shown_s) && !differ(is_dst, found.tm_isdst);
    let unix_s =
        if plain { start } else { search(&wanted, is_dst, start, &convert, &mut found)? };
    let distance_s = unix_s.wrapping_sub(start).wrapping_sub(ahead_s);
    if distance_s != last_s {
        guess_s.store(distance_s, Ordering::Relaxed);
    }
    let unix_s = if wanted.second == found.tm_sec {
        unix_s
    } else {
        correct_second(&wanted, unix_s, &convert, &mut found)?
    };
    *fields = found;
    Some(unix_s)
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
    #[inline(always)]
    fn of(fields: &tm) -> Wanted {
        let (years, month) = match fields.tm_mon {
            month @ 0..12 => (0, month),
            month => (month.div_euclid(12), month.rem_euclid(12)),
        };
        let year = i64::from(fields.tm_year) + i64::from(years);
        let day = days_before(month as usize, is_leap_year(year)) + i64::from(fields.tm_mday) - 1;
        let near_second = fields.tm_sec.clamp(0, 59);
        let shown_s = seconds_of(year, day, fields.tm_hour, fields.tm_min, near_second);
        Wanted { shown_s, second: fields.tm_sec, near_second }
    }
}

/// Whether one says summer time and the other that it is not. A negative one says
/// nothing.
fn differ(one: i32, other: i32) -> bool {
    one >= 0 && other >= 0 && (one == 0) != (other == 0)
}

/// Converts a time, or the nearest one that can be converted.
fn convert_near(at: &mut i64, convert: &impl Convert, to: &mut tm) -> Option<i64> {
    if let Some(shown_s) = convert(*at, to) {
        return Some(shown_s);
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
        match convert(middle, to) {
            Some(shown_s) => {
                good = middle;
                nearest = Some((shown_s, *to));
            }
            None if errno::get() != libc::EOVERFLOW => return None,
            None => bad = middle,
        }
    }
    let (shown_s, fields) = nearest?;
    *at = good;
    *to = fields;
    Some(shown_s)
}

#[cold]
#[inline(never)]
fn search(
    wanted: &Wanted,
    is_dst: i32,
    start: i64,
    convert: &impl Convert,
    found: &mut tm,
) -> Option<i64> {
    let (mut at, mut one_before, mut two_before) = (start, start, start);
    let mut was_dst = false;
    let mut probes = PROBES;
    loop {
        let shown_s = convert_near(&mut at, convert, found)?;
        let missing_s = wanted.shown_s.wrapping_sub(shown_s);
        if missing_s == 0 {
            break;
        }
        let now_dst = found.tm_isdst != 0;
        let other_kind = if is_dst < 0 { was_dst <= now_dst } else { (is_dst != 0) != now_dst };
        // To and fro: the time does not exist. Of the two that are as far away as the
        // clocks were changed, the one whose tm_isdst is not what was asked for.
        if at == two_before && at != one_before && (found.tm_isdst < 0 || other_kind) {
            return Some(at);
        }
        probes -= 1;
        if probes == 0 {
            errno::set(libc::EOVERFLOW);
            return None;
        }
        two_before = one_before;
        one_before = at;
        at = at.wrapping_add(missing_s);
        was_dst = now_dst;
    }
    if !differ(is_dst, found.tm_isdst) {
        return Some(at);
    }
    search_other_kind(wanted, is_dst, at, convert, found)
}

/// The time was found, but with the other `tm_isdst`: takes the offset of the nearest
/// time that has the right one.
fn search_other_kind(
    wanted: &Wanted,
    is_dst: i32,
    at: i64,
    convert: &impl Convert,
    found: &mut tm,
) -> Option<i64> {
    let hours = i64::from(is_dst == 0) - i64::from(found.tm_isdst == 0);
    let mut distance_s = STEP_S;
    while distance_s < REACH_S {
        for direction in [-1, 1] {
            let Some(mut there) = at.checked_add(distance_s * direction) else { continue };
            let mut fields = empty();
            let shown_s = convert_near(&mut there, convert, &mut fields)?;
            if differ(is_dst, fields.tm_isdst) {
                continue;
            }
            let candidate = there.wrapping_add(wanted.shown_s.wrapping_sub(shown_s));
            if convert(candidate, found).is_some() {
                return Some(candidate);
            }
            if errno::get() != libc::EOVERFLOW {
                return None;
            }
        }
        distance_s += STEP_S;
    }
    // None is near: an hour, as nearly everywhere.
    let at = at.wrapping_add(3_600 * hours);
    if convert(at, found).is_some() {
        return Some(at);
    }
    errno::set(libc::EOVERFLOW);
    None
}

/// Goes from the second that was searched for to the one that was asked for.
#[cold]
fn correct_second(
    wanted: &Wanted,
    unix_s: i64,
    convert: &impl Convert,
    found: &mut tm,
) -> Option<i64> {
    let in_leap_second = i64::from(wanted.near_second == 0 && found.tm_sec == 60);
    let step_s = in_leap_second - i64::from(wanted.near_second) + i64::from(wanted.second);
    let Some(unix_s) = unix_s.checked_add(step_s) else {
        errno::set(libc::EOVERFLOW);
        return None;
    };
    convert(unix_s, found).map(|_| unix_s)
}
