//! A date and a time of day.

use core::fmt;

use crate::gregorian::{USUAL_FAR_DAY, clock_from_second, date_from_reverse_usual};
use crate::time_of_day::NANOS;
use crate::{Date, Error, Offset, TimeOfDay};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A date and a time of day, as a calendar and a wall clock show them: without
/// the offset that would make a moment of it.
///
/// ```
/// use instanter_civil::{DateTime, Offset};
/// let tokyo = Offset::from_seconds(9 * 3600)?;
/// let local = DateTime::from_unix(1_709_164_800, 0, tokyo);
/// assert_eq!(local.to_string(), "2024-02-29T09:00:00");
/// assert_eq!(local.to_unix(tokyo)?, (1_709_164_800, 0));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    date: Date,
    time: TimeOfDay,
}

impl DateTime {
    /// 1970-01-01T00:00:00.
    pub const UNIX_EPOCH: DateTime = DateTime::new(Date::UNIX_EPOCH, TimeOfDay::MIDNIGHT);
    /// The first of [`Date::MIN`].
    pub const MIN: DateTime = DateTime::new(Date::MIN, TimeOfDay::MIDNIGHT);
    /// The last of [`Date::MAX`].
    pub const MAX: DateTime = DateTime::new(Date::MAX, TimeOfDay::MAX);

    /// Puts a date and a time of day together.
    ///
    /// ```
    /// use instanter_civil::{Date, DateTime, TimeOfDay};
    /// let epoch = DateTime::new(Date::UNIX_EPOCH, TimeOfDay::MIDNIGHT);
    /// assert_eq!(epoch, DateTime::UNIX_EPOCH);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new(date: Date, time: TimeOfDay) -> DateTime {
        DateTime { date, time }
    }

    /// Returns what a calendar and a clock at `offset` show at a moment, given in
    /// seconds since 1970-01-01 00:00:00 UTC and nanoseconds within the second.
    /// Every `i64` is valid. Nanoseconds of a second or more are carried.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset};
    /// let end = DateTime::from_unix(i64::MAX, 0, Offset::UTC);
    /// assert_eq!(end.to_string(), "+292277026596-12-04T15:30:07");
    /// ```
    #[inline(always)]
    #[must_use]
    pub const fn from_unix(seconds: i64, nanoseconds: u32, offset: Offset) -> DateTime {
        let usual = match usual_fields(seconds, nanoseconds, offset) {
            Some(fields) => fields,
            None => {
                core::hint::cold_path();
                // Taken apart and packed again below, where both ways meet: so the fields
                // need not be packed at all where the caller wants but them.
                let DateTime { date, time } = from_unix_unusual(seconds, nanoseconds, offset);
                let (year, month, day) = (date.year(), date.month() as u32, date.day() as u32);
                let clock = (time.hour() as u32, time.minute() as u32, time.second() as u32);
                Fields { date: (year, month, day), clock, nanosecond: time.nanosecond() }
            }
        };
        let Fields { date, clock, nanosecond } = usual;
        DateTime {
            date: Date::from_fields(date.0, date.1, date.2),
            time: TimeOfDay::from_fields(clock.0, clock.1, clock.2, nanosecond),
        }
    }

    /// Returns the moment at which a calendar and a clock at `offset` show this:
    /// seconds since 1970-01-01 00:00:00 UTC, and nanoseconds.
    ///
    /// # Errors
    /// Out of range if the seconds do not fit into `i64`.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset};
    /// assert_eq!(DateTime::UNIX_EPOCH.to_unix(Offset::from_seconds(3600)?)?, (-3600, 0));
    /// assert!(DateTime::MAX.to_unix(Offset::UTC).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[inline]
    pub const fn to_unix(self, offset: Offset) -> Result<(i64, u32), Error> {
        let days = self.date.to_unix_days();
        let rest = self.time.second_of_day() as i64 - offset.seconds() as i64;
        // Plain arithmetic up to eight days, the largest offset and more, from
        // the ends; there, wide numbers tell whether the sum fits.
        const ROOM_DAYS: i64 = i64::MAX / DAY - 8;
        if days >= -ROOM_DAYS && days <= ROOM_DAYS {
            return Ok((days * DAY + rest, self.time.nanosecond()));
        }
        let seconds = days as i128 * DAY as i128 + rest as i128;
        if seconds != seconds as i64 as i128 {
            return Err(Error::overflow("the moment in 64-bit seconds"));
        }
        Ok((seconds as i64, self.time.nanosecond()))
    }

    /// Returns the date.
    ///
    /// ```
    /// use instanter_civil::{Date, DateTime};
    /// assert_eq!(DateTime::MAX.date(), Date::MAX);
    /// ```
    #[inline]
    #[must_use]
    pub const fn date(self) -> Date {
        self.date
    }

    /// Returns the time of day.
    ///
    /// ```
    /// use instanter_civil::{DateTime, TimeOfDay};
    /// assert_eq!(DateTime::MAX.time(), TimeOfDay::MAX);
    /// ```
    #[inline]
    #[must_use]
    pub const fn time(self) -> TimeOfDay {
        self.time
    }

    /// Returns the same date with another time of day.
    ///
    /// ```
    /// use instanter_civil::{DateTime, TimeOfDay};
    /// let end = DateTime::UNIX_EPOCH.with_time(TimeOfDay::MAX);
    /// assert_eq!(end.to_string(), "1970-01-01T23:59:59.999999999");
    /// ```
    #[must_use]
    pub const fn with_time(self, time: TimeOfDay) -> DateTime {
        DateTime { date: self.date, time }
    }

    /// Returns the same time of day on another date.
    ///
    /// ```
    /// use instanter_civil::{Date, DateTime};
    /// assert_eq!(DateTime::UNIX_EPOCH.with_date(Date::MIN), DateTime::MIN);
    /// ```
    #[must_use]
    pub const fn with_date(self, date: Date) -> DateTime {
        DateTime { date, time: self.time }
    }

    /// Nanoseconds since 1970-01-01T00:00:00 of the same clock; 94 bits.
    pub(crate) const fn to_nanoseconds(self) -> i128 {
        let days = self.date.to_unix_days() as i128;
        days * (DAY as i128 * NANOS as i128) + self.time.nanosecond_of_day() as i128
    }

    /// The inverse of [`to_nanoseconds`](DateTime::to_nanoseconds).
    pub(crate) const fn from_nanoseconds(nanoseconds: i128) -> Result<DateTime, Error> {
        let a_day = DAY as i128 * NANOS as i128;
        let days = nanoseconds.div_euclid(a_day);
        if days < Date::MIN_DAYS as i128 || days > Date::MAX_DAYS as i128 {
            return Err(Error::overflow("the date"));
        }
        let rest = nanoseconds.rem_euclid(a_day) as u64;
        let (second, nanosecond) = ((rest / NANOS) as u32, (rest % NANOS) as u32);
        Ok(DateTime {
            date: Date::from_unix_days_in_range(days as i64),
            time: TimeOfDay::from_second_in_range(second, nanosecond),
        })
    }
}

