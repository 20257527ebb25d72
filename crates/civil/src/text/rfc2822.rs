//! RFC 2822 (now RFC 5322), the date of mail: `Thu, 29 Feb 2024 12:34:56 +0100`.
//!
//! Read with all that section 4.3 asks readers to bear: comments and folded
//! lines between any two parts, a missing weekday or seconds, years of two and three
//! digits, names of American zones, and `GMT`. A name or letter that says nothing
//! certain is read as `-0000`, that is UTC.
//!
//! Leap seconds are read as in [`rfc3339`](super::rfc3339).

use core::fmt;

use super::cursor::Cursor;
use super::digits::two;
use super::rfc3339_read::leap_second;
use super::{Text, copy_to};
use crate::gregorian::days_in_month;
use crate::{Date, DateTime, Error, Offset, Weekday};

/// Bytes of every text that is written.
pub const LENGTH: usize = 31;

/// The first three letters of the months.
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Returns the text of a local date and time and its offset.
///
/// # Errors
/// Out of range if the year is not within 0 to 9999, or the offset is not in
/// whole minutes or reaches 100 hours: the format has no room for them.
///
/// ```
/// use instanter_civil::{DateTime, Offset, text::rfc2822};
/// let offset = Offset::from_seconds(-9_000)?;
/// let local = DateTime::from_unix(1_709_210_096, 0, offset);
/// assert_eq!(rfc2822::text(local, offset)?, "Thu, 29 Feb 2024 10:04:56 -0230");
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn text(local: DateTime, offset: Offset) -> Result<Text<LENGTH>, Error> {
    let (date, time) = (local.date(), local.time());
    if !(0..=9999).contains(&date.year()) {
        return Err(Error::range("year of RFC 2822", date.year(), 0, 9999));
    }
    let (hours, minutes, seconds) = offset.abs_hms();
    if seconds != 0 || hours > 99 {
        return Err(Error::overflow("an offset not in minutes, or of 100 hours,"));
    }
    let year = date.year() as u32;
    Ok(Text::with(|out| {
        *out = *b"Mon, 01 Jan 1970 00:00:00 +0000";
        let mut put = |at: usize, number: u32| {
            out[at..at + 2].copy_from_slice(&two(number).to_le_bytes());
        };
        put(5, u32::from(date.day()));
        put(12, year / 100);
        put(14, year % 100);
        put(17, u32::from(time.hour()));
        put(20, u32::from(time.minute()));
        put(23, u32::from(time.second()));
        put(27, u32::from(hours));
        put(29, u32::from(minutes));
        out[..3].copy_from_slice(date.weekday().short_name().as_bytes());
        out[8..11].copy_from_slice(MONTHS[usize::from(date.month() - 1)].as_bytes());
        if offset.seconds() < 0 {
            out[26] = b'-';
        }
        LENGTH
    }))
}

/// Writes the text to the front of a buffer, and returns how many bytes it has,
/// [`LENGTH`].
///
/// # Errors
/// As those of [`text`], and no room.
///
/// ```
/// use instanter_civil::{DateTime, Offset, text::rfc2822};
/// let mut buffer = [0; rfc2822::LENGTH];
/// rfc2822::write(&mut buffer, DateTime::UNIX_EPOCH, Offset::UTC)?;
/// assert_eq!(&buffer, b"Thu, 01 Jan 1970 00:00:00 +0000");
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn write(buffer: &mut [u8], local: DateTime, offset: Offset) -> Result<usize, Error> {
    copy_to(buffer, text(local, offset)?.as_bytes())
}

/// Writes the text to a formatter or a string.
///
/// # Errors
/// As those of [`text`]; and no room if the writer fails.
///
/// ```
/// use instanter_civil::{DateTime, Offset, text::rfc2822};
/// let mut string = String::new();
/// rfc2822::write_to(&mut string, DateTime::UNIX_EPOCH, Offset::UTC)?;
/// assert_eq!(string, "Thu, 01 Jan 1970 00:00:00 +0000");
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn write_to(
    writer: &mut (impl fmt::Write + ?Sized),
    local: DateTime,
    offset: Offset,
) -> Result<(), Error> {
    writer.write_str(text(local, offset)?.as_str()).map_err(|_| Error::room("the writer failed"))
}

