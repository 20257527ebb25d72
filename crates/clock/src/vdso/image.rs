//! The image as a whole: its tables found and bounded, once.
#![forbid(unsafe_code)]

use super::dynamic::Dynamic;
use super::elf;
use super::error::{Fault, ImageError, Part};
use super::header::Header;
use super::lookup::{GnuHash, SysvHash};
use super::table::Table;
use super::version::Versions;
use core::fmt;

/// A vDSO's ELF image, or another small shared library's, read from bytes.
///
/// Making one finds the tables and checks their bounds; it copies nothing and
/// costs about as much as one lookup. See the [module](super) for an example
/// with a real vDSO.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) header: Header<'a>,
    pub(super) view: View,
    pub(super) symtab: Table<'a>,
    /// The bytes that the symbol table may have, for want of a hash table to
    /// say it.
    pub(super) symtab_len: usize,
    pub(super) strtab: Table<'a>,
    pub(super) sysv_hash: Option<SysvHash<'a>>,
    pub(super) gnu_hash: Option<GnuHash<'a>>,
    pub(super) versions: Option<Versions<'a>>,
    soname: Option<u64>,
}

/// How the bytes lie: what leads from an address to a byte.
#[derive(Clone, Copy)]
pub(super) enum View {
    /// As in memory, every segment at its address, the ELF header's address
    /// being `base` where that is known.
    Memory { base: Option<u64> },
    /// As in a file, every segment at its offset.
    File,
}

impl<'a> Image<'a> {
    /// Reads an image as it lies in memory, from the ELF header on.
    ///
    /// The bytes may end early: what does not need the rest is found all the
    /// same, and what needs it is an error. Where the image's address is
    /// known, [`parse_at`](Self::parse_at) reads more images.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are no ELF shared library, if it has no dynamic
    /// section with symbols and strings, or if the bytes end before the tables
    /// begin. The error names the table and the place.
    ///
    /// # Example
    ///
    /// ```
    /// use instanter_clock::vdso::Image;
    ///
    /// let error = Image::parse(b"\x7fELF\x02").unwrap_err();
    /// assert!(error.is_truncated());
    /// assert_eq!(error.at(), 5);
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ImageError> {
        Self::read(bytes, View::Memory { base: None })
    }

