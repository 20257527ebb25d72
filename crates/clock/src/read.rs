//! Reading several clocks at one moment.

use instanter_counter::{Ordered, Relaxed};
use instanter_page::Timespec;
use instanter_page::linux::{Pair, Snapshot};

use crate::{Clock, Error, Source, chain, kernel, link, sys};

/// `pair()` — Returns the realtime and the monotonic clock at one moment,
/// ordered.
///
/// One counter read where the page serves (two calls of the vDSO or the kernel,
/// one after the other, where it does not). Ordered as the vDSO is: after an
/// acquire load neither reading is earlier than one that was taken and published
/// before the release store.
///
/// # Errors
/// [`Error::is_denied`] where nothing answers: no page, no vDSO, and a sandbox
/// that forbids the system call.
///
/// ```
/// let earlier = instanter_clock::pair()?;
/// let later = instanter_clock::pair()?;
/// assert!(later.monotonic >= earlier.monotonic);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[inline(always)]
pub fn pair() -> Result<Pair, Error> {
    match link::pair(Ordered) {
        Some(pair) => Ok(pair),
        None => chain::pair(),
    }
}

/// `pair_relaxed()` — Returns the realtime and the monotonic clock at one moment,
/// unordered with the instructions around it: the fastest read.
///
/// # Errors
/// Those of [`pair`].
#[inline(always)]
pub fn pair_relaxed() -> Result<Pair, Error> {
    match link::pair(Relaxed) {
        Some(pair) => Ok(pair),
        None => chain::pair(),
    }
}

/// `monotonic_nanos()` — Returns the monotonic clock in nanoseconds since boot,
/// ordered: [`Clock::MONOTONIC`] in the form that is cheapest to subtract.
///
/// # Panics
/// Where no clock answers at all: see [`pair`].
///
/// ```
/// let start = instanter_clock::monotonic_nanos();
/// assert!(instanter_clock::monotonic_nanos() >= start);
/// ```
#[inline(always)]
#[must_use]
pub fn monotonic_nanos() -> i64 {
    match link::monotonic_nanos(Ordered) {
        Some(nanos) => nanos,
        None => chain::monotonic_nanos(),
    }
}

/// `monotonic_nanos_relaxed()` — Returns the monotonic clock in nanoseconds since
/// boot, unordered with the instructions around it.
///
/// # Panics
/// As [`monotonic_nanos`] does.
#[inline(always)]
#[must_use]
pub fn monotonic_nanos_relaxed() -> i64 {
    match link::monotonic_nanos(Relaxed) {
        Some(nanos) => nanos,
        None => chain::monotonic_nanos(),
    }
}

/// `coarse_pair()` — Returns both coarse clocks: their values at the last tick,
/// a few milliseconds ago, without a counter read. On a system without such clocks, the fine
/// ones.
///
/// # Errors
/// Those of [`pair`].
///
/// ```
/// let coarse = instanter_clock::coarse_pair()?;
/// assert!(coarse.monotonic <= instanter_clock::pair()?.monotonic);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[inline(always)]
pub fn coarse_pair() -> Result<Pair, Error> {
    match link::coarse_pair() {
        Some(pair) => Ok(pair),
        None => chain::coarse_pair(),
    }
}

/// `snapshot()` — Returns every clock of the page at one moment: one counter
/// read, under one sequence number.
///
/// Systems other than Linux may not have all of them. There the nearest stands in: the wall
/// clock for TAI, as on a kernel that was not told its offset, the monotonic clock for the
/// raw one and the boot time, the fine clocks for the coarse ones. [`Clock::ALL`] has those
/// that there are.
///
/// # Errors
/// Those of [`pair`].
///
/// ```
/// let now = instanter_clock::snapshot()?;
/// if now.counter.is_some() {
///     // The same instant on two clocks: their distance is exact.
///     let booted = now.realtime.as_nanos() - now.boottime.as_nanos();
///     let again = instanter_clock::snapshot()?;
///     println!("booted at {booted} ns since 1970");
///     assert_eq!(again.realtime.as_nanos() - again.boottime.as_nanos(), booted);
/// }
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[inline]
pub fn snapshot() -> Result<Snapshot, Error> {
    match link::snapshot(Ordered) {
        Some(snapshot) => Ok(snapshot),
        None => chain::snapshot(),
    }
}

/// `via(source, clock)` — Returns the current value of `clock` through one link
/// of the chain, for comparing them. `None` where that link does not serve the
/// clock.
///
/// ```
/// use instanter_clock::{Clock, Source, via};
/// let asked = via(Source::Syscall, Clock::MONOTONIC).expect("the kernel has it");
/// if let Some(page) = via(Source::Page, Clock::MONOTONIC) {
///     assert!(page >= asked);
/// }
/// ```
#[must_use]
pub fn via(source: Source, clock: Clock) -> Option<Timespec> {
    chain::prepare();
    match source {
        Source::Page => link::via_page(clock),
        Source::Vdso => {
            let function = chain::functions()?.clock_gettime;
            kernel::is_in_vdso(clock).then(|| kernel::now_through(Some(function), clock).ok())?
        }
        Source::Syscall if !sys::IS_LINUX => None,
        Source::System if sys::IS_LINUX => None,
        Source::Syscall | Source::System => kernel::through_syscall(clock).ok(),
    }
}
