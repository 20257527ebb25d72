//! Checked reads: the one door through which bytes of an image come in.
#![forbid(unsafe_code)]

use super::error::{Fault, ImageError, Part};
use core::ffi::CStr;

/// The longest name that is read. C++ mangles longer ones, no vDSO does; the
/// bound keeps a listing of a hostile image linear in its symbols.
const MAX_NAME: usize = 4096;

/// How numbers lie in the image: its ELF class and its byte order.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// `ELFCLASS64`: addresses and offsets take eight bytes.
    pub(super) wide: bool,
    /// `ELFDATA2MSB`: the most significant byte comes first.
    pub(super) big: bool,
}

/// Gives a field's offset in the layout's class, from the kernel's own
/// structures of both classes.
macro_rules! field {
    ($layout:expr, $wide:ident / $narrow:ident . $field:ident) => {
        if $layout.wide {
            core::mem::offset_of!(linux_raw_sys::elf_uapi::$wide, $field)
        } else {
            core::mem::offset_of!(linux_raw_sys::elf_uapi::$narrow, $field)
        }
    };
}

/// Gives a structure's size in the layout's class.
macro_rules! size {
    ($layout:expr, $wide:ident / $narrow:ident) => {
        if $layout.wide {
            size_of::<linux_raw_sys::elf_uapi::$wide>()
        } else {
            size_of::<linux_raw_sys::elf_uapi::$narrow>()
        }
    };
}

pub(super) use {field, size};

/// One table of an image: the bytes from its first to the last it may have.
///
/// Offsets are counted from the table's start; an error tells the place in
/// the image.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) bytes: &'a [u8],
    /// Where in the image the table starts.
    pub(super) start: usize,
    pub(super) part: Part,
    pub(super) layout: Layout,
}

impl<'a> Table<'a> {
    #[inline]
    pub(super) fn u16(&self, at: usize) -> Result<u16, ImageError> {
        let raw = self.chunk(at)?;
        Ok(if self.layout.big { u16::from_be_bytes(raw) } else { u16::from_le_bytes(raw) })
    }

    #[inline]
    pub(super) fn u32(&self, at: usize) -> Result<u32, ImageError> {
        let raw = self.chunk(at)?;
        Ok(if self.layout.big { u32::from_be_bytes(raw) } else { u32::from_le_bytes(raw) })
    }

    #[inline]
    pub(super) fn u64(&self, at: usize) -> Result<u64, ImageError> {
        let raw = self.chunk(at)?;
        Ok(if self.layout.big { u64::from_be_bytes(raw) } else { u64::from_le_bytes(raw) })
    }

    /// Reads an address or an offset: eight bytes or four, as the class says.
    #[inline]
    pub(super) fn word(&self, at: usize) -> Result<u64, ImageError> {
        if self.layout.wide { self.u64(at) } else { self.u32(at).map(u64::from) }
    }

    #[inline]
    pub(super) fn u8(&self, at: usize) -> Result<u8, ImageError> {
        self.chunk::<1>(at).map(|[byte]| byte)
    }

    /// Reads the string that starts at `at`.
    pub(super) fn string(&self, at: usize) -> Result<&'a str, ImageError> {
        let rest = self.rest(at)?;
        let rest = &rest[..rest.len().min(MAX_NAME)];
        let name =
            CStr::from_bytes_until_nul(rest).map_err(|_| self.error(at, Fault::Unterminated))?;
        name.to_str().map_err(|_| self.error(at, Fault::NotUtf8))
    }

    /// Compares the string that starts at `at`, without looking for its end.
    ///
    /// An image cut off inside the string, so far equal, is an error: nobody
    /// can say what would have followed.
    #[inline]
    pub(super) fn string_is(&self, at: usize, name: &str) -> Result<bool, ImageError> {
        let rest = self.rest(at)?;
        let name = name.as_bytes();
        match rest.get(..name.len()) {
            Some(start) if start != name => Ok(false),
            Some(_) => match rest.get(name.len()) {
                // A name with a NUL inside would match two strings in a row.
                Some(0) => Ok(!name.contains(&0)),
                Some(_) => Ok(false),
                None => Err(self.error(at, Fault::Unterminated)),
            },
            None if name.starts_with(rest) => Err(self.error(at, Fault::Unterminated)),
            None => Ok(false),
        }
    }

    /// Checks that the table has `len` bytes.
    pub(super) fn need(&self, len: u64) -> Result<(), ImageError> {
        if len > self.bytes.len() as u64 {
            return Err(self.error(self.bytes.len(), Fault::Truncated));
        }
        Ok(())
    }

    /// Makes an error about the byte at `at`.
    #[cold]
    pub(super) fn error(&self, at: usize, fault: Fault) -> ImageError {
        ImageError { fault, part: self.part, at: (self.start as u64).saturating_add(at as u64) }
    }

    #[inline]
    fn rest(&self, at: usize) -> Result<&'a [u8], ImageError> {
        match self.bytes.get(at..) {
            Some(rest) => Ok(rest),
            None => Err(self.error(at, Fault::Truncated)),
        }
    }

    #[inline]
    fn chunk<const N: usize>(&self, at: usize) -> Result<[u8; N], ImageError> {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(chunk) => Ok(*chunk),
            None => Err(self.error(at, Fault::Truncated)),
        }
    }
}

/// Gives the offset of an entry of a table of equal entries. An index too
/// high for this machine's addresses saturates, and the read then fails.
#[inline]
pub(super) const fn entry(index: u64, size: usize) -> usize {
    let at = index.saturating_mul(size as u64);
    if at > usize::MAX as u64 { usize::MAX } else { at as usize }
}
