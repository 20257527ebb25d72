//! ISO 8601: calendar, week and ordinal dates, with and without hyphens.
//!
//! | | extended | basic |
//! |---|---|---|
//! | calendar | `2024-02-29` | `20240229` |
//! | week | `2024-W09-4` | `2024W094` |
//! | ordinal | `2024-060` | `2024060` |
//! | time | `12:34:56.5`, `12:34`, `12` | `123456.5`, `1234`, `12` |
//! | offset | `Z`, `+01:00`, `+01` | `Z`, `+0100`, `+01` |
//!
//! Years outside 0000 to 9999 have a sign; in the extended form 6 to 12 digits of
//! year follow it, in the basic form, where the digits of the date follow at once,
//! always 6. `24:00:00` is the start of the next day. A comma or a point begins a
//! fraction, which may follow the hour or the minute as well; digits below the
//! nanosecond are dropped. Not read: dates cut short, as `2024-02`, which name a
//! month and no day.

use super::cursor::Cursor;
use super::rfc3339::{MAX_LENGTH, put_date, put_year};
use super::rfc3339_read::leap_second;
use super::{Text, digits};
use crate::gregorian::days_in_month;
use crate::time_of_day::{NANOS, NANOS_A_DAY};
use crate::{Date, DateTime, Error, Offset, TimeOfDay, Weekday, weeks_in_year};

/// A way of naming a day.
///
/// ```
/// use instanter_civil::{Date, text::iso8601::Form};
/// let date = Date::new(2024, 2, 29)?;
/// assert_eq!(Form::Calendar.text(date), "2024-02-29");
/// assert_eq!(Form::Week.text(date), "2024-W09-4");
/// assert_eq!(Form::Ordinal.text(date), "2024-060");
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Year, month and day.
    Calendar,
    /// Year, week and weekday; the year is that of the week.
    Week,
    /// Year and day of the year.
    Ordinal,
}

impl Form {
    /// Returns a date's text in this form, extended (with hyphens).
    ///
    /// ```
    /// use instanter_civil::{Date, text::iso8601::Form};
    /// assert_eq!(Form::Week.text(Date::new(2021, 1, 3)?), "2020-W53-7");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[must_use]
    pub fn text(self, date: Date) -> Text<MAX_LENGTH> {
        Text::with(|out| match self {
            Form::Calendar => put_date(out, date),
            Form::Week => {
                let week = date.iso_week();
                let at = put_year(out, week.year());
                out[at..at + 2].copy_from_slice(b"-W");
                out[at + 2..at + 4]
                    .copy_from_slice(&digits::two(u32::from(week.week())).to_le_bytes());
                out[at + 4] = b'-';
                out[at + 5] = b'0' + date.weekday().monday_one();
                at + 6
            }
            Form::Ordinal => {
                let at = put_year(out, date.year());
                let day = u32::from(date.day_of_year());
                out[at] = b'-';
                out[at + 1] = b'0' + (day / 100) as u8;
                out[at + 2..at + 4].copy_from_slice(&digits::two(day % 100).to_le_bytes());
                at + 4
            }
        })
    }

    /// Returns a date's text in this form, basic (without hyphens).
    ///
    /// # Errors
    /// Out of range if the year has more than six digits: the basic form has no mark between
    /// year and day.
    ///
    /// ```
    /// use instanter_civil::{Date, text::iso8601::Form};
    /// let date = Date::new(2024, 2, 29)?;
    /// assert_eq!(Form::Calendar.basic_text(date)?, "20240229");
    /// assert_eq!(Form::Week.basic_text(date)?, "2024W094");
    /// assert_eq!(Form::Ordinal.basic_text(date)?, "2024060");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn basic_text(self, date: Date) -> Result<Text<MAX_LENGTH>, Error> {
        if date.year().unsigned_abs() > 999_999 {
            return Err(Error::range("year of the basic form", date.year(), -999_999, 999_999));
        }
        let extended = self.text(date);
        Ok(Text::with(|out| {
            let mut length = 0;
            for (index, &byte) in extended.as_bytes().iter().enumerate() {
                // The first may be the year's sign.
                if byte != b'-' || index == 0 {
                    out[length] = byte;
                    length += 1;
                }
            }
            length
        }))
    }
}

