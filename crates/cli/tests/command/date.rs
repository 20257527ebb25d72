//! `date`: what GNU date answers, and what it has no answer to.

use std::process::Command;

use predicates::str::contains;

use super::{instanter, json, skipped, text};

/// What GNU date prints; nothing where there is none, or it has no zones.
fn gnu(zone: &str, text: &str, format: &str) -> Option<String> {
    let version = Command::new("date").arg("--version").output().ok()?;
    std::path::Path::new("/usr/share/zoneinfo/Europe/London").exists().then_some(())?;
    String::from_utf8_lossy(&version.stdout).contains("GNU").then_some(())?;
    let output = Command::new("date")
        .env("TZ", zone)
        .env("LC_ALL", "C")
        .args(["-d", text, &format!("+{format}")])
        .output()
        .ok()?;
    assert!(output.status.success(), "TZ={zone} date -d {text:?} +{format}");
    String::from_utf8(output.stdout).ok()
}

const ZONES: [&str; 6] = [
    "UTC",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
];

#[test]
fn formats_are_those_of_gnu_date() {
    let moments =
        ["@0", "@-1", "@951782400", "@1720000000.123456789", "@1711846799.5", "@4107542400"];
    // A pattern has at most 48 parts, shorthands counted with theirs.
    let formats = [
        "%Y-%m-%dT%H:%M:%S.%N %z %:z %::z %Z|%a %A %b %B %c",
        "%C %D %e %F %g %G %h %I %j %k %l %p %P %q",
        "%r %R %s %T %u %U %V %w %W %y",
        "%x %X|%3N %-d %_d %^a %#Z %010Y %%%n%t|",
    ];
    let runs = ZONES.iter().flat_map(|zone| moments.map(|moment| (zone, moment)));
    for ((zone, moment), format) in runs.flat_map(|run| formats.map(|format| (run, format))) {
        let Some(want) = gnu(zone, moment, format) else {
            return skipped(
                "formats_are_those_of_gnu_date",
                "there is no GNU date, or no zoneinfo",
            );
        };
        let args = ["date", moment, "--to", zone, "--format", format];
        assert_eq!(text(&mut instanter(&args)), want, "{args:?}");
        // And where the zone is the local one.
        let args = ["date", moment, "--format", format];
        assert_eq!(text(instanter(&args).env("TZ", zone)), want, "TZ={zone} {args:?}");
    }
}

#[test]
fn texts_are_read_as_gnu_date_reads_them() {
    let texts = [
        "2024-07-01T12:00:00Z",
        "2024-07-01 12:00:00.25+05:30",
        "2024-07-01T12:00:00-03:00",
        "2024-07-01T12:00:00",
        "2024-07-01 12:00",
        "2024-02-29",
        "20240229",
        "1969-12-31T23:59:59",
        "2024-11-05T01:30:00",
        "Mon, 1 Jul 2024 12:00:00 +0200",
        "1 Jul 2024 12:00 GMT",
        "@1720000000.5",
        "@-1.25",
    ];
    for zone in ZONES {
        for input in texts {
            let Some(want) = gnu(zone, input, "%s.%N") else {
                return skipped(
                    "texts_are_read_as_gnu_date_reads_them",
                    "there is no GNU date, or no zoneinfo",
                );
            };
            for args in [
                &["date", input, "--in", zone, "--format", "%s.%N"][..],
                &["date", input, "--in", zone, "--format", "%s.%N", "--to", "Asia/Tokyo"],
            ] {
                assert_eq!(text(&mut instanter(args)), want, "{args:?}");
            }
        }
    }
}

