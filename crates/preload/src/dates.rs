//! The calendar: `localtime`, `mktime`, `strftime` and their relatives.

use core::cell::UnsafeCell;
use core::ffi::c_char;
use core::sync::atomic::AtomicI64;

use libc::{locale_t, size_t, tm};

use crate::strftime::{Ask, Call, Locale, Stop};
use crate::variables::{Caller, Variables};
use crate::zone::Zone;
use crate::{ascii, calendar, current, errno, make, next};

/// A buffer that the C interface lets all callers share, threads or not.
struct Shared<T>(UnsafeCell<T>);

// SAFETY: who may use it when is what the C interface says, as for the C library's own.
unsafe impl<T> Sync for Shared<T> {}

/// What `gmtime` and `localtime` answer with.
static FIELDS: Shared<core::mem::MaybeUninit<tm>> =
    Shared(UnsafeCell::new(core::mem::MaybeUninit::zeroed()));

/// What `asctime` and `ctime` answer with.
static TEXT: Shared<[u8; ascii::SHARED_ROOM]> = Shared(UnsafeCell::new([0; ascii::SHARED_ROOM]));

/// How far local time was behind Unix time when `mktime` was called last; and UTC, which
/// is so only beyond the years that fit.
static LOCAL_GUESS_S: AtomicI64 = AtomicI64::new(0);
static UTC_GUESS_S: AtomicI64 = AtomicI64::new(0);

fn or_null<T>(done: bool, to: *mut T) -> *mut T {
    if done { to } else { core::ptr::null_mut() }
}

/// Does what `tzset` does.
fn set_zone() -> &'static Zone {
    let zone = current::unchanged().unwrap_or_else(current::refresh);
    match (&zone.known, &zone.on_tzset) {
        (None, _) => hand_on_tzset(),
        (_, Some(variables)) => variables.set_by_tzset(),
        _ => {}
    }
    zone
}

#[cold]
fn hand_on_tzset() {
    // SAFETY: as if the program called it.
    unsafe { next::tzset() }
}

#[inline(never)]
fn make_local(fields: &mut tm) -> i64 {
    make::unix_of(fields, calendar::Local(set_zone()), &LOCAL_GUESS_S).unwrap_or(-1)
}

#[inline(never)]
fn make_utc(fields: &mut tm) -> i64 {
    make::unix_of(fields, calendar::Utc, &UTC_GUESS_S).unwrap_or(-1)
}

/// Converts to UTC.
///
/// # Safety
/// As C's `gmtime_r`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gmtime_r(at: *const i64, to: *mut tm) -> *mut tm {
    // SAFETY: as the C interface demands; all fields are plain numbers, and a pointer.
    unsafe { if calendar::to_recent_utc(*at, &mut *to) { to } else { any_gmtime_r(at, to) } }
}

/// The same for all times and zones.
///
/// # Safety
/// As C's `gmtime_r`.
#[cold]
#[inline(never)]
unsafe extern "C" fn any_gmtime_r(at: *const i64, to: *mut tm) -> *mut tm {
    // SAFETY: as the caller passed it.
    or_null(unsafe { calendar::to_utc(*at, to) }, to)
}

/// The same, under the other name that glibc has for it.
///
/// # Safety
/// As C's `gmtime_r`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __gmtime_r(at: *const i64, to: *mut tm) -> *mut tm {
    // SAFETY: as the caller passed it.
    unsafe { gmtime_r(at, to) }
}

/// Converts to UTC, into the buffer that `localtime` shares.
///
/// # Safety
/// As C's `gmtime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gmtime(at: *const i64) -> *mut tm {
    // SAFETY: as the C interface demands; the buffer is there for good.
    unsafe { gmtime_r(at, FIELDS.0.get().cast()) }
}

/// Converts to local time. Reads `TZ` only if nobody has yet.
///
/// # Safety
/// As C's `localtime_r`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn localtime_r(at: *const i64, to: *mut tm) -> *mut tm {
    // SAFETY: as the C interface demands; all fields are plain numbers, and a pointer.
    unsafe {
        let done = calendar::to_recent_local(current::at_hand(), *at, &mut *to);
        if done { to } else { any_localtime_r(at, to) }
    }
}

/// The same for all times and zones.
///
/// # Safety
/// As C's `localtime_r`.
#[cold]
#[inline(never)]
unsafe extern "C" fn any_localtime_r(at: *const i64, to: *mut tm) -> *mut tm {
    // SAFETY: as the caller passed it.
    or_null(unsafe { calendar::to_local(current::zone(), *at, to, Caller::Reentrant) }, to)
}

/// Converts to local time, into the buffer that `gmtime` shares.
///
/// # Safety
/// As C's `localtime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn localtime(at: *const i64) -> *mut tm {
    let to: *mut tm = FIELDS.0.get().cast();
    // SAFETY: as the C interface demands; the buffer is there for good.
    unsafe {
        match current::unchanged() {
            Some(zone) if calendar::to_recent_local(zone, *at, &mut *to) => to,
            _ => any_localtime(at, to),
        }
    }
}

/// The same for all times and zones, and where the zone has changed.
///
/// # Safety
/// As C's `localtime`; a `tm` must be writable at `to`.
#[cold]
#[inline(never)]
unsafe extern "C" fn any_localtime(at: *const i64, to: *mut tm) -> *mut tm {
    let zone = current::refresh();
    if zone.known.is_none() {
        // SAFETY: as the caller passed it.
        return unsafe { hand_on_localtime(at, to) };
    }
    // SAFETY: as the caller passed it.
    or_null(unsafe { calendar::to_local(zone, *at, to, Caller::Shared) }, to)
}

