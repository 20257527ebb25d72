//! CPU time: what threads and processes have computed, and what else they used.
//!
//! Three accounts of the same thing, from exact to coarse:
//!
//! - [`process`] and [`thread`] read the scheduler's own account, exact to the
//!   nanosecond, without telling the program's time from the kernel's.
//! - [`rusage`] tells *user* from *system* time, with context switches, faults and
//!   memory. The sum of the two is exact to the microsecond; its division is, on
//!   most kernels, an estimate from samples taken at each tick (1 to 10 ms), and
//!   says little below a second. ([`clock::usage`](instanter_clock::usage) has the
//!   details.)
//! - [`times`] is the classic: the same numbers in ticks of 10 ms.
//!
//! [`Stopwatch`] puts the first two together for a stretch of code.
//!
//! ```
//! use instanter::{Stopwatch, cpu};
//!
//! let watch = Stopwatch::thread()?;
//! let squares: u64 = (0..100_000_u64).map(|n| n ^ (n * n)).sum();
//! println!("{squares}: {}", watch.lap()?);
//! println!("{} in all, children {}", cpu::process()?, cpu::children()?);
//! # Ok::<(), instanter::clock::Error>(())
//! ```

mod stopwatch;

pub use instanter_clock::usage::Whose;
pub use stopwatch::{Lap, Stopwatch};

use instanter_clock::usage;
use instanter_clock::{Clock, Error, Timespec};

use crate::Duration;

/// `process()` — Returns the CPU time of this process: all its threads, those
/// that have ended too, in the program and in the kernel.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids to ask.
///
/// ```
/// use instanter::cpu;
/// let thread = cpu::thread()?;
/// assert!(cpu::process()? >= thread);
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn process() -> Result<Duration, Error> {
    Clock::PROCESS_CPU.now().map(length)
}

/// `thread()` — Returns the CPU time of the calling thread.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids to ask.
///
/// ```
/// println!("this thread has computed for {}", instanter::cpu::thread()?);
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn thread() -> Result<Duration, Error> {
    Clock::THREAD_CPU.now().map(length)
}

/// `children()` — Returns the CPU time of the children that have ended and were
/// waited for, and of theirs, to the microsecond.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids to ask.
///
/// ```
/// use instanter::{Duration, cpu};
/// assert!(cpu::children()? >= Duration::ZERO);
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn children() -> Result<Duration, Error> {
    rusage(Whose::Children).map(|usage| usage.user + usage.system)
}

/// What was used: CPU time, memory, faults, context switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in the program.
    pub user: Duration,
    /// CPU time in the kernel on the program's behalf.
    pub system: Duration,
    /// The most memory that was resident at once, in KiB; for children, that of
    /// the largest.
    pub max_resident_kib: u64,
    /// Page faults that were served from memory.
    pub minor_faults: u64,
    /// Page faults that had to wait for a device.
    pub major_faults: u64,
    /// Context switches because the thread waited for something.
    pub voluntary_switches: u64,
    /// Context switches because another thread's turn had come.
    pub involuntary_switches: u64,
}

/// `getrusage(whose)` — Returns what was used so far.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids to ask.
///
/// ```
/// use instanter::cpu::{self, Whose};
/// let usage = cpu::rusage(Whose::Process)?;
/// println!("{} KiB at most, {} faults", usage.max_resident_kib, usage.minor_faults);
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn rusage(whose: Whose) -> Result<Usage, Error> {
    let usage = usage::Usage::of(whose)?;
    Ok(Usage {
        user: length(usage.user),
        system: length(usage.system),
        max_resident_kib: usage.max_resident_kib,
        minor_faults: usage.minor_faults,
        major_faults: usage.major_faults,
        voluntary_switches: usage.voluntary_switches,
        involuntary_switches: usage.involuntary_switches,
    })
}

/// CPU time of this process and of its children, in whole ticks of 10 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// In the program.
    pub user: Duration,
    /// In the kernel.
    pub system: Duration,
    /// In the programs of children that ended and were waited for.
    pub children_user: Duration,
    /// In the kernel for those children.
    pub children_system: Duration,
}

/// `times()` — Returns the CPU time so far, rounded down to ticks of 10 ms.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids to ask.
///
/// ```
/// use instanter::cpu;
/// assert_eq!(cpu::times()?.user.as_nanos() % 10_000_000, 0);
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn times() -> Result<Times, Error> {
    const TICK_NS: u64 = 1_000_000_000 / usage::Times::PER_SECOND;
    let length =
        |ticks: u64| Duration::saturating_from_nanos(i128::from(ticks) * i128::from(TICK_NS));
    let times = usage::Times::now()?;
    Ok(Times {
        user: length(times.user_ticks),
        system: length(times.system_ticks),
        children_user: length(times.children_user_ticks),
        children_system: length(times.children_system_ticks),
    })
}

fn length(time: Timespec) -> Duration {
    Duration::saturating_from_nanos(time.as_nanos())
}
