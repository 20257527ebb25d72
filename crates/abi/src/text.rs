//! RFC 3339 and RFC 9557, out and in.

use std::ffi::c_char;
use std::fmt;

use instanter::civil::Offset;
use instanter::civil::text::rfc3339::{self, Rfc3339};
use instanter::zone::Zone;
use instanter::{Time, Zoned};

use crate::boundary::{Growing, Outcome, Room, answer, put_growing, text};
use crate::calendar::offset_of;
use crate::clock::check_nanoseconds;
use crate::fork;
use crate::last_error::tell;
use crate::status::Status;
use crate::zone::{ZoneHandle, zone_of};

/// A moment that was read from a text.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Set it to sizeof(instanter_parsed).
    pub size: usize,
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: i64,
    /// Nanoseconds within the second, below 1000000000.
    pub nanoseconds: u32,
    /// The zone that the text tells; where it tells an offset alone, the zone of that offset.
    pub zone: ZoneHandle,
    /// The offset of that zone at that moment, in seconds east of UTC.
    pub offset_s: i32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: `repr(C)`, the size first, and numbers.
unsafe impl Growing for Parsed {
    const EMPTY: Parsed =
        Parsed { size: 0, seconds: 0, nanoseconds: 0, zone: 0, offset_s: 0, reserved: 0 };
    const FIRST_SIZE: usize = 32;
}

impl From<Zoned> for Parsed {
    fn from(zoned: Zoned) -> Parsed {
        Parsed {
            seconds: zoned.time().unix_seconds(),
            nanoseconds: zoned.time().nanosecond(),
            zone: zoned.zone().to_bits(),
            offset_s: zoned.zone().offset_at(zoned.time().unix_seconds()),
            ..Parsed::EMPTY
        }
    }
}

/// How many digits of the fraction: below zero for as many as needed.
fn form(digits: i32) -> Rfc3339 {
    match u8::try_from(digits) {
        Ok(digits) => Rfc3339::new().digits(digits),
        Err(_) if digits < 0 => Rfc3339::new(),
        Err(_) => Rfc3339::new().digits(9),
    }
}

/// Writes RFC 3339, "2024-07-01T12:00:00.5+02:00": a moment, in seconds since 1970 and
/// nanoseconds, as the clocks of a zone show it.
///
/// `digits` of the fraction are written, the others cut off: 0 to 9, or below zero for as
/// many as needed. The text has at most 48 bytes, its NUL included.
///
/// Async-signal-safe.
///
/// # Safety
/// `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_format_rfc3339(
    seconds: i64,
    nanoseconds: u32,
    zone: ZoneHandle,
    digits: i32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        check_nanoseconds(nanoseconds)?;
        let offset = offset_of(zone_of(zone)?.offset_at(seconds))?;
        room.put(form(digits).text_unix(seconds, nanoseconds, offset).as_bytes())
    })
}

/// Writes RFC 9557, "2024-07-01T12:00:00+02:00[Europe/Berlin]", as
/// instanter_format_rfc3339 does its part of it. A zone of rules without a name has
/// nothing to put into the brackets, and goes without them.
///
/// Async-signal-safe.
///
/// # Safety
/// As instanter_format_rfc3339.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_format_rfc9557(
    seconds: i64,
    nanoseconds: u32,
    zone: ZoneHandle,
    digits: i32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        check_nanoseconds(nanoseconds)?;
        let zoned = Time::from_unix(seconds, nanoseconds).in_zone(zone_of(zone)?);
        let digits = usize::try_from(digits).ok();
        room.put_shown(&WithDigits { zoned, digits }, Status::Other)
    })
}

struct WithDigits {
    zoned: Zoned,
    digits: Option<usize>,
}

impl fmt::Display for WithDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.digits {
            Some(digits) => write!(f, "{:.*}", digits.min(9), self.zoned),
            None => write!(f, "{}", self.zoned),
        }
    }
}

/// Reads RFC 3339, all of `length` bytes.
///
/// # Safety
/// `text` is NULL or has `length` bytes; `parsed` is NULL or points to an
/// instanter_parsed whose `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_parse_rfc3339(
    text: *const c_char,
    length: usize,
    parsed: *mut Parsed,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let text = unsafe { self::text(text, length) }?;
        // SAFETY: the caller's promise.
        unsafe { put_read(parsed, || rfc3339(text)) }
    })
}

fn rfc3339(text: &str) -> Result<Parsed, Status> {
    let (local, offset) = rfc3339::parse(text).map_err(|error| tell(&error))?;
    let (seconds, nanoseconds) = local.to_unix(offset).map_err(|error| tell(&error))?;
    let zone = match offset {
        Offset::UTC => Zone::UTC,
        _ => Zone::fixed(offset.seconds()).map_err(|error| tell(&error))?,
    };
    Ok(Time::from_unix(seconds, nanoseconds).in_zone(zone).into())
}

/// Reads RFC 9557 with a zone in its brackets, all of `length` bytes. The offset, if
/// there is one, must be one that the zone has then.
///
/// # Safety
/// As instanter_parse_rfc3339.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_parse_rfc9557(
    text: *const c_char,
    length: usize,
    parsed: *mut Parsed,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let text = unsafe { self::text(text, length) }?;
        fork::expect();
        let read = || text.parse::<Zoned>().map(Parsed::from).map_err(|error| tell(&error));
        // SAFETY: the caller's promise.
        unsafe { put_read(parsed, read) }
    })
}

/// Reads a text if there is a place for what it tells: a call without one is wrong,
/// whatever the text.
///
/// # Safety
/// `parsed` is null, or its size is set and it is writable for that.
pub(crate) unsafe fn put_read(
    parsed: *mut Parsed,
    read: impl FnOnce() -> Result<Parsed, Status>,
) -> Outcome {
    if parsed.is_null() {
        return Err(Status::Null);
    }
    // SAFETY: the caller's promise.
    unsafe { put_growing(parsed, read()?) }
}
