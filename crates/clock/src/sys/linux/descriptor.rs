//! An open file descriptor, and what is done with one.

use core::ffi::CStr;

use linux_raw_sys::errno::EINTR;
use linux_raw_sys::general as nr;

use super::{Errno, KernelTimespec, call, number};

/// A file descriptor that is ours: closed when dropped.
#[derive(Debug)]
pub(crate) struct Descriptor(i32);

impl Descriptor {
    /// # Safety
    /// The descriptor must be open and nobody else's to close.
    pub(crate) unsafe fn own(number: i32) -> Descriptor {
        Descriptor(number)
    }

    pub(crate) fn number(&self) -> i32 {
        self.0
    }

    /// Gives it up without closing it.
    #[cfg(feature = "std")]
    pub(crate) fn release(self) -> i32 {
        core::mem::ManuallyDrop::new(self).0
    }

    /// Opens a file that exists; never kept across `exec`.
    pub(crate) fn open(path: &CStr, flags: u32) -> Result<Descriptor, Errno> {
        Descriptor::open_or_make(path, flags, 0)
    }

    /// Opens a file, made with `mode` where the flags ask for that; never kept across
    /// `exec`.
    pub(crate) fn open_or_make(path: &CStr, flags: u32, mode: u32) -> Result<Descriptor, Errno> {
        let flags = (flags | nr::O_CLOEXEC) as usize;
        let (here, path) = (nr::AT_FDCWD as usize, path.as_ptr().addr());
        // SAFETY: a path that ends in a zero byte, as its type says.
        let file = unsafe { call(nr::__NR_openat, [here, path, flags, mode as usize, 0]) }?;
        Ok(Descriptor(file as i32))
    }

    /// Reads once, again after a signal. Returns the bytes read.
    pub(crate) fn read(&self, into: &mut [u8]) -> Result<usize, Errno> {
        let (file, to) = (self.0 as usize, into.as_mut_ptr().addr());
        loop {
            // SAFETY: the kernel writes at most `into.len()` bytes.
            match unsafe { call(nr::__NR_read, [file, to, into.len(), 0, 0]) } {
                Err(Errno(errno)) if errno == EINTR as i32 => {}
                outcome => return outcome,
            }
        }
    }

    /// Makes a device do what only it knows.
    ///
    /// # Safety
    /// `argument` must be what `request` wants: a number, or the address of what
    /// it reads or writes.
    pub(crate) unsafe fn ioctl(&self, request: u32, argument: usize) -> Result<usize, Errno> {
        // SAFETY: the caller's.
        unsafe { call(nr::__NR_ioctl, [self.0 as usize, request as usize, argument, 0, 0]) }
    }

    /// Waits until there is something to read, for at most a length of time.
    /// Returns whether there is. Resumes after a signal with what is left: the
    /// kernel writes it where the length was.
    pub(crate) fn wait_readable(&self, at_most: Option<KernelTimespec>) -> Result<bool, Errno> {
        let mut poll = nr::pollfd { fd: self.0, events: nr::POLLIN as i16, revents: 0 };
        let mut left = at_most;
        loop {
            let length = left.as_mut().map_or(0, |left| (&raw mut *left).addr());
            let polled = (&raw mut poll).addr();
            // SAFETY: the kernel reads and writes one `pollfd` and, where its
            // address is not zero, one timespec.
            match unsafe { call(number::PPOLL, [polled, 1, length, 0, 0]) } {
                Err(Errno(errno)) if errno == EINTR as i32 => {}
                outcome => return outcome.map(|ready| ready > 0),
            }
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: closes what is ours. Nothing is to be done about an error: the
        // number is free after the call, whatever it returns.
        let _ = unsafe { call(nr::__NR_close, [self.0 as usize, 0, 0, 0, 0]) };
    }
}
