//! The memory of a stopped process: what is mapped where, and its bytes.

use std::fs;
use std::io::IoSliceMut;
use std::path::PathBuf;
use std::rc::Rc;

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

/// A mapping: a line of `/proc/PID/maps` (proc_pid_maps(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) executable: bool,
    /// Offset of `start` in the file.
    pub(super) offset: u64,
    pub(super) device: Rc<str>,
    pub(super) inode: u64,
    /// The path, a name such as `[vdso]`, or nothing.
    pub(super) name: String,
}

/// All mappings of a process, in the order of their addresses.
#[derive(Clone, Debug, Default)]
pub(super) struct Maps {
    mappings: Rc<[Mapping]>,
}

impl Maps {
    pub(super) fn of(process: Pid) -> Maps {
        // A process that has gone has no mappings.
        let text = fs::read(format!("/proc/{process}/maps")).unwrap_or_default();
        Maps::parse(&String::from_utf8_lossy(&text))
    }

    fn parse(text: &str) -> Maps {
        Maps { mappings: text.lines().filter_map(Mapping::parse).collect() }
    }

    pub(super) fn find(&self, address: u64) -> Option<&Mapping> {
        let index = self.mappings.partition_point(|mapping| mapping.end <= address);
        self.mappings.get(index).filter(|mapping| mapping.start <= address)
    }

    /// Finds the code at an address.
    pub(super) fn code(&self, address: u64) -> Option<&Mapping> {
        self.find(address).filter(|mapping| mapping.executable)
    }

    /// All that belong to the same image as this one, such as a vDSO's: they carry its
    /// name.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Mapping> {
        self.mappings.iter().filter(move |mapping| mapping.name == name)
    }
}

impl Mapping {
    fn parse(line: &str) -> Option<Mapping> {
        let mut words = line.splitn(6, ' ');
        let (start, end) = words.next()?.split_once('-')?;
        let permissions = words.next()?;
        let offset = words.next()?;
        let device = words.next()?;
        let inode = words.next()?;
        let hex = |digits| u64::from_str_radix(digits, 16).ok();
        Some(Mapping {
            start: hex(start)?,
            end: hex(end)?,
            executable: permissions.as_bytes().get(2) == Some(&b'x'),
            offset: hex(offset)?,
            device: device.into(),
            inode: inode.parse().ok()?,
            name: words.next().unwrap_or_default().trim_start().to_owned(),
        })
    }

    /// Where the mapped file can be opened, whatever became of its name and whichever root
    /// the process has.
    pub(super) fn files(&self, process: Pid) -> [PathBuf; 2] {
        [
            format!("/proc/{process}/map_files/{:x}-{:x}", self.start, self.end).into(),
            format!("/proc/{process}/root{}", self.name).into(),
        ]
    }

    pub(super) fn is_file(&self) -> bool {
        self.inode != 0 && self.name.starts_with('/')
    }
}

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

    const TEXT: &str = "\
55d0c8a00000-55d0c8a02000 r--p 00000000 fe:00 1234                       /usr/bin/a b
55d0c8a02000-55d0c8a07000 r-xp 00002000 fe:00 1234                       /usr/bin/a b
7ffd2b5f6000-7ffd2b617000 rw-p 00000000 00:00 0                          [stack]
7ffd2b7f2000-7ffd2b7f4000 r-xp 00000000 00:00 0                          [vdso]
7ffd2b7f4000-7ffd2b7f5000 rw-p 00000000 00:00 0 
not a mapping
";

    #[test]
    fn mappings_are_found() {
        let maps = Maps::parse(TEXT);
        let table = [
            (0x55d0_c8a0_0000, Some(("/usr/bin/a b", false))),
            (0x55d0_c8a0_6fff, Some(("/usr/bin/a b", true))),
            (0x55d0_c8a0_7000, None),
            (0x7ffd_2b7f_2010, Some(("[vdso]", true))),
            (0x7ffd_2b7f_4000, Some(("", false))),
            (0, None),
            (u64::MAX, None),
        ];
        for (address, want) in table {
            let got = maps.find(address).map(|found| (found.name.as_str(), found.executable));
            assert_eq!(got, want, "{address:x}");
        }
        assert_eq!(maps.code(0x55d0_c8a0_2000).unwrap().offset, 0x2000);
        assert!(maps.code(0x7ffd_2b5f_6000).is_none());
        assert_eq!(maps.named("/usr/bin/a b").count(), 2);
    }

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
        assert!(Maps::of(own).code(own_memory_is_read as fn() as usize as u64).is_some());
    }
}
