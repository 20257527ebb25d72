//! Adding to dates, and the difference of two.
//!
//! Days, hours and seconds have a fixed length, so adding them can only leave the
//! calendar's range. Months and years have not: the 31st of January plus a month
//! is a day that does not exist, and somebody must say what happens. Here the
//! caller does, with [`Overflow`].

use crate::gregorian::days_in_month;
use crate::time_of_day::{NANOS, NANOS_A_DAY};
use crate::{Date, DateTime, Error, TimeOfDay, Unit, Weekday};

/// What to do if adding months or years comes to a day that the month does not
/// have. The names are those of ECMAScript's Temporal.
///
/// ```
/// use instanter_civil::{Date, Overflow};
/// let date = Date::new(2024, 1, 31)?;
/// assert_eq!(date.add_months(1, Overflow::Constrain)?, Date::new(2024, 2, 29)?);
/// assert!(date.add_months(1, Overflow::Reject).unwrap_err().is_out_of_range());
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The last day of that month.
    Constrain,
    /// An error.
    Reject,
}

/// A length of calendar time: years and months, whose length depends on where
/// they begin, weeks and days, and a part below a day.
///
/// A difference has all fields of one sign; a length to add may mix them.
///
/// ```
/// use instanter_civil::{Date, Difference, Overflow, Unit};
/// let (born, today) = (Date::new(1990, 8, 15)?, Date::new(2024, 2, 29)?);
/// let age = today.since(born, Unit::Year);
/// assert_eq!(age, Difference { years: 33, months: 6, days: 14, ..Difference::ZERO });
/// assert_eq!(born.add(age, Overflow::Constrain)?, today);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Years.
    pub years: i64,
    /// Months.
    pub months: i64,
    /// Weeks.
    pub weeks: i64,
    /// Days.
    pub days: i64,
    /// Hours.
    pub hours: i64,
    /// Minutes.
    pub minutes: i64,
    /// Seconds.
    pub seconds: i64,
    /// Nanoseconds.
    pub nanoseconds: i64,
}

impl Difference {
    /// Nothing.
    pub const ZERO: Difference = Difference {
        years: 0,
        months: 0,
        weeks: 0,
        days: 0,
        hours: 0,
        minutes: 0,
        seconds: 0,
        nanoseconds: 0,
    };

    /// The months in all, or nothing if they are too many.
    const fn total_months(&self) -> Option<i64> {
        match self.years.checked_mul(12) {
            Some(months) => months.checked_add(self.months),
            None => None,
        }
    }

    /// The part of fixed length, in nanoseconds: 64 bits times less than 2^50.
    const fn fixed_nanoseconds(&self) -> i128 {
        let days = self.weeks as i128 * 7 + self.days as i128;
        let minutes = (days * 24 + self.hours as i128) * 60 + self.minutes as i128;
        (minutes * 60 + self.seconds as i128) * NANOS as i128 + self.nanoseconds as i128
    }
}

impl Date {
    /// Returns the date so many days later, or earlier if negative.
    ///
    /// # Errors
    /// Out of range beyond the calendar's ends.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 2, 28)?.add_days(2)?, Date::new(2024, 3, 1)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[inline]
    pub const fn add_days(self, days: i64) -> Result<Date, Error> {
        match self.to_unix_days().checked_add(days) {
            Some(days) if days >= Date::MIN_DAYS && days <= Date::MAX_DAYS => {
                Ok(Date::from_unix_days_in_range(days))
            }
            _ => Err(Error::overflow("the date")),
        }
    }

