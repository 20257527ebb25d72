//! What a process has mapped, as `/proc` tells it.

use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use nix::unistd::Pid;

/// A mapping: a line of `/proc/PID/maps` (proc_pid_maps(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) executable: bool,
    /// Offset of `start` in the file.
    pub(crate) offset: u64,
    pub(crate) device: Rc<str>,
    pub(crate) inode: u64,
    /// The path, a name such as `[vdso]`, or nothing.
    pub(crate) name: String,
}

/// All mappings of a process, in the order of their addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Maps {
    mappings: Rc<[Mapping]>,
}

impl Maps {
    pub(crate) fn of(process: Pid) -> Maps {
        // A process that has gone has no mappings.
        let text = fs::read(format!("/proc/{process}/maps")).unwrap_or_default();
        Maps::parse(&String::from_utf8_lossy(&text))
    }

    fn parse(text: &str) -> Maps {
        Maps { mappings: text.lines().filter_map(Mapping::parse).collect() }
    }

    pub(crate) fn find(&self, address: u64) -> Option<&Mapping> {
        let index = self.mappings.partition_point(|mapping| mapping.end <= address);
        self.mappings.get(index).filter(|mapping| mapping.start <= address)
    }

    /// Finds the code at an address.
    pub(crate) fn code(&self, address: u64) -> Option<&Mapping> {
        self.find(address).filter(|mapping| mapping.executable)
    }

    /// All that are mapped files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.iter().filter(|mapping| mapping.is_file())
    }

    /// All that belong to the same image as this one, such as a vDSO's: they carry its
    /// name.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Mapping> {
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
    pub(crate) fn files(&self, process: Pid) -> [PathBuf; 2] {
        [
            format!("/proc/{process}/map_files/{:x}-{:x}", self.start, self.end).into(),
            format!("/proc/{process}/root{}", self.name).into(),
        ]
    }

    pub(crate) fn is_file(&self) -> bool {
        self.inode != 0 && self.name.starts_with('/')
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
    fn own_code_is_found() {
        let own = nix::unistd::getpid();
        assert!(Maps::of(own).code(own_code_is_found as fn() as usize as u64).is_some());
    }
}
