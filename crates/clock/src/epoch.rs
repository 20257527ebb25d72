//! Noticing that time was disturbed.

use core::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::{Clock, chain, link};

/// `epoch()` — Returns a number that changes when time was disturbed.
///
/// Disturbed means: the wall clock was stepped (also by a leap second), the
/// machine was suspended, TAI's offset was set, the kernel changed its clock
/// source, or the page had to be proved again. NTP's steering is no disturbance.
/// Equal numbers mean that the clocks stand to each other as they did: so a
/// cached conversion from one to another is still right. (A step and the same
/// step back leave no trace.)
///
/// Costs a few loads where the page serves. Without the page it compares the
/// clocks by reading them, notices steps and suspends of more than a
/// millisecond, and counts them.
///
/// ```
/// let before = instanter_clock::epoch();
/// let wall_minus_monotonic = {
///     let now = instanter_clock::pair()?;
///     now.realtime.as_nanos() - now.monotonic.as_nanos()
/// };
/// if instanter_clock::epoch() == before {
///     println!("valid: {wall_minus_monotonic}");
/// }
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[inline]
#[must_use]
pub fn epoch() -> u64 {
    match link::epoch() {
        Some(epoch) => epoch,
        None => slow(),
    }
}

#[cold]
#[inline(never)]
fn slow() -> u64 {
    chain::epoch().unwrap_or_else(without_page)
}

/// Distances as first seen, or as after the last disturbance.
static WALL_MINUS_MONOTONIC: AtomicI64 = AtomicI64::new(UNKNOWN);
static BOOT_MINUS_MONOTONIC: AtomicI64 = AtomicI64::new(UNKNOWN);
static DISTURBANCES: AtomicU64 = AtomicU64::new(0);
const UNKNOWN: i64 = i64::MIN;

/// Reading two clocks one after the other shows their distance to within the
/// time between the reads; a preempted thread sees more, and asks again.
const TOLERANCE_NS: i64 = 1_000_000;

fn without_page() -> u64 {
    let moved =
        [(Clock::REALTIME, &WALL_MINUS_MONOTONIC), (Clock::BOOTTIME, &BOOT_MINUS_MONOTONIC)]
            .map(|(clock, last)| has_moved(clock, last));
    if moved.contains(&true) {
        DISTURBANCES.fetch_add(1, Ordering::Relaxed) + 1
    } else {
        DISTURBANCES.load(Ordering::Relaxed)
    }
}

fn has_moved(clock: Clock, last: &AtomicI64) -> bool {
    let Some(distance) = distance_from_monotonic(clock) else { return false };
    let known = last.load(Ordering::Relaxed);
    let moved = known == UNKNOWN || known.abs_diff(distance) > TOLERANCE_NS.unsigned_abs();
    // Of several threads that see the same step, one counts it.
    moved
        && last.compare_exchange(known, distance, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        && known != UNKNOWN
}

/// Returns `clock` minus the monotonic clock in nanoseconds, from reads close
/// together.
fn distance_from_monotonic(clock: Clock) -> Option<i64> {
    const TRIES: u32 = 16;
    for _ in 0..TRIES {
        let before = chain::without_page(Clock::MONOTONIC).ok()?.as_nanos();
        let there = chain::without_page(clock).ok()?.as_nanos();
        let after = chain::without_page(Clock::MONOTONIC).ok()?.as_nanos();
        if after - before < i128::from(TOLERANCE_NS) / 2 {
            return i64::try_from(there - before).ok();
        }
    }
    None
}
