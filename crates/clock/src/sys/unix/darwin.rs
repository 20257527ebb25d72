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

    pub(crate) const ON_PAGE: [i32; 4] = [REALTIME, MONOTONIC, BOOTTIME, MONOTONIC_COARSE];

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

pub(crate) const EOPNOTSUPP: u32 = 102;
pub(crate) const ECANCELED: u32 = 89;

pub(super) type Microseconds = i32;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = false;

/// The most memory that was resident: told in bytes.
pub(super) const fn kib(max_rss: i64) -> i64 {
    max_rss / 1_024
}
