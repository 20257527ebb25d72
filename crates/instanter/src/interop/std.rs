//! Conversions to and from `std::time`.

use ::std::time::{Duration as StdDuration, SystemTime};

use crate::{Duration, Error, Time};

impl From<SystemTime> for Time {
    /// Keeps the wall reading, which is all that a `SystemTime` has.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from(std::time::SystemTime::UNIX_EPOCH), Time::UNIX_EPOCH);
    /// ```
    fn from(time: SystemTime) -> Time {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Time::from_unix_nanos(nanos(after)),
            Err(before) => Time::from_unix_nanos(-nanos(before.duration())),
        }
    }
}

impl TryFrom<Time> for SystemTime {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] where a `SystemTime` of this system cannot hold it.
    ///
    /// ```
    /// use instanter::Time;
    /// use std::time::SystemTime;
    /// assert_eq!(SystemTime::try_from(Time::UNIX_EPOCH)?, SystemTime::UNIX_EPOCH);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(time: Time) -> Result<SystemTime, Error> {
        let whole = StdDuration::from_secs(time.unix_seconds().unsigned_abs());
        let start = if time.unix_seconds() < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(whole)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(whole)
        };
        let part = StdDuration::from_nanos(u64::from(time.nanosecond()));
        start
            .and_then(|start| start.checked_add(part))
            .ok_or_else(|| Error::beyond(time, "SystemTime"))
    }
}

impl From<StdDuration> for Duration {
    /// Saturates at 292 years.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from(std::time::Duration::from_secs(5)), Duration::from_seconds(5));
    /// assert_eq!(Duration::from(std::time::Duration::MAX), Duration::MAX);
    /// ```
    fn from(length: StdDuration) -> Duration {
        Duration::saturating_from_nanos(nanos(length))
    }
}

impl TryFrom<Duration> for StdDuration {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] where it is negative, which std's cannot be.
    ///
    /// ```
    /// use instanter::Duration;
    /// let pause = std::time::Duration::try_from(Duration::from_millis(20))?;
    /// std::thread::sleep(pause);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(length: Duration) -> Result<StdDuration, Error> {
        u64::try_from(length.as_nanos())
            .map(StdDuration::from_nanos)
            .map_err(|_| Error::beyond(length, "std::time::Duration"))
    }
}

/// At most 2^64 seconds of nanoseconds: 94 bits.
fn nanos(length: StdDuration) -> i128 {
    length.as_nanos() as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for nanos in [0, 1, -1, 1_795_295_730_123_456_789, -62_135_596_800_000_000_000] {
            let time = Time::from_unix_nanos(nanos);
            let system = SystemTime::try_from(time).expect("in range");
            assert_eq!(Time::from(system), time, "{nanos} ns");
        }
        let before = SystemTime::now();
        let between = Time::from(SystemTime::try_from(crate::now()).expect("in range"));
        assert!(Time::from(before) <= between && between <= SystemTime::now().into());
        let error = StdDuration::try_from(Duration::from_nanos(-1)).unwrap_err();
        assert_eq!(error.to_string(), "-1ns does not fit into a std::time::Duration");
        for seconds in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
            for nanosecond in [0, 1, 999_999_999] {
                let time = Time::from_unix(seconds, nanosecond);
                let system = SystemTime::try_from(time).expect("Linux has 64-bit seconds, too");
                assert_eq!(Time::from(system), time, "{time}");
            }
        }
        assert_eq!(Duration::from(StdDuration::MAX), Duration::MAX);
    }
}
