//! The symbols of an image, and a list of them all.
#![forbid(unsafe_code)]

use super::elf;
use super::error::ImageError;
use super::image::Image;
use super::table::{Table, entry, field, size};
use super::version::Version;
use core::fmt;

/// One symbol that an image defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version; `None` where the image or the symbol has none.
    pub version: Option<&'a str>,
    /// Whether the version is not the name's default one, so that only a
    /// lookup that asks for it finds the symbol.
    pub hidden: bool,
    /// Its value as the image has it: an address as the image counts them, or
    /// just a number.
    pub value: u64,
    /// Where it lies in memory, counted from the ELF header: its address is
    /// the image's address plus this. `None` for a number, for a thread's own
    /// variable and for what is not among the image's bytes.
    pub offset: Option<usize>,
    /// Its size in bytes; zero where it is unknown.
    pub size: u64,
    /// What it is.
    pub kind: SymbolKind,
    /// Who may see it, and what it yields to.
    pub binding: Binding,
    /// The index of its section; 0xfff1 (`SHN_ABS`) for a number.
    pub section: u16,
}

/// What a symbol is (`STT_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// Not said. PowerPC's vDSO has its functions so.
    NoType,
    /// Data.
    Object,
    /// A function.
    Function,
    /// A section.
    Section,
    /// A source file.
    File,
    /// Data without a place yet.
    Common,
    /// A thread's own variable.
    ThreadLocal,
    /// A function that, once called, gives the address of the real one.
    IndirectFunction,
    /// Another type, by its number.
    Other(u8),
}

/// Who may see a symbol (`STB_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Only its own file.
    Local,
    /// Everyone.
    Global,
    /// Everyone, unless a global one of the same name comes first.
    Weak,
    /// Another binding, by its number.
    Other(u8),
}

impl fmt::Display for SymbolKind {
    /// Writes the type as `readelf` does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SymbolKind::NoType => "NOTYPE",
            SymbolKind::Object => "OBJECT",
            SymbolKind::Function => "FUNC",
            SymbolKind::Section => "SECTION",
            SymbolKind::File => "FILE",
            SymbolKind::Common => "COMMON",
            SymbolKind::ThreadLocal => "TLS",
            SymbolKind::IndirectFunction => "IFUNC",
            SymbolKind::Other(number) => return write!(f, "type {number}"),
        })
    }
}

impl fmt::Display for Binding {
    /// Writes the binding as `readelf` does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Binding::Local => "LOCAL",
            Binding::Global => "GLOBAL",
            Binding::Weak => "WEAK",
            Binding::Other(number) => return write!(f, "binding {number}"),
        })
    }
}

/// One entry of the symbol table.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// The name's place in the string table.
    pub(super) name: usize,
    info: u8,
    pub(super) section: u16,
    pub(super) value: u64,
    pub(super) size: u64,
}

impl Entry {
    #[inline]
    pub(super) fn read(table: &Table<'_>, index: u32) -> Result<Self, ImageError> {
        let layout = table.layout;
        let at = entry(u64::from(index), size!(layout, Elf64_Sym / Elf32_Sym));
        let field = |offset| at.saturating_add(offset);
        Ok(Entry {
            name: table.u32(field(field!(layout, Elf64_Sym / Elf32_Sym.st_name)))? as usize,
            info: table.u8(field(field!(layout, Elf64_Sym / Elf32_Sym.st_info)))?,
            section: table.u16(field(field!(layout, Elf64_Sym / Elf32_Sym.st_shndx)))?,
            value: table.word(field(field!(layout, Elf64_Sym / Elf32_Sym.st_value)))?,
            size: table.word(field(field!(layout, Elf64_Sym / Elf32_Sym.st_size)))?,
        })
    }

