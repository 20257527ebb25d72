//! A system that this crate does not know, and the browser: clocks that the program brings.

#[cfg_attr(
    all(feature = "js", target_family = "wasm", target_os = "unknown"),
    path = "javascript/enabled.rs"
)]
#[cfg_attr(
    not(all(feature = "js", target_family = "wasm", target_os = "unknown")),
    path = "javascript/disabled.rs"
)]
mod javascript;

pub(crate) use super::elsewhere::*;

use core::sync::atomic::{AtomicPtr, Ordering};

use instanter_page::Timespec;

use super::Errno;
use crate::embedder::Clocks;

pub(crate) const IS_LINUX: bool = false;

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const MONOTONIC: i32 = 1;

    pub(crate) const TABLE: [(i32, &str); 2] =
        [(REALTIME, "CLOCK_REALTIME"), (MONOTONIC, "CLOCK_MONOTONIC")];
}

pub(crate) const fn name_without_id(id: i32) -> Option<&'static str> {
    clocks::name(id)
}

/// Linux' numbers: nobody else here has any.
pub(crate) mod errno {
    pub(crate) const EINVAL: u32 = 22;
    pub(crate) const ENODEV: u32 = 19;
    pub(crate) const EOPNOTSUPP: u32 = 95;
    pub(crate) const EBADF: u32 = 9;
    pub(crate) const ESRCH: u32 = 3;
    pub(crate) const EPERM: u32 = 1;
    pub(crate) const EACCES: u32 = 13;
    pub(crate) const ENOSYS: u32 = 38;
    pub(crate) const ENOENT: u32 = 2;
    pub(crate) const ENXIO: u32 = 6;
    pub(crate) const EBUSY: u32 = 16;
    pub(crate) const ENOTTY: u32 = 25;
    pub(crate) const ECANCELED: u32 = 125;
    pub(crate) const EMFILE: u32 = 24;
    pub(crate) const ENFILE: u32 = 23;
    pub(crate) const EINTR: u32 = 4;
    pub(crate) const EAGAIN: u32 = 11;
}

/// What the program brought; null while it has not.
static BROUGHT: AtomicPtr<Clocks> = AtomicPtr::new(core::ptr::null_mut());

pub(crate) fn bring(clocks: &'static Clocks) {
    BROUGHT.store(core::ptr::from_ref(clocks).cast_mut(), Ordering::Release);
}

fn brought() -> Option<&'static Clocks> {
    let clocks = BROUGHT.load(Ordering::Acquire);
    // SAFETY: null, or what `bring` was given, which lives for ever and is never written.
    unsafe { clocks.as_ref() }.or(javascript::CLOCKS)
}

pub(crate) fn clock_gettime(id: i32) -> Result<Timespec, Errno> {
    let clocks = brought().ok_or(NOT_HERE)?;
    let read = match id {
        clocks::REALTIME => clocks.realtime,
        clocks::MONOTONIC => clocks.monotonic,
        _ if clocks::is_lacking(id) => return Err(NOT_HERE),
        _ => return Err(Errno(errno::EINVAL as i32)),
    };
    read().ok_or(Errno(errno::ENODEV as i32))
}

pub(crate) fn clock_getres(id: i32) -> Result<Timespec, Errno> {
    let clocks = brought().ok_or(NOT_HERE)?;
    match id {
        clocks::REALTIME => Ok(clocks.realtime_resolution),
        clocks::MONOTONIC => Ok(clocks.monotonic_resolution),
        _ => Err(NOT_HERE),
    }
}

pub(crate) fn clock_settime(_: i32, _: Timespec) -> Result<(), Errno> {
    Err(NOT_HERE)
}

pub(crate) fn clock_nanosleep(
    id: i32,
    absolute: bool,
    time: Timespec,
    _: &mut Timespec,
) -> Result<(), Errno> {
    let sleep = brought().and_then(|clocks| clocks.sleep).ok_or(NOT_HERE)?;
    let until = if absolute { time } else { clock_gettime(id)?.shifted_by(time) };
    loop {
        let left = Timespec::from_nanos(until.as_nanos() - clock_gettime(id)?.as_nanos());
        if left <= Timespec::default() {
            return Ok(());
        }
        sleep(left);
    }
}

pub(crate) fn getrusage(_: i32) -> Result<Rusage, Errno> {
    Err(NOT_HERE)
}

pub(crate) fn times() -> Result<(Tms, u64), Errno> {
    Err(NOT_HERE)
}
