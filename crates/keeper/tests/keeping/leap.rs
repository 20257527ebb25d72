//! Leap seconds: at midnight UTC, for one second, on the wall clock only.

use crate::simulated::Counter;
use instanter_keeper::{Clock, TimeState, Timekeeper, Timespec, Timex, adj, sta};

/// 2016-12-31 23:59:57.75 UTC, before the last leap second so far.
const EVE: Timespec = Timespec { sec: 1_483_228_797, nsec: 750_000_000 };
const MIDNIGHT: i64 = 1_483_228_800;

/// A synchronised clock on the eve, with 36 s between TAI and UTC, whose leap
/// second was announced.
fn announced(flag: u32) -> (Counter, Timekeeper) {
    let counter = Counter::new(1_000_000_000, 64);
    let mut keeper = Timekeeper::new(counter.source, counter.read(), EVE);
    let mut tai = Timex { modes: adj::TAI, constant: 36, ..Timex::default() };
    keeper.adjust(counter.read(), &mut tai).expect("a valid request");
    assert_eq!(tai.tai, 36);
    let modes = adj::STATUS | adj::MAXERROR;
    let mut request = Timex { modes, status: sta::PLL | flag, ..Timex::default() };
    keeper.adjust(counter.read(), &mut request).expect("a valid request");
    (counter, keeper)
}

/// What the wall clock should show when so many nanoseconds have passed on the
/// monotonic one, counted from the eve, without and after the leap second.
fn expected(passed_ns: i128, step: i64) -> Timespec {
    let plain = Timespec::from_nanos(EVE.as_nanos() + passed_ns);
    let reached = if step < 0 { MIDNIGHT } else { MIDNIGHT - 1 };
    if plain.sec >= reached { Timespec { sec: plain.sec + step, ..plain } } else { plain }
}

fn walk(flag: u32, step: i64, tick_every: u64) {
    let (mut counter, mut keeper) = announced(flag);
    let start = keeper.clocks().coarse(Clock::Monotonic).as_nanos();
    let mut shown = std::collections::BTreeMap::<i64, u64>::new();
    // Readings every 10 ms, ticks now and then.
    for reading in 1..=500u64 {
        let now = counter.pass(10_000_000);
        if reading % tick_every == 0 {
            keeper.tick(now);
        }
        let clocks = keeper.clocks();
        let monotonic = clocks.time(Clock::Monotonic, now).as_nanos() - start;
        assert!((monotonic - i128::from(reading) * 10_000_000).abs() <= 1, "it is continuous");
        let realtime = clocks.time(Clock::Realtime, now);
        assert_eq!(realtime, expected(monotonic, step), "reading {reading}, ticks {tick_every}");
        let tai = clocks.time(Clock::Tai, now).as_nanos();
        assert_eq!(tai, EVE.as_nanos() + 36_000_000_000 + monotonic, "TAI is continuous");
        *shown.entry(realtime.sec).or_default() += 1;
    }
    keeper.tick(counter.read());
    assert_eq!(keeper.tai_s(), 36 - step as i32);
    let times = |sec| shown.get(&sec).copied().unwrap_or(0);
    let around = [-2, -1, 0].map(|second| times(MIDNIGHT + second));
    let want = if step < 0 { [100, 200, 100] } else { [100, 0, 100] };
    assert_eq!(around, want, "the seconds around midnight, ticks {tick_every}");
}

#[test]
fn an_inserted_second_is_shown_twice() {
    // With a tick at each reading, with rare ones, and at most at seconds' ends.
    for tick_every in [1, 7, 25, 60] {
        walk(sta::INS, -1, tick_every);
    }
}

#[test]
fn a_deleted_second_is_not_shown() {
    for tick_every in [1, 7, 25, 60] {
        walk(sta::DEL, 1, tick_every);
    }
}

#[test]
fn the_states_on_the_way() {
    let rows: [(u32, i64, &[TimeState]); 2] = [
        (
            sta::INS,
            -1,
            &[
                TimeState::Ok,
                TimeState::Insert,
                TimeState::Insert,
                TimeState::InProgress,
                TimeState::Occurred,
                TimeState::Occurred,
            ],
        ),
        (
            sta::DEL,
            1,
            &[
                TimeState::Ok,
                TimeState::Delete,
                TimeState::Occurred,
                TimeState::Occurred,
                TimeState::Occurred,
                TimeState::Occurred,
            ],
        ),
    ];
    for (flag, step, states) in rows {
        let (mut counter, mut keeper) = announced(flag);
        let mut leaps = 0;
        for (second, want) in states.iter().enumerate() {
            let mut read = Timex::default();
            let got = keeper.adjust(counter.read(), &mut read);
            assert_eq!(got, Ok(*want), "{flag:#x} after {second} s, at {:?}", read.time);
            let due = keeper.due();
            let ticks = counter.source.ticks_between(counter.read(), due);
            // Up to the moment that it asked for, and from there on a second.
            let ticks = if second == 0 { ticks } else { ticks.min(1_000_000_000) };
            leaps += keeper.tick(counter.pass(ticks)).leap_s;
        }
        assert_eq!(leaps, step);
        // The daemon takes the flag back.
        let mut done = Timex { modes: adj::STATUS, status: sta::PLL, ..Timex::default() };
        keeper.adjust(counter.read(), &mut done).expect("a valid request");
        keeper.tick(counter.pass_ns(1_000_000_000));
        assert_eq!(keeper.leap_state(), TimeState::Ok);
    }
}

/// Whoever ticks when it is due has the leap second on a page at midnight, too: the
/// tick is within a cycle of it.
#[test]
fn due_is_at_midnight() {
    let (mut counter, mut keeper) = announced(sta::INS);
    loop {
        let ticks = counter.source.ticks_between(counter.read(), keeper.due());
        let now = counter.pass(ticks);
        let plain = keeper.clocks().time(Clock::Tai, now).as_nanos() - 36_000_000_000;
        if keeper.tick(now).leap_s != 0 {
            let late = plain - i128::from(MIDNIGHT) * 1_000_000_000;
            assert!((0..=1).contains(&late), "{late} ns after midnight");
            break;
        }
    }
}

#[test]
fn an_announcement_that_is_taken_back_or_overtaken() {
    let (mut counter, mut keeper) = announced(sta::INS);
    keeper.tick(counter.pass_ns(1_000_000_000));
    assert_eq!(keeper.leap_state(), TimeState::Insert);
    let mut off = Timex { modes: adj::STATUS, status: sta::PLL, ..Timex::default() };
    keeper.adjust(counter.read(), &mut off).expect("a valid request");
    keeper.tick(counter.pass_ns(3_000_000_000));
    assert_eq!((keeper.leap_state(), keeper.tai_s()), (TimeState::Ok, 36));

    // The clock is set over midnight: there is no leap second any more today, but
    // the flag stands, so there is one at the end of the new day.
    let (mut counter, mut keeper) = announced(sta::INS);
    keeper.tick(counter.pass_ns(1_000_000_000));
    let morning = Timespec::new(MIDNIGHT + 3_600, 0);
    keeper.set_realtime(counter.read(), morning).expect("a time");
    keeper.tick(counter.pass_ns(3_000_000_000));
    assert_eq!((keeper.leap_state(), keeper.tai_s()), (TimeState::Insert, 36));
    keeper.tick(counter.pass_ns(86_400_000_000_000 - 3_600_000_000_000));
    assert_eq!((keeper.leap_state(), keeper.tai_s()), (TimeState::Occurred, 37));
}
