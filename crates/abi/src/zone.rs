//! Time zones: handles, and where they come from.

use std::ffi::c_char;

use instanter::zone::{Error, Local, Zone};
use instanter_counter::Relaxed;

use crate::boundary::{Outcome, Room, answer, c_text, put};
use crate::last_error::tell;
use crate::status::Status;
use crate::{clock, fork};

/// A time zone: a number, free to copy and to compare, and good for as long as the
/// process lives. There is nothing to free. A number that is no zone of this process gives
/// INSTANTER_STATUS_ZONE.
pub type ZoneHandle = u32;

/// UTC.
pub const INSTANTER_UTC: ZoneHandle = 0;

pub(crate) fn zone_of(handle: ZoneHandle) -> Result<Zone, Status> {
    Zone::from_bits(handle).ok_or(Status::Zone)
}

/// # Safety
/// `zone` is null, or writable for a handle.
unsafe fn put_zone(zone: *mut ZoneHandle, found: Zone) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe { put(zone, found.to_bits()) }
}

/// Finds the zone that a text stands for.
///
/// # Safety
/// `text` is null or ends in NUL; `zone` is null, or writable for a handle.
unsafe fn zone_of_text(
    text: *const c_char,
    zone: *mut ZoneHandle,
    find: impl FnOnce(&str) -> Result<Zone, Error>,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let text = unsafe { c_text(text) }?;
        if zone.is_null() {
            return Err(Status::Null);
        }
        fork::expect();
        let found = find(text).map_err(|error| tell(&error))?;
        // SAFETY: the caller's promise.
        unsafe { put_zone(zone, found) }
    })
}

/// Gives the zone of a name of the tz database, such as "America/New_York", in capital
/// or small letters: from TZDIR, the system's files, or the copy in the library. It is
/// read once; later calls return the same number.
///
/// # Safety
/// `name` is NULL or ends in NUL; `zone` is NULL or points to an instanter_zone_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_by_name(
    name: *const c_char,
    zone: *mut ZoneHandle,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { zone_of_text(name, zone, Zone::get) }
}

/// Makes a zone of the rules of a POSIX TZ string: "EST5EDT,M3.2.0,M11.1.0".
///
/// # Safety
/// `rules` is NULL or ends in NUL; `zone` is NULL or points to an instanter_zone_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_posix(
    rules: *const c_char,
    zone: *mut ZoneHandle,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { zone_of_text(rules, zone, Zone::posix) }
}

/// Makes a zone that is always so many seconds east of UTC, at most 604799 either way.
///
/// Async-signal-safe.
///
/// # Safety
/// `zone` is NULL or points to an instanter_zone_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_fixed(offset_s: i32, zone: *mut ZoneHandle) -> Status {
    answer(|| {
        // Not by way of `Zone::fixed`'s error, which allocates.
        let offset = instanter::civil::Offset::from_seconds(offset_s).map_err(|_| Status::Range)?;
        let found = Zone::fixed(offset.seconds()).map_err(|_| Status::Range)?;
        // SAFETY: the caller's promise.
        unsafe { put_zone(zone, found) }
    })
}

/// Reads the zone of a TZif file.
///
/// # Safety
/// `path` is NULL or ends in NUL; `zone` is NULL or points to an instanter_zone_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_path(path: *const c_char, zone: *mut ZoneHandle) -> Status {
    // SAFETY: the caller's promise.
    unsafe { zone_of_text(path, zone, |path| Zone::from_path(path)) }
}

/// Gives the local zone: from the environment variable TZ, read at the first use, and
/// from /etc/localtime, whose changes are seen within a second. An atomic load, and a look
/// at the file when one is due. Always some zone: UTC for want of anything better, of which
/// instanter_zone_local_how tells.
///
/// Any thread may call it at any time.
///
/// # Safety
/// `zone` is NULL or points to an instanter_zone_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_local(zone: *mut ZoneHandle) -> Status {
    answer(|| {
        fork::expect();
        // Without a clock it is as it was last seen.
        let found = match clock::read(Relaxed) {
            Ok(time) => Local::zone_at(time.monotonic_ns.max(0).unsigned_abs()),
            Err(_) => Local::zone(),
        };
        // SAFETY: the caller's promise.
        unsafe { put_zone(zone, found) }
    })
}

/// Reads TZ and the file again, as tzset does, and gives the local zone.
///
/// # Safety
/// `zone` is NULL or points to an instanter_zone_t; no other thread changes the
/// environment meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_local_refresh(zone: *mut ZoneHandle) -> Status {
    answer(|| {
        if zone.is_null() {
            return Err(Status::Null);
        }
        fork::expect();
        // SAFETY: the caller's promise.
        unsafe { put_zone(zone, Local::refresh()) }
    })
}

/// Tells how the local zone was found, and what went wrong if anything did: "TZ is not
/// set, file /usr/share/zoneinfo/Europe/Berlin".
///
/// # Safety
/// `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_local_how(
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        fork::expect();
        room.put_shown(&Local::how(), Status::Other)
    })
}

/// Gives the name that a zone has in the tz database; an empty text if it has none.
///
/// Async-signal-safe.
///
/// # Safety
/// `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_zone_name(
    zone: ZoneHandle,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        room.put(zone_of(zone)?.name().unwrap_or_default().as_bytes())
    })
}
