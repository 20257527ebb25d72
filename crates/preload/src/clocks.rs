//! The clocks: `time`, `gettimeofday`, `clock_gettime` and their relatives.
//!
//! They read the kernel's page, and nothing else: no allocation, no look-up of symbols,
//! so that an allocator may call them while it starts. Null pointers are passed on to
//! the C library, to do with them what it does.

use core::ffi::{c_int, c_long, c_void};

use instanter_clock::{Clock, PAGE, Timespec};
use libc::{clock_t, clockid_t, timespec, timeval, tms};

use crate::{errno, next};

/// What `timespec_get` calls UTC.
const TIME_UTC: c_int = 1;

/// Microseconds: `CLOCKS_PER_SEC` of POSIX.
const CLOCKS_PER_S: i64 = 1_000_000;

#[inline(always)]
fn put(read: Result<Timespec, instanter_clock::Error>, to: *mut timespec) -> c_int {
    match read {
        Ok(time) => {
            // SAFETY: the C interface demands that a timespec is writable there; the
            // callers have passed on null.
            unsafe { *to = timespec { tv_sec: time.sec, tv_nsec: c_long::from(time.nsec) } };
            0
        }
        Err(error) => fail(&error),
    }
}

#[cold]
fn fail(error: &instanter_clock::Error) -> c_int {
    errno::set(error.errno());
    -1
}

/// Reads a clock.
///
/// # Safety
/// As C's `clock_gettime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(id: clockid_t, to: *mut timespec) -> c_int {
    if to.is_null() {
        // SAFETY: as the caller passed it.
        return unsafe { next::clock_gettime(id, to) };
    }
    put(Clock::from_id(id).now(), to)
}

/// Returns the smallest step of a clock.
///
/// # Safety
/// As C's `clock_getres`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_getres(id: clockid_t, to: *mut timespec) -> c_int {
    let resolution = Clock::from_id(id).resolution();
    if to.is_null() || resolution.is_err() {
        // SAFETY: as the caller passed it.
        return unsafe { next::clock_getres(id, to) };
    }
    put(resolution, to)
}

/// Returns the time in seconds: as of the last tick, as the kernel's function does it.
///
/// # Safety
/// As C's `time`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(to: *mut i64) -> i64 {
    let seconds = match PAGE.coarse(Clock::REALTIME_COARSE.id() as usize) {
        Some(time) => time.sec,
        None => time_elsewhere(),
    };
    if !to.is_null() {
        // SAFETY: the C interface demands it.
        unsafe { *to = seconds };
    }
    seconds
}

#[cold]
fn time_elsewhere() -> i64 {
    match Clock::REALTIME_COARSE.now() {
        Ok(time) => time.sec,
        // SAFETY: null is allowed.
        Err(_) => unsafe { next::time(core::ptr::null_mut()) },
    }
}

/// Returns the time in microseconds.
///
/// # Safety
/// As C's `gettimeofday`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(to: *mut timeval, zone: *mut c_void) -> c_int {
    if to.is_null() || !zone.is_null() {
        // SAFETY: as the caller passed it.
        return unsafe { next::gettimeofday(to, zone) };
    }
    match Clock::REALTIME.now() {
        Ok(now) => {
            let micros = c_long::from(now.nsec / 1_000);
            // SAFETY: the C interface demands it; null was passed on.
            unsafe { *to = timeval { tv_sec: now.sec, tv_usec: micros } };
            0
        }
        Err(error) => fail(&error),
    }
}

/// The same, under the other name that glibc has for it.
///
/// # Safety
/// As C's `gettimeofday`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __gettimeofday(to: *mut timeval, zone: *mut c_void) -> c_int {
    // SAFETY: as the caller passed it.
    unsafe { gettimeofday(to, zone) }
}

/// Returns the time as C11 does it.
///
/// # Safety
/// As C's `timespec_get`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timespec_get(to: *mut timespec, base: c_int) -> c_int {
    if base != TIME_UTC || to.is_null() {
        // SAFETY: as the caller passed it.
        return unsafe { next::timespec_get(to, base) };
    }
    put(Clock::REALTIME.now(), to);
    base
}

/// Returns the CPU time of this process in microseconds.
///
/// # Safety
/// None is needed; it is marked so as to be what C's is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock() -> clock_t {
    match Clock::PROCESS_CPU.now() {
        Ok(time) => time.sec.wrapping_mul(CLOCKS_PER_S).wrapping_add(i64::from(time.nsec / 1_000)),
        Err(error) => clock_t::from(fail(&error)),
    }
}

/// Returns the CPU times of this process and its children: the kernel's answer, as the
/// C library passes it on.
///
/// # Safety
/// As C's `times`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn times(to: *mut tms) -> clock_t {
    // SAFETY: as the caller passed it.
    unsafe { next::times(to) }
}