/// A date and time not yet packed: year, month and day; hour, minute and second.
pub(crate) struct Fields {
    pub(crate) date: (i64, u32, u32),
    pub(crate) clock: (u32, u32, u32),
    pub(crate) nanosecond: u32,
}

/// Returns what a calendar and a clock at `offset` show, if that is in the years 0 to
/// 9999 and eight days from their ends: room for the offset.
#[inline(always)]
pub(crate) const fn usual_fields(seconds: i64, nanoseconds: u32, offset: Offset) -> Option<Fields> {
    const FIRST: i64 = Date::from_fields(0, 1, 9).to_unix_days() * DAY;
    const LAST: i64 = Date::from_fields(9999, 12, 24).to_unix_days() * DAY;
    // Before the first of them the difference wraps to something large.
    let usual = (seconds.wrapping_sub(FIRST) as u64) < (LAST - FIRST) as u64;
    if !usual || nanoseconds >= NANOS as u32 {
        return None;
    }
    const START: i64 = FIRST - 8 * DAY;
    let shifted = (seconds + (offset.seconds() as i64 - START)) as u64;
    // 86,400 = 128 × 675, and without its low seven bits the number fits into 32: the
    // division is one multiplication.
    let day = (shifted >> 7) as u32 / 675;
    let second = (shifted as u32).wrapping_sub(day.wrapping_mul(DAY as u32));
    let rev = (USUAL_FAR_DAY - START / DAY) as u32 - day;
    let (year, month, day) = date_from_reverse_usual(rev);
    let clock = clock_from_second(second);
    Some(Fields { date: (year as i64, month, day), clock, nanosecond: nanoseconds })
}

/// Outside the years 0 to 9999, or with seconds among the nanoseconds.
#[inline(never)]
const fn from_unix_unusual(seconds: i64, nanoseconds: u32, offset: Offset) -> DateTime {
    let (mut days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let second = second + offset.seconds() as i64 + (nanoseconds / NANOS as u32) as i64;
    days += second.div_euclid(DAY);
    let second = second.rem_euclid(DAY) as u32;
    DateTime {
        date: Date::from_unix_days_in_range(days),
        time: TimeOfDay::from_second_in_range(second, nanoseconds % NANOS as u32),
    }
}

/// As [`Display`](fmt::Display).
impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_64_bits_with_every_kind_of_offset() {
        let near_room = [1 << 61, -(1 << 61), (1 << 61) - 1, -(1 << 61) - 1];
        // Where the usual years begin and end.
        let usual = [-62_167_219_200, -62_166_528_000, 253_402_300_800, 253_401_609_600];
        let usual = usual.into_iter().flat_map(|edge| [edge - 1, edge, edge + 1]);
        let ends = [i64::MIN, i64::MIN + 1, i64::MIN + 86_400, i64::MAX - 86_400, i64::MAX, 0, -1];
        for seconds in ends.into_iter().chain(near_room).chain(usual) {
            for offset in [-604_799, -86_400, -1, 0, 1, 86_399, 604_799] {
                let offset = Offset::from_seconds(offset).unwrap();
                for nanosecond in [0, 999_999_999] {
                    let local = DateTime::from_unix(seconds, nanosecond, offset);
                    assert_eq!(local.to_unix(offset), Ok((seconds, nanosecond)), "{local}");
                    let sum = i128::from(seconds) + i128::from(offset.seconds());
                    let wide = sum * 1_000_000_000 + i128::from(nanosecond);
                    assert_eq!(local.to_nanoseconds(), wide, "{local}");
                    assert_eq!(DateTime::from_nanoseconds(wide), Ok(local));
                }
            }
        }
        let one_more = DateTime::from_unix(i64::MAX, u32::MAX, Offset::UTC);
        assert_eq!(
            one_more.to_nanoseconds(),
            (i128::from(i64::MAX) * i128::from(NANOS)) + i128::from(u32::MAX)
        );
        assert!(one_more.to_unix(Offset::UTC).is_err());
        assert!(DateTime::MIN.to_unix(Offset::UTC).is_err());
        assert!(DateTime::from_nanoseconds(i128::MAX).is_err());
        assert!(DateTime::from_nanoseconds(DateTime::MIN.to_nanoseconds() - 1).is_err());
    }
}
