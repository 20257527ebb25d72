//! Memory of C: here it is read and written, and nowhere else.
//!
//! Everything is copied. A value that C gives or takes by a pointer may lie unaligned, may
//! not be set yet, and may be the same memory as another argument; a Rust reference to it
//! would be a promise that none of this is so. Only the texts to be read are borrowed, for
//! the length of a call.

use std::ffi::{CStr, c_char};
use std::fmt::{self, Write};

use crate::last_error::tell;
use crate::status::Status;

/// What a call comes to.
pub(crate) type Outcome = Result<(), Status>;

/// Runs what a function does, and turns its outcome into the number that C gets.
#[inline(always)]
pub(crate) fn answer(work: impl FnOnce() -> Outcome) -> Status {
    match work() {
        Ok(()) => Status::Ok,
        Err(status) => status,
    }
}

/// Writes a value to where C wants it.
///
/// # Safety
/// `place` is null, or writable for a `T`.
#[inline(always)]
pub(crate) unsafe fn put<T: Copy>(place: *mut T, value: T) -> Outcome {
    if place.is_null() {
        return Err(Status::Null);
    }
    // SAFETY: not null, hence writable; aligned or not.
    unsafe { place.write_unaligned(value) };
    Ok(())
}

/// Writes a value to where C wants it, if C wants it.
///
/// # Safety
/// As [`put`].
#[inline(always)]
pub(crate) unsafe fn put_if_wanted<T: Copy>(place: *mut T, value: T) {
    // SAFETY: the caller's promise.
    let _ = unsafe { put(place, value) };
}

/// Reads a value of C's.
///
/// # Safety
/// `place` is null, or holds a `T`.
#[inline(always)]
pub(crate) unsafe fn get<T: Copy>(place: *const T) -> Result<T, Status> {
    if place.is_null() {
        return Err(Status::Null);
    }
    // SAFETY: not null, hence readable; aligned or not.
    Ok(unsafe { place.read_unaligned() })
}

/// A structure that may get more members at its end.
///
/// # Safety
/// `repr(C)`, its first member is the `usize` of its size, and any bytes are valid in it.
pub(crate) unsafe trait Growing: Copy {
    /// All of it unset.
    const EMPTY: Self;

    /// The size that it had when it was first published.
    const FIRST_SIZE: usize;
}

/// No structure is ever larger; a size that was not set mostly is.
const LARGEST: usize = 1_024;

/// Returns how many bytes of a structure both sides know.
///
/// # Safety
/// `place` is null, or its first member can be read.
#[inline(always)]
unsafe fn known_size<T: Growing>(place: *const T) -> Result<usize, Status> {
    const { assert!(size_of::<T>() <= LARGEST && T::FIRST_SIZE <= size_of::<T>()) };
    // SAFETY: the caller's promise.
    let size = unsafe { get(place.cast::<usize>()) }?;
    if !(T::FIRST_SIZE..=LARGEST).contains(&size) {
        return Err(Status::Size);
    }
    Ok(size.min(size_of::<T>()))
}

/// Writes a structure with a size: as much of it as the caller knows.
///
/// # Safety
/// `place` is null, or writable for as many bytes as its first member tells.
#[inline(always)]
pub(crate) unsafe fn put_growing<T: Growing>(place: *mut T, value: T) -> Outcome {
    // SAFETY: the caller's promise.
    let size = unsafe { known_size(place) }?;
    // SAFETY: both sides have as many bytes, and `value` is nobody else's; bytes may
    // be padding, as they are copied without being looked at.
    unsafe {
        (&raw const value).cast::<u8>().copy_to_nonoverlapping(place.cast(), size);
        place.cast::<usize>().write_unaligned(size);
    }
    Ok(())
}

