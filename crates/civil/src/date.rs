//! A day of the calendar.

use core::fmt;

use crate::gregorian::{FAR_DAY, date_from_reverse, days_from_date, days_in_month, is_leap_year};
use crate::{Error, IsoWeek, Weekday};

/// A day of the proleptic Gregorian calendar: the calendar of today, continued
/// into the past before its introduction and with a year 0 (1 BC).
///
/// From −299,999,999,999-01-01 to 299,999,999,999-12-31. That holds all 64-bit Unix
/// seconds, whose years are within ±292,277,026,596, in every [`Offset`](crate::Offset).
///
/// Eight bytes; ordering and hashing are those of one integer.
///
/// ```
/// use instanter_civil::{Date, Weekday};
/// let date = Date::new(2024, 2, 29)?;
/// assert_eq!((date.year(), date.month(), date.day()), (2024, 2, 29));
/// assert_eq!(date.to_unix_days(), 19_782);
/// assert_eq!(date.to_string(), "2024-02-29");
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year × 1024 + month × 64 + day: one integer, which orders as dates do. The day
    /// has a bit more than it needs, for which a compiler sees that the fields do not
    /// overlap; so a date of which only the fields are wanted is never packed.
    packed: i64,
}

impl Date {
    /// The first day: −299,999,999,999-01-01, a Monday.
    pub const MIN: Date = Date::from_fields(-299_999_999_999, 1, 1);
    /// The last day: 299,999,999,999-12-31.
    pub const MAX: Date = Date::from_fields(299_999_999_999, 12, 31);
    /// 1970-01-01.
    pub const UNIX_EPOCH: Date = Date::from_fields(1970, 1, 1);

    /// [`MIN`](Date::MIN) in days since 1970-01-01.
    pub(crate) const MIN_DAYS: i64 = Date::MIN.to_unix_days();
    /// [`MAX`](Date::MAX) in days since 1970-01-01.
    pub(crate) const MAX_DAYS: i64 = Date::MAX.to_unix_days();

    /// Makes a date from a year, a month (1 to 12) and a day (1 to 28…31).
    ///
    /// # Errors
    /// Out of range if there is no such day, or the year is beyond the calendar's
    /// range.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert!(Date::new(2024, 2, 29).is_ok());
    /// assert_eq!(Date::new(2023, 2, 29).unwrap_err().to_string(), "day 29 is outside 1 to 28");
    /// ```
    #[inline]
    pub const fn new(year: i64, month: u8, day: u8) -> Result<Date, Error> {
        if year < Date::MIN.year() || year > Date::MAX.year() {
            return Err(Error::range("year", year, Date::MIN.year(), Date::MAX.year()));
        }
        if month < 1 || month > 12 {
            return Err(Error::range("month", month as i64, 1, 12));
        }
        // Most days are below 29, whatever the month.
        if day < 1 || day > 28 && day > days_in_month(year, month) {
            return Err(Error::range("day", day as i64, 1, days_in_month(year, month) as i64));
        }
        Ok(Date::from_fields(year, month as u32, day as u32))
    }

    /// For fields that are known to be within their ranges.
    #[inline(always)]
    pub(crate) const fn from_fields(year: i64, month: u32, day: u32) -> Date {
        Date { packed: year << 10 | (month << 6 | day) as i64 }
    }

