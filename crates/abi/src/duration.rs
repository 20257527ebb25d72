//! Lengths of time, as text: Go's.

use std::ffi::c_char;

use instanter::Duration;

use crate::boundary::{Room, answer, put, text};
use crate::last_error::tell;
use crate::status::Status;

/// Writes a length of time, in nanoseconds, as Go does: "1h15m30.5s", "1.5ms", "0s". The
/// text has at most 32 bytes, its NUL included; it is UTF-8, as microseconds are "µs".
///
/// Async-signal-safe.
///
/// # Safety
/// `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_duration_format(
    nanoseconds: i64,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        room.put_shown(&Duration::from_nanos(nanoseconds), Status::Other)
    })
}

/// Reads a length of time as Go does, all of `length` bytes: numbers with a unit each
/// (ns, us, ms, s, m, h), in any order, a sign in front of them all.
///
/// # Safety
/// `text` is NULL or has `length` bytes; `nanoseconds` is NULL or points to an int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_duration_parse(
    text: *const c_char,
    length: usize,
    nanoseconds: *mut i64,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let text = unsafe { self::text(text, length) }?;
        if nanoseconds.is_null() {
            return Err(Status::Null);
        }
        let read = text.parse::<Duration>().map_err(|error| tell(&error))?;
        // SAFETY: the caller's promise.
        unsafe { put(nanoseconds, read.as_nanos()) }
    })
}
