//! The week of ISO 8601.

use crate::{Date, Error, Weekday};

/// A week as ISO 8601 counts them: weeks begin on Monday, and week 1 is the one
/// with the year's first Thursday, so that it has most of its days in the year.
/// The year of a week is therefore not always that of its days.
///
/// ```
/// use instanter_civil::{Date, IsoWeek, Weekday};
/// let week = Date::new(2024, 12, 30).unwrap().iso_week();
/// assert_eq!((week.year(), week.week()), (2025, 1));
/// assert_eq!(week.date(Weekday::Monday).unwrap(), Date::new(2024, 12, 30).unwrap());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    year: i64,
    week: u8,
}

impl IsoWeek {
    /// Makes week 1 to 53 of a year.
    ///
    /// # Errors
    /// Out of range if the year does not have the week, or is not one of the
    /// calendar's.
    ///
    /// ```
    /// use instanter_civil::IsoWeek;
    /// assert!(IsoWeek::new(2020, 53).is_ok());
    /// assert_eq!(IsoWeek::new(2021, 53).unwrap_err().to_string(), "week 53 is outside 1 to 52");
    /// ```
    pub const fn new(year: i64, week: u8) -> Result<IsoWeek, Error> {
        if year < Date::MIN.year() || year > Date::MAX.year() {
            return Err(Error::range("year", year, Date::MIN.year(), Date::MAX.year()));
        }
        let weeks = weeks_in_year(year);
        if week < 1 || week > weeks {
            return Err(Error::range("week", week as i64, 1, weeks as i64));
        }
        Ok(IsoWeek { year, week })
    }

    pub(crate) const fn of(date: Date) -> IsoWeek {
        // The week's Thursday lies in the week's year, and its day of the year
        // says which week: 1 to 7 is the first.
        let day = date.day_of_year() as i16;
        let thursday = day + 4 - date.weekday().monday_one() as i16;
        let year = date.year();
        if thursday < 1 {
            return IsoWeek { year: year - 1, week: weeks_in_year(year - 1) };
        }
        if thursday > date.days_in_year() as i16 {
            return IsoWeek { year: year + 1, week: 1 };
        }
        IsoWeek { year, week: ((thursday + 6) / 7) as u8 }
    }

    /// Returns the year to which the week belongs.
    ///
    /// ```
    /// assert_eq!(instanter_civil::IsoWeek::new(2020, 53).unwrap().year(), 2020);
    /// ```
    #[must_use]
    pub const fn year(self) -> i64 {
        self.year
    }

    /// Returns the number of the week, 1 to 53.
    ///
    /// ```
    /// assert_eq!(instanter_civil::IsoWeek::new(2020, 53).unwrap().week(), 53);
    /// ```
    #[must_use]
    pub const fn week(self) -> u8 {
        self.week
    }

    /// Returns a day of this week.
    ///
    /// # Errors
    /// Out of range at the calendar's end, where the last week is cut off.
    ///
    /// ```
    /// use instanter_civil::{IsoWeek, Weekday};
    /// let week = IsoWeek::new(2020, 53).unwrap();
    /// assert_eq!(week.date(Weekday::Sunday).unwrap().to_string(), "2021-01-03");
    /// ```
    pub const fn date(self, weekday: Weekday) -> Result<Date, Error> {
        // 4 January is always in week 1.
        let fourth = Date::from_fields(self.year, 1, 4);
        let monday = fourth.to_unix_days() - (fourth.weekday().monday_one() as i64 - 1);
        let weeks = self.week as i64 - 1;
        Date::from_unix_days(monday + weeks * 7 + weekday.monday_one() as i64 - 1)
    }
}

/// Returns how many weeks a year of ISO 8601 has, 52 or 53: 53 if it begins or
/// ends on a Thursday.
///
/// ```
/// assert_eq!(instanter_civil::weeks_in_year(2020), 53);
/// assert_eq!(instanter_civil::weeks_in_year(2021), 52);
/// ```
#[must_use]
pub const fn weeks_in_year(year: i64) -> u8 {
    // The calendar repeats every 400 years, weekdays included.
    let year = 2000 + year.rem_euclid(400);
    let first = Date::from_fields(year, 1, 1).weekday();
    let last = Date::from_fields(year, 12, 31).weekday();
    52 + (matches!(first, Weekday::Thursday) || matches!(last, Weekday::Thursday)) as u8
}
