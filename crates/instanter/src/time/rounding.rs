//! Rounding a moment to a multiple of a length.

use super::Time;
use crate::Duration;

/// Seconds from 0001-01-01 00:00:00 UTC to 1970: 719,162 days.
const SECONDS_1_TO_1970: i128 = 719_162 * 86_400;

impl Time {
    /// Returns the last multiple of `unit` up to this moment, counted from
    /// 0001-01-01 00:00:00 UTC as Go does: that was a Monday, so weeks begin on one. The
    /// monotonic reading is dropped. With a `unit` that is not positive only that happens.
    ///
    /// This knows no zone: it is for units up to the hour, and for days in UTC. For the
    /// days of a zone there is [`Zoned::truncate`](crate::Zoned::truncate).
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// let time: Time = "2023-11-14T22:13:20.5Z".parse()?;
    /// assert_eq!(time.truncate(Duration::from_hours(1)).to_string(), "2023-11-14T22:00:00Z");
    /// assert_eq!(time.truncate(Duration::from_hours(168)).to_string(), "2023-11-13T00:00:00Z");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    #[must_use]
    pub const fn truncate(self, unit: Duration) -> Time {
        match self.past_multiple(unit) {
            Some(past) => Time::from_unix_nanos(self.unix_nanos() - past),
            None => self.strip_monotonic(),
        }
    }

    /// Returns the nearest multiple of `unit`, from the middle the later one; otherwise as
    /// [`truncate`](Time::truncate). Saturates at [`MAX`](Time::MAX).
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// let time: Time = "2023-11-14T22:13:20.5Z".parse()?;
    /// assert_eq!(time.round(Duration::from_seconds(1)).to_string(), "2023-11-14T22:13:21Z");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    #[must_use]
    pub const fn round(self, unit: Duration) -> Time {
        let Some(past) = self.past_multiple(unit) else { return self.strip_monotonic() };
        let down = self.unix_nanos() - past;
        let up = if 2 * past >= unit.as_nanos() as i128 { unit.as_nanos() as i128 } else { 0 };
        Time::from_unix_nanos(down + up)
    }

    /// The nanoseconds since the last multiple of a unit.
    const fn past_multiple(self, unit: Duration) -> Option<i128> {
        let unit = unit.as_nanos() as i128;
        if unit <= 0 {
            return None;
        }
        Some((self.unix_nanos() + SECONDS_1_TO_1970 * 1_000_000_000).rem_euclid(unit))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn rounding_is_gos() {
        // What Go's Truncate and Round print for 2012-12-07T12:15:30.918273645Z, and for
        // -5 s as Unix seconds.
        let time: Time = "2012-12-07T12:15:30.918273645Z".parse().unwrap();
        let table = [
            ("1ns", "2012-12-07T12:15:30.918273645Z", "2012-12-07T12:15:30.918273645Z"),
            ("1us", "2012-12-07T12:15:30.918273Z", "2012-12-07T12:15:30.918274Z"),
            ("1ms", "2012-12-07T12:15:30.918Z", "2012-12-07T12:15:30.918Z"),
            ("1s", "2012-12-07T12:15:30Z", "2012-12-07T12:15:31Z"),
            ("2s", "2012-12-07T12:15:30Z", "2012-12-07T12:15:30Z"),
            ("1m", "2012-12-07T12:15:00Z", "2012-12-07T12:16:00Z"),
            ("10m", "2012-12-07T12:10:00Z", "2012-12-07T12:20:00Z"),
            ("1h", "2012-12-07T12:00:00Z", "2012-12-07T12:00:00Z"),
            ("24h", "2012-12-07T00:00:00Z", "2012-12-08T00:00:00Z"),
            ("168h", "2012-12-03T00:00:00Z", "2012-12-10T00:00:00Z"),
            ("0s", "2012-12-07T12:15:30.918273645Z", "2012-12-07T12:15:30.918273645Z"),
            ("-1h", "2012-12-07T12:15:30.918273645Z", "2012-12-07T12:15:30.918273645Z"),
        ];
        for (unit, truncated, rounded) in table {
            let unit: Duration = unit.parse().unwrap();
            assert_eq!(time.truncate(unit).to_string(), truncated, "{unit}");
            assert_eq!(time.round(unit).to_string(), rounded, "{unit}");
        }
        let minute = Duration::from_minutes(1);
        assert_eq!(Time::from_unix_seconds(-5).truncate(minute), Time::from_unix_seconds(-60));
        assert_eq!(Time::from_unix_seconds(-5).round(minute), Time::UNIX_EPOCH);
    }

    #[test]
    fn the_ends_saturate() {
        for unit in [1, 1_000_000_000, i64::MAX].map(Duration::from_nanos) {
            assert!(Time::MAX.round(unit) >= Time::MAX.truncate(unit));
            assert!(Time::MIN.truncate(unit) >= Time::MIN, "{unit}");
        }
        assert_eq!(crate::now().truncate(Duration::ZERO).monotonic_nanos(), None);
    }
}
