//! The memory of a stopped process.

use std::io::IoSliceMut;

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

/// Reads bytes of a process's memory; fewer than asked for where not all is mapped.
pub(super) fn read(process: Pid, address: u64, bytes: &mut [u8]) -> usize {
    let Ok(base) = usize::try_from(address) else { return 0 };
    let remote = [RemoteIoVec { base, len: bytes.len() }];
    process_vm_readv(process, &mut [IoSliceMut::new(bytes)], &remote).unwrap_or(0)
}

/// Reads a path: bytes up to a zero.
pub(super) fn text(process: Pid, address: u64) -> String {
    let mut bytes = vec![0; PATH_MAX];
    // It may end before a page that is not there.
    let page_end = PAGE - (address % PAGE as u64) as usize;
    let mut count = read(process, address, &mut bytes[..page_end.min(PATH_MAX)]);
    if !bytes[..count].contains(&0) && count == page_end {
        count += read(process, address + count as u64, &mut bytes[count..]);
    }
    let end = bytes[..count].iter().position(|byte| *byte == 0).unwrap_or(count);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// The longest path that the kernel takes.
const PATH_MAX: usize = 4096;

/// Part of a process's memory, such as a stack, read page by page as it is needed.
pub(super) struct Window {
    process: Pid,
    pages: Vec<(u64, Option<Box<[u8; PAGE]>>)>,
}

const PAGE: usize = 4096;

impl Window {
    pub(super) fn new(process: Pid) -> Window {
        Window { process, pages: Vec::new() }
    }

    /// Reads the word at an address that is a multiple of eight.
    pub(super) fn word(&mut self, address: u64) -> Option<u64> {
        if !address.is_multiple_of(8) {
            return None;
        }
        let start = address - address % PAGE as u64;
        let known = self.pages.iter().position(|(at, _)| *at == start);
        let index = known.unwrap_or_else(|| {
            let mut page = Box::new([0; PAGE]);
            let whole = read(self.process, start, page.as_mut_slice()) == PAGE;
            self.pages.push((start, whole.then_some(page)));
            self.pages.len() - 1
        });
        let page = self.pages.get(index)?.1.as_ref()?;
        let offset = (address - start) as usize;
        let word = page.get(offset..offset + 8)?;
        Some(u64::from_ne_bytes(word.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_memory_is_read() {
        let own = nix::unistd::getpid();
        let words = [0x0123_4567_89ab_cdef_u64, 42];
        let address = words.as_ptr() as u64;
        let mut window = Window::new(own);
        assert_eq!(window.word(address), Some(words[0]));
        assert_eq!(window.word(address + 8), Some(words[1]));
        assert_eq!(window.word(address + 1), None);
        assert_eq!(window.word(8), None);
    }
}
