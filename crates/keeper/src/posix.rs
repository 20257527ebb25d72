//! The POSIX clocks: what a program may do with each.

use crate::Clock;

/// A clock as programs know it, and what they may do with it.
///
/// That a program may set a clock means that the call exists; who has the right to
/// is the kernel's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PosixClock {
    /// Its number (`clockid_t`).
    pub id: i32,
    /// Its name.
    pub name: &'static str,
    /// Which of a keeper's clocks it shows.
    pub clock: Clock,
    /// Whether it shows the last tick (`clock_gettime` without a counter).
    pub coarse: bool,
    /// `clock_settime` is there.
    pub settable: bool,
    /// `clock_adjtime` is there.
    pub adjustable: bool,
    /// `clock_nanosleep` is there.
    pub sleepable: bool,
    /// `timer_create` is there.
    pub timers: bool,
    /// Its timers wake the machine up (`CLOCK_REALTIME_ALARM`).
    pub wakes: bool,
}

const fn row(id: i32, name: &'static str, clock: Clock) -> PosixClock {
    PosixClock {
        id,
        name,
        clock,
        coarse: false,
        settable: false,
        adjustable: false,
        sleepable: false,
        timers: false,
        wakes: false,
    }
}

const fn with_timers(mut row: PosixClock) -> PosixClock {
    (row.sleepable, row.timers) = (true, true);
    row
}

const fn waking(row: PosixClock) -> PosixClock {
    PosixClock { wakes: true, ..with_timers(row) }
}

/// The clocks of a keeper as POSIX and Linux number them.
///
/// Not among them are the clocks of processes and threads (2 and 3), which are the
/// scheduler's, and the auxiliary ones (16 to 23).
///
/// ```
/// use instanter_keeper::{Clock, POSIX_CLOCKS};
/// let tai = POSIX_CLOCKS.iter().find(|row| row.name == "CLOCK_TAI").unwrap();
/// assert_eq!((tai.id, tai.clock, tai.settable), (11, Clock::Tai, false));
/// ```
///
/// # References
/// - [`clock_getres(2)`](https://man7.org/linux/man-pages/man2/clock_getres.2.html)
/// - Linux `kernel/time/posix-timers.c`, `kernel/time/alarmtimer.c`
pub const POSIX_CLOCKS: &[PosixClock] = &[
    PosixClock {
        settable: true,
        adjustable: true,
        ..with_timers(row(0, "CLOCK_REALTIME", Clock::Realtime))
    },
    with_timers(row(1, "CLOCK_MONOTONIC", Clock::Monotonic)),
    row(4, "CLOCK_MONOTONIC_RAW", Clock::Raw),
    PosixClock { coarse: true, ..row(5, "CLOCK_REALTIME_COARSE", Clock::Realtime) },
    PosixClock { coarse: true, ..row(6, "CLOCK_MONOTONIC_COARSE", Clock::Monotonic) },
    with_timers(row(7, "CLOCK_BOOTTIME", Clock::Boottime)),
    waking(row(8, "CLOCK_REALTIME_ALARM", Clock::Realtime)),
    waking(row(9, "CLOCK_BOOTTIME_ALARM", Clock::Boottime)),
    with_timers(row(11, "CLOCK_TAI", Clock::Tai)),
];

impl PosixClock {
    /// `of(id)` — Returns the clock of that number.
    ///
    /// ```
    /// use instanter_keeper::PosixClock;
    /// assert_eq!(PosixClock::of(7).unwrap().name, "CLOCK_BOOTTIME");
    /// assert_eq!(PosixClock::of(2), None);
    /// ```
    #[must_use]
    pub fn of(id: i32) -> Option<&'static PosixClock> {
        POSIX_CLOCKS.iter().find(|row| row.id == id)
    }

    /// `resolution_ns(tick_ns)` — Returns what `clock_getres` says, in nanoseconds,
    /// on a machine with high-resolution timers that ticks every `tick_ns`.
    ///
    /// A coarse clock resolves a tick. The others say 1 ns, whatever their counter:
    /// what counts is how finely a timer can be set.
    ///
    /// ```
    /// use instanter_keeper::PosixClock;
    /// assert_eq!(PosixClock::of(1).unwrap().resolution_ns(4_000_000), 1);
    /// assert_eq!(PosixClock::of(6).unwrap().resolution_ns(4_000_000), 4_000_000);
    /// ```
    #[must_use]
    pub const fn resolution_ns(&self, tick_ns: u64) -> u64 {
        if self.coarse { tick_ns } else { 1 }
    }
}
