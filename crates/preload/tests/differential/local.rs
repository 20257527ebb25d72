//! From Unix time.

use instanter_preload as ours;
use instanter_preload::next as theirs;

use crate::inputs::{EDGES, Numbers, Tz, all, zones};
use crate::sides::{compare, did, empty, set};

/// Until somebody else reads `TZ`, the first call does; `localtime_r` not again.
pub fn first_call() -> Vec<String> {
    let mut differences = Vec::new();
    let tz = |value: &str| Tz { value: Some(value.to_owned()), is_file: true };
    set(&tz("Asia/Tokyo"));
    // Not spoilt: the first call alone sets them.
    let unspoilt = Tz { value: None, is_file: false };
    let at = 1_720_000_000;
    // SAFETY: reads one time and fills one tm, here and below.
    let first =
        did(&unspoilt, &empty(), |to| unsafe { i64::from(ours::gmtime_r(&at, to).is_null()) });
    if (first.names[0].as_str(), first.west_s) != ("JST", -32_400) {
        differences.push(format!("gmtime_r first: {first:?}"));
    }
    set(&tz("America/New_York"));
    // SAFETY: as above.
    let (ours, theirs) = unsafe {
        (
            did(&unspoilt, &empty(), |to| i64::from(ours::localtime_r(&at, to).is_null())),
            did(&unspoilt, &empty(), |to| i64::from(theirs::localtime_r(&at, to).is_null())),
        )
    };
    compare(&mut differences, || "localtime_r reads TZ once".to_owned(), &ours, &theirs);
    if ours.west_s != -32_400 {
        differences.push(format!("localtime_r has read TZ again: {ours:?}"));
    }
    differences
}

fn moments(numbers: &mut Numbers) -> Vec<i64> {
    let count = if all() { 20_000 } else { 1_000 };
    let edges = EDGES.into_iter().flat_map(|at| (-2..=2).map(move |by| at.saturating_add(by)));
    let random = (0..count).map(|_| numbers.second());
    edges.chain(random.collect::<Vec<_>>()).collect()
}

/// The edges of a zone's transitions, with the functions of the C library.
fn edges() -> Vec<i64> {
    let offset = |at: i64| {
        let mut fields = empty();
        // SAFETY: reads one time and fills one tm.
        unsafe { theirs::localtime_r(&at, &mut fields) };
        (fields.tm_gmtoff, fields.tm_isdst, fields.tm_zone)
    };
    let mut edges = Vec::new();
    let step = 40 * 86_400;
    let mut at = -2_500_000_000;
    while at < 4_200_000_000 {
        if offset(at) != offset(at + step) {
            let (mut before, mut after) = (at, at + step);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if offset(middle) == offset(at) { before = middle } else { after = middle }
            }
            edges.extend([before, after]);
        }
        at += step;
    }
    edges
}

pub fn to_local() -> Vec<String> {
    let mut differences = Vec::new();
    let mut numbers = Numbers::new(1);
    for tz in zones() {
        set(&tz);
        let before = differences.len();
        for step in 0..3 {
            // SAFETY: no conditions.
            let ours = did(&tz, &empty(), |_| unsafe {
                ours::tzset();
                0
            });
            // SAFETY: as above.
            let theirs = did(&tz, &empty(), |_| unsafe {
                theirs::tzset();
                0
            });
            // A zone that is new to both: ours lets the C library set the variables, and
            // then they are equal already.
            if step > 0 {
                compare(&mut differences, || format!("TZ={:?} tzset", tz.value), &ours, &theirs);
            }
        }
        let mut moments = moments(&mut numbers);
        moments.extend(edges());
        for at in moments {
            // SAFETY: reads one time and fills one tm, or answers with the shared one.
            unsafe {
                let reentrant = (
                    did(&tz, &empty(), |to| i64::from(ours::localtime_r(&at, to).is_null())),
                    did(&tz, &empty(), |to| i64::from(theirs::localtime_r(&at, to).is_null())),
                );
                compare(
                    &mut differences,
                    || format!("TZ={:?} localtime_r({at})", tz.value),
                    &reentrant.0,
                    &reentrant.1,
                );
                let shared = (
                    did(&tz, &empty(), |to| {
                        ours::localtime(&at).as_ref().map_or(1, |from| {
                            *to = *from;
                            0
                        })
                    }),
                    did(&tz, &empty(), |to| {
                        theirs::localtime(&at).as_ref().map_or(1, |from| {
                            *to = *from;
                            0
                        })
                    }),
                );
                compare(
                    &mut differences,
                    || format!("TZ={:?} localtime({at})", tz.value),
                    &shared.0,
                    &shared.1,
                );
            }
            if differences.len() > before + 3 {
                break;
            }
        }
    }
    differences
}

pub fn to_utc() -> Vec<String> {
    let mut differences = Vec::new();
    let mut numbers = Numbers::new(2);
    for name in ["Europe/Berlin", "right/Europe/Berlin", "EST5", "Nowhere"] {
        let tz = Tz { value: Some(name.to_owned()), is_file: false };
        set(&tz);
        // SAFETY: as in `to_local`.
        unsafe {
            ours::tzset();
            theirs::tzset();
            let mut moments = moments(&mut numbers);
            moments.extend((0..if all() { 2_000_000 } else { 50_000 }).map(|_| numbers.second()));
            for at in moments {
                let sides = (
                    did(&tz, &empty(), |to| i64::from(ours::gmtime_r(&at, to).is_null())),
                    did(&tz, &empty(), |to| i64::from(theirs::gmtime_r(&at, to).is_null())),
                );
                compare(
                    &mut differences,
                    || format!("TZ={name} gmtime_r({at})"),
                    &sides.0,
                    &sides.1,
                );
                let sides = (
                    did(&tz, &empty(), |to| {
                        ours::gmtime(&at).as_ref().map_or(1, |from| {
                            *to = *from;
                            0
                        })
                    }),
                    did(&tz, &empty(), |to| {
                        theirs::gmtime(&at).as_ref().map_or(1, |from| {
                            *to = *from;
                            0
                        })
                    }),
                );
                compare(&mut differences, || format!("TZ={name} gmtime({at})"), &sides.0, &sides.1);
            }
            let shared = std::ptr::eq(ours::gmtime(&0), ours::localtime(&0));
            if !shared {
                differences.push("gmtime and localtime do not share their buffer".to_owned());
            }
        }
    }
    differences
}
