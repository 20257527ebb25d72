//! Waking up within a microsecond or two.
//!
//! A sleeping thread wakes up late, by the slack that the kernel allows itself
//! and by the time that the machine needs to schedule it: together some 60 µs on
//! an idle machine. So the last part is not slept but spun through, with an eye on
//! the clock. How long that part must be is learned from the sleeps themselves:
//! the *margin* is the slack of this thread, which the kernel tells, and what
//! wake-ups took beyond it, which is measured each time. The margin grows
//! when a wake-up comes too late, shrinks slowly, and is bounded, so that a busy
//! machine is not made busier.

use core::sync::atomic::{AtomicI64, Ordering};

use instanter_clock::Error;

use super::{Deadline, park};
use crate::Duration;

/// How a precise sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Woken {
    /// How much later than asked for. Zero for a sleep of no length.
    pub late: Duration,
    /// How much of it was spun through on the CPU.
    pub spun: Duration,
}

/// What wake-ups take beyond the slack: learned by all threads together.
static BEYOND_SLACK_NS: AtomicI64 = AtomicI64::new(20_000);

/// The least that a wake-up takes anywhere, and the most that is spun through.
const LEAST_NS: i64 = 2_000;
const MOST_NS: i64 = 1_000_000;

/// The most that one wake-up adds to the margin.
const STEP_NS: i64 = 10_000;

/// `sleep_precise(length)` — Sleeps for a length of time and wakes up as exactly
/// as the machine can, for the price of CPU time: the last part, mostly below
/// 100 µs and at most a millisecond, is spun through. Never early.
///
/// Signals do not lengthen it; no length, or a negative one, is over at once.
///
/// # Panics
/// As [`sleep`](crate::sleep) does.
///
/// ```
/// use instanter::{Duration, now, sleep_precise};
/// let start = now();
/// let woken = sleep_precise(Duration::from_micros(100));
/// assert!(start.elapsed() >= Duration::from_micros(100));
/// println!("{} late, {} of it spun through", woken.late, woken.spun);
/// ```
// The wait is what it is called for; how exact it was is news for some.
#[expect(clippy::must_use_candidate)]
pub fn sleep_precise(length: Duration) -> Woken {
    if length <= Duration::ZERO {
        return Woken { late: Duration::ZERO, spun: Duration::ZERO };
    }
    sleep_precise_until(Deadline::after(length))
}

/// `sleep_precise_until(deadline)` — Sleeps until a moment as [`sleep_precise`]
/// does: for what happens at a regular rate.
///
/// # Panics
/// As [`sleep`](crate::sleep) does.
///
/// ```
/// use instanter::{Deadline, Duration, now, sleep_precise_until};
/// let start = Deadline::from(now());
/// for sample in 1..=3 {
///     let due = start + Duration::from_micros(200 * sample);
///     sleep_precise_until(due);
///     assert!(due.has_passed());
/// }
/// ```
pub fn sleep_precise_until(deadline: impl Into<Deadline>) -> Woken {
    match try_sleep_precise_until(deadline) {
        Ok(woken) => woken,
        Err(error) => panic!("cannot sleep: {error}"),
    }
}

/// `try_sleep_precise_until(deadline)` — Sleeps until a moment as
/// [`sleep_precise_until`] does, or says why it cannot.
///
/// # Errors
/// [`clock::Error`](Error) where a sandbox forbids to sleep, or no clock answers.
///
/// ```
/// use instanter::{Deadline, Duration, wait::try_sleep_precise_until};
/// let woken = try_sleep_precise_until(Deadline::after(Duration::from_micros(10)))?;
/// assert!(woken.late >= Duration::ZERO);
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn try_sleep_precise_until(deadline: impl Into<Deadline>) -> Result<Woken, Error> {
    let deadline = deadline.into();
    let mut spun = Duration::ZERO;
    if park::is_exact() {
        park::until(deadline)?;
        return Ok(Woken { late: deadline.try_now()?.since(deadline), spun });
    }
    loop {
        let mut now = deadline.try_now()?;
        // Learned anew each time: the slack is this thread's own.
        let slack_ns = park::slack_ns();
        let margin = margin(slack_ns, BEYOND_SLACK_NS.load(Ordering::Relaxed));
        if deadline.since(now) > margin {
            let early = deadline - margin;
            park::until(early)?;
            now = deadline.try_now()?;
            learn(now.since(early).as_nanos().saturating_sub(slack_ns));
        }
        let start = now;
        // A wall clock that is stepped back leaves more than a margin: then there
        // is time to sleep again.
        while deadline.since(now) > Duration::ZERO && deadline.since(now) <= margin {
            park::spin();
            now = deadline.try_now()?;
        }
        spun += now.since(start).max(Duration::ZERO);
        if deadline.since(now) <= Duration::ZERO {
            return Ok(Woken { late: now.since(deadline), spun });
        }
    }
}

