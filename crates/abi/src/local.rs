//! From a moment to what the clocks of a zone show, and back.

use std::ffi::c_char;

use instanter::civil::{DateTime, Offset};
use instanter::zone::{self, LocalType, Zone};

use crate::boundary::{Growing, Outcome, answer, get, put_growing};
use crate::calendar::{Civil, offset_of};
use crate::clock::check_nanoseconds;
use crate::status::{Status, Wrong};
use crate::zone::{ZoneHandle, zone_of};

/// Room for an abbreviation and its NUL; those of the tz database have at most six bytes.
const ABBREVIATION: usize = 16;

/// What the clocks of a zone show.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Set it to sizeof(instanter_local).
    pub size: usize,
    /// Date and time.
    pub civil: Civil,
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// 1 if it is summer time, else 0.
    pub is_dst: i32,
    /// The abbreviation, as "CEST", with a NUL after it. The first 15 bytes of longer ones.
    pub abbreviation: [c_char; 16],
}

// SAFETY: `repr(C)`, the size first, and numbers.
unsafe impl Growing for Local {
    const EMPTY: Local =
        Local { size: 0, civil: NO_CIVIL, offset_s: 0, is_dst: 0, abbreviation: [0; ABBREVIATION] };
    const FIRST_SIZE: usize = 56;
}

const NO_CIVIL: Civil = Civil {
    year: 0,
    nanosecond: 0,
    day_of_year: 0,
    month: 0,
    day: 0,
    hour: 0,
    minute: 0,
    second: 0,
    weekday: 0,
    reserved: 0,
};

/// From when until when a zone's clocks are as they are.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Set it to sizeof(instanter_interval).
    pub size: usize,
    /// The first second of it, since 1970; INT64_MIN if it has none.
    pub start: i64,
    /// The first second after it, when clocks are changed; INT64_MAX if they never are.
    pub end: i64,
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// 1 if it is summer time, else 0.
    pub is_dst: i32,
    /// The abbreviation, as in an instanter_local.
    pub abbreviation: [c_char; 16],
}

// SAFETY: `repr(C)`, the size first, and numbers.
unsafe impl Growing for Interval {
    const EMPTY: Interval = Interval {
        size: 0,
        start: 0,
        end: 0,
        offset_s: 0,
        is_dst: 0,
        abbreviation: [0; ABBREVIATION],
    };
    const FIRST_SIZE: usize = 48;
}

/// What to do with a local time that a zone skips or has twice.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// In a gap the later, in a fold the earlier: what most people mean.
    Compatible = 0,
    /// The earlier of the two; in a gap, this is a local time before it.
    Earlier = 1,
    /// The later of the two; in a gap, this is a local time after it.
    Later = 2,
    /// Neither: INSTANTER_STATUS_REJECTED.
    Reject = 3,
}

pub(crate) fn policy_of(number: i32) -> Result<zone::Policy, Status> {
    match number {
        number if number == Policy::Compatible as i32 => Ok(zone::Policy::Compatible),
        number if number == Policy::Earlier as i32 => Ok(zone::Policy::Earlier),
        number if number == Policy::Later as i32 => Ok(zone::Policy::Later),
        number if number == Policy::Reject as i32 => Ok(zone::Policy::Reject),
        _ => Err(Status::Argument),
    }
}

/// How often a zone has a local time.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Once.
    Once = 0,
    /// Never: clocks were put forward over it.
    Gap = 1,
    /// Twice: clocks were put back over it.
    Fold = 2,
}

/// The moments of a local time: the full answer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Set it to sizeof(instanter_resolved).
    pub size: usize,
    /// The moment that the policy chose, in seconds since 1970; 0 if it rejected both.
    pub seconds: i64,
    /// Its nanoseconds within the second.
    pub nanoseconds: u32,
    /// The offset by which it was computed, in seconds east of UTC: in a gap not the one
    /// that clocks have then.
    pub offset_s: i32,
    /// The earlier of two moments, or the only one.
    pub earlier: i64,
    /// The later of two moments, or the only one.
    pub later: i64,
    /// When clocks were changed, if this is a gap or a fold; else 0.
    pub change: i64,
    /// Offset before the change, or the only one.
    pub before_s: i32,
    /// Offset after the change, or the only one.
    pub after_s: i32,
    /// An instanter_kind.
    pub kind: i32,
    /// Zero.
    pub reserved: i32,
}