    /// Reads an image that lies in memory at the address `base`.
    ///
    /// Like [`parse`](Self::parse), and takes the dynamic section's addresses
    /// either as they were linked or as a dynamic linker has rewritten them.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_at(bytes: &'a [u8], base: u64) -> Result<Self, ImageError> {
        Self::read(bytes, View::Memory { base: Some(base) })
    }

    /// Reads an image as it lies in a file, where a segment's offset need not
    /// be its address.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use instanter_clock::vdso::Image;
    ///
    /// let bytes = std::fs::read("/proc/self/exe")?;
    /// let program = Image::parse_file(&bytes)?;
    /// assert!(program.has_gnu_hash() || program.has_sysv_hash());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(target_os = "linux"))]
    /// # fn main() {}
    /// ```
    pub fn parse_file(bytes: &'a [u8]) -> Result<Self, ImageError> {
        Self::read(bytes, View::File)
    }

    /// Gives the number of bytes that an image takes in memory, from its first
    /// page alone.
    ///
    /// With it a caller can check that all pages are readable before it makes
    /// the slice for [`parse`](Self::parse). The kernel maps whole pages, so
    /// the last one is readable to its end.
    ///
    /// # Errors
    ///
    /// Fails if the page is no ELF shared library's, if the program headers do
    /// not lie in it, or if the image asks for more than 1 MiB.
    ///
    /// # Example
    ///
    /// ```
    /// use instanter_clock::vdso::Image;
    ///
    /// assert!(Image::extent(&[0; 4096]).unwrap_err().is_not_elf());
    /// ```
    pub fn extent(first_page: &[u8]) -> Result<usize, ImageError> {
        Header::read(first_page)?.extent()
    }

    /// Gives the CPU that the image is for, as `e_machine` numbers them:
    /// 62 is x86-64, 183 AArch64, 243 RISC-V.
    ///
    /// [`names::of`](super::names::of) knows what its functions are called.
    #[must_use]
    pub const fn machine(&self) -> u16 {
        self.header.machine
    }

    /// Tells whether the image is of class `ELFCLASS64`.
    #[must_use]
    pub const fn is_64_bit(&self) -> bool {
        self.header.layout.wide
    }

    /// Tells whether the image's numbers have their most significant byte
    /// first (`ELFDATA2MSB`).
    #[must_use]
    pub const fn is_big_endian(&self) -> bool {
        self.header.layout.big
    }

    /// Gives the name that the image has for itself (`DT_SONAME`), such as
    /// `linux-vdso.so.1`; `None` if it has none that can be read.
    #[must_use]
    pub fn soname(&self) -> Option<&'a str> {
        let at = usize::try_from(self.soname?).ok()?;
        self.strtab.string(at).ok()
    }

    /// Tells whether the image has a System V hash table (`DT_HASH`).
    #[must_use]
    pub const fn has_sysv_hash(&self) -> bool {
        self.sysv_hash.is_some()
    }

    /// Tells whether the image has a GNU hash table (`DT_GNU_HASH`). With
    /// neither, names are looked for one by one.
    #[must_use]
    pub const fn has_gnu_hash(&self) -> bool {
        self.gnu_hash.is_some()
    }

    /// Tells whether the image's symbols have versions (`DT_VERSYM` and
    /// `DT_VERDEF`).
    #[must_use]
    pub const fn has_versions(&self) -> bool {
        self.versions.is_some()
    }

    fn read(bytes: &'a [u8], view: View) -> Result<Self, ImageError> {
        let header = Header::read(bytes)?;
        let place = |part, address| locate(bytes, &header, view, part, address);
        let must = |part, address: Option<u64>| {
            place(part, address.ok_or(ImageError { fault: Fault::Missing, part, at: 0 })?)
        };
        let may =
            |part, address: Option<u64>| address.map(|address| place(part, address)).transpose();

        let segment = header.dynamic()?;
        let section = place(Part::Dynamic, segment.address)?;
        let dynamic = Dynamic::read(&section, segment.memory_size)?;

        let symtab = must(Part::Symtab, dynamic.symtab)?;
        let mut strtab = must(Part::Strtab, dynamic.strtab)?;
        if let Some(size) = dynamic.strtab_size {
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            strtab.bytes = &strtab.bytes[..size.min(strtab.bytes.len())];
        }
        let sysv_hash = may(Part::SysvHash, dynamic.sysv_hash)?
            .map(|table| SysvHash::read(table, header.machine))
            .transpose()?;
        let gnu_hash = may(Part::GnuHash, dynamic.gnu_hash)?.map(GnuHash::read).transpose()?;
        let versym = may(Part::Versym, dynamic.versym)?;
        let verdef = may(Part::Verdef, dynamic.verdef)?;

        // Linkers lay the symbols just before the strings, and always before
        // some other table; the nearest one is the latest end they can have.
        let symtab_len = [Some(section), Some(strtab), versym, verdef]
            .into_iter()
            .flatten()
            .filter_map(|table| table.start.checked_sub(symtab.start))
            .filter(|&len| len > 0)
            .fold(symtab.bytes.len(), usize::min);

        Ok(Image {
            bytes,
            header,
            view,
            symtab,
            symtab_len,
            strtab,
            sysv_hash,
            gnu_hash,
            // Indexes without definitions, or the other way round, say nothing.
            versions: versym
                .zip(verdef)
                .map(|(symbols, definitions)| Versions { symbols, definitions }),
            soname: dynamic.soname,
        })
    }

    /// Gives the offset in memory, from the ELF header, of `size` bytes at an
    /// address; `None` where no segment has them all.
    pub(super) fn offset_of(&self, address: u64, size: u64) -> Option<usize> {
        let offset = address.wrapping_sub(self.header.origin);
        let within = match self.view {
            View::Memory { .. } => {
                let len = self.bytes.len() as u64;
                offset < len && size <= len - offset
            }
            View::File => self.header.loads().any(|load| {
                let into = address.wrapping_sub(load.address);
                into < load.memory_size && size <= load.memory_size - into
            }),
        };
        if within { usize::try_from(offset).ok() } else { None }
    }

    /// Gives the bytes of a function, which must all lie in one executable
    /// segment.
    pub(super) fn code(&self, address: u64, size: u64) -> Option<&'a [u8]> {
        let load = self.header.loads().find(|load| {
            let into = address.wrapping_sub(load.address);
            load.flags & elf::PF_X != 0
                && into < load.memory_size
                && size <= load.memory_size - into
        })?;
        let start = match self.view {
            View::Memory { .. } => address.wrapping_sub(self.header.origin),
            View::File => address.wrapping_sub(load.address).checked_add(load.offset)?,
        };
        let start = usize::try_from(start).ok()?;
        // A function of unknown size still has its first byte here.
        self.bytes.get(start)?;
        self.bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
    }
}

/// Finds the table at an address: the bytes from there to the last that can
/// belong to it.
fn locate<'a>(
    bytes: &'a [u8],
    header: &Header<'_>,
    view: View,
    part: Part,
    address: u64,
) -> Result<Table<'a>, ImageError> {
    let found = match view {
        View::Memory { base } => {
            let at = |origin| usize::try_from(address.wrapping_sub(origin)).ok();
            let linked = at(header.origin).filter(|&at| at < bytes.len());
            let relocated = || at(base?).filter(|&at| at < bytes.len());
            linked.or_else(relocated).map(|start| (start, bytes.len()))
        }
        View::File => header.loads().find_map(|load| {
            let into = address.wrapping_sub(load.address);
            if into >= load.file_size {
                return None;
            }
            let start = usize::try_from(load.offset.checked_add(into)?).ok()?;
            let end = load.offset.saturating_add(load.file_size);
            let end = usize::try_from(end).unwrap_or(usize::MAX).min(bytes.len());
            (start < end).then_some((start, end))
        }),
    };
    let (start, end) = found.ok_or(ImageError {
        fault: Fault::Outside { address },
        part,
        at: address.wrapping_sub(header.origin),
    })?;
    Ok(Table { bytes: &bytes[start..end], start, part, layout: header.layout })
}

impl fmt::Debug for Image<'_> {
    /// Leaves out the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("soname", &self.soname())
            .field("machine", &self.machine())
            .field("is_64_bit", &self.is_64_bit())
            .field("is_big_endian", &self.is_big_endian())
            .field("has_sysv_hash", &self.has_sysv_hash())
            .field("has_gnu_hash", &self.has_gnu_hash())
            .field("has_versions", &self.has_versions())
            .finish_non_exhaustive()
    }
}
