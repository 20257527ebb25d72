//! `strftime` and `strptime` of the C library, in the C locale, against ours.

// Where `time_t` has 32 bits, it ends in 2038.
#![cfg(target_pointer_width = "64")]

mod moments;

use std::ffi::{CStr, CString};

use instanter_civil::{DateTime, Error, Offset, Pattern};
use moments::Random;

/// A broken-down time as C has it.
fn tm(local: DateTime, offset: Offset, zone: &CStr) -> libc::tm {
    let (date, time) = (local.date(), local.time());
    // SAFETY: all bytes zero is a valid `tm`: numbers, and a null pointer.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_year = (date.year() - 1900) as i32;
    tm.tm_mon = i32::from(date.month()) - 1;
    tm.tm_mday = i32::from(date.day());
    tm.tm_yday = i32::from(date.day_of_year()) - 1;
    tm.tm_wday = i32::from(date.weekday().sunday_zero());
    tm.tm_hour = i32::from(time.hour());
    tm.tm_min = i32::from(time.minute());
    tm.tm_sec = i32::from(time.second());
    tm.tm_gmtoff = offset.seconds().into();
    tm.tm_zone = zone.as_ptr();
    tm
}

fn libc_strftime(pattern: &str, tm: &libc::tm) -> String {
    let pattern = CString::new(pattern).unwrap();
    let mut buffer = [0u8; 4096];
    // SAFETY: the buffer has the length that is given, the pattern ends in zero, and
    // the zone's name lives as long as `tm` is used.
    let length =
        unsafe { libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), pattern.as_ptr(), tm) };
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

fn ours(pattern: &str, local: DateTime, offset: Offset, zone: &str) -> Result<String, Error> {
    Ok(Pattern::strftime(pattern)?.display(local, offset, Some(zone)).to_string())
}

/// Every conversion of a single field that the C library has.
const FIELDS: &str = "aAbBCdegGhHIjklmMpPSuUVwWyYZ";

/// Every shorthand.
const SHORTHANDS: &str = "cDFnrRtTxX%";

#[test]
fn strftime_for_every_conversion_flag_and_width() {
    let mut random = Random(20);
    let zone = c"AbC";
    for round in 0..600 {
        let (local, offset) = match round % 4 {
            0 => (random.date_time_in(1970, 2037), random.offset()),
            _ => (random.date_time_in(1000, 9999), random.offset()),
        };
        let tm = tm(local, offset, zone);
        let check = |pattern: &str| {
            let want = libc_strftime(pattern, &tm);
            let got = ours(pattern, local, offset, "AbC").unwrap();
            assert_eq!(got, want, "strftime({pattern:?}) of {local} {offset}");
        };
        for field in FIELDS.chars() {
            for flag in ["", "-", "_", "0", "^", "#"] {
                let width = ["", "1", "2", "3", "5", "11", "30"][random.below(7) as usize];
                check(&format!("%{flag}{width}{field}"));
                check(&format!("%{flag}{field}"));
            }
        }
        for shorthand in SHORTHANDS.chars() {
            check(&format!("%{shorthand}"));
            check(&format!("%^{shorthand}"));
        }
        for pattern in ["%Ec %EC %Ex %EX %Ey %EY", "%Od %Oe %OH %OI %Om %OM %OS %Ou %OU %OV %Ow"] {
            check(pattern);
        }
        check("%Y-%m-%dT%H:%M:%S%z is %A in week %V of %G, día %j");
    }
}

#[test]
fn strftime_for_years_near_zero_and_far_off() {
    let mut random = Random(21);
    for _ in 0..2_000 {
        let local = random.date_time_in(-20_000, 200_000);
        let tm = tm(local, Offset::UTC, c"UTC");
        // The C library pads years to four digits only where it is told to.
        for pattern in ["%-Y", "%5Y", "%_6Y", "%9Y", "%-G", "%7G", "%y", "%g", "%m/%d %a %U %W %V"]
        {
            let want = libc_strftime(pattern, &tm);
            let got = ours(pattern, local, Offset::UTC, "UTC").unwrap();
            assert_eq!(got, want, "strftime({pattern:?}) of {local}");
        }
    }
}

