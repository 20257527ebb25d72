//! Whether memory can be read, found out without touching it.

use linux_raw_sys::errno::{EFAULT, EINVAL};

use crate::sys::{self, Errno};

const UNREADABLE: Errno = Errno(EFAULT as i32);
const READABLE: Errno = Errno(EINVAL as i32);

/// An address that no user program can read, on any CPU: the top of the address
/// space is the kernel's, or nobody's.
const NEVER: usize = usize::MAX & !0xfff;

/// The way to find out, where it works.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    page_size: usize,
}

impl Probe {
    /// Tries the way on an address that is never readable and on one that is: an
    /// emulator may check the arguments in another order, and a sandbox may answer
    /// everything with one error.
    pub(crate) fn that_works(page_size: usize) -> Option<Probe> {
        let here = 0u64;
        let works =
            sys::probe(NEVER) == UNREADABLE && sys::probe((&raw const here).addr()) == READABLE;
        works.then_some(Probe { page_size })
    }

    /// Returns whether the eight bytes at `address` can be read.
    pub(crate) fn can_read(self, address: usize) -> bool {
        sys::probe(address) == READABLE
    }

    /// Returns whether `length` bytes from `start` on can be read.
    pub(crate) fn can_read_range(self, start: usize, length: usize) -> bool {
        let Some(last) = length.checked_sub(8).and_then(|reach| start.checked_add(reach)) else {
            return false;
        };
        let page_of = |address: usize| address & !(self.page_size - 1);
        let mut address = start;
        while page_of(address) < page_of(last) {
            if !self.can_read(address) {
                return false;
            }
            let Some(next) = page_of(address).checked_add(self.page_size) else { return false };
            address = next;
        }
        // The last eight bytes may begin on one page and end on the next.
        self.can_read(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_mapped() {
        let probe = Probe::that_works(4096).expect("Linux copies before it checks");
        // SAFETY: two private pages of our own, one of which is closed again.
        unsafe {
            let pages = libc::mmap(
                core::ptr::null_mut(),
                8192,
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            assert_ne!(pages, libc::MAP_FAILED);
            let start = pages.addr();
            assert_eq!(libc::mprotect(pages.byte_add(4096), 4096, libc::PROT_NONE), 0);
            let table = [
                (start, 8, true),
                (start, 4096, true),
                (start + 4088, 8, true),
                (start, 4097, false),
                (start + 4092, 8, false),
                (start + 4096, 8, false),
                (start, usize::MAX, false),
                (usize::MAX - 4, 8, false),
                (8, 8, false),
            ];
            for (start, length, want) in table {
                assert_eq!(probe.can_read_range(start, length), want, "{start:#x}+{length}");
            }
            libc::munmap(pages, 8192);
        }
    }
}
