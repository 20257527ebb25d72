//! Memory that processes share: files, locks, and mapping them.

use core::ffi::CStr;

use linux_raw_sys::errno::EINTR;
use linux_raw_sys::general as nr;

use super::{Descriptor, Errno, call, call_with_six};

/// What the kernel says of an open file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    pub(crate) is_regular: bool,
    pub(crate) owner: u32,
    /// Permission bits.
    pub(crate) mode: u32,
    pub(crate) links: u32,
    pub(crate) size: u64,
}

impl File {
    pub(crate) fn of(descriptor: &Descriptor) -> Result<File, Errno> {
        // `statx` and not `fstat`, whose structure each CPU has its own of.
        // SAFETY: all zero is a valid structure of numbers.
        let mut found: nr::statx = unsafe { core::mem::zeroed() };
        let (empty, into) = (c"".as_ptr().addr(), (&raw mut found).addr());
        let (flags, mask) = (nr::AT_EMPTY_PATH as usize, nr::STATX_BASIC_STATS as usize);
        // SAFETY: the kernel reads an empty path and writes one structure.
        unsafe { call(nr::__NR_statx, [descriptor.number() as usize, empty, flags, mask, into]) }?;
        let mode = u32::from(found.stx_mode);
        Ok(File {
            is_regular: mode & nr::S_IFMT == nr::S_IFREG,
            owner: found.stx_uid,
            mode: mode & 0o7777,
            links: found.stx_nlink,
            size: found.stx_size,
        })
    }
}

impl Descriptor {
    /// Makes memory that has no name, to be sealed.
    pub(crate) fn memory(name: &CStr) -> Result<Descriptor, Errno> {
        let flags = (nr::MFD_CLOEXEC | nr::MFD_ALLOW_SEALING) as usize;
        // SAFETY: a name that ends in a zero byte, as its type says.
        let file = unsafe { call(nr::__NR_memfd_create, [name.as_ptr().addr(), flags, 0, 0, 0]) }?;
        // SAFETY: just made, for us.
        Ok(unsafe { Descriptor::own(file as i32) })
    }

    /// Makes what is set in `seals` impossible from now on.
    pub(crate) fn seal(&self, seals: u32) -> Result<(), Errno> {
        let (file, command) = (self.number() as usize, nr::F_ADD_SEALS as usize);
        // SAFETY: no memory.
        unsafe { call(nr::__NR_fcntl, [file, command, seals as usize, 0, 0]) }.map(drop)
    }

    pub(crate) fn set_mode(&self, mode: u32) -> Result<(), Errno> {
        // SAFETY: no memory.
        unsafe { call(nr::__NR_fchmod, [self.number() as usize, mode as usize, 0, 0, 0]) }.map(drop)
    }

    /// Locks the file for this open descriptor alone, or fails with `EAGAIN`. The lock
    /// goes when the process does, however that ends.
    pub(crate) fn try_lock(&self) -> Result<(), Errno> {
        let how = (nr::LOCK_EX | nr::LOCK_NB) as usize;
        // SAFETY: no memory.
        unsafe { call(nr::__NR_flock, [self.number() as usize, how, 0, 0, 0]) }.map(drop)
    }

    /// Appends zeros, so that room for them is there and not only promised.
    pub(crate) fn write_zeros(&self, length: usize) -> Result<(), Errno> {
        const ZEROS: [u8; 4096] = [0; 4096];
        let mut left = length;
        while left > 0 {
            let (from, count) = (ZEROS.as_ptr().addr(), left.min(ZEROS.len()));
            // SAFETY: the kernel reads at most the zeros that there are.
            match unsafe { call(nr::__NR_write, [self.number() as usize, from, count, 0, 0]) } {
                Ok(written) => left -= written.min(left),
                Err(Errno(errno)) if errno == EINTR as i32 => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

/// The user whose rights this process has.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: no arguments, no memory; it cannot fail.
    unsafe { call(nr::__NR_geteuid, [0; 5]) }.unwrap_or(usize::MAX) as u32
}

pub(crate) fn process_id() -> u32 {
    // SAFETY: no arguments, no memory; it cannot fail.
    unsafe { call(nr::__NR_getpid, [0; 5]) }.unwrap_or(0) as u32
}

/// The start of a file in memory; unmapped when dropped.
#[derive(Debug)]
pub(crate) struct Mapping {
    start: *mut u8,
    length: usize,
}

impl Mapping {
    /// Maps the first bytes of a file, shared with all who map it.
    pub(crate) fn of(file: &Descriptor, length: usize, writable: bool) -> Result<Mapping, Errno> {
        let protection = if writable { nr::PROT_READ | nr::PROT_WRITE } else { nr::PROT_READ };
        let (protection, flags) = (protection as usize, nr::MAP_SHARED as usize);
        let arguments = [0, length, protection, flags, file.number() as usize, 0];
        let start = if cfg!(any(target_arch = "s390x", target_arch = "x86")) {
            // On these two the call takes the address of its arguments.
            let arguments = [(&raw const arguments).addr(), 0, 0, 0, 0];
            // SAFETY: a new mapping, where the kernel likes.
            unsafe { call(nr::__NR_mmap, arguments) }
        } else {
            // SAFETY: as above.
            unsafe { call_with_six(nr::__NR_mmap, arguments) }
        }?;
        Ok(Mapping { start: core::ptr::with_exposed_provenance_mut(start), length })
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: what `of` mapped, and nobody uses any more. Nothing is to be done
        // about an error.
        let _ = unsafe { call(nr::__NR_munmap, [self.start.addr(), self.length, 0, 0, 0]) };
    }
}
