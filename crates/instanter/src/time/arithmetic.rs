//! Measuring between moments, and moving them.
//!
//! What *measures* uses the monotonic readings where both moments have one, so that a wall
//! clock which somebody sets in between does not matter; else the wall readings. What
//! *moves* a moment moves both of its readings.

use core::ops::{Add, AddAssign, Sub, SubAssign};

use instanter_clock::Timespec;

use super::Time;
use crate::{Duration, now};

impl Time {
    /// Returns how long ago this moment was, on the monotonic clock where it has
    /// a monotonic reading, else on the wall clock.
    ///
    /// ```
    /// use instanter::{Duration, now};
    /// assert!(now().elapsed() >= Duration::ZERO);
    /// ```
    #[must_use]
    pub fn elapsed(self) -> Duration {
        now().since(self)
    }

    /// Returns the time from `earlier` to this moment: on the monotonic clock
    /// where both have a reading of it, else on the wall clock. Negative if
    /// `earlier` is later; saturates at ±292 years.
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// let noon = Time::from_unix(43_200, 0);
    /// assert_eq!(noon.since(Time::UNIX_EPOCH), Duration::from_seconds(43_200));
    /// assert_eq!(Time::UNIX_EPOCH.since(noon), Duration::from_seconds(-43_200));
    /// ```
    #[must_use]
    pub const fn since(self, earlier: Time) -> Duration {
        if let (Some(here), Some(there)) = (self.monotonic_nanos(), earlier.monotonic_nanos()) {
            return Duration::from_nanos(here.saturating_sub(there));
        }
        Duration::saturating_from_nanos(self.unix_nanos() - earlier.unix_nanos())
    }

    /// Returns the time from this moment to `later`, on the clock that
    /// [`since`](Time::since) uses.
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// let deadline = Time::UNIX_EPOCH + Duration::from_seconds(5);
    /// assert_eq!(Time::UNIX_EPOCH.until(deadline), Duration::from_seconds(5));
    /// ```
    #[must_use]
    pub const fn until(self, later: Time) -> Duration {
        later.since(self)
    }

    /// Whether this moment was before `other`: on the monotonic clock where both have a
    /// reading of it, else on the wall clock. The operator `<` always uses the wall clock.
    ///
    /// ```
    /// use instanter::{Duration, now};
    /// let deadline = now() + Duration::from_hours(1);
    /// assert!(now().before(deadline));
    /// ```
    #[must_use]
    pub const fn before(self, other: Time) -> bool {
        if let (Some(here), Some(there)) = (self.monotonic_nanos(), other.monotonic_nanos()) {
            return here < there;
        }
        self.unix_nanos() < other.unix_nanos()
    }

    /// Whether this moment was after `other`: on the monotonic clock where both have a
    /// reading of it, else on the wall clock. The operator `>` always uses the wall clock.
    ///
    /// ```
    /// use instanter::{Duration, now};
    /// let start = now();
    /// assert!((start + Duration::from_nanos(1)).after(start));
    /// ```
    #[must_use]
    pub const fn after(self, other: Time) -> bool {
        other.before(self)
    }

    /// Returns the moment so much later, on both clocks. Nothing where the wall reading
    /// would leave `i64` seconds. A monotonic reading that cannot follow is dropped.
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// let later = Time::UNIX_EPOCH.checked_add(Duration::from_millis(1_500));
    /// assert_eq!(later, Some(Time::from_unix(1, 500_000_000)));
    /// assert_eq!(Time::MAX.checked_add(Duration::from_nanos(1)), None);
    /// ```
    #[must_use]
    pub const fn checked_add(self, length: Duration) -> Option<Time> {
        let nanos = self.unix_nanos() + length.as_nanos() as i128;
        if nanos < Time::MIN.unix_nanos() || nanos > Time::MAX.unix_nanos() {
            return None;
        }
        Some(self.moved_to(Timespec::from_nanos(nanos), length.as_nanos()))
    }

    /// Returns the moment so much earlier, on both clocks; see
    /// [`checked_add`](Time::checked_add).
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// assert_eq!(Time::MIN.checked_sub(Duration::from_nanos(1)), None);
    /// ```
    #[must_use]
    pub const fn checked_sub(self, length: Duration) -> Option<Time> {
        // Not the negative's sum: that of the shortest does not fit.
        let nanos = self.unix_nanos() - length.as_nanos() as i128;
        if nanos < Time::MIN.unix_nanos() || nanos > Time::MAX.unix_nanos() {
            return None;
        }
        let wall = Timespec::from_nanos(nanos);
        match length.as_nanos().checked_neg() {
            Some(moved) => Some(self.moved_to(wall, moved)),
            None => Some(Time { wall: wall.nsec as u64, ext: wall.sec }),
        }
    }

