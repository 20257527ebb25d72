//! A moment as a number since 1970-01-01 00:00:00 UTC, in every unit.
//!
//! Every moment has such a number in each unit: seconds of 64 bits in units below a second
//! need more than 64, so those are `i128`.

use instanter_clock::Timespec;

use super::{HAS_MONOTONIC, NSEC_BITS, NSEC_MASK, SECONDS_1885_TO_1970, Time};
use crate::{Duration, Error};

impl Time {
    /// Makes a moment from seconds since 1970 and nanoseconds, without a
    /// monotonic reading. Nanoseconds of a second or more are carried; past the
    /// end of `i64` seconds the result saturates.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(1, 1_500_000_000), Time::from_unix(2, 500_000_000));
    /// ```
    #[must_use]
    pub const fn from_unix(seconds: i64, nanoseconds: u32) -> Time {
        Time::of_wall(Timespec::new(seconds, nanoseconds))
    }

    /// Makes a moment from seconds since 1970, without a monotonic reading.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_seconds(1_700_000_000).to_string(), "2023-11-14T22:13:20Z");
    /// ```
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Time {
        Time { wall: 0, ext: seconds }
    }

    /// Makes a moment from milliseconds since 1970, without a monotonic reading.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    /// ```
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Time {
        Time::from_unix_nanos(millis as i128 * 1_000_000)
    }

    /// Makes a moment from microseconds since 1970, without a monotonic reading.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_micros(1).to_string(), "1970-01-01T00:00:00.000001Z");
    /// ```
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Time {
        Time::from_unix_nanos(micros as i128 * 1_000)
    }

    /// Makes a moment from nanoseconds since 1970, without a monotonic reading.
    /// Beyond `i64` seconds the result saturates.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_nanos(-1), Time::from_unix(-1, 999_999_999));
    /// ```
    #[must_use]
    pub const fn from_unix_nanos(nanos: i128) -> Time {
        Time::of_wall(Timespec::from_nanos(nanos))
    }

    /// Makes a moment from seconds since 1970 in floating point, to the nearest
    /// nanosecond that such a number tells: in our century about 200 of them.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] for what is no number, infinite, or beyond `i64` seconds.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_seconds_f64(-0.25)?, Time::from_unix(-1, 750_000_000));
    /// assert!(Time::from_unix_seconds_f64(f64::INFINITY).is_err());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn from_unix_seconds_f64(seconds: f64) -> Result<Time, Error> {
        // 2^63.
        const END: f64 = 9_223_372_036_854_775_808.0;
        if !(-END..END).contains(&seconds) {
            return Err(Error::float(seconds));
        }
        let whole = seconds as i64;
        let rest = Duration::from_seconds_f64(seconds - whole as f64)?;
        Ok(Time::from_unix_nanos(i128::from(whole) * 1_000_000_000 + i128::from(rest.as_nanos())))
    }

    const fn of_wall(wall: Timespec) -> Time {
        Time { wall: wall.nsec as u64, ext: wall.sec }
    }

    /// Returns the whole seconds since 1970-01-01 00:00:00 UTC, of the wall
    /// reading, rounded towards the past.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(-1, 999_999_999).unix_seconds(), -1);
    /// ```
    #[inline]
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        if self.wall & HAS_MONOTONIC == 0 {
            return self.ext;
        }
        ((self.wall & !HAS_MONOTONIC) >> NSEC_BITS) as i64 - SECONDS_1885_TO_1970
    }

    /// Returns the nanoseconds within the second, below 1,000,000,000.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_millis(-1).nanosecond(), 999_000_000);
    /// ```
    #[inline]
    #[must_use]
    pub const fn nanosecond(self) -> u32 {
        (self.wall & NSEC_MASK) as u32
    }

    /// Returns the milliseconds since 1970-01-01 00:00:00 UTC, rounded towards the past.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(1, 999_999_999).unix_millis(), 1_999);
    /// ```
    #[inline]
    #[must_use]
    pub const fn unix_millis(self) -> i128 {
        self.unix_seconds() as i128 * 1_000 + (self.nanosecond() / 1_000_000) as i128
    }

    /// Returns the microseconds since 1970-01-01 00:00:00 UTC, rounded towards the past.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(1, 999_999_999).unix_micros(), 1_999_999);
    /// ```
    #[inline]
    #[must_use]
    pub const fn unix_micros(self) -> i128 {
        self.unix_seconds() as i128 * 1_000_000 + (self.nanosecond() / 1_000) as i128
    }

    /// Returns the nanoseconds since 1970-01-01 00:00:00 UTC.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(-1, 999_999_999).unix_nanos(), -1);
    /// ```
    #[inline]
    #[must_use]
    pub const fn unix_nanos(self) -> i128 {
        self.wall_reading().as_nanos()
    }

    /// Returns the seconds since 1970-01-01 00:00:00 UTC, as the nearest `f64`: in our
    /// century to some 200 ns.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(-1, 750_000_000).unix_seconds_f64(), -0.25);
    /// ```
    #[must_use]
    pub fn unix_seconds_f64(self) -> f64 {
        self.unix_nanos() as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_and_back() {
        let seconds = [i64::MIN, -62_135_596_801, -1, 0, 1, 1_795_295_730, i64::MAX];
        for seconds in seconds {
            for nanosecond in [0, 1, 999, 1_000, 999_999, 1_000_000, 999_999_999] {
                let time = Time::from_unix(seconds, nanosecond);
                assert_eq!((time.unix_seconds(), time.nanosecond()), (seconds, nanosecond));
                let nanos = time.unix_nanos();
                assert_eq!(nanos, i128::from(seconds) * 1_000_000_000 + i128::from(nanosecond));
                assert_eq!(time.unix_micros(), nanos.div_euclid(1_000));
                assert_eq!(time.unix_millis(), nanos.div_euclid(1_000_000));
                assert_eq!(Time::from_unix_nanos(nanos), time);
            }
            assert_eq!(Time::from_unix_seconds(seconds), Time::from_unix(seconds, 0));
        }
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(Time::from_unix_millis(number).unix_millis(), i128::from(number));
            assert_eq!(Time::from_unix_micros(number).unix_micros(), i128::from(number));
        }
    }

    #[test]
    fn floating_point_at_its_edges() {
        let good = [
            (-0.0, 0, 0),
            (0.5, 0, 500_000_000),
            (-1e-9, -1, 999_999_999),
            (0.999_999_999_9, 1, 0),
            (-9_223_372_036_854_775_808.0, i64::MIN, 0),
            (9_223_372_036_854_774_784.0, 9_223_372_036_854_774_784, 0),
        ];
        for (number, seconds, nanosecond) in good {
            let got = Time::from_unix_seconds_f64(number);
            assert_eq!(got, Ok(Time::from_unix(seconds, nanosecond)), "{number}");
        }
        for number in [f64::NAN, f64::INFINITY, -f64::INFINITY, 9_223_372_036_854_775_808.0] {
            assert!(Time::from_unix_seconds_f64(number).unwrap_err().is_out_of_range());
        }
    }
}
