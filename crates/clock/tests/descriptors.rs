//! Timers behind file descriptors, against the C library's calls, and memory behind one.
#![allow(clippy::unnecessary_cast, reason = "C's time has 32 bits on some CPUs")]

mod signals;

use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use instanter_clock::rtc::RtcDevice;
use instanter_clock::timer::{Expiry, Setting, Start, TimerFd};
use instanter_clock::{Clock, Timespec};

const CLOCKS: [Clock; 3] = [Clock::MONOTONIC, Clock::REALTIME, Clock::BOOTTIME];

fn ms(ms: i64) -> Timespec {
    Timespec::from_nanos(i128::from(ms) * 1_000_000)
}

fn once(first: Timespec) -> Setting {
    Setting { first, period: Timespec::default() }
}

fn libc_setting(timer: &TimerFd) -> Setting {
    // SAFETY: all zero is a valid itimerspec.
    let mut spec: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: writes one itimerspec.
    assert_eq!(unsafe { libc::timerfd_gettime(timer.as_raw_fd(), &mut spec) }, 0);
    let time = |time: libc::timespec| Timespec::new(time.tv_sec as i64, time.tv_nsec as u32);
    Setting { first: time(spec.it_value), period: time(spec.it_interval) }
}

#[test]
fn it_expires_and_not_early() {
    for clock in CLOCKS {
        let timer = TimerFd::new(clock).expect("a timer");
        assert_eq!(timer.setting(), Ok(Setting::default()), "{clock}");
        let target = clock.now().expect("it answers").shifted_by(ms(5));
        timer.set(Start::At, once(target)).expect("set");
        assert_eq!(timer.wait(), Ok(Expiry::Times(1)), "{clock}");
        assert!(clock.now().expect("it answers") >= target, "{clock}");
        assert_eq!(timer.read(), Ok(Expiry::NotYet), "{clock}: read twice");
        let start = clock.now().expect("it answers");
        timer.set(Start::After, once(ms(3))).expect("set");
        assert_eq!(timer.wait(), Ok(Expiry::Times(1)), "{clock}");
        assert!(clock.now().expect("it answers") >= start.shifted_by(ms(3)), "{clock}");
    }
}

#[test]
fn settings_are_the_c_librarys() {
    for clock in CLOCKS {
        for start in [Start::At, Start::AtUnlessStepped, Start::After] {
            let timer = TimerFd::new(clock).expect("a timer");
            let first = match start {
                Start::After => ms(3_600_000),
                _ => clock.now().expect("it answers").shifted_by(ms(3_600_000)),
            };
            let setting = Setting { first, period: ms(70_500) };
            assert_eq!(timer.set(start, setting), Ok(Setting::default()), "nothing before");
            let before = libc_setting(&timer);
            let ours = timer.setting().expect("it answers");
            let after = libc_setting(&timer);
            assert_eq!(ours.period, ms(70_500));
            assert_eq!(before.period, ours.period);
            assert!(before.first >= ours.first && ours.first >= after.first, "{clock} {start:?}");
            assert!(ours.first <= ms(3_600_000));
            let stopped = timer.set(start, Setting::default()).expect("stopped");
            assert!(stopped.first <= after.first && stopped.period == ours.period);
            assert_eq!(libc_setting(&timer), Setting::default());
        }
    }
}

#[test]
fn a_period_counts_what_nobody_read() {
    let timer = TimerFd::new(Clock::MONOTONIC).expect("a timer");
    let start = Clock::MONOTONIC.now().expect("it answers");
    let setting = Setting { first: start.shifted_by(ms(1)), period: ms(2) };
    timer.set(Start::At, setting).expect("set");
    Clock::MONOTONIC.sleep_until(start.shifted_by(ms(20))).expect("it sleeps");
    // At 1, 3, …, 19 ms.
    let Ok(Expiry::Times(times)) = timer.read() else { panic!("it has expired") };
    assert!(times >= 10, "{times}");
}

#[test]
fn the_past_and_the_end_of_time() {
    let timer = TimerFd::new(Clock::REALTIME).expect("a timer");
    for past in [Timespec::new(0, 1), Timespec::new(-1, 0), Timespec::new(i64::MIN, 0)] {
        timer.set(Start::At, once(past)).expect("set");
        assert_eq!(timer.read(), Ok(Expiry::Times(1)), "{past}");
    }
    for start in [Start::At, Start::After] {
        timer.set(start, once(Timespec::new(i64::MAX, 999_999_999))).expect("set");
        assert_eq!(timer.read(), Ok(Expiry::NotYet));
        assert!(timer.setting().expect("it answers").first > Timespec::new(1 << 32, 0));
    }
    let negative = Setting { first: ms(1), period: Timespec::new(-1, 0) };
    assert_eq!(timer.set(Start::After, negative).expect_err("no period").errno(), libc::EINVAL);
}

