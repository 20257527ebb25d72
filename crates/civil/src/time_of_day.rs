//! The time on a wall clock.

use crate::Error;
use core::fmt;

use crate::gregorian::clock_from_second;

/// Nanoseconds in a day.
pub(crate) const NANOS_A_DAY: u64 = 86_400 * NANOS;

/// Nanoseconds in a second.
pub(crate) const NANOS: u64 = 1_000_000_000;

/// A time of day: 00:00:00 to 23:59:59.999999999. A day has 86,400 seconds here;
/// how a leap second is read is said in [`rfc3339`](crate::text::rfc3339).
///
/// ```
/// use instanter_civil::TimeOfDay;
/// let noon = TimeOfDay::new(12, 0, 0, 0).unwrap();
/// assert_eq!(noon.to_string(), "12:00:00");
/// assert!(TimeOfDay::default() < noon && noon < TimeOfDay::MAX);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    /// Hour × 2^48 + minute × 2^40 + second × 2^32 + nanosecond: one integer, so
    /// that a time moves and compares as one.
    packed: u64,
}

impl TimeOfDay {
    /// 00:00:00.
    pub const MIDNIGHT: TimeOfDay = TimeOfDay::from_fields(0, 0, 0, 0);
    /// 23:59:59.999999999.
    pub const MAX: TimeOfDay = TimeOfDay::from_fields(23, 59, 59, 999_999_999);

    /// Makes a time from an hour (0 to 23), minute and second (0 to 59) and
    /// nanosecond (0 to 999,999,999).
    ///
    /// # Errors
    /// Out of range if one of them is.
    ///
    /// ```
    /// use instanter_civil::TimeOfDay;
    /// assert_eq!(TimeOfDay::new(23, 59, 59, 5).unwrap().nanosecond(), 5);
    /// assert_eq!(TimeOfDay::new(24, 0, 0, 0).unwrap_err().to_string(), "hour 24 is outside 0 to 23");
    /// ```
    #[inline]
    pub const fn new(
        hour: u8,
        minute: u8,
        second: u8,
        nanosecond: u32,
    ) -> Result<TimeOfDay, Error> {
        if hour > 23 {
            return Err(Error::range("hour", hour as i64, 0, 23));
        }
        if minute > 59 {
            return Err(Error::range("minute", minute as i64, 0, 59));
        }
        if second > 59 {
            return Err(Error::range("second", second as i64, 0, 59));
        }
        if nanosecond >= NANOS as u32 {
            return Err(Error::range("nanosecond", nanosecond as i64, 0, NANOS as i64 - 1));
        }
        Ok(TimeOfDay::from_fields(hour as u32, minute as u32, second as u32, nanosecond))
    }

    /// For fields that are known to be within their ranges.
    #[inline(always)]
    pub(crate) const fn from_fields(
        hour: u32,
        minute: u32,
        second: u32,
        nanosecond: u32,
    ) -> TimeOfDay {
        let clock = hour << 16 | minute << 8 | second;
        TimeOfDay { packed: (clock as u64) << 32 | nanosecond as u64 }
    }

    /// Makes a time from the second of the day (0 to 86,399) and the nanosecond.
    ///
    /// # Errors
    /// Out of range if one of them is.
    ///
    /// ```
    /// use instanter_civil::TimeOfDay;
    /// assert_eq!(TimeOfDay::from_second_of_day(3_661, 0).unwrap().to_string(), "01:01:01");
    /// ```
    #[inline]
    pub const fn from_second_of_day(second: u32, nanosecond: u32) -> Result<TimeOfDay, Error> {
        if second >= 86_400 {
            return Err(Error::range("second of the day", second as i64, 0, 86_399));
        }
        if nanosecond >= NANOS as u32 {
            return Err(Error::range("nanosecond", nanosecond as i64, 0, NANOS as i64 - 1));
        }
        Ok(TimeOfDay::from_second_in_range(second, nanosecond))
    }

    #[inline(always)]
    pub(crate) const fn from_second_in_range(second: u32, nanosecond: u32) -> TimeOfDay {
        let (hour, minute, second) = clock_from_second(second);
        TimeOfDay::from_fields(hour, minute, second, nanosecond)
    }

