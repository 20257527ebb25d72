//! Reading a text from left to right.

use crate::{Error, Offset};

/// A text and how far it has been read.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

/// A fraction of a second is read to this many digits; more are skipped.
const NANO_DIGITS: u32 = 9;

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0 }
    }

    /// An error at the byte that comes next.
    #[cold]
    pub(crate) fn error(&self, what: &'static str) -> Error {
        Error::malformed(self.bytes, self.at, what)
    }

    /// An error at a byte before.
    #[cold]
    pub(crate) fn error_at(&self, at: usize, what: &'static str) -> Error {
        Error::malformed(self.bytes, at, what)
    }

    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over a byte if it is the next.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over the next byte if it is one of these, and returns it.
    #[inline]
    pub(crate) fn take_any(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| bytes.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub(crate) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Error> {
        if self.take(byte) { Ok(()) } else { Err(self.error(what)) }
    }

    #[inline]
    pub(crate) fn digit(&mut self) -> Option<u8> {
        let digit = self.peek()?.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        self.at += 1;
        Some(digit)
    }

    /// Returns how many digits come next, counting no further than `most`.
    pub(crate) fn count_digits(&self, most: usize) -> usize {
        self.rest().iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Reads exactly so many digits, at most 18, of a number within bounds. An
    /// error is at the byte that is no digit, or at the number's first.
    pub(crate) fn number(
        &mut self,
        digits: u32,
        low: i64,
        high: i64,
        what: &'static str,
    ) -> Result<i64, Error> {
        let start = self.at;
        let mut value = 0;
        for _ in 0..digits {
            match self.digit() {
                Some(digit) => value = value * 10 + i64::from(digit),
                None => return Err(self.error(what)),
            }
        }
        if value < low || value > high {
            return Err(self.error_at(start, what));
        }
        Ok(value)
    }

    /// Reads one to `most` digits (at most 18) of a number.
    pub(crate) fn number_up_to(
        &mut self,
        most: usize,
        low: i64,
        high: i64,
        what: &'static str,
    ) -> Result<i64, Error> {
        let digits = self.count_digits(most).max(1);
        self.number(digits as u32, low, high, what)
    }

    /// Reads the digits of a fraction of a second, at least one; from the tenth
    /// on they are skipped. Returns nanoseconds.
    pub(crate) fn fraction(&mut self) -> Result<u32, Error> {
        let mut value = match self.digit() {
            Some(digit) => u32::from(digit),
            None => return Err(self.error("a digit of the fraction")),
        };
        let mut digits = 1;
        while let Some(digit) = self.digit() {
            if digits < NANO_DIGITS {
                value = value * 10 + u32::from(digit);
                digits += 1;
            }
        }
        Ok(value * 10u32.pow(NANO_DIGITS - digits))
    }

    /// Reads a year: four digits, or a sign and 6 to 12 of them (ISO 8601's
    /// expanded form), of which minus zero is none. Not yet bounded.
    pub(crate) fn year(&mut self) -> Result<i64, Error> {
        let start = self.at;
        let Some(sign) = self.take_any(b"+-") else {
            return self.number(4, 0, 9999, "a year of four digits, or a sign");
        };
        let digits = self.count_digits(13);
        if !(6..=12).contains(&digits) {
            self.at += digits;
            return Err(self.error("6 to 12 digits of the year after its sign"));
        }
        let year = self.number(digits as u32, 0, i64::MAX, "a year")?;
        if sign == b'-' && year == 0 {
            return Err(self.error_at(start, "a year, and minus zero is none"));
        }
        let year = if sign == b'-' { -year } else { year };
        if year < crate::Date::MIN.year() || year > crate::Date::MAX.year() {
            return Err(self.error_at(start, "a year within ±299999999999"));
        }
        Ok(year)
    }

    /// Reads `±hh:mm`, and `:ss` where present.
    pub(crate) fn offset_with_colons(&mut self) -> Result<Offset, Error> {
        let Some(sign) = self.take_any(b"+-") else {
            return Err(self.error("Z, or an offset as +hh:mm"));
        };
        let hours = self.number(2, 0, 23, "an hour of the offset, 00 to 23")?;
        self.expect(b':', "a colon")?;
        let minutes = self.number(2, 0, 59, "a minute of the offset, 00 to 59")?;
        let mut seconds = 0;
        if self.take(b':') {
            seconds = self.number(2, 0, 59, "a second of the offset, 00 to 59")?;
        }
        let size = (hours * 3600 + minutes * 60 + seconds) as i32;
        Ok(Offset::from_seconds_in_range(if sign == b'-' { -size } else { size }))
    }

    /// The text must be at its end.
    pub(crate) fn end(&self) -> Result<(), Error> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error("the end of the text")) }
    }

    /// Returns a part of the text; all of it is UTF-8 where it came from a `str`
    /// and is cut at ASCII.
    pub(crate) fn piece(&self, start: usize, end: usize) -> &'a str {
        str::from_utf8(&self.bytes[start..end]).unwrap_or_default()
    }
}
