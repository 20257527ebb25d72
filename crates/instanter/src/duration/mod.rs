//! A length of time.

mod arithmetic;
mod text;

use crate::Error;

/// Nanoseconds of a second.
pub(crate) const NANOS: i64 = 1_000_000_000;

/// A length of time: signed nanoseconds in 64 bits, so up to ±292 years.
///
/// Operators saturate at [`MIN`](Duration::MIN) and [`MAX`](Duration::MAX): they neither
/// panic nor wrap. Where that should not go unseen there are `checked_…` methods.
///
/// Its text is Go's, in and out: `1h15m30.918273645s`.
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
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_nanos(1_500).to_string(), "1.5µs");
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Duration {
        Duration { nanos }
    }

    /// Makes a length from nanoseconds, saturating at [`MIN`](Duration::MIN) and
    /// [`MAX`](Duration::MAX).
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::saturating_from_nanos(i128::MAX), Duration::MAX);
    /// ```
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
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_micros(1_500).to_string(), "1.5ms");
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_micros(micros: i64) -> Duration {
        Duration { nanos: micros.saturating_mul(1_000) }
    }

    /// Makes a length from milliseconds, saturating.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_millis(-250).to_string(), "-250ms");
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_millis(millis: i64) -> Duration {
        Duration { nanos: millis.saturating_mul(1_000_000) }
    }

    /// Makes a length from seconds, saturating.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_seconds(90).to_string(), "1m30s");
    /// assert_eq!(Duration::from_seconds(i64::MAX), Duration::MAX);
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Duration {
        Duration { nanos: seconds.saturating_mul(NANOS) }
    }

    /// Makes a length from minutes of 60 seconds, saturating.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_minutes(90).to_string(), "1h30m0s");
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_minutes(minutes: i64) -> Duration {
        Duration { nanos: minutes.saturating_mul(60 * NANOS) }
    }

    /// Makes a length from hours of 60 minutes, saturating.
    ///
    /// There is no such function for days: on the calendar they have 23 to 25 hours,
    /// which [`Zoned`](crate::Zoned) counts.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_hours(36).to_string(), "36h0m0s");
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_hours(hours: i64) -> Duration {
        Duration { nanos: hours.saturating_mul(3_600 * NANOS) }
    }

    /// Makes a length from seconds in floating point, rounded to the nearest
    /// nanosecond.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] for what is no number, infinite, or beyond ±292 years.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_seconds_f64(0.1)?, Duration::from_millis(100));
    /// assert!(Duration::from_seconds_f64(f64::NAN).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn from_seconds_f64(seconds: f64) -> Result<Duration, Error> {
        // Whole seconds apart, for which there are digits enough: so nothing is lost of
        // large numbers, either. Beyond this they do not fit anyway.
        if !(-1e10..1e10).contains(&seconds) {
            return Err(Error::float(seconds));
        }
        let whole = seconds as i64;
        let part = (seconds - whole as f64) * NANOS as f64;
        // Half away from zero: `f64::round` is not in `core`.
        let down = part as i64;
        let step = i64::from(part - down as f64 >= 0.5) - i64::from(part - down as f64 <= -0.5);
        let nanos = i128::from(whole) * i128::from(NANOS) + i128::from(down + step);
        i64::try_from(nanos).map(Duration::from_nanos).map_err(|_| Error::float(seconds))
    }

    /// Returns the nanoseconds.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_micros(-3).as_nanos(), -3_000);
    /// ```
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.nanos
    }

    /// Returns the whole microseconds, the rest cut off.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_nanos(-1_999).as_micros(), -1);
    /// ```
    #[inline]
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.nanos / 1_000
    }

    /// Returns the whole milliseconds, the rest cut off.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_micros(1_999).as_millis(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.nanos / 1_000_000
    }

    /// Returns the whole seconds, the rest cut off.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_millis(-1_500).as_seconds(), -1);
    /// ```
    #[inline]
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.nanos / NANOS
    }

    /// Returns the nanoseconds within the second, of the same sign as the length.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_millis(-1_500).subsecond_nanos(), -500_000_000);
    /// ```
    #[inline]
    #[must_use]
    pub const fn subsecond_nanos(self) -> i32 {
        (self.nanos % NANOS) as i32
    }

    /// Returns the seconds, as the nearest `f64`.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_millis(1_500).as_seconds_f64(), 1.5);
    /// ```
    #[must_use]
    pub fn as_seconds_f64(self) -> f64 {
        self.nanos as f64 / 1e9
    }

    /// Returns the milliseconds, as the nearest `f64`.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_micros(1_500).as_millis_f64(), 1.5);
    /// ```
    #[must_use]
    pub fn as_millis_f64(self) -> f64 {
        self.nanos as f64 / 1e6
    }

    /// Whether it is no time at all.
    ///
    /// ```
    /// assert!(instanter::Duration::ZERO.is_zero());
    /// ```
    #[inline]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whether it goes backwards.
    ///
    /// ```
    /// assert!(instanter::Duration::from_nanos(-1).is_negative());
    /// ```
    #[inline]
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.nanos < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_saturate() {
        assert_eq!(Duration::from_seconds(i64::MIN), Duration::MIN);
        assert_eq!(Duration::saturating_from_nanos(i128::MAX), Duration::MAX);
    }

    #[test]
    fn floating_point_at_its_edges() {
        let good = [
            (0.0, 0),
            (-0.0, 0),
            (1.5e-9, 2),
            (-1.5e-9, -2),
            (1.4e-9, 1),
            (4.9e-324, 0),
            // What these floats are exactly, by Python's `decimal`, rounded.
            (-9_223_372_036.854_774, -9_223_372_036_854_774_475),
            (9_223_372_036.854_774, 9_223_372_036_854_774_475),
            (1_700_000_000.123_456_7, 1_700_000_000_123_456_717),
        ];
        for (seconds, nanos) in good {
            let got = Duration::from_seconds_f64(seconds);
            assert_eq!(got, Ok(Duration::from_nanos(nanos)), "{seconds}");
        }
        for seconds in [f64::NAN, f64::INFINITY, -f64::INFINITY, 9_223_372_036.854_777, -1e300] {
            let error = Duration::from_seconds_f64(seconds).unwrap_err();
            assert!(error.is_out_of_range(), "{seconds}: {error}");
        }
    }
}
