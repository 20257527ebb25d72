//! Steering, against an exact reference.

use crate::simulated::{Counter, cases};
use instanter_keeper::{Clock, TimeState, Timekeeper, Timespec, Timex, adj, sta};

const DAY_S: u64 = 86_400;

fn adjust(keeper: &mut Timekeeper, counter: &Counter, request: Timex) -> Timex {
    let mut timex = request;
    keeper.adjust(counter.read(), &mut timex).expect("a valid request");
    timex
}

/// A year at ±500 ppm and some awkward frequencies: within a nanosecond a day of
/// cycles × (10⁹ + frequency) / hertz, in whole numbers.
#[test]
fn a_year_of_steering_is_exact() {
    let days = u64::from(cases(20, 365));
    for hertz in [2_100_000_000, 3_579_545, 24_000_000] {
        for freq in [500 << 16, -(500 << 16), 1, -7_654_321] {
            let mut counter = Counter::new(hertz, 64);
            counter.cycles &= u128::from(u64::MAX >> 8);
            let mut keeper = counter.keeper();
            let request = Timex { modes: adj::FREQUENCY, freq, ..Timex::default() };
            adjust(&mut keeper, &counter, request);
            let start = counter.cycles;
            // A tick every second or so, which is not a whole number of cycles.
            for tick in 0..days * DAY_S {
                keeper.tick(counter.pass(hertz + tick % 7));
            }
            let cycles = (counter.cycles - start) as i128;
            // One unit is 2^-16 ppm: 10^9 / 10^6 / 2^16 ns a second.
            let per_second = 1_000_000_000i128 * 65_536 + i128::from(freq) * 1_000;
            let exact = cycles * per_second / 65_536 / i128::from(hertz);
            let got = keeper.clocks().coarse(Clock::Monotonic).as_nanos();
            let off = got - exact;
            assert!(
                off.unsigned_abs() <= u128::from(days) + 120,
                "{hertz} Hz, {freq}: {off} ns off after {days} days"
            );
            // What is left is the last tick's, and does not grow with the days.
            assert!(keeper.error_ns().abs() <= 600, "{} ns", keeper.error_ns());
        }
    }
}

/// At 250 Hz the clock is within a nanosecond of the ideal all the time.
#[test]
fn ticks_of_four_milliseconds_keep_it_within_a_nanosecond() {
    let mut counter = Counter::new(2_100_000_000, 64);
    let mut keeper = counter.keeper();
    let start = counter.cycles;
    adjust(
        &mut keeper,
        &counter,
        Timex { modes: adj::FREQUENCY, freq: 333 << 16, ..Timex::default() },
    );
    for tick in 0..250_000u64 {
        keeper.tick(counter.pass(8_400_000 + tick % 3));
        let cycles = (counter.cycles - start) as i128;
        let exact = cycles * (1_000_000_000 + 333_000) / 2_100_000_000;
        let got = keeper.clocks().coarse(Clock::Monotonic).as_nanos();
        assert!((got - exact).abs() <= 1, "{} ns off at tick {tick}", got - exact);
    }
}

/// Passes whole seconds in ticks of 10 ms.
fn pass_seconds(keeper: &mut Timekeeper, counter: &mut Counter, seconds: u64) {
    for _ in 0..seconds * 100 {
        keeper.tick(counter.pass_ns(10_000_000));
    }
}

