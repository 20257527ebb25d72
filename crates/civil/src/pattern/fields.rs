//! What a pattern has found in a text, and the date and time that come of it.

use crate::text::rfc3339_read::leap_second;
use crate::{Date, DateTime, Error, Offset, TimeOfDay, Weekday};

/// The fields that were found in a text.
///
/// A field is `None` if the pattern does not have it. What may be said in two ways is
/// checked: a date and its weekday, an hour of 24 and one of 12 with `PM`, and so
/// on; if they do not agree, asking for the [`date`](Fields::date) or
/// [`time`](Fields::time) is an error.
///
/// ```
/// use instanter_civil::{Offset, Pattern};
/// let pattern = Pattern::strftime("%A, %d %b %y, %I:%M %p %z")?;
/// let fields = pattern.parse("Thursday, 29 Feb 24, 01:05 PM +0530")?;
/// assert_eq!((fields.month, fields.second), (Some(2), None));
/// assert_eq!(fields.date_time()?.to_string(), "2024-02-29T13:05:00");
/// assert_eq!(fields.offset, Some(Offset::from_seconds(19_800)?));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fields<'a> {
    /// The year.
    pub year: Option<i64>,
    /// The year without its last two digits.
    pub century: Option<i64>,
    /// The last two digits of the year. Without a century 69 to 99 are of the
    /// 20th century and 00 to 68 of the 21st, as POSIX and Go have it.
    pub year_of_century: Option<u8>,
    /// The year of ISO 8601's week.
    pub iso_year: Option<i64>,
    /// The last two digits of that year.
    pub iso_year_of_century: Option<u8>,
    /// The week of ISO 8601, 1 to 53.
    pub iso_week: Option<u8>,
    /// The week of the year, 0 to 53; week 1 begins on the first Sunday.
    pub week_from_sunday: Option<u8>,
    /// The week of the year, 0 to 53; week 1 begins on the first Monday.
    pub week_from_monday: Option<u8>,
    /// The quarter, 1 to 4.
    pub quarter: Option<u8>,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day of the month, 1 to 31.
    pub day: Option<u8>,
    /// The day of the year, 1 to 366.
    pub day_of_year: Option<u16>,
    /// The day of the week.
    pub weekday: Option<Weekday>,
    /// The hour, 0 to 23.
    pub hour: Option<u8>,
    /// The hour of a twelve-hour clock, 1 to 12.
    pub hour_12: Option<u8>,
    /// Whether it is after noon.
    pub afternoon: Option<bool>,
    /// The minute, 0 to 59.
    pub minute: Option<u8>,
    /// The second, 0 to 60.
    pub second: Option<u8>,
    /// The fraction of the second, in nanoseconds.
    pub nanosecond: Option<u32>,
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix_seconds: Option<i64>,
    /// The offset.
    pub offset: Option<Offset>,
    /// The abbreviation of the time zone, a part of the text. What offset it
    /// stands for is for a zone crate to say.
    pub zone: Option<&'a str>,
}

/// Fails if a field was found and is not what the others make of it.
fn agrees<T: PartialEq>(found: Option<T>, made: T, what: &'static str) -> Result<(), Error> {
    match found {
        Some(found) if found != made => Err(Error::conflict(what)),
        _ => Ok(()),
    }
}

