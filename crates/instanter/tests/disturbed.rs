//! While the wall clock is stepped: the sleeps that follow it, and the timers
//! that tell.
//!
//! This changes the machine's clock for a moment, so it runs where the
//! environment says `INSTANTER_TEST_DISTURB=1`, by whoever may set clocks, and in a
//! process of its own.
#![cfg(feature = "std")]

use std::io::Write;
use std::time::Instant;

use instanter::clock::{Adjustment, Clock, Timespec};
use instanter::{Deadline, Duration, Expiry, Schedule, Timer, now, sleep, sleep_until};

const NAME: &str = "the_wall_clock_is_stepped";

const HOUR_S: i64 = 3_600;

/// Puts the clock back however the test ends.
struct Stepped(i64);

impl Stepped {
    fn by(seconds: i64) -> Stepped {
        step(seconds);
        Stepped(seconds)
    }
}

impl Drop for Stepped {
    fn drop(&mut self) {
        step(-self.0);
    }
}

fn step(seconds: i64) {
    let by = Adjustment::new().step(Timespec::new(seconds, 0));
    Clock::REALTIME.adjust(by).expect("it was allowed before");
}

fn why_not() -> Option<String> {
    if std::env::var_os("INSTANTER_TEST_DISTURB").is_none() {
        return Some("changes this machine's clock; INSTANTER_TEST_DISTURB=1 allows it".to_owned());
    }
    // Root in a container may not set clocks, either.
    let usual = Clock::REALTIME.discipline().map(|usual| Adjustment::new().tick_us(usual.tick_us));
    usual.and_then(|usual| Clock::REALTIME.adjust(usual)).err().map(|error| error.to_string())
}

#[test]
fn the_wall_clock_is_stepped() {
    if let Some(reason) = why_not() {
        let _ = writeln!(std::io::stderr(), "skipped {NAME}: {reason}");
        return;
    }
    let hour = Duration::from_seconds(HOUR_S);
    // A sleep for an hour from now: over as soon as the clock is an hour ahead.
    let target = Deadline::wall(now()) + hour;
    std::thread::scope(|scope| {
        let sleeper = scope.spawn(|| sleep_until(target));
        sleep(Duration::from_millis(20));
        let ahead = Stepped::by(HOUR_S + 1);
        sleeper.join().expect("it wakes");
        assert!(target.has_passed());
        drop(ahead);
    });
    assert!(!target.has_passed());
    // A clock that is put back: the sleep is longer by as much.
    let mut lengths_ms = (0..8).map(|turn| 50 << turn);
    let lengthened = |ms| {
        let start = Instant::now();
        let target = Deadline::wall(now()) + Duration::from_millis(ms);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| sleep_until(target));
            sleep(Duration::from_millis(10));
            let behind = Stepped::by(-HOUR_S);
            // On a busy machine the sleep may have been over before.
            let in_time = start.elapsed().as_millis() < ms as u128;
            sleep(Duration::from_millis(2 * ms));
            assert!(!in_time || !sleeper.is_finished(), "the clock has not got there");
            drop(behind);
            sleeper.join().expect("it wakes");
            in_time
        })
    };
    if !lengths_ms.any(lengthened) {
        let _ = writeln!(std::io::stderr(), "skipped a part of {NAME}: too busy a machine");
    }
    // A timer that is to tell does, and goes on by the new time.
    let timer = Timer::new(Schedule::at(Deadline::wall(now()) + hour).or_step()).expect("a timer");
    let silent = Timer::new(Schedule::at(Deadline::wall(now()) + hour)).expect("a timer");
    let ahead = Stepped::by(HOUR_S / 2);
    assert_eq!(timer.wait().expect("it waits"), Expiry::ClockStepped);
    assert_eq!(silent.try_wait().expect("it answers"), None);
    assert!(timer.left().expect("it answers").is_some_and(|left| left <= hour));
    drop(ahead);
    assert_eq!(timer.wait().expect("it waits"), Expiry::ClockStepped);
    let ahead = Stepped::by(HOUR_S + 1);
    assert_eq!(timer.wait().expect("it waits"), Expiry::ClockStepped);
    assert_eq!(silent.wait().expect("it waits"), Expiry::Times(1));
    drop(ahead);
    // A step between: told at the next wait, and no error.
    timer.set(Schedule::at(Deadline::wall(now()) + hour).or_step()).expect("set all the same");
}
