//! Every clock against the C library's answers.
#![allow(clippy::unnecessary_cast, reason = "C's time has 32 bits on some CPUs")]

use std::io::Write;
use std::os::fd::AsRawFd;

use instanter_clock::{
    Clock, DynamicClock, Source, Timespec, coarse_pair, epoch, explain_source, pair, pair_relaxed,
    snapshot, source, survey, via,
};

fn libc_now(id: i32) -> Option<Timespec> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    let status = unsafe { libc::clock_gettime(id, &mut time) };
    (status == 0).then(|| Timespec::new(time.tv_sec as i64, time.tv_nsec as u32))
}

/// The system call rather than the C library's function: that asks the vDSO,
/// which answers for auxiliary clocks that the kernel does not have.
fn kernel_resolution(id: i32) -> Option<Timespec> {
    // With the C library's timespec goes the call of the same width.
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    let status = unsafe { libc::syscall(libc::SYS_clock_getres, id, &raw mut time) };
    (status == 0).then(|| Timespec::new(time.tv_sec as i64, time.tv_nsec as u32))
}

/// A reading between two others. The wall clock may be stepped by somebody else
/// in between: that excuses a few, not many.
fn assert_between(clock: Clock, read: impl Fn() -> Timespec) {
    const ROUNDS: u32 = 2_000;
    const EXCUSED: u32 = 5;
    let mut outside = 0;
    for _ in 0..ROUNDS {
        let before = libc_now(clock.id()).expect("the C library answers");
        let ours = read();
        let after = libc_now(clock.id()).expect("the C library answers");
        if !(before <= ours && ours <= after) {
            outside += 1;
            assert!(outside <= EXCUSED, "{clock}: {ours} is not between {before} and {after}");
        }
    }
}

#[test]
fn every_clock_lies_between_two_answers_of_the_c_library() {
    for clock in Clock::ALL {
        match clock.now() {
            Ok(_) => assert_between(clock, || clock.now().expect("it just answered")),
            Err(error) => {
                assert_eq!(libc_now(clock.id()), None, "{error}");
                assert!(error.is_unsupported() || error.is_denied(), "{error}");
            }
        }
    }
}

#[test]
fn every_link_of_the_chain_agrees() {
    for clock in Clock::ALL {
        for link in [Source::Page, Source::Vdso, Source::Syscall] {
            if via(link, clock).is_some() {
                assert_between(clock, || via(link, clock).expect("it just answered"));
            }
        }
    }
    assert!(via(Source::Syscall, Clock::REALTIME).is_some());
    assert_eq!(via(Source::Page, Clock::THREAD_CPU), None);
}

#[test]
fn pairs_and_snapshots_are_one_moment() {
    type Read = fn() -> (Timespec, Timespec);
    let pairs: [(Clock, Clock, Read); 4] = [
        (Clock::REALTIME, Clock::MONOTONIC, || {
            let pair = pair().expect("a pair");
            (pair.realtime, pair.monotonic)
        }),
        (Clock::REALTIME, Clock::MONOTONIC, || {
            let pair = snapshot().expect("a snapshot");
            (pair.realtime, pair.monotonic)
        }),
        (Clock::BOOTTIME, Clock::TAI, || {
            let all = snapshot().expect("a snapshot");
            (all.boottime, all.tai)
        }),
        (Clock::REALTIME_COARSE, Clock::MONOTONIC_COARSE, || {
            let pair = coarse_pair().expect("a pair");
            (pair.realtime, pair.monotonic)
        }),
    ];
    for (first, second, read) in pairs {
        assert_between(first, || read().0);
        assert_between(second, || read().1);
    }
    if source(Clock::REALTIME) == Source::Page {
        // Between steps the two are a constant apart, to the nanosecond.
        let mut others = 0;
        let distance = |p: instanter_clock::Pair| p.realtime.as_nanos() - p.monotonic.as_nanos();
        let first = distance(pair().expect("a pair"));
        for _ in 0..10_000 {
            let next = distance(pair_relaxed().expect("a pair"));
            others += u32::from(next != first);
        }
        assert!(others == 0 || distance(pair().expect("a pair")) != first, "{others} differ");
    }
    assert_between(Clock::MONOTONIC_RAW, || snapshot().expect("a snapshot").monotonic_raw);
}

