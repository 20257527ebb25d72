//! Timestamps for logs.

use std::ffi::c_char;

use instanter::{Time, clock};

use crate::boundary::{Outcome, Room, answer, put};
use crate::clock::check_nanoseconds;
use crate::fork;
use crate::status::{Status, Wrong};
use crate::zone::{ZoneHandle, zone_of};

/// A writer of timestamps, RFC 3339, which writes each time only what has changed since
/// the last. From instanter_stamp_new or instanter_stamp_new_local. Each thread has its
/// own, or they take turns.
pub struct Stamp {
    writer: instanter::Stamp,
    digits: u8,
}

impl Stamp {
    fn put(&mut self, time: Time, room: Room) -> Outcome {
        room.put(self.writer.write(time))
    }
}

fn digits_of(number: i32) -> Result<u8, Status> {
    u8::try_from(number).ok().filter(|digits| *digits <= 9).ok_or(Status::Range)
}

/// Makes a writer of timestamps in a zone, with 0 to 9 `digits` of the fraction. What
/// `stamp` gets is to be given to instanter_stamp_free; it is NULL if this fails.
///
/// # Safety
/// `stamp` is NULL or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_new(
    zone: ZoneHandle,
    digits: i32,
    stamp: *mut *mut Stamp,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        unsafe { put(stamp, std::ptr::null_mut()) }?;
        let digits = digits_of(digits)?;
        let writer = instanter::Stamp::in_zone(zone_of(zone)?, digits);
        // SAFETY: the caller's promise.
        unsafe { put(stamp, Box::into_raw(Box::new(Stamp { writer, digits }))) }
    })
}

/// Makes a writer of timestamps in the local zone, as instanter_stamp_new does in any. A
/// change of the local zone is seen by instanter_stamp_now, within a second.
///
/// # Safety
/// `stamp` is NULL or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_new_local(digits: i32, stamp: *mut *mut Stamp) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        unsafe { put(stamp, std::ptr::null_mut()) }?;
        let digits = digits_of(digits)?;
        fork::expect();
        let writer = instanter::Stamp::local(digits);
        // SAFETY: the caller's promise.
        unsafe { put(stamp, Box::into_raw(Box::new(Stamp { writer, digits }))) }
    })
}

/// Frees a writer of timestamps. NULL is fine.
///
/// # Safety
/// `stamp` is NULL or a writer of timestamps, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_free(stamp: *mut Stamp) {
    if !stamp.is_null() {
        // SAFETY: from `Box::into_raw` in `instanter_stamp_new`.
        drop(unsafe { Box::from_raw(stamp) });
    }
}

/// Writes the timestamp of a moment, in seconds since 1970 and nanoseconds. The text has
/// at most 48 bytes, its NUL included.
///
/// # Safety
/// `stamp` is NULL or a writer of timestamps, and no other thread uses it meanwhile;
/// `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_write(
    stamp: *mut Stamp,
    seconds: i64,
    nanoseconds: u32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let stamp = unsafe { stamp.as_mut() }.ok_or(Status::Null)?;
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        check_nanoseconds(nanoseconds)?;
        stamp.put(Time::from_unix(seconds, nanoseconds), room)
    })
}

/// Reads the wall clock, as instanter_now_relaxed does, and writes its timestamp.
///
/// # Safety
/// As instanter_stamp_write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_now(
    stamp: *mut Stamp,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let stamp = unsafe { stamp.as_mut() }.ok_or(Status::Null)?;
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        let now = clock::pair_relaxed().map_err(|error| error.status())?;
        stamp.put(Time::from_readings(now.realtime, now.monotonic), room)
    })
}

/// Goes over to another zone.
///
/// # Safety
/// `stamp` is NULL or a writer of timestamps, and no other thread uses it meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_set_zone(stamp: *mut Stamp, zone: ZoneHandle) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let stamp = unsafe { stamp.as_mut() }.ok_or(Status::Null)?;
        stamp.writer = instanter::Stamp::in_zone(zone_of(zone)?, stamp.digits);
        Ok(())
    })
}
