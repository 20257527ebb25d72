//! Conversions to and from `std::time`.

use std::time::{Duration as StdDuration, SystemTime};

use crate::{Duration, Time};

impl From<SystemTime> for Time {
    /// Keeps the wall reading, which is all that a `SystemTime` has.
    fn from(time: SystemTime) -> Time {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Time::from_unix_nanos(nanos(after)),
            Err(before) => Time::from_unix_nanos(-nanos(before.duration())),
        }
    }
}

impl TryFrom<Time> for SystemTime {
    type Error = Time;

    /// Returns the moment back where a `SystemTime` cannot hold it.
    fn try_from(time: Time) -> Result<SystemTime, Time> {
        let whole = StdDuration::from_secs(time.unix_seconds().unsigned_abs());
        let start = if time.unix_seconds() < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(whole)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(whole)
        };
        let part = StdDuration::from_nanos(u64::from(time.nanosecond()));
        start.and_then(|start| start.checked_add(part)).ok_or(time)
    }
}

impl From<StdDuration> for Duration {
    /// Saturates at 292 years.
    fn from(length: StdDuration) -> Duration {
        Duration::saturating_from_nanos(nanos(length))
    }
}

impl TryFrom<Duration> for StdDuration {
    type Error = Duration;

    /// Returns the length back where it is negative, which std's cannot be.
    fn try_from(length: Duration) -> Result<StdDuration, Duration> {
        u64::try_from(length.as_nanos()).map(StdDuration::from_nanos).map_err(|_| length)
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
        assert_eq!(StdDuration::try_from(Duration::from_nanos(-1)), Err(Duration::from_nanos(-1)));
        assert_eq!(Duration::from(StdDuration::MAX), Duration::MAX);
    }
}
