//! Random histories: whatever is done to a keeper, its clocks keep their promises.

use crate::simulated::{Counter, START, cases};
use instanter_keeper::{Clock, Clocks, Timekeeper, Timespec, Timex, TimexTime, adj, sta};
use proptest::collection::vec;
use proptest::prelude::*;

/// Something that happens to a keeper.
#[derive(Clone, Debug)]
enum Event {
    /// So many nanoseconds later, a tick.
    Tick(u64),
    /// A tick when it is due, at the latest.
    TickWhenDue,
    /// So many nanoseconds later, a reading.
    Read(u64),
    /// A tick, and one more of a CPU whose counter lags by so many nanoseconds.
    Lag(u64),
    Set(i64, u32),
    Step(i64, u32),
    Adjust(Timex),
    /// Suspend; the persistent clock says so many seconds; the counter is now
    /// anywhere.
    Sleep(i64, u64),
    Inject(u32),
    /// Another source: its frequency and its bits.
    Change(u64, u32),
}

fn timex() -> impl Strategy<Value = Timex> {
    let modes = prop_oneof![
        Just(adj::OFFSET | adj::STATUS),
        Just(adj::FREQUENCY),
        Just(adj::TICK),
        Just(adj::STATUS),
        Just(adj::OFFSET_SINGLESHOT),
        Just(adj::TAI),
        Just(adj::SETOFFSET | adj::NANO),
        any::<u32>().prop_map(|modes| modes & 0x7fff),
    ];
    let status = prop_oneof![
        Just(sta::PLL),
        Just(sta::PLL | sta::FLL),
        Just(sta::PLL | sta::INS),
        Just(sta::PLL | sta::DEL),
        any::<u32>(),
    ];
    let numbers = (
        -600_000_000i64..600_000_000,
        prop_oneof![-40_000_000i64..40_000_000, any::<i64>()],
        8_900i64..11_100,
        -1i64..40,
        -100_000i64..100_000,
        0i64..1_000_000_000,
    );
    (modes, status, numbers).prop_map(|(modes, status, numbers)| {
        let (offset, freq, tick, constant, sec, fraction) = numbers;
        let time = TimexTime { sec, fraction };
        Timex { modes, status, offset, freq, tick, constant, time, ..Timex::default() }
    })
}

fn event() -> impl Strategy<Value = Event> {
    let short = prop_oneof![0u64..100, 0u64..10_000_000, 0u64..2_000_000_000];
    prop_oneof![
        6 => short.clone().prop_map(Event::Tick),
        2 => Just(Event::TickWhenDue),
        6 => short.prop_map(Event::Read),
        1 => (0u64..1_000_000).prop_map(Event::Lag),
        1 => (-10i64..4_000_000_000, 0u32..1_000_000_000).prop_map(|(s, n)| Event::Set(s, n)),
        1 => (-100_000i64..100_000, 0u32..1_000_000_000).prop_map(|(s, n)| Event::Step(s, n)),
        3 => timex().prop_map(Event::Adjust),
        1 => (-10i64..1_000_000, any::<u64>()).prop_map(|(s, c)| Event::Sleep(s, c)),
        1 => (0u32..10_000).prop_map(Event::Inject),
        1 => (1_000_000u64..5_000_000_000, 32u32..=64).prop_map(|(f, b)| Event::Change(f, b)),
    ]
}

/// A machine: a counter, its keeper, and what was last read of the clocks that
/// never go back.
struct Machine {
    counter: Counter,
    keeper: Timekeeper,
    persistent_ns: i128,
    last: [(Clock, Timespec); 3],
}

impl Machine {
    fn new(hertz: u64, bits: u32) -> Machine {
        let counter = Counter::new(hertz, bits);
        let keeper = counter.keeper();
        let zero = Timespec::default();
        let last = [Clock::Monotonic, Clock::Raw, Clock::Boottime].map(|clock| (clock, zero));
        Machine { counter, keeper, persistent_ns: START.as_nanos(), last }
    }

