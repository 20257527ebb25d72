//! Clocks that one thread keeps and others read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::simulated::{Counter, cases};
use instanter_keeper::{Clock, Latch, Shared, Timex, adj};

/// What the wall clock is ahead of the monotonic one, in nanoseconds.
const APART: i64 = 1_700_000_000_000_000_000;

#[test]
fn readers_never_see_time_go_back() {
    let start = Counter::new(1_000_000_000, 64);
    let (shared, latch, mut keeper) = (Shared::new(), Latch::new(), start.keeper());
    assert_eq!(shared.nanos(Clock::Realtime, || 7), 0, "nobody has kept it yet");
    assert_eq!(latch.nanos(Clock::Realtime, || 7), 0);
    shared.update(&mut keeper, |_| {});
    latch.update(&keeper);
    // One counter for all threads: each look at it is later than the last.
    let counter = AtomicU64::new(start.read());
    let count = |by: u64| counter.fetch_add(by, Ordering::AcqRel);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut last = 0;
            while !done.load(Ordering::Relaxed) {
                let moment = shared.moment(|| count(3));
                let now = moment.nanos(Clock::Monotonic);
                assert!(now >= last, "{now} after {last}");
                assert_eq!(moment.nanos(Clock::Realtime) - now, APART, "of two updates");
                assert_eq!(moment.time(Clock::Raw), moment.clocks.time(Clock::Raw, moment.counter));
                last = now;
            }
        });
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // That these may go back a little is the latch's price.
                let (clocks, counter) = (latch.clocks(), count(3));
                let apart = clocks.nanos(Clock::Realtime, counter)
                    - clocks.nanos(Clock::Monotonic, counter);
                assert_eq!(apart, APART, "of two updates");
            }
        });
        for turn in 0..cases(20_000, 2_000_000) {
            let freq = if turn % 2 == 0 { 500 << 16 } else { -(500 << 16) };
            let mut timex = Timex { modes: adj::FREQUENCY, freq, ..Timex::default() };
            shared.update(&mut keeper, |keeper| {
                keeper.adjust(count(100_000), &mut timex).expect("a valid request")
            });
            latch.update(&keeper);
        }
        done.store(true, Ordering::Relaxed);
    });
    let now = count(0);
    assert_eq!(shared.clocks(), keeper.clocks());
    assert_eq!(latch.clocks(), keeper.clocks());
    assert_eq!(shared.time(Clock::Boottime, || now), latch.time(Clock::Boottime, || now));
}

#[test]
fn an_update_that_panics_leaves_the_clocks_readable() {
    let mut counter = Counter::new(1_000_000_000, 64);
    let (shared, mut keeper) = (Shared::new(), counter.keeper());
    shared.update(&mut keeper, |keeper| keeper.tick(counter.read()));
    let before = shared.clocks();
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        shared.update(&mut keeper, |keeper| {
            keeper.tick(counter.pass_ns(1_000));
            panic!("halfway");
        });
    }));
    std::panic::set_hook(quiet);
    assert!(panicked.is_err());
    assert_eq!(shared.clocks(), before);
}
