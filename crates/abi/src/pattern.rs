//! Patterns of `strftime` and layouts of Go.

use std::ffi::c_char;
use std::ptr::NonNull;

use instanter::civil::{self, DateTime};
use instanter::{Time, Zoned};

use crate::boundary::{Outcome, Room, answer, c_text, put, text};
use crate::calendar::offset_of;
use crate::clock::check_nanoseconds;
use crate::fork;
use crate::last_error::tell;
use crate::local::policy_of;
use crate::status::{Status, Wrong};
use crate::text::{Parsed, put_read};
use crate::zone::{ZoneHandle, zone_of};

/// The languages of patterns.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// That of strftime and strptime in the C locale: "%Y-%m-%d %H:%M:%S".
    Strftime = 0,
    /// That of Go: "2006-01-02 15:04:05".
    Go = 1,
}

/// A pattern that was compiled, by instanter_pattern_new. Any number of threads may use
/// one at the same time.
pub struct Pattern {
    compiled: civil::Pattern<'static>,
    /// What `compiled` borrows: a box that was taken apart.
    text: NonNull<str>,
}

// SAFETY: the text is never written to, and is freed by whoever drops this.
unsafe impl Send for Pattern {}
// SAFETY: as above.
unsafe impl Sync for Pattern {}

impl Pattern {
    fn new(text: &str, dialect: i32) -> Result<Pattern, Status> {
        // Before a copy is made: what is no pattern needs none.
        compile(text, dialect)?;
        let text = NonNull::from(Box::leak(Box::<str>::from(text)));
        // SAFETY: the box's memory stays where it is until `drop`, after which nobody has
        // `compiled`, as it is not given away.
        let borrowed: &'static str = unsafe { text.as_ref() };
        Ok(Pattern { compiled: compile(borrowed, dialect)?, text })
    }
}

impl Drop for Pattern {
    fn drop(&mut self) {
        // SAFETY: from `Box::leak` in `new`, and nobody else frees it.
        drop(unsafe { Box::from_raw(self.text.as_ptr()) });
    }
}

fn compile(text: &str, dialect: i32) -> Result<civil::Pattern<'_>, Status> {
    let compiled = match dialect {
        number if number == Dialect::Strftime as i32 => civil::Pattern::strftime(text),
        number if number == Dialect::Go as i32 => civil::Pattern::go(text),
        _ => return Err(Status::Argument),
    };
    compiled.map_err(|error| tell(&error))
}

/// Compiles a pattern. `dialect` is an instanter_dialect. What `pattern` gets is to be given
/// to instanter_pattern_free; it is NULL if this fails.
///
/// # Safety
/// `text` is NULL or ends in NUL; `pattern` is NULL or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_pattern_new(
    text: *const c_char,
    dialect: i32,
    pattern: *mut *mut Pattern,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        unsafe { put(pattern, std::ptr::null_mut()) }?;
        // SAFETY: the caller's promise.
        let text = unsafe { c_text(text) }?;
        let made = Box::new(Pattern::new(text, dialect)?);
        // SAFETY: the caller's promise.
        unsafe { put(pattern, Box::into_raw(made)) }
    })
}

/// Frees a pattern. NULL is fine.
///
/// # Safety
/// `pattern` is NULL or from instanter_pattern_new, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_pattern_free(pattern: *mut Pattern) {
    if !pattern.is_null() {
        // SAFETY: from `Box::into_raw` in `instanter_pattern_new`.
        drop(unsafe { Box::from_raw(pattern) });
    }
}

/// Writes a moment, in seconds since 1970 and nanoseconds, as the clocks of a zone show it,
/// in the form of a pattern.
///
/// Async-signal-safe.
///
/// # Safety
/// `pattern` is NULL or from instanter_pattern_new; `buffer` is NULL or has `capacity`
/// bytes; `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_pattern_format(
    pattern: *const Pattern,
    seconds: i64,
    nanoseconds: u32,
    zone: ZoneHandle,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let pattern = unsafe { pattern.as_ref() }.ok_or(Status::Null)?;
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        format(&pattern.compiled, (seconds, nanoseconds), zone, room)
    })
}

