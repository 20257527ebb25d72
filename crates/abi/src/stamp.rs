//! Timestamps for logs.

use std::ffi::c_char;

use instanter::civil::Offset;
use instanter::civil::stamp::{self, OffsetInterval};
use instanter::zone::Zone;
use instanter_counter::Relaxed;

use crate::boundary::{Outcome, Room, answer, put};
use crate::clock::{check_nanoseconds, read};
use crate::status::Status;
use crate::zone::{ZoneHandle, zone_of};

type OffsetAt = Box<dyn FnMut(i64) -> OffsetInterval + Send>;

/// A writer of timestamps, RFC 3339, which writes each time only what has changed since
/// the last: some six nanoseconds. From instanter_stamp_new. Each thread has its own, or they
/// take turns.
pub struct Stamp {
    writer: stamp::Stamp<OffsetAt>,
    digits: u8,
}

impl Stamp {
    fn new(zone: Zone, digits: u8) -> Stamp {
        let offset_at = move |second| {
            let found = zone.interval_at(second);
            OffsetInterval {
                // Zones have no other offsets than an `Offset` can be.
                offset: Offset::from_seconds(found.local.offset_s).unwrap_or_default(),
                from: found.start.unwrap_or(i64::MIN),
                until: found.end.unwrap_or(i64::MAX),
            }
        };
        Stamp { writer: stamp::Stamp::new(digits, Box::new(offset_at)), digits }
    }

    fn put(&mut self, seconds: i64, nanoseconds: u32, room: Room) -> Outcome {
        check_nanoseconds(nanoseconds)?;
        room.put(self.writer.write(seconds, nanoseconds))
    }
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
        let digits = u8::try_from(digits).ok().filter(|digits| *digits <= 9);
        let made = Box::new(Stamp::new(zone_of(zone)?, digits.ok_or(Status::Range)?));
        // SAFETY: the caller's promise.
        unsafe { put(stamp, Box::into_raw(made)) }
    })
}

/// Frees a writer of timestamps. NULL is fine.
///
/// # Safety
/// `stamp` is NULL or from instanter_stamp_new, and is not used afterwards.
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
/// `stamp` is NULL or from instanter_stamp_new, and no other thread uses it meanwhile;
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
        stamp.put(seconds, nanoseconds, room)
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
        let now = read(Relaxed)?;
        stamp.put(now.seconds, now.nanoseconds, room)
    })
}

/// Goes over to another zone: for a program that shows local time and sees that the
/// local zone has changed.
///
/// # Safety
/// `stamp` is NULL or from instanter_stamp_new, and no other thread uses it meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_stamp_set_zone(stamp: *mut Stamp, zone: ZoneHandle) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let stamp = unsafe { stamp.as_mut() }.ok_or(Status::Null)?;
        *stamp = Stamp::new(zone_of(zone)?, stamp.digits);
        Ok(())
    })
}
