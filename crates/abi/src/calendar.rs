//! Dates and times of day, without a zone.

use instanter::civil::{Date, DateTime, Offset, TimeOfDay};

use crate::boundary::{answer, get, put};
use crate::clock::check_nanoseconds;
use crate::status::{Status, Wrong};

/// A date and a time of day, in the Gregorian calendar of all years.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Civil {
    /// The year, as it is: 2024, and 0 before the year 1.
    pub year: i64,
    /// Nanoseconds within the second, below 1000000000.
    pub nanosecond: u32,
    /// Day of the year, 1 to 366. Not looked at where this is an argument.
    pub day_of_year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Day of the week, 1 for Monday to 7 for Sunday. Not looked at where this is an argument.
    pub weekday: u8,
    /// Zero.
    pub reserved: u32,
}

impl From<DateTime> for Civil {
    fn from(local: DateTime) -> Civil {
        let (date, time) = (local.date(), local.time());
        Civil {
            year: date.year(),
            nanosecond: time.nanosecond(),
            day_of_year: date.day_of_year(),
            month: date.month(),
            day: date.day(),
            hour: time.hour(),
            minute: time.minute(),
            second: time.second(),
            weekday: date.weekday().monday_one(),
            reserved: 0,
        }
    }
}

impl Civil {
    pub(crate) fn date_time(self) -> Result<DateTime, Status> {
        let date = Date::new(self.year, self.month, self.day).map_err(|error| error.status())?;
        let time = TimeOfDay::new(self.hour, self.minute, self.second, self.nanosecond);
        Ok(DateTime::new(date, time.map_err(|error| error.status())?))
    }
}

pub(crate) fn offset_of(offset_s: i32) -> Result<Offset, Status> {
    Offset::from_seconds(offset_s).map_err(|error| error.status())
}

/// Gives what a calendar and a clock `offset_s` seconds east of UTC show at a moment, in
/// seconds since 1970 and nanoseconds. Every number of seconds is valid.
///
/// Async-signal-safe.
///
/// # Safety
/// `civil` is NULL or points to an instanter_civil.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_civil_from_unix(
    seconds: i64,
    nanoseconds: u32,
    offset_s: i32,
    civil: *mut Civil,
) -> Status {
    answer(|| {
        check_nanoseconds(nanoseconds)?;
        let local = DateTime::from_unix(seconds, nanoseconds, offset_of(offset_s)?);
        // SAFETY: the caller's promise.
        unsafe { put(civil, local.into()) }
    })
}

/// Gives the moment at which a calendar and a clock `offset_s` seconds east of UTC show
/// a date and time, in seconds since 1970; nanoseconds are what they are in `civil`.
///
/// Fails with INSTANTER_STATUS_RANGE for a date and time that do not exist, or a moment that
/// 64 bits do not hold.
///
/// Async-signal-safe.
///
/// # Safety
/// `civil` is NULL or points to an instanter_civil; `seconds` is NULL or points to an
/// int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_civil_to_unix(
    civil: *const Civil,
    offset_s: i32,
    seconds: *mut i64,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let local = unsafe { get(civil) }?.date_time()?;
        let (unix_s, _) = local.to_unix(offset_of(offset_s)?).map_err(|error| error.status())?;
        // SAFETY: the caller's promise.
        unsafe { put(seconds, unix_s) }
    })
}