    /// Returns the date so many weeks later, or earlier if negative.
    ///
    /// # Errors
    /// Out of range beyond the calendar's ends.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 2, 29)?.add_weeks(-1)?, Date::new(2024, 2, 22)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add_weeks(self, weeks: i64) -> Result<Date, Error> {
        match weeks.checked_mul(7) {
            Some(days) => self.add_days(days),
            None => Err(Error::overflow("the date")),
        }
    }

    /// Returns the same day of the month so many months later, or earlier if
    /// negative.
    ///
    /// # Errors
    /// Out of range beyond the calendar's ends, and for a day that the month does
    /// not have if `overflow` says so.
    ///
    /// ```
    /// use instanter_civil::{Date, Overflow};
    /// let date = Date::new(2024, 3, 31)?.add_months(-13, Overflow::Constrain)?;
    /// assert_eq!(date, Date::new(2023, 2, 28)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add_months(self, months: i64, overflow: Overflow) -> Result<Date, Error> {
        let count = self.year() * 12 + self.month() as i64 - 1;
        let Some(count) = count.checked_add(months) else {
            return Err(Error::overflow("the date"));
        };
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u8 + 1);
        if year < Date::MIN.year() || year > Date::MAX.year() {
            return Err(Error::overflow("the date"));
        }
        let (day, length) = (self.day(), days_in_month(year, month));
        match overflow {
            Overflow::Reject if day > length => {
                Err(Error::range("day", day as i64, 1, length as i64))
            }
            _ => {
                let day = if day > length { length } else { day };
                Ok(Date::from_fields(year, month as u32, day as u32))
            }
        }
    }

    /// Returns the same day so many years later, or earlier if negative.
    ///
    /// # Errors
    /// As [`add_months`](Date::add_months) says; the day in question is
    /// 29 February.
    ///
    /// ```
    /// use instanter_civil::{Date, Overflow};
    /// let leap_day = Date::new(2024, 2, 29)?;
    /// assert_eq!(leap_day.add_years(1, Overflow::Constrain)?, Date::new(2025, 2, 28)?);
    /// assert!(leap_day.add_years(1, Overflow::Reject).is_err());
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add_years(self, years: i64, overflow: Overflow) -> Result<Date, Error> {
        match years.checked_mul(12) {
            Some(months) => self.add_months(months, overflow),
            None => Err(Error::overflow("the date")),
        }
    }

    /// Adds years and months first, then weeks and days, then whole days of what
    /// the hours and less come to; a rest below a day is dropped, towards zero.
    ///
    /// # Errors
    /// As [`add_months`](Date::add_months) says.
    ///
    /// ```
    /// use instanter_civil::{Date, Difference, Overflow};
    /// let length = Difference { months: 1, days: 1, hours: 47, ..Difference::ZERO };
    /// let date = Date::new(2024, 1, 31)?.add(length, Overflow::Constrain)?;
    /// assert_eq!(date, Date::new(2024, 3, 2)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add(self, length: Difference, overflow: Overflow) -> Result<Date, Error> {
        let Some(months) = length.total_months() else {
            return Err(Error::overflow("the date"));
        };
        let date = match self.add_months(months, overflow) {
            Ok(date) => date,
            Err(error) => return Err(error),
        };
        let days = length.fixed_nanoseconds() / NANOS_A_DAY as i128;
        if days != days as i64 as i128 {
            return Err(Error::overflow("the date"));
        }
        date.add_days(days as i64)
    }

    /// Returns the days from `earlier` to this date, negative if that is later.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 3, 1)?.days_since(Date::new(2024, 2, 28)?), 2);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn days_since(self, earlier: Date) -> i64 {
        self.to_unix_days() - earlier.to_unix_days()
    }

    /// Returns what lies between `earlier` and this date, in `largest` and the
    /// smaller of years, months, weeks and days: weeks only if they are the
    /// largest. A unit below the day counts as the day.
    ///
    /// Added to `earlier` with [`Overflow::Constrain`] it gives this date. The
    /// months are the most that do not go past it.
    ///
    /// ```
    /// use instanter_civil::{Date, Difference, Unit};
    /// let (from, to) = (Date::new(2024, 1, 31)?, Date::new(2024, 3, 30)?);
    /// assert_eq!(to.since(from, Unit::Day).days, 59);
    /// assert_eq!(to.since(from, Unit::Week), Difference { weeks: 8, days: 3, ..Difference::ZERO });
    /// assert_eq!(to.since(from, Unit::Year), Difference { months: 1, days: 30, ..Difference::ZERO });
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[must_use]
    pub const fn since(self, earlier: Date, largest: Unit) -> Difference {
        let mut difference = Difference::ZERO;
        let mut reached = earlier;
        if matches!(largest, Unit::Year | Unit::Month) {
            let months = months_not_past(earlier, self);
            if let Ok(date) = earlier.add_months(months, Overflow::Constrain) {
                reached = date;
            }
            difference.months = months;
            if matches!(largest, Unit::Year) {
                difference.years = months / 12;
                difference.months = months % 12;
            }
        }
        difference.days = self.days_since(reached);
        if matches!(largest, Unit::Week) {
            difference.weeks = difference.days / 7;
            difference.days %= 7;
        }
        difference
    }

    /// Returns the first day of the month.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 2, 29)?.first_of_month(), Date::new(2024, 2, 1)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[must_use]
    pub const fn first_of_month(self) -> Date {
        Date::from_fields(self.year(), self.month() as u32, 1)
    }

    /// Returns the last day of the month.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 2, 1)?.last_of_month(), Date::new(2024, 2, 29)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[must_use]
    pub const fn last_of_month(self) -> Date {
        Date::from_fields(self.year(), self.month() as u32, self.days_in_month() as u32)
    }

    /// Returns the first such weekday after this date.
    ///
    /// # Errors
    /// Out of range in the calendar's last week.
    ///
    /// ```
    /// use instanter_civil::{Date, Weekday};
    /// let monday = Date::new(2024, 1, 1)?;
    /// assert_eq!(monday.next(Weekday::Monday)?, Date::new(2024, 1, 8)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn next(self, weekday: Weekday) -> Result<Date, Error> {
        let days = self.weekday().days_until(weekday) as i64;
        self.add_days(if days == 0 { 7 } else { days })
    }

    /// Returns the last such weekday before this date.
    ///
    /// # Errors
    /// Out of range in the calendar's first week.
    ///
    /// ```
    /// use instanter_civil::{Date, Weekday};
    /// let monday = Date::new(2024, 1, 8)?;
    /// assert_eq!(monday.previous(Weekday::Sunday)?, Date::new(2024, 1, 7)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn previous(self, weekday: Weekday) -> Result<Date, Error> {
        self.add_days(self.weekday().days_until(weekday) as i64 - 7)
    }
}