    #[inline]
    pub(super) fn kind(&self) -> SymbolKind {
        match self.info & 0xf {
            elf::STT_NOTYPE => SymbolKind::NoType,
            elf::STT_OBJECT => SymbolKind::Object,
            elf::STT_FUNC => SymbolKind::Function,
            elf::STT_SECTION => SymbolKind::Section,
            elf::STT_FILE => SymbolKind::File,
            elf::STT_COMMON => SymbolKind::Common,
            elf::STT_TLS => SymbolKind::ThreadLocal,
            elf::STT_GNU_IFUNC => SymbolKind::IndirectFunction,
            number => SymbolKind::Other(number),
        }
    }

    #[inline]
    pub(super) fn binding(&self) -> Binding {
        match self.info >> 4 {
            elf::STB_LOCAL => Binding::Local,
            elf::STB_GLOBAL => Binding::Global,
            elf::STB_WEAK => Binding::Weak,
            number => Binding::Other(number),
        }
    }

    /// Tells whether the value is an address in a section of the image.
    pub(super) fn has_place(&self) -> bool {
        self.section < elf::SHN_LORESERVE && self.kind() != SymbolKind::ThreadLocal
    }
}

impl<'a> Image<'a> {
    /// Lists the symbols that the image defines, in the order of its table.
    ///
    /// # Errors
    ///
    /// A symbol whose name or version cannot be read is an error in its place,
    /// and the list goes on after it. Where the table itself breaks off, or
    /// its length cannot be told, the error is the last item.
    ///
    /// # Example
    ///
    /// ```
    /// use instanter_clock::vdso::{Image, ImageError};
    ///
    /// fn list(image: &Image<'_>) -> Result<(), ImageError> {
    ///     for symbol in image.symbols() {
    ///         let symbol = symbol?;
    ///         println!("{:6} {}", symbol.kind, symbol.name);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn symbols(&self) -> Symbols<'a> {
        Symbols {
            image: *self,
            // Entry 0 is reserved and means "no symbol".
            next: 1,
            count: self.symbol_count(),
        }
    }

    pub(super) fn version_of(&self, index: u32) -> Result<Version<'a>, ImageError> {
        match &self.versions {
            Some(versions) => versions.of(index, &self.strtab),
            None => Ok(Version::default()),
        }
    }

    /// Tells how many entries the symbol table has, which no entry of the
    /// dynamic section says.
    pub(super) fn symbol_count(&self) -> Result<u32, ImageError> {
        if let Some(hash) = &self.sysv_hash {
            return Ok(hash.symbols());
        }
        if let Some(hash) = &self.gnu_hash {
            return hash.symbols();
        }
        let size = size!(self.symtab.layout, Elf64_Sym / Elf32_Sym);
        Ok(u32::try_from(self.symtab_len / size).unwrap_or(u32::MAX))
    }

    fn symbol(&self, index: u32, entry: &Entry) -> Result<Symbol<'a>, ImageError> {
        let version = self.version_of(index)?;
        Ok(Symbol {
            name: self.strtab.string(entry.name)?,
            version: version.name,
            hidden: version.hidden,
            value: entry.value,
            offset: if entry.has_place() { self.offset_of(entry.value, entry.size) } else { None },
            size: entry.size,
            kind: entry.kind(),
            binding: entry.binding(),
            section: entry.section,
        })
    }
}

/// The symbols of an image, one after the other; made by
/// [`Image::symbols`].
#[derive(Clone, Debug)]
pub struct Symbols<'a> {
    image: Image<'a>,
    next: u32,
    count: Result<u32, ImageError>,
}

impl<'a> Iterator for Symbols<'a> {
    type Item = Result<Symbol<'a>, ImageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let count = match self.count {
            Ok(count) => count,
            Err(error) => {
                self.count = Ok(0);
                return Some(Err(error));
            }
        };
        while self.next < count {
            let index = self.next;
            self.next += 1;
            match Entry::read(&self.image.symtab, index) {
                Ok(entry) if entry.section == elf::SHN_UNDEF => {}
                Ok(entry) => return Some(self.image.symbol(index, &entry)),
                Err(error) => {
                    self.count = Ok(0);
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl core::iter::FusedIterator for Symbols<'_> {}
