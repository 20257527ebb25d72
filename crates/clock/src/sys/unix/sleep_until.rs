//! Sleeping where the system sleeps until a time of a clock.

use core::ffi::c_int;

use instanter_page::Timespec;

use super::{Errno, KernelTimespec, checked};

unsafe extern "C" {
    #[link_name = "clock_nanosleep"]
    fn c_clock_nanosleep(
        id: c_int,
        flags: c_int,
        time: *const KernelTimespec,
        rest: *mut KernelTimespec,
    ) -> c_int;
}

const TIMER_ABSTIME: c_int = 1;

/// Sleeps for a length of time, or, `absolute`, until the clock shows it. Returns what is
/// left where a signal ended the sleep.
pub(crate) fn clock_nanosleep(
    id: i32,
    absolute: bool,
    time: Timespec,
    rest: &mut Timespec,
) -> Result<(), Errno> {
    let time = KernelTimespec::from(time);
    let mut left = KernelTimespec::default();
    let flags = if absolute { TIMER_ABSTIME } else { 0 };
    // SAFETY: one timespec is read and another written. The error is what is returned.
    let error = unsafe { c_clock_nanosleep(checked(id)?, flags, &time, &mut left) };
    *rest = left.into();
    if error == 0 { Ok(()) } else { Err(Errno(error)) }
}
