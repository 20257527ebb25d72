//! RFC 3339, the timestamp of the internet: `2024-02-29T12:34:56.789Z`.
//!
//! # Beyond the standard
//!
//! So that every moment can be written and read back, three things that RFC 3339
//! does not have: years outside 0000 to 9999 get a sign and at least six digits
//! (ISO 8601's expanded form); an offset that is not in whole minutes gets `:ss`;
//! and an offset of 100 hours or more, which exists in no zone, three digits of
//! hours. All but the last are read, too.
//!
//! # Leap seconds
//!
//! `23:59:60` is read where a leap second can be: in the last minute, UTC, of a
//! month. Elsewhere it is an error. It becomes 23:59:59.999999999, whatever its
//! fraction: this keeps the date that was written, and order with every other
//! time, which the next second would not.
//!
//! Also read: a small `t` or `z`, a space or underscore for the `T` (as RFC 3339
//! section 5.6 suggests), and more than nine digits of a fraction, of which the
//! rest is dropped. An offset of `-00:00`, "unknown", is read as UTC; whoever
//! must tell it from `Z` uses [`rfc9557`](super::rfc9557).

use core::fmt;

use super::{Text, copy_to, digits};
use crate::date_time::{Fields, usual_fields};
use crate::{Date, DateTime, Error, Offset};

pub use super::rfc3339_read::{parse, parse_bytes, parse_unix};

/// Bytes of the longest text, of a year of 12 digits with every extension.
pub const MAX_LENGTH: usize = 48;

/// How to write RFC 3339.
///
/// ```
/// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
/// let berlin = Offset::from_seconds(3600)?;
/// let time = DateTime::from_unix(1_700_000_000, 120_000_000, berlin);
/// assert_eq!(Rfc3339::new().text(time, berlin), "2023-11-14T23:13:20.12+01:00");
/// assert_eq!(Rfc3339::new().digits(0).text(time, berlin), "2023-11-14T23:13:20+01:00");
/// assert_eq!(Rfc3339::new().digits(9).text(time, berlin), "2023-11-14T23:13:20.120000000+01:00");
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rfc3339 {
    /// Of the fraction; `AS_NEEDED` for as many as there are.
    digits: u8,
    separator: u8,
    zulu: bool,
}

/// Without trailing zeros.
const AS_NEEDED: u8 = 255;

