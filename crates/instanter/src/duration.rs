//! A length of time.

use core::fmt;

/// A length of time: signed nanoseconds in 64 bits, so up to ±292 years.
///
/// ```
/// use instanter::Duration;
/// let lap = Duration::from_millis(1_500);
/// assert_eq!(lap.to_string(), "1.5s");
/// assert_eq!(lap - Duration::from_seconds(2), Duration::from_millis(-500));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    nanos: i64,
}

impl Duration {
    /// No time.
    pub const ZERO: Duration = Duration { nanos: 0 };
    /// The longest: 2^63 − 1 ns, some 292 years.
    pub const MAX: Duration = Duration { nanos: i64::MAX };
    /// The longest backwards: −2^63 ns.
    pub const MIN: Duration = Duration { nanos: i64::MIN };

    /// Makes a length from nanoseconds.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Duration {
        Duration { nanos }
    }

    /// Makes a length from nanoseconds, saturating at [`MIN`](Duration::MIN) and
    /// [`MAX`](Duration::MAX).
    #[must_use]
    pub const fn saturating_from_nanos(nanos: i128) -> Duration {
        if nanos > i64::MAX as i128 {
            Duration::MAX
        } else if nanos < i64::MIN as i128 {
            Duration::MIN
        } else {
            Duration { nanos: nanos as i64 }
        }
    }

    /// Makes a length from microseconds, saturating.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Duration {
        Duration { nanos: micros.saturating_mul(1_000) }
    }

    /// Makes a length from milliseconds, saturating.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Duration {
        Duration { nanos: millis.saturating_mul(1_000_000) }
    }

    /// Makes a length from seconds, saturating.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Duration {
        Duration { nanos: seconds.saturating_mul(1_000_000_000) }
    }

    /// Returns the nanoseconds.
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.nanos
    }

    /// Returns the seconds, as the nearest `f64`.
    #[must_use]
    pub fn as_seconds_f64(self) -> f64 {
        self.nanos as f64 / 1e9
    }
}

impl core::ops::Add for Duration {
    type Output = Duration;

    /// Saturates.
    fn add(self, other: Duration) -> Duration {
        Duration { nanos: self.nanos.saturating_add(other.nanos) }
    }
}

impl core::ops::Sub for Duration {
    type Output = Duration;

    /// Saturates.
    fn sub(self, other: Duration) -> Duration {
        Duration { nanos: self.nanos.saturating_sub(other.nanos) }
    }
}

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
    fn the_ends_saturate() {
        assert_eq!(Duration::MAX + Duration::from_nanos(1), Duration::MAX);
        assert_eq!(Duration::MIN - Duration::from_nanos(1), Duration::MIN);
        assert_eq!(Duration::from_seconds(i64::MIN), Duration::MIN);
        assert_eq!(Duration::saturating_from_nanos(i128::MAX), Duration::MAX);
    }
}
