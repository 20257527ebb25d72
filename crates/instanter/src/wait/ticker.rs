//! Again and again, at a regular rate.

use super::Deadline;
use crate::Duration;

/// What a [`Ticker`] does about ticks that were missed because the program was
/// busy: the names are tokio's.
///
/// With a period of 10 and a program that is busy from 10 to 35, ticks come at:
///
/// | | | | | | | |
/// |---|---|---|---|---|---|---|
/// | `Burst` | 10 | 35 | 35 | 40 | 50 | all of them, late ones at once |
/// | `Skip` | 10 | 35 | 40 | 50 | 60 | on the old beat, without the missed |
/// | `Delay` | 10 | 35 | 45 | 55 | 65 | a period after the late one |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Missed {
    /// Make up for them: ticks follow at once until the beat is caught up with.
    #[default]
    Burst,
    /// Leave them out and stay on the beat.
    Skip,
    /// Start a new beat: the next tick is a period after this one.
    Delay,
}

/// One tick of a [`Ticker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When it was due.
    pub due: Deadline,
    /// How long after that it came.
    pub late: Duration,
    /// How many more ticks were due by then. After `Burst` they are still to
    /// come; after `Skip` they are left out, after `Delay` put off.
    pub missed: u64,
}

/// Ticks at a regular rate, without an error that accumulates: the k-th tick is
/// due k periods after the first, to the nanosecond, however late the others
/// were.
///
/// As an iterator it has no end.
///
/// ```
/// use instanter::{Duration, Missed, Ticker};
///
/// let mut ticker = Ticker::new(Duration::from_millis(1)).on_missed(Missed::Skip);
/// for tick in ticker.by_ref().take(3) {
///     println!("{} late, {} left out", tick.late, tick.missed);
/// }
/// let tick = ticker.wait();
/// assert!(tick.due.has_passed());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticker {
    next: Deadline,
    period: Duration,
    missed: Missed,
}

impl Ticker {
    /// Starts to tick on the monotonic clock; the first tick is due in a period.
    ///
    /// # Panics
    /// If the period is zero or negative.
    ///
    /// ```
    /// use instanter::{Duration, Ticker};
    /// let ticker = Ticker::new(Duration::from_seconds(1));
    /// assert!(!ticker.due().has_passed());
    /// ```
    #[must_use]
    pub fn new(period: Duration) -> Ticker {
        Ticker::starting_at(Deadline::after(period), period)
    }

    /// Starts to tick on the clock of `first`, the moment at which the first tick
    /// is due. On the wall clock, ticks follow when somebody sets it: forward,
    /// the ticks in between were missed; back, the next is waited for again.
    ///
    /// # Panics
    /// If the period is zero or negative.
    ///
    /// ```
    /// use instanter::{Deadline, Duration, Ticker, Time, now};
    /// // At each full second.
    /// let next = Time::from_unix(now().unix_seconds() + 1, 0);
    /// let ticker = Ticker::starting_at(Deadline::wall(next), Duration::from_seconds(1));
    /// assert_eq!(ticker.due(), Deadline::wall(next));
    /// ```
    #[must_use]
    pub fn starting_at(first: impl Into<Deadline>, period: Duration) -> Ticker {
        assert!(
            period > Duration::ZERO,
            "a ticker's period is {period}: it must be more than none"
        );
        Ticker { next: first.into(), period, missed: Missed::default() }
    }

    /// Returns the ticker with another way to treat missed ticks; without this it
    /// is [`Missed::Burst`].
    ///
    /// ```
    /// use instanter::{Duration, Missed, Ticker};
    /// let ticker = Ticker::new(Duration::from_seconds(1)).on_missed(Missed::Delay);
    /// # let _ = ticker;
    /// ```
    #[must_use]
    pub const fn on_missed(self, missed: Missed) -> Ticker {
        Ticker { missed, ..self }
    }

    /// Returns when the next tick is due.
    ///
    /// ```
    /// use instanter::{Deadline, Duration, Ticker};
    /// let first = Deadline::monotonic(7);
    /// assert_eq!(Ticker::starting_at(first, Duration::from_seconds(1)).due(), first);
    /// ```
    #[must_use]
    pub const fn due(&self) -> Deadline {
        self.next
    }

    /// Returns the time between two ticks.
    ///
    /// ```
    /// use instanter::{Duration, Ticker};
    /// let second = Duration::from_seconds(1);
    /// assert_eq!(Ticker::new(second).period(), second);
    /// ```
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// Sleeps until the next tick is due, and returns it: at once where it has
    /// passed.
    ///
    /// # Panics
    /// As [`sleep`](crate::sleep) does.
    ///
    /// ```
    /// use instanter::{Duration, Ticker};
    /// let tick = Ticker::new(Duration::from_millis(1)).wait();
    /// assert!(tick.late >= Duration::ZERO);
    /// ```
    pub fn wait(&mut self) -> Tick {
        super::sleep_until(self.next);
        self.tick_at(self.next.now())
    }

