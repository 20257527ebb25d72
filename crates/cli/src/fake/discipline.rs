//! The discipline of the tree's clock, once one of its programs has steered it: the keeper's,
//! told of each second that the tree's date begins.
//!
//! It stands in for the machine's own, which goes on underneath: how the tree's clocks go is
//! the ratio of the two.

use instanter_keeper::{Discipline, Timex};

use super::clocks::Pace;

const SECOND: i128 = 1_000_000_000;
/// Units of the discipline in a nanosecond.
const UNITS: i128 = 1 << 32;

/// How late a second may be noticed and be made up for. Beyond this not we were late, but
/// somebody has set the machine's clock.
const LATE: i128 = 100 * SECOND;
/// What is made up for in one second, at most.
const MOST: i128 = SECOND / 20 * UNITS;

/// The discipline, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Steering {
    discipline: Discipline,
    /// How long the machine's own made a second when this took over.
    machines: i128,
    /// Which second it is.
    second: i64,
    /// How far the clock has come too far, because seconds were noticed late.
    ahead: i128,
    /// What of it this second is shorter by, from where on.
    correction: i128,
    since: i128,
}

impl Steering {
    /// Takes over from what the machine's tells, where the tree's clock shows `now`.
    pub(super) fn new(told: &Timex, now: i128) -> Steering {
        let discipline = Discipline::resumed(told);
        let machines = i128::from(discipline.second_length());
        let second = second(now);
        Steering { discipline, machines, second, ahead: 0, correction: 0, since: now }
    }

    pub(super) fn discipline(&mut self) -> &mut Discipline {
        &mut self.discipline
    }

    /// Which second the tree's clock was in when it was looked at last.
    pub(super) fn second(&self) -> i64 {
        self.second
    }

    /// How long this second is, as the clock goes.
    fn length(&self) -> i128 {
        i128::from(self.discipline.second_length()) - self.correction
    }

    pub(super) fn pace(&self) -> Pace {
        Pace { length: self.length(), of: self.machines }
    }

    /// What the tree's clock shows when something changes; nothing if nothing will.
    pub(super) fn next(&self) -> Option<i128> {
        let alike = if self.correction == 0 { self.discipline.steady_for(self.second) } else { 0 };
        (alike != u64::MAX).then(|| (i128::from(self.second) + 1 + i128::from(alike)) * SECOND)
    }

    /// Another than this moved the clock, which shows `now`.
    pub(super) fn moved(&mut self, now: i128) {
        self.second = second(now);
        (self.ahead, self.correction, self.since) = (0, 0, now);
    }

    /// Takes from what is to be made up for what has been until `now`.
    fn settle(&mut self, now: i128) {
        self.ahead -= self.correction * (now - self.since) / (self.length() / UNITS);
        self.since = now;
    }

    /// Begins the seconds that have come by `now`. Returns by how many seconds the date is to
    /// be moved: leap seconds.
    pub(super) fn pass(&mut self, mut now: i128) -> i8 {
        let went = self.length();
        let is_late = self.next().is_some_and(|due| now - due < LATE);
        let mut leaps = 0;
        while self.second < second(now) {
            let began = (i128::from(self.second) + 1) * SECOND;
            self.settle(began);
            self.correction = 0;
            let more = second(now) - self.second - 1;
            let alike = self.discipline.steady_for(self.second).min(more.cast_unsigned());
            let mut leap = 0;
            if alike > 0 {
                self.discipline.pass(alike);
                self.second += alike.cast_signed();
            } else {
                self.second += 1;
                leap = self.discipline.begin_second(self.second);
            }
            if is_late {
                let until = now.min((i128::from(self.second) + 1) * SECOND);
                self.ahead += (until - began) * (went - self.length()) / (went / UNITS);
            }
            self.second += leap;
            now += i128::from(leap) * SECOND;
            leaps += leap as i8;
        }
        self.settle(now);
        // What is less than a nanosecond can wait.
        if self.correction == 0 && self.ahead.abs() >= UNITS {
            self.correction = self.ahead.clamp(-MOST, MOST);
        }
        leaps
    }
}

/// The second of a moment in nanoseconds.
fn second(now: i128) -> i64 {
    now.div_euclid(SECOND) as i64
}

