//! Clock ids, and reading one clock.

use core::fmt;

use instanter_counter::{Counter, Ordered, Relaxed};
use instanter_page::Timespec;

use crate::sys::clocks;
use crate::{Error, chain, link, sys};

/// A clock of the kernel.
///
/// The value is the kernel's clock id. Reading a clock that the time page serves
/// ([`REALTIME`](Clock::REALTIME), [`MONOTONIC`](Clock::MONOTONIC),
/// [`MONOTONIC_RAW`](Clock::MONOTONIC_RAW), [`BOOTTIME`](Clock::BOOTTIME),
/// [`TAI`](Clock::TAI) and the coarse ones) makes no system call.
///
/// ```
/// use instanter_clock::Clock;
/// let uptime = Clock::BOOTTIME.now()?;
/// println!("{} has run for {uptime} s", Clock::BOOTTIME);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock {
    id: i32,
}

impl Clock {
    /// Wall clock: seconds since 1970-01-01 00:00:00 UTC without leap seconds.
    /// Can be set, steered and stepped.
    pub const REALTIME: Clock = Clock::from_id(clocks::REALTIME);
    /// Time since boot, without suspended time. Never goes back, is steered by
    /// NTP. For measuring.
    pub const MONOTONIC: Clock = Clock::from_id(clocks::MONOTONIC);
    /// CPU time of this process: user and system, all its threads.
    pub const PROCESS_CPU: Clock = Clock::from_id(clocks::PROCESS_CPU);
    /// CPU time of the calling thread.
    pub const THREAD_CPU: Clock = Clock::from_id(clocks::THREAD_CPU);
    /// Like [`MONOTONIC`](Clock::MONOTONIC), but never steered: the counter in
    /// nanoseconds. For judging other clocks.
    pub const MONOTONIC_RAW: Clock = Clock::from_id(clocks::MONOTONIC_RAW);
    /// The wall clock at the last tick: cheap, some milliseconds old.
    pub const REALTIME_COARSE: Clock = Clock::from_id(clocks::REALTIME_COARSE);
    /// The monotonic clock at the last tick: cheap, some milliseconds old.
    pub const MONOTONIC_COARSE: Clock = Clock::from_id(clocks::MONOTONIC_COARSE);
    /// Time since boot, suspended time included.
    pub const BOOTTIME: Clock = Clock::from_id(clocks::BOOTTIME);
    /// The wall clock, for timers that wake a suspended machine. Needs a
    /// hardware clock that can.
    pub const REALTIME_ALARM: Clock = Clock::from_id(clocks::REALTIME_ALARM);
    /// Time since boot, for timers that wake a suspended machine. Needs a
    /// hardware clock that can.
    pub const BOOTTIME_ALARM: Clock = Clock::from_id(clocks::BOOTTIME_ALARM);
    /// International Atomic Time, where somebody told the kernel its offset
    /// from UTC; else equal to the wall clock.
    pub const TAI: Clock = Clock::from_id(clocks::TAI);
    /// Auxiliary clocks, each set and steered on its own (since Linux 6.17, where
    /// configured and enabled).
    pub const AUX: [Clock; 8] = {
        let mut all = [Clock::REALTIME; 8];
        let mut index = 0;
        while index < all.len() {
            all[index] = Clock::from_id(clocks::aux(index));
            index += 1;
        }
        all
    };

    /// The clocks that the time page has; none where no page is read.
    pub const ON_PAGE: [Clock; clocks::ON_PAGE.len()] = {
        let mut all = [Clock::REALTIME; clocks::ON_PAGE.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Clock::from_id(clocks::ON_PAGE[index]);
            index += 1;
        }
        all
    };

    /// Every clock of this system that has a fixed id: 19 on Linux.
    pub const ALL: [Clock; clocks::TABLE.len()] = {
        let mut all = [Clock::REALTIME; clocks::TABLE.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Clock::from_id(clocks::TABLE[index].0);
            index += 1;
        }
        all
    };

