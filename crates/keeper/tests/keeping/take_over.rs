//! One keeper goes on where another left off.

use crate::simulated::Counter;
use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec, Timex, adj};
use instanter_page::Line;
use instanter_page::linux::Record;

#[test]
fn nobody_notices() {
    let mut counter = Counter::new(2_100_000_000, 56);
    let mut first = counter.keeper();
    first.set_tai(counter.read(), 37).expect("awake");
    first.inject_sleep(counter.read(), Timespec::new(99, 5)).expect("a length");
    let mut frequency = Timex { modes: adj::FREQUENCY, freq: -123 << 16, ..Timex::default() };
    first.adjust(counter.pass(12_345_678), &mut frequency).expect("a valid request");
    for _ in 0..1_000 {
        first.tick(counter.pass(8_400_001));
    }
    let page = first.contents();
    let mut second =
        Timekeeper::take_over(counter.source, &page.disciplined, &page.raw).expect("the same");
    assert_eq!(second.tai_s(), 37);
    // The frequency is the line's, which is the first one's to a unit of mult.
    let mut read = Timex::default();
    second.adjust(counter.read(), &mut read).expect("a request to read");
    assert!((read.freq - (-123 << 16)).abs() <= 65_536 / 4, "{}", read.freq);
    let mut second =
        Timekeeper::take_over(counter.source, &page.disciplined, &page.raw).expect("the same");
    for step in 0..1_000u64 {
        let now = counter.pass(step * 99_991);
        for clock in Clock::ALL {
            let (one, other) = (first.clocks().time(clock, now), second.clocks().time(clock, now));
            assert_eq!(one, other, "{clock:?} at step {step}");
        }
    }
    let now = counter.read();
    assert_eq!((first.tick(now).leap_s, second.tick(now).leap_s), (0, 0));
    assert_eq!(first.clocks().coarse(Clock::Monotonic), second.clocks().coarse(Clock::Monotonic));
}

#[test]
fn a_page_of_something_else_is_refused() {
    let counter = Counter::new(2_100_000_000, 64);
    let page = counter.keeper().contents();
    let take = |disciplined: Record, raw: Record| {
        Timekeeper::take_over(counter.source, &disciplined, &raw).is_some()
    };
    let (good, raw) = (page.disciplined, page.raw);
    assert!(take(good, raw));
    let line = good.line;
    let of = |line| Record { line, bases: page.disciplined.bases };
    assert!(!take(of(Line { shift: line.shift + 1, ..line }), raw));
    assert!(!take(of(Line { mask: 0xffff, ..line }), raw));
    assert!(!take(of(Line { mult: 0, ..line }), raw));
    assert!(!take(of(Line { origin: line.origin + 1, ..line }), raw));
    let other = Record { line: Line { mult: raw.line.mult + 1, ..raw.line }, bases: raw.bases };
    assert!(!take(good, other));
    let mut askew = good;
    askew.bases[0].1 += 1;
    assert!(!take(askew, raw));
    let slow = ClockSource::new("slow", Frequency::hertz(1_000).expect("a frequency"), 64);
    assert!(Timekeeper::take_over(slow, &good, &raw).is_none());
}
