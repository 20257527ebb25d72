//! The text of a length of time, which is Go's.

use core::fmt;
use core::str::FromStr;

use super::Duration;
use crate::Error;

/// As Go writes it: `1h15m30.918273645s`, `1.5ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Text::default();
        let size = self.nanos.unsigned_abs();
        if self.nanos < 0 {
            text.push("-");
        }
        match size {
            0 => text.push("0s"),
            1..1_000 => text.decimal(size, 1, "ns"),
            1_000..1_000_000 => text.decimal(size, 1_000, "µs"),
            1_000_000..1_000_000_000 => text.decimal(size, 1_000_000, "ms"),
            _ => {
                let (minutes, rest) = (size / 60_000_000_000, size % 60_000_000_000);
                let (hours, minutes) = (minutes / 60, minutes % 60);
                if hours > 0 {
                    text.decimal(hours, 1, "h");
                }
                if hours > 0 || minutes > 0 {
                    text.decimal(minutes, 1, "m");
                }
                text.decimal(rest, 1_000_000_000, "s");
            }
        }
        f.pad(text.as_str())
    }
}

/// Room for the longest text, `-2562047h47m16.854775808s` (and a `µ`).
#[derive(Default)]
struct Text {
    bytes: [u8; 32],
    length: usize,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.bytes[self.length..][..text.len()].copy_from_slice(text.as_bytes());
        self.length += text.len();
    }

    /// Writes `value / unit` as a decimal without trailing zeros, then `suffix`.
    fn decimal(&mut self, value: u64, unit: u64, suffix: &str) {
        self.integer(value / unit);
        let mut fraction = value % unit;
        if fraction != 0 {
            self.push(".");
            let mut place = unit / 10;
            while fraction != 0 {
                self.integer(fraction / place);
                fraction %= place;
                place /= 10;
            }
        }
        self.push(suffix);
    }

    fn integer(&mut self, value: u64) {
        if value >= 10 {
            self.integer(value / 10);
        }
        self.bytes[self.length] = b'0' + (value % 10) as u8;
        self.length += 1;
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// The units, and how many nanoseconds they have. Of the micro signs, Unicode has two.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads what Go reads: numbers with a unit each, `1h15m30.5s`, `-1.5h`, `300ms`, in any
/// order; a sign in front of them all; `0` without a unit. Digits below the nanosecond are
/// cut off.
///
/// ```
/// use instanter::Duration;
/// let length: Duration = "1h15m30.918273645s".parse()?;
/// assert_eq!(length, Duration::from_nanos(4_530_918_273_645));
/// let error = "90 min".parse::<Duration>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"duration "90 min", byte 2, at " min": expected a unit: ns, us, ms, s, m or h"#
/// );
/// # Ok::<(), instanter::Error>(())
/// ```
impl FromStr for Duration {
    type Err = Error;

    fn from_str(text: &str) -> Result<Duration, Error> {
        let (negative, first) = match text.as_bytes() {
            [b'-', ..] => (true, 1),
            [b'+', ..] => (false, 1),
            _ => (false, 0),
        };
        if &text[first..] == "0" {
            return Ok(Duration::ZERO);
        }
        let mut at = first;
        let mut size = 0;
        while at < text.len() || at == first {
            let (length, end) = part(text, at)?;
            size += length;
            // Both ends fit, which are not the same size.
            if size > u128::from(i64::MAX as u64) + u128::from(negative) {
                return Err(Error::duration(text, first, "at most 292 years"));
            }
            at = end;
        }
        let nanos = size as u64 as i64;
        Ok(Duration::from_nanos(if negative { nanos.wrapping_neg() } else { nanos }))
    }
}

/// Reads a number and its unit from byte `at` on. Returns the nanoseconds and where it
/// ends.
fn part(text: &str, at: usize) -> Result<(u128, usize), Error> {
    let bytes = text.as_bytes();
    let digits =
        |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(at);
    let mut end = at + whole;
    let mut fraction = &bytes[end..end];
    if bytes.get(end) == Some(&b'.') {
        let count = digits(end + 1);
        fraction = &bytes[end + 1..end + 1 + count];
        end += 1 + count;
        if whole + count == 0 {
            return Err(Error::duration(text, at, "digits"));
        }
    } else if whole == 0 {
        return Err(Error::duration(text, at, "a number"));
    }
    // `m` comes before `ms` in neither: the longest name that fits.
    let unit = UNITS.iter().filter(|(name, _)| text[end..].starts_with(name));
    let Some(&(name, unit)) = unit.max_by_key(|(name, _)| name.len()) else {
        return Err(Error::duration(text, end, "a unit: ns, us, ms, s, m or h"));
    };
    let mut number = 0u128;
    for &digit in &bytes[at..at + whole] {
        number = number * 10 + u128::from(digit - b'0');
        if number > 1 << 64 {
            return Err(Error::duration(text, at, "at most 292 years"));
        }
    }
    // Beyond 14 digits even the hour has nothing left to give.
    let (mut part, mut scale) = (0u128, 1u128);
    for &digit in fraction.iter().take(18) {
        part = part * 10 + u128::from(digit - b'0');
        scale *= 10;
    }
    let unit = u128::from(unit);
    Ok((number * unit + part * unit / scale, end + name.len()))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn text_is_gos() {
        // What Go 1.27's Duration.String() prints.
        let table = [
            (0, "0s"),
            (1, "1ns"),
            (999, "999ns"),
            (1_000, "1µs"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (60_000_000_000, "1m0s"),
            (4_530_918_273_645, "1h15m30.918273645s"),
            (3_600_000_000_001, "1h0m0.000000001s"),
            (-1, "-1ns"),
            (-1_500_000_000, "-1.5s"),
            (i64::MAX, "2562047h47m16.854775807s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ];
        for (nanos, want) in table {
            assert_eq!(Duration::from_nanos(nanos).to_string(), want, "{nanos} ns");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut nanos = 1i64;
        for step in 0..2_000u32 {
            for nanos in [nanos, -nanos, i64::MAX - nanos, i64::MIN + nanos] {
                let length = Duration::from_nanos(nanos);
                assert_eq!(length.to_string().parse(), Ok(length), "{length}");
            }
            nanos = nanos.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(i64::from(step))
                >> (step % 60);
            nanos = nanos.saturating_abs();
        }
    }

    #[test]
    fn what_go_reads() {
        // Of Go's own table for ParseDuration.
        let table = [
            ("0", 0),
            ("+0", 0),
            ("-0", 0),
            ("5s", 5_000_000_000),
            ("1478s", 1_478_000_000_000),
            ("-5s", -5_000_000_000),
            ("5.0s", 5_000_000_000),
            ("5.6s", 5_600_000_000),
            ("5.s", 5_000_000_000),
            (".5s", 500_000_000),
            ("1.004s", 1_004_000_000),
            ("1.0040s", 1_004_000_000),
            ("100.00100s", 100_001_000_000),
            ("10ns", 10),
            ("11us", 11_000),
            ("12µs", 12_000),
            ("12μs", 12_000),
            ("13ms", 13_000_000),
            ("15m", 900_000_000_000),
            ("16h", 57_600_000_000_000),
            ("3h30m", 12_600_000_000_000),
            ("10.5s4m", 250_500_000_000),
            ("-2m3.4s", -123_400_000_000),
            ("1h2m3s4ms5us6ns", 3_723_004_005_006),
            ("52763797000ns", 52_763_797_000),
            ("0.3333333333333333333h", 1_200_000_000_000),
            ("9007199254740993ns", 9_007_199_254_740_993),
            ("9223372036854775807ns", i64::MAX),
            ("9223372036854775.807us", i64::MAX),
            ("-9223372036854775808ns", i64::MIN),
            ("-9223372036s854ms775us808ns", i64::MIN),
            ("0.100000000000000000000h", 360_000_000_000),
            ("0.830103483285477580700h", 2_988_372_539_827),
            ("0.000000000000000000000000000000000001h", 0),
        ];
        for (text, nanos) in table {
            // Go computes fractions in floating point; the one that it rounds up is
            // 0.333…h, a third of a nanosecond short of 20 minutes.
            let want = if text.starts_with("0.3333") { nanos - 1 } else { nanos };
            assert_eq!(text.parse(), Ok(Duration::from_nanos(want)), "{text}");
        }
    }

    #[test]
    fn what_go_refuses() {
        let table = [
            ("", 0),
            ("3", 1),
            ("-", 1),
            ("s", 0),
            (".", 0),
            ("-.", 1),
            (".s", 0),
            ("+.s", 1),
            ("1d", 1),
            ("\u{85}\u{85}", 0),
            ("\u{ffff}", 0),
            ("hello world", 0),
            ("1s ", 2),
            (" 1s", 0),
            ("--1s", 1),
            ("1h-1m", 2),
            ("9223372036854775810ns", 0),
            ("9223372036854775808ns", 0),
            ("-9223372036854775809ns", 1),
            ("9223372036854776us", 0),
            ("3000000h", 0),
            ("99999999999999999999999999999999999999999h", 0),
        ];
        for (text, at) in table {
            let error = text.parse::<Duration>().unwrap_err();
            assert_eq!((error.is_malformed(), error.byte_offset()), (true, Some(at)), "{error}");
        }
    }
}