impl Rfc3339 {
    /// As many digits as needed, `T`, and `Z` for UTC.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text, "1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub const fn new() -> Rfc3339 {
        Rfc3339 { digits: AS_NEEDED, separator: b'T', zulu: true }
    }

    /// Writes exactly so many digits of the fraction, 0 to 9 (more are taken as
    /// 9), cutting off the others.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().digits(3).text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text, "1970-01-01T00:00:00.000Z");
    /// ```
    #[must_use]
    pub const fn digits(self, digits: u8) -> Rfc3339 {
        Rfc3339 { digits: if digits > 9 { 9 } else { digits }, ..self }
    }

    /// Writes a space in place of the `T`.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().space().text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text, "1970-01-01 00:00:00Z");
    /// ```
    #[must_use]
    pub const fn space(self) -> Rfc3339 {
        Rfc3339 { separator: b' ', ..self }
    }

    /// Writes `+00:00` in place of `Z`.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().numeric_utc().text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text, "1970-01-01T00:00:00+00:00");
    /// ```
    #[must_use]
    pub const fn numeric_utc(self) -> Rfc3339 {
        Rfc3339 { zulu: false, ..self }
    }

    /// Returns the text of a local date and time and its offset.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text.as_str(), "1970-01-01T00:00:00Z");
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn text(&self, local: DateTime, offset: Offset) -> Text<MAX_LENGTH> {
        Text::with(|bytes| self.put(bytes, local, offset))
    }

    /// Writes the text to the front of a buffer, and returns how many bytes it
    /// has. Fastest if the buffer has [`MAX_LENGTH`] bytes; what comes after the
    /// text may then be overwritten, too.
    ///
    /// # Errors
    /// No room, and then nothing is written.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::{MAX_LENGTH, Rfc3339}};
    /// let mut buffer = [0; MAX_LENGTH];
    /// let length = Rfc3339::new().write(&mut buffer, DateTime::UNIX_EPOCH, Offset::UTC)?;
    /// assert_eq!(&buffer[..length], b"1970-01-01T00:00:00Z");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[inline(always)]
    pub fn write(
        &self,
        buffer: &mut [u8],
        local: DateTime,
        offset: Offset,
    ) -> Result<usize, Error> {
        match buffer.first_chunk_mut::<MAX_LENGTH>() {
            Some(bytes) => Ok(self.put(bytes, local, offset)),
            None => copy_to(buffer, self.text(local, offset).as_bytes()),
        }
    }

    /// Returns the text of a moment, given in seconds since 1970-01-01 00:00:00 UTC and
    /// nanoseconds, as a calendar and a clock at `offset` show it.
    ///
    /// ```
    /// use instanter_civil::{Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().text_unix(1_700_000_000, 500_000_000, Offset::UTC);
    /// assert_eq!(text, "2023-11-14T22:13:20.5Z");
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn text_unix(&self, seconds: i64, nanoseconds: u32, offset: Offset) -> Text<MAX_LENGTH> {
        Text::with(|bytes| self.put_unix(bytes, seconds, nanoseconds, offset))
    }

    /// Writes the text of a moment to the front of a buffer, as
    /// [`write`](Rfc3339::write) does that of a date and time; faster than to go by
    /// way of one.
    ///
    /// # Errors
    /// No room, and then nothing is written.
    ///
    /// ```
    /// use instanter_civil::{Offset, text::rfc3339::{MAX_LENGTH, Rfc3339}};
    /// let mut buffer = [0; MAX_LENGTH];
    /// let length = Rfc3339::new().digits(3).write_unix(&mut buffer, -1, 0, Offset::UTC)?;
    /// assert_eq!(&buffer[..length], b"1969-12-31T23:59:59.000Z");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[inline(always)]
    pub fn write_unix(
        &self,
        buffer: &mut [u8],
        seconds: i64,
        nanoseconds: u32,
        offset: Offset,
    ) -> Result<usize, Error> {
        match buffer.first_chunk_mut::<MAX_LENGTH>() {
            Some(bytes) => Ok(self.put_unix(bytes, seconds, nanoseconds, offset)),
            None => copy_to(buffer, self.text_unix(seconds, nanoseconds, offset).as_bytes()),
        }
    }

    /// Writes the text to a formatter or a string.
    ///
    /// # Errors
    /// That of the writer.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let mut string = String::new();
    /// Rfc3339::new().write_to(&mut string, DateTime::UNIX_EPOCH, Offset::UTC)?;
    /// assert_eq!(string, "1970-01-01T00:00:00Z");
    /// # Ok::<(), core::fmt::Error>(())
    /// ```
    pub fn write_to(
        &self,
        writer: &mut (impl fmt::Write + ?Sized),
        local: DateTime,
        offset: Offset,
    ) -> fmt::Result {
        writer.write_str(self.text(local, offset).as_str())
    }

    /// Writes the text to a file, a socket, a `Vec<u8>`.
    ///
    /// # Errors
    /// That of the writer.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let mut bytes = Vec::new();
    /// Rfc3339::new().write_io(&mut bytes, DateTime::UNIX_EPOCH, Offset::UTC)?;
    /// assert_eq!(bytes, b"1970-01-01T00:00:00Z");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn write_io(
        &self,
        writer: &mut (impl std::io::Write + ?Sized),
        local: DateTime,
        offset: Offset,
    ) -> std::io::Result<()> {
        writer.write_all(self.text(local, offset).as_bytes())
    }

    #[inline(always)]
    fn put(&self, out: &mut [u8; MAX_LENGTH], local: DateTime, offset: Offset) -> usize {
        let (date, time) = (local.date(), local.time());
        let nine = self.digits == 9;
        if !nine || !self.zulu || offset != Offset::UTC || date.year() as u64 > 9999 {
            return self.put_any(out, local, offset);
        }
        let clock = [time.hour(), time.minute(), time.second()];
        put_seconds(out, date.year() as u32, [date.month(), date.day()], self.separator, clock);
        put_nine(out, time.nanosecond());
        out[29] = b'Z';
        30
    }

    #[inline(always)]
    fn put_unix(
        &self,
        out: &mut [u8; MAX_LENGTH],
        seconds: i64,
        nanoseconds: u32,
        offset: Offset,
    ) -> usize {
        let usual = usual_fields(seconds, nanoseconds, offset);
        let plain = self.digits == 9 && self.zulu && offset == Offset::UTC;
        let Some(Fields { date, clock, nanosecond }) = usual.filter(|_| plain) else {
            let local = DateTime::from_unix(seconds, nanoseconds, offset);
            return self.put_any(out, local, offset);
        };
        let clock = [clock.0 as u8, clock.1 as u8, clock.2 as u8];
        put_seconds(out, date.0 as u32, [date.1 as u8, date.2 as u8], self.separator, clock);
        put_nine(out, nanosecond);
        out[29] = b'Z';
        30
    }

    #[inline(never)]
    fn put_any(&self, out: &mut [u8; MAX_LENGTH], local: DateTime, offset: Offset) -> usize {
        let (date, time) = (local.date(), local.time());
        let mut at = 19;
        if date.year() as u64 <= 9999 {
            let clock = [time.hour(), time.minute(), time.second()];
            put_seconds(out, date.year() as u32, [date.month(), date.day()], self.separator, clock);
        } else {
            at = put_date(out, date);
            out[at] = self.separator;
            let clock = [time.hour(), time.minute(), time.second()].map(u32::from);
            put8(out, at + 1, digits::clock(clock[0], clock[1], clock[2]));
            at += 9;
        }
        at = put_fraction(out, at, time.nanosecond(), self.digits);
        if self.zulu && offset == Offset::UTC {
            out[at] = b'Z';
            return at + 1;
        }
        put_offset(out, at, offset)
    }
}

