//! Memory that somebody else writes at any time, field by field.

use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// Loads one word of a page.
///
/// # Safety
/// `word` must be aligned and readable.
#[inline(always)]
pub(crate) unsafe fn load(word: *const u64) -> u64 {
    // SAFETY: the caller says that it is readable and aligned; somebody else
    // may write it at any time, hence the atomic. A relaxed load never writes,
    // so it may be made of read-only memory.
    unsafe { AtomicU64::from_ptr(word.cast_mut()) }.load(Ordering::Relaxed)
}

/// Stores one word of a page.
///
/// # Safety
/// `word` must be aligned and writable.
pub(crate) unsafe fn store(word: *const u64, value: u64) {
    // SAFETY: the caller says that it is writable and aligned; others may read
    // it at any time, hence the atomic.
    unsafe { AtomicU64::from_ptr(word.cast_mut()) }.store(value, Ordering::Relaxed);
}

/// The memory of a page, to be read field by field.
///
/// Each field is always accessed as a whole and by its own width, as those who
/// keep such a page do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    start: *const u8,
    length: usize,
}

// SAFETY: every access is atomic, and `new` was promised memory for good.
unsafe impl Send for Fields {}
// SAFETY: as above.
unsafe impl Sync for Fields {}

/// A field of this width.
macro_rules! field {
    ($load:ident, $atomic:ty, $int:ty) => {
        #[inline]
        pub(crate) fn $load(self, at: usize, ordering: Ordering) -> $int {
            // SAFETY: `new` was promised that it is readable; `place` has checked the
            // bounds and the alignment.
            unsafe { <$atomic>::from_ptr(self.place::<$int>(at)) }.load(ordering)
        }
    };
}

impl Fields {
    /// # Safety
    /// The first `length` bytes at `start` must be readable for as long as this or
    /// a copy of it is used, and `start` aligned to eight bytes.
    #[inline]
    pub(crate) const unsafe fn new(start: *const u8, length: usize) -> Fields {
        Fields { start, length }
    }

    #[inline]
    fn place<T>(self, at: usize) -> *mut T {
        assert!(at.is_multiple_of(size_of::<T>()) && at + size_of::<T>() <= self.length);
        self.start.wrapping_add(at).cast_mut().cast()
    }

    field!(u8, AtomicU8, u8);
    field!(u16, AtomicU16, u16);
    field!(u32, AtomicU32, u32);
    field!(u64, AtomicU64, u64);
}

/// The memory of a page that is kept here.
#[derive(Debug)]
pub(crate) struct Kept {
    fields: Fields,
}

/// A field of this width.
macro_rules! kept {
    ($store:ident, $atomic:ty, $int:ty) => {
        pub(crate) fn $store(&self, at: usize, value: $int, ordering: Ordering) {
            // SAFETY: `new` was promised that it is writable; `place` has checked the
            // bounds and the alignment.
            unsafe { <$atomic>::from_ptr(self.fields.place::<$int>(at)) }.store(value, ordering);
        }
    };
}

impl Kept {
    /// # Safety
    /// As for [`Fields::new`], and the memory must be writable, and nobody else may
    /// write it.
    pub(crate) const unsafe fn new(start: *mut u8, length: usize) -> Kept {
        // SAFETY: the caller's.
        Kept { fields: unsafe { Fields::new(start, length) } }
    }

    pub(crate) const fn fields(&self) -> Fields {
        self.fields
    }

    kept!(u8, AtomicU8, u8);
    kept!(u16, AtomicU16, u16);
    kept!(u32, AtomicU32, u32);
    kept!(u64, AtomicU64, u64);
}