    /// The most that may pass until the next tick, from now on.
    fn limit(&self, ns: u64) -> u64 {
        let since = self.since_tick();
        let frequency = self.counter.source.frequency();
        let idle = frequency.cycles_in_ns(self.counter.source.conversion().max_idle_ns);
        frequency.cycles_in_ns(ns).min(idle.saturating_sub(since))
    }

    fn since_tick(&self) -> u64 {
        let mut copy = self.keeper.clone();
        copy.tick(self.counter.read());
        let hz = self.counter.source.frequency();
        let elapsed =
            copy.clocks().coarse_nanos(Clock::Raw) - self.keeper.clocks().coarse_nanos(Clock::Raw);
        hz.cycles_in_ns(elapsed as u64 + 1)
    }

    fn read(&mut self) -> Result<(), TestCaseError> {
        let counter = self.counter.read();
        let clocks = self.keeper.clocks();
        self.check(&clocks, counter)
    }

    fn check(&mut self, clocks: &Clocks, counter: u64) -> Result<(), TestCaseError> {
        for (clock, last) in &mut self.last {
            let now = clocks.time(*clock, counter);
            prop_assert!(now >= *last, "{clock:?} went from {last} back to {now}");
            *last = now;
        }
        // TAI and the wall clock are whole seconds apart, and as many as it says,
        // unless a leap second is due at the very next tick.
        let apart = clocks.time(Clock::Tai, counter).as_nanos()
            - clocks.time(Clock::Realtime, counter).as_nanos();
        let tai_ns = i128::from(self.keeper.tai_s()) * 1_000_000_000;
        prop_assert!((apart - tai_ns).abs() <= 1_000_000_000, "TAI {apart} ns ahead");
        prop_assert_eq!(apart % 1_000_000_000, 0);
        Ok(())
    }

    /// A tick, which the reading just before it and the one just after it agree on.
    fn tick(&mut self) -> Result<(), TestCaseError> {
        let counter = self.counter.read();
        let before = self.keeper.clocks();
        self.keeper.tick(counter);
        let after = self.keeper.clocks();
        for clock in Clock::ALL {
            let (fine, accumulated) = (before.time(clock, counter), after.coarse(clock));
            prop_assert_eq!(fine, accumulated, "{:?} at a tick", clock);
            prop_assert_eq!(after.time(clock, counter), accumulated, "{:?} after it", clock);
        }
        self.check(&after, counter)
    }

