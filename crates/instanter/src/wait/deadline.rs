//! A moment to wait for, on one of three clocks.

use instanter_clock::{Clock, Error, Timespec};

use super::park;
use crate::{Duration, Time};

/// The clocks that can be waited on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scale {
    Monotonic,
    Wall,
    Boot,
}

/// A moment to wait for, on the monotonic clock, the wall clock or the clock of
/// the time since boot: see [the table](crate::wait) for what sets them apart.
///
/// Adding a length of time moves it on its own clock.
///
/// ```
/// use instanter::{Deadline, Duration, Time, now};
///
/// let soon = Deadline::after(Duration::from_seconds(5));
/// assert!(soon.left() <= Duration::from_seconds(5));
/// assert!(!soon.has_passed());
///
/// // A time that was read measures; one that was made is a time of day.
/// assert_eq!(Deadline::from(now()).clock(), instanter::clock::Clock::MONOTONIC);
/// assert_eq!(Deadline::from(Time::from_unix(0, 0)).clock(), instanter::clock::Clock::REALTIME);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    scale: Scale,
    at: Timespec,
}

impl Deadline {
    /// Makes the moment that is `length` from now on the monotonic clock.
    ///
    /// ```
    /// use instanter::{Deadline, Duration};
    /// assert!(Deadline::after(Duration::ZERO).has_passed());
    /// assert!(!Deadline::after(Duration::MAX).has_passed());
    /// ```
    #[must_use]
    pub fn after(length: Duration) -> Deadline {
        Deadline::now_on(Scale::Monotonic) + length
    }

    /// Makes the moment that is `length` from now on the clock of the time since
    /// boot, which goes on while the machine is suspended.
    ///
    /// ```
    /// use instanter::{Deadline, Duration};
    /// let tea = Deadline::after_also_suspended(Duration::from_seconds(180));
    /// assert!(tea.left() > Duration::ZERO);
    /// ```
    #[must_use]
    pub fn after_also_suspended(length: Duration) -> Deadline {
        Deadline::now_on(Scale::Boot) + length
    }

    /// Makes a moment of the monotonic clock, in nanoseconds since boot, as
    /// [`Time::monotonic_nanos`] has them.
    ///
    /// ```
    /// assert!(instanter::Deadline::monotonic(1).has_passed());
    /// ```
    #[must_use]
    pub const fn monotonic(nanos: i64) -> Deadline {
        Deadline { scale: Scale::Monotonic, at: Timespec::from_nanos(nanos as i128) }
    }

    /// Makes a moment of the clock of the time since boot, in nanoseconds,
    /// suspended time included.
    ///
    /// ```
    /// use instanter::{Deadline, clock::Clock};
    /// let minute = Deadline::boot(60_000_000_000);
    /// let up = Clock::BOOTTIME.now()?;
    /// assert_eq!(minute.has_passed(), up.sec >= 60);
    /// # Ok::<(), instanter::clock::Error>(())
    /// ```
    #[must_use]
    pub const fn boot(nanos: i64) -> Deadline {
        Deadline { scale: Scale::Boot, at: Timespec::from_nanos(nanos as i128) }
    }

    /// Makes a moment of the wall clock, whether the time has a monotonic reading
    /// or not: whoever waits for it follows the clock when it is set.
    ///
    /// ```
    /// use instanter::{Deadline, Duration, now};
    /// let at_nine = Deadline::wall(now()) + Duration::from_seconds(3_600);
    /// assert_eq!(at_nine.clock(), instanter::clock::Clock::REALTIME);
    /// ```
    #[must_use]
    pub const fn wall(time: Time) -> Deadline {
        Deadline { scale: Scale::Wall, at: time.wall_reading() }
    }

    /// Returns the clock that it is a moment of.
    ///
    /// ```
    /// use instanter::{Deadline, clock::Clock};
    /// assert_eq!(Deadline::monotonic(5).clock(), Clock::MONOTONIC);
    /// ```
    #[must_use]
    pub const fn clock(self) -> Clock {
        match self.scale {
            Scale::Monotonic => Clock::MONOTONIC,
            Scale::Wall => Clock::REALTIME,
            Scale::Boot => Clock::BOOTTIME,
        }
    }

    pub(super) const fn scale(self) -> Scale {
        self.scale
    }

