//! Many threads at once: what readings cost where others read too.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Calls of a batch between two looks at whether the time is up.
const BATCH: u32 = 1_000;

/// What some threads did in a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Together {
    /// How many threads there were.
    pub threads: usize,
    /// Calls of all of them.
    pub calls: u64,
    /// Seconds from the first start to the last end.
    pub seconds: f64,
}

impl Together {
    /// Calls a second of all threads together.
    #[must_use]
    pub fn calls_a_second(&self) -> f64 {
        self.calls as f64 / self.seconds
    }
}

/// `together(threads, length, batch)` — Runs `batch` over and over on so many
/// threads at once, for a while, and counts the calls.
///
/// `batch` runs a given number of calls and folds their results, as
/// [`Subject::batch`](crate::Subject::batch) does. Readings share nothing that is
/// written, so twice the threads on twice the CPUs should do twice the calls; what is
/// missing went to whoever else uses the CPUs, or to the counter itself where it is
/// shared.
///
/// # Panics
/// Where no thread can be started.
///
/// ```
/// use std::time::Duration;
/// let once = instanter_measure::together(1, Duration::from_millis(1), |calls| {
///     (0..calls).map(|_| instanter_counter::relaxed()).fold(0, u64::wrapping_add)
/// });
/// assert!(once.calls > 0 && once.calls_a_second().is_finite());
/// ```
pub fn together(threads: usize, length: Duration, batch: impl Fn(u32) -> u64 + Sync) -> Together {
    let threads = threads.max(1);
    let (barrier, is_over) = (Barrier::new(threads + 1), AtomicBool::new(false));
    let one = || {
        barrier.wait();
        let start = Instant::now();
        let mut calls = 0_u64;
        loop {
            black_box(batch(BATCH));
            calls += u64::from(BATCH);
            if is_over.load(Ordering::Relaxed) {
                return (start, Instant::now(), calls);
            }
        }
    };
    let ends: Vec<(Instant, Instant, u64)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        barrier.wait();
        std::thread::sleep(length);
        is_over.store(true, Ordering::Relaxed);
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let first = ends.iter().map(|&(start, ..)| start).min();
    let last = ends.iter().map(|&(_, end, _)| end).max();
    let seconds = match (first, last) {
        (Some(first), Some(last)) => last.duration_since(first).as_secs_f64(),
        _ => f64::NAN,
    };
    Together { threads, calls: ends.iter().map(|&(.., calls)| calls).sum(), seconds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn every_call_is_counted_once() {
        let made = AtomicU64::new(0);
        let got = together(3, Duration::from_millis(2), |calls| {
            made.fetch_add(u64::from(calls), Ordering::Relaxed)
        });
        assert_eq!((got.threads, got.calls), (3, made.into_inner()));
        assert!(got.calls >= 3 * u64::from(BATCH) && got.seconds > 0.0, "{got:?}");
        assert_eq!(together(0, Duration::ZERO, u64::from).threads, 1);
    }
}
