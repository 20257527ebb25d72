//! What threads and processes have used: CPU time, context switches, faults.
//!
//! # How exact these are
//!
//! The CPU clocks ([`Clock::PROCESS_CPU`], [`Clock::THREAD_CPU`]) are the
//! scheduler's own account: exact to the nanosecond, at each context switch and
//! each reading. They do not tell the program's time from the kernel's.
//!
//! [`Usage`] does, and what it tells as `user + system` is that same exact sum.
//! Its *division*, on most kernels, is an estimate: which of the two was running is
//! sampled at each tick (every 1 to 10 ms), and the sum is divided in the
//! proportion of the samples. Over less than a second it says little; over a few
//! ticks it may say that all was the one or the other. Kernels that were built with
//! `CONFIG_VIRT_CPU_ACCOUNTING_GEN` and isolate CPUs (`nohz_full`), and those of
//! POWER and s390x with their own accounting, take the time at each entry into the
//! kernel instead.
//!
//! [`Times`] is the same as `Usage`, rounded down to ticks of 10 ms, whatever the
//! kernel's own tick is.

use instanter_page::Timespec;

use crate::sys::{self, Rusage};
use crate::{Clock, Error};

/// Whose usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// This process's: all its threads, those that have ended too.
    Process,
    /// The calling thread's.
    Thread,
    /// That of this process's children which have ended and been waited for, and
    /// of theirs.
    Children,
}

/// CPU time, faults and context switches, as `getrusage` tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in the program, to the microsecond.
    pub user: Timespec,
    /// CPU time in the kernel on the program's behalf, to the microsecond.
    pub system: Timespec,
    /// The most memory that was resident at once, in KiB; for children, that of
    /// the largest. For a thread it is its process's.
    pub max_resident_kib: u64,
    /// Page faults that were served from memory.
    pub minor_faults: u64,
    /// Page faults that had to wait for a device.
    pub major_faults: u64,
    /// Reads of a file system that reached a device, in blocks of 512 bytes.
    pub blocks_in: u64,
    /// Writes to a file system, in blocks of 512 bytes.
    pub blocks_out: u64,
    /// Context switches because the thread waited for something.
    pub voluntary_switches: u64,
    /// Context switches because another thread's turn had come.
    pub involuntary_switches: u64,
}

impl Usage {
    /// `getrusage(whose)` — Returns what was used so far.
    ///
    /// # Errors
    /// [`Error::is_denied`] where a sandbox forbids to ask.
    ///
    /// # References
    /// [`getrusage(2)`](https://man7.org/linux/man-pages/man2/getrusage.2.html)
    ///
    /// ```
    /// use instanter_clock::usage::{Usage, Whose};
    /// let usage = Usage::of(Whose::Process)?;
    /// println!("{} s user, {} s system", usage.user, usage.system);
    /// assert!(usage.max_resident_kib > 0);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn of(whose: Whose) -> Result<Usage, Error> {
        // RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD of `linux/resource.h`.
        let (who, clock) = match whose {
            Whose::Process => (0, Clock::PROCESS_CPU),
            Whose::Children => (-1, Clock::PROCESS_CPU),
            Whose::Thread => (1, Clock::THREAD_CPU),
        };
        sys::getrusage(who).map(Usage::from).map_err(|errno| Error::new("getrusage", clock, errno))
    }
}

impl From<Rusage> for Usage {
    fn from(usage: Rusage) -> Usage {
        let time =
            |[sec, usec]: [i64; 2]| Timespec::from_nanos(nanos(sec) + i128::from(usec) * 1_000);
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Usage {
            user: time(usage.user),
            system: time(usage.system),
            max_resident_kib: count(usage.max_rss),
            minor_faults: count(usage.minor_faults),
            major_faults: count(usage.major_faults),
            blocks_in: count(usage.blocks_in),
            blocks_out: count(usage.blocks_out),
            voluntary_switches: count(usage.voluntary),
            involuntary_switches: count(usage.involuntary),
        }
    }
}

/// Nanoseconds of whole seconds.
fn nanos(seconds: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000
}

/// CPU time of this process and of its children in ticks, as `times` tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// In the program, in ticks.
    pub user_ticks: u64,
    /// In the kernel, in ticks.
    pub system_ticks: u64,
    /// In the programs of children that ended and were waited for, in ticks.
    pub children_user_ticks: u64,
    /// In the kernel for those children, in ticks.
    pub children_system_ticks: u64,
    /// Since a moment in the past that is the same while the machine runs, in
    /// ticks.
    pub elapsed_ticks: u64,
}

impl Times {
    /// Ticks in a second: `USER_HZ`, the same on every CPU that this crate is
    /// for, and not the kernel's own tick.
    pub const PER_SECOND: u64 = 100;

    /// `times()` — Returns what was used so far.
    ///
    /// # Errors
    /// [`Error::is_denied`] where a sandbox forbids to ask.
    ///
    /// # References
    /// [`times(2)`](https://man7.org/linux/man-pages/man2/times.2.html)
    ///
    /// ```
    /// use instanter_clock::usage::Times;
    /// let times = Times::now()?;
    /// println!("{} s", times.user_ticks as f64 / Times::PER_SECOND as f64);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn now() -> Result<Times, Error> {
        let (tms, elapsed_ticks) =
            sys::times().map_err(|errno| Error::new("times", Clock::PROCESS_CPU, errno))?;
        let count = |ticks: i64| u64::try_from(ticks).unwrap_or(0);
        Ok(Times {
            user_ticks: count(tms.user),
            system_ticks: count(tms.system),
            children_user_ticks: count(tms.children_user),
            children_system_ticks: count(tms.children_system),
            elapsed_ticks,
        })
    }
}
