//! Sleeping and usage against the C library's clocks and calls.
//!
//! A machine may be as slow as it likes: what is asserted is that nobody wakes
//! early.
#![allow(clippy::unnecessary_cast, reason = "C's time has 32 bits on some CPUs")]

mod signals;

use instanter_clock::usage::{Times, Usage, Whose};
use instanter_clock::{Clock, Sleep, Timespec, sleep, timer_slack_ns};

const MS: i128 = 1_000_000;

fn libc_now(clock: Clock) -> i128 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    assert_eq!(unsafe { libc::clock_gettime(clock.id(), &mut time) }, 0);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

fn libc_sleeps_on(clock: Clock) -> bool {
    let long_ago = libc::timespec { tv_sec: 0, tv_nsec: 1 };
    // SAFETY: reads one timespec.
    let status = unsafe {
        libc::clock_nanosleep(clock.id(), libc::TIMER_ABSTIME, &long_ago, std::ptr::null_mut())
    };
    status == 0
}

#[test]
fn nobody_wakes_early() {
    for clock in [Clock::MONOTONIC, Clock::REALTIME, Clock::BOOTTIME, Clock::TAI] {
        let target = libc_now(clock) + 5 * MS;
        clock.sleep_until(Timespec::from_nanos(target)).expect("it sleeps");
        // Somebody may step the wall clock back just then, which no test does
        // that runs beside this one.
        assert!(libc_now(clock) >= target, "{clock}");
        let before = libc_now(Clock::MONOTONIC);
        assert_eq!(clock.nanosleep(Timespec::new(0, 2_000_000)), Ok(Sleep::Complete));
        assert!(libc_now(Clock::MONOTONIC) - before >= 2 * MS, "{clock}");
    }
    let before = libc_now(Clock::MONOTONIC);
    sleep(Timespec::new(0, 3_000_000)).expect("it sleeps");
    assert!(libc_now(Clock::MONOTONIC) - before >= 3 * MS);
}

#[test]
fn what_has_passed_is_over_at_once() {
    let past = [
        Timespec::default(),
        Timespec::new(0, 1),
        Timespec::new(-1, 999_999_999),
        Timespec::new(i64::MIN, 0),
    ];
    for time in past {
        for clock in [Clock::MONOTONIC, Clock::REALTIME, Clock::BOOTTIME] {
            clock.sleep_until(time).expect("over");
            assert_eq!(clock.nanosleep_until(time), Ok(Sleep::Complete), "{clock} {time}");
        }
    }
    for length in [Timespec::default(), Timespec::new(-1, 0), Timespec::new(i64::MIN, 5)] {
        sleep(length).expect("over");
        assert_eq!(Clock::MONOTONIC.nanosleep(length), Ok(Sleep::Complete), "{length}");
    }
}

#[test]
fn clocks_that_can_be_slept_on_are_the_c_librarys() {
    for clock in Clock::ALL {
        let ours = clock.sleep_until(Timespec::new(0, 1));
        assert_eq!(ours.is_ok(), libc_sleeps_on(clock), "{clock}: {ours:?}");
        if let Err(error) = ours {
            assert!(error.is_unsupported() || error.is_denied(), "{error}");
            assert!(error.to_string().starts_with("clock_nanosleep("), "{error}");
        }
    }
    // What is no time at all.
    let error = Clock::MONOTONIC.sleep_until(Timespec { sec: 1, nsec: u32::MAX });
    assert_eq!(error.expect_err("EINVAL").errno(), libc::EINVAL);
}

#[test]
fn a_storm_of_signals_wakes_nobody_early() {
    signals::storm(|| {
        let before = signals::handled();
        // On a busy machine a sleep may end before the other thread runs at all.
        while signals::handled() < before + 20 {
            for clock in [Clock::MONOTONIC, Clock::REALTIME, Clock::BOOTTIME] {
                let target = libc_now(clock) + 20 * MS;
                clock.sleep_until(Timespec::from_nanos(target)).expect("resumed");
                assert!(libc_now(clock) >= target, "{clock}");
            }
            let start = libc_now(Clock::MONOTONIC);
            sleep(Timespec::new(0, 20_000_000)).expect("resumed");
            assert!(libc_now(Clock::MONOTONIC) - start >= 20 * MS);
        }
    });
}

#[test]
fn a_signal_ends_the_sleeps_that_want_it() {
    signals::storm(|| {
        let hour = Timespec::new(3_600, 0);
        // Nobody waits an hour for this test: it is the signal that ends these.
        let Ok(Sleep::Interrupted { rest }) = Clock::MONOTONIC.nanosleep(hour) else {
            panic!("slept for an hour")
        };
        // The kernel counts the thread's slack as a part of what is left.
        assert!(rest < Timespec::new(3_601, 0) && rest > Timespec::new(3_000, 0), "{rest}");
        let target = Clock::BOOTTIME.now().expect("it answers").shifted_by(hour);
        let Ok(Sleep::Interrupted { rest }) = Clock::BOOTTIME.nanosleep_until(target) else {
            panic!("slept for an hour")
        };
        assert!(rest < hour && rest > Timespec::new(3_000, 0), "{rest}");
        // The end of the kernel's time does not overflow into the past.
        for clock in [Clock::MONOTONIC, Clock::REALTIME] {
            let end = Timespec::new(i64::MAX, 999_999_999);
            let ended = clock.nanosleep_until(end);
            assert!(matches!(ended, Ok(Sleep::Interrupted { .. })), "{clock}: {ended:?}");
            let ended = clock.nanosleep(end);
            assert!(matches!(ended, Ok(Sleep::Interrupted { .. })), "{clock}: {ended:?}");
        }
    });
}