    /// The tick that is due, delivered at `now`.
    fn tick_at(&mut self, now: Deadline) -> Tick {
        let due = self.next;
        // Stepped back since: not late, at least.
        let late = now.since(due).max(Duration::ZERO);
        let missed = late.as_nanos() / self.period.as_nanos();
        let period = i128::from(self.period.as_nanos());
        self.next = match self.missed {
            Missed::Burst => due.moved_by(period),
            Missed::Skip => due.moved_by(period * (i128::from(missed) + 1)),
            Missed::Delay if missed == 0 => due.moved_by(period),
            Missed::Delay => now.moved_by(period),
        };
        Tick { due, late, missed: missed.unsigned_abs() }
    }
}

impl Iterator for Ticker {
    type Item = Tick;

    fn next(&mut self) -> Option<Tick> {
        Some(self.wait())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    /// When a tick came, when it was due, and how many it says were missed.
    type Came = (i64, i64, u64);

    /// The ticks of a program that is busy until certain moments after them.
    fn ticks(missed: Missed, busy_until: &[i64]) -> Vec<Came> {
        let at = Deadline::monotonic;
        let mut ticker = Ticker::starting_at(at(10), Duration::from_nanos(10)).on_missed(missed);
        let mut now = 0;
        busy_until
            .iter()
            .map(|&until| {
                now = now.max(ticker.due().at().as_nanos() as i64);
                let tick = ticker.tick_at(at(now));
                let came = (now, tick.due.at().as_nanos() as i64, tick.missed);
                now = now.max(until);
                came
            })
            .collect()
    }

    #[test]
    fn missed_ticks() {
        // The table in the documentation of `Missed`.
        let busy = [35, 0, 0, 0, 0];
        let table: [(Missed, [Came; 5]); 3] = [
            (Missed::Burst, [(10, 10, 0), (35, 20, 1), (35, 30, 0), (40, 40, 0), (50, 50, 0)]),
            (Missed::Skip, [(10, 10, 0), (35, 20, 1), (40, 40, 0), (50, 50, 0), (60, 60, 0)]),
            (Missed::Delay, [(10, 10, 0), (35, 20, 1), (45, 45, 0), (55, 55, 0), (65, 65, 0)]),
        ];
        for (missed, want) in table {
            assert_eq!(ticks(missed, &busy), want, "{missed:?}: came, due, missed");
        }
        // A little late is not missed, and does not move the beat.
        let late = [13, 29, 30, 0];
        let table: [(Missed, [Came; 4]); 3] = [
            (Missed::Burst, [(10, 10, 0), (20, 20, 0), (30, 30, 0), (40, 40, 0)]),
            (Missed::Skip, [(10, 10, 0), (20, 20, 0), (30, 30, 0), (40, 40, 0)]),
            (Missed::Delay, [(10, 10, 0), (20, 20, 0), (30, 30, 0), (40, 40, 0)]),
        ];
        for (missed, want) in table {
            assert_eq!(ticks(missed, &late), want, "{missed:?}: came, due, missed");
        }
    }

    #[test]
    fn the_kth_tick_is_due_k_periods_after_the_first() {
        let first = Deadline::monotonic(3);
        let period = Duration::from_nanos(16_666_667);
        let mut ticker = Ticker::starting_at(first, period);
        for k in 0..100_000_i128 {
            let due = ticker.due();
            assert_eq!(due.at().as_nanos(), 3 + k * 16_666_667);
            // Late by anything up to a period and a half.
            ticker.tick_at(due.moved_by(k * 7_919 % 25_000_000));
        }
    }

    #[test]
    fn the_ends_of_time() {
        let past = Deadline::wall(crate::Time::from_unix(i64::MIN, 0));
        let end = Deadline::wall(crate::Time::from_unix(i64::MAX, 999_999_999));
        for missed in [Missed::Burst, Missed::Skip, Missed::Delay] {
            for period in [Duration::from_nanos(1), Duration::MAX] {
                let mut ticker = Ticker::starting_at(past, period).on_missed(missed);
                let tick = ticker.tick_at(end);
                assert_eq!(tick.late, Duration::MAX);
                assert_eq!(
                    tick.missed,
                    Duration::MAX.as_nanos().unsigned_abs() / period.as_nanos().unsigned_abs()
                );
                let mut ticker = Ticker::starting_at(end, period).on_missed(missed);
                // Stepped back to before anything: nothing is late.
                assert_eq!(ticker.tick_at(past).late, Duration::ZERO);
                assert_eq!(ticker.due(), end);
            }
        }
    }

    #[test]
    fn real_ticks_are_not_early() {
        let period = Duration::from_millis(2);
        for clock in [
            Deadline::after(period),
            Deadline::wall(crate::now()),
            Deadline::after_also_suspended(period),
        ] {
            let ticker = Ticker::starting_at(clock, period);
            for (k, tick) in ticker.take(5).enumerate() {
                assert_eq!(tick.due, clock.moved_by(k as i128 * 2_000_000));
                assert!(tick.due.has_passed() && tick.late >= Duration::ZERO, "{tick:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "a ticker's period is 0s")]
    fn a_period_of_none() {
        let _ = Ticker::new(Duration::ZERO);
    }
}