/// `adjtime`: a millisecond takes two seconds at 500 ppm, and is all there.
#[test]
fn a_single_shot_is_slewed_whole() {
    for (offset_us, seconds) in [(1_000, 3), (-1_000, 3), (7_300, 20), (-250, 2), (0, 1)] {
        let mut counter = Counter::new(1_000_000_000, 64);
        let mut keeper = counter.keeper();
        let (start, start_cycles) = (keeper.clocks(), counter.cycles);
        let shot = Timex { modes: adj::OFFSET_SINGLESHOT, offset: offset_us, ..Timex::default() };
        assert_eq!(adjust(&mut keeper, &counter, shot).offset, 0, "nothing was left of another");
        pass_seconds(&mut keeper, &mut counter, 1);
        let read = Timex { modes: adj::OFFSET_SS_READ, ..Timex::default() };
        let left = adjust(&mut keeper, &counter, read).offset;
        assert_eq!(left, offset_us - offset_us.clamp(-500, 500), "after a second");
        // To the end, and as long again for what the ticks were late by.
        pass_seconds(&mut keeper, &mut counter, seconds + 60);
        assert_eq!(adjust(&mut keeper, &counter, read).offset, 0);
        let passed = (counter.cycles - start_cycles) as i128;
        let got = keeper.clocks().coarse(Clock::Realtime).as_nanos()
            - start.coarse(Clock::Realtime).as_nanos();
        let off = got - passed - i128::from(offset_us) * 1_000;
        // A second that is slewed by 500 ppm is so much shorter, and its slew, too.
        let short = i128::from(offset_us.abs()) / 2;
        assert!(off.abs() <= 1_000 + short, "{offset_us} µs: {off} ns off");
    }
}

/// The loop takes an offset away, a quarter of what is left in each second at
/// constant 0, and learns no frequency from a first one.
#[test]
fn the_loop_slews_an_offset() {
    let mut counter = Counter::new(1_000_000_000, 64);
    let mut keeper = counter.keeper();
    let (start, start_cycles) = (keeper.clocks(), counter.cycles);
    let request = Timex {
        modes: adj::STATUS | adj::NANO | adj::TIMECONST | adj::OFFSET,
        status: sta::PLL,
        constant: 0,
        offset: 4_000_000,
        ..Timex::default()
    };
    let got = adjust(&mut keeper, &counter, request);
    assert_eq!((got.offset, got.freq, got.constant), (4_000_000, 0, 0));
    assert_eq!(got.status, sta::PLL | sta::NANO);
    let mut expected = 4_000_000i64;
    for second in 0..10 {
        pass_seconds(&mut keeper, &mut counter, 1);
        expected -= expected / 4;
        let got = adjust(&mut keeper, &counter, Timex::default()).offset;
        assert!((got - expected).abs() <= 4, "after {second} s {got} is left, not {expected}");
    }
    pass_seconds(&mut keeper, &mut counter, 120);
    let passed = (counter.cycles - start_cycles) as i128;
    let got = keeper.clocks().coarse(Clock::Realtime).as_nanos()
        - start.coarse(Clock::Realtime).as_nanos();
    // The first second is slewed by 1000 ppm, and so much shorter.
    assert!((got - passed - 4_000_000).abs() <= 4_000 + 1_000, "{} ns", got - passed);
}

/// A daemon in a loop with the clock: an oscillator that is 100 ppm fast is learnt,
/// by the phase loop and by the frequency loop.
#[test]
fn the_loop_learns_the_frequency() {
    for (flags, constant, every_s, rounds, within_ppb) in
        [(sta::PLL, 2, 16, 600, 200), (sta::PLL | sta::FLL, 6, 300, 200, 2_000)]
    {
        // The source believes in 1 GHz; it counts 1,000,100,000 in a true second.
        let mut counter = Counter::new(1_000_000_000, 64);
        let mut keeper = counter.keeper();
        let on = Timex {
            modes: adj::STATUS | adj::NANO | adj::TIMECONST,
            status: flags,
            constant,
            ..Timex::default()
        };
        adjust(&mut keeper, &counter, on);
        let mut truth_ns = keeper.clocks().coarse(Clock::Realtime).as_nanos();
        let mut last = Timex::default();
        for _ in 0..rounds {
            for _ in 0..every_s * 4 {
                keeper.tick(counter.pass(250_025_000));
                truth_ns += 250_000_000;
            }
            let off = truth_ns - keeper.clocks().coarse(Clock::Realtime).as_nanos();
            let request = Timex { modes: adj::OFFSET, offset: off as i64, ..Timex::default() };
            last = adjust(&mut keeper, &counter, request);
        }
        assert_eq!(last.status & sta::MODE != 0, flags & sta::FLL != 0, "which loop");
        // What is to be learnt: 1 / 1.0001 − 1.
        let learnt_ppb = last.freq * 1_000 / 65_536;
        let want_ppb = -99_990;
        assert!((learnt_ppb - want_ppb).abs() <= within_ppb, "{flags:#x}: learnt {learnt_ppb} ppb");
        let off = truth_ns - keeper.clocks().coarse(Clock::Realtime).as_nanos();
        assert!(off.abs() < 100_000, "{flags:#x}: {off} ns off in the end");
    }
}

