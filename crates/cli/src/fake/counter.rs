//! The CPU's counter as a program sees it: it goes as the program's monotonic time goes.

use std::time::Duration;

use nix::libc;

use super::clocks::{Clocks, real};

/// How long the counter's frequency is measured for.
const MEASURED: Duration = Duration::from_millis(50);

/// The counter that programs read instead of the CPU's.
///
/// It is made of monotonic time alone, so that it never goes back where that does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter {
    /// A moment of the true monotonic clock, in nanoseconds …
    origin: i128,
    /// … and the counter then.
    base: u64,
    /// Ticks in 2³² seconds.
    ticks: i128,
}

/// The monotonic clock and the counter at one moment: of several tries the one that took
/// least.
fn moment() -> (i128, u64) {
    let tries = (0..50).map(|_| {
        let before = instanter_counter::ordered();
        let now = real(libc::CLOCK_MONOTONIC);
        let took = instanter_counter::ordered().wrapping_sub(before);
        (took, now, before.wrapping_add(took / 2))
    });
    tries.min_by_key(|(took, ..)| *took).map_or((0, 0), |(_, now, counter)| (now, counter))
}

/// Ticks a second, where a register that every program may read has them: they reckon with
/// that number, and get the seconds of their monotonic clock. On x86-64 they measure, because
/// few of those CPUs say it.
fn told() -> Option<u64> {
    if cfg!(target_arch = "aarch64") { instanter_counter::frequency() } else { None }
}

impl Counter {
    /// As fast as the CPU's, which takes a moment to measure where the CPU does not say it.
    pub(super) fn new() -> Counter {
        let (origin, base) = moment();
        if let Some(hertz) = told() {
            return Counter { origin, base, ticks: i128::from(hertz) << 32 };
        }
        std::thread::sleep(MEASURED);
        let (later, counter) = moment();
        let passed = (later - origin).max(1);
        let ticks = (i128::from(counter.wrapping_sub(base)) << 32) * SECOND / passed;
        Counter { origin, base, ticks }
    }

    /// What a program of a view reads now. A stepped clock goes on by this.
    pub(super) fn now(&self, clocks: &Clocks, view: usize) -> u64 {
        let shown =
            clocks.now(view, libc::CLOCK_MONOTONIC).unwrap_or_else(|| real(libc::CLOCK_MONOTONIC));
        self.at(shown)
    }

    fn at(&self, shown: i128) -> u64 {
        let ticks = ((shown - self.origin) * self.ticks).div_euclid(SECOND << 32);
        self.base.wrapping_add(ticks as u64)
    }
}

const SECOND: i128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_ticks_as_seconds() {
        // 2.1 GHz, from a count of 1000 on.
        let counter = Counter { origin: 5 * SECOND, base: 1000, ticks: 2_100_000_000 << 32 };
        let table = [
            (5 * SECOND, 1000),
            (6 * SECOND, 2_100_001_000),
            (5 * SECOND + 10, 1021),
            // Before it was started: modulo 2⁶⁴, as the CPU's would be.
            (4 * SECOND, 1000_u64.wrapping_sub(2_100_000_000)),
            (5 * SECOND + 86_400 * 365 * SECOND, 1000 + 2_100_000_000 * 86_400 * 365),
        ];
        for (shown, want) in table {
            assert_eq!(counter.at(shown), want, "{shown}");
        }
    }
}
