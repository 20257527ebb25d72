//! Whether a program takes a preloaded library, as far as its file tells.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files;

/// As much of a file as is looked at: its headers lie at its beginning.
const HEAD_BYTES: u64 = 1 << 16;

/// Refuses what a library cannot be preloaded into, with the reason.
pub(super) fn check(program: &OsStr) -> Result<(), Failure> {
    let path = files::program(program).map_err(Failure::new)?;
    let refuse = |what: &str| {
        Err(Failure::new(format!("{path:?} {what}, so a library cannot be preloaded into it")))
    };
    if path.metadata().is_ok_and(|about| files::runs_as_somebody_else(&about)) {
        return refuse("is set-user-ID or set-group-ID: the dynamic linker ignores LD_PRELOAD");
    }
    match kind(&head(&path)?) {
        Kind::Dynamic => Ok(()),
        Kind::Static => refuse("is linked statically"),
        Kind::Foreign => refuse("is not a program of this CPU in 64 bits"),
        Kind::Musl => refuse("uses the C library musl, and not glibc"),
        Kind::Script(interpreter) if !interpreter.is_empty() => {
            let interpreter = PathBuf::from(OsStr::from_bytes(&interpreter));
            match kind(&head(&interpreter)?) {
                Kind::Static => refuse("is a script of a program that is linked statically"),
                _ => Ok(()),
            }
        }
        Kind::Script(_) | Kind::Unknown => Ok(()),
    }
}

fn head(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |error| Failure::new(format!("cannot read {path:?}: {error}"));
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(fail)?;
    Ok(head)
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Dynamic,
    Static,
    Foreign,
    Musl,
    /// With the path of what runs it.
    Script(Vec<u8>),
    Unknown,
}

/// ELF's `PT_INTERP`: the path of the dynamic linker.
const INTERPRETER: u32 = 3;

fn kind(head: &[u8]) -> Kind {
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let mut words = line.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
        return Kind::Script(words.next().unwrap_or_default().to_vec());
    }
    let Some(elf) = head.strip_prefix(b"\x7fELF") else { return Kind::Unknown };
    // This program itself is of the CPU in question.
    let own = std::env::current_exe().ok().and_then(|path| self::head(&path).ok());
    let machine = |head: &[u8]| head.get(18..20).map(<[u8]>::to_vec);
    if elf.first() != Some(&2) || own.is_some_and(|own| machine(&own) != machine(head)) {
        return Kind::Foreign;
    }
    match interpreter(head) {
        Some(path) if path.windows(7).any(|part| part == b"ld-musl") => Kind::Musl,
        Some(_) => Kind::Dynamic,
        None => Kind::Static,
    }
}

/// The path of the dynamic linker in an ELF file of 64 bits, of this CPU's byte order.
fn interpreter(head: &[u8]) -> Option<&[u8]> {
    fn number<const N: usize>(head: &[u8], at: usize) -> Option<[u8; N]> {
        head.get(at..at.checked_add(N)?)?.try_into().ok()
    }
    let first = u64::from_ne_bytes(number(head, 32)?) as usize;
    let size = usize::from(u16::from_ne_bytes(number(head, 54)?));
    let count = usize::from(u16::from_ne_bytes(number(head, 56)?));
    (0..count).find_map(|index| {
        let at = first.checked_add(index * size)?;
        if u32::from_ne_bytes(number(head, at)?) != INTERPRETER {
            return None;
        }
        let start = u64::from_ne_bytes(number(head, at + 8)?) as usize;
        let length = u64::from_ne_bytes(number(head, at + 32)?) as usize;
        head.get(start..start.checked_add(length)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files() {
        let own = head(&std::env::current_exe().unwrap()).unwrap();
        assert_eq!(kind(&own), Kind::Dynamic);
        let mut foreign = own.clone();
        foreign[18] ^= 0x55;
        let mut without = own.clone();
        without[56..58].fill(0);
        let table: [(&[u8], Kind); 6] = [
            (b"#! /bin/sh -e\necho", Kind::Script(b"/bin/sh".to_vec())),
            (b"#!\n", Kind::Script(Vec::new())),
            (b"plain text", Kind::Unknown),
            (b"\x7fELF\x01", Kind::Foreign),
            (&foreign, Kind::Foreign),
            (&without, Kind::Static),
        ];
        for (head, want) in table {
            assert_eq!(kind(head), want, "{:?}", &head[..head.len().min(20)]);
        }
        for end in 0..200 {
            kind(&own[..end]);
        }
    }
}