#[test]
fn monotonic_clocks_do_not_go_back() {
    let clocks = [
        Clock::MONOTONIC,
        Clock::MONOTONIC_RAW,
        Clock::BOOTTIME,
        Clock::MONOTONIC_COARSE,
        Clock::THREAD_CPU,
    ];
    for clock in clocks {
        let mut last = Timespec::default();
        for _ in 0..100_000 {
            let now = clock.now().expect("it answers");
            assert!(now >= last, "{clock}: {now} after {last}");
            last = now;
        }
    }
}

#[test]
fn resolutions_are_the_kernels() {
    for clock in Clock::ALL {
        assert_eq!(clock.resolution().ok(), kernel_resolution(clock.id()), "{clock}");
    }
}

#[test]
fn cpu_time_of_processes_and_threads() {
    // SAFETY: no arguments, no memory.
    let tid = unsafe { libc::gettid() } as u32;
    for clock in [
        Clock::process_cpu(std::process::id()),
        Clock::process_cpu(0),
        Clock::thread_cpu(tid),
        Clock::thread_cpu(0),
    ] {
        assert_between(clock, || clock.now().expect("our own"));
        assert_eq!(source(clock), Source::Syscall);
    }
    // Far beyond any process id.
    let error = Clock::process_cpu(0x0fff_ffff).now().expect_err("nobody");
    assert!(error.is_unsupported(), "{error}");
    let text = error.to_string();
    assert!(text.contains("CPU time of process 268435455"), "{text}");
}

#[test]
fn a_file_descriptor_that_is_no_clock() {
    let file = std::fs::File::open("/dev/null").expect("/dev/null");
    for clock in [DynamicClock::from_fd(file.as_raw_fd()), DynamicClock::from_fd(1 << 20)] {
        let error = clock.now().expect_err("not a clock");
        assert!(error.is_unsupported(), "{error}");
        assert!(error.to_string().contains("file descriptor"), "{error}");
        assert!(clock.resolution().is_err());
        assert!(clock.set(Timespec::default()).is_err());
    }
}

#[test]
fn setting_what_cannot_be_set() {
    for clock in [Clock::MONOTONIC, Clock::BOOTTIME, Clock::PROCESS_CPU, Clock::from_id(999)] {
        let error = clock.set(Timespec::new(1, 0)).expect_err("cannot be set");
        assert!(error.is_unsupported() || error.is_denied(), "{error}");
        assert_eq!(error.clock(), clock);
    }
    // What the kernel refuses whoever asks: a time before 1970.
    let error = Clock::REALTIME.set(Timespec::new(-1, 0)).expect_err("out of range");
    assert!(error.to_string().starts_with("clock_settime(CLOCK_REALTIME): "), "{error}");
}

#[test]
fn sources_give_their_reasons() {
    for clock in Clock::ALL {
        let (chosen, not_page, not_vdso) = explain_source(clock);
        assert_eq!(not_page.is_none(), chosen == Source::Page, "{clock}");
        assert_eq!(not_vdso.is_some(), chosen == Source::Syscall, "{clock}");
        for why in [not_page, not_vdso].into_iter().flatten() {
            assert!(!why.to_string().is_empty());
        }
    }
    let found = survey();
    assert_eq!(found.page.is_ok(), source(Clock::REALTIME_COARSE) == Source::Page);
}

#[test]
fn discipline_is_the_c_librarys() {
    // SAFETY: all zero is a valid timex that asks and changes nothing.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: reads and writes one timex.
    let state = unsafe { libc::adjtimex(&mut timex) };
    let ours = match Clock::REALTIME.discipline() {
        // It needs no privilege, but a sandbox may not know that.
        Err(error) if error.is_denied() => {
            let _ = writeln!(std::io::stderr(), "skipped discipline_is_the_c_librarys: {error}");
            return;
        }
        ours => ours.expect("it answers"),
    };
    assert_eq!(ours.tick_us, timex.tick as i64);
    assert_eq!(ours.tai_s, timex.tai);
    assert_eq!(ours.frequency, timex.freq as i64);
    assert_eq!(ours.status as i32, timex.status);
    assert_eq!(ours.constant, timex.constant as i64);
    assert_eq!(ours.synchronized, state != libc::TIME_ERROR);
    assert!(Clock::MONOTONIC.discipline().is_err(), "nobody disciplines it");
}

#[test]
fn an_epoch_is_still_unless_somebody_disturbs_time() {
    let first = epoch();
    let moved = (0..100_000).filter(|_| epoch() != first).count();
    // A step by somebody else may move it once, for good.
    assert!(moved == 0 || epoch() != first, "{moved} of 100,000 differ");
}
