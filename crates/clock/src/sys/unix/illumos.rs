//! illumos, and Solaris.
//!
//! The C library of illumos reads a page there (`AT_SUN_COMMPAGE`), and is asked rather than
//! the page: that corrects the counter by a number for each processor, and which one a program
//! runs on is told by private functions of the C library alone; nor has it a version by which
//! another layout would be noticed.
//!
//! # References
//! <https://illumos.org/man/3C/clock_gettime>; `sys/time_impl.h`, `sys/errno.h`.

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 3;
    pub(crate) const MONOTONIC: i32 = 4;
    pub(crate) const PROCESS_CPU: i32 = 5;
    pub(crate) const THREAD_CPU: i32 = 2;

    pub(crate) const TABLE: [(i32, &str); 5] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
        (1, "CLOCK_VIRTUAL"),
    ];
}

pub(crate) mod errno {
    pub(crate) const EINVAL: u32 = 22;
    pub(crate) const ENODEV: u32 = 19;
    pub(crate) const EOPNOTSUPP: u32 = 122;
    pub(crate) const EBADF: u32 = 9;
    pub(crate) const ESRCH: u32 = 3;
    pub(crate) const EPERM: u32 = 1;
    pub(crate) const EACCES: u32 = 13;
    pub(crate) const ENOSYS: u32 = 89;
    pub(crate) const ENOENT: u32 = 2;
    pub(crate) const ENXIO: u32 = 6;
    pub(crate) const EBUSY: u32 = 16;
    pub(crate) const ENOTTY: u32 = 25;
    pub(crate) const ECANCELED: u32 = 47;
    pub(crate) const EMFILE: u32 = 24;
    pub(crate) const ENFILE: u32 = 23;
    pub(crate) const EINTR: u32 = 4;
    pub(crate) const EAGAIN: u32 = 11;
}

pub(super) type Microseconds = i64;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = true;

/// The most memory that was resident: told in pages, of 4 KiB on x86-64.
pub(super) const fn kib(max_rss: i64) -> i64 {
    max_rss.saturating_mul(4)
}

pub(super) fn errno_now() -> i32 {
    unsafe extern "C" {
        fn ___errno() -> *mut i32;
    }
    // SAFETY: the address of the calling thread's number.
    unsafe { *___errno() }
}