impl Default for Rfc3339 {
    fn default() -> Rfc3339 {
        Rfc3339::new()
    }
}

#[inline(always)]
fn put2(out: &mut [u8; MAX_LENGTH], at: usize, number: u8) {
    out[at..at + 2].copy_from_slice(&digits::PAIRS[usize::from(number)]);
}

#[inline(always)]
fn put8(out: &mut [u8; MAX_LENGTH], at: usize, word: u64) {
    out[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// `YYYY-MM-DDTHH:MM:SS.`, 20 bytes, of a year of four digits. Pairs from a table
/// cost less here than lanes of a word, for they come apart already.
#[inline(always)]
pub(crate) fn put_seconds(
    out: &mut [u8; MAX_LENGTH],
    year: u32,
    [month, day]: [u8; 2],
    separator: u8,
    [hour, minute, second]: [u8; 3],
) {
    out[..20].copy_from_slice(b"0000-00-00T00:00:00.");
    put2(out, 0, (year / 100) as u8);
    put2(out, 2, (year % 100) as u8);
    put2(out, 5, month);
    put2(out, 8, day);
    out[10] = separator;
    put2(out, 11, hour);
    put2(out, 14, minute);
    put2(out, 17, second);
}

/// Nine digits from byte 20 on.
#[inline(always)]
pub(crate) fn put_nine(out: &mut [u8; MAX_LENGTH], nanosecond: u32) {
    put8(out, 20, digits::eight(nanosecond / 10));
    out[28] = b'0' + (nanosecond % 10) as u8;
}

/// `YYYY-MM-DD`, with a sign and six or more digits of the year beyond four.
/// Returns its length.
pub(crate) fn put_date(out: &mut [u8; MAX_LENGTH], date: Date) -> usize {
    let at = put_year(out, date.year());
    out[at] = b'-';
    out[at + 1..at + 3].copy_from_slice(&digits::two(u32::from(date.month())).to_le_bytes());
    out[at + 3] = b'-';
    out[at + 4..at + 6].copy_from_slice(&digits::two(u32::from(date.day())).to_le_bytes());
    at + 6
}

/// Four digits, or a sign and at least six.
pub(crate) fn put_year(out: &mut [u8; MAX_LENGTH], year: i64) -> usize {
    let mut place = [b'0'; 20];
    let start = digits::decimal(&mut place, year.unsigned_abs());
    if (0..=9999).contains(&year) {
        out[..4].copy_from_slice(&place[16..]);
        return 4;
    }
    out[0] = if year < 0 { b'-' } else { b'+' };
    let text = &place[start.min(14)..];
    out[1..1 + text.len()].copy_from_slice(text);
    1 + text.len()
}

/// The point and digits of a fraction, if any.
pub(crate) fn put_fraction(
    out: &mut [u8; MAX_LENGTH],
    at: usize,
    nanosecond: u32,
    digits: u8,
) -> usize {
    let count = match digits {
        AS_NEEDED => significant_digits(nanosecond),
        _ => usize::from(digits),
    };
    if count == 0 {
        return at;
    }
    out[at] = b'.';
    put8(out, at + 1, digits::eight(nanosecond / 10));
    out[at + 9] = b'0' + (nanosecond % 10) as u8;
    at + 1 + count
}

/// How many digits a fraction has before its trailing zeros.
pub(crate) fn significant_digits(nanosecond: u32) -> usize {
    if nanosecond == 0 {
        return 0;
    }
    let mut count = 9;
    let mut rest = nanosecond;
    while rest.is_multiple_of(10) {
        rest /= 10;
        count -= 1;
    }
    count
}

/// `±hh:mm`, and `:ss` if not in whole minutes.
pub(crate) fn put_offset(out: &mut [u8; MAX_LENGTH], at: usize, offset: Offset) -> usize {
    let (hours, minutes, seconds) = offset.abs_hms();
    let mut at = at;
    out[at] = if offset.seconds() < 0 { b'-' } else { b'+' };
    at += 1;
    if hours >= 100 {
        out[at] = b'1';
        at += 1;
    }
    out[at..at + 2].copy_from_slice(&digits::two(u32::from(hours % 100)).to_le_bytes());
    out[at + 2] = b':';
    out[at + 3..at + 5].copy_from_slice(&digits::two(u32::from(minutes)).to_le_bytes());
    at += 5;
    if seconds != 0 {
        out[at] = b':';
        out[at + 1..at + 3].copy_from_slice(&digits::two(u32::from(seconds)).to_le_bytes());
        at += 3;
    }
    at
}
