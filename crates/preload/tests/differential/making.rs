//! To Unix time.

use instanter_preload as ours;
use instanter_preload::next as theirs;
use libc::tm;

use crate::inputs::{Numbers, Tz, all, zones};
use crate::sides::{compare, did, empty, enter};

/// Fields without sense, mostly within their ranges.
fn wild(numbers: &mut Numbers) -> tm {
    let mut fields = empty();
    fields.tm_sec = numbers.field(60);
    fields.tm_min = numbers.field(60);
    fields.tm_hour = numbers.field(24);
    fields.tm_mday = numbers.field(32);
    fields.tm_mon = numbers.field(12);
    fields.tm_year = numbers.field(200);
    fields.tm_wday = numbers.field(7);
    fields.tm_yday = numbers.field(366);
    fields.tm_isdst = *numbers.one_of(&[-1, -1, -1, 0, 0, 1, 1, 2, -5, i32::MAX, i32::MIN]);
    fields
}

/// Fields near a transition: of a moment of the other side.
fn near(numbers: &mut Numbers) -> tm {
    let mut at = numbers.within(-1_800_000_000, 4_300_000_000);
    let mut fields = empty();
    // SAFETY: reads one time and fills one tm.
    unsafe {
        theirs::localtime_r(&at, &mut fields);
        let offset = fields.tm_gmtoff;
        // To the next transition within a year, if there is one.
        for _ in 0..12 {
            let mut next = empty();
            let there = at + 31 * 86_400;
            theirs::localtime_r(&there, &mut next);
            if next.tm_gmtoff != offset {
                let (mut before, mut after) = (at, there);
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    theirs::localtime_r(&middle, &mut next);
                    if next.tm_gmtoff == offset { before = middle } else { after = middle }
                }
                at = after;
                break;
            }
            at = there;
        }
        let shown = at + offset + numbers.within(-8_000, 8_000);
        theirs::gmtime_r(&shown, &mut fields);
    }
    fields.tm_isdst = *numbers.one_of(&[-1, -1, 0, 1, 3]);
    if numbers.below(4) == 0 {
        fields.tm_sec = numbers.field(60);
    }
    fields
}

pub fn to_unix() -> Vec<String> {
    let mut differences = Vec::new();
    let mut numbers = Numbers::new(3);
    for tz in zones() {
        enter(&tz);
        let before = differences.len();
        for turn in 0..if all() { 3_000 } else { 500 } {
            let fields = if turn % 2 == 0 { wild(&mut numbers) } else { near(&mut numbers) };
            // SAFETY: reads and writes one tm.
            let sides = unsafe {
                (
                    did(&tz, &fields, |fields| ours::mktime(fields)),
                    did(&tz, &fields, |fields| theirs::mktime(fields)),
                )
            };
            let what = || format!("TZ={:?} mktime({fields:?})", tz.value);
            compare(&mut differences, what, &sides.0, &sides.1);
            if differences.len() > before + 3 {
                break;
            }
        }
    }
    differences
}

pub fn utc_to_unix() -> Vec<String> {
    let mut differences = Vec::new();
    let mut numbers = Numbers::new(4);
    for name in ["Europe/Berlin", "right/Europe/Berlin", "EST5"] {
        let tz = Tz { value: Some(name.to_owned()), is_file: false };
        enter(&tz);
        // SAFETY: reads and writes one tm.
        unsafe {
            for _ in 0..if all() { 1_000_000 } else { 40_000 } {
                let fields = wild(&mut numbers);
                let sides = (
                    did(&tz, &fields, |fields| ours::timegm(fields)),
                    did(&tz, &fields, |fields| theirs::timegm(fields)),
                );
                let what = || format!("TZ={name} timegm({fields:?})");
                compare(&mut differences, what, &sides.0, &sides.1);
            }
        }
    }
    differences
}