#[test]
fn converted_and_printed() {
    let table: &[(&[&str], &str)] = &[
        (&["@1720000000", "--to", "UTC"], "2024-07-03T09:46:40Z"),
        (&["@1720000000.5", "--to", "Asia/Tokyo"], "2024-07-03T18:46:40.5+09:00[Asia/Tokyo]"),
        (&["@0", "--to", "+05:30"], "1970-01-01T05:30:00+05:30"),
        (&["@0", "--to", "-05:00"], "1969-12-31T19:00:00-05:00"),
        (&["@0", "--in", "EST5"], "1969-12-31T19:00:00-05:00"),
        (&["20240701T1200+02", "--in", "UTC"], "2024-07-01T10:00:00Z"),
        (&["2024-W27-1", "--in", "UTC"], "2024-07-01T00:00:00Z"),
        (&["2024-183", "--in", "UTC"], "2024-07-01T00:00:00Z"),
        (&["2024-06-30T24:00", "--in", "UTC"], "2024-07-01T00:00:00Z"),
        (&["2024-07-01T12:00:00+02:00[Europe/Berlin]"], "2024-07-01T12:00:00+02:00[Europe/Berlin]"),
        (
            &["2024-07-01T12:00:00[Europe/Berlin]", "--in", "UTC"],
            "2024-07-01T12:00:00+02:00[Europe/Berlin]",
        ),
        (&["2024-07-01T12:00:00[+01:00]", "--to", "UTC"], "2024-07-01T11:00:00Z"),
        (&["2024-03-31T02:30:00[Europe/Berlin]"], "2024-03-31T03:30:00+02:00[Europe/Berlin]"),
        (
            &["2024-10-27 02:30:00[Europe/Berlin]", "--gap", "later"],
            "2024-10-27T02:30:00+01:00[Europe/Berlin]",
        ),
        (&["2024-07-01T12:00:00Z[europe/berlin]"], "2024-07-01T14:00:00+02:00[Europe/Berlin]"),
        (&["2024-07-01T12:00:00Z[+01:00][u-ca=gregory]"], "2024-07-01T13:00:00+01:00"),
        (&["2024-07-01 12:00", "--in", "Asia/Tokyo", "--to", "UTC"], "2024-07-01T03:00:00Z"),
        (
            &["@0", "--go", "Mon Jan _2 15:04:05 MST 2006", "--to", "America/New_York"],
            "Wed Dec 31 19:00:00 EST 1969",
        ),
        (&["1 Jul 24", "--parse", "%d %b %y", "--in", "UTC"], "2024-07-01T00:00:00Z"),
        (
            &["12:30 01/07/2024", "--parse-go", "15:04 02/01/2006", "--in", "UTC"],
            "2024-07-01T12:30:00Z",
        ),
        (&["1720000000 +0200", "--parse", "%s %z", "--in", "UTC"], "2024-07-03T09:46:40Z"),
        (
            &["12:30 GMT 2024-07-01", "--parse", "%R %Z %F", "--in", "EST5"],
            "2024-07-01T07:30:00-05:00",
        ),
        (&["@9223372036854775807", "--to", "UTC"], "+292277026596-12-04T15:30:07Z"),
    ];
    for (args, want) in table {
        let command = &mut instanter(&["date"]);
        command.args(*args).assert().code(0).stdout(format!("{want}\n")).stderr("");
    }
}

#[test]
fn gaps_and_folds() {
    let gap = "2024-03-10T02:30";
    let fold = "2024-11-03T01:30";
    let table = [
        (gap, "compatible", "2024-03-10T03:30:00-04:00", "gap"),
        (gap, "earlier", "2024-03-10T01:30:00-05:00", "gap"),
        (gap, "later", "2024-03-10T03:30:00-04:00", "gap"),
        (fold, "compatible", "2024-11-03T01:30:00-04:00", "fold"),
        (fold, "earlier", "2024-11-03T01:30:00-04:00", "fold"),
        (fold, "later", "2024-11-03T01:30:00-05:00", "fold"),
        ("2024-11-03T03:30", "reject", "2024-11-03T03:30:00-05:00", "unambiguous"),
        ("2024-11-03T01:30-05:00", "reject", "2024-11-03T01:30:00-05:00", "exact"),
    ];
    for (input, policy, want, resolved) in table {
        let args = ["date", input, "--in", "America/New_York", "--gap", policy, "--json"];
        let report = json(&mut instanter(&args));
        assert_eq!(report["output"], format!("{want}[America/New_York]"), "{args:?}");
        assert_eq!(report["resolved"], resolved, "{args:?}");
    }
    for (input, what) in [(gap, "skipped"), (fold, "there twice")] {
        let args = ["date", input, "--in", "America/New_York", "--gap", "reject"];
        instanter(&args).assert().code(1).stderr(contains(what)).stderr(contains(input)).stdout("");
    }
    // An abbreviation says which of the two is meant.
    for (abbreviation, want) in [("EDT", "-04:00"), ("EST", "-05:00")] {
        let input = format!("2024-11-03 01:30 {abbreviation}");
        let args = ["date", &input, "--parse", "%F %R %Z", "--in", "America/New_York"];
        instanter(&args).assert().code(0).stdout(contains(want));
    }
}

