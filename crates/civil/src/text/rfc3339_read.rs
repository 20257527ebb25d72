//! Reading RFC 3339: the usual form several bytes at a time, every other one, and what
//! is wrong, byte by byte.

use super::cursor::Cursor;
use super::digits;
use crate::gregorian::{days_from_usual, days_in_month};
use crate::{Date, DateTime, Error, Offset, TimeOfDay};

/// Reads a timestamp: the local date and time, and the offset.
///
/// # Errors
/// Malformed, at the byte where it is.
///
/// ```
/// use instanter_civil::text::rfc3339;
/// let (local, offset) = rfc3339::parse("1990-12-31T15:59:60-08:00")?;
/// assert_eq!(local.to_string(), "1990-12-31T15:59:59.999999999");
/// assert_eq!(offset.seconds(), -8 * 3600);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[inline]
pub fn parse(text: &str) -> Result<(DateTime, Offset), Error> {
    parse_bytes(text.as_bytes())
}

/// Reads a timestamp from bytes, as [`parse`] does. They need not be UTF-8; what
/// is not ASCII is an error at its byte.
///
/// # Errors
/// As those of [`parse`].
///
/// ```
/// use instanter_civil::text::rfc3339;
/// assert!(rfc3339::parse_bytes(b"1970-01-01T00:00:00Z").is_ok());
/// assert_eq!(rfc3339::parse_bytes(b"19\xFF0").unwrap_err().offset(), Some(2));
/// ```
#[inline]
pub fn parse_bytes(text: &[u8]) -> Result<(DateTime, Offset), Error> {
    match parse_usual(text) {
        Some(usual) => Ok(usual.local_and_offset()),
        None => parse_any(text),
    }
}

/// Reads a timestamp: the seconds since 1970-01-01 00:00:00 UTC, and the
/// nanoseconds.
///
/// # Errors
/// As those of [`parse`]; and out of range if the seconds do not fit into `i64`.
///
/// ```
/// use instanter_civil::text::rfc3339;
/// assert_eq!(rfc3339::parse_unix("2001-09-09T03:46:40.5+02:00")?, (1_000_000_000, 500_000_000));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[inline]
pub fn parse_unix(text: &str) -> Result<(i64, u32), Error> {
    match parse_usual(text.as_bytes()) {
        Some(usual) => Ok(usual.unix()),
        None => {
            let (local, offset) = parse_any(text.as_bytes())?;
            local.to_unix(offset)
        }
    }
}

/// The fields of a timestamp of the usual form, all within their ranges.
struct Usual {
    year: u32,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    offset: i32,
}

impl Usual {
    #[inline(always)]
    fn local_and_offset(&self) -> (DateTime, Offset) {
        let date = Date::from_fields(self.year.into(), self.month.into(), self.day.into());
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(u32::from);
        let time = TimeOfDay::from_fields(hour, minute, second, self.nanosecond);
        (DateTime::new(date, time), Offset::from_seconds_in_range(self.offset))
    }

    /// The moment, straight from the fields: small numbers all of them.
    #[inline(always)]
    fn unix(&self) -> (i64, u32) {
        let days = days_from_usual(self.year, self.month.into(), self.day.into());
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(u32::from);
        let of_day = ((hour * 60 + minute) * 60 + second) as i32 - self.offset;
        (i64::from(days) * 86_400 + i64::from(of_day), self.nanosecond)
    }
}

#[inline(always)]
fn word_at(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..)?.first_chunk::<8>()?))
}

