//! Clocks for tests, and that none waits for the real one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use instanter::testing::{TestClock, while_blocked};
use instanter::zone::{Policy, Zone};
use instanter::{
    Deadline, Duration, Missed, Schedule, Ticker, Time, Timer, Zoned, now, now_relaxed, sleep,
    sleep_precise, sleep_until, try_now,
};

const fn seconds(seconds: i64) -> Duration {
    Duration::from_seconds(seconds)
}

fn epoch() -> Time {
    Time::UNIX_EPOCH
}

#[test]
fn every_way_to_ask_asks_the_test() {
    let start: Time = "2024-02-29T12:00:00Z".parse().unwrap();
    let clock = TestClock::manual(start);
    let scope = clock.for_this_thread();
    let zoned = Zoned::now_in(Zone::UTC);
    for time in [now(), now_relaxed(), try_now().unwrap(), zoned.time(), Zoned::now().time()] {
        assert_eq!((time, time.monotonic_nanos()), (start, Some(0)));
    }
    assert_eq!(Deadline::after(seconds(1)).left(), seconds(1));
    assert_eq!(Deadline::after_also_suspended(seconds(1)).left(), seconds(1));
    assert_eq!(Deadline::wall(start + seconds(1)).left(), seconds(1));
    drop(scope);
    assert!(now() > start + seconds(86_400), "the machine's clock is back");
}

#[test]
fn a_reading_of_the_start_goes_on() {
    let real = now();
    let clock = TestClock::manual(real);
    clock.advance(seconds(5));
    let _scope = clock.for_this_thread();
    assert_eq!(now().since(real), seconds(5));
    assert_eq!(now().monotonic_nanos(), real.monotonic_nanos().map(|nanos| nanos + 5_000_000_000));
}

#[test]
fn each_look_steps() {
    let clock = TestClock::stepping(epoch(), Duration::from_micros(7));
    let _scope = clock.for_this_thread();
    let looks: Vec<i128> = (0..4).map(|_| now().unix_micros()).collect();
    assert_eq!(looks, [0, 7, 14, 21]);
    sleep(seconds(1));
    assert_eq!(clock.time().unix_micros(), 28 + 7 + 1_000_000 - 7);
}

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines() {
    let clock = TestClock::auto(epoch());
    let scope = clock.for_this_thread();
    let (sender, receiver) = mpsc::channel();
    let lengths = [30, 10, 20, 10, 50, 40];
    let threads: Vec<_> = lengths
        .into_iter()
        .enumerate()
        .map(|(number, length)| {
            let sender = sender.clone();
            clock.spawn(move || {
                for round in 0..100 {
                    sleep(seconds(length));
                    // Nobody else runs: what is sent comes in the order of waking up.
                    sender.send((now().unix_seconds(), number, round)).unwrap();
                }
            })
        })
        .collect();
    drop((sender, scope));
    for thread in threads {
        thread.join().unwrap();
    }
    let woken: Vec<(i64, usize, i64)> = receiver.into_iter().collect();
    assert_eq!(woken.len(), 600);
    assert!(woken.is_sorted_by_key(|&(second, ..)| second));
    for (second, number, round) in woken {
        assert_eq!(second, (round + 1) * lengths[number], "sleeper {number}, round {round}");
    }
    assert_eq!(clock.time().unix_seconds(), 5_000);
}

#[test]
fn a_century_of_days_passes_at_once() {
    let zone = Zone::get("Europe/Berlin").unwrap();
    let start = "1970-01-01T09:00:00+01:00[Europe/Berlin]".parse::<Zoned>().unwrap();
    let clock = TestClock::auto(start.time());
    let _scope = clock.for_this_thread();
    let mut appointment = start;
    for _ in 0..36_525 {
        sleep_until(appointment.time());
        let shown = now().in_zone(zone);
        assert_eq!((shown.hour(), shown.minute()), (9, 0), "{shown}");
        appointment = appointment.add_days(1, Policy::Reject).unwrap();
    }
    assert_eq!(now().in_zone(zone).to_string(), "2069-12-31T09:00:00+01:00[Europe/Berlin]");
}

#[test]
fn whatever_waits_follows() {
    let clock = TestClock::auto(epoch());
    let _scope = clock.for_this_thread();
    let ticks: Vec<_> = Ticker::new(seconds(7)).on_missed(Missed::Skip).take(3).collect();
    assert!(ticks.iter().all(|tick| tick.late.is_zero() && tick.missed == 0), "{ticks:?}");
    assert_eq!(now().unix_seconds(), 21);
    let woken = sleep_precise(Duration::from_micros(100));
    assert_eq!((woken.late, woken.spun), (Duration::ZERO, Duration::ZERO));
    assert_eq!(now().unix_micros(), 21_000_100);
    for none in [Duration::ZERO, seconds(-1), Duration::MIN] {
        sleep(none);
    }
    assert_eq!(now().unix_micros(), 21_000_100);
    // The longest sleep ends, with both clocks at their ends or before.
    sleep(Duration::MAX);
    assert_eq!(now().unix_seconds(), 21 + i64::MAX / 1_000_000_000);
    let error = Timer::new(Schedule::after(seconds(1))).unwrap_err();
    assert!(error.to_string().contains("a test's clock"), "{error}");
}

