//! Random moments and wall times in all zones, equal to the C library's
//! `localtime_r` and `mktime`.
//!
//! The C library takes its zone from the environment, so this test is a single
//! function in a process of its own.
//!
//! # Where the two differ
//! * `mktime` on a time in a gap or a fold: glibc takes one of the two, depending
//!   on what it converted before. So there its answer must be one of our two, and
//!   everywhere else ours.
//! * Years beyond 5.8 million either way: glibc counts the days of its rules in 32
//!   bits. Beyond 2^31 years a `tm` cannot hold them.
//! * POSIX TZ strings before 1971: glibc takes the transitions of 1970 for those of
//!   every year before ("Is this correct?", asks its source). Rules of a file never
//!   come to that, as the file has transitions.
//! * POSIX TZ strings whose transitions leave their own year: glibc looks at the
//!   UTC year's own two transitions only. No zone has such rules.

// Where `time_t` has 32 bits, it ends in 2038.
#![cfg(target_pointer_width = "64")]

mod oracles;

use std::ffi::CString;

use instanter_zone::{Policy, Resolved, Table};
use oracles::{Random, all, days, zones};

unsafe extern "C" {
    fn tzset();
}

fn empty() -> libc::tm {
    // SAFETY: zeroes are a tm.
    unsafe { std::mem::zeroed() }
}

fn localtime(unix_s: i64) -> libc::tm {
    let mut tm = empty();
    // SAFETY: both point to what they should.
    let done = unsafe { libc::localtime_r(&unix_s, &mut tm) };
    assert!(!done.is_null(), "localtime_r({unix_s})");
    tm
}

fn seconds(tm: &libc::tm) -> i64 {
    days(i64::from(tm.tm_year) + 1900, i64::from(tm.tm_mon) + 1, tm.tm_mday.into()) * 86_400
        + i64::from(tm.tm_hour) * 3600
        + i64::from(tm.tm_min) * 60
        + i64::from(tm.tm_sec)
}

fn abbreviation(tm: &libc::tm) -> String {
    // SAFETY: localtime_r has set it to a text that lives until the zone changes.
    unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }.to_string_lossy().into_owned()
}

fn check_moment(name: &str, table: &Table, unix_s: i64) {
    let want = localtime(unix_s);
    let got = table.at(unix_s);
    let shown = (i64::from(got.offset_s), i32::from(got.is_dst), &*got.abbreviation);
    let zone = abbreviation(&want);
    assert_eq!(shown, (want.tm_gmtoff, want.tm_isdst, &*zone), "{name} at({unix_s})");
    assert_eq!(table.offset_at(unix_s), got.offset_s, "{name} offset_at({unix_s})");
    assert_eq!(unix_s + i64::from(got.offset_s), seconds(&want), "{name} at({unix_s})");
    let interval = table.interval_at(unix_s);
    assert_eq!(interval.local, got, "{name} interval_at({unix_s})");
    assert!(interval.start.is_none_or(|start| start <= unix_s), "{name} {interval:?} {unix_s}");
    assert!(interval.end.is_none_or(|end| unix_s < end), "{name} {interval:?} {unix_s}");
}

