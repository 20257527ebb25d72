//! Descriptors as std has them.

extern crate std;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use crate::shared;
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

impl AsFd for shared::Publisher {
    /// The file, for whom to hand it to: see [`shared::Publisher::in_memory`].
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: open for as long as the publisher lives.
        unsafe { BorrowedFd::borrow_raw(self.descriptor.number()) }
    }
}

impl shared::Reader {
    /// `of_fd(descriptor)` — Maps the clock that a descriptor is of, as
    /// [`open`](shared::Reader::open) does that of a path. The descriptor may be closed then.
    ///
    /// # Errors
    /// As [`open`](shared::Reader::open).
    ///
    /// ```
    /// use std::os::fd::AsFd;
    /// use instanter_clock::shared::{Publisher, Reader};
    /// let publisher = Publisher::in_memory()?;
    /// let error = Reader::of_fd(publisher.as_fd()).unwrap_err();
    /// assert!(error.is_absent(), "nothing was published yet");
    /// # Ok::<(), instanter_clock::shared::Error>(())
    /// ```
    pub fn of_fd(descriptor: BorrowedFd<'_>) -> Result<shared::Reader, shared::Error> {
        // SAFETY: open, and not closed here.
        let descriptor = unsafe { Descriptor::own(descriptor.as_raw_fd()) };
        let reader = shared::Reader::of(&descriptor, true);
        descriptor.release();
        reader
    }
}