/// Reads a date of mail: the local date and time, and the offset.
///
/// # Errors
/// Malformed, at the byte where it is; also if the weekday is not that of the
/// date.
///
/// ```
/// use instanter_civil::text::rfc2822;
/// let (local, offset) = rfc2822::parse("Thu, 29 Feb 2024 12:34:56 +0100 (CET)")?;
/// assert_eq!((local.to_string(), offset.seconds()), ("2024-02-29T12:34:56".into(), 3600));
/// let (local, _) = rfc2822::parse("1 Jan 70 0:00 GMT").unwrap_or_default();
/// assert_eq!(local.to_string(), "1970-01-01T00:00:00");
/// assert_eq!(rfc2822::parse("Fri, 29 Feb 2024 12:34:56 +0100").unwrap_err().offset(), Some(0));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn parse(text: &str) -> Result<(DateTime, Offset), Error> {
    let mut cursor = Cursor::new(text.as_bytes());
    skip_space(&mut cursor)?;
    let weekday_at = cursor.at;
    let weekday = read_weekday(&mut cursor)?;
    skip_space(&mut cursor)?;
    let day_at = cursor.at;
    let day = cursor.number_up_to(2, 1, 31, "a day, 1 to 31")?;
    need_space(&mut cursor)?;
    let month = read_name(&mut cursor, &MONTHS, "a month's name, as Jan")? as u8 + 1;
    need_space(&mut cursor)?;
    let digits = cursor.count_digits(5);
    let year = cursor.number(digits.clamp(2, 4) as u32, 0, 9999, "a year of 2 to 4 digits")?;
    let year = match digits {
        2 if year < 50 => 2000 + year,
        2 | 3 => 1900 + year,
        _ => year,
    };
    need_space(&mut cursor)?;
    if day > i64::from(days_in_month(year, month)) {
        return Err(cursor.error_at(day_at, "a day that the month has"));
    }
    let date = Date::from_fields(year, u32::from(month), day as u32);
    if weekday.is_some_and(|weekday| weekday != date.weekday()) {
        return Err(cursor.error_at(weekday_at, "the weekday that the date has"));
    }
    let hour = cursor.number_up_to(2, 0, 23, "an hour, 00 to 23")? as u8;
    skip_space(&mut cursor)?;
    cursor.expect(b':', "a colon")?;
    skip_space(&mut cursor)?;
    let minute = cursor.number(2, 0, 59, "a minute, 00 to 59")? as u8;
    let mut gap = skip_space(&mut cursor)?;
    let mut second = 0;
    let mut second_at = cursor.at;
    if cursor.take(b':') {
        skip_space(&mut cursor)?;
        second_at = cursor.at;
        second = cursor.number(2, 0, 60, "a second, 00 to 60")? as u8;
        gap = skip_space(&mut cursor)?;
    }
    if !gap {
        return Err(cursor.error("a space before the zone"));
    }
    let offset = read_offset(&mut cursor)?;
    skip_space(&mut cursor)?;
    cursor.end()?;
    let Some(time) = leap_second(date, hour, minute, second, 0, offset) else {
        return Err(cursor.error_at(second_at, "a leap second only where a month ends in UTC"));
    };
    Ok((DateTime::new(date, time), offset))
}

/// Steps over spaces, line ends and comments, which may contain each other.
/// Returns whether there were any.
fn skip_space(cursor: &mut Cursor<'_>) -> Result<bool, Error> {
    let start = cursor.at;
    let mut depth = 0u32;
    let mut opened = start;
    while let Some(byte) = cursor.peek() {
        match byte {
            b'(' => {
                if depth == 0 {
                    opened = cursor.at;
                }
                depth += 1;
            }
            b')' if depth > 0 => depth -= 1,
            // A quoted byte; the last one of the text quotes nothing.
            b'\\' if depth > 0 => cursor.at += usize::from(cursor.at + 1 < cursor.bytes.len()),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if depth == 0 => break,
            _ => {}
        }
        cursor.at += 1;
    }
    if depth > 0 {
        return Err(cursor.error_at(opened, "a comment that ends"));
    }
    Ok(cursor.at > start)
}

fn need_space(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    if skip_space(cursor)? { Ok(()) } else { Err(cursor.error("a space")) }
}

/// `Mon,`, or nothing.
fn read_weekday(cursor: &mut Cursor<'_>) -> Result<Option<Weekday>, Error> {
    if !cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
        return Ok(None);
    }
    let names = Weekday::ALL.map(Weekday::short_name);
    let index = read_name(cursor, &names, "a weekday's name, as Mon")?;
    skip_space(cursor)?;
    cursor.expect(b',', "a comma after the weekday")?;
    Ok(Some(Weekday::ALL[index]))
}

/// Reads one of some names of three letters, small or capital.
fn read_name(cursor: &mut Cursor<'_>, names: &[&str], what: &'static str) -> Result<usize, Error> {
    let found = cursor
        .rest()
        .first_chunk::<3>()
        .and_then(|text| names.iter().position(|name| name.as_bytes().eq_ignore_ascii_case(text)));
    match found {
        Some(index) => {
            cursor.at += 3;
            Ok(index)
        }
        None => Err(cursor.error(what)),
    }
}

/// `±hhmm`, or a name.
fn read_offset(cursor: &mut Cursor<'_>) -> Result<Offset, Error> {
    let what = "an offset as +hhmm, or a zone's name";
    if let Some(sign) = cursor.take_any(b"+-") {
        let hours = cursor.number(2, 0, 99, "two digits of the offset's hours")?;
        let minutes = cursor.number(2, 0, 59, "a minute of the offset, 00 to 59")?;
        let size = (hours * 3600 + minutes * 60) as i32;
        return Ok(Offset::from_seconds_in_range(if sign == b'-' { -size } else { size }));
    }
    let start = cursor.at;
    while cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
        cursor.at += 1;
    }
    let name = cursor.piece(start, cursor.at);
    let hours = match name.len() {
        0 => return Err(cursor.error(what)),
        // RFC 822 had the signs of the military letters the wrong way round, so that
        // they say nothing now. There is no J.
        1 if !name.eq_ignore_ascii_case("j") => 0,
        1 => return Err(cursor.error_at(start, what)),
        _ => {
            let table = [
                ("EDT", -4),
                ("EST", -5),
                ("CDT", -5),
                ("CST", -6),
                ("MDT", -6),
                ("MST", -7),
                ("PDT", -7),
                ("PST", -8),
            ];
            let known = table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            known.map_or(0, |(_, hours)| *hours)
        }
    };
    Ok(Offset::from_seconds_in_range(hours * 3600))
}