    /// `from_id(id)` — Returns the clock of a kernel's clock id, which need not
    /// exist.
    #[must_use]
    pub const fn from_id(id: i32) -> Clock {
        Clock { id }
    }

    /// `process_cpu(pid)` — Returns the CPU-time clock of a process, as
    /// `clock_getcpuclockid` does. Zero is the caller's own.
    ///
    /// ```
    /// use instanter_clock::Clock;
    /// let own = Clock::process_cpu(std::process::id());
    /// assert!(own.now()? <= Clock::PROCESS_CPU.now()?);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    #[must_use]
    pub const fn process_cpu(pid: u32) -> Clock {
        Clock::from_id(clocks::process_cpu(pid))
    }

    /// `thread_cpu(tid)` — Returns the CPU-time clock of a thread of this
    /// process, by its kernel thread id. Zero is the caller's own.
    #[must_use]
    pub const fn thread_cpu(tid: u32) -> Clock {
        Clock::from_id(clocks::thread_cpu(tid))
    }

    /// `id()` — Returns the kernel's clock id.
    ///
    /// ```
    /// assert_eq!(instanter_clock::Clock::TAI.id(), 11);
    /// ```
    #[must_use]
    pub const fn id(self) -> i32 {
        self.id
    }

    /// `name()` — Returns the name that the kernel's headers give it.
    ///
    /// ```
    /// use instanter_clock::Clock;
    /// assert_eq!(Clock::BOOTTIME.name(), Some("CLOCK_BOOTTIME"));
    /// assert_eq!(Clock::process_cpu(1).name(), None);
    /// ```
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        let mut index = 0;
        while index < clocks::TABLE.len() {
            if clocks::TABLE[index].0 == self.id {
                return Some(clocks::TABLE[index].1);
            }
            index += 1;
        }
        sys::name_without_id(self.id)
    }

    pub(crate) fn is_alarm(self) -> bool {
        [Clock::REALTIME_ALARM, Clock::BOOTTIME_ALARM].contains(&self)
    }

    /// `now()` — Returns the current value of this clock, ordered: after an
    /// acquire load it is never earlier than a value that was read and published
    /// before the release store.
    ///
    /// # Errors
    /// [`Error::is_unsupported`] for a clock that the kernel or the machine does
    /// not have, [`Error::is_denied`] where a sandbox forbids the call. Never
    /// for a clock that the page serves, once a page is proved.
    ///
    /// # References
    /// [`clock_gettime(2)`](https://man7.org/linux/man-pages/man2/clock_gettime.2.html)
    #[inline]
    pub fn now(self) -> Result<Timespec, Error> {
        self.read(Ordered)
    }

    /// `now_relaxed()` — Returns the current value of this clock, unordered with
    /// the instructions around it: the fastest read.
    ///
    /// # Errors
    /// Those of [`now`](Clock::now).
    #[inline]
    pub fn now_relaxed(self) -> Result<Timespec, Error> {
        self.read(Relaxed)
    }

    #[inline(always)]
    fn read(self, counter: impl Counter) -> Result<Timespec, Error> {
        match link::clock(self, counter) {
            Some(time) => Ok(time),
            None => chain::clock(self),
        }
    }

    /// `resolution()` — Returns the smallest step of this clock, as
    /// `clock_getres` does. A coarse clock's is the tick.
    ///
    /// # Errors
    /// Those of [`now`](Clock::now).
    ///
    /// # References
    /// [`clock_getres(2)`](https://man7.org/linux/man-pages/man2/clock_getres.2.html)
    ///
    /// ```
    /// use instanter_clock::Clock;
    /// let (fine, coarse) = (Clock::MONOTONIC.resolution()?, Clock::MONOTONIC_COARSE.resolution()?);
    /// assert!(fine <= coarse);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn resolution(self) -> Result<Timespec, Error> {
        chain::resolution(self)
    }

    /// `set(time)` — Sets this clock.
    ///
    /// # Errors
    /// [`Error::is_denied`] without `CAP_SYS_TIME`, `EINVAL` for a clock that
    /// cannot be set or a time that it cannot have.
    ///
    /// # References
    /// [`clock_settime(2)`](https://man7.org/linux/man-pages/man2/clock_settime.2.html)
    pub fn set(self, time: Timespec) -> Result<(), Error> {
        sys::clock_settime(self.id, time).map_err(|errno| Error::new("clock_settime", self, errno))
    }
}