/// The usual form, several bytes at a time: a year of four digits, `T`, any
/// fraction, `Z` or whole minutes. Nothing if it is any other, or wrong.
#[inline(always)]
fn parse_usual(text: &[u8]) -> Option<Usual> {
    let (head, tail) = text.split_first_chunk::<19>()?;
    let pairs = digits::join_pairs(digits::strip_frame(word_at(head, 0)?, b"0000-00-")?);
    let byte = |word: u64, index: u32| (word >> (8 * index)) as u8;
    let year = u32::from(byte(pairs, 0)) * 100 + u32::from(byte(pairs, 2));
    let month = byte(pairs, 5);
    let pairs = digits::join_pairs(digits::strip_frame(word_at(head, 8)?, b"00T00:00")?);
    let (day, hour, minute) = (byte(pairs, 0), byte(pairs, 3), byte(pairs, 6));
    // Overlaps the minute, and so is a word of its own.
    let pairs = digits::join_pairs(digits::strip_frame(word_at(head, 11)?, b"00:00:00")?);
    let second = byte(pairs, 6);

    let valid = (month.wrapping_sub(1) < 12)
        & (day.wrapping_sub(1) < 28 || (29..=days_in_month(year.into(), month)).contains(&day))
        & (hour < 24)
        & (minute < 60)
        & (second < 60);
    if !valid {
        return None;
    }
    let (nanosecond, tail) = match tail {
        [b'.', fraction @ ..] => fraction_usual(fraction)?,
        _ => (0, tail),
    };
    let offset = match tail {
        [b'Z'] => 0,
        &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let frame = u64::from_le_bytes([b'0', b'0', b'0', b'0', h1, h2, m1, m2]);
            let pairs = digits::join_pairs(digits::strip_frame(frame, b"00000000")?);
            let (hours, minutes) = (i32::from(byte(pairs, 4)), i32::from(byte(pairs, 6)));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let size = hours * 3600 + minutes * 60;
            if sign == b'-' { -size } else { size }
        }
        _ => return None,
    };
    Some(Usual { year, month, day, hour, minute, second, nanosecond, offset })
}

/// The digits after the point, at least one and at most nine.
#[inline(always)]
fn fraction_usual(text: &[u8]) -> Option<(u32, &[u8])> {
    // Nine digits, and something after them.
    if let Some((&[ref eight @ .., ninth], tail)) = text.split_first_chunk::<9>()
        && let Some(values) = digits::strip_frame(u64::from_le_bytes(*eight), b"00000000")
        && ninth.is_ascii_digit()
    {
        return Some((digits::join_eight(values) * 10 + u32::from(ninth - b'0'), tail));
    }
    // Up to eight, and enough after them to load a word.
    if let Some(eight) = text.first_chunk::<8>() {
        let (count, value) = digits::join_first(u64::from_le_bytes(*eight));
        if count > 0 {
            return Some((value * POWERS[9 - count], &text[count..]));
        }
    }
    let mut cursor = Cursor::new(text);
    let nanosecond = cursor.fraction().ok()?;
    Some((nanosecond, cursor.rest()))
}

/// Powers of ten.
const POWERS: [u32; 10] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Every form, byte by byte, with errors.
#[cold]
fn parse_any(text: &[u8]) -> Result<(DateTime, Offset), Error> {
    let mut cursor = Cursor::new(text);
    let (local, offset) = read(&mut cursor)?;
    cursor.end()?;
    Ok((local, offset.0))
}

/// Whether an offset was given as a number, or as `Z` or `-00:00`, which say
/// that the local time is unknown.
pub(crate) type Numeric = bool;

/// A date and time as they were written, in which the second may be 60.
pub(crate) struct Shown {
    pub(crate) date: Date,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) nanosecond: u32,
    /// The byte of the second.
    pub(crate) second_at: usize,
}

