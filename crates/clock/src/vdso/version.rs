//! The versions of symbols: which one a symbol has, and what it is called.
#![forbid(unsafe_code)]

use super::elf;
use super::error::{Fault, ImageError};
use super::table::{Table, entry};
use core::mem::offset_of;
use linux_raw_sys::elf_uapi::{Elf64_Verdaux, Elf64_Verdef, Elf64_Versym};

/// The most definitions that are walked through. A vDSO has two or three, the
/// C library some forty.
const MAX_DEFINITIONS: usize = 512;

/// The two tables that together give a symbol its version. Their entries are
/// alike in both ELF classes.
#[derive(Clone, Copy)]
pub(super) struct Versions<'a> {
    /// By symbol: the index of its version (`DT_VERSYM`).
    pub(super) symbols: Table<'a>,
    /// The versions, a linked list (`DT_VERDEF`).
    pub(super) definitions: Table<'a>,
}

/// The version of one symbol.
#[derive(Clone, Copy, Default)]
pub(super) struct Version<'a> {
    pub(super) name: Option<&'a str>,
    /// Not the name's default version: found only by whoever asks for it.
    pub(super) hidden: bool,
}

impl<'a> Versions<'a> {
    pub(super) fn of(&self, symbol: u32, strings: &Table<'a>) -> Result<Version<'a>, ImageError> {
        let at = entry(u64::from(symbol), size_of::<Elf64_Versym>());
        let raw = self.symbols.u16(at)?;
        let index = raw & elf::VERSYM_VERSION;
        Ok(Version {
            name: if index <= elf::VER_NDX_GLOBAL {
                None
            } else {
                let unknown = || self.symbols.error(at, Fault::UnknownVersion(index));
                Some(strings.string(self.name(index)?.ok_or_else(unknown)?)?)
            },
            hidden: raw & elf::VERSYM_HIDDEN != 0,
        })
    }

    /// Finds the name's place in the string table.
    ///
    /// The walk ends, whatever the bytes: the links are unsigned, so each step
    /// leads further on.
    fn name(&self, index: u16) -> Result<Option<usize>, ImageError> {
        let table = &self.definitions;
        let mut at = 0_usize;
        for _ in 0..MAX_DEFINITIONS {
            let flags = table.u16(at.saturating_add(offset_of!(Elf64_Verdef, vd_flags)))?;
            let this = table.u16(at + offset_of!(Elf64_Verdef, vd_ndx))?;
            // The base definition names the file itself, not a version.
            if this & elf::VERSYM_VERSION == index && flags & elf::VER_FLG_BASE == 0 {
                let aux = table.u32(at + offset_of!(Elf64_Verdef, vd_aux))? as usize;
                let aux = at.saturating_add(aux);
                let name = table.u32(aux.saturating_add(offset_of!(Elf64_Verdaux, vda_name)))?;
                return Ok(Some(name as usize));
            }
            let next = table.u32(at + offset_of!(Elf64_Verdef, vd_next))? as usize;
            if next == 0 {
                return Ok(None);
            }
            at = at.saturating_add(next);
        }
        let (count, most) = (MAX_DEFINITIONS as u64 + 1, MAX_DEFINITIONS as u64);
        Err(table.error(at, Fault::TooMany { count, most }))
    }
}