// SAFETY: `repr(C)`, the size first, and numbers.
unsafe impl Growing for Resolved {
    const EMPTY: Resolved = Resolved {
        size: 0,
        seconds: 0,
        nanoseconds: 0,
        offset_s: 0,
        earlier: 0,
        later: 0,
        change: 0,
        before_s: 0,
        after_s: 0,
        kind: Kind::Once as i32,
        reserved: 0,
    };
    const FIRST_SIZE: usize = 64;
}

fn abbreviation(kind: &LocalType<'_>) -> [c_char; ABBREVIATION] {
    let mut text = [0; ABBREVIATION];
    // The last byte stays NUL. Abbreviations are ASCII.
    for (place, byte) in text[..ABBREVIATION - 1].iter_mut().zip(kind.abbreviation.bytes()) {
        *place = byte as c_char;
    }
    text
}

/// Gives what the clocks of a zone show at a moment, in seconds since 1970 and nanoseconds:
/// what localtime_r does, for any zone.
///
/// Async-signal-safe.
///
/// # Safety
/// `local` is NULL or points to an instanter_local whose `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_to_local(
    seconds: i64,
    nanoseconds: u32,
    zone: ZoneHandle,
    local: *mut Local,
) -> Status {
    answer(|| {
        check_nanoseconds(nanoseconds)?;
        let kind = zone_of(zone)?.at(seconds);
        let shown = DateTime::from_unix(seconds, nanoseconds, offset_of(kind.offset_s)?);
        let value = Local {
            size: 0,
            civil: shown.into(),
            offset_s: kind.offset_s,
            is_dst: kind.is_dst.into(),
            abbreviation: abbreviation(&kind),
        };
        // SAFETY: the caller's promise.
        unsafe { put_growing(local, value) }
    })
}

/// Gives from when until when the clocks of a zone are as they are at a moment. What
/// comes next is what holds at its end: so all changes can be walked through.
///
/// Async-signal-safe.
///
/// # Safety
/// `interval` is NULL or points to an instanter_interval whose `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_interval(
    seconds: i64,
    zone: ZoneHandle,
    interval: *mut Interval,
) -> Status {
    answer(|| {
        let found = zone_of(zone)?.interval_at(seconds);
        let value = Interval {
            size: 0,
            start: found.start.unwrap_or(i64::MIN),
            end: found.end.unwrap_or(i64::MAX),
            offset_s: found.local.offset_s,
            is_dst: found.local.is_dst.into(),
            abbreviation: abbreviation(&found.local),
        };
        // SAFETY: the caller's promise.
        unsafe { put_growing(interval, value) }
    })
}

/// Gives the moment at which the clocks of a zone show a date and time: what mktime does,
/// for any zone, with the full answer where there is none or two. `policy` is an
/// instanter_policy.
///
/// With INSTANTER_STATUS_REJECTED the answer is there, too, except for the moment.
///
/// Async-signal-safe.
///
/// # Safety
/// `civil` is NULL or points to an instanter_civil; `resolved` is NULL or points to an
/// instanter_resolved whose `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_from_local(
    civil: *const Civil,
    zone: ZoneHandle,
    policy: i32,
    resolved: *mut Resolved,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let local = unsafe { get(civil) }?.date_time()?;
        let (value, chosen) = resolve(local, zone_of(zone)?, policy_of(policy)?)?;
        // SAFETY: the caller's promise.
        unsafe { put_growing(resolved, value) }?;
        chosen
    })
}

fn resolve(
    local: DateTime,
    zone: Zone,
    policy: zone::Policy,
) -> Result<(Resolved, Outcome), Status> {
    let (local_s, nanoseconds) = local.to_unix(Offset::UTC).map_err(|error| error.status())?;
    let at = |offset_s: i32| local_s.checked_sub(offset_s.into()).ok_or(Status::Range);
    let found = zone.resolve(local_s);
    let (kind, change, before_s, after_s) = match found {
        zone::Resolved::Unambiguous { offset_s } => (Kind::Once, 0, offset_s, offset_s),
        zone::Resolved::Gap(change) => (Kind::Gap, change.at, change.before_s, change.after_s),
        zone::Resolved::Fold(change) => (Kind::Fold, change.at, change.before_s, change.after_s),
    };
    let both = [at(before_s)?, at(after_s)?];
    let mut value = Resolved {
        nanoseconds,
        earlier: both[0].min(both[1]),
        later: both[0].max(both[1]),
        change,
        before_s,
        after_s,
        kind: kind as i32,
        ..Resolved::EMPTY
    };
    let chosen = match found.offset_s(policy) {
        Ok(offset_s) => {
            (value.seconds, value.offset_s) = (at(offset_s)?, offset_s);
            Ok(())
        }
        Err(error) => Err(error.status()),
    };
    Ok((value, chosen))
}
