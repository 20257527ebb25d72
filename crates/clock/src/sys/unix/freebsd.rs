//! FreeBSD.
//!
//! `clock_gettime` of its C library reads a page that the kernel keeps, where it can; so do we
//! (see `page/freebsd.rs`).
//!
//! # References
//! <https://man.freebsd.org/clock_gettime(2)>; `sys/sys/_clock_id.h`, `sys/sys/time.h`.

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const MONOTONIC: i32 = 4;
    pub(crate) const PROCESS_CPU: i32 = 15;
    pub(crate) const THREAD_CPU: i32 = 14;
    pub(crate) const REALTIME_COARSE: i32 = 10;
    pub(crate) const MONOTONIC_COARSE: i32 = 12;

    /// Time since boot. FreeBSD's headers give it Linux' name `CLOCK_BOOTTIME`, too.
    const UPTIME: i32 = 5;
    pub(crate) const BOOTTIME: i32 = UPTIME;

    const CPUCLOCK_BIT: i32 = i32::MIN;
    const CPUCLOCK_PROCESS_BIT: i32 = 0x4000_0000;

    /// `MAKE_PROCESS_CPUCLOCK` of `sys/time.h`.
    pub(crate) const fn process_cpu(pid: u32) -> i32 {
        if pid == 0 { PROCESS_CPU } else { CPUCLOCK_BIT | CPUCLOCK_PROCESS_BIT | pid as i32 }
    }

    /// `MAKE_THREAD_CPUCLOCK` of `sys/time.h`. Threads' ids are above 100,000.
    pub(crate) const fn thread_cpu(tid: u32) -> i32 {
        match tid {
            0 => THREAD_CPU,
            1..64 => lacking(41),
            _ => CPUCLOCK_BIT | tid as i32,
        }
    }

    pub(crate) const ON_PAGE: [i32; 5] =
        [REALTIME, MONOTONIC, UPTIME, REALTIME_COARSE, MONOTONIC_COARSE];

    pub(crate) const TABLE: [(i32, &str); 14] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (UPTIME, "CLOCK_UPTIME"),
        (REALTIME_COARSE, "CLOCK_REALTIME_FAST"),
        (MONOTONIC_COARSE, "CLOCK_MONOTONIC_FAST"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
        (1, "CLOCK_VIRTUAL"),
        (2, "CLOCK_PROF"),
        (7, "CLOCK_UPTIME_PRECISE"),
        (8, "CLOCK_UPTIME_FAST"),
        (9, "CLOCK_REALTIME_PRECISE"),
        (11, "CLOCK_MONOTONIC_PRECISE"),
        (13, "CLOCK_SECOND"),
    ];
}

pub(crate) const EOPNOTSUPP: u32 = 45;
pub(crate) const ECANCELED: u32 = 85;

pub(super) type Microseconds = i64;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = true;
