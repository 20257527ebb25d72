//! What can be wrong with an image, and with a lookup in it.
#![forbid(unsafe_code)]

use super::elf;
use super::symbol::SymbolKind;
use core::fmt;

/// An image that cannot be read: which part of it, where, and why.
///
/// # Example
///
/// ```
/// use instanter_clock::vdso::Image;
///
/// let error = Image::parse(b"#!/bin/sh").unwrap_err();
/// assert!(error.is_not_elf());
/// assert_eq!(
///     error.to_string(),
///     "ELF image: ELF header at 0x0: does not start with 7f 45 4c 46",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageError {
    pub(super) fault: Fault,
    pub(super) part: Part,
    pub(super) at: u64,
}

/// The part of the image that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Segments,
    Load,
    Dynamic,
    Symtab,
    Strtab,
    SysvHash,
    GnuHash,
    Versym,
    Verdef,
}

/// What is wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NotElf,
    Class(u8),
    ByteOrder(u8),
    FileType(u16),
    EntrySize { is: u64, must: u64 },
    TooMany { count: u64, most: u64 },
    TooLarge { size: u64, most: u64 },
    Missing,
    Truncated,
    Outside { address: u64 },
    NoBuckets,
    BloomSize(u32),
    SymbolBefore { index: u32, first: u32 },
    SymbolPast { index: u64, count: u32 },
    Loop,
    Unterminated,
    NotUtf8,
    UnknownVersion(u16),
}

impl ImageError {
    /// Gives the offset of the faulty bytes, counted from the ELF header.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// Tells whether the bytes are no ELF image at all.
    #[must_use]
    pub const fn is_not_elf(&self) -> bool {
        matches!(self.fault, Fault::NotElf)
    }

    /// Tells whether the image goes on where the bytes stop: more of them
    /// could help.
    #[must_use]
    pub const fn is_truncated(&self) -> bool {
        matches!(self.fault, Fault::Truncated | Fault::Unterminated | Fault::Outside { .. })
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ImageError { fault, part, at } = *self;
        match fault {
            Fault::Missing => write!(f, "ELF image: there is no {part}"),
            _ => write!(f, "ELF image: {part} at {at:#x}: {fault}"),
        }
    }
}

impl core::error::Error for ImageError {}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Header => "ELF header",
            Part::Segments => "program headers",
            Part::Load => "segment to load (PT_LOAD)",
            Part::Dynamic => "dynamic section (PT_DYNAMIC)",
            Part::Symtab => "symbol table (DT_SYMTAB)",
            Part::Strtab => "string table (DT_STRTAB)",
            Part::SysvHash => "hash table (DT_HASH)",
            Part::GnuHash => "hash table (DT_GNU_HASH)",
            Part::Versym => "symbol versions (DT_VERSYM)",
            Part::Verdef => "version definitions (DT_VERDEF)",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::NotElf => f.write_str("does not start with 7f 45 4c 46"),
            Fault::Class(class) => {
                write!(f, "class {class} is neither 1 (32 bits) nor 2 (64 bits)")
            }
            Fault::ByteOrder(order) => {
                write!(f, "byte order {order} is neither 1 (little endian) nor 2 (big endian)")
            }
            Fault::FileType(kind) => write!(f, "file type {kind} is not 3 (shared object)"),
            Fault::EntrySize { is, must } => {
                write!(f, "an entry is said to take {is} bytes, not {must}")
            }
            Fault::TooMany { count, most } => {
                write!(f, "{count} entries are more than the {most} that are read")
            }
            Fault::TooLarge { size, most } => {
                write!(f, "{size:#x} bytes in memory are more than {most:#x}")
            }
            Fault::Missing => f.write_str("is missing"),
            Fault::Truncated => f.write_str("goes on past the last byte"),
            Fault::Outside { address } => {
                write!(f, "its address {address:#x} is outside the bytes")
            }
            Fault::NoBuckets => f.write_str("has no buckets"),
            Fault::BloomSize(words) => {
                write!(f, "a Bloom filter of {words} words is not a power of two")
            }
            Fault::SymbolBefore { index, first } => {
                write!(f, "points to symbol {index}, before its first, {first}")
            }
            Fault::SymbolPast { index, count } => {
                write!(f, "points to symbol {index} of {count}")
            }
            Fault::Loop => f.write_str("its chain runs in a circle"),
            Fault::Unterminated => f.write_str("a string has no end"),
            Fault::NotUtf8 => f.write_str("a string is not UTF-8"),
            Fault::UnknownVersion(index) => write!(f, "version {index} is defined nowhere"),
        }
    }
}

/// A lookup that found no function to call.
///
/// # Example
///
/// ```
/// use instanter_clock::vdso::LookupError;
///
/// let error = LookupError::OtherVersion {
///     name: "__vdso_time",
///     wanted: Some("LINUX_2.6"),
///     had: Some("LINUX_5.0"),
/// };
/// assert_eq!(
///     error.to_string(),
///     "__vdso_time is there under version LINUX_5.0, not LINUX_2.6",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError<'a> {
    /// The image defines no symbol of that name.
    Absent {
        /// The name that was looked up.
        name: &'a str,
    },
    /// The name is there, but not under the wanted version.
    OtherVersion {
        /// The name that was looked up.
        name: &'a str,
        /// The wanted version; `None` for the name's default one.
        wanted: Option<&'a str>,
        /// The first version that was found; `None` where it has none.
        had: Option<&'a str>,
    },
    /// The name belongs to something that cannot be called.
    NotFunction {
        /// The name that was looked up.
        name: &'a str,
        /// What it is.
        kind: SymbolKind,
        /// Its section's index; 0xfff1 (`SHN_ABS`) is a number, not a place.
        section: u16,
    },
    /// The symbol does not lie, or not whole, among the bytes of an
    /// executable segment.
    Outside {
        /// The name that was looked up.
        name: &'a str,
        /// The symbol's value, an address as the image counts them.
        value: u64,
        /// The symbol's size in bytes.
        size: u64,
    },
    /// A table that the lookup needs is broken.
    Unreadable(ImageError),
}

impl LookupError<'_> {
    /// Tells whether the image is sound and just does not have the name.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, LookupError::Absent { .. })
    }
}

impl From<ImageError> for LookupError<'_> {
    fn from(error: ImageError) -> Self {
        LookupError::Unreadable(error)
    }
}

impl fmt::Display for LookupError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            LookupError::Absent { name } => write!(f, "{name} is not in the image"),
            LookupError::OtherVersion { name, wanted, had } => {
                write!(f, "{name} is there under ")?;
                match had {
                    Some(had) => write!(f, "version {had}")?,
                    None => f.write_str("no version")?,
                }
                match wanted {
                    Some(wanted) => write!(f, ", not {wanted}"),
                    None => f.write_str(" alone, which is not its default one"),
                }
            }
            LookupError::NotFunction { name, kind, section } => {
                write!(f, "{name} is no function but ")?;
                if section == elf::SHN_ABS {
                    f.write_str("an absolute number, ")?;
                }
                write!(f, "of type {kind}")
            }
            LookupError::Outside { name, value, size } => write!(
                f,
                "{name}: its {size} bytes at address {value:#x} are not all in an executable segment"
            ),
            LookupError::Unreadable(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for LookupError<'_> {}