/// Reads what comes before the offset, and leaves the cursor after it.
pub(crate) fn read_shown(cursor: &mut Cursor<'_>) -> Result<Shown, Error> {
    let year = cursor.year()?;
    cursor.expect(b'-', "a hyphen")?;
    let month = cursor.number(2, 1, 12, "a month, 01 to 12")? as u8;
    cursor.expect(b'-', "a hyphen")?;
    let last = i64::from(days_in_month(year, month));
    let day = cursor.number(2, 1, last, "a day that the month has")?;
    if cursor.take_any(b"Tt _").is_none() {
        return Err(cursor.error("T, or a space, before the time"));
    }
    let hour = cursor.number(2, 0, 23, "an hour, 00 to 23")? as u8;
    cursor.expect(b':', "a colon")?;
    let minute = cursor.number(2, 0, 59, "a minute, 00 to 59")? as u8;
    cursor.expect(b':', "a colon")?;
    let second_at = cursor.at;
    let second = cursor.number(2, 0, 60, "a second, 00 to 59, or 60 at a leap second")? as u8;
    let nanosecond = if cursor.take(b'.') { cursor.fraction()? } else { 0 };
    let date = Date::from_fields(year, u32::from(month), day as u32);
    Ok(Shown { date, hour, minute, second, nanosecond, second_at })
}

/// Reads a timestamp and leaves the cursor after it.
pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<(DateTime, (Offset, Numeric)), Error> {
    let Shown { date, hour, minute, second, nanosecond, second_at } = read_shown(cursor)?;
    let minus = cursor.peek() == Some(b'-');
    let (offset, numeric) = match cursor.take_any(b"Zz") {
        Some(_) => (Offset::UTC, false),
        None => {
            let offset = cursor.offset_with_colons()?;
            (offset, !(minus && offset == Offset::UTC))
        }
    };
    let Some(time) = leap_second(date, hour, minute, second, nanosecond, offset) else {
        return Err(cursor.error_at(second_at, LEAP_SECOND));
    };
    Ok((DateTime::new(date, time), (offset, numeric)))
}

/// What is expected where the second is 60.
pub(crate) const LEAP_SECOND: &str = "a leap second only where a month ends in UTC";

/// The time of day for fields of which the second may be 60; see the module's
/// text. Nothing where no leap second can be.
pub(crate) fn leap_second(
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    offset: Offset,
) -> Option<TimeOfDay> {
    let [hour, minute, second] = [hour, minute, second].map(u32::from);
    if second < 60 {
        return Some(TimeOfDay::from_fields(hour, minute, second, nanosecond));
    }
    let time = TimeOfDay::from_fields(hour, minute, 59, 999_999_999);
    let utc = DateTime::new(date, time).add_seconds(-i64::from(offset.seconds())).ok()?;
    let ends_month = utc.date() == utc.date().last_of_month();
    (ends_month && utc.time() == TimeOfDay::MAX).then_some(time)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    /// The fast way must give nothing, or what the thorough way gives: on good
    /// texts, and on those with one or two bytes changed.
    #[test]
    fn the_fast_way_agrees_with_the_thorough_one() {
        let texts = [
            "2024-02-29T12:34:56.123456789Z",
            "1900-02-28T23:59:59.5+01:30",
            "2100-12-31T00:00:00-23:59",
            "0000-01-01T00:00:00.12345678Z",
            "2000-02-29T00:00:00.123+09:30",
            "2000-02-29T00:00:00.123456-09:30",
            "9999-11-30T19:09:49.123456789-05:00",
        ];
        for text in texts {
            assert!(parse_usual(text.as_bytes()).is_some(), "{text} is usual");
            for place in 0..text.len() {
                for byte in 0..=255 {
                    let mut changed = [0; 40];
                    let changed = &mut changed[..text.len()];
                    changed.copy_from_slice(text.as_bytes());
                    changed[place] = byte;
                    let thorough = parse_any(changed);
                    if let Some(fast) = parse_usual(changed) {
                        let unix = thorough.and_then(|(local, offset)| local.to_unix(offset));
                        assert_eq!(Ok(fast.unix()), unix);
                        assert_eq!(Ok(fast.local_and_offset()), thorough);
                    }
                    for byte in [b'0', b'9', b'3'] {
                        changed[(place + 1) % text.len()] = byte;
                        if let Some(fast) = parse_usual(changed) {
                            assert_eq!(Ok(fast.local_and_offset()), parse_any(changed));
                        }
                    }
                }
            }
        }
    }
}