/// The months from one date to another that do not go past it, either way.
const fn months_not_past(from: Date, to: Date) -> i64 {
    let months = (to.year() - from.year()) * 12 + to.month() as i64 - from.month() as i64;
    // In the month that `to` is in, `from`'s day lies beyond `to`, or is cut to
    // the month's last day, which is not beyond it.
    let day = if from.day() > to.days_in_month() { to.days_in_month() } else { from.day() };
    if months > 0 && day > to.day() {
        months - 1
    } else if months < 0 && day < to.day() {
        months + 1
    } else {
        months
    }
}

impl DateTime {
    /// Returns the date and time so many seconds later, or earlier if negative.
    ///
    /// # Errors
    /// Out of range beyond the calendar's ends.
    ///
    /// ```
    /// use instanter_civil::DateTime;
    /// assert_eq!(DateTime::UNIX_EPOCH.add_seconds(-1)?.to_string(), "1969-12-31T23:59:59");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add_seconds(self, seconds: i64) -> Result<DateTime, Error> {
        DateTime::from_nanoseconds(self.to_nanoseconds() + seconds as i128 * NANOS as i128)
    }

    /// Returns the date and time so many nanoseconds later, or earlier if
    /// negative.
    ///
    /// # Errors
    /// Out of range beyond the calendar's ends.
    ///
    /// ```
    /// use instanter_civil::DateTime;
    /// assert_eq!(DateTime::UNIX_EPOCH.add_nanoseconds(5)?.time().nanosecond(), 5);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add_nanoseconds(self, nanoseconds: i128) -> Result<DateTime, Error> {
        match self.to_nanoseconds().checked_add(nanoseconds) {
            Some(sum) => DateTime::from_nanoseconds(sum),
            None => Err(Error::overflow("the date")),
        }
    }

    /// Adds years and months first, then everything else as a fixed length, with
    /// days of 24 hours.
    ///
    /// # Errors
    /// As [`Date::add_months`] says.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Difference, Overflow};
    /// let length = Difference { months: 1, hours: 25, ..Difference::ZERO };
    /// let there = DateTime::UNIX_EPOCH.add(length, Overflow::Reject)?;
    /// assert_eq!(there.to_string(), "1970-02-02T01:00:00");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn add(self, length: Difference, overflow: Overflow) -> Result<DateTime, Error> {
        let Some(months) = length.total_months() else {
            return Err(Error::overflow("the date"));
        };
        match self.date().add_months(months, overflow) {
            Ok(date) => self.with_date(date).add_nanoseconds(length.fixed_nanoseconds()),
            Err(error) => Err(error),
        }
    }

    /// Returns the nanoseconds from `earlier` to this, negative if that is later.
    ///
    /// ```
    /// use instanter_civil::DateTime;
    /// let later = DateTime::UNIX_EPOCH.add_seconds(2)?;
    /// assert_eq!(later.nanoseconds_since(DateTime::UNIX_EPOCH), 2_000_000_000);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[must_use]
    pub const fn nanoseconds_since(self, earlier: DateTime) -> i128 {
        self.to_nanoseconds() - earlier.to_nanoseconds()
    }

    /// Returns what lies between `earlier` and this, in `largest` and the smaller
    /// units: weeks only if they are the largest, milli- and microseconds as
    /// nanoseconds.
    ///
    /// Added to `earlier` with [`Overflow::Constrain`] it gives this.
    ///
    /// # Errors
    /// Out of range if `largest` is below the second and the nanoseconds do not
    /// fit into `i64`, that is beyond 292 years.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Difference, Unit};
    /// let (from, to) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH.add_seconds(90_061)?);
    /// let want = Difference { days: 1, hours: 1, minutes: 1, seconds: 1, ..Difference::ZERO };
    /// assert_eq!(to.since(from, Unit::Year)?, want);
    /// assert_eq!(to.since(from, Unit::Second)?.seconds, 90_061);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn since(self, earlier: DateTime, largest: Unit) -> Result<Difference, Error> {
        let a_day = NANOS_A_DAY as i128;
        if !matches!(largest, Unit::Year | Unit::Month | Unit::Week | Unit::Day) {
            return split_nanoseconds(Difference::ZERO, self.nanoseconds_since(earlier), largest);
        }
        // The dates' difference, and then the times': if those point the other
        // way, a day of the dates' is taken back.
        let days = self.date().days_since(earlier.date());
        let mut rest =
            self.time().nanosecond_of_day() as i128 - earlier.time().nanosecond_of_day() as i128;
        let mut date = self.date().to_unix_days();
        if days > 0 && rest < 0 {
            rest += a_day;
            date -= 1;
        } else if days < 0 && rest > 0 {
            rest -= a_day;
            date += 1;
        }
        let whole = Date::from_unix_days_in_range(date).since(earlier.date(), largest);
        split_nanoseconds(whole, rest, Unit::Hour)
    }
}