impl Fields<'_> {
    /// Returns the date, from the first of these that is there: a year with month
    /// and day, with a day of the year, with a week and a weekday (ISO 8601's, or counted
    /// from the first Sunday or Monday), or Unix seconds with the offset (UTC if there is
    /// none).
    ///
    /// # Errors
    /// Missing if the fields are too few; out of range if there is no such date;
    /// conflict if some field says otherwise.
    ///
    /// ```
    /// use instanter_civil::{Date, Pattern};
    /// let fields = Pattern::strftime("%G-W%V-%u")?.parse("2024-W09-4")?;
    /// assert_eq!(fields.date()?, Date::new(2024, 2, 29)?);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn date(&self) -> Result<Date, Error> {
        let date = self.date_unchecked()?;
        agrees(self.year, date.year(), "the year")?;
        agrees(self.century, date.year().div_euclid(100), "the century")?;
        let two_digits = |year: i64| year.rem_euclid(100) as u8;
        agrees(self.year_of_century, two_digits(date.year()), "the year of the century")?;
        agrees(self.quarter, date.quarter(), "the quarter")?;
        agrees(self.month, date.month(), "the month")?;
        agrees(self.day, date.day(), "the day")?;
        agrees(self.day_of_year, date.day_of_year(), "the day of the year")?;
        agrees(self.weekday, date.weekday(), "the weekday")?;
        let week = date.iso_week();
        agrees(self.iso_year, week.year(), "the year of the week")?;
        agrees(self.iso_year_of_century, two_digits(week.year()), "the year of the week")?;
        agrees(self.iso_week, week.week(), "the week")?;
        let day = date.day_of_year();
        let from_sunday = (day + 6 - u16::from(date.weekday().sunday_zero())) / 7;
        agrees(self.week_from_sunday, from_sunday as u8, "the week from Sunday")?;
        let from_monday = (day + 7 - u16::from(date.weekday().monday_one())) / 7;
        agrees(self.week_from_monday, from_monday as u8, "the week from Monday")?;
        if let Some(seconds) = self.unix_seconds {
            let local = DateTime::from_unix(seconds, 0, self.offset.unwrap_or_default());
            agrees(Some(local.date()), date, "the Unix seconds")?;
        }
        Ok(date)
    }

    fn date_unchecked(&self) -> Result<Date, Error> {
        if let Some(year) = whole_year(self.year, self.century, self.year_of_century) {
            if let (Some(month), Some(day)) = (self.month, self.day) {
                return Date::new(year, month, day);
            }
            if let Some(day) = self.day_of_year {
                return Date::from_day_of_year(year, day);
            }
            if let Some(weekday) = self.weekday {
                let (week, first) = match (self.week_from_sunday, self.week_from_monday) {
                    (Some(week), _) => (week, Weekday::Sunday),
                    (_, Some(week)) => (week, Weekday::Monday),
                    _ => (255, weekday),
                };
                if week != 255 {
                    return date_of_week(year, week, first, weekday);
                }
            }
        }
        let iso_year = whole_year(self.iso_year, None, self.iso_year_of_century);
        if let (Some(year), Some(week), Some(weekday)) = (iso_year, self.iso_week, self.weekday) {
            return Date::from_iso_week(year, week, weekday);
        }
        match self.unix_seconds {
            Some(seconds) => {
                Ok(DateTime::from_unix(seconds, 0, self.offset.unwrap_or_default()).date())
            }
            None => Err(Error::missing("the date")),
        }
    }

    /// Returns the time of day: the hour, and minute, second and fraction where
    /// they are there; or that of the Unix seconds.
    ///
    /// Second 60 becomes 59.999999999, as in [`rfc3339`](crate::text::rfc3339); whether
    /// a leap second can be there is checked by [`date_time`](Fields::date_time).
    ///
    /// # Errors
    /// Missing if there is no hour, or only one of 12 without `AM` or `PM`;
    /// conflict if some field says otherwise.
    ///
    /// ```
    /// use instanter_civil::Pattern;
    /// let fields = Pattern::strftime("%l%p")?.parse(" 8PM")?;
    /// assert_eq!(fields.time()?.to_string(), "20:00:00");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn time(&self) -> Result<TimeOfDay, Error> {
        let of_half = |hour: u8, afternoon| hour % 12 + if afternoon { 12 } else { 0 };
        let unix = self.unix_seconds.map(|seconds| {
            let offset = self.offset.unwrap_or_default();
            DateTime::from_unix(seconds, self.nanosecond.unwrap_or(0), offset).time()
        });
        let hour = match (self.hour, self.hour_12, self.afternoon, unix) {
            (Some(hour), ..) => hour,
            (None, Some(hour), Some(afternoon), _) => of_half(hour, afternoon),
            (.., Some(time)) => time.hour(),
            _ => return Err(Error::missing("the time")),
        };
        let (minute, second) = match unix {
            Some(time) => (time.minute(), time.second()),
            None => (self.minute.unwrap_or(0), self.second.unwrap_or(0)),
        };
        let nanosecond = self.nanosecond.unwrap_or(0);
        let time = match second {
            60 => TimeOfDay::new(hour, minute, 59, 999_999_999),
            _ => TimeOfDay::new(hour, minute, second, nanosecond),
        }?;
        agrees(self.hour_12, time.hour_12().0, "the hour of twelve")?;
        agrees(self.afternoon, time.hour_12().1, "the half of the day")?;
        agrees(self.minute, minute, "the minute")?;
        agrees(self.second, second, "the second")?;
        agrees(unix, time, "the Unix seconds")?;
        Ok(time)
    }

    /// Returns the date and the time of day.
    ///
    /// # Errors
    /// Those of [`date`](Fields::date) and [`time`](Fields::time), and conflict for
    /// second 60 where a month does not end in UTC (or by local time if there is no
    /// offset).
    ///
    /// ```
    /// use instanter_civil::Pattern;
    /// let fields = Pattern::go("2006-01-02 15:04")?.parse("2024-02-29 12:30")?;
    /// assert_eq!(fields.date_time()?.to_string(), "2024-02-29T12:30:00");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn date_time(&self) -> Result<DateTime, Error> {
        let (date, time) = (self.date()?, self.time()?);
        if self.second == Some(60) {
            let offset = self.offset.unwrap_or_default();
            if leap_second(date, time.hour(), time.minute(), 60, 0, offset).is_none() {
                return Err(Error::conflict("a leap second only where a month ends in UTC"));
            }
        }
        Ok(DateTime::new(date, time))
    }
}

/// The year from what is there of it.
fn whole_year(year: Option<i64>, century: Option<i64>, last_two: Option<u8>) -> Option<i64> {
    match (year, century, last_two) {
        (Some(year), ..) => Some(year),
        (None, Some(century), last_two) => {
            century.checked_mul(100)?.checked_add(i64::from(last_two.unwrap_or(0)))
        }
        (None, None, Some(last_two)) => {
            Some(i64::from(last_two) + if last_two >= 69 { 1900 } else { 2000 })
        }
        _ => None,
    }
}

/// The weekday of a week of which week 1 begins on the year's first `first`.
fn date_of_week(year: i64, week: u8, first: Weekday, weekday: Weekday) -> Result<Date, Error> {
    let start = Date::nth_weekday(year, 1, 1, first)?;
    let days = (i64::from(week) - 1) * 7 + i64::from(first.days_until(weekday));
    start.add_days(days)
}
