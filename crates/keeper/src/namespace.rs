//! Time namespaces: the same clocks, counted from elsewhere.

use instanter_page::Timespec;
use instanter_page::linux::base;

use crate::Clock;

/// What a group of processes sees added to its monotonic clocks and to boot time: a
/// container that was moved from another machine goes on where it was.
///
/// The wall clock and TAI are the same for all.
///
/// ```
/// use instanter_keeper::{Clock, TimeNamespace, Timespec};
/// let moved = TimeNamespace {
///     monotonic: Timespec::new(-100, 0),
///     boottime: Timespec::new(5_000, 0),
/// };
/// assert_eq!(moved.inside(Clock::Monotonic, Timespec::new(250, 7)), Timespec::new(150, 7));
/// assert_eq!(moved.inside(Clock::Realtime, Timespec::new(250, 7)), Timespec::new(250, 7));
/// ```
///
/// # References
/// [`time_namespaces(7)`](https://man7.org/linux/man-pages/man7/time_namespaces.7.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeNamespace {
    /// What is added to the monotonic and the raw clock.
    pub monotonic: Timespec,
    /// What is added to boot time.
    pub boottime: Timespec,
}

impl TimeNamespace {
    /// `inside(clock, time)` — Returns what a process in the namespace sees of a
    /// clock.
    #[must_use]
    pub const fn inside(&self, clock: Clock, time: Timespec) -> Timespec {
        time.shifted_by(self.offset(clock))
    }

    /// `outside(clock, time)` — Returns what everybody else sees of a clock, when a
    /// process in the namespace sees `time`: for the deadlines of its timers.
    ///
    /// ```
    /// use instanter_keeper::{Clock, TimeNamespace, Timespec};
    /// let moved = TimeNamespace { boottime: Timespec::new(5_000, 0), ..TimeNamespace::default() };
    /// assert_eq!(moved.outside(Clock::Boottime, Timespec::new(5_001, 0)), Timespec::new(1, 0));
    /// ```
    #[must_use]
    pub const fn outside(&self, clock: Clock, time: Timespec) -> Timespec {
        Timespec::from_nanos(time.as_nanos() - self.offset(clock).as_nanos())
    }

    const fn offset(&self, clock: Clock) -> Timespec {
        match clock {
            Clock::Monotonic | Clock::Raw => self.monotonic,
            Clock::Boottime => self.boottime,
            Clock::Realtime | Clock::Tai => Timespec { sec: 0, nsec: 0 },
        }
    }

    /// `offsets()` — Returns what the namespace's page holds, for
    /// [`Writer::update_namespace`](instanter_page::linux::Writer::update_namespace).
    ///
    /// ```
    /// use instanter_keeper::{TimeNamespace, Timespec};
    /// use instanter_page::linux::base;
    /// let moved = TimeNamespace { monotonic: Timespec::new(-9, 0), ..TimeNamespace::default() };
    /// assert_eq!(moved.offsets()[base::MONOTONIC_COARSE], Timespec::new(-9, 0));
    /// assert_eq!(moved.offsets()[base::REALTIME], Timespec::default());
    /// ```
    #[must_use]
    pub fn offsets(&self) -> [Timespec; base::COUNT] {
        let mut offsets = [Timespec::default(); base::COUNT];
        offsets[base::MONOTONIC] = self.monotonic;
        offsets[base::MONOTONIC_RAW] = self.monotonic;
        offsets[base::MONOTONIC_COARSE] = self.monotonic;
        offsets[base::BOOTTIME] = self.boottime;
        offsets
    }
}
