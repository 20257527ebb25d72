//! Numbers that nobody means: refused or clamped, and nothing panics.

use instanter_keeper::{
    Clock, ClockSource, Conversion, Frequency, Timekeeper, Timespec, Timex, TimexTime,
};
use instanter_page::Line;
use instanter_page::linux::{Contents, Record};

const NUMBERS: [i64; 13] = [
    i64::MIN,
    i64::MIN + 1,
    -86_401,
    -1,
    0,
    1,
    86_399,
    1_000_000_000,
    8_277_292_036,
    8_277_292_037,
    9_223_372_036,
    i64::MAX - 1,
    i64::MAX,
];

fn sources() -> Vec<ClockSource> {
    let mut all = Vec::new();
    for hertz in [1, 2, 1_000, 1_000_000_000, 1_000_000_000_000] {
        for bits in [0, 1, 2, 16, 63, 64, 65, u32::MAX] {
            let frequency = Frequency::hertz(hertz).expect("a frequency");
            all.push(ClockSource::new("odd", frequency, bits).counts_in_suspend());
        }
    }
    let slowest = Frequency::ratio(u64::MAX, u64::MAX - 1).expect("a frequency");
    all.push(ClockSource::new("odd", slowest, 64));
    all.extend(ClockSource::of_line("odd", u32::MAX, 2, 64));
    all
}

/// Whatever happened, a keeper can still be asked.
fn ask(keeper: &Timekeeper, counter: u64) {
    for clock in Clock::ALL {
        let _ = keeper.clocks().nanos(clock, counter);
        let _ = keeper.clocks().coarse_nanos(clock);
    }
    let _ = (keeper.contents(), keeper.due(), keeper.error_ns());
}

#[test]
fn no_time_makes_a_keeper_panic() {
    for source in sources() {
        for sec in NUMBERS {
            let time = Timespec { sec, nsec: 999_999_999 };
            let mut keeper = Timekeeper::new(source, 5, time);
            ask(&keeper, u64::MAX);
            let mut counter = 5u64;
            for other in NUMBERS {
                counter = counter.wrapping_add(3);
                let by = Timespec { sec: other, nsec: 1 };
                let _ = keeper.set_realtime(counter, by);
                let _ = keeper.step_realtime(counter, by);
                let _ = keeper.set_tai(counter, other as i32);
                let _ = keeper.inject_sleep(counter, by);
                keeper.suspend(counter, Some(time)).expect("awake");
                ask(&keeper, counter);
                keeper.resume(other as u64, Some(by)).expect("asleep");
                ask(&keeper, counter);
                counter = other as u64;
            }
        }
    }
}

#[test]
fn no_request_makes_a_keeper_panic() {
    for source in sources() {
        for number in NUMBERS {
            let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
            for modes in (0..17).map(|bit| (1u32 << bit) >> 1).chain([0x8001, 0xa001, 0x3fff]) {
                for status in [0x2001, 0x11, 0x21, 0x9, 0xffff] {
                    let time = TimexTime { sec: number, fraction: number };
                    let mut timex = Timex {
                        modes: modes | 0x10,
                        offset: number,
                        freq: number,
                        maxerror: number,
                        esterror: number,
                        status,
                        constant: number,
                        time,
                        tick: 11_000,
                        ..Timex::default()
                    };
                    let _ = keeper.adjust(number as u64, &mut timex);
                    timex.modes = modes;
                    let _ = keeper.adjust(number as u64, &mut timex);
                    keeper.tick(number as u64 ^ 0x5555_5555);
                    ask(&keeper, 0);
                }
            }
        }
    }
}

#[test]
fn no_page_and_no_line_makes_a_keeper_panic() {
    for mult in [0, 1, 1 << 20, u32::MAX] {
        for shift in [0, 1, 20, 32, 33, 64, u32::MAX] {
            let hertz = Frequency::hertz(1_000).expect("a frequency");
            let _ = Conversion::with(hertz, 0, mult, shift);
            let _ = Conversion::for_interval(hertz, 0, u64::MAX);
            let Some(source) = ClockSource::of_line("odd", mult, shift, 64) else { continue };
            for sec in NUMBERS {
                for nsec in [0, 1, 1 << 62, u64::MAX] {
                    let line = Line { origin: 9, mult, shift, mask: u64::MAX };
                    let record = Record { line, bases: [(sec, nsec); 12] };
                    if let Some(mut keeper) = Timekeeper::take_over(source, &record, &record) {
                        keeper.tick(u64::MAX >> 2);
                        ask(&keeper, 0);
                        let _: Contents = keeper.contents();
                    }
                }
            }
        }
    }
}