#[test]
fn unix_seconds_are_those_of_mktime() {
    let mut random = Random(22);
    for _ in 0..2_000 {
        let local = random.date_time_in(1902, 9999);
        let mut tm = tm(local, Offset::UTC, c"UTC");
        // SAFETY: `tm` is a valid broken-down time.
        let want = unsafe { libc::timegm(&raw mut tm) };
        assert_eq!(ours("%s", local, Offset::UTC, "UTC").unwrap(), want.to_string());
    }
}

/// The C library's reading, as `YYYY-MM-DDTHH:MM:SS` and offset.
fn libc_strptime(text: &str, pattern: &str) -> Option<(String, i64)> {
    let (c_text, c_pattern) = (CString::new(text).unwrap(), CString::new(pattern).unwrap());
    // SAFETY: as above.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_mday = 1;
    // SAFETY: both strings end in zero; `tm` is written to.
    let end = unsafe { libc::strptime(c_text.as_ptr(), c_pattern.as_ptr(), &raw mut tm) };
    // SAFETY: the end is within the text, or null.
    if end.is_null() || unsafe { *end } != 0 {
        return None;
    }
    let text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        i64::from(tm.tm_year) + 1900,
        tm.tm_mon + 1,
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec
    );
    Some((text, tm.tm_gmtoff))
}

#[test]
fn strptime_reads_what_the_c_library_reads() {
    let patterns = [
        "%Y-%m-%d %H:%M:%S",
        "%Y%m%d%H%M%S",
        "%c",
        "%D %T",
        "%d %b %y %R",
        "%A, %e %B %Y %I:%M:%S %p",
        "%a%n%h%t%d %Y %l:%M%p",
        "%Y %j %k:%M",
        "%F %T %z",
        "%C%y/%m/%d %X",
        "%m/%d/%Y %r",
        "%u %F %R",
        "%w %F",
        "%Y %U %a %H",
        "%Y %W %A %H",
    ];
    let mut random = Random(23);
    let mut read = 0;
    for round in 0..6_000 {
        let pattern = patterns[round % patterns.len()];
        let (low, high) = if pattern.contains("%y") || pattern.contains("%D") {
            (1970, 2067)
        } else {
            (1000, 9999)
        };
        let (local, offset) = (random.date_time_in(low, high), random.offset());
        let mut text = ours(pattern, local, offset, "UTC").unwrap();
        // Small or capital letters, more spaces, or a byte that may be wrong.
        match random.below(5) {
            0 => text = text.to_lowercase(),
            1 => text = text.replace(' ', "  "),
            2 => {
                let place = random.below(text.len() as u64) as usize;
                let byte = [b'0', b'7', b' ', b':', b'x'][random.below(5) as usize];
                text.replace_range(place..=place, str::from_utf8(&[byte]).unwrap());
            }
            _ => {}
        }
        let want = libc_strptime(&text, pattern);
        let fields = Pattern::strftime(pattern).unwrap().parse(&text);
        let Ok(fields) = fields else {
            // Ours refuses more: what contradicts itself, and second 61.
            let error = fields.unwrap_err();
            assert!(want.is_none() || error.is_conflict(), "{text:?} by {pattern:?}: {error}");
            continue;
        };
        let date = match fields.date() {
            Ok(date) => date,
            // And days that are not in the calendar, which mktime would carry.
            Err(error) => {
                assert!(error.is_conflict() || error.is_out_of_range(), "{text:?}: {error}");
                continue;
            }
        };
        let Some((want, gmtoff)) = want else { panic!("{text:?} by {pattern:?} was read") };
        let time = fields.time().unwrap_or_default();
        let got = format!("{date}T{time}");
        if fields.second != Some(60) {
            assert_eq!(got, want, "{text:?} by {pattern:?}");
        }
        if let Some(offset) = fields.offset {
            assert_eq!(i64::from(offset.seconds()), gmtoff, "{text:?} by {pattern:?}");
        }
        read += 1;
    }
    assert!(read > 4_000, "only {read} were read");
}
