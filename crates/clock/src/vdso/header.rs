//! The ELF header and the program headers: how the image is laid out.
#![forbid(unsafe_code)]

use super::elf;
use super::error::{Fault, ImageError, Part};
use super::table::{Layout, Table, entry, field, size};

/// The most program headers that are read. A vDSO has four to six, a large
/// program some fifteen.
const MAX_SEGMENTS: usize = 64;

/// The most memory that an image may ask for. The largest vDSO known, one with
/// debug information left in, takes a tenth of it.
const MAX_EXTENT: u64 = 1 << 20;

/// An ELF header that has been checked, and the program headers it points to.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) layout: Layout,
    pub(super) machine: u16,
    /// The address, as the image counts them, of its first byte. Symbols and
    /// tables lie at their address less this.
    ///
    /// Mostly zero; old x86 and PowerPC vDSOs were linked at a fixed address.
    pub(super) origin: u64,
    segments: Table<'a>,
}

/// One program header.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    pub(super) kind: u32,
    pub(super) flags: u32,
    pub(super) offset: u64,
    pub(super) address: u64,
    pub(super) file_size: u64,
    pub(super) memory_size: u64,
}

impl<'a> Header<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let layout = layout(bytes)?;
        let header = Table { bytes, start: 0, part: Part::Header, layout };
        let field_type = field!(layout, Elf64_Ehdr / Elf32_Ehdr.e_type);
        let file_type = header.u16(field_type)?;
        if file_type != elf::ET_DYN {
            return Err(header.error(field_type, Fault::FileType(file_type)));
        }
        let machine = header.u16(field!(layout, Elf64_Ehdr / Elf32_Ehdr.e_machine))?;

        let field_offset = field!(layout, Elf64_Ehdr / Elf32_Ehdr.e_phoff);
        let field_size = field!(layout, Elf64_Ehdr / Elf32_Ehdr.e_phentsize);
        let field_count = field!(layout, Elf64_Ehdr / Elf32_Ehdr.e_phnum);
        let start = header.word(field_offset)?;
        let is = usize::from(header.u16(field_size)?);
        let count = usize::from(header.u16(field_count)?);
        let must = size!(layout, Elf64_Phdr / Elf32_Phdr);
        if is != must {
            let (is, must) = (is as u64, must as u64);
            return Err(header.error(field_size, Fault::EntrySize { is, must }));
        }
        if count > MAX_SEGMENTS {
            let (count, most) = (count as u64, MAX_SEGMENTS as u64);
            return Err(header.error(field_count, Fault::TooMany { count, most }));
        }

        let rest = usize::try_from(start)
            .ok()
            .and_then(|start| bytes.get(start..))
            .ok_or(ImageError { fault: Fault::Truncated, part: Part::Segments, at: start })?;
        let mut segments =
            Table { bytes: rest, start: start as usize, part: Part::Segments, layout };
        segments.need((count * must) as u64)?;
        segments.bytes = &rest[..count * must];

        let mut header = Header { layout, machine, origin: 0, segments };
        let first = header.loads().next().ok_or(ImageError {
            fault: Fault::Missing,
            part: Part::Load,
            at: start,
        })?;
        header.origin = first.address.wrapping_sub(first.offset);
        Ok(header)
    }

    /// Gives the number of bytes, from the first, that the image takes in
    /// memory.
    pub(super) fn extent(&self) -> Result<usize, ImageError> {
        let mut extent = 0;
        for load in self.loads() {
            let end = load.address.wrapping_sub(self.origin).saturating_add(load.memory_size);
            if end > MAX_EXTENT {
                let (size, most) = (end, MAX_EXTENT);
                return Err(self.segments.error(0, Fault::TooLarge { size, most }));
            }
            extent = extent.max(end);
        }
        Ok(extent as usize)
    }

    /// Gives the segments that are to be mapped, in the order of the headers.
    #[inline]
    pub(super) fn loads(&self) -> impl Iterator<Item = Segment> + use<'a> {
        self.segments().filter(|segment| segment.kind == elf::PT_LOAD)
    }

    /// Gives the segment that is the dynamic section.
    pub(super) fn dynamic(&self) -> Result<Segment, ImageError> {
        self.segments().find(|segment| segment.kind == elf::PT_DYNAMIC).ok_or(ImageError {
            fault: Fault::Missing,
            part: Part::Dynamic,
            at: self.segments.start as u64,
        })
    }

    /// The table was cut to whole entries, so it ends where a read fails.
    #[inline]
    fn segments(&self) -> impl Iterator<Item = Segment> + use<'a> {
        let table = self.segments;
        (0..).map_while(move |index| segment(&table, index).ok())
    }
}

fn segment(table: &Table<'_>, index: u64) -> Result<Segment, ImageError> {
    let layout = table.layout;
    let at = entry(index, size!(layout, Elf64_Phdr / Elf32_Phdr));
    Ok(Segment {
        kind: table.u32(at + field!(layout, Elf64_Phdr / Elf32_Phdr.p_type))?,
        flags: table.u32(at + field!(layout, Elf64_Phdr / Elf32_Phdr.p_flags))?,
        offset: table.word(at + field!(layout, Elf64_Phdr / Elf32_Phdr.p_offset))?,
        address: table.word(at + field!(layout, Elf64_Phdr / Elf32_Phdr.p_vaddr))?,
        file_size: table.word(at + field!(layout, Elf64_Phdr / Elf32_Phdr.p_filesz))?,
        memory_size: table.word(at + field!(layout, Elf64_Phdr / Elf32_Phdr.p_memsz))?,
    })
}

/// Reads the class and the byte order, the only bytes that mean the same in
/// every layout.
fn layout(bytes: &[u8]) -> Result<Layout, ImageError> {
    let error = |at: usize, fault| ImageError { fault, part: Part::Header, at: at as u64 };
    let magic = &bytes[..bytes.len().min(elf::MAGIC.len())];
    if !elf::MAGIC.starts_with(magic) {
        return Err(error(0, Fault::NotElf));
    }
    let byte = |at: usize| bytes.get(at).copied().ok_or_else(|| error(at, Fault::Truncated));
    let class = byte(elf::EI_CLASS)?;
    let order = byte(elf::EI_DATA)?;
    Ok(Layout {
        wide: match class {
            elf::ELFCLASS64 => true,
            elf::ELFCLASS32 => false,
            _ => return Err(error(elf::EI_CLASS, Fault::Class(class))),
        },
        big: match order {
            elf::ELFDATA2LSB => false,
            elf::ELFDATA2MSB => true,
            _ => return Err(error(elf::EI_DATA, Fault::ByteOrder(order))),
        },
    })
}
