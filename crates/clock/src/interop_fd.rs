//! Descriptors as std has them.

extern crate std;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use crate::sys::Descriptor;
use crate::timer::TimerFd;

impl AsFd for TimerFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: open for as long as the timer lives.
        unsafe { BorrowedFd::borrow_raw(self.number()) }
    }
}

impl AsRawFd for TimerFd {
    fn as_raw_fd(&self) -> RawFd {
        self.number()
    }
}

impl From<TimerFd> for OwnedFd {
    fn from(timer: TimerFd) -> OwnedFd {
        // SAFETY: open, and just given up.
        unsafe { OwnedFd::from_raw_fd(timer.descriptor.release()) }
    }
}

impl From<OwnedFd> for TimerFd {
    /// Any descriptor: one that is no timer's gives errors.
    fn from(descriptor: OwnedFd) -> TimerFd {
        // SAFETY: open, and just given up.
        TimerFd { descriptor: unsafe { Descriptor::own(descriptor.into_raw_fd()) } }
    }
}