    /// Makes a date from the number of days since 1970-01-01.
    ///
    /// # Errors
    /// Out of range before [`MIN`](Date::MIN) or after [`MAX`](Date::MAX).
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::from_unix_days(-1).unwrap(), Date::new(1969, 12, 31).unwrap());
    /// assert!(Date::from_unix_days(i64::MAX).unwrap_err().is_out_of_range());
    /// ```
    #[inline]
    pub const fn from_unix_days(days: i64) -> Result<Date, Error> {
        if days < Date::MIN_DAYS || days > Date::MAX_DAYS {
            return Err(Error::range("day since 1970", days, Date::MIN_DAYS, Date::MAX_DAYS));
        }
        Ok(Date::from_unix_days_in_range(days))
    }

    /// For days that are known to be within the range.
    #[inline(always)]
    pub(crate) const fn from_unix_days_in_range(days: i64) -> Date {
        Date::from_reverse_days((FAR_DAY - days) as u64)
    }

    /// For days counted back from the far day; see [`crate::gregorian`].
    #[inline(always)]
    pub(crate) const fn from_reverse_days(rev: u64) -> Date {
        let (year, month, day) = date_from_reverse(rev);
        Date::from_fields(year, month, day)
    }

    /// Returns the number of days since 1970-01-01.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2000, 3, 1).unwrap().to_unix_days(), 11_017);
    /// ```
    #[inline]
    #[must_use]
    pub const fn to_unix_days(self) -> i64 {
        days_from_date(self.year(), self.month() as u32, self.day() as u32)
    }

    /// Makes a date from a year and a day of that year, 1 to 366.
    ///
    /// # Errors
    /// Out of range if the year does not have that day.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::from_day_of_year(2024, 60).unwrap(), Date::new(2024, 2, 29).unwrap());
    /// assert!(Date::from_day_of_year(2023, 366).is_err());
    /// ```
    pub const fn from_day_of_year(year: i64, day: u16) -> Result<Date, Error> {
        let first = match Date::new(year, 1, 1) {
            Ok(date) => date,
            Err(error) => return Err(error),
        };
        if day < 1 || day > first.days_in_year() {
            return Err(Error::range(
                "day of the year",
                day as i64,
                1,
                first.days_in_year() as i64,
            ));
        }
        Ok(Date::from_unix_days_in_range(first.to_unix_days() + day as i64 - 1))
    }

    /// Makes a date from a week of ISO 8601 and a day of it.
    ///
    /// # Errors
    /// Out of range as [`IsoWeek::new`] and [`IsoWeek::date`] say.
    ///
    /// ```
    /// use instanter_civil::{Date, Weekday};
    /// let date = Date::from_iso_week(2025, 1, Weekday::Monday).unwrap();
    /// assert_eq!(date, Date::new(2024, 12, 30).unwrap());
    /// ```
    pub const fn from_iso_week(year: i64, week: u8, weekday: Weekday) -> Result<Date, Error> {
        match IsoWeek::new(year, week) {
            Ok(week) => week.date(weekday),
            Err(error) => Err(error),
        }
    }

    /// Returns the first, second, … weekday of a month; a negative `nth` counts
    /// from the end, −1 being the last.
    ///
    /// # Errors
    /// Out of range if the month has no such day, or `nth` is 0.
    ///
    /// ```
    /// use instanter_civil::{Date, Weekday};
    /// let second_sunday = Date::nth_weekday(2024, 3, 2, Weekday::Sunday)?;
    /// assert_eq!(second_sunday, Date::new(2024, 3, 10)?);
    /// let last_sunday = Date::nth_weekday(2024, 3, -1, Weekday::Sunday)?;
    /// assert_eq!(last_sunday, Date::new(2024, 3, 31)?);
    /// assert!(Date::nth_weekday(2024, 2, 5, Weekday::Sunday).is_err());
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn nth_weekday(
        year: i64,
        month: u8,
        nth: i8,
        weekday: Weekday,
    ) -> Result<Date, Error> {
        let first = match Date::new(year, month, 1) {
            Ok(date) => date,
            Err(error) => return Err(error),
        };
        let length = first.days_in_month() as i16;
        let earliest = 1 + first.weekday().days_until(weekday) as i16;
        let latest = earliest + (length - earliest) / 7 * 7;
        let day = match nth {
            1.. => earliest + (nth as i16 - 1) * 7,
            _ => latest + (nth as i16 + 1) * 7,
        };
        if nth == 0 || day < 1 || day > length {
            let most = ((latest - earliest) / 7 + 1) as i64;
            return Err(Error::range("weekday of the month", nth as i64, -most, most));
        }
        Ok(Date::from_fields(year, month as u32, day as u32))
    }

    /// Returns the year; year 0 is 1 BC.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Date::UNIX_EPOCH.year(), 1970);
    /// ```
    #[inline]
    #[must_use]
    pub const fn year(self) -> i64 {
        self.packed >> 10
    }

    /// Returns the month, 1 to 12.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Date::MAX.month(), 12);
    /// ```
    #[inline]
    #[must_use]
    pub const fn month(self) -> u8 {
        (self.packed >> 6 & 15) as u8
    }

    /// Returns the day of the month, 1 to 31.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Date::MAX.day(), 31);
    /// ```
    #[inline]
    #[must_use]
    pub const fn day(self) -> u8 {
        (self.packed & 63) as u8
    }

    /// Returns the day of the week.
    ///
    /// ```
    /// use instanter_civil::{Date, Weekday};
    /// assert_eq!(Date::UNIX_EPOCH.weekday(), Weekday::Thursday);
    /// ```
    #[inline]
    #[must_use]
    pub const fn weekday(self) -> Weekday {
        Weekday::from_unix_days(self.to_unix_days())
    }

    /// Returns the day of the year, 1 to 366.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 12, 31).unwrap().day_of_year(), 366);
    /// ```
    #[inline]
    #[must_use]
    pub const fn day_of_year(self) -> u16 {
        let (month, day) = (self.month() as u16, self.day() as u16);
        if month <= 2 {
            return (month - 1) * 31 + day;
        }
        // The days from 1 March as in `days_from_date`, after 59 or 60 others.
        ((979 * month as u32 - 2919) >> 5) as u16 + day + 59 + self.is_leap_year() as u16
    }

    /// Returns the quarter of the year, 1 to 4.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 4, 1).unwrap().quarter(), 2);
    /// ```
    #[inline]
    #[must_use]
    pub const fn quarter(self) -> u8 {
        self.month().div_ceil(3)
    }

    /// Returns the week of ISO 8601 that the day is in.
    ///
    /// ```
    /// use instanter_civil::{Date, IsoWeek};
    /// assert_eq!(Date::new(2021, 1, 3).unwrap().iso_week(), IsoWeek::new(2020, 53).unwrap());
    /// ```
    #[must_use]
    pub const fn iso_week(self) -> IsoWeek {
        IsoWeek::of(self)
    }

    /// Whether the day is in a leap year.
    ///
    /// ```
    /// assert!(!instanter_civil::Date::UNIX_EPOCH.is_leap_year());
    /// ```
    #[inline]
    #[must_use]
    pub const fn is_leap_year(self) -> bool {
        is_leap_year(self.year())
    }

    /// Returns the days of the month that the day is in, 28 to 31.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 2, 1).unwrap().days_in_month(), 29);
    /// ```
    #[inline]
    #[must_use]
    pub const fn days_in_month(self) -> u8 {
        days_in_month(self.year(), self.month())
    }

    /// Returns the days of the year that the day is in, 365 or 366.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Date::UNIX_EPOCH.days_in_year(), 365);
    /// ```
    #[inline]
    #[must_use]
    pub const fn days_in_year(self) -> u16 {
        365 + self.is_leap_year() as u16
    }
}

