//! The text of a moment: RFC 3339 in UTC.

use core::fmt;
use core::str::FromStr;

use instanter_civil::Offset;
use instanter_civil::text::rfc3339::{self, Rfc3339};
use instanter_clock::Timespec;

use super::Time;
use crate::Error;

/// RFC 3339 in UTC with as many digits as needed, `2023-11-14T22:13:20.5Z`; with a
/// precision, `{:.3}`, exactly so many, the others cut off.
///
/// ```
/// use instanter::Time;
/// let time = Time::from_unix(1_700_000_000, 500_000_000);
/// assert_eq!(time.to_string(), "2023-11-14T22:13:20.5Z");
/// assert_eq!(format!("{time:.3}"), "2023-11-14T22:13:20.500Z");
/// ```
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match f.precision() {
            Some(digits) => Rfc3339::new().digits(digits.min(9) as u8),
            None => Rfc3339::new(),
        };
        let text = form.text_unix(self.unix_seconds(), self.nanosecond(), Offset::UTC);
        // Not `pad`, to which the precision would be a width of the text.
        let fill = f.width().unwrap_or(0).saturating_sub(text.as_str().len());
        let before = match f.align() {
            Some(fmt::Alignment::Right) => fill,
            Some(fmt::Alignment::Center) => fill / 2,
            _ => 0,
        };
        for _ in 0..before {
            fmt::Write::write_char(f, f.fill())?;
        }
        f.write_str(text.as_str())?;
        for _ in before..fill {
            fmt::Write::write_char(f, f.fill())?;
        }
        Ok(())
    }
}

/// Reads RFC 3339 with any offset. The moment has no monotonic reading.
///
/// ```
/// use instanter::Time;
/// let time: Time = "2023-11-14T23:13:20.5+01:00".parse()?;
/// assert_eq!(time, Time::from_unix(1_700_000_000, 500_000_000));
/// let error = "2023-11-14T24:13:20Z".parse::<Time>().unwrap_err();
/// assert_eq!(error.byte_offset(), Some(11));
/// # Ok::<(), instanter::Error>(())
/// ```
impl FromStr for Time {
    type Err = Error;

    fn from_str(text: &str) -> Result<Time, Error> {
        let (seconds, nanosecond) = rfc3339::parse_unix(text)?;
        Ok(Time::from_unix(seconds, nanosecond))
    }
}

/// Unix seconds with nine digits, and the monotonic reading as Go shows it:
/// `1795295730.123456789 m=+12.5`.
impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.wall_reading())?;
        match self.monotonic_nanos() {
            Some(nanos) => {
                let sign = if nanos < 0 { "" } else { "+" };
                write!(f, " m={sign}{}", Timespec::from_nanos(i128::from(nanos)))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;
    use std::string::{String, ToString};
    use std::vec::Vec;

    #[test]
    fn every_moment_is_written_and_read() {
        for seconds in [i64::MIN, -62_167_219_201, -1, 0, 1_795_295_730, 253_402_300_800, i64::MAX]
        {
            for nanosecond in [0, 1, 120_000_000, 999_999_999] {
                let time = Time::from_unix(seconds, nanosecond);
                assert_eq!(time.to_string().parse(), Ok(time), "{time}");
            }
        }
    }

    #[test]
    fn precision_width_and_side() {
        let time = Time::from_unix(0, 123_456_789);
        let table = [
            (format!("{time:.0}"), "1970-01-01T00:00:00Z"),
            (format!("{time:.99}"), "1970-01-01T00:00:00.123456789Z"),
            (format!("{time:25.0}|"), "1970-01-01T00:00:00Z     |"),
            (format!("{time:>25.0}|"), "     1970-01-01T00:00:00Z|"),
            (format!("{time:_^25.0}|"), "__1970-01-01T00:00:00Z___|"),
            (format!("{time:5.0}|"), "1970-01-01T00:00:00Z|"),
        ];
        for (got, want) in table {
            assert_eq!(got, want);
        }
    }

    #[test]
    fn one_byte_wrong_at_each_place() {
        let text = "2023-11-14T22:13:20.5+01:00";
        assert!(text.parse::<Time>().is_ok());
        for at in 0..text.len() {
            for wrong in ['!', 'x', '\u{7f}'] {
                let mut bytes: Vec<char> = text.chars().collect();
                bytes[at] = wrong;
                let broken: String = bytes.into_iter().collect();
                let error = broken.parse::<Time>().unwrap_err();
                let place = error.byte_offset().unwrap();
                assert!(place <= at, "{error}");
                assert!(error.to_string().contains(&format!("byte {place}")), "{error}");
            }
            assert!(text[..at].parse::<Time>().is_err(), "{}", &text[..at]);
        }
    }
}