/// Adds nanoseconds to a difference, as `largest` and smaller units.
const fn split_nanoseconds(
    mut difference: Difference,
    nanoseconds: i128,
    largest: Unit,
) -> Result<Difference, Error> {
    let second = NANOS as i128;
    let mut rest = nanoseconds;
    if matches!(largest, Unit::Hour) {
        difference.hours = (rest / (3600 * second)) as i64;
        rest %= 3600 * second;
    }
    if matches!(largest, Unit::Hour | Unit::Minute) {
        difference.minutes = (rest / (60 * second)) as i64;
        rest %= 60 * second;
    }
    if matches!(largest, Unit::Hour | Unit::Minute | Unit::Second) {
        // Within the whole range, these are below 2^64 but not always 2^63.
        let seconds = rest / second;
        if seconds != seconds as i64 as i128 {
            return Err(Error::overflow("the difference in seconds"));
        }
        difference.seconds = seconds as i64;
        rest %= second;
    }
    if rest != rest as i64 as i128 {
        return Err(Error::overflow("the difference in nanoseconds"));
    }
    difference.nanoseconds = rest as i64;
    Ok(difference)
}

/// As [`TimeOfDay`] has no room for days, adding to it says how many it went past.
impl TimeOfDay {
    /// Returns the time so many nanoseconds later, on the clock's face, and how
    /// many midnights that passed; both may be negative.
    ///
    /// ```
    /// use instanter_civil::TimeOfDay;
    /// let (time, days) = TimeOfDay::MAX.add_nanoseconds(1);
    /// assert_eq!((time, days), (TimeOfDay::MIDNIGHT, 1));
    /// ```
    #[must_use]
    pub const fn add_nanoseconds(self, nanoseconds: i64) -> (TimeOfDay, i64) {
        let sum = self.nanosecond_of_day() as i128 + nanoseconds as i128;
        let rest = sum.rem_euclid(NANOS_A_DAY as i128) as u64;
        let time = TimeOfDay::from_second_in_range((rest / NANOS) as u32, (rest % NANOS) as u32);
        (time, sum.div_euclid(NANOS_A_DAY as i128) as i64)
    }
}