/// Returns whether the wall time was in doubt.
fn check_wall(name: &str, table: &Table, local_s: i64, fields: libc::tm) -> bool {
    let mut tm = fields;
    tm.tm_isdst = -1;
    // SAFETY: it points to a tm.
    let want = unsafe { libc::mktime(&mut tm) };
    let resolved = table.resolve(local_s);
    let by = |policy| table.to_unix(local_s, policy).unwrap();
    let (earlier, later) = (by(Policy::Earlier), by(Policy::Later));
    match resolved {
        Resolved::Unambiguous { .. } => {
            assert_eq!(by(Policy::Compatible), want, "{name} to_unix({local_s})");
            assert_eq!(
                (earlier, later, by(Policy::Reject)),
                (want, want, want),
                "{name} {local_s}"
            );
            false
        }
        Resolved::Gap(_) | Resolved::Fold(_) => {
            assert!(
                want == earlier || want == later,
                "{name} to_unix({local_s}): {want}, {resolved:?}"
            );
            assert!(earlier < later, "{name} {local_s}");
            let compatible = if matches!(resolved, Resolved::Gap(_)) { later } else { earlier };
            assert_eq!(by(Policy::Compatible), compatible, "{name} {local_s}");
            assert!(table.to_unix(local_s, Policy::Reject).is_err(), "{name} {local_s}");
            if let Resolved::Fold(change) = resolved {
                // Both must show the wall time, on either side of the transition.
                for unix_s in [earlier, later] {
                    assert_eq!(seconds(&localtime(unix_s)), local_s, "{name} {local_s}");
                }
                assert!(earlier < change.at && change.at <= later, "{name} {local_s} {change:?}");
            } else {
                for unix_s in [earlier, later] {
                    assert_ne!(seconds(&localtime(unix_s)), local_s, "{name} {local_s}");
                }
            }
            true
        }
    }
}

fn main_test() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let (all_zones, count) = (zones(""), if all() { 17_000 } else { 60 });
    let mut tables: Vec<(String, Table)> = all_zones
        .iter()
        .map(|(name, bytes)| (name.clone(), Table::from_tzif(bytes).unwrap()))
        .collect();
    for rules in [
        "EST5EDT",
        "EST5EDT4,M3.2.0/2,M11.1.0/2",
        "<+03>-3",
        "AAA-13:45BBB-14:45,M9.5.0/2:45,M4.1.0/3:45",
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "XYZ3XYT2,J60/0,J300/0",
        "XYZ-3XYT,59/1:30,299/25",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
    ] {
        // The file EST5EDT stands before the rules in both.
        let table = Table::from_posix(rules).unwrap();
        let name = if rules == "EST5EDT" { "EST5EDT,M3.2.0,M11.1.0" } else { rules };
        tables.push((name.into(), table));
    }
    let (mut moments, mut walls, mut doubtful) = (0, 0, 0);
    for (name, table) in &tables {
        let value = CString::new(name.as_str()).unwrap();
        // SAFETY: this process has one thread that reads or writes the environment.
        unsafe {
            libc::setenv(c"TZ".as_ptr(), value.as_ptr(), 1);
            tzset();
        }
        let mut at = Vec::new();
        for _ in 0..count {
            at.push(random.between(-5_000_000_000, 5_000_000_000));
            at.push(random.between(1_400_000_000, 1_900_000_000));
            at.push(random.between(-60_000_000_000, 200_000_000_000));
            at.push(random.between(-180_000_000_000_000, 180_000_000_000_000));
        }
        // Around transitions, where it matters.
        let mut around = Vec::new();
        let step = if all() { 1 } else { 7 };
        let until = table.transitions(-60_000_000_000).take_while(|t| t.at < 6_000_000_000);
        for transition in until.step_by(step).take(3_000) {
            for shift in [-7_200, -3_600, -1, 0, 1, 1_800, 3_600, 90_000] {
                around.push(transition.at + shift);
            }
        }
        if name.contains(',') || name.starts_with(['<', 'X']) {
            at.retain(|&at| at > 31_536_000 * 2);
            around.retain(|&at| at > 31_536_000 * 2);
        }
        for &unix_s in at.iter().chain(&around) {
            check_moment(name, table, unix_s);
            moments += 1;
        }
        for &local_s in at.iter().step_by(2).chain(around.iter().step_by(3)) {
            let local_s = local_s + i64::from(table.offset_at(local_s)) - 1_000;
            let mut fields = empty();
            // SAFETY: both point to what they should.
            unsafe { libc::gmtime_r(&local_s, &mut fields) };
            doubtful += usize::from(check_wall(name, table, local_s, fields));
            walls += 1;
        }
    }
    assert!(doubtful > tables.len(), "{doubtful} of {walls} in doubt");
    println!("{moments} moments, {walls} wall times of which {doubtful} in doubt");
}

#[test]
fn as_the_c_library_has_it() {
    main_test();
}