/// # Safety
/// As C's `localtime`; a `tm` must be writable at `to`.
#[cold]
unsafe fn hand_on_localtime(at: *const i64, to: *mut tm) -> *mut tm {
    // SAFETY: as the caller passed it; what comes back is null or fields.
    unsafe {
        let from = next::localtime(at);
        if from.is_null() {
            return from;
        }
        *to = *from;
    }
    to
}

/// Converts from local time, and puts all fields into their ranges.
///
/// # Safety
/// As C's `mktime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mktime(fields: *mut tm) -> i64 {
    // SAFETY: as the C interface demands.
    let fields = unsafe { &mut *fields };
    let soon = match current::unchanged() {
        Some(zone) => make::recent_unix_of(fields, zone, &LOCAL_GUESS_S),
        None => None,
    };
    match soon {
        Some(unix_s) => unix_s,
        None => make_local(fields),
    }
}

/// The same, under its other name.
///
/// # Safety
/// As C's `mktime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timelocal(fields: *mut tm) -> i64 {
    // SAFETY: as the caller passed it.
    unsafe { mktime(fields) }
}

/// Converts from UTC, and puts all fields into their ranges.
///
/// # Safety
/// As C's `timegm`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timegm(fields: *mut tm) -> i64 {
    // SAFETY: as the C interface demands.
    let fields = unsafe { &mut *fields };
    fields.tm_isdst = 0;
    match make::recent_unix_of_utc(fields, &UTC_GUESS_S) {
        Some(unix_s) => unix_s,
        None => make_utc(fields),
    }
}

/// Reads `TZ`, and sets `tzname`, `timezone` and `daylight`.
///
/// # Safety
/// None is needed; it is marked so as to be what C's is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tzset() {
    set_zone();
}

/// # Safety
/// As C's `asctime_r`, with so much room.
unsafe fn text_of(fields: *const tm, to: *mut c_char, room: usize) -> *mut c_char {
    // SAFETY: as the C interface demands: null, or fields.
    let Some(fields) = (unsafe { fields.as_ref() }) else {
        errno::set(libc::EINVAL);
        return core::ptr::null_mut();
    };
    // SAFETY: the caller says so.
    if unsafe { ascii::write(fields, to.cast(), room) } { to } else { core::ptr::null_mut() }
}

/// Writes a date as a line of text.
///
/// # Safety
/// As C's `asctime_r`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn asctime_r(fields: *const tm, to: *mut c_char) -> *mut c_char {
    // SAFETY: as the C interface demands.
    unsafe { text_of(fields, to, ascii::ROOM) }
}

/// Writes a date as a line of text, into the buffer that `ctime` shares.
///
/// # Safety
/// As C's `asctime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn asctime(fields: *const tm) -> *mut c_char {
    // SAFETY: as the C interface demands; the buffer is there for good.
    unsafe { text_of(fields, TEXT.0.get().cast(), ascii::SHARED_ROOM) }
}

/// Writes a local time as a line of text, into the buffer that `asctime` shares.
///
/// # Safety
/// As C's `ctime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ctime(at: *const i64) -> *mut c_char {
    // SAFETY: as the caller passed it.
    unsafe { asctime(localtime(at)) }
}

/// Writes a local time as a line of text.
///
/// # Safety
/// As C's `ctime_r`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ctime_r(at: *const i64, to: *mut c_char) -> *mut c_char {
    let mut fields = make::empty();
    // SAFETY: as the caller passed it.
    unsafe { asctime_r(localtime_r(at, &raw mut fields), to) }
}

/// What `strftime` asks: once a call it sets the zone.
struct Zones {
    is_set: bool,
}

impl Ask for Zones {
    fn tzname(&mut self) -> [*const c_char; 2] {
        if !self.is_set {
            set_zone();
            self.is_set = true;
        }
        Variables::read().names
    }

    fn mktime(&mut self, fields: &mut tm) -> i64 {
        make_local(fields)
    }
}

/// # Safety
/// As C's `strftime`.
#[inline(always)]
unsafe fn write(
    to: *mut c_char,
    room: size_t,
    format: *const c_char,
    fields: *const tm,
    locale: Locale,
) -> Result<usize, Stop> {
    // SAFETY: as the C interface demands.
    unsafe {
        let ask = Zones { is_set: false };
        let mut call = Call { fields: &*fields, locale, ask, is_c: None, has_names_of_c: None };
        call.write(to.cast(), room, format)
    }
}

/// Writes a date as the format says.
///
/// # Safety
/// As C's `strftime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strftime(
    to: *mut c_char,
    room: size_t,
    format: *const c_char,
    fields: *const tm,
) -> size_t {
    // SAFETY: as the caller passed it.
    unsafe {
        match write(to, room, format, fields, Locale::Current) {
            Ok(length) => length,
            Err(Stop::Full) => 0,
            Err(Stop::Elsewhere) => next::strftime(to, room, format, fields),
        }
    }
}

/// Writes a date as the format says, in a locale.
///
/// # Safety
/// As C's `strftime_l`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strftime_l(
    to: *mut c_char,
    room: size_t,
    format: *const c_char,
    fields: *const tm,
    locale: locale_t,
) -> size_t {
    // SAFETY: as the caller passed it.
    unsafe {
        match write(to, room, format, fields, Locale::Given(locale)) {
            Ok(length) => length,
            Err(Stop::Full) => 0,
            Err(Stop::Elsewhere) => next::strftime_l(to, room, format, fields, locale),
        }
    }
}

/// The same, under the other name that glibc has for it.
///
/// # Safety
/// As C's `strftime_l`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __strftime_l(
    to: *mut c_char,
    room: size_t,
    format: *const c_char,
    fields: *const tm,
    locale: locale_t,
) -> size_t {
    // SAFETY: as the caller passed it.
    unsafe { strftime_l(to, room, format, fields, locale) }
}