    fn happen(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let counter = self.counter.read();
        match *event {
            Event::Tick(ns) => {
                self.counter.pass(self.limit(ns));
                self.tick()?;
            }
            Event::TickWhenDue => {
                let due = self.keeper.due();
                let ticks = self.counter.source.ticks_between(counter, due);
                self.counter.pass(ticks);
                self.tick()?;
            }
            Event::Read(ns) => {
                self.counter.pass(self.limit(ns));
                self.read()?;
            }
            Event::Lag(ns) => {
                self.tick()?;
                let back = self.counter.source.frequency().cycles_in_ns(ns);
                let lagging = counter.wrapping_sub(back) & self.counter.source.mask();
                self.keeper.tick(lagging);
                self.read()?;
            }
            Event::Set(sec, nsec) => {
                let before = self.keeper.clocks();
                let set = self.keeper.set_realtime(counter, Timespec::new(sec, nsec));
                match set {
                    Ok(()) => prop_assert_eq!(
                        self.keeper.clocks().time(Clock::Realtime, counter),
                        Timespec::new(sec, nsec)
                    ),
                    Err(_) => prop_assert_eq!(
                        self.keeper.clocks().time(Clock::Realtime, counter),
                        before.time(Clock::Realtime, counter)
                    ),
                }
                self.read()?;
            }
            Event::Step(sec, nsec) => {
                let _ = self.keeper.step_realtime(counter, Timespec::new(sec, nsec));
                self.read()?;
            }
            Event::Adjust(mut timex) => {
                let before = self.keeper.clocks();
                let result = self.keeper.adjust(counter, &mut timex);
                prop_assert_eq!(
                    self.keeper.clocks().time(Clock::Monotonic, counter),
                    before.time(Clock::Monotonic, counter)
                );
                if result.is_ok() {
                    prop_assert!(timex.freq.abs() <= 500 << 16);
                    prop_assert!((0..=10).contains(&timex.constant));
                }
                self.read()?;
            }
            Event::Sleep(sec, now) => {
                let persistent = Timespec::from_nanos(self.persistent_ns);
                prop_assert_eq!(self.keeper.suspend(counter, Some(persistent)), Ok(()));
                let stands = self.keeper.clocks();
                self.persistent_ns += i128::from(sec) * 1_000_000_000;
                self.counter.cycles = self.counter.cycles >> 64 << 64 | u128::from(now);
                let counter = self.counter.read();
                self.check(&stands, counter)?;
                let persistent = Timespec::from_nanos(self.persistent_ns);
                let monotonic = stands.coarse(Clock::Monotonic);
                let sleep = self.keeper.resume(counter, Some(persistent)).expect("it slept");
                let clocks = self.keeper.clocks();
                prop_assert_eq!(clocks.time(Clock::Monotonic, counter), monotonic);
                prop_assert_eq!(
                    clocks.time(Clock::Boottime, counter).as_nanos(),
                    stands.coarse(Clock::Boottime).as_nanos() + sleep.length.as_nanos()
                );
                self.read()?;
            }
            Event::Inject(sec) => {
                let length = Timespec::new(i64::from(sec), 5);
                prop_assert_eq!(self.keeper.inject_sleep(counter, length), Ok(()));
                self.read()?;
            }
            Event::Change(hertz, bits) => {
                let next = Counter::new(hertz, bits);
                let before = self.keeper.clocks();
                let new_counter = next.read();
                prop_assert_eq!(
                    self.keeper.change_source(counter, next.source, new_counter),
                    Ok(())
                );
                self.counter = next;
                let after = self.keeper.clocks();
                for clock in [Clock::Monotonic, Clock::Raw, Clock::Boottime] {
                    prop_assert_eq!(
                        before.time(clock, counter),
                        after.time(clock, new_counter),
                        "{:?} at the change of the source",
                        clock
                    );
                }
                self.read()?;
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // Of thirty events each, on average: a million and a half of them.
        cases: cases(400, 50_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_clock_goes_back(
        hertz in prop_oneof![Just(1_000_000_000u64), Just(2_100_000_000), Just(24_000_000),
                             Just(14_318_180), 1_000u64..4_000_000_000],
        bits in prop_oneof![Just(32u32), Just(48), Just(56), Just(64)],
        events in vec(event(), 1..60),
    ) {
        let mut machine = Machine::new(hertz, bits);
        for event in &events {
            machine.happen(event)?;
        }
    }

    /// However the ticks fall, the clock has come as far: nothing is lost in
    /// rounding, neither of the raw clock nor of one that is not being slewed.
    #[test]
    fn ticks_lose_nothing(
        hertz in 1_000_000u64..4_000_000_000,
        bits in prop_oneof![Just(32u32), Just(48), Just(56), Just(64)],
        ticks in vec(1u64..3_000_000, 1..200),
    ) {
        let mut counter = Counter::new(hertz, bits);
        let (start, mut keeper) = (counter.cycles, counter.keeper());
        for cycles in ticks {
            keeper.tick(counter.pass(cycles));
        }
        let cycles = counter.cycles - start;
        let conversion = counter.source.conversion();
        let raw = (cycles * u128::from(conversion.mult)) >> conversion.shift;
        let clocks = keeper.clocks();
        prop_assert_eq!(clocks.coarse(Clock::Raw).as_nanos(), raw as i128);
        let exact = cycles * 1_000_000_000 / u128::from(hertz);
        let off = clocks.coarse(Clock::Monotonic).as_nanos() - exact as i128;
        // One unit of mult, for the longest stretch between two ticks, and rounding.
        let bound = 2 + (3_000_000i128 >> conversion.shift);
        prop_assert!(off.abs() <= bound, "{} ns off after {} cycles", off, cycles);
    }
}