/// Writes a moment as instanter_pattern_format does, by a pattern of strftime that is
/// compiled each time: for one that is used once.
///
/// # Safety
/// `pattern` is NULL or ends in NUL; the rest as instanter_pattern_format.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_strftime(
    seconds: i64,
    nanoseconds: u32,
    zone: ZoneHandle,
    pattern: *const c_char,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let pattern = unsafe { c_text(pattern) }?;
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        let compiled = civil::Pattern::strftime(pattern).map_err(|error| tell(&error))?;
        format(&compiled, (seconds, nanoseconds), zone, room)
    })
}

fn format(
    pattern: &civil::Pattern<'_>,
    (seconds, nanoseconds): (i64, u32),
    zone: ZoneHandle,
    room: Room,
) -> Outcome {
    check_nanoseconds(nanoseconds)?;
    let kind = zone_of(zone)?.at(seconds);
    let offset = offset_of(kind.offset_s)?;
    let local = DateTime::from_unix(seconds, nanoseconds, offset);
    let abbreviation = Some(kind.abbreviation.as_str());
    // Most texts are short, and then written without being looked at as UTF-8.
    let mut short = [0; 64];
    match pattern.write(&mut short, local, offset, abbreviation) {
        Ok(length) => room.put(short.get(..length).unwrap_or_default()),
        Err(error) if error.is_room() => {
            // What else may fail: Unix seconds beyond 64 bits.
            room.put_shown(&pattern.display(local, offset, abbreviation), Status::Range)
        }
        Err(error) => Err(error.status()),
    }
}

/// Reads a text in the form of a pattern, all of `length` bytes.
///
/// An offset or Unix seconds in the text tell the moment, and `zone` only where it is shown.
/// Without them the text is a local time of `zone`; one that the zone has twice is
/// decided by an abbreviation in the text, else by `policy`, an instanter_policy.
///
/// # Safety
/// `pattern` is NULL or from instanter_pattern_new; `text` is NULL or has `length`
/// bytes; `parsed` is NULL or points to an instanter_parsed whose `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_pattern_parse(
    pattern: *const Pattern,
    text: *const c_char,
    length: usize,
    zone: ZoneHandle,
    policy: i32,
    parsed: *mut Parsed,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let pattern = unsafe { pattern.as_ref() }.ok_or(Status::Null)?;
        // SAFETY: the caller's promise.
        let text = unsafe { self::text(text, length) }?;
        // SAFETY: the caller's promise.
        unsafe { put_read(parsed, || parse(&pattern.compiled, text, zone, policy)) }
    })
}

/// Reads a text as instanter_pattern_parse does, by a pattern of strptime that is compiled
/// each time.
///
/// # Safety
/// `pattern` is NULL or ends in NUL; the rest as instanter_pattern_parse.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_strptime(
    text: *const c_char,
    length: usize,
    pattern: *const c_char,
    zone: ZoneHandle,
    policy: i32,
    parsed: *mut Parsed,
) -> Status {
    answer(|| {
        // SAFETY: the caller's promise.
        let pattern = unsafe { c_text(pattern) }?;
        // SAFETY: the caller's promise.
        let text = unsafe { self::text(text, length) }?;
        let read = || {
            let compiled = civil::Pattern::strftime(pattern).map_err(|error| tell(&error))?;
            parse(&compiled, text, zone, policy)
        };
        // SAFETY: the caller's promise.
        unsafe { put_read(parsed, read) }
    })
}

fn parse(
    pattern: &civil::Pattern<'_>,
    text: &str,
    zone: ZoneHandle,
    policy: i32,
) -> Result<Parsed, Status> {
    let (zone, policy) = (zone_of(zone)?, policy_of(policy)?);
    fork::expect();
    let zoned = Zoned::parse_as(pattern, text, zone, policy).map_err(|error| tell(&error))?;
    // A moment and a zone that the caller has: not what `Zoned` makes of a reading.
    let time = Time::from_unix(zoned.time().unix_seconds(), zoned.time().nanosecond());
    Ok(time.in_zone(zone).into())
}
