//! Between Unix time and the fields of a `struct tm`.

use instanter_civil::{DateTime, Offset};
use libc::tm;

use crate::make::{self, Convert, Probe};
use crate::recent;
use crate::variables::Caller;
use crate::zone::{EARLIEST, Kind, LATEST, Zone};
use crate::{current, next};

/// Writes the calendar's fields of a local time of any year.
fn write_fields(local_s: i64, to: &mut tm) {
    let local = DateTime::from_unix(local_s, 0, Offset::UTC);
    let (date, time) = (local.date(), local.time());
    to.tm_sec = i32::from(time.second());
    to.tm_min = i32::from(time.minute());
    to.tm_hour = i32::from(time.hour());
    to.tm_mday = i32::from(date.day());
    to.tm_mon = i32::from(date.month()) - 1;
    to.tm_year = date.year() as i32 - 1900;
    to.tm_yday = i32::from(date.day_of_year()) - 1;
    to.tm_wday = i32::from(date.weekday().sunday_zero());
}

/// Does what [`to_local`] does, if there is nothing to it but a lookup: in the years of
/// [`recent`], and with the variables set already. Returns whether that was so; nothing
/// is written otherwise.
#[inline(always)]
pub(crate) fn to_recent_local(zone: &Zone, unix_s: i64, to: &mut tm) -> bool {
    let Some(kind) = zone.recent_kind_at(unix_s).filter(|kind| kind.is_in_force()) else {
        return false;
    };
    recent::write_fields(unix_s + i64::from(kind.offset_s), to);
    to.tm_isdst = i32::from(kind.is_dst);
    to.tm_gmtoff = i64::from(kind.offset_s);
    to.tm_zone = kind.name;
    true
}

/// Does what `localtime_r` does in a zone. Returns whether it could; `errno` says why
/// not.
///
/// # Safety
/// A `tm` must be writable at `to`.
#[inline(always)]
pub(crate) unsafe fn to_local(zone: &Zone, unix_s: i64, to: *mut tm, caller: Caller) -> bool {
    match zone.kind_at(unix_s) {
        Some(kind) => {
            // SAFETY: the caller says so; all fields are plain numbers, and a pointer.
            write_local(kind, unix_s, unsafe { &mut *to }, caller);
            true
        }
        // SAFETY: as the caller says.
        None => unsafe { to_local_elsewhere(unix_s, to) },
    }
}

/// Has the C library do it.
///
/// # Safety
/// A `tm` must be writable at `to`.
#[cold]
#[inline(never)]
unsafe fn to_local_elsewhere(unix_s: i64, to: *mut tm) -> bool {
    // SAFETY: reads one time and writes one tm.
    unsafe { !next::localtime_r(&raw const unix_s, to).is_null() }
}

/// The kind is what holds at that time.
fn write_local(kind: &Kind, unix_s: i64, to: &mut tm, caller: Caller) {
    if kind.sets {
        kind.variables.set_by(unix_s, caller);
    }
    write_fields(unix_s + i64::from(kind.offset_s), to);
    to.tm_isdst = i32::from(kind.is_dst);
    to.tm_gmtoff = i64::from(kind.offset_s);
    to.tm_zone = kind.name;
}

/// Whether UTC at a time is told here. In a zone with leap seconds glibc takes them off
/// from UTC, too.
#[inline(always)]
fn is_plain_utc(unix_s: i64) -> bool {
    current::zone().known.is_some() && (EARLIEST..LATEST).contains(&unix_s)
}

/// Does what [`to_utc`] does, in the years of [`recent`]. Returns whether that was so;
/// nothing is written otherwise.
#[inline(always)]
pub(crate) fn to_recent_utc(unix_s: i64, to: &mut tm) -> bool {
    if recent::bucket(unix_s) >= recent::BUCKETS || !current::is_without_leap_seconds() {
        return false;
    }
    recent::write_fields(unix_s, to);
    to.tm_isdst = 0;
    to.tm_gmtoff = 0;
    to.tm_zone = c"GMT".as_ptr();
    true
}