    /// Returns what its clock shows at that moment.
    ///
    /// ```
    /// use instanter::Deadline;
    /// assert_eq!(Deadline::monotonic(5).at().nsec, 5);
    /// ```
    #[must_use]
    pub const fn at(self) -> Timespec {
        self.at
    }

    /// Returns how long it is until then; negative once it has passed.
    ///
    /// ```
    /// use instanter::{Deadline, Duration};
    /// let left = Deadline::after(Duration::from_seconds(1)).left();
    /// assert!(left <= Duration::from_seconds(1));
    /// ```
    #[must_use]
    pub fn left(self) -> Duration {
        self.since(Deadline::now_on(self.scale))
    }

    /// Whether its clock has reached it.
    ///
    /// ```
    /// use instanter::{Deadline, Time};
    /// assert!(Deadline::wall(Time::UNIX_EPOCH).has_passed());
    /// ```
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.at <= park::now_on(self.scale)
    }

    /// Returns the present on this one's clock.
    pub(super) fn now(self) -> Deadline {
        Deadline::now_on(self.scale)
    }

    /// Returns the present on this one's clock, or why nobody tells it.
    pub(super) fn try_now(self) -> Result<Deadline, Error> {
        Ok(Deadline { scale: self.scale, at: park::try_now_on(self.scale)? })
    }

    fn now_on(scale: Scale) -> Deadline {
        Deadline { scale, at: park::now_on(scale) }
    }

    /// Returns the time from another moment of the same clock to this.
    pub(super) const fn since(self, earlier: Deadline) -> Duration {
        Duration::saturating_from_nanos(self.at.as_nanos() - earlier.at.as_nanos())
    }

    /// Returns this moment moved by any number of nanoseconds, saturating.
    pub(super) const fn moved_by(self, nanos: i128) -> Deadline {
        let at = Timespec::from_nanos(self.at.as_nanos().saturating_add(nanos));
        Deadline { scale: self.scale, at }
    }
}

impl From<Time> for Deadline {
    /// The moment on the monotonic clock where the time has a reading of it, else
    /// on the wall clock.
    fn from(time: Time) -> Deadline {
        match time.monotonic_nanos() {
            Some(nanos) => Deadline::monotonic(nanos),
            None => Deadline::wall(time),
        }
    }
}

impl core::ops::Add<Duration> for Deadline {
    type Output = Deadline;

    /// Saturates at the ends of 64-bit seconds.
    fn add(self, length: Duration) -> Deadline {
        self.moved_by(length.as_nanos().into())
    }
}

impl core::ops::Sub<Duration> for Deadline {
    type Output = Deadline;

    /// Saturates at the ends of 64-bit seconds.
    fn sub(self, length: Duration) -> Deadline {
        self.moved_by(-i128::from(length.as_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_exact_and_saturates() {
        let table = [
            (0, 5, 5),
            (i64::MAX, 0, i128::from(i64::MAX)),
            (i64::MAX, i64::MAX, 2 * i128::from(i64::MAX)),
            (i64::MIN, i64::MIN, 2 * i128::from(i64::MIN)),
            (-3, 1, -2),
        ];
        for (start, length, want) in table {
            let length = Duration::from_nanos(length);
            let moved = Deadline::monotonic(start) + length;
            assert_eq!(moved.at().as_nanos(), want, "{start} + {length}");
            assert_eq!(moved - length, Deadline::monotonic(start));
            assert_eq!(moved.since(Deadline::monotonic(start)), length);
        }
        let end = Deadline::wall(Time::from_unix(i64::MAX, 999_999_999));
        assert_eq!(end + Duration::MAX, end);
        assert_eq!(end.left(), Duration::MAX);
        let start = Deadline::wall(Time::from_unix(i64::MIN, 0));
        assert_eq!(start - Duration::MAX, start);
        assert_eq!(start.left(), Duration::MIN);
        assert!(start.has_passed() && !end.has_passed());
    }

    #[test]
    fn a_time_waits_on_the_clock_that_it_was_read_from() {
        let now = crate::now();
        let deadline = Deadline::from(now);
        assert_eq!(deadline.clock(), Clock::MONOTONIC);
        assert_eq!(deadline.at().as_nanos(), now.monotonic_nanos().map_or(-1, i128::from));
        for wall in [Deadline::wall(now), Deadline::from(now.strip_monotonic())] {
            assert_eq!((wall.clock(), wall.at()), (Clock::REALTIME, now.wall_reading()));
        }
    }
}
