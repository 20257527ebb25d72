//! DragonFly BSD.
//!
//! Its C library maps a device (`/dev/kpmap`) for some of its clocks. That page is not read
//! here: each reading is a call of the C library.
//!
//! # References
//! `sys/sys/time.h`, `include/errno.h`.

use core::arch::asm;

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const MONOTONIC: i32 = 4;
    pub(crate) const PROCESS_CPU: i32 = 15;
    pub(crate) const THREAD_CPU: i32 = 14;
    pub(crate) const REALTIME_COARSE: i32 = 10;
    pub(crate) const MONOTONIC_COARSE: i32 = 12;

    /// Time since boot.
    const UPTIME: i32 = 5;
    pub(crate) const BOOTTIME: i32 = UPTIME;

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
pub(super) const COUNTS_THREADS: bool = false;

/// The number is a thread-local variable, which the C library's header reads in place:
/// there is no function for it.
pub(super) fn errno_now() -> i32 {
    let number: *const i32;
    // SAFETY: the address of the calling thread's number: the thread's block, and the
    // variable's place in it, from the table that the dynamic linker fills.
    unsafe {
        asm!("mov {0}, qword ptr fs:[0]", "add {0}, qword ptr [rip + errno@GOTTPOFF]",
             out(reg) number, options(nostack, pure, readonly));
        *number
    }
}
