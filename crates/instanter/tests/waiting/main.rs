//! Waiting and CPU time as the façade has them, against std and the C library.
//!
//! A machine may be as slow as it likes: what is asserted is that nothing comes
//! early, and exact arithmetic.

#[path = "../../../clock/tests/signals/mod.rs"]
mod signals;
#[cfg(feature = "std")]
mod timers;
mod usage;

use instanter::{
    Deadline, Duration, Missed, Ticker, Time, now, sleep, sleep_precise, sleep_until,
    try_sleep_until,
};

/// The C library's clock, in nanoseconds.
fn libc_now(id: libc::clockid_t) -> i128 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    assert_eq!(unsafe { libc::clock_gettime(id, &mut time) }, 0);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

fn shows(deadline: Deadline) -> i128 {
    libc_now(deadline.clock().id())
}

#[test]
fn sleeps_are_not_short() {
    for length in [1, 999, 50_000, 3_000_000] {
        let before = libc_now(libc::CLOCK_MONOTONIC);
        sleep(Duration::from_nanos(length));
        let took = libc_now(libc::CLOCK_MONOTONIC) - before;
        assert!(took >= length.into(), "sleep of {length} ns took {took}");
    }
    for length in [Duration::ZERO, Duration::from_nanos(-1), Duration::MIN] {
        sleep(length);
    }
}

#[test]
fn deadlines_on_each_clock() {
    let length = Duration::from_millis(4);
    let read = now();
    let deadlines = [
        Deadline::after(length),
        Deadline::after_also_suspended(length),
        Deadline::wall(read) + length,
        Deadline::from(read) + length,
    ];
    for deadline in deadlines {
        sleep_until(deadline);
        assert!(shows(deadline) >= deadline.at().as_nanos(), "{deadline:?}");
        assert!(deadline.has_passed() && deadline.left() <= Duration::ZERO);
    }
    // What has passed is over at once, however long ago.
    for deadline in [
        Deadline::monotonic(i64::MIN),
        Deadline::monotonic(0),
        Deadline::boot(-1),
        Deadline::wall(Time::from_unix(i64::MIN, 0)),
        Deadline::from(Time::UNIX_EPOCH),
        Deadline::from(read),
    ] {
        assert_eq!(try_sleep_until(deadline), Ok(()), "{deadline:?}");
    }
}

#[test]
fn signals_lengthen_and_shorten_nothing() {
    signals::storm(|| {
        let before = signals::handled();
        while signals::handled() < before + 20 {
            let target = Deadline::after(Duration::from_millis(20));
            sleep_until(target);
            assert!(shows(target) >= target.at().as_nanos());
            let target = Deadline::wall(now()) + Duration::from_millis(20);
            sleep_until(target);
            assert!(shows(target) >= target.at().as_nanos());
            let start = libc_now(libc::CLOCK_MONOTONIC);
            sleep_precise(Duration::from_millis(5));
            assert!(libc_now(libc::CLOCK_MONOTONIC) - start >= 5_000_000);
        }
        // Under signals a ticker keeps its beat.
        let first = Deadline::after(Duration::from_millis(1));
        let ticker = Ticker::starting_at(first, Duration::from_millis(3));
        for (k, tick) in ticker.take(8).enumerate() {
            assert_eq!(tick.due, first + Duration::from_millis(3 * k as i64));
            assert!(shows(tick.due) >= tick.due.at().as_nanos());
        }
    });
}

#[test]
fn a_busy_program_hears_of_what_it_missed() {
    let period = Duration::from_millis(2);
    for missed in [Missed::Burst, Missed::Skip, Missed::Delay] {
        let mut ticker = Ticker::new(period).on_missed(missed);
        let first = ticker.wait();
        sleep_until(first.due + Duration::from_millis(11));
        let second = ticker.wait();
        // Due two milliseconds after the first at the earliest; the others at 4,
        // 6, 8 and 10, or put off by how late the first one was.
        assert!(second.due.has_passed(), "{missed:?}");
        if first.missed == 0 {
            assert_eq!(second.due, first.due + period, "{missed:?}");
            assert!(second.missed >= 4, "{missed:?}: {second:?}");
        }
        match missed {
            Missed::Burst => assert_eq!(ticker.due(), second.due + period),
            Missed::Skip => {
                let steps = (ticker.due().at().as_nanos() - second.due.at().as_nanos()) as u64;
                assert_eq!(steps, 2_000_000 * (second.missed + 1));
            }
            Missed::Delay => {
                let late = if second.missed > 0 { second.late } else { Duration::ZERO };
                assert_eq!(ticker.due(), second.due + late + period, "{second:?}");
            }
        }
    }
}
