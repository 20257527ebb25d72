//! `zone`: its transitions are zdump's, and it tells where a zone was found.

use std::process::Command;

use predicates::str::contains;

use super::{instanter, json, skipped, text};

/// What zdump prints; nothing where there is no zdump, or one of another make, or
/// it has no zones.
fn zdump(args: &[&str]) -> Option<String> {
    let version = Command::new("zdump").arg("--version").output().ok()?;
    std::path::Path::new("/usr/share/zoneinfo/Europe/London").exists().then_some(())?;
    // Others print the ends of time in other words.
    String::from_utf8_lossy(&version.stdout).contains("GLIBC").then_some(())?;
    let output = Command::new("zdump").arg("-v").args(args).output().ok()?;
    String::from_utf8(output.stdout).ok()
}

fn compare(test: &str, name: &str, years: Option<(&str, &str)>) -> bool {
    let mut ours = vec!["zone", name, "--transitions"];
    let cut = years.map(|(from, to)| format!("{from},{to}"));
    let mut theirs = Vec::new();
    if let (Some((from, to)), Some(cut)) = (years, &cut) {
        ours.extend(["--from", from, "--to", to]);
        theirs.extend(["-c", cut]);
    }
    theirs.push(name);
    let Some(want) = zdump(&theirs) else {
        skipped(
            test,
            &format!("{name} and all others: there is no zdump of glibc, or no zoneinfo"),
        );
        return false;
    };
    let got = text(&mut instanter(&ours));
    for (got, want) in got.lines().zip(want.lines()) {
        assert_eq!(got, want, "zone {name} {years:?}");
    }
    assert_eq!(got.len(), want.len(), "zone {name} {years:?}");
    true
}

#[test]
fn transitions_are_those_of_zdump() {
    let test = "transitions_are_those_of_zdump";
    let Ok(table) = std::fs::read_to_string("/usr/share/zoneinfo/zone.tab") else {
        return skipped(test, "there is no /usr/share/zoneinfo/zone.tab");
    };
    let names: Vec<&str> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').nth(2))
        .collect();
    assert!(names.len() > 300, "{names:?}");
    // All of them take minutes, most of them zdump's.
    let step = if std::env::var_os("INSTANTER_TEST_ALL").is_some() { 1 } else { 9 };
    // Names of rules, offsets to the minute and by half an hour, summer time below
    // standard time and at night's end, days left out, days of 24 hours' offset.
    let odd = [
        "EST5EDT",
        "Etc/UTC",
        "UTC",
        "Factory",
        "Etc/GMT-14",
        "Etc/GMT+12",
        "Africa/Monrovia",
        "Antarctica/Troll",
        "America/Nuuk",
        "America/Juneau",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Asia/Manila",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Pacific/Apia",
        "Pacific/Kiritimati",
    ];
    for name in names.iter().step_by(step).chain(&odd) {
        if !compare(test, name, Some(("1960", "2040"))) {
            return;
        }
    }
}

#[test]
fn transitions_of_all_years() {
    let test = "transitions_of_all_years";
    for (name, years) in [
        ("Africa/Casablanca", None),
        ("Asia/Gaza", Some(("1890", "2110"))),
        ("America/New_York", Some(("-500", "1890"))),
        ("Europe/Berlin", Some(("2480", "2600"))),
        ("Australia/Sydney", Some(("1000000", "1000050"))),
        ("/usr/share/zoneinfo/Europe/London", Some(("1910", "1950"))),
    ] {
        if !compare(test, name, years) {
            return;
        }
    }
}

/// The C library takes rules to hold from 1970 on; here they hold for all years.
#[test]
fn transitions_of_rules() {
    for rules in [
        "EST5EDT,M3.2.0,M11.1.0",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
        "CET-1CEST,J60/26,300/2",
        "XYZ24",
        "<XYZ>-24",
        "<+1245>-12:45",
    ] {
        if !compare("transitions_of_rules", rules, Some(("1971", "2040"))) {
            return;
        }
    }
}

