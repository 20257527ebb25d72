//! Between Unix time and the fields of a `struct tm`.

use instanter_civil::{DateTime, Offset};
use libc::tm;

use crate::current;
use crate::next;
use crate::zone::{EARLIEST, Kind, LATEST, Zone};

/// Days of the year before a month: of other years, then of leap years. A multiple of
/// 16 a row, so that an index is a shift.
static DAYS_BEFORE: [[u16; 16]; 2] = [
    [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365, 0, 0, 0],
    [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366, 0, 0, 0],
];

/// Returns the days of the year before a month, 0 to 12.
#[inline(always)]
pub(crate) fn days_before(month: usize, leap: bool) -> i64 {
    let row = if leap { &DAYS_BEFORE[1] } else { &DAYS_BEFORE[0] };
    i64::from(row[month & 15])
}

/// Writes the calendar's fields of a local time, which is between the years 0 and 9999.
#[inline(always)]
fn write_fields(local_s: i64, to: &mut tm) {
    let local = DateTime::from_unix(local_s, 0, Offset::UTC);
    let (date, time) = (local.date(), local.time());
    let (year, month) = (date.year() as i32, i32::from(date.month()) - 1);
    let day = i32::from(date.day());
    let leap = year & if year % 25 == 0 { 15 } else { 3 } == 0;
    to.tm_sec = i32::from(time.second());
    to.tm_min = i32::from(time.minute());
    to.tm_hour = i32::from(time.hour());
    to.tm_mday = day;
    to.tm_mon = month;
    to.tm_year = year - 1900;
    to.tm_yday = days_before(month as usize, leap) as i32 + day - 1;
    // The calendar has this number, too; written in the same way it is computed once.
    const YEAR_0: i64 = 62_167_219_200;
    let days = ((local_s + YEAR_0) as u64 >> 7) as u32 / 675;
    // The year 0 began with a Saturday. The remainder is the fraction of a seventh, times
    // seven: ⌈2^32 / 7⌉ is too large by 3/7, which does not matter below 2^32 / 3 days.
    let sevenths = (days + 6).wrapping_mul(613_566_757);
    to.tm_wday = ((u64::from(sevenths) * 7) >> 32) as i32;
}

/// Does what `localtime_r` does in a zone. Returns whether it could; `errno` says why
/// not.
///
/// # Safety
/// A `tm` must be writable at `to`.
#[inline(always)]
pub(crate) unsafe fn to_local(zone: &Zone, unix_s: i64, to: *mut tm) -> Option<i64> {
    match zone.kind_at(unix_s) {
        // SAFETY: the caller says so.
        Some(kind) => Some(unsafe { write_local(kind, unix_s, to) }),
        // SAFETY: as above.
        None => unsafe { to_local_elsewhere(unix_s, to) },
    }
}

/// # Safety
/// A `tm` must be writable at `to`.
#[inline(always)]
unsafe fn write_local(kind: &Kind, unix_s: i64, to: *mut tm) -> i64 {
    kind.variables.set();
    let local_s = unix_s + i64::from(kind.offset_s);
    // SAFETY: the caller says so; all of its fields are plain numbers, and a pointer.
    let to = unsafe { &mut *to };
    write_fields(local_s, to);
    to.tm_isdst = i32::from(kind.is_dst);
    to.tm_gmtoff = i64::from(kind.offset_s);
    to.tm_zone = kind.name;
    local_s
}

/// # Safety
/// A `tm` must be writable at `to`.
#[cold]
unsafe fn to_local_elsewhere(unix_s: i64, to: *mut tm) -> Option<i64> {
    // SAFETY: reads one time and writes one tm.
    unsafe {
        if next::localtime_r(&raw const unix_s, to).is_null() {
            return None;
        }
        Some(seconds_shown(&*to))
    }
}

/// Does what `gmtime_r` does. Returns the seconds that the fields show, if it could.
///
/// # Safety
/// A `tm` must be writable at `to`.
#[inline(always)]
pub(crate) unsafe fn to_utc(unix_s: i64, to: *mut tm) -> Option<i64> {
    // In a zone with leap seconds glibc takes them off here, too.
    let plain = current::zone().known.is_some();
    if !plain || !(EARLIEST..LATEST).contains(&unix_s) {
        // SAFETY: the caller says so.
        return unsafe { to_utc_elsewhere(unix_s, to) };
    }
    // SAFETY: the caller says so; all of its fields are plain numbers, and a pointer.
    let to = unsafe { &mut *to };
    write_fields(unix_s, to);
    to.tm_isdst = 0;
    to.tm_gmtoff = 0;
    to.tm_zone = c"GMT".as_ptr();
    Some(unix_s)
}

/// # Safety
/// A `tm` must be writable at `to`.
#[cold]
unsafe fn to_utc_elsewhere(unix_s: i64, to: *mut tm) -> Option<i64> {
    // SAFETY: reads one time and writes one tm.
    unsafe {
        if next::gmtime_r(&raw const unix_s, to).is_null() {
            return None;
        }
        Some(seconds_shown(&*to))
    }
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
#[inline(always)]
pub(crate) fn seconds_of(year: i64, day: i64, hour: i32, minute: i32, second: i32) -> i64 {
    // Leap days up to the end of the year before, from the year 1 on.
    let before = year + 1899;
    let century = before.div_euclid(100);
    let leap_days = (before >> 2) - century + (century >> 2);
    // Up to 1969 there were 477.
    let days = 365 * (year - 70) + leap_days - 477 + day;
    days * 86_400 + i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)
}

/// Whether a year, given less 1900, is a leap year.
#[inline(always)]
pub(crate) fn is_leap_year(year: i64) -> bool {
    instanter_civil::is_leap_year(year + 1900)
}
