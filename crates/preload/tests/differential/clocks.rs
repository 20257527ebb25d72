//! The clocks, each between two readings of the C library's own.

use instanter_preload as ours;
use instanter_preload::next as theirs;
use libc::{timespec, timeval};

fn nanos(time: timespec) -> i128 {
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

type Read = unsafe fn(libc::clockid_t, *mut timespec) -> i32;

fn read(call: Read, id: i32) -> (i32, i32, i128) {
    let mut time = timespec { tv_sec: -1, tv_nsec: -1 };
    // SAFETY: writes one timespec; this thread's errno.
    unsafe {
        *libc::__errno_location() = 0;
        let status = call(id, &mut time);
        (status, *libc::__errno_location(), nanos(time))
    }
}

pub fn clocks() -> Vec<String> {
    let mut differences = Vec::new();
    // SAFETY: `read` passes where one timespec may be written.
    let now: Read = |id, to| unsafe { ours::clock_gettime(id, to) };
    // SAFETY: as above.
    let step: Read = |id, to| unsafe { ours::clock_getres(id, to) };
    let mut ids: Vec<i32> = (-40..40).collect();
    ids.extend([i32::MIN, i32::MAX, 1_000]);
    for id in ids {
        for _ in 0..20 {
            let (before, got, after) =
                (read(theirs::clock_gettime, id), read(now, id), read(theirs::clock_gettime, id));
            let between = before.2 <= got.2 && got.2 <= after.2;
            if (got.0, got.1) != (before.0, before.1) || !between {
                differences.push(format!("clock_gettime({id}): {before:?} {got:?} {after:?}"));
            }
        }
        let (got, want) = (read(step, id), read(theirs::clock_getres, id));
        if got != want {
            differences.push(format!("clock_getres({id}): {got:?}, want {want:?}"));
        }
    }
    for _ in 0..10_000 {
        // SAFETY: null is allowed, or one value is written.
        unsafe {
            let null = std::ptr::null_mut();
            let mut stored = 0;
            let (before, got, after) =
                (theirs::time(null), ours::time(&mut stored), theirs::time(null));
            if !(before <= got && got <= after && stored == got) {
                differences.push(format!("time: {before} {got} {after}"));
            }
            let micros = |call: unsafe fn(*mut timeval, *mut libc::c_void) -> i32| {
                let mut time = timeval { tv_sec: 0, tv_usec: 0 };
                (call(&mut time, std::ptr::null_mut()), time.tv_sec, time.tv_usec)
            };
            let ours_call: unsafe fn(*mut timeval, *mut libc::c_void) -> i32 =
                |to, zone| ours::gettimeofday(to, zone);
            let (before, got, after) =
                (micros(theirs::gettimeofday), micros(ours_call), micros(theirs::gettimeofday));
            if !(before <= got && got <= after) {
                differences.push(format!("gettimeofday: {before:?} {got:?} {after:?}"));
            }
            let mut time = timespec { tv_sec: 0, tv_nsec: 0 };
            for base in [-1, 0, 2, 7] {
                let (got, want) =
                    (ours::timespec_get(&mut time, base), theirs::timespec_get(&mut time, base));
                if got != want {
                    differences.push(format!("timespec_get({base}) = {got}, want {want}"));
                }
            }
            let (before, got) = (theirs::time(null), ours::timespec_get(&mut time, 1));
            if got != 1 || time.tv_sec < before {
                differences.push(format!("timespec_get: {got} {time:?}"));
            }
            let (before, got, after) = (theirs::clock(), ours::clock(), theirs::clock());
            if !(before <= got && got <= after) {
                differences.push(format!("clock: {before} {got} {after}"));
            }
            let mut cpu: libc::tms = std::mem::zeroed();
            let (before, got, after) =
                (theirs::times(&mut cpu), ours::times(&mut cpu), theirs::times(&mut cpu));
            if !(before <= got && got <= after) {
                differences.push(format!("times: {before} {got} {after}"));
            }
        }
        if differences.len() > 20 {
            break;
        }
    }
    differences
}
