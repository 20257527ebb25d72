//! Timers behind file descriptors.

use linux_raw_sys::general as nr;

use super::{Descriptor, Errno, TimerSpec, call, number};

/// Never kept across `exec`; reading it does not wait.
pub(crate) fn timerfd_create(id: i32) -> Result<Descriptor, Errno> {
    let flags = (nr::TFD_CLOEXEC | nr::TFD_NONBLOCK) as usize;
    // SAFETY: no memory.
    let number = unsafe { call(nr::__NR_timerfd_create, [id as usize, flags, 0, 0, 0]) }?;
    // SAFETY: just made, for us.
    Ok(unsafe { Descriptor::own(number as i32) })
}

/// Returns what was set before.
pub(crate) fn timerfd_settime(
    timer: &Descriptor,
    flags: u32,
    to: &TimerSpec,
) -> Result<TimerSpec, Errno> {
    let mut before = TimerSpec::default();
    let (timer, flags) = (timer.number() as usize, flags as usize);
    let (new, old) = ((&raw const *to).addr(), (&raw mut before).addr());
    // SAFETY: the kernel reads one itimerspec and writes another.
    unsafe { call(number::TIMERFD_SETTIME, [timer, flags, new, old, 0]) }?;
    Ok(before)
}

pub(crate) fn timerfd_gettime(timer: &Descriptor) -> Result<TimerSpec, Errno> {
    let mut now = TimerSpec::default();
    let timer = timer.number() as usize;
    // SAFETY: the kernel writes one itimerspec.
    unsafe { call(number::TIMERFD_GETTIME, [timer, (&raw mut now).addr(), 0, 0, 0]) }?;
    Ok(now)
}