/// Returns how long before its end a sleep becomes a spin.
fn margin(slack_ns: i64, beyond_ns: i64) -> Duration {
    Duration::from_nanos(slack_ns.saturating_add(beyond_ns).clamp(LEAST_NS, MOST_NS))
}

fn learn(beyond_ns: i64) {
    // Two threads that learn at once lose one lesson of many.
    let known_ns = BEYOND_SLACK_NS.load(Ordering::Relaxed);
    BEYOND_SLACK_NS.store(learned(known_ns, beyond_ns), Ordering::Relaxed);
}

/// Half of the way up, but at most a step; a sixty-fourth of the way down. So it
/// stays near the worst of the last few dozen wake-ups, and a thread that lost
/// its CPU once for milliseconds, which no margin helps against, does not spin for
/// that ever after.
fn learned(known_ns: i64, beyond_ns: i64) -> i64 {
    let beyond_ns = beyond_ns.clamp(LEAST_NS, MOST_NS);
    let gap_ns = beyond_ns - known_ns;
    known_ns + if gap_ns > 0 { (gap_ns / 2).min(STEP_NS) } else { gap_ns / 64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::now;

    #[test]
    fn margins_are_bounded() {
        let table = [
            (50_000, 20_000, 70_000),
            (0, 0, LEAST_NS),
            (0, 5_000, 5_000),
            (i64::MAX, i64::MAX, MOST_NS),
            (4_000_000, 0, MOST_NS),
        ];
        for (slack_ns, beyond_ns, want) in table {
            let got = margin(slack_ns, beyond_ns).as_nanos();
            assert_eq!(got, want, "margin({slack_ns}, {beyond_ns})");
        }
    }

    #[test]
    fn learning_rises_fast_and_falls_slowly() {
        let table = [
            (20_000, 40_000, 30_000),
            (20_000, 20_000, 20_000),
            (84_000, 20_000, 83_000),
            (20_000, i64::MAX, 30_000),
            (20_000, i64::MIN, 19_719),
        ];
        for (known_ns, seen_ns, want) in table {
            assert_eq!(learned(known_ns, seen_ns), want, "learned({known_ns}, {seen_ns})");
        }
        let mut known_ns = 20_000;
        for _ in 0..2_000 {
            known_ns = learned(known_ns, i64::MAX);
        }
        assert!((LEAST_NS..=MOST_NS).contains(&known_ns), "{known_ns}");
    }

    #[test]
    fn never_early_and_late_as_told() {
        for micros in [1, 20, 100, 900, 3_000] {
            let length = Duration::from_micros(micros);
            let start = now();
            let woken = sleep_precise(length);
            let took = start.elapsed();
            assert!(took >= length + woken.late, "{micros} µs: {took}, {woken:?}");
            assert!(woken.late >= Duration::ZERO && woken.spun >= Duration::ZERO, "{woken:?}");
        }
        for length in [Duration::ZERO, Duration::from_nanos(-1), Duration::MIN] {
            let woken = sleep_precise(length);
            assert_eq!(woken, Woken { late: Duration::ZERO, spun: Duration::ZERO });
        }
        let past = Deadline::wall(crate::Time::UNIX_EPOCH);
        assert!(sleep_precise_until(past).late > Duration::from_seconds(1_000_000));
    }
}
