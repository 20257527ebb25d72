//! NetBSD.
//!
//! It has no page: each reading is a system call.
//!
//! # References
//! <https://man.netbsd.org/clock_gettime.2>; `sys/sys/time.h`.

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const MONOTONIC: i32 = 3;
    pub(crate) const THREAD_CPU: i32 = 0x2000_0000;
    pub(crate) const PROCESS_CPU: i32 = 0x4000_0000;

    /// `CLOCK_PROCESS_CPUTIME_ID | pid`, as `clock_getcpuclockid2` makes it.
    pub(crate) const fn process_cpu(pid: u32) -> i32 {
        PROCESS_CPU | pid as i32
    }

    /// `CLOCK_THREAD_CPUTIME_ID | lwp`.
    pub(crate) const fn thread_cpu(lwp: u32) -> i32 {
        THREAD_CPU | lwp as i32
    }

    pub(crate) const TABLE: [(i32, &str); 6] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
        (1, "CLOCK_VIRTUAL"),
        (2, "CLOCK_PROF"),
    ];
}

pub(crate) const EOPNOTSUPP: u32 = 45;
pub(crate) const ECANCELED: u32 = 87;

pub(super) type Microseconds = i32;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = false;