#[test]
fn what_cannot_be_read_is_quoted() {
    let table: &[(&[&str], &str)] = &[
        (&[""], "cannot read \"\": byte 0, at the end"),
        (
            &["not a date"],
            "cannot read \"not a date\": byte 0, at \"not a date\": there is no number in it",
        ),
        (&["yesterday"], "byte 0, at \"yesterday\""),
        (&["2024-13-01"], "byte 5, at \"13-01\""),
        (&["2024-02-30T12:00"], "byte 8, at \"30T12:00\""),
        (&["2024-02-28 25:00"], "cannot read \"2024-02-28 25:00\": byte 11"),
        (&["2024-07-01 12:00:00+02:00x"], "byte 25, at \"x\""),
        (&["@1e5"], "byte 2, at \"e5\""),
        (&["@"], "byte 1, at the end"),
        (&["@99999999999999999999"], "64 bits"),
        (&["2024-07-01T12:00:00+01:00[Europe/Berlin]"], "Europe/Berlin has +02:00"),
        (&["2024-07-01T12:00:00Z[Mars/Olympus]"], "\"Mars/Olympus\""),
        (&["2024-07-01T12:00:00Z[!u-ca=hebrew]"], "\"u-ca\" is critical"),
        (&["2024-07-01T12:00:00[u-ca=gregory]"], "byte 19, at \"[u-ca=grego"),
        (&["2024-07-01T12:00:00[Mars/Olympus]"], "\"Mars/Olympus\""),
        (&["2024-07-01T12:00:00[Europe/Berlin][!u-ca=hebrew]"], "\"u-ca\" is critical"),
        (
            &["2024-03-31T02:30:00[Europe/Berlin]", "--gap", "reject"],
            "in Europe/Berlin it is skipped",
        ),
        (&["2024-10-27T02:30:00[Europe/Berlin]", "--gap", "reject"], "there twice"),
        (&["12:30", "--parse", "%R"], "the text does not tell the date"),
        (&["Tue 2024-07-01", "--parse", "%a %F"], "contradict"),
        (&["2024-07-01 12:00 CET", "--parse", "%F %R %Z", "--in", "Asia/Tokyo"], "\"CET\""),
        (&["+292277026596-12-05", "--in", "UTC"], "range"),
    ];
    for (args, quoted) in table {
        let command = &mut instanter(&["date"]);
        command.args(*args).assert().code(1).stderr(contains(*quoted)).stdout("");
    }
    let long = "9".repeat(10_000);
    let output = instanter(&["date", &long]).output().expect("the command starts");
    assert!(output.stderr.len() < 300, "{output:?}");
}

#[test]
fn now_is_now() {
    let unix = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("after 1970").as_nanos()
    };
    let before = unix();
    let got = text(&mut instanter(&["date", "--format", "%s%N"]));
    let got: u128 = got.trim().parse().expect("a number");
    assert!((before..=unix()).contains(&got), "{before} ≤ {got}");
}

#[test]
fn a_makeshift_local_zone_is_warned_of() {
    let mut command = instanter(&["date", "@0"]);
    let warned = command.env("TZ", "Mars/Olympus").assert().code(0);
    warned.stdout("1970-01-01T00:00:00Z\n").stderr(contains("\"Mars/Olympus\""));
    let mut command = instanter(&["date", "@0", "--in", "UTC"]);
    command.env("TZ", "Mars/Olympus").assert().code(0).stderr("");
}
