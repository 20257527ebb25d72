//! The gABI's constants, in the width of the field that holds each.
//!
//! `linux-raw-sys` gives them all as `u32`, whatever the field.
#![forbid(unsafe_code)]

use linux_raw_sys::elf_uapi as uapi;

pub(super) use uapi::{
    DT_GNU_HASH, DT_HASH, DT_NULL, DT_SONAME, DT_STRSZ, DT_STRTAB, DT_SYMENT, DT_SYMTAB, DT_VERDEF,
    DT_VERSYM, PF_X, PT_DYNAMIC, PT_LOAD,
};

pub(super) const MAGIC: [u8; 4] = *b"\x7fELF";
pub(super) const EI_CLASS: usize = uapi::EI_CLASS as usize;
pub(super) const EI_DATA: usize = uapi::EI_DATA as usize;
pub(super) const ELFCLASS32: u8 = uapi::ELFCLASS32 as u8;
pub(super) const ELFCLASS64: u8 = uapi::ELFCLASS64 as u8;
pub(super) const ELFDATA2LSB: u8 = uapi::ELFDATA2LSB as u8;
pub(super) const ELFDATA2MSB: u8 = uapi::ELFDATA2MSB as u8;

pub(super) const ET_DYN: u16 = uapi::ET_DYN as u16;
pub(super) const EM_ARM: u16 = uapi::EM_ARM as u16;
pub(super) const EM_S390: u16 = uapi::EM_S390 as u16;
pub(super) const EM_ALPHA: u16 = uapi::EM_ALPHA as u16;

pub(super) const SHN_UNDEF: u16 = uapi::SHN_UNDEF as u16;
pub(super) const SHN_LORESERVE: u16 = uapi::SHN_LORESERVE as u16;
pub(super) const SHN_ABS: u16 = uapi::SHN_ABS as u16;

pub(super) const STB_LOCAL: u8 = uapi::STB_LOCAL as u8;
pub(super) const STB_GLOBAL: u8 = uapi::STB_GLOBAL as u8;
pub(super) const STB_WEAK: u8 = uapi::STB_WEAK as u8;

pub(super) const STT_NOTYPE: u8 = uapi::STT_NOTYPE as u8;
pub(super) const STT_OBJECT: u8 = uapi::STT_OBJECT as u8;
pub(super) const STT_FUNC: u8 = uapi::STT_FUNC as u8;
pub(super) const STT_SECTION: u8 = uapi::STT_SECTION as u8;
pub(super) const STT_FILE: u8 = uapi::STT_FILE as u8;
pub(super) const STT_COMMON: u8 = uapi::STT_COMMON as u8;
pub(super) const STT_TLS: u8 = uapi::STT_TLS as u8;
/// `STT_LOOS`, which GNU took for indirect functions; the kernel's own
/// headers, and so `linux-raw-sys`, do not have it.
pub(super) const STT_GNU_IFUNC: u8 = 10;

pub(super) const VER_FLG_BASE: u16 = uapi::VER_FLG_BASE as u16;
/// The bit of a `DT_VERSYM` entry that marks a version other than the name's
/// default one (`VERSYM_HIDDEN` of binutils; not in the kernel's headers).
pub(super) const VERSYM_HIDDEN: u16 = 0x8000;
/// The bits of a `DT_VERSYM` entry that number the version
/// (`VERSYM_VERSION` of binutils).
pub(super) const VERSYM_VERSION: u16 = 0x7fff;
/// The highest reserved version index: 0 is a local symbol, 1 a global one
/// without a version.
pub(super) const VER_NDX_GLOBAL: u16 = 1;