#[test]
fn a_wall_clock_that_is_set_moves_who_waits_for_it() {
    let clock = TestClock::manual(epoch());
    let wall = clock.spawn(|| {
        sleep_until(Deadline::wall(Time::from_unix_seconds(100)));
        now().unix_seconds()
    });
    let monotonic = clock.spawn(|| {
        sleep_until(Deadline::after(seconds(100)));
        now().unix_seconds()
    });
    clock.wait_for_sleepers(2);
    clock.set_wall(Time::from_unix_seconds(500));
    assert_eq!(wall.join().unwrap(), 500);
    clock.step_wall(seconds(-1_000));
    clock.advance(seconds(99));
    assert_eq!(clock.sleepers(), 1);
    clock.advance(seconds(1));
    assert_eq!(monotonic.join().unwrap(), -400);
}

#[test]
fn an_automatic_clock_that_is_set_forward_ends_what_waits_for_it() {
    let clock = TestClock::auto(epoch());
    let _scope = clock.for_this_thread();
    let other = clock.spawn(|| {
        sleep_until(Deadline::wall(Time::from_unix_seconds(1_000)));
        now().monotonic_nanos()
    });
    sleep(seconds(10));
    clock.step_wall(seconds(5_000));
    // As soon as this thread does not run, the other is due.
    assert_eq!(while_blocked(|| other.join().unwrap()), Some(10_000_000_000));
    assert_eq!(clock.time().unix_seconds(), 5_010);
}

#[test]
fn suspended_time_counts_since_boot_only() {
    let clock = TestClock::manual(epoch());
    let _scope = clock.for_this_thread();
    let start = now();
    clock.suspend(seconds(60));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(now().unix_seconds(), 60);
    assert!(Deadline::boot(60_000_000_000).has_passed());
    assert!(!Deadline::monotonic(1).has_passed());
    clock.advance(seconds(-5));
    assert_eq!(now().unix_seconds(), 60, "time is not put back by advancing");
}

#[test]
fn scopes_end_in_any_order() {
    let clocks = [1, 2].map(|second| TestClock::manual(Time::from_unix_seconds(second)));
    let outer = clocks[0].for_this_thread();
    let inner = clocks[1].for_this_thread();
    assert_eq!(now().unix_seconds(), 2);
    drop(outer);
    assert_eq!(now().unix_seconds(), 2);
    drop(inner);
    assert!(now().unix_seconds() > 1_000_000_000);
    // Another thread is not concerned.
    let _scope = clocks[0].for_this_thread();
    assert!(thread::spawn(|| now().unix_seconds()).join().unwrap() > 1_000_000_000);
}

#[test]
fn the_process_s_clock_is_for_threads_without_one() {
    let clock = TestClock::auto(epoch());
    let scope = clock.for_process();
    let own = TestClock::manual(Time::from_unix_seconds(-7)).spawn(|| now().unix_seconds());
    assert_eq!(own.join().unwrap(), -7);
    // Threads of the standard library that know nothing of the clock. They take part from
    // their first look at it on; until all have begun, this thread holds the time.
    let (sender, ready) = mpsc::channel();
    let threads = [3, 1, 2].map(|hours| {
        let sender = sender.clone();
        thread::spawn(move || {
            sender.send(now().unix_seconds()).unwrap();
            sleep(Duration::from_hours(hours));
            now().unix_seconds()
        })
    });
    assert!(ready.iter().take(3).all(|second| second == 0));
    let woken = while_blocked(|| threads.map(|thread| thread.join().unwrap()));
    assert_eq!(woken, [10_800, 3_600, 7_200]);
    drop(scope);
    assert!(now().unix_seconds() > 1_000_000_000);
}

#[test]
fn a_thread_that_panics_or_is_never_started_holds_nobody() {
    let clock = TestClock::auto(epoch());
    let _scope = clock.for_this_thread();
    let ticket = clock.ticket();
    drop(ticket);
    let failed = clock.spawn(|| {
        sleep(seconds(1));
        assert_eq!(1, 2, "on purpose");
    });
    assert!(while_blocked(|| failed.join()).is_err());
    sleep(seconds(60));
    let caught = catch_unwind(AssertUnwindSafe(|| while_blocked(|| panic!("on purpose"))));
    assert!(caught.is_err());
    sleep(seconds(60));
    assert!(now().unix_seconds() >= 121);
    assert!(format!("{clock:?}").contains("Auto"), "{clock:?}");
}