/// 1970-01-01.
impl Default for Date {
    fn default() -> Date {
        Date::UNIX_EPOCH
    }
}

/// As [`Display`](fmt::Display).
impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends() {
        for date in [Date::MIN, Date::MAX] {
            assert_eq!(Date::from_unix_days(date.to_unix_days()), Ok(date));
        }
        assert!(Date::from_unix_days(Date::MIN_DAYS - 1).is_err());
        assert!(Date::from_unix_days(Date::MAX_DAYS + 1).is_err());
        assert!(Date::from_unix_days(i64::MIN).is_err());
        assert!(Date::new(i64::MIN, 1, 1).is_err());
        assert_eq!(Date::MIN.weekday(), Weekday::Monday);
        // All seconds of 64 bits, with any offset.
        let days = i64::MAX / 86_400 + 8;
        assert!(Date::MIN_DAYS < -days && days < Date::MAX_DAYS);
    }

    #[test]
    fn nth_weekday_against_a_walk_through_the_month() {
        for (year, month) in [(2024, 2), (2023, 2), (2026, 2), (2024, 3), (1999, 12), (-1, 6)] {
            for weekday in Weekday::ALL {
                let all = || {
                    (1..=days_in_month(year, month))
                        .map(move |day| Date::new(year, month, day).unwrap())
                        .filter(move |date| date.weekday() == weekday)
                };
                for nth in -6..=6i8 {
                    let want = match nth {
                        1.. => all().nth(nth as usize - 1),
                        0 => None,
                        _ => all().rev().nth(nth.unsigned_abs() as usize - 1),
                    };
                    assert_eq!(Date::nth_weekday(year, month, nth, weekday).ok(), want);
                }
            }
        }
    }
}
