//! The file system that a kernel starts with: one program, three folders, and what more it needs.
//!
//! The format is cpio's "newc": per entry a header of the magic number and
//! thirteen fields of eight hexadecimal digits, the name, the content, each
//! padded to four bytes; an entry `TRAILER!!!` ends it.
//!
//! # References
//! Documentation/driver-api/early-userspace/buffer-format.rst in the kernel.

use std::collections::BTreeSet;

const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const CHARACTER_DEVICE: u32 = 0o020_600;

/// `archive(init, more)` — Returns the archive with this program as `/init`, and more programs
/// and libraries by their paths below the root.
pub(super) fn archive(init: &[u8], more: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::with_capacity(init.len() + 1024);
    let mut folders = BTreeSet::from(["dev", "proc", "sys"]);
    for (path, _) in more {
        folders.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
    }
    // In their order, so that each comes before what is in it.
    for folder in folders {
        entry(&mut archive, folder, FOLDER, (0, 0), &[]);
    }
    // The kernel opens it for init's standard streams; 5:1 is its number.
    entry(&mut archive, "dev/console", CHARACTER_DEVICE, (5, 1), &[]);
    entry(&mut archive, "init", PROGRAM, (0, 0), init);
    for (path, content) in more {
        entry(&mut archive, path, PROGRAM, (0, 0), content);
    }
    entry(&mut archive, "TRAILER!!!", 0, (0, 0), &[]);
    archive
}

fn entry(archive: &mut Vec<u8>, name: &str, mode: u32, (major, minor): (u32, u32), content: &[u8]) {
    // An entry's place is unique, so it serves as the inode's number.
    let inode = archive.len() as u32;
    let (size, name_size) = (content.len() as u32, name.len() as u32 + 1);
    let (owner, group, links, modified, on_major, on_minor, checksum) = (0, 0, 1, 0, 0, 0, 0);
    let fields = [
        inode, mode, owner, group, links, modified, size, on_major, on_minor, major, minor,
        name_size, checksum,
    ];
    archive.extend_from_slice(b"070701");
    for field in fields {
        archive.extend_from_slice(format!("{field:08x}").as_bytes());
    }
    archive.extend_from_slice(name.as_bytes());
    archive.push(0);
    pad(archive);
    archive.extend_from_slice(content);
    pad(archive);
}

fn pad(archive: &mut Vec<u8>) {
    archive.resize(archive.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_starts_at_a_multiple_of_four() {
        for length in 0..9 {
            let archive = archive(&vec![b'x'; length], &[]);
            let starts: Vec<usize> = archive
                .windows(6)
                .enumerate()
                .filter(|(_, bytes)| *bytes == b"070701")
                .map(|(at, _)| at)
                .collect();
            assert_eq!(starts.len(), 6, "init of {length} bytes");
            assert!(
                starts.iter().all(|start| start % 4 == 0),
                "init of {length} bytes: {starts:?}"
            );
            assert_eq!(archive.len() % 4, 0);
        }
    }

    #[test]
    fn folders_come_before_what_is_in_them() {
        let more = ["lib/a/b", "lib/c", "programs/d"].map(|path| (path.to_owned(), vec![1]));
        let archive = archive(b"init", &more);
        let at = |name: &str| {
            let name = [b"\0\0", name.as_bytes(), b"\0"].concat();
            // The checksum, eight zeros, ends a header, and its name follows.
            let name = [b"00000000", &name[2..]].concat();
            archive.windows(name.len()).position(|bytes| bytes == name)
        };
        let order = ["dev", "lib", "lib/a", "programs", "sys", "lib/a/b", "lib/c", "programs/d"];
        let places = order.map(|name| at(name).unwrap_or_else(|| panic!("no {name}")));
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn a_header_states_the_size_of_its_content() {
        let archive = archive(b"12345", &[]);
        let name =
            archive.windows(5).position(|bytes| bytes == b"init\0").expect("the program's entry");
        let header = &archive[name - 110..name];
        assert_eq!(&header[..6], b"070701");
        assert_eq!(&header[6 + 6 * 8..6 + 7 * 8], b"00000005");
    }
}