/// Reads a structure with a size; members that the caller does not know are unset.
///
/// # Safety
/// `place` is null, or readable for as many bytes as its first member tells.
#[inline(always)]
pub(crate) unsafe fn get_growing<T: Growing>(place: *const T) -> Result<T, Status> {
    // SAFETY: the caller's promise.
    let size = unsafe { known_size(place) }?;
    let mut value = T::EMPTY;
    // SAFETY: both sides have as many bytes, any of which are valid in a `T`.
    unsafe { place.cast::<u8>().copy_to_nonoverlapping((&raw mut value).cast(), size) };
    Ok(value)
}

/// Borrows a text that ends in NUL.
///
/// # Safety
/// `text` is null, or ends in NUL and is not changed during `'a`.
pub(crate) unsafe fn c_text<'a>(text: *const c_char) -> Result<&'a str, Status> {
    if text.is_null() {
        return Err(Status::Null);
    }
    // SAFETY: not null, hence a text that ends in NUL.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|error| tell(&error))
}

/// Borrows a text of so many bytes.
///
/// # Safety
/// `text` is null, or readable for `length` bytes that are not changed during `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, length: usize) -> Result<&'a str, Status> {
    if text.is_null() {
        return Err(Status::Null);
    }
    if isize::try_from(length).is_err() {
        return Err(Status::Range);
    }
    // SAFETY: not null, hence readable; no memory is longer.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length) };
    str::from_utf8(bytes).map_err(|error| tell(&error))
}

/// Where C wants a text: a buffer, and a place for the length.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    buffer: *mut u8,
    capacity: usize,
    length: *mut usize,
}

impl Room {
    /// # Safety
    /// For as long as this lives, `buffer` is null or writable for `capacity` bytes, and
    /// `length` null or writable.
    #[inline(always)]
    pub(crate) unsafe fn new(
        buffer: *mut c_char,
        capacity: usize,
        length: *mut usize,
    ) -> Result<Room, Status> {
        // Without a buffer it is the length that is asked for.
        if buffer.is_null() && (capacity > 0 || length.is_null()) {
            return Err(Status::Null);
        }
        Ok(Room { buffer: buffer.cast(), capacity, length })
    }

    /// Writes a text that is there already.
    #[inline(always)]
    pub(crate) fn put(self, text: &[u8]) -> Outcome {
        let mut sink = Sink { room: self, length: 0 };
        sink.push(text);
        sink.finish()
    }

    /// Writes anything that writes itself, without an allocation. `on_failure` is what it means
    /// if that fails.
    pub(crate) fn put_shown(self, shown: &dyn fmt::Display, on_failure: Status) -> Outcome {
        let mut sink = Sink { room: self, length: 0 };
        let shown = write!(sink, "{shown}");
        match shown {
            Ok(()) => sink.finish(),
            Err(fmt::Error) => {
                sink.length = 0;
                let _ = sink.finish();
                Err(on_failure)
            }
        }
    }
}

/// Takes what fits, and counts all.
struct Sink {
    room: Room,
    length: usize,
}

impl Sink {
    #[inline(always)]
    fn push(&mut self, text: &[u8]) {
        let end = self.length.saturating_add(text.len());
        // One byte is the NUL's.
        if end < self.room.capacity {
            // SAFETY: `Room::new` promises `capacity` bytes, which `end` is below.
            unsafe {
                text.as_ptr().copy_to_nonoverlapping(self.room.buffer.add(self.length), text.len());
            }
        }
        self.length = end;
    }