/// Does what `gmtime_r` does. Returns whether it could.
///
/// # Safety
/// A `tm` must be writable at `to`.
#[inline(always)]
pub(crate) unsafe fn to_utc(unix_s: i64, to: *mut tm) -> bool {
    if !is_plain_utc(unix_s) {
        // SAFETY: as the caller says.
        return unsafe { to_utc_elsewhere(unix_s, to) };
    }
    // SAFETY: the caller says so; all fields are plain numbers, and a pointer.
    let to = unsafe { &mut *to };
    write_fields(unix_s, to);
    to.tm_isdst = 0;
    to.tm_gmtoff = 0;
    to.tm_zone = c"GMT".as_ptr();
    true
}

/// Has the C library do it.
///
/// # Safety
/// A `tm` must be writable at `to`.
#[cold]
#[inline(never)]
unsafe fn to_utc_elsewhere(unix_s: i64, to: *mut tm) -> bool {
    // SAFETY: reads one time and writes one tm.
    unsafe { !next::gmtime_r(&raw const unix_s, to).is_null() }
}

/// The conversion to local time, for [`make`].
pub(crate) struct Local(pub &'static Zone);

/// The conversion to UTC, for [`make`].
pub(crate) struct Utc;

impl Convert for Local {
    #[inline(always)]
    fn probe(&self, unix_s: i64) -> Option<Probe> {
        match self.0.kind_at(unix_s) {
            Some(kind) => {
                Some(Probe::plain(unix_s + i64::from(kind.offset_s), i32::from(kind.is_dst)))
            }
            None => probe_elsewhere(unix_s, next::localtime_r),
        }
    }

    fn settle(&self, unix_s: i64) {
        if let Some(kind) = self.0.kind_at(unix_s).filter(|kind| kind.sets) {
            kind.variables.set_by(unix_s, Caller::Shared);
        }
    }

    #[inline(always)]
    fn write(&self, unix_s: i64, to: &mut tm) {
        // SAFETY: a tm is writable there.
        unsafe { to_local(self.0, unix_s, to, Caller::Shared) };
    }
}

impl Convert for Utc {
    #[inline(always)]
    fn probe(&self, unix_s: i64) -> Option<Probe> {
        if is_plain_utc(unix_s) {
            Some(Probe::plain(unix_s, 0))
        } else {
            probe_elsewhere(unix_s, next::gmtime_r)
        }
    }

    fn settle(&self, _: i64) {}

    #[inline(always)]
    fn write(&self, unix_s: i64, to: &mut tm) {
        // SAFETY: a tm is writable there.
        unsafe { to_utc(unix_s, to) };
    }
}

#[cold]
#[inline(never)]
fn probe_elsewhere(
    unix_s: i64,
    convert: unsafe fn(*const i64, *mut tm) -> *mut tm,
) -> Option<Probe> {
    let mut fields = make::empty();
    // SAFETY: reads one time and writes one tm.
    if unsafe { convert(&raw const unix_s, &raw mut fields) }.is_null() {
        return None;
    }
    let (shown_s, is_dst) = (seconds_shown(&fields), fields.tm_isdst);
    Some(Probe { shown_s, is_dst, second: fields.tm_sec })
}

/// Returns the Unix time that the fields of a conversion's result are in UTC.
fn seconds_shown(fields: &tm) -> i64 {
    seconds_of(
        i64::from(fields.tm_year),
        i64::from(fields.tm_yday),
        fields.tm_hour,
        fields.tm_min,
        fields.tm_sec,
    )
}

/// Returns the Unix time of fields in UTC, which need not be in their ranges: the year
/// less 1900, the day of the year from 0.
pub(crate) fn seconds_of(year: i64, day: i64, hour: i32, minute: i32, second: i32) -> i64 {
    // Leap days up to the end of the year before, from the year 1 on.
    let before = year + 1899;
    let century = before.div_euclid(100);
    let leap_days = (before >> 2) - century + (century >> 2);
    // Up to 1969 there were 477.
    let days = 365 * (year - 70) + leap_days - 477 + day;
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    days * 86_400 + seconds
}

/// Whether a year, given less 1900, is a leap year.
#[inline(always)]
pub(crate) fn is_leap_year(year: i64) -> bool {
    instanter_civil::is_leap_year(year + 1900)
}
