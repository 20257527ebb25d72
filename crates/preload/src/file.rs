//! The file of a zone: where glibc looks for it, and how it is told from another.

use core::ffi::CStr;
use std::ffi::{CString, OsStr};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::vec::Vec;

/// The system's own zone, where `TZ` is not set.
pub(crate) const DEFAULT: &CStr = c"/etc/localtime";

/// A file of a zone has some kilobytes; what is larger than this is none.
const MOST_BYTES: u64 = 1 << 20;

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    bytes: i64,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing, or nothing that could be a zone.
    Nothing,
    /// A file.
    File(Identity),
    /// Something else, which may answer differently each time.
    Other,
}

/// Looks at a path: one system call.
pub(crate) fn look(path: &CStr) -> Place {
    // SAFETY: a stat of zeros is valid, and stat fills it.
    let (status, stat) = unsafe {
        let mut stat: libc::stat = core::mem::zeroed();
        (libc::stat(path.as_ptr(), &raw mut stat), stat)
    };
    match (status, stat.st_mode & libc::S_IFMT) {
        (0, libc::S_IFREG) => Place::File(Identity {
            device: stat.st_dev,
            inode: stat.st_ino,
            modified: (stat.st_mtime, stat.st_mtime_nsec),
            bytes: stat.st_size,
        }),
        (0, libc::S_IFDIR) => Place::Nothing,
        (0, _) => Place::Other,
        _ => Place::Nothing,
    }
}

/// Returns where glibc looks for the file of a value of `TZ`, from which a leading
/// colon has been taken. `None` if it looks nowhere.
pub(crate) fn path(value: &[u8]) -> Option<CString> {
    if value.is_empty() {
        return None;
    }
    if value.starts_with(b"/") {
        return CString::new(value).ok();
    }
    // SAFETY: as the C library does it, which reads this at the same moment: a text that
    // ends with a zero, or null.
    let folder = unsafe {
        let folder = libc::getenv(c"TZDIR".as_ptr());
        if folder.is_null() { c"" } else { CStr::from_ptr(folder) }
    };
    let folder = if folder.is_empty() { c"/usr/share/zoneinfo" } else { folder };
    CString::new([folder.to_bytes(), b"/", value].concat()).ok()
}

/// Reads a file.
pub(crate) fn read(path: &CStr) -> Option<Vec<u8>> {
    let file = std::fs::File::open(OsStr::from_bytes(path.to_bytes())).ok()?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST_BYTES).then_some(bytes)
}
