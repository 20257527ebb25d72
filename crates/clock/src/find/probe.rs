//! Whether memory can be read, found out without touching it.

use linux_raw_sys::errno::{EFAULT, EINVAL};

use crate::sys::{self, Errno};

const UNREADABLE: Errno = Errno(EFAULT as i32);
const READABLE: Errno = Errno(EINVAL as i32);

/// An address that no user program can read, on any CPU: the top of the address
/// space is the kernel's, or nobody's.
const NEVER: usize = usize::MAX & !0xfff;

/// Returns whether the eight bytes at `address` can be read.
///
/// Asks the kernel to copy from there (see `sys::probe`). "No" also where the
/// answer cannot be relied on.
pub(crate) fn is_readable(address: usize) -> bool {
    sys::probe(address) == READABLE
}

/// Returns whether probing works here: an emulator may check the arguments in
/// another order, and a sandbox may answer everything with one error.
pub(crate) fn works() -> bool {
    let here = 0u64;
    sys::probe(NEVER) == UNREADABLE && sys::probe((&raw const here).addr()) == READABLE
}

/// Returns whether `length` bytes from `start` on can be read.
pub(crate) fn is_range_readable(start: usize, length: usize, page_size: usize) -> bool {
    let Some(last) = length.checked_sub(8).and_then(|reach| start.checked_add(reach)) else {
        return false;
    };
    let mut address = start;
    while address < last {
        if !is_readable(address) {
            return false;
        }
        let Some(next) = (address & !(page_size - 1)).checked_add(page_size) else { return false };
        address = next;
    }
    is_readable(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_mapped() {
        assert!(works());
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
                assert_eq!(is_range_readable(start, length, 4096), want, "{start:#x}+{length}");
            }
            libc::munmap(pages, 8192);
        }
    }
}