#[cfg(test)]
mod tests {
    use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec, adj, sta};
    use proptest::prelude::*;

    use super::*;

    /// A clock that goes as it is told, looked at when somebody wakes up.
    struct Kept {
        steering: Steering,
        /// The true time, in nanoseconds, and what the clock shows, in units.
        real: i128,
        shown: i128,
    }

    impl Kept {
        fn go(&mut self, until: i128) {
            let Pace { length, of } = self.steering.pace();
            self.shown += (until - self.real) * UNITS * (length >> 16) / (of >> 16);
            self.real = until;
        }

        fn look(&mut self) {
            let leaps = self.steering.pass(self.shown / UNITS);
            self.shown += i128::from(leaps) * SECOND * UNITS;
        }

        /// Goes on to a moment, and wakes up so late whenever it must.
        fn wake(&mut self, until: i128, late: &mut impl FnMut() -> i128) {
            while let Some(next) = self.steering.next() {
                let Pace { length, of } = self.steering.pace();
                let due = self.real + (next - self.shown / UNITS) * of / length + 1;
                if due >= until {
                    break;
                }
                self.go((due + late()).min(until));
                self.look();
            }
            self.go(until);
            self.look();
        }
    }

    /// A request, and after how many nanoseconds.
    fn requests() -> impl Strategy<Value = Vec<(i128, Timex)>> {
        let single = |modes: u32| Timex { modes, tick: 10_000, ..Timex::default() };
        let one = prop_oneof![
            (-100_000_i64..100_000)
                .prop_map(move |offset| Timex { offset, ..single(adj::OFFSET_SINGLESHOT) }),
            (-500_i64 << 16..500 << 16)
                .prop_map(move |freq| Timex { freq, ..single(adj::FREQUENCY) }),
            (9_000_i64..11_000).prop_map(move |tick| Timex { tick, ..single(adj::TICK) }),
            (-100_000_i64..100_000, 0_i64..4).prop_map(move |(offset, constant)| {
                let modes = adj::OFFSET | adj::STATUS | adj::TIMECONST;
                Timex { offset, constant, status: sta::PLL, ..single(modes) }
            }),
            Just(Timex { status: sta::INS, ..single(adj::STATUS) }),
            Just(Timex { status: sta::DEL, ..single(adj::STATUS) }),
        ];
        prop::collection::vec((1_i128..300_000_000_000, one), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// As the keeper's own clock goes, that never misses the edge of a second; however
        /// late each second is noticed here.
        #[test]
        fn goes_as_a_kernels(
            requests in requests(),
            lateness in prop::collection::vec(0_i128..300_000_000, 16),
            most in prop_oneof![Just(1_i128), Just(1_000), Just(10)],
        ) {
            // The end of a day comes while this goes on.
            let start = 20_000 * 86_400 - 100;
            let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
            let mut keeper = Timekeeper::new(source, 0, Timespec::new(start, 0));
            let mut kept = Kept {
                steering: Steering::new(&Timex { tick: 10_000, ..Timex::default() }, i128::from(start) * SECOND),
                real: 0,
                shown: i128::from(start) * SECOND * UNITS,
            };
            let mut rounds = lateness.into_iter().cycle();
            let mut late = || rounds.next().unwrap_or(0) / most;
            let tick = |keeper: &mut Timekeeper, from: i128, until: i128| {
                // As a kernel does.
                let mut at = from;
                while at < until {
                    at = (at + 10_000_000).min(until);
                    keeper.tick(at as u64);
                }
            };
            for (after, request) in requests {
                let until = kept.real + after;
                tick(&mut keeper, kept.real, until);
                keeper.adjust(until as u64, &mut request.clone()).unwrap();
                kept.wake(until, &mut late);
                let second = kept.steering.second();
                kept.steering.discipline().change(&request, second);
            }
            let until = kept.real + 60 * SECOND;
            tick(&mut keeper, kept.real, until);
            kept.wake(until, &mut || 0);
            let clock = keeper.clocks().coarse_nanos(instanter_keeper::Clock::Realtime);
            let apart = kept.shown / UNITS - i128::from(clock);
            // What is made up for is reckoned by the clock that came too far itself.
            prop_assert!(apart.abs() < 5_000, "{apart} ns apart");
        }
    }
}