#[test]
fn clocks_that_have_timers_are_the_c_librarys() {
    for clock in Clock::ALL {
        // SAFETY: no memory.
        let number = unsafe { libc::timerfd_create(clock.id(), libc::TFD_CLOEXEC) };
        if number >= 0 {
            // SAFETY: just made, and ours.
            drop(unsafe { OwnedFd::from_raw_fd(number) });
        }
        let ours = TimerFd::new(clock);
        assert_eq!(ours.is_ok(), number >= 0, "{clock}: {ours:?}");
        if let Err(error) = ours {
            assert!(error.is_unsupported() || error.is_denied(), "{error}");
        }
    }
}

#[test]
fn waiting_outlasts_signals() {
    signals::storm(|| {
        let before = signals::handled();
        while signals::handled() < before + 20 {
            let timer = TimerFd::new(Clock::MONOTONIC).expect("a timer");
            let target = Clock::MONOTONIC.now().expect("it answers").shifted_by(ms(20));
            timer.set(Start::At, once(target)).expect("set");
            assert_eq!(timer.wait(), Ok(Expiry::Times(1)));
            assert!(Clock::MONOTONIC.now().expect("it answers") >= target);
        }
    });
}

#[test]
fn descriptors_are_private_and_never_wait() {
    let timer = TimerFd::new(Clock::MONOTONIC).expect("a timer");
    let number = timer.as_fd().as_raw_fd();
    assert_eq!(number, timer.number());
    // SAFETY: no memory.
    let (descriptor, file) =
        unsafe { (libc::fcntl(number, libc::F_GETFD), libc::fcntl(number, libc::F_GETFL)) };
    assert_ne!(descriptor & libc::FD_CLOEXEC, 0);
    assert_ne!(file & libc::O_NONBLOCK, 0);
    let owned = OwnedFd::from(timer);
    assert_eq!(owned.as_raw_fd(), number);
    assert_eq!(TimerFd::from(owned).number(), number);
}

#[test]
fn a_closed_descriptor_is_an_error() {
    let timer = TimerFd::new(Clock::MONOTONIC).expect("a timer");
    // A number so high that no other test is given it meanwhile.
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes one rlimit.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) }, 0);
    let high = limit.rlim_cur.min(1_024) as libc::c_int - 100;
    // SAFETY: no memory.
    let number = unsafe { libc::fcntl(timer.number(), libc::F_DUPFD_CLOEXEC, high) };
    assert!(number >= high, "{}", std::io::Error::last_os_error());
    // SAFETY: just made, and ours.
    let copy = TimerFd::from(unsafe { OwnedFd::from_raw_fd(number) });
    assert_eq!(copy.read(), Ok(Expiry::NotYet));
    // SAFETY: closes what the copy will try to close again, in vain.
    unsafe { libc::close(number) };
    for error in [
        copy.read().expect_err("closed"),
        copy.wait().expect_err("closed"),
        copy.setting().expect_err("closed"),
        copy.set(Start::After, once(ms(1))).expect_err("closed"),
    ] {
        assert_eq!(error.errno(), libc::EBADF, "{error}");
        assert!(error.to_string().ends_with("EBADF, the file descriptor is not open"), "{error}");
        let io = std::io::Error::from(error);
        assert_eq!(io.to_string(), error.to_string());
    }
    // What is no timer.
    let file = std::fs::File::open("/dev/null").expect("it is there");
    let error = TimerFd::from(OwnedFd::from(file)).setting().expect_err("no timer");
    assert_eq!(error.errno(), libc::EINVAL);
}

#[test]
fn a_file_that_is_no_hardware_clock() {
    let device = RtcDevice::open(c"/dev/null").expect("it opens");
    for error in
        [device.read().expect_err("no clock"), device.wait_for_update().expect_err("no clock")]
    {
        assert_eq!(error.errno(), libc::ENOTTY);
        assert!(error.is_unsupported(), "{error}");
    }
    let error = RtcDevice::open(c"/dev/no-such-clock").expect_err("not there");
    assert!(error.is_absent() && !error.is_denied() && !error.is_busy(), "{error}");
}

#[test]
fn a_clock_in_memory_is_sealed() {
    use instanter_clock::page::Line;
    use instanter_clock::page::linux::{Contents, Record};
    use instanter_clock::shared::{Publisher, Reader, Status};

    let mut publisher = Publisher::in_memory().expect("memory");
    publisher.update(|| {
        let origin = instanter_counter::ordered();
        let line = Line { origin, mult: 1 << 23, shift: 23, mask: u64::MAX };
        let record = Record { line, bases: [(9, 0); 12] };
        let contents =
            Contents { mode: 1, disciplined: record, raw: record, max_cycles: 1, hrtimer_res: 1 };
        (contents, Status { stale_after_ns: u64::MAX, ..Status::default() })
    });
    let reader = Reader::of_fd(publisher.as_fd()).expect("a clock");
    assert_eq!(reader.pair().expect("kept").realtime.sec, 9);
    let file = publisher.as_fd().as_raw_fd();
    // SAFETY: changes a file that is ours, if it could.
    assert_eq!(unsafe { libc::ftruncate(file, 0) }, -1, "it can be cut short");
    let (write, shared) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
    // SAFETY: a new mapping, anywhere.
    let mapped = unsafe { libc::mmap(std::ptr::null_mut(), 4096, write, shared, file, 0) };
    assert_eq!(mapped, libc::MAP_FAILED, "it can be mapped for writing");
}
