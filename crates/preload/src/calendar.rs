//! Between Unix time and the fields of a `struct tm`.

use instanter_civil::{DateTime, Offset};
use libc::tm;

use crate::make::{self, Convert, Probe};
use crate::variables::{Caller, Variables};
use crate::zone::{EARLIEST, Kind, LATEST, Zone};
use crate::{current, next};

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

/// Writes the calendar's fields of a local time.
///
/// # Safety
/// The time must be between [`EARLIEST`] and [`LATEST`], give or take a week.
#[inline(always)]
unsafe fn write_fields(local_s: i64, to: &mut tm) {
    // 0000-01-09 and 9999-12-24: so there is no need for the calendar's other way.
    const USUAL: core::ops::Range<i64> = -62_166_528_000..253_401_609_600;
    let usual = (local_s.wrapping_sub(USUAL.start) as u64) < (USUAL.end - USUAL.start) as u64;
    // SAFETY: the caller says so.
    unsafe { core::hint::assert_unchecked(usual) };
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
    let days = ((local_s + i64::from(YEAR_0_DAYS) * 86_400) as u64 >> 7) as u32 / 675;
    to.tm_wday = weekday(days);
}

/// Days from 0000-01-01 to 1970-01-01.
const YEAR_0_DAYS: u32 = 719_528;

/// Returns the day of the week, 0 for Sunday, of a day counted from 0000-01-01, which was
/// a Saturday. The years end with 9999.
#[inline(always)]
fn weekday(days: u32) -> i32 {
    // The remainder is the fraction of a seventh, times seven: ⌈2^32 / 7⌉ is too large by
    // 3/7, which does not matter below 2^32 / 3 days.
    let sevenths = days.wrapping_add(6).wrapping_mul(613_566_757);
    ((u64::from(sevenths) * 7) >> 32) as i32
}

/// The same of a day counted from 1970-01-01, of the years 0 to 9999.
#[inline(always)]
pub(crate) fn weekday_after_1970(days: i64) -> i32 {
    weekday((days as u32).wrapping_add(YEAR_0_DAYS))
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
            unsafe { write_local(kind, unix_s, &mut *to, caller) };
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

/// # Safety
/// The kind must be what holds at that time.
#[inline(always)]
unsafe fn write_local(kind: &Kind, unix_s: i64, to: &mut tm, caller: Caller) {
    if kind.sets {
        kind.variables.set_by(unix_s, caller);
    }
    // SAFETY: a kind holds between the two, and offsets are shorter than a week.
    unsafe { write_fields(unix_s + i64::from(kind.offset_s), to) };
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
    // SAFETY: it is between the two.
    unsafe { write_fields(unix_s, to) };
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

/// What holds in UTC. A conversion to UTC sets no variables, so that these are none.
static UTC: Kind = Kind {
    offset_s: 0,
    is_dst: false,
    name: c"GMT".as_ptr(),
    sets: false,
    variables: Variables { names: [c"GMT".as_ptr(); 2], west_s: 0, daylight: 0 },
};

impl Convert for Local {
    #[inline(always)]
    fn kind_at(&self, unix_s: i64) -> Option<&Kind> {
        self.0.kind_at(unix_s)
    }

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
    fn kind_at(&self, unix_s: i64) -> Option<&Kind> {
        is_plain_utc(unix_s).then_some(&UTC)
    }

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
    .0
}

/// Returns the Unix time of fields in UTC, which need not be in their ranges: the year
/// less 1900, the day of the year from 0. And the days from 1970-01-01.
#[inline(always)]
pub(crate) fn seconds_of(year: i64, day: i64, hour: i32, minute: i32, second: i32) -> (i64, i64) {
    // Leap days up to the end of the year before, from the year 1 on.
    let before = year + 1899;
    let century = before.div_euclid(100);
    let leap_days = (before >> 2) - century + (century >> 2);
    // Up to 1969 there were 477.
    let days = 365 * (year - 70) + leap_days - 477 + day;
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    (days * 86_400 + seconds, days)
}

/// Whether a year, given less 1900, is a leap year.
#[inline(always)]
pub(crate) fn is_leap_year(year: i64) -> bool {
    instanter_civil::is_leap_year(year + 1900)
}
