//! The table of clocks, beside what this machine's kernel does.
#![cfg(target_os = "linux")]

use std::io::{Error, Write};

use instanter_keeper::{POSIX_CLOCKS, PosixClock};

/// Zero, or the error number of a call.
fn errno(status: i32) -> i32 {
    if status == 0 { 0 } else { Error::last_os_error().raw_os_error().unwrap_or(-1) }
}

/// A kernel may lack the alarm clocks (no battery-backed one), and a program the
/// right to use them.
fn is_about_the_machine(row: &PosixClock, error: i32) -> bool {
    [libc::EPERM, libc::ENOSYS].contains(&error)
        || row.wakes && [libc::EINVAL, libc::EOPNOTSUPP].contains(&error)
}

#[test]
fn the_kernel_has_the_same_table() {
    let mut compared = 0;
    for row in POSIX_CLOCKS {
        let skip = |what: &str, error: i32| {
            let _ = writeln!(std::io::stderr(), "skipped {what} of {}: errno {error}", row.name);
        };
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the structure outlives the call.
        let error = errno(unsafe { libc::clock_getres(row.id, &mut time) });
        if error != 0 {
            assert!(is_about_the_machine(row, error), "clock_getres of {}: {error}", row.name);
            skip("clock_getres", error);
            continue;
        }
        // A tick is whatever the coarse clocks say; the fine ones say one nanosecond,
        // on a machine with high-resolution timers.
        let got = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
        if row.coarse {
            assert!((100_000..=10_000_000).contains(&got), "{}: {got} ns", row.name);
            assert_eq!(row.resolution_ns(got), got);
        } else if got == 1 || !row.timers {
            assert_eq!(row.resolution_ns(4_000_000), 1, "{}", row.name);
        }

        let past = libc::timespec { tv_sec: 0, tv_nsec: 1 };
        // SAFETY: as above; nothing remains of a sleep until a time that is past.
        let error = unsafe {
            libc::clock_nanosleep(row.id, libc::TIMER_ABSTIME, &past, std::ptr::null_mut())
        };
        if error != 0 && row.sleepable && is_about_the_machine(row, error) {
            skip("clock_nanosleep", error);
        } else {
            assert_eq!(error == 0, row.sleepable, "clock_nanosleep of {}: {error}", row.name);
            compared += 1;
        }

        let mut timer = std::ptr::null_mut();
        // SAFETY: an event that asks for no notice, and room for the timer.
        let error = unsafe {
            let mut event: libc::sigevent = std::mem::zeroed();
            event.sigev_notify = libc::SIGEV_NONE;
            let error = errno(libc::timer_create(row.id, &mut event, &mut timer));
            if error == 0 {
                libc::timer_delete(timer);
            }
            error
        };
        if error != 0 && row.timers && is_about_the_machine(row, error) {
            skip("timer_create", error);
        } else {
            assert_eq!(error == 0, row.timers, "timer_create of {}: {error}", row.name);
            compared += 1;
        }

        // A request that changes nothing: whether the call is there at all.
        // SAFETY: zeros are a request to read.
        let error = unsafe {
            let mut timex: libc::timex = std::mem::zeroed();
            match libc::clock_adjtime(row.id, &mut timex) {
                state if state >= 0 => 0,
                status => errno(status),
            }
        };
        if error != 0 && row.adjustable && is_about_the_machine(row, error) {
            skip("clock_adjtime", error);
        } else {
            assert_eq!(error == 0, row.adjustable, "clock_adjtime of {}: {error}", row.name);
            compared += 1;
        }
    }
    assert!(compared >= 15, "{compared} comparisons");
}

#[test]
fn only_the_wall_clock_is_set() {
    for row in POSIX_CLOCKS {
        assert_eq!(row.settable, row.id == 0, "{}", row.name);
        assert_eq!(PosixClock::of(row.id), Some(row), "numbers are unique");
        if row.settable {
            continue;
        }
        let time = libc::timespec { tv_sec: 1, tv_nsec: 0 };
        // SAFETY: the structure outlives the call, which is refused.
        let error = errno(unsafe { libc::clock_settime(row.id, &time) });
        assert!([libc::EINVAL, libc::EPERM, libc::EOPNOTSUPP].contains(&error), "{}", row.name);
    }
}