/// Reads a date in any form.
///
/// # Errors
/// Malformed, at the byte where it is.
///
/// ```
/// use instanter_civil::{Date, text::iso8601};
/// for text in ["2024-02-29", "20240229", "2024-W09-4", "2024W094", "2024-060", "2024060"] {
///     assert_eq!(iso8601::parse_date(text)?, Date::new(2024, 2, 29)?);
/// }
/// assert_eq!(iso8601::parse_date("2024-W53-1").unwrap_err().offset(), Some(6));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn parse_date(text: &str) -> Result<Date, Error> {
    let mut cursor = Cursor::new(text.as_bytes());
    let (date, _) = read_date(&mut cursor)?;
    cursor.end()?;
    Ok(date)
}

/// Reads a date and a time, and an offset if there is one. Date, time and offset
/// are all of the extended form or all of the basic.
///
/// # Errors
/// Malformed, at the byte where it is.
///
/// ```
/// use instanter_civil::text::iso8601;
/// let (local, offset) = iso8601::parse("20240229T1234,5+01")?;
/// assert_eq!(local.to_string(), "2024-02-29T12:34:30");
/// assert_eq!(offset.unwrap().seconds(), 3600);
/// let (local, offset) = iso8601::parse("2024-W09-4T24:00:00")?;
/// assert_eq!((local.to_string(), offset), ("2024-03-01T00:00:00".into(), None));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn parse(text: &str) -> Result<(DateTime, Option<Offset>), Error> {
    let mut cursor = Cursor::new(text.as_bytes());
    let (date, extended) = read_date(&mut cursor)?;
    if cursor.take_any(b"Tt").is_none() {
        return Err(cursor.error("T before the time"));
    }
    let time_at = cursor.at;
    let clock = read_time(&mut cursor, extended)?;
    let offset = match cursor.peek() {
        None => None,
        Some(_) => Some(read_offset(&mut cursor, extended)?),
    };
    cursor.end()?;
    match clock {
        Clock::At(nanosecond) if nanosecond == NANOS_A_DAY => match date.add_days(1) {
            Ok(date) => Ok((DateTime::new(date, TimeOfDay::MIDNIGHT), offset)),
            Err(_) => Err(cursor.error_at(time_at, "a day after which there is another")),
        },
        Clock::At(nanosecond) => {
            let (second, rest) = ((nanosecond / NANOS) as u32, (nanosecond % NANOS) as u32);
            Ok((DateTime::new(date, TimeOfDay::from_second_in_range(second, rest)), offset))
        }
        Clock::Leap(hour, minute) => {
            match leap_second(date, hour, minute, 60, 0, offset.unwrap_or(Offset::UTC)) {
                Some(time) => Ok((DateTime::new(date, time), offset)),
                None => {
                    Err(cursor.error_at(time_at, "a leap second only where a month ends in UTC"))
                }
            }
        }
    }
}

/// Returns the date and whether it was in the extended form.
fn read_date(cursor: &mut Cursor<'_>) -> Result<(Date, bool), Error> {
    let signed = matches!(cursor.peek(), Some(b'+' | b'-'));
    let digits = if signed { 1 + Cursor { at: 1, ..*cursor }.count_digits(18) } else { 4 };
    // After a signed year a hyphen or a W says where it ends; in the basic form it has
    // six digits.
    let marked = matches!(cursor.bytes.get(digits), Some(b'-' | b'W'));
    let year = if signed && !(marked && cursor.bytes.get(digits) == Some(&b'-')) {
        let mut head = Cursor::new(&cursor.bytes[..cursor.bytes.len().min(7)]);
        let year = head.year().map_err(|error| {
            cursor.error_at(error.offset().unwrap_or(0), "a year of a sign and six digits")
        })?;
        cursor.at = head.at;
        year
    } else {
        cursor.year()?
    };
    let extended = cursor.take(b'-');
    if cursor.take(b'W') {
        let last = i64::from(weeks_in_year(year));
        let week = cursor.number(2, 1, last, "a week that the year has")?;
        if extended {
            cursor.expect(b'-', "a hyphen")?;
        }
        let day_at = cursor.at;
        let day = cursor.number(1, 1, 7, "a weekday, 1 to 7")?;
        let weekday = Weekday::from_monday_one(day as u8).unwrap_or(Weekday::Monday);
        return match Date::from_iso_week(year, week as u8, weekday) {
            Ok(date) => Ok((date, extended)),
            Err(_) => Err(cursor.error_at(day_at, "a day before the calendar's end")),
        };
    }
    if cursor.count_digits(4) == 3 {
        let last = 365 + i64::from(crate::is_leap_year(year));
        let day = cursor.number(3, 1, last, "a day that the year has")?;
        let first = Date::from_fields(year, 1, 1).to_unix_days();
        return Ok((Date::from_unix_days_in_range(first + day - 1), extended));
    }
    let month = cursor.number(2, 1, 12, "a month, 01 to 12")? as u8;
    if extended {
        cursor.expect(b'-', "a hyphen")?;
    }
    let last = i64::from(days_in_month(year, month));
    let day = cursor.number(2, 1, last, "a day that the month has")?;
    Ok((Date::from_fields(year, u32::from(month), day as u32), extended))
}

