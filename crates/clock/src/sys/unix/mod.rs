//! The systems whose interface is their C library: the BSDs, illumos and Solaris, Darwin.
//!
//! Linux promises the numbers of its system calls; these systems promise the functions of
//! their C libraries, and some (Darwin, OpenBSD) refuse calls from anywhere else. So this
//! links to what every program there is linked to anyway. The declarations are this
//! crate's own, and its tests compare them with those of the `libc` crate.
//!
//! What differs between the systems is one file each: the ids of the clocks, the numbers
//! of the errors, a few layouts.

#[cfg_attr(target_vendor = "apple", path = "darwin.rs")]
#[cfg_attr(target_os = "dragonfly", path = "dragonfly.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd.rs")]
#[cfg_attr(any(target_os = "illumos", target_os = "solaris"), path = "illumos.rs")]
#[cfg_attr(target_os = "netbsd", path = "netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "openbsd.rs")]
mod system;

#[cfg(test)]
mod against_libc;
#[cfg(not(any(target_os = "illumos", target_os = "solaris")))]
mod bsd;
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd"))]
mod environment;
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd"))]
#[cfg_attr(target_vendor = "apple", path = "page/darwin.rs")]
#[cfg_attr(target_os = "freebsd", path = "page/freebsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "page/openbsd.rs")]
pub(crate) mod page;
#[cfg_attr(any(target_vendor = "apple", target_os = "openbsd"), path = "sleep_for.rs")]
#[cfg_attr(not(any(target_vendor = "apple", target_os = "openbsd")), path = "sleep_until.rs")]
mod sleep;
#[cfg(not(target_os = "openbsd"))]
mod steer;

pub(crate) use super::elsewhere::*;
#[cfg(not(any(target_os = "illumos", target_os = "solaris")))]
pub(crate) use bsd::errno;
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd"))]
pub(crate) use environment::variable;
pub(crate) use sleep::clock_nanosleep;
#[cfg(not(target_os = "openbsd"))]
pub(crate) use steer::clock_adjtime;
pub(crate) use system::clocks;
#[cfg(any(target_os = "illumos", target_os = "solaris"))]
pub(crate) use system::errno;

use core::ffi::c_int;

use instanter_page::Timespec;

#[cfg(not(any(target_os = "dragonfly", target_os = "illumos", target_os = "solaris")))]
use bsd::errno_now;
#[cfg(not(any(target_vendor = "apple", target_os = "illumos", target_os = "solaris")))]
use bsd::kib;
#[cfg(any(target_os = "dragonfly", target_os = "illumos", target_os = "solaris"))]
use system::errno_now;
#[cfg(any(target_vendor = "apple", target_os = "illumos", target_os = "solaris"))]
use system::kib;

use super::{Errno, KernelTimespec};

pub(crate) const IS_LINUX: bool = false;

pub(crate) const fn name_without_id(id: i32) -> Option<&'static str> {
    clocks::name(id)
}

/// `struct timeval`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct TimeVal {
    sec: i64,
    usec: system::Microseconds,
}

/// `struct rusage`: the same fourteen counts everywhere.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct FullRusage {
    user: TimeVal,
    system: TimeVal,
    max_rss: i64,
    _memory: [i64; 3],
    minor_faults: i64,
    major_faults: i64,
    _swaps: i64,
    blocks_in: i64,
    blocks_out: i64,
    _messages: [i64; 3],
    voluntary: i64,
    involuntary: i64,
}

// NetBSD kept the names for programs that were built when times had 32 bits.
unsafe extern "C" {
    #[cfg_attr(target_os = "netbsd", link_name = "__clock_gettime50")]
    #[cfg_attr(not(target_os = "netbsd"), link_name = "clock_gettime")]
    fn c_clock_gettime(id: c_int, into: *mut KernelTimespec) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__clock_getres50")]
    #[cfg_attr(not(target_os = "netbsd"), link_name = "clock_getres")]
    fn c_clock_getres(id: c_int, into: *mut KernelTimespec) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__clock_settime50")]
    #[cfg_attr(not(target_os = "netbsd"), link_name = "clock_settime")]
    fn c_clock_settime(id: c_int, to: *const KernelTimespec) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__getrusage50")]
    #[cfg_attr(not(target_os = "netbsd"), link_name = "getrusage")]
    fn c_getrusage(who: c_int, into: *mut FullRusage) -> c_int;
}

/// What a function of the C library returned: −1 is an error.
fn done(returned: c_int) -> Result<c_int, Errno> {
    if returned == -1 { Err(Errno(errno_now())) } else { Ok(returned) }
}

/// Ids that stand for clocks which the system lacks never reach it.
fn checked(id: i32) -> Result<i32, Errno> {
    if clocks::is_lacking(id) { Err(NOT_HERE) } else { Ok(id) }
}

pub(crate) fn clock_gettime(id: i32) -> Result<Timespec, Errno> {
    let mut time = KernelTimespec::default();
    // SAFETY: one timespec is written.
    done(unsafe { c_clock_gettime(checked(id)?, &mut time) })?;
    Ok(time.into())
}

pub(crate) fn clock_getres(id: i32) -> Result<Timespec, Errno> {
    let mut time = KernelTimespec::default();
    // SAFETY: one timespec is written.
    done(unsafe { c_clock_getres(checked(id)?, &mut time) })?;
    Ok(time.into())
}

pub(crate) fn clock_settime(id: i32, to: Timespec) -> Result<(), Errno> {
    let time = KernelTimespec::from(to);
    // SAFETY: one timespec is read.
    done(unsafe { c_clock_settime(checked(id)?, &time) }).map(drop)
}

#[allow(clippy::useless_conversion)] // 32 bits on some of these systems.
pub(crate) fn getrusage(who: i32) -> Result<Rusage, Errno> {
    const THREAD: i32 = 1;
    if who == THREAD && !system::COUNTS_THREADS {
        return Err(NOT_HERE);
    }
    let mut usage = FullRusage::default();
    // SAFETY: one rusage is written.
    done(unsafe { c_getrusage(who, &mut usage) })?;
    Ok(Rusage {
        user: [usage.user.sec, usage.user.usec.into()],
        system: [usage.system.sec, usage.system.usec.into()],
        max_rss: kib(usage.max_rss),
        minor_faults: usage.minor_faults,
        major_faults: usage.major_faults,
        blocks_in: usage.blocks_in,
        blocks_out: usage.blocks_out,
        voluntary: usage.voluntary,
        involuntary: usage.involuntary,
    })
}

pub(crate) fn times() -> Result<(Tms, u64), Errno> {
    const OWN: i32 = 0;
    const CHILDREN: i32 = -1;
    let (own, children) = (getrusage(OWN)?, getrusage(CHILDREN)?);
    Ok(times_of(&own, &children, clock_gettime(clocks::MONOTONIC)?))
}