#[test]
fn the_slack_is_the_c_librarys() {
    // SAFETY: no memory.
    let slack = unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) };
    assert_eq!(timer_slack_ns().ok(), u64::try_from(slack).ok());
    std::thread::spawn(|| {
        // SAFETY: no memory; changes this thread only.
        unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1_234) };
        assert_eq!(timer_slack_ns(), Ok(1_234));
    })
    .join()
    .expect("the thread's own slack");
}

fn libc_usage(who: i32) -> Usage {
    // SAFETY: all zero is a valid rusage.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: writes one rusage.
    assert_eq!(unsafe { libc::getrusage(who, &mut usage) }, 0);
    let time = |time: libc::timeval| Timespec::new(time.tv_sec as i64, time.tv_usec as u32 * 1_000);
    Usage {
        user: time(usage.ru_utime),
        system: time(usage.ru_stime),
        max_resident_kib: usage.ru_maxrss as u64,
        minor_faults: usage.ru_minflt as u64,
        major_faults: usage.ru_majflt as u64,
        blocks_in: usage.ru_inblock as u64,
        blocks_out: usage.ru_oublock as u64,
        voluntary_switches: usage.ru_nvcsw as u64,
        involuntary_switches: usage.ru_nivcsw as u64,
    }
}

/// Everything, in an order in which nothing ever goes back.
fn counts(usage: Usage) -> [i128; 9] {
    [
        usage.user.as_nanos(),
        usage.system.as_nanos(),
        usage.max_resident_kib.into(),
        usage.minor_faults.into(),
        usage.major_faults.into(),
        usage.blocks_in.into(),
        usage.blocks_out.into(),
        usage.voluntary_switches.into(),
        usage.involuntary_switches.into(),
    ]
}

#[test]
fn usage_lies_between_two_answers_of_the_c_library() {
    // A child that has ended, or there is nothing to tell.
    let child = std::process::Command::new("/bin/true").status();
    assert!(child.is_ok_and(|status| status.success()));
    let table = [
        (Whose::Process, libc::RUSAGE_SELF),
        (Whose::Thread, libc::RUSAGE_THREAD),
        (Whose::Children, libc::RUSAGE_CHILDREN),
    ];
    for (whose, who) in table {
        for _ in 0..200 {
            let before = libc_usage(who);
            let ours = Usage::of(whose).expect("it answers");
            let after = libc_usage(who);
            let rows = [before, ours, after].map(counts);
            for (field, ours) in rows[1].iter().enumerate() {
                let range = rows[0][field]..=rows[2][field];
                assert!(range.contains(ours), "{whose:?}, field {field}: {rows:?}");
            }
        }
    }
    assert!(Usage::of(Whose::Children).expect("it answers").minor_faults > 0);
}

#[test]
fn waiting_counts_as_a_voluntary_switch() {
    let before = Usage::of(Whose::Thread).expect("it answers");
    // Who is put off just before it waits may have waited enough by the time that it goes on.
    let counts = (0..30).map(|_| {
        sleep(Timespec::new(0, 1_000_000)).expect("it sleeps");
        Usage::of(Whose::Thread).expect("it answers").voluntary_switches
    });
    let mut counts = counts.map(|switches| switches - before.voluntary_switches);
    assert!(counts.any(|switches| switches >= 3), "{:?}", Usage::of(Whose::Thread));
}

#[test]
fn times_lie_between_two_answers_of_the_c_library() {
    // SAFETY: no memory.
    assert_eq!(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }, Times::PER_SECOND as libc::c_long);
    let libc_times = || {
        let mut tms = libc::tms { tms_utime: 0, tms_stime: 0, tms_cutime: 0, tms_cstime: 0 };
        // SAFETY: writes one tms.
        let elapsed = unsafe { libc::times(&mut tms) };
        [tms.tms_utime, tms.tms_stime, tms.tms_cutime, tms.tms_cstime, elapsed].map(|t| t as u64)
    };
    for _ in 0..200 {
        let before = libc_times();
        let ours = Times::now().expect("it answers");
        let after = libc_times();
        let ours = [
            ours.user_ticks,
            ours.system_ticks,
            ours.children_user_ticks,
            ours.children_system_ticks,
            ours.elapsed_ticks,
        ];
        for (field, ours) in ours.iter().enumerate() {
            assert!((before[field]..=after[field]).contains(ours), "field {field}");
        }
    }
}
