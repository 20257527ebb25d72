//! Rounding a date and time to a unit.

use crate::gregorian::is_leap_year;
use crate::time_of_day::{NANOS, NANOS_A_DAY};
use crate::{Date, DateTime, Error, TimeOfDay};

/// A unit of the calendar or the clock, in ascending order.
///
/// ```
/// use instanter_civil::Unit;
/// assert!(Unit::Second < Unit::Day);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// 10⁻⁹ s.
    Nanosecond,
    /// 10⁻⁶ s.
    Microsecond,
    /// 10⁻³ s.
    Millisecond,
    /// The second.
    Second,
    /// 60 s.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// Seven days, from Monday.
    Week,
    /// 28 to 31 days.
    Month,
    /// Twelve months.
    Year,
}

/// Where a value between two multiples of a unit goes.
///
/// ```
/// use instanter_civil::{DateTime, Rounding, Unit};
/// let time = DateTime::UNIX_EPOCH.add_seconds(30)?;
/// let minute = DateTime::UNIX_EPOCH.add_seconds(60)?;
/// assert_eq!(time.round(Unit::Minute, Rounding::HalfUp)?, minute);
/// assert_eq!(time.round(Unit::Minute, Rounding::HalfEven)?, DateTime::UNIX_EPOCH);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the earlier, always.
    Down,
    /// To the later, always, unless it is a multiple.
    Up,
    /// To the nearer, and from the middle to the later.
    HalfUp,
    /// To the nearer, and from the middle to the earlier.
    HalfDown,
    /// To the nearer, and from the middle to the one with an even number: of the
    /// unit within the next larger one for times, of the day since 1970, the week since
    /// the calendar's first day, the month of the year, the year.
    HalfEven,
}