/// Seconds are missed for an hour while an offset is slewed; the clock comes back
/// to the ideal, and never swings further out.
#[test]
fn a_keeper_that_slept_through_its_ticks_comes_back() {
    let mut counter = Counter::new(1_000_000_000, 64);
    let mut keeper = counter.keeper();
    let shot = Timex { modes: adj::OFFSET_SINGLESHOT, offset: 100_000, ..Timex::default() };
    adjust(&mut keeper, &counter, shot);
    pass_seconds(&mut keeper, &mut counter, 2);
    let due_s = keeper.due().wrapping_sub(counter.read()) / 1_000_000_000;
    assert_eq!(due_s, 198, "due when the slew ends");
    keeper.tick(counter.pass_ns(3_600_000_000_000));
    // The slew should have ended after 200 s and went on: 1.7 s too far.
    let mut off = keeper.error_ns().abs();
    assert!(off > 1_000_000_000, "{off}");
    for _ in 0..6 {
        pass_seconds(&mut keeper, &mut counter, 3_600);
        assert!(keeper.error_ns().abs() < off || keeper.error_ns().abs() < 1_000);
        off = keeper.error_ns().abs();
    }
    assert!(off < 1_000, "{off} ns");
}

/// The upper bound of the error grows by 500 µs a second, and at 16 s the clock
/// counts as unsynchronised: after 32,000 s.
#[test]
fn the_error_bound_grows() {
    let mut counter = Counter::new(1_000_000, 64);
    let mut keeper = counter.keeper();
    let request = Timex {
        modes: adj::STATUS | adj::MAXERROR | adj::ESTERROR,
        status: sta::PLL,
        maxerror: 1_000,
        esterror: 77,
        ..Timex::default()
    };
    adjust(&mut keeper, &counter, request);
    pass_seconds(&mut keeper, &mut counter, 10);
    let mut read = Timex::default();
    let state = keeper.adjust(counter.read(), &mut read);
    assert_eq!((state, read.maxerror, read.esterror), (Ok(TimeState::Ok), 6_000, 77));
    // In one go as well as second by second.
    keeper.tick(counter.pass_ns(31_987_000_000_000));
    let state = keeper.adjust(counter.read(), &mut read);
    assert_eq!((state, read.maxerror), (Ok(TimeState::Ok), 15_999_500));
    keeper.tick(counter.pass_ns(2_000_000_000));
    let mut read = Timex::default();
    let state = keeper.adjust(counter.read(), &mut read);
    assert_eq!((state, read.maxerror), (Ok(TimeState::Error), 16_000_000));
    assert_eq!(read.status, sta::PLL | sta::UNSYNC);
}

/// A clock that nobody ticks for 68 years: seconds that are all alike are passed
/// at once, and the sums come out as if they had been passed one by one.
#[test]
fn ages_pass_at_once() {
    let mut counter = Counter::new(1_000_000_000, 64);
    counter.cycles = 5;
    let (mut lazy, mut busy) = (counter.keeper(), counter.keeper());
    lazy.tick(counter.read() + (1 << 61));
    let day = DAY_S * 1_000_000_000;
    for days in 1..=(1u64 << 61) / day {
        busy.tick(counter.read() + days * day);
    }
    busy.tick(counter.read() + (1 << 61));
    assert_eq!(lazy.clocks().coarse(Clock::Raw), busy.clocks().coarse(Clock::Raw));
    assert_eq!(lazy.clocks().coarse(Clock::Monotonic), Timespec::from_nanos(1 << 61));
}