    /// Ends the text: in a buffer that is too small, an empty one.
    #[inline(always)]
    fn finish(self) -> Outcome {
        let Room { buffer, capacity, length } = self.room;
        // SAFETY: `Room::new` promises a place, or null.
        unsafe { put_if_wanted(length, self.length) };
        if buffer.is_null() {
            return Ok(());
        }
        let fits = self.length < capacity;
        let end = if fits { self.length } else { 0 };
        if end < capacity {
            // SAFETY: `Room::new` promises `capacity` bytes.
            unsafe { buffer.add(end).write(0) };
        }
        if fits { Ok(()) } else { Err(Status::Room) }
    }
}

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::{null, null_mut};

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Grown {
        size: usize,
        old: u64,
        new: u64,
    }

    // SAFETY: `repr(C)`, the size first, and numbers.
    unsafe impl Growing for Grown {
        const EMPTY: Grown = Grown { size: 0, old: 0, new: 0 };
        const FIRST_SIZE: usize = 16;
    }

    #[test]
    fn structures_of_every_size() {
        let value = Grown { size: 99, old: 1, new: 2 };
        let outside = u64::MAX;
        let table = [
            (0, Err(Status::Size), outside, outside),
            (15, Err(Status::Size), outside, outside),
            (16, Ok(16), 1, outside),
            (24, Ok(24), 1, 2),
            // A caller with a newer header.
            (1_024, Ok(24), 1, 2),
            (1_025, Err(Status::Size), outside, outside),
            (usize::MAX, Err(Status::Size), outside, outside),
        ];
        for (size, want, old, new) in table {
            let mut place = Grown { size, old: outside, new: outside };
            // SAFETY: writable for 24 bytes, and no more are written.
            let got = unsafe { put_growing(&raw mut place, value) }.map(|()| place.size);
            assert_eq!(got, want, "size {size}");
            assert_eq!((place.old, place.new), (old, new), "size {size}");
            // SAFETY: readable for 24 bytes, and no more are read.
            let read = unsafe { get_growing(&raw const place) };
            if let Ok(size) = want {
                let new = if size == 16 { 0 } else { place.new };
                assert_eq!(read.map(|grown| (grown.old, grown.new)), Ok((1, new)), "size {size}");
            }
        }
        // SAFETY: null.
        unsafe {
            assert_eq!(put_growing(null_mut(), value), Err(Status::Null));
            assert_eq!(get_growing::<Grown>(null()), Err(Status::Null));
            assert_eq!(put(null_mut(), 1u8), Err(Status::Null));
            assert_eq!(get::<u8>(null()), Err(Status::Null));
        }
    }

    #[test]
    fn texts_in_buffers_of_every_size() {
        for capacity in 0..12 {
            let mut buffer = [b'x'; 12];
            let mut length = 99;
            // SAFETY: the buffer has more than `capacity` bytes.
            let room = unsafe {
                Room::new(buffer.as_mut_ptr().cast(), capacity, &raw mut length).unwrap()
            };
            let got = room.put_shown(&"12:34:56", Status::Range);
            assert_eq!(length, 8);
            let (want, text): (Outcome, &[u8]) = match capacity {
                0 => (Err(Status::Room), b"xx"),
                1..9 => (Err(Status::Room), b"\0"),
                _ => (Ok(()), b"12:34:56\0"),
            };
            assert_eq!(got, want, "{capacity}");
            assert!(buffer.starts_with(text), "{capacity}: {buffer:?}");
            assert!(buffer[capacity..].iter().all(|&byte| byte == b'x'), "{capacity}");
        }
        let mut length = 0;
        // SAFETY: null, and a place for a length.
        unsafe {
            assert_eq!(Room::new(null_mut(), 0, &raw mut length).unwrap().put(b"12"), Ok(()));
            assert_eq!(length, 2);
            assert!(Room::new(null_mut(), 1, &raw mut length).is_err());
            assert!(Room::new(null_mut(), 0, null_mut()).is_err());
        }
    }

    #[test]
    fn texts_from_c() {
        let bad = c"2024\xff".as_ptr();
        // SAFETY: texts that end in NUL, with no more bytes told than there are.
        unsafe {
            assert_eq!(c_text(c"UTC".as_ptr()), Ok("UTC"));
            assert_eq!(c_text(bad), Err(Status::Utf8));
            assert_eq!(c_text(null()), Err(Status::Null));
            assert_eq!(text(bad, 4), Ok("2024"));
            assert_eq!(text(bad, 5), Err(Status::Utf8));
            assert_eq!(text(bad, 0), Ok(""));
            assert_eq!(text(null(), 0), Err(Status::Null));
            assert_eq!(text(bad, usize::MAX), Err(Status::Range));
        }
    }
}
