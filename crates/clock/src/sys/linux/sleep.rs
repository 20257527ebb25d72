//! Sleeping, and how exact the kernel means to be about it.

use instanter_page::Timespec;
use linux_raw_sys::general as nr;

use super::{Errno, KernelTimespec, call, number};

/// Sleeps for a length of time, or, `absolute`, until the clock shows it.
/// Returns what is left where a signal ended the sleep: for a length of time as
/// the kernel tells it.
pub(crate) fn clock_nanosleep(
    id: i32,
    absolute: bool,
    time: Timespec,
    rest: &mut Timespec,
) -> Result<(), Errno> {
    let time = KernelTimespec::from(time);
    let mut left = KernelTimespec::default();
    let flags = if absolute { nr::TIMER_ABSTIME as usize } else { 0 };
    let (length, into) = ((&raw const time).addr(), (&raw mut left).addr());
    // SAFETY: the kernel reads one timespec and writes another.
    let outcome =
        unsafe { call(number::CLOCK_NANOSLEEP, [id as usize, flags, length, into, 0]) }.map(drop);
    *rest = left.into();
    outcome
}

pub(crate) fn timer_slack_ns() -> Result<u64, Errno> {
    let option = linux_raw_sys::prctl::PR_GET_TIMERSLACK as usize;
    // SAFETY: no memory.
    unsafe { call(nr::__NR_prctl, [option, 0, 0, 0, 0]) }.map(|slack| slack as u64)
}
