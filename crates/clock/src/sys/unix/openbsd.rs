//! OpenBSD.
//!
//! Its monotonic clock goes on while the machine is suspended, as the boot time does;
//! `CLOCK_UPTIME` stands still.
//!
//! # References
//! <https://man.openbsd.org/clock_gettime.2>; `sys/sys/_time.h`.

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const PROCESS_CPU: i32 = 2;
    pub(crate) const MONOTONIC: i32 = 3;
    pub(crate) const THREAD_CPU: i32 = 4;
    pub(crate) const BOOTTIME: i32 = 6;

    pub(crate) const ON_PAGE: [i32; 3] = [REALTIME, MONOTONIC, BOOTTIME];

    pub(crate) const TABLE: [(i32, &str); 6] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (BOOTTIME, "CLOCK_BOOTTIME"),
        (5, "CLOCK_UPTIME"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
    ];
}

pub(crate) const EOPNOTSUPP: u32 = 45;
pub(crate) const ECANCELED: u32 = 88;

pub(super) type Microseconds = i64;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = true;
