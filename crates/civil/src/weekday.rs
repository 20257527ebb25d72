//! The days of the week.

/// A day of the week. Ordered as in ISO 8601: Monday is the first.
///
/// ```
/// use instanter_civil::{Date, Weekday};
/// assert_eq!(Date::new(2024, 2, 29).unwrap().weekday(), Weekday::Thursday);
/// assert!(Weekday::Monday < Weekday::Sunday);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Weekday {
    /// 1 in ISO 8601, 1 in C.
    Monday = 1,
    /// 2 in ISO 8601, 2 in C.
    Tuesday,
    /// 3 in ISO 8601, 3 in C.
    Wednesday,
    /// 4 in ISO 8601, 4 in C.
    Thursday,
    /// 5 in ISO 8601, 5 in C.
    Friday,
    /// 6 in ISO 8601, 6 in C.
    Saturday,
    /// 7 in ISO 8601, 0 in C.
    Sunday,
}

impl Weekday {
    /// All seven, from Monday.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// Makes a weekday from its number in ISO 8601, 1 (Monday) to 7 (Sunday).
    ///
    /// ```
    /// use instanter_civil::Weekday;
    /// assert_eq!(Weekday::from_monday_one(7), Some(Weekday::Sunday));
    /// assert_eq!(Weekday::from_monday_one(0), None);
    /// ```
    #[must_use]
    pub const fn from_monday_one(number: u8) -> Option<Weekday> {
        match number {
            1..=7 => Some(Weekday::ALL[(number - 1) as usize]),
            _ => None,
        }
    }

    /// Makes a weekday from its number in C and POSIX, 0 (Sunday) to 6
    /// (Saturday).
    ///
    /// ```
    /// use instanter_civil::Weekday;
    /// assert_eq!(Weekday::from_sunday_zero(0), Some(Weekday::Sunday));
    /// assert_eq!(Weekday::from_sunday_zero(7), None);
    /// ```
    #[must_use]
    pub const fn from_sunday_zero(number: u8) -> Option<Weekday> {
        match number {
            0 => Some(Weekday::Sunday),
            1..=6 => Weekday::from_monday_one(number),
            _ => None,
        }
    }

    /// The weekday of a day since 1970-01-01, a Thursday.
    #[inline(always)]
    pub(crate) const fn from_unix_days(days: i64) -> Weekday {
        // 2^47 days back is before every date. 2^47 is 4 modulo 7, so that day is a
        // Sunday (Thursday minus four), and the remainder counts from it.
        const START: i64 = 1 << 47;
        match ((days + START) as u64 % 7) as u8 {
            0 => Weekday::Sunday,
            1 => Weekday::Monday,
            2 => Weekday::Tuesday,
            3 => Weekday::Wednesday,
            4 => Weekday::Thursday,
            5 => Weekday::Friday,
            _ => Weekday::Saturday,
        }
    }

    /// Returns the number in ISO 8601, 1 (Monday) to 7 (Sunday).
    ///
    /// ```
    /// assert_eq!(instanter_civil::Weekday::Sunday.monday_one(), 7);
    /// ```
    #[inline]
    #[must_use]
    pub const fn monday_one(self) -> u8 {
        self as u8
    }

    /// Returns the number in C and POSIX, 0 (Sunday) to 6 (Saturday).
    ///
    /// ```
    /// assert_eq!(instanter_civil::Weekday::Sunday.sunday_zero(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn sunday_zero(self) -> u8 {
        match self {
            Weekday::Sunday => 0,
            other => other as u8,
        }
    }

    /// Returns the weekday `days` later, or earlier if negative.
    ///
    /// ```
    /// use instanter_civil::Weekday;
    /// assert_eq!(Weekday::Friday.plus(3), Weekday::Monday);
    /// assert_eq!(Weekday::Monday.plus(-1), Weekday::Sunday);
    /// ```
    #[must_use]
    pub const fn plus(self, days: i64) -> Weekday {
        Weekday::ALL[(self as i64 - 1 + days.rem_euclid(7)) as usize % 7]
    }

    /// Returns how many days from this weekday to the next `other`, 0 to 6.
    ///
    /// ```
    /// use instanter_civil::Weekday;
    /// assert_eq!(Weekday::Friday.days_until(Weekday::Monday), 3);
    /// ```
    #[must_use]
    pub const fn days_until(self, other: Weekday) -> u8 {
        (other as u8 + 7 - self as u8) % 7
    }

    /// Returns the English name.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Weekday::Monday.name(), "Monday");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Weekday::Monday => "Monday",
            Weekday::Tuesday => "Tuesday",
            Weekday::Wednesday => "Wednesday",
            Weekday::Thursday => "Thursday",
            Weekday::Friday => "Friday",
            Weekday::Saturday => "Saturday",
            Weekday::Sunday => "Sunday",
        }
    }

    /// Returns the first three letters of the English name.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Weekday::Monday.short_name(), "Mon");
    /// ```
    #[must_use]
    pub const fn short_name(self) -> &'static str {
        match self.name().split_at_checked(3) {
            Some((short, _)) => short,
            None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_steps() {
        for weekday in Weekday::ALL {
            assert_eq!(Weekday::from_monday_one(weekday.monday_one()), Some(weekday));
            assert_eq!(Weekday::from_sunday_zero(weekday.sunday_zero()), Some(weekday));
            for days in -20..20 {
                let there = weekday.plus(days);
                assert_eq!(i64::from(weekday.days_until(there)), days.rem_euclid(7));
            }
            assert_eq!(weekday.plus(i64::MIN), weekday.plus(i64::MIN.rem_euclid(7)));
        }
        assert_eq!((1i64 << 47) % 7, 4);
    }
}