/// A time that was read.
enum Clock {
    /// Nanoseconds after midnight, up to and including the next.
    At(u64),
    /// Second 60 of an hour and minute.
    Leap(u8, u8),
}

fn read_time(cursor: &mut Cursor<'_>, extended: bool) -> Result<Clock, Error> {
    let hour_at = cursor.at;
    let hour = cursor.number(2, 0, 24, "an hour, 00 to 24")? as u64;
    let (mut minute, mut second) = (0, 0);
    // How long the last unit is that was given: a fraction is of that one.
    let mut unit = 3600;
    let more = |cursor: &mut Cursor<'_>| {
        if extended {
            cursor.take(b':')
        } else {
            cursor.peek().is_some_and(|byte| byte.is_ascii_digit())
        }
    };
    if more(cursor) {
        minute = cursor.number(2, 0, 59, "a minute, 00 to 59")? as u64;
        unit = 60;
        if more(cursor) {
            second = cursor.number(2, 0, 60, "a second, 00 to 60")? as u64;
            unit = 1;
        }
    }
    let fraction = match cursor.take_any(b".,") {
        Some(_) => scaled_fraction(cursor, unit)?,
        None => 0,
    };
    if second == 60 {
        return Ok(Clock::Leap(hour as u8, minute as u8));
    }
    let nanosecond = ((hour * 60 + minute) * 60 + second) * NANOS + fraction;
    if nanosecond > NANOS_A_DAY {
        return Err(cursor.error_at(hour_at, "a time up to 24:00:00"));
    }
    Ok(Clock::At(nanosecond))
}

/// Reads the digits of a fraction of `unit` seconds; returns nanoseconds. An hour
/// has 3.6 × 10^12 of them, so 13 digits matter; 15 are used.
fn scaled_fraction(cursor: &mut Cursor<'_>, unit: u64) -> Result<u64, Error> {
    let count = cursor.count_digits(15) as u32;
    let value = cursor.number(count.max(1), 0, i64::MAX, "a digit of the fraction")?;
    while cursor.digit().is_some() {}
    let nanos = i128::from(value) * i128::from(unit * NANOS) / 10i128.pow(count);
    Ok(nanos as u64)
}

fn read_offset(cursor: &mut Cursor<'_>, extended: bool) -> Result<Offset, Error> {
    if cursor.take_any(b"Zz").is_some() {
        return Ok(Offset::UTC);
    }
    let Some(sign) = cursor.take_any(b"+-") else {
        return Err(cursor.error("Z, an offset, or the end of the text"));
    };
    let hours = cursor.number(2, 0, 23, "an hour of the offset, 00 to 23")?;
    let mut minutes = 0;
    if extended && cursor.take(b':') || !extended && cursor.peek().is_some() {
        minutes = cursor.number(2, 0, 59, "a minute of the offset, 00 to 59")?;
    }
    let size = (hours * 3600 + minutes * 60) as i32;
    Ok(Offset::from_seconds_in_range(if sign == b'-' { -size } else { size }))
}