#[test]
fn where_a_zone_was_found() {
    let table: &[(&[&str], &str, &str)] = &[
        (&["europe/berlin"], "Europe/Berlin", "file"),
        (&["EST5EDT,M3.2.0,M11.1.0"], "EST5EDT,M3.2.0,M11.1.0", "posix"),
        (&["utc"], "UTC", "fixed"),
        (&["--", "-03:30"], "-03:30", "fixed"),
    ];
    for (args, name, origin) in table {
        let report = json(instanter(&["zone", "--json"]).args(*args));
        let got = (report["zone"].as_str(), report["origin"].as_str());
        let from_file = report["origin"] == "embedded" && *origin == "file";
        assert!(got.0 == Some(name) && (got.1 == Some(origin) || from_file), "{args:?}: {report}");
        assert!(report["how"].is_null(), "{report}");
    }
}

#[test]
fn the_local_zone() {
    let table = [
        ("Asia/Kathmandu", "Asia/Kathmandu", 0, 20_700),
        (":Asia/Kathmandu", "Asia/Kathmandu", 0, 20_700),
        ("<+0545>-5:45", "<+0545>-5:45", 0, 20_700),
        ("", "UTC", 0, 0),
        ("Mars/Olympus", "UTC", 1, 0),
    ];
    for (tz, zone, code, offset_s) in table {
        for args in [&["zone", "--json"][..], &["zone", "local", "--json"]] {
            let report = json(instanter(args).env("TZ", tz));
            assert_eq!(report["zone"], zone, "TZ={tz:?}");
            assert_eq!(report["offset_s"], offset_s, "TZ={tz:?}");
            let how = report["how"].as_str().unwrap_or_default();
            assert!(how.contains(&format!("TZ={tz:?}")), "TZ={tz:?}: {how}");
        }
        instanter(&["zone"]).env("TZ", tz).assert().code(code).stderr("");
    }
}

#[test]
fn tzdir_is_searched_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tokyo = folder.path().join("Tokyo");
    if std::fs::copy("/usr/share/zoneinfo/Asia/Tokyo", &tokyo).is_err() {
        return skipped("tzdir_is_searched_first", "there is no /usr/share/zoneinfo");
    }
    let report = json(instanter(&["zone", "tokyo", "--json"]).env("TZDIR", folder.path()));
    assert_eq!(report["path"], tokyo.to_str().expect("a UTF-8 path"), "{report}");
}

#[test]
fn next_and_previous_enclose_now() {
    let report = json(&mut instanter(&["zone", "EST5EDT,M3.2.0,M11.1.0", "--json"]));
    let at = |change: &str| -> i64 {
        let text = report[change]["at"].as_str().expect("a string");
        text.parse().expect("a number")
    };
    let now = report["unix_seconds"].as_i64().expect("a number");
    assert!(at("previous") <= now && now < at("next"), "{report}");
    assert_eq!(report["next"]["before"], report["previous"]["after"], "{report}");
    assert_eq!(report["next"]["before"]["abbreviation"], report["abbreviation"], "{report}");
}

#[test]
fn the_list_is_sorted() {
    let list = text(&mut instanter(&["zone", "--list"]));
    let names: Vec<&str> = list.lines().collect();
    assert!(names.len() > 400 && names.is_sorted(), "{} names", names.len());
    for name in ["Africa/Abidjan", "America/Argentina/Ushuaia", "UTC", "Zulu"] {
        assert!(names.contains(&name), "{name}");
    }
    let report = json(&mut instanter(&["zone", "--list", "--json"]));
    assert_eq!(report["names"].as_array().map(Vec::len), Some(names.len()));
    instanter(&["zone", "Europe/Berlin"]).assert().code(0).stdout(contains("Europe/Berlin"));
}
