//! Asking the kernel: through the vDSO's functions, or by system call.

use instanter_page::Timespec;

use crate::sys::{self, KernelTimespec};
use crate::{Clock, Error};

/// Whether the page of this system has the clock.
pub(crate) fn is_on_page(clock: Clock) -> bool {
    Clock::ON_PAGE.contains(&clock)
}

/// Whether the vDSO computes this clock: for any other it makes the system call
/// itself, which we can do without it.
pub(crate) fn is_in_vdso(clock: Clock) -> bool {
    is_on_page(clock) || Clock::AUX.contains(&clock)
}

/// Reads a clock through a vDSO function, and where that gives no answer through
/// the system call. A sandbox that forbids the call may answer EPERM as well as
/// ENOSYS, and the vDSO passes on what the call that it makes itself was
/// answered: so whatever the error, the next link is asked.
pub(crate) fn now_through(function: Option<usize>, clock: Clock) -> Result<Timespec, Error> {
    if let Some(function) = function.filter(|_| is_in_vdso(clock)) {
        let mut time = KernelTimespec::default();
        // SAFETY: the address of clock_gettime in the vDSO.
        let status = unsafe {
            sys::vdso_call(core::ptr::with_exposed_provenance(function), clock.id(), &raw mut time)
        };
        if status == 0 {
            return Ok(time.into());
        }
    }
    through_syscall(clock)
}

pub(crate) fn through_syscall(clock: Clock) -> Result<Timespec, Error> {
    sys::clock_gettime(clock.id()).map_err(|errno| Error::new("clock_gettime", clock, errno))
}

pub(crate) fn resolution_through(function: Option<usize>, clock: Clock) -> Result<Timespec, Error> {
    if let Some(function) = function.filter(|_| is_on_page(clock)) {
        let mut time = KernelTimespec::default();
        // SAFETY: the address of clock_getres in the vDSO.
        let status = unsafe {
            sys::vdso_call(core::ptr::with_exposed_provenance(function), clock.id(), &raw mut time)
        };
        if status == 0 {
            return Ok(time.into());
        }
    }
    sys::clock_getres(clock.id()).map_err(|errno| Error::new("clock_getres", clock, errno))
}
