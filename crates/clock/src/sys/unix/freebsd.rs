//! FreeBSD.
//!
//! `clock_gettime` of its C library reads a page that the kernel keeps, where it can.
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
    pub(crate) const ECANCELED: u32 = 85;
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
        fn __error() -> *mut i32;
    }
    // SAFETY: the address of the calling thread's number.
    unsafe { *__error() }
}
