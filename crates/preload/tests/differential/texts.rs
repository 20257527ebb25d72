//! Texts: `asctime`, `ctime`, `strftime`.

use std::ffi::{CStr, CString, c_char};
use std::io::Write;
use std::process::Command;

use instanter_preload as ours;
use instanter_preload::next as theirs;
use libc::tm;

use crate::inputs::{Numbers, Tz, all};
use crate::sides::{compare, did, empty, enter, restore};

fn wild(numbers: &mut Numbers) -> tm {
    let mut fields = empty();
    let at = numbers.second();
    // SAFETY: reads one time and fills one tm.
    if numbers.below(3) != 0 && !unsafe { theirs::localtime_r(&at, &mut fields) }.is_null() {
        return fields;
    }
    fields.tm_sec = numbers.field(60);
    fields.tm_min = numbers.field(60);
    fields.tm_hour = numbers.field(24);
    fields.tm_mday = numbers.field(32);
    fields.tm_mon = numbers.field(12);
    fields.tm_year = numbers.field(200);
    fields.tm_wday = numbers.field(7);
    fields.tm_yday = numbers.field(366);
    fields.tm_isdst = *numbers.one_of(&[-1, 0, 1, 2, -5]);
    fields.tm_gmtoff = match numbers.below(3) {
        0 => numbers.within(-90_000, 90_000),
        1 => numbers.next() as i64,
        _ => i64::from(numbers.field(86_400)),
    };
    fields.tm_zone = match numbers.below(4) {
        0 => std::ptr::null(),
        1 => c"".as_ptr(),
        2 => c"Etwas".as_ptr(),
        _ => c"+0330".as_ptr(),
    };
    fields
}

const ROOM: usize = 400;

/// Calls a function that writes a text, and compares the buffers to the last byte.
fn text(
    tz: &Tz,
    fields: &tm,
    call: impl FnOnce(*mut c_char) -> i64,
) -> (crate::sides::Did, Vec<u8>) {
    let mut buffer = vec![b'#'; ROOM];
    restore();
    let did = did(tz, fields, |_| call(buffer.as_mut_ptr().cast()));
    (did, buffer)
}

fn both(
    differences: &mut Vec<String>,
    what: impl Fn() -> String,
    ours: (crate::sides::Did, Vec<u8>),
    theirs: (crate::sides::Did, Vec<u8>),
) {
    compare(differences, &what, &ours.0, &theirs.0);
    if ours.1 != theirs.1 {
        let show = |bytes: &[u8]| bytes.trim_ascii_end().escape_ascii().to_string();
        differences.push(format!(
            "{}\n    ours   {}\n    theirs {}",
            what(),
            show(&ours.1).trim_end_matches('#'),
            show(&theirs.1).trim_end_matches('#')
        ));
    }
}

pub fn asctime() -> Vec<String> {
    let mut differences = Vec::new();
    let mut numbers = Numbers::new(5);
    let tz = Tz { value: Some("Europe/Berlin".to_owned()), is_file: true };
    enter(&tz);
    for _ in 0..if all() { 1_000_000 } else { 30_000 } {
        let fields = wild(&mut numbers);
        let at = numbers.second();
        // SAFETY: fields, a time, and a buffer that is large enough.
        unsafe {
            let sides = (
                text(&tz, &fields, |to| i64::from(ours::asctime_r(&fields, to).is_null())),
                text(&tz, &fields, |to| i64::from(theirs::asctime_r(&fields, to).is_null())),
            );
            both(&mut differences, || format!("asctime_r({fields:?})"), sides.0, sides.1);
            let copy = |from: *mut c_char, to: *mut c_char| {
                if from.is_null() {
                    return 1;
                }
                libc::strcpy(to, from);
                0
            };
            let sides = (
                text(&tz, &fields, |to| copy(ours::asctime(&fields), to)),
                text(&tz, &fields, |to| copy(theirs::asctime(&fields), to)),
            );
            both(&mut differences, || format!("asctime({fields:?})"), sides.0, sides.1);
            let sides = (
                text(&tz, &fields, |to| copy(ours::ctime(&at), to)),
                text(&tz, &fields, |to| copy(theirs::ctime(&at), to)),
            );
            both(&mut differences, || format!("ctime({at})"), sides.0, sides.1);
            // Of what cannot be converted glibc's ctime_r writes nothing, as ours.
            let sides = (
                text(&tz, &fields, |to| i64::from(ours::ctime_r(&at, to).is_null())),
                text(&tz, &fields, |to| i64::from(theirs::ctime_r(&at, to).is_null())),
            );
            both(&mut differences, || format!("ctime_r({at})"), sides.0, sides.1);
        }
        if differences.len() > 10 {
            break;
        }
    }
    // SAFETY: null is allowed.
    unsafe {
        let sides = (
            did(&tz, &empty(), |_| i64::from(ours::asctime(std::ptr::null()).is_null())),
            did(&tz, &empty(), |_| i64::from(theirs::asctime(std::ptr::null()).is_null())),
        );
        compare(&mut differences, || "asctime(null)".to_owned(), &sides.0, &sides.1);
    }
    differences
}

