//! Reading a POSIX TZ string.

use alloc::boxed::Box;
use alloc::string::String;

use crate::Error;
use crate::error::Kind;
use crate::posix::{PosixDate, PosixDay, PosixDst, PosixTz};

/// Longest abbreviation that is accepted: that of the 256 bytes which the tz
/// project's own reader keeps, less a zero byte.
const MAX_ABBREVIATION: usize = 255;

/// What glibc and tzcode take where a string names summer time and no rules.
const DEFAULT_RULES: &[u8] = b",M3.2.0,M11.1.0";

pub(crate) fn parse(text: &[u8]) -> Result<PosixTz, Error> {
    let mut cursor = Cursor { text, at: 0 };
    match cursor.tz() {
        Ok(tz) => Ok(tz),
        Err(Wrong { at, what }) => {
            let input = String::from_utf8_lossy(text.get(..text.len().min(600)).unwrap_or(text));
            Err(Kind::Posix { input: input.into_owned(), at, what }.into())
        }
    }
}

struct Wrong {
    at: usize,
    what: &'static str,
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Wrong> {
        if self.take(byte) { Ok(()) } else { Err(Wrong { at: self.at, what }) }
    }

    fn tz(&mut self) -> Result<PosixTz, Wrong> {
        let std_abbreviation = self.abbreviation()?;
        let std_offset_s = -self.time(24, "offset is not [+-]hh[:mm[:ss]]")?;
        let mut tz = PosixTz { std_abbreviation, std_offset_s, dst: None };
        if self.peek().is_none() {
            return Ok(tz);
        }
        let abbreviation = self.abbreviation()?;
        let offset_s = match self.peek() {
            None | Some(b',') => std_offset_s + 3_600,
            Some(_) => -self.time(24, "offset is not [+-]hh[:mm[:ss]]")?,
        };
        let (start, end) = if self.peek().is_none() {
            Cursor { text: DEFAULT_RULES, at: 0 }.dates()?
        } else {
            self.dates()?
        };
        if self.peek().is_some() {
            return Err(Wrong { at: self.at, what: "more than a TZ string" });
        }
        tz.dst = Some(PosixDst { abbreviation, offset_s, start, end });
        Ok(tz)
    }

    fn abbreviation(&mut self) -> Result<Box<str>, Wrong> {
        let begin = self.at;
        let quoted = self.take(b'<');
        let start = self.at;
        while let Some(byte) = self.peek() {
            let belongs = byte.is_ascii_alphabetic()
                || quoted && (byte.is_ascii_digit() || byte == b'+' || byte == b'-');
            if !belongs {
                break;
            }
            self.at += 1;
        }
        let name = self.text.get(start..self.at).unwrap_or_default();
        if quoted {
            self.expect(b'>', "abbreviation in <> has other than letters, digits, + and -")?;
        }
        if name.len() < 3 {
            let what = "abbreviation of fewer than three letters";
            return Err(Wrong { at: begin, what });
        }
        if name.len() > MAX_ABBREVIATION {
            return Err(Wrong { at: begin, what: "abbreviation of more than 255 bytes" });
        }
        Ok(core::str::from_utf8(name).unwrap_or_default().into())
    }

    /// `[+-]hh[:mm[:ss]]` in seconds, with hours up to a limit.
    fn time(&mut self, most_hours: i32, what: &'static str) -> Result<i32, Wrong> {
        let negative = self.take(b'-');
        if !negative {
            self.take(b'+');
        }
        let hours =
            if most_hours == 24 { "hours are not 0 to 24" } else { "hours are not 0 to 167" };
        let mut seconds = 3_600 * self.number(0, most_hours, what, hours)?;
        if self.take(b':') {
            seconds += 60 * self.number(0, 59, what, "minutes are not 0 to 59")?;
            if self.take(b':') {
                seconds += self.number(0, 59, what, "seconds are not 0 to 59")?;
            }
        }
        Ok(if negative { -seconds } else { seconds })
    }

    fn number(
        &mut self,
        low: i32,
        high: i32,
        no_digit: &'static str,
        beyond: &'static str,
    ) -> Result<i32, Wrong> {
        let start = self.at;
        let mut value = 0_i32;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            value = value.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
            self.at += 1;
        }
        if self.at == start {
            return Err(Wrong { at: start, what: no_digit });
        }
        if value < low || value > high {
            return Err(Wrong { at: start, what: beyond });
        }
        Ok(value)
    }

    fn dates(&mut self) -> Result<(PosixDate, PosixDate), Wrong> {
        self.expect(b',', "no rules after a comma")?;
        let start = self.date()?;
        self.expect(b',', "no second date after a comma")?;
        Ok((start, self.date()?))
    }

    fn date(&mut self) -> Result<PosixDate, Wrong> {
        let day = match self.peek() {
            Some(b'J') => {
                self.at += 1;
                let day = self.number(1, 365, "no day after J", "day is not 1 to 365")?;
                PosixDay::WithoutLeapDay(day as u16)
            }
            Some(b'0'..=b'9') => {
                PosixDay::WithLeapDay(self.number(0, 365, "", "day is not 0 to 365")? as u16)
            }
            Some(b'M') => {
                self.at += 1;
                let month = self.number(1, 12, "no month after M", "month is not 1 to 12")?;
                self.expect(b'.', "no week after a dot")?;
                let week = self.number(1, 5, "no week", "week is not 1 to 5")?;
                self.expect(b'.', "no weekday after a dot")?;
                let weekday = self.number(0, 6, "no weekday", "weekday is not 0 to 6")?;
                PosixDay::Weekday { month: month as u8, week: week as u8, weekday: weekday as u8 }
            }
            _ => return Err(Wrong { at: self.at, what: "date is not Jn, n or Mm.w.d" }),
        };
        let time_s =
            if self.take(b'/') { self.time(167, "time is not [+-]hh[:mm[:ss]]")? } else { 7_200 };
        Ok(PosixDate { day, time_s })
    }
}
