//! Suspend and resume.

use crate::simulated::{Counter, START};
use instanter_keeper::{Clock, Error, MeasuredBy, Sleep, Timekeeper, Timespec};

const HOUR: Timespec = Timespec { sec: 3_600, nsec: 0 };

#[test]
fn who_measures() {
    let nobody = Sleep { length: Timespec::default(), measured_by: MeasuredBy::Nobody };
    let rtc = Sleep { length: HOUR, measured_by: MeasuredBy::PersistentClock };
    let counter = Sleep { length: Timespec::new(3_000, 0), measured_by: MeasuredBy::Counter };
    let shown = |sec| Some(Timespec::new(sec, 0));
    // (counts in suspend, counter passes so many s, persistent before and after)
    let rows = [
        ("a counter that goes on", (true, 3_000, shown(0), shown(3_600)), counter),
        ("one that goes on, and nothing else", (true, 3_000, None, None), counter),
        ("one that was reset, and a clock", (true, -9, shown(0), shown(3_600)), rtc),
        ("one that stops, and a clock", (false, 3_000, shown(0), shown(3_600)), rtc),
        ("a clock that went back", (false, 0, shown(9), shown(3)), nobody),
        ("a clock before only", (false, 0, shown(9), None), nobody),
        ("a clock after only", (false, 0, None, shown(9)), nobody),
        ("nobody", (false, 3_000, None, None), nobody),
    ];
    for (name, (goes_on, passes_s, before, after), want) in rows {
        let mut counter = Counter::new(1_000_000_000, 64);
        counter.cycles = 1 << 40;
        if goes_on {
            counter.source = counter.source.counts_in_suspend();
        }
        let mut keeper = counter.keeper();
        assert_eq!(keeper.resume(0, None), Err(Error::NotSuspended));
        let now = counter.pass_ns(5_000_000_000);
        keeper.suspend(now, before).expect("it was awake");
        assert!(keeper.is_suspended());
        assert_eq!(keeper.suspend(now, before), Err(Error::Suspended));
        assert_eq!(keeper.set_realtime(now, START), Err(Error::Suspended));
        let stands = keeper.clocks();
        for clock in Clock::ALL {
            assert_eq!(stands.time(clock, now + 999), stands.coarse(clock), "{name}: frozen");
        }
        assert_eq!(keeper.contents().mode, 0, "the page says that it cannot be read");
        counter.cycles = counter.cycles.wrapping_add_signed(i128::from(passes_s) * 1_000_000_000);
        let now = counter.read();
        assert_eq!(keeper.resume(now, after), Ok(want), "{name}");
        let clocks = keeper.clocks();
        let moved = |clock| clocks.time(clock, now).as_nanos() - stands.coarse(clock).as_nanos();
        let slept = want.length.as_nanos();
        let got = Clock::ALL.map(moved);
        assert_eq!(got, [slept, 0, 0, slept, slept], "{name}: {:?}", Clock::ALL);
    }
}

#[test]
fn a_sleep_that_is_told_later() {
    let mut counter = Counter::new(1_000_000_000, 64);
    let mut keeper = counter.keeper();
    keeper.suspend(counter.read(), None).expect("it was awake");
    keeper.resume(counter.pass_ns(77), None).expect("it slept");
    let back = Timespec::new(-1, 0);
    assert_eq!(keeper.inject_sleep(counter.read(), back), Err(Error::Negative { length: back }));
    keeper.inject_sleep(counter.pass_ns(1_000), HOUR).expect("a length");
    let clocks = keeper.clocks();
    assert_eq!(clocks.coarse(Clock::Monotonic), Timespec::new(0, 1_000));
    assert_eq!(clocks.coarse(Clock::Boottime), Timespec::new(3_600, 1_000));
    assert_eq!(clocks.coarse(Clock::Realtime), Timespec::new(START.sec + 3_600, 1_000));
}

/// A persistent clock of whole seconds, and a machine that sleeps a thousand times
/// for 10.9 s: each sleep is measured up to a second wrongly, all of them together
/// not by much more.
#[test]
fn a_coarse_persistent_clock_does_not_add_up() {
    let mut counter = Counter::new(1_000_000, 64);
    let mut keeper: Timekeeper = counter.keeper();
    let mut truth_ns = START.as_nanos();
    let rtc = |truth_ns: i128| Some(Timespec::new((truth_ns / 1_000_000_000) as i64, 0));
    for _ in 0..1_000 {
        let now = counter.pass_ns(1_300_000_000);
        truth_ns += 1_300_000_000;
        keeper.suspend(now, rtc(truth_ns)).expect("it was awake");
        truth_ns += 10_900_000_000;
        keeper.resume(now, rtc(truth_ns)).expect("it slept");
    }
    let off = keeper.clocks().coarse(Clock::Realtime).as_nanos() - truth_ns;
    assert!(off.abs() <= 2_000_000_000, "{off} ns off after 1000 sleeps");
}
