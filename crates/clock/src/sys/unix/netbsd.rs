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

pub(crate) mod errno {
    pub(crate) const EINVAL: u32 = 22;
    pub(crate) const ENODEV: u32 = 19;
    pub(crate) const EOPNOTSUPP: u32 = 45;
    pub(crate) const EBADF: u32 = 9;
    pub(crate) const ESRCH: u32 = 3;
    pub(crate) const EPERM: u32 = 1;
    pub(crate) const EACCES: u32 = 13;
    pub(crate) const ENOSYS: u32 = 78;
    pub(crate) const ENOENT: u32 = 2;
    pub(crate) const ENXIO: u32 = 6;
    pub(crate) const EBUSY: u32 = 16;
    pub(crate) const ENOTTY: u32 = 25;
    pub(crate) const ECANCELED: u32 = 87;
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

/// The most memory that was resident, in KiB as the system tells it.
pub(super) const fn kib(max_rss: i64) -> i64 {
    max_rss
}

pub(super) fn errno_now() -> i32 {
    unsafe extern "C" {
        fn __errno() -> *mut i32;
    }
    // SAFETY: the address of the calling thread's number.
    unsafe { *__errno() }
}