    /// Returns the moment so much later, at most [`MAX`](Time::MAX) and at least
    /// [`MIN`](Time::MIN).
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// assert_eq!(Time::MAX.saturating_add(Duration::from_nanos(1)), Time::MAX);
    /// ```
    #[must_use]
    pub const fn saturating_add(self, length: Duration) -> Time {
        match self.checked_add(length) {
            Some(time) => time,
            None if length.is_negative() => Time::MIN,
            None => Time::MAX,
        }
    }

    /// Returns the moment so much earlier, at most [`MAX`](Time::MAX) and at least
    /// [`MIN`](Time::MIN).
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// assert_eq!(Time::MIN.saturating_sub(Duration::from_nanos(1)), Time::MIN);
    /// ```
    #[must_use]
    pub const fn saturating_sub(self, length: Duration) -> Time {
        match self.checked_sub(length) {
            Some(time) => time,
            None if length.is_negative() => Time::MAX,
            None => Time::MIN,
        }
    }

    /// With the wall reading put elsewhere and the monotonic one moved along.
    const fn moved_to(self, wall: Timespec, moved_ns: i64) -> Time {
        let plain = Time { wall: wall.nsec as u64, ext: wall.sec };
        match self.monotonic_nanos() {
            Some(nanos) => match nanos.checked_add(moved_ns) {
                Some(nanos) => Time::pack(wall, nanos),
                None => plain,
            },
            None => plain,
        }
    }
}

/// Later on both clocks; saturates as [`Time::saturating_add`].
impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, length: Duration) -> Time {
        self.saturating_add(length)
    }
}

/// Earlier on both clocks; saturates as [`Time::saturating_sub`].
impl Sub<Duration> for Time {
    type Output = Time;

    fn sub(self, length: Duration) -> Time {
        self.saturating_sub(length)
    }
}

/// The time from the right to the left, as [`Time::since`].
impl Sub for Time {
    type Output = Duration;

    fn sub(self, earlier: Time) -> Duration {
        self.since(earlier)
    }
}

/// Saturates.
impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, length: Duration) {
        *self = *self + length;
    }
}

/// Saturates.
impl SubAssign<Duration> for Time {
    fn sub_assign(&mut self, length: Duration) {
        *self = *self - length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall_s: i64, monotonic_s: i64) -> Time {
        let (wall, monotonic) = (Timespec::new(wall_s, 0), Timespec::new(monotonic_s, 0));
        Time::from_readings(wall, monotonic)
    }

    #[test]
    fn a_clock_set_back_does_not_matter() {
        // Five seconds pass, while somebody puts the wall clock back by an hour.
        let (before, after) = (at(10_000, 50), at(6_405, 55));
        assert_eq!(after.since(before), Duration::from_seconds(5));
        assert!(after.after(before) && before.before(after) && !before.after(after));
        assert!(after < before, "the operator is the wall clock's");
        let stripped = after.strip_monotonic();
        assert_eq!(stripped.since(before), Duration::from_seconds(-3_595));
        assert!(stripped.before(before));
    }

    #[test]
    fn both_readings_move_and_none_wraps() {
        let time = at(100, 7) + Duration::from_seconds(3);
        assert_eq!((time.unix_seconds(), time.monotonic_nanos()), (103, Some(10_000_000_000)));
        assert_eq!((time - Duration::from_seconds(3)).monotonic_nanos(), Some(7_000_000_000));
        // The wall reading leaves 33 bits of seconds since 1885.
        let far = at(5_907_560_191, 7) + Duration::from_seconds(1);
        assert_eq!((far.unix_seconds(), far.monotonic_nanos()), (5_907_560_192, None));
        let past = at(-2_682_374_400, 7) - Duration::from_nanos(1);
        assert_eq!((past.unix_seconds(), past.monotonic_nanos()), (-2_682_374_401, None));
        // The monotonic reading leaves 64 bits: nine billion seconds, and 292 years.
        let late = at(0, 9_000_000_000) + Duration::from_hours(2_000_000);
        assert_eq!(late.monotonic_nanos(), None);
        assert_eq!(late.unix_seconds(), 7_200_000_000);
        let shortest = Time::UNIX_EPOCH.checked_sub(Duration::MIN).unwrap();
        assert_eq!(shortest.unix_nanos(), 1 << 63);
        assert_eq!(at(0, 1).saturating_sub(Duration::MIN).monotonic_nanos(), None);
        assert_eq!(Time::MAX - Duration::MIN, Time::MAX);
        assert_eq!(Time::MIN + Duration::MIN, Time::MIN);
        assert_eq!(Time::MAX.since(Time::MIN), Duration::MAX);
        assert_eq!(Time::MIN - Time::MAX, Duration::MIN);
    }
}