    /// Makes a time from the nanosecond of the day.
    ///
    /// # Errors
    /// Out of range from 86,400,000,000,000 on.
    ///
    /// ```
    /// use instanter_civil::TimeOfDay;
    /// assert_eq!(TimeOfDay::from_nanosecond_of_day(1_500_000_000).unwrap().to_string(), "00:00:01.5");
    /// ```
    pub const fn from_nanosecond_of_day(nanosecond: u64) -> Result<TimeOfDay, Error> {
        if nanosecond >= NANOS_A_DAY {
            let value = if nanosecond > i64::MAX as u64 { i64::MAX } else { nanosecond as i64 };
            return Err(Error::range("nanosecond of the day", value, 0, NANOS_A_DAY as i64 - 1));
        }
        let (second, rest) = ((nanosecond / NANOS) as u32, (nanosecond % NANOS) as u32);
        Ok(TimeOfDay::from_second_in_range(second, rest))
    }

    /// Returns the hour, 0 to 23.
    ///
    /// ```
    /// assert_eq!(instanter_civil::TimeOfDay::MAX.hour(), 23);
    /// ```
    #[inline]
    #[must_use]
    pub const fn hour(self) -> u8 {
        (self.packed >> 48) as u8
    }

    /// Returns the hour of a twelve-hour clock, 1 to 12, and whether it is after
    /// noon.
    ///
    /// ```
    /// use instanter_civil::TimeOfDay;
    /// assert_eq!(TimeOfDay::MIDNIGHT.hour_12(), (12, false));
    /// assert_eq!(TimeOfDay::MAX.hour_12(), (11, true));
    /// ```
    #[inline]
    #[must_use]
    pub const fn hour_12(self) -> (u8, bool) {
        let hour = self.hour() % 12;
        (if hour == 0 { 12 } else { hour }, self.hour() >= 12)
    }

    /// Returns the minute, 0 to 59.
    ///
    /// ```
    /// assert_eq!(instanter_civil::TimeOfDay::MAX.minute(), 59);
    /// ```
    #[inline]
    #[must_use]
    pub const fn minute(self) -> u8 {
        (self.packed >> 40) as u8
    }

    /// Returns the second, 0 to 59.
    ///
    /// ```
    /// assert_eq!(instanter_civil::TimeOfDay::MAX.second(), 59);
    /// ```
    #[inline]
    #[must_use]
    pub const fn second(self) -> u8 {
        (self.packed >> 32) as u8
    }

    /// Returns the nanosecond, 0 to 999,999,999.
    ///
    /// ```
    /// assert_eq!(instanter_civil::TimeOfDay::MAX.nanosecond(), 999_999_999);
    /// ```
    #[inline]
    #[must_use]
    pub const fn nanosecond(self) -> u32 {
        self.packed as u32
    }

    /// Returns the whole seconds since midnight, 0 to 86,399.
    ///
    /// ```
    /// assert_eq!(instanter_civil::TimeOfDay::MAX.second_of_day(), 86_399);
    /// ```
    #[inline]
    #[must_use]
    pub const fn second_of_day(self) -> u32 {
        (self.hour() as u32 * 60 + self.minute() as u32) * 60 + self.second() as u32
    }

    /// Returns the nanoseconds since midnight, below 86,400,000,000,000.
    ///
    /// ```
    /// assert_eq!(instanter_civil::TimeOfDay::MAX.nanosecond_of_day(), 86_399_999_999_999);
    /// ```
    #[inline]
    #[must_use]
    pub const fn nanosecond_of_day(self) -> u64 {
        self.second_of_day() as u64 * NANOS + self.nanosecond() as u64
    }
}

/// As [`Display`](fmt::Display).
impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_ranges() {
        for second in [0, 1, 59, 60, 3599, 3600, 86_399] {
            let time = TimeOfDay::from_second_of_day(second, 7).unwrap();
            assert_eq!(time.second_of_day(), second);
            assert_eq!(TimeOfDay::from_nanosecond_of_day(time.nanosecond_of_day()), Ok(time));
        }
        assert!(TimeOfDay::new(0, 60, 0, 0).is_err());
        assert!(TimeOfDay::new(0, 0, 60, 0).is_err());
        assert!(TimeOfDay::new(0, 0, 0, 1_000_000_000).is_err());
        assert!(TimeOfDay::from_second_of_day(86_400, 0).is_err());
        assert!(TimeOfDay::from_nanosecond_of_day(NANOS_A_DAY).is_err());
        assert!(TimeOfDay::from_nanosecond_of_day(u64::MAX).is_err());
    }
}
