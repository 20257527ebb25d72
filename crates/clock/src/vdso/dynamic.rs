//! The dynamic section: where the tables are.
#![forbid(unsafe_code)]

use super::elf;
use super::error::{Fault, ImageError};
use super::table::{Table, entry, field, size};

/// The entries that a lookup needs. Addresses are as the section has them:
/// relative to the image's origin, or already relocated.
#[derive(Clone, Copy, Default)]
pub(super) struct Dynamic {
    pub(super) symtab: Option<u64>,
    pub(super) strtab: Option<u64>,
    pub(super) strtab_size: Option<u64>,
    pub(super) sysv_hash: Option<u64>,
    pub(super) gnu_hash: Option<u64>,
    pub(super) versym: Option<u64>,
    pub(super) verdef: Option<u64>,
    /// The name's place in the string table.
    pub(super) soname: Option<u64>,
}

impl Dynamic {
    /// Reads the section up to its `DT_NULL`, or to `len` bytes.
    ///
    /// A section that the bytes cut off before that is an error, since the
    /// entries not seen could change the meaning of those that were.
    pub(super) fn read(table: &Table<'_>, len: u64) -> Result<Self, ImageError> {
        let layout = table.layout;
        let step = size!(layout, Elf64_Dyn / Elf32_Dyn);
        let mut dynamic = Dynamic::default();
        for index in 0..len / step as u64 {
            let at = entry(index, step);
            let tag = table.word(at)?;
            let at = at + field!(layout, Elf64_Dyn / Elf32_Dyn.d_un);
            let value = table.word(at)?;
            // Nobody defines a tag above 32 bits.
            match u32::try_from(tag).unwrap_or(u32::MAX) {
                elf::DT_NULL => break,
                elf::DT_SYMTAB => dynamic.symtab = Some(value),
                elf::DT_STRTAB => dynamic.strtab = Some(value),
                elf::DT_STRSZ => dynamic.strtab_size = Some(value),
                elf::DT_HASH => dynamic.sysv_hash = Some(value),
                elf::DT_GNU_HASH => dynamic.gnu_hash = Some(value),
                elf::DT_VERSYM => dynamic.versym = Some(value),
                elf::DT_VERDEF => dynamic.verdef = Some(value),
                elf::DT_SONAME => dynamic.soname = Some(value),
                elf::DT_SYMENT => {
                    let must = size!(layout, Elf64_Sym / Elf32_Sym) as u64;
                    if value != must {
                        return Err(table.error(at, Fault::EntrySize { is: value, must }));
                    }
                }
                _ => {}
            }
        }
        Ok(dynamic)
    }
}