fn format(numbers: &mut Numbers) -> CString {
    const COMMON: [&str; 9] = [
        "%Y-%m-%dT%H:%M:%S%z",
        "%c",
        "%a, %d %b %Y %H:%M:%S %Z",
        "%x %X %p %r",
        "%F %T",
        "%G-W%V-%u %j",
        "%s",
        "%Z %s %x",
        "",
    ];
    if numbers.below(5) == 0 {
        return CString::new(*numbers.one_of(&COMMON)).unwrap();
    }
    let mut format = Vec::new();
    for _ in 0..numbers.below(4) + 1 {
        if numbers.below(3) == 0 {
            format.extend_from_slice(
                numbers.one_of(&["x", " ", "-", "é", "T", "%%", "E%"]).as_bytes(),
            );
        }
        format.push(b'%');
        if numbers.below(3) == 0 {
            for _ in 0..numbers.below(3) {
                format.push(*numbers.one_of(b"_-0^#"));
            }
        }
        if numbers.below(4) == 0 {
            let width = match numbers.below(10) {
                0 => numbers.below(100_000_000_000),
                1 => numbers.below(400),
                _ => numbers.below(24),
            };
            format.extend_from_slice(width.to_string().as_bytes());
        }
        if numbers.below(6) == 0 {
            format.push(*numbers.one_of(b"EO"));
        }
        format.push(match numbers.below(12) {
            0 => 1 + numbers.below(255) as u8,
            _ => *numbers.one_of(b"aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZN+%fiE"),
        });
    }
    if numbers.below(20) == 0 {
        format.push(b'%');
    }
    CString::new(format).unwrap()
}

/// Locales that this machine may have.
const LOCALES: [&CStr; 5] = [c"C", c"POSIX", c"C.UTF-8", c"de_DE.UTF-8", c"ja_JP.UTF-8"];

/// Makes the locales that may not be installed, if this machine can.
fn make_locales() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().ok()?;
    for name in ["de_DE", "ja_JP"] {
        let path = folder.path().join(format!("{name}.UTF-8"));
        // It warns of much, and its status says so.
        let _ = Command::new("localedef").args(["-i", name, "-f", "UTF-8"]).arg(path).output();
    }
    let path = CString::new(folder.path().as_os_str().as_encoded_bytes()).ok()?;
    // SAFETY: texts that end with a zero; there is one thread.
    unsafe { libc::setenv(c"LOCPATH".as_ptr(), path.as_ptr(), 1) };
    Some(folder)
}

pub fn strftime() -> Vec<String> {
    let _locales = make_locales();
    let mut differences = Vec::new();
    let mut numbers = Numbers::new(6);
    let zones = ["Europe/Berlin", "EST5EDT,M3.2.0,M11.1.0", "Nowhere", "right/Asia/Tokyo"];
    for locale in LOCALES {
        // SAFETY: a text that ends with a zero; there is one thread.
        let (found, given) = unsafe {
            (
                !libc::setlocale(libc::LC_ALL, locale.as_ptr()).is_null(),
                libc::newlocale(libc::LC_ALL_MASK, locale.as_ptr(), std::ptr::null_mut()),
            )
        };
        if !found || given.is_null() {
            let _ =
                writeln!(std::io::stderr(), "skipped strftime in {locale:?}: no such locale here");
            continue;
        }
        for zone in zones {
            // Not spoilt, since %Z may take its text from there.
            let tz = Tz { value: Some(zone.to_owned()), is_file: false };
            enter(&tz);
            for _ in 0..if all() { 400_000 } else { 15_000 } {
                let (fields, format) = (wild(&mut numbers), format(&mut numbers));
                let room = match numbers.below(4) {
                    0 => numbers.below(40) as usize,
                    _ => ROOM,
                };
                // In a locale of its own `%s` is the C library's on both sides, and what is
                // left in errno by a search that succeeds depends on the one before.
                let forget = || {
                    if locale.to_bytes().contains(&b'_') {
                        let mut start = tm { tm_year: 70, tm_mday: 1, ..empty() };
                        // SAFETY: fields.
                        unsafe { theirs::mktime(&mut start) };
                    }
                };
                let written = |call: &dyn Fn(*mut c_char) -> usize| {
                    forget();
                    text(&tz, &fields, |to| call(to) as i64)
                };
                let (f, t) = (format.as_ptr(), &raw const fields);
                // SAFETY: so much room, texts that end with a zero, and fields.
                let (sides, sides_l) = unsafe {
                    (
                        (
                            written(&|to| ours::strftime(to, room, f, t)),
                            written(&|to| theirs::strftime(to, room, f, t)),
                        ),
                        (
                            written(&|to| ours::strftime_l(to, room, f, t, given)),
                            written(&|to| theirs::strftime_l(to, room, f, t, given)),
                        ),
                    )
                };
                let what =
                    || format!("{locale:?} TZ={zone} strftime({room}, {format:?}, {fields:?})");
                both(&mut differences, what, sides.0, sides.1);
                let what =
                    || format!("{locale:?} TZ={zone} strftime_l({room}, {format:?}, {fields:?})");
                both(&mut differences, what, sides_l.0, sides_l.1);
                if differences.len() > 20 {
                    return differences;
                }
            }
        }
    }
    // SAFETY: as above.
    unsafe { libc::setlocale(libc::LC_ALL, c"C".as_ptr()) };
    differences
}
