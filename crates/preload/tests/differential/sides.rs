//! What a call did, to be compared.

use std::ffi::{CStr, CString, c_char, c_int, c_long};
use std::sync::Mutex;

use libc::tm;

use crate::inputs::Tz;

unsafe extern "C" {
    static mut tzname: [*mut c_char; 2];
    static mut timezone: c_long;
    static mut daylight: c_int;
}

/// A `tm` of zeros.
pub fn empty() -> tm {
    // SAFETY: numbers, and a pointer that may be null.
    unsafe { std::mem::zeroed() }
}

/// Sets `TZ`, and lets both read it: the first to do so gets an `errno` from the files
/// that are not there.
pub fn enter(tz: &Tz) {
    set(tz);
    // SAFETY: no conditions.
    unsafe {
        instanter_preload::tzset();
        instanter_preload::next::tzset();
        *ENTERED.lock().unwrap() =
            Some((tzname.map(|name| name.expose_provenance()), timezone, daylight));
    }
}

type Variables = ([usize; 2], c_long, c_int);

/// The variables when `TZ` was set last.
static ENTERED: Mutex<Option<Variables>> = Mutex::new(None);

/// Sets the variables to what they were when `TZ` was set last.
pub fn restore() {
    if let Some((names, west_s, is_daylight)) = *ENTERED.lock().unwrap() {
        // SAFETY: there is one thread; the addresses are those of texts that stay.
        unsafe {
            tzname = names.map(std::ptr::with_exposed_provenance_mut);
            timezone = west_s;
            daylight = is_daylight;
        }
    }
}

/// Sets `TZ`.
pub fn set(tz: &Tz) {
    match &tz.value {
        Some(value) => {
            let value = CString::new(value.as_str()).unwrap();
            // SAFETY: texts that end with a zero; there is one thread.
            unsafe { libc::setenv(c"TZ".as_ptr(), value.as_ptr(), 1) };
        }
        // SAFETY: as above.
        None => unsafe {
            libc::unsetenv(c"TZ".as_ptr());
        },
    }
}

fn text(text: *const c_char) -> String {
    if text.is_null() {
        return "null".to_owned();
    }
    // SAFETY: a text of the C library or of ours.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Spoils the variables, so that it shows who sets them. glibc takes the names of a zone
/// without a file from them.
pub fn spoil(tz: &Tz) {
    if tz.is_file {
        // SAFETY: there is one thread.
        unsafe {
            tzname = [c"spoilt".as_ptr().cast_mut(); 2];
            timezone = 7;
            daylight = 9;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Fields {
    numbers: [i64; 10],
    zone: String,
}

impl Fields {
    pub fn of(tm: &tm) -> Fields {
        let numbers = [
            tm.tm_year,
            tm.tm_mon,
            tm.tm_mday,
            tm.tm_hour,
            tm.tm_min,
            tm.tm_sec,
            tm.tm_wday,
            tm.tm_yday,
            tm.tm_isdst,
        ];
        let mut all = [tm.tm_gmtoff; 10];
        for (place, number) in all.iter_mut().zip(numbers) {
            *place = i64::from(number);
        }
        Fields { numbers: all, zone: text(tm.tm_zone) }
    }
}

/// Everything that a call may change.
#[derive(Debug, PartialEq, Eq)]
pub struct Did {
    pub result: i64,
    pub errno: i32,
    pub fields: Fields,
    pub names: [String; 2],
    pub west_s: i64,
    pub daylight: i32,
}

/// Calls a function on a copy of the fields.
pub fn did(tz: &Tz, fields: &tm, call: impl FnOnce(&mut tm) -> i64) -> Did {
    let mut fields = *fields;
    spoil(tz);
    // SAFETY: this thread's errno; the variables as above.
    unsafe {
        *libc::__errno_location() = 0;
        let result = call(&mut fields);
        let errno = *libc::__errno_location();
        let names = tzname;
        Did {
            result,
            errno,
            fields: Fields::of(&fields),
            names: names.map(|name| text(name)),
            west_s: timezone,
            daylight,
        }
    }
}

/// Compares, and describes the difference.
pub fn compare(
    differences: &mut Vec<String>,
    what: impl FnOnce() -> String,
    ours: &Did,
    theirs: &Did,
) {
    if ours != theirs {
        differences.push(format!("{}\n    ours   {ours:?}\n    theirs {theirs:?}", what()));
    }
}
