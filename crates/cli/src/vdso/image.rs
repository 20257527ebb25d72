//! Getting hold of an image's bytes: ours, another process's, a file's.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use instanter_clock::vdso::Image;

use crate::failure::Failure;

/// The largest file that is looked at: a vDSO has some 8 KiB, a C library 2 MiB.
const MOST_FILE_BYTES: u64 = 256 << 20;

/// The largest mapping that is taken for a vDSO.
const MOST_MAPPED_BYTES: u64 = 1 << 20;

/// The bytes of an image, and what they are.
pub(crate) struct Loaded {
    pub(crate) of: String,
    pub(crate) bytes: Vec<u8>,
    /// The address where it is mapped; `None` for a file.
    pub(crate) base: Option<u64>,
}

impl Loaded {
    /// This process's own vDSO, as the program sees it: another one may have
    /// been put in the place of the kernel's.
    pub(crate) fn own() -> Result<Loaded, Failure> {
        let address = instanter_clock::survey().vdso.ok_or_else(|| {
            Failure::new(
                "this process has no vDSO: the kernel passed none in the auxiliary vector (AT_SYSINFO_EHDR)",
            )
        })? as u64;
        let holds = |mapping: &Mapping<'_>| (mapping.start..mapping.end).contains(&address);
        Loaded::mapped("self", "this process".to_owned(), holds)
    }

    pub(crate) fn of_process(pid: u32) -> Result<Loaded, Failure> {
        let is_vdso = |mapping: &Mapping<'_>| mapping.name == "[vdso]";
        Loaded::mapped(&pid.to_string(), format!("process {pid}"), is_vdso)
    }

    pub(crate) fn of_file(path: &Path) -> Result<Loaded, Failure> {
        let shown = path.display().to_string();
        let fail = |error: io::Error| Failure::new(format!("cannot read {shown:?}: {error}"));
        let meta = fs::metadata(path).map_err(fail)?;
        if meta.len() > MOST_FILE_BYTES {
            return Err(Failure::new(format!(
                "{shown:?} has {} bytes: that is no shared library",
                meta.len()
            )));
        }
        let bytes = fs::read(path).map_err(fail)?;
        Ok(Loaded { of: format!("file {shown:?}"), bytes, base: None })
    }

    fn mapped(
        process: &str,
        of: String,
        wanted: impl Fn(&Mapping<'_>) -> bool,
    ) -> Result<Loaded, Failure> {
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).map_err(|error| {
            Failure::new(format!("cannot see the memory of {of}: {}", why(&error)))
        })?;
        let Some(mapping) = maps.lines().filter_map(Mapping::parse).find(wanted) else {
            return Err(Failure::new(if maps.is_empty() {
                format!("{of} has no vDSO: it has no memory of its own (a kernel thread, or ended)")
            } else {
                format!("{of} has no vDSO: none of its mappings is one")
            }));
        };
        let length = mapping.end.saturating_sub(mapping.start);
        if length > MOST_MAPPED_BYTES {
            return Err(Failure::new(format!("the vDSO of {of} has {length} bytes: that is none")));
        }
        let mut bytes = vec![0; length as usize];
        File::open(format!("/proc/{process}/mem"))
            .and_then(|memory| memory.read_exact_at(&mut bytes, mapping.start))
            .map_err(|error| {
                Failure::new(format!("cannot read the memory of {of}: {}", why(&error)))
            })?;
        Ok(Loaded { of, bytes, base: Some(mapping.start) })
    }

    /// Parses it.
    pub(crate) fn image(&self) -> Result<Image<'_>, Failure> {
        let image = match self.base {
            Some(base) => Image::parse_at(&self.bytes, base),
            None => Image::parse_file(&self.bytes),
        };
        image.map_err(|error| Failure::new(format!("{} cannot be read: {error}", self.of)))
    }
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such process, or /proc is not mounted".to_owned(),
        io::ErrorKind::PermissionDenied => {
            format!("{error}; it takes the right to trace the process: the same user, or root")
        }
        _ => error.to_string(),
    }
}

/// A line of `/proc/N/maps`.
struct Mapping<'a> {
    start: u64,
    end: u64,
    name: &'a str,
}

impl<'a> Mapping<'a> {
    /// `7ffd5b5c1000-7ffd5b5c3000 r-xp 00000000 00:00 0    [vdso]`
    fn parse(line: &'a str) -> Option<Mapping<'a>> {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        Some(Mapping {
            start: u64::from_str_radix(start, 16).ok()?,
            end: u64::from_str_radix(end, 16).ok()?,
            name: fields.nth(4).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps() {
        let line = "7ffd5b5c1000-7ffd5b5c3000 r-xp 00000000 00:00 0                    [vdso]";
        let mapping = Mapping::parse(line).expect("a mapping");
        assert_eq!(mapping.name, "[vdso]");
        assert_eq!((mapping.start, mapping.end), (0x7ffd_5b5c_1000, 0x7ffd_5b5c_3000));
        assert_eq!(Mapping::parse("1000-2000 r-xp 00000000 00:00 0").map(|m| m.name), Some(""));
        for nonsense in ["", "x", "12", "zz-12 r-xp"] {
            assert!(Mapping::parse(nonsense).is_none(), "parse({nonsense:?})");
        }
    }
}