impl DateTime {
    /// Returns the start of the unit that this is in: of its minute, its day, its
    /// week (Monday), its year, ….
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Unit};
    /// let time = DateTime::from_unix(1_709_222_399, 987_654_321, Offset::UTC);
    /// assert_eq!(time.to_string(), "2024-02-29T15:59:59.987654321");
    /// assert_eq!(time.truncate(Unit::Millisecond).to_string(), "2024-02-29T15:59:59.987");
    /// assert_eq!(time.truncate(Unit::Hour).to_string(), "2024-02-29T15:00:00");
    /// assert_eq!(time.truncate(Unit::Week).to_string(), "2024-02-26T00:00:00");
    /// ```
    #[must_use]
    pub const fn truncate(self, unit: Unit) -> DateTime {
        let date = self.date();
        let time = self.time();
        let (hour, minute, second, nanosecond) =
            (time.hour() as u32, time.minute() as u32, time.second() as u32, time.nanosecond());
        let time = match unit {
            Unit::Nanosecond => time,
            Unit::Microsecond => {
                TimeOfDay::from_fields(hour, minute, second, nanosecond - nanosecond % 1_000)
            }
            Unit::Millisecond => {
                TimeOfDay::from_fields(hour, minute, second, nanosecond - nanosecond % 1_000_000)
            }
            Unit::Second => TimeOfDay::from_fields(hour, minute, second, 0),
            Unit::Minute => TimeOfDay::from_fields(hour, minute, 0, 0),
            Unit::Hour => TimeOfDay::from_fields(hour, 0, 0, 0),
            _ => TimeOfDay::MIDNIGHT,
        };
        let date = match unit {
            // The calendar's first day is a Monday, so this is never before it.
            Unit::Week => {
                let days = date.to_unix_days() - (date.weekday().monday_one() as i64 - 1);
                Date::from_unix_days_in_range(days)
            }
            Unit::Month => date.first_of_month(),
            Unit::Year => Date::from_fields(date.year(), 1, 1),
            _ => date,
        };
        DateTime::new(date, time)
    }

    /// Returns the start of a unit that is nearest by a rule.
    ///
    /// # Errors
    /// Out of range if that is after the calendar's end.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Rounding, Unit};
    /// let time = DateTime::from_unix(1_709_222_399, 987_654_321, Offset::UTC);
    /// assert_eq!(time.round(Unit::Second, Rounding::HalfUp)?.to_string(), "2024-02-29T16:00:00");
    /// assert_eq!(time.round(Unit::Month, Rounding::Up)?.to_string(), "2024-03-01T00:00:00");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn round(self, unit: Unit, rounding: Rounding) -> Result<DateTime, Error> {
        let floor = self.truncate(unit);
        let past = self.nanoseconds_since(floor);
        if past == 0 || matches!(rounding, Rounding::Down) {
            return Ok(floor);
        }
        let length = floor.length_of(unit);
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::HalfUp => past * 2 >= length,
            Rounding::HalfDown => past * 2 > length,
            Rounding::HalfEven => past * 2 > length || past * 2 == length && floor.is_odd(unit),
        };
        if up { floor.add_nanoseconds(length) } else { Ok(floor) }
    }

    /// The nanoseconds of the unit that starts here.
    const fn length_of(self, unit: Unit) -> i128 {
        let (second, day) = (NANOS as i128, NANOS_A_DAY as i128);
        match unit {
            Unit::Nanosecond => 1,
            Unit::Microsecond => 1_000,
            Unit::Millisecond => 1_000_000,
            Unit::Second => second,
            Unit::Minute => 60 * second,
            Unit::Hour => 3600 * second,
            Unit::Day => day,
            Unit::Week => 7 * day,
            Unit::Month => self.date().days_in_month() as i128 * day,
            Unit::Year => (365 + is_leap_year(self.date().year()) as i128) * day,
        }
    }

    /// Whether the unit that starts here has an odd number.
    const fn is_odd(self, unit: Unit) -> bool {
        let (date, time) = (self.date(), self.time());
        let number = match unit {
            Unit::Nanosecond => time.nanosecond() as i64,
            Unit::Microsecond => (time.nanosecond() / 1_000) as i64,
            Unit::Millisecond => (time.nanosecond() / 1_000_000) as i64,
            Unit::Second => time.second() as i64,
            Unit::Minute => time.minute() as i64,
            Unit::Hour => time.hour() as i64,
            Unit::Day => date.to_unix_days(),
            Unit::Week => (date.to_unix_days() - Date::MIN_DAYS) / 7,
            Unit::Month => date.month() as i64,
            Unit::Year => date.year(),
        };
        number & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::text::rfc3339;
    use std::string::ToString;

    #[test]
    fn rounding_table() {
        use {Rounding::*, Unit::*};
        // 28 and 29 February 2024 are the days 19781 and 19782 since 1970.
        let table = [
            ("2024-02-29T12:00:00", Day, [29, 1, 1, 29, 29]),
            ("2024-02-28T12:00:00", Day, [28, 29, 29, 28, 29]),
            ("2024-02-28T12:00:00.000000001", Day, [28, 29, 29, 29, 29]),
            ("2024-02-28T11:59:59.999999999", Day, [28, 29, 28, 28, 28]),
            ("2024-02-28T00:00:00", Day, [28, 28, 28, 28, 28]),
        ];
        for (text, unit, want) in table {
            let (time, _) = rfc3339::parse(&(text.to_string() + "Z")).unwrap();
            let got = [Down, Up, HalfUp, HalfDown, HalfEven]
                .map(|rounding| time.round(unit, rounding).unwrap().date().day());
            assert_eq!(got, want, "{text} to {unit:?}");
        }
        for (text, unit, want) in [
            ("2024-02-15T12:00:00", Month, "2024-03-01T00:00:00"),
            ("2024-02-15T11:59:59", Month, "2024-02-01T00:00:00"),
            ("2023-07-02T12:00:00", Year, "2024-01-01T00:00:00"),
            ("2023-07-02T11:59:59", Year, "2023-01-01T00:00:00"),
            ("2024-02-29T11:59:59", Week, "2024-02-26T00:00:00"),
            ("2024-02-29T12:00:00", Week, "2024-03-04T00:00:00"),
            ("1969-12-31T23:59:59.5", Second, "1970-01-01T00:00:00"),
            ("1969-12-31T23:59:59.0000005", Microsecond, "1969-12-31T23:59:59.000001"),
            ("1969-12-31T23:59:59.0000005", Nanosecond, "1969-12-31T23:59:59.0000005"),
            ("1969-12-31T23:30:00", Hour, "1970-01-01T00:00:00"),
        ] {
            let (time, _) = rfc3339::parse(&(text.to_string() + "Z")).unwrap();
            let got = time.round(unit, HalfUp).unwrap().to_string();
            assert_eq!(got, want, "{text} to {unit:?}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar() {
        use Unit::*;
        for unit in
            [Nanosecond, Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Year]
        {
            assert_eq!(DateTime::MIN.truncate(unit), DateTime::MIN);
            assert!(DateTime::MAX.truncate(unit) <= DateTime::MAX);
            let up = DateTime::MAX.round(unit, Rounding::Up);
            assert_eq!(up.is_err(), unit != Nanosecond, "{unit:?}");
        }
    }
}