/// The kernel's name, or what the id says: `CPU time of process 7`, `clock 12`.
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return f.write_str(name);
        }
        match clocks::subject(self.id) {
            Some((what, number)) => write!(f, "{what} {number}"),
            None => write!(f, "clock {}", self.id),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A clock behind a file descriptor: a network card's, or a virtual machine's
/// host's (`/dev/ptp0`).
///
/// Reading it is a system call, and may be slow: the card is asked.
///
/// ```no_run
/// use instanter_clock::DynamicClock;
/// use std::{fs::File, os::fd::AsRawFd};
/// let device = File::open("/dev/ptp0")?;
/// let clock = DynamicClock::from_fd(device.as_raw_fd());
/// println!("{}", clock.now()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DynamicClock(Clock);

impl DynamicClock {
    /// Returns the clock behind an open file descriptor, for as long as that
    /// stays open.
    #[must_use]
    pub const fn from_fd(fd: i32) -> DynamicClock {
        DynamicClock(Clock::from_id(clocks::of_descriptor(fd)))
    }

    /// Returns it as a [`Clock`], with which it shares all calls.
    #[must_use]
    pub const fn as_clock(self) -> Clock {
        self.0
    }

    /// Returns the current value of the clock.
    ///
    /// # Errors
    /// `EINVAL` or `EBADF` where the descriptor is not a clock's.
    pub fn now(self) -> Result<Timespec, Error> {
        self.0.now()
    }

    /// Returns the smallest step of the clock.
    ///
    /// # Errors
    /// Those of [`now`](DynamicClock::now).
    pub fn resolution(self) -> Result<Timespec, Error> {
        self.0.resolution()
    }

    /// Sets the clock.
    ///
    /// # Errors
    /// Those of [`now`](DynamicClock::now), and `EACCES` for a descriptor that
    /// was not opened for writing.
    pub fn set(self, time: Timespec) -> Result<(), Error> {
        self.0.set(time)
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn ids_and_names() {
        let table = [
            (Clock::REALTIME, 0, "CLOCK_REALTIME"),
            (Clock::TAI, 11, "CLOCK_TAI"),
            (Clock::AUX[0], 16, "CLOCK_AUX0"),
            (Clock::AUX[7], 23, "CLOCK_AUX7"),
            (Clock::from_id(10), 10, "clock 10"),
            (Clock::process_cpu(0), -6, "CPU time of process 0"),
            (Clock::process_cpu(7), -62, "CPU time of process 7"),
            (Clock::thread_cpu(0), -2, "CPU time of thread 0"),
            (DynamicClock::from_fd(3).as_clock(), -29, "clock of file descriptor 3"),
        ];
        for (clock, id, text) in table {
            assert_eq!((clock.id(), clock.to_string().as_str()), (id, text));
        }
        let mut ids: std::vec::Vec<i32> = Clock::ALL.iter().map(|clock| clock.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Clock::ALL.len(), "a clock is listed twice");
    }

    #[test]
    fn a_process_clock_id_is_the_c_librarys() {
        let mut id = 0;
        // SAFETY: writes one clock id.
        assert_eq!(unsafe { libc::clock_getcpuclockid(libc::getpid(), &mut id) }, 0);
        assert_eq!(Clock::process_cpu(std::process::id()).id(), id);
    }
}
