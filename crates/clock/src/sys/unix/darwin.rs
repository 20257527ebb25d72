//! Darwin: macOS, iOS and their kin, through libSystem.
//!
//! `CLOCK_MONOTONIC` there is the wall clock less the time of boot, in microseconds, and
//! steps with the wall clock's settings. So it is not what [`Clock::MONOTONIC`] means:
//!
//! | clock | id | is |
//! |---|---|---|
//! | `MONOTONIC`, `MONOTONIC_RAW` | `CLOCK_UPTIME_RAW` | `mach_absolute_time`: stands still in sleep |
//! | `BOOTTIME` | `CLOCK_MONOTONIC_RAW` | `mach_continuous_time`: goes on |
//! | `MONOTONIC_COARSE` | `CLOCK_UPTIME_RAW_APPROX` | `mach_approximate_time` |
//!
//! # References
//! `clock_gettime(3)` of macOS; xnu `libsyscall`, Apple's Libc `gen/clock_gettime.c`.
//!
//! [`Clock::MONOTONIC`]: crate::Clock::MONOTONIC

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const MONOTONIC: i32 = 8;
    pub(crate) const PROCESS_CPU: i32 = 12;
    pub(crate) const THREAD_CPU: i32 = 16;
    pub(crate) const BOOTTIME: i32 = 4;
    pub(crate) const MONOTONIC_COARSE: i32 = 9;

    /// No clock of Darwin's but the wall clock is steered.
    pub(crate) const MONOTONIC_RAW: i32 = MONOTONIC;

    pub(crate) const TABLE: [(i32, &str); 8] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_UPTIME_RAW"),
        (BOOTTIME, "CLOCK_MONOTONIC_RAW"),
        (MONOTONIC_COARSE, "CLOCK_UPTIME_RAW_APPROX"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
        (6, "CLOCK_MONOTONIC"),
        (5, "CLOCK_MONOTONIC_RAW_APPROX"),
    ];
}

pub(crate) mod errno {
    pub(crate) const EINVAL: u32 = 22;
    pub(crate) const ENODEV: u32 = 19;
    pub(crate) const EOPNOTSUPP: u32 = 102;
    pub(crate) const EBADF: u32 = 9;
    pub(crate) const ESRCH: u32 = 3;
    pub(crate) const EPERM: u32 = 1;
    pub(crate) const EACCES: u32 = 13;
    pub(crate) const ENOSYS: u32 = 78;
    pub(crate) const ENOENT: u32 = 2;
    pub(crate) const ENXIO: u32 = 6;
    pub(crate) const EBUSY: u32 = 16;
    pub(crate) const ENOTTY: u32 = 25;
    pub(crate) const ECANCELED: u32 = 89;
    pub(crate) const EMFILE: u32 = 24;
    pub(crate) const ENFILE: u32 = 23;
    pub(crate) const EINTR: u32 = 4;
    pub(crate) const EAGAIN: u32 = 35;

    pub(crate) const fn spelled(name: &'static str) -> &'static str {
        name
    }
}

pub(super) type Microseconds = i32;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = false;

/// The most memory that was resident: told in bytes.
pub(super) const fn kib(max_rss: i64) -> i64 {
    max_rss / 1_024
}

pub(super) fn errno_now() -> i32 {
    unsafe extern "C" {
        fn __error() -> *mut i32;
    }
    // SAFETY: the address of the calling thread's number.
    unsafe { *__error() }
}
