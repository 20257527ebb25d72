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

    pub(crate) const TABLE: [(i32, &str); 6] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (BOOTTIME, "CLOCK_BOOTTIME"),
        (5, "CLOCK_UPTIME"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
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
    pub(crate) const ECANCELED: u32 = 88;
    pub(crate) const EMFILE: u32 = 24;
    pub(crate) const ENFILE: u32 = 23;
    pub(crate) const EINTR: u32 = 4;
    pub(crate) const EAGAIN: u32 = 35;

    pub(crate) const fn spelled(name: &'static str) -> &'static str {
        name
    }
}

pub(super) type Microseconds = i64;

/// Whether `getrusage` knows a thread's usage.
pub(super) const COUNTS_THREADS: bool = true;

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
