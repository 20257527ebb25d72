//! JSON: it parses, and has the fields that `JSON.md` describes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{instanter, json};

const DOCUMENT: &str = include_str!("../../JSON.md");

/// The fields of each report.
const FIELDS: &[(&[&str], &[&str])] = &[
    (
        &["now"],
        &[
            "utc",
            "unix_seconds",
            "nanosecond",
            "monotonic",
            "boottime",
            "counter",
            "source",
            "page_layout",
            "why_not_page",
            "why_not_vdso",
            "kernel_clock_source",
            "cost",
            "proof",
            "discipline",
        ],
    ),
    (&["clocks"], &["clocks", "absent", "hardware_clock", "hardware_clock_error"]),
    (
        &["vdso"],
        &[
            "of",
            "soname",
            "machine",
            "machine_name",
            "bits",
            "byte_order",
            "base",
            "bytes",
            "has_sysv_hash",
            "has_gnu_hash",
            "has_versions",
            "versions",
            "symbols",
            "errors",
        ],
    ),
    (
        &["explain"],
        &[
            "source",
            "page_layout",
            "why_not_page",
            "why_not_vdso",
            "pinned",
            "auxv",
            "vdso",
            "symbol",
            "symbol_error",
            "page",
            "page_error",
            "candidates",
            "frame",
            "frame_error",
            "arithmetic",
            "bracket",
            "in_order",
            "cost",
            "system_calls",
            "system_calls_error",
        ],
    ),
    (
        &["bench", "--quick"],
        &[
            "source",
            "page_layout",
            "why_not_page",
            "why_not_vdso",
            "counter",
            "rows",
            "by_clock",
            "threads",
            "comparison",
            "plot",
            "first_call",
            "first_call_error",
            "targets",
        ],
    ),
    (
        &["zone", "Europe/Berlin"],
        &[
            "zone",
            "local",
            "unix_seconds",
            "nanosecond",
            "offset_s",
            "abbreviation",
            "is_dst",
            "next",
            "previous",
            "origin",
            "path",
            "version",
            "how",
        ],
    ),
    (&["zone", "Asia/Tokyo", "--transitions"], &["zone", "transitions"]),
    (&["zone", "--list"], &["names", "system_version", "embedded_version"]),
    (
        &["date", "2024-07-01T12:00"],
        &[
            "input",
            "output",
            "form",
            "resolved",
            "unix",
            "zone",
            "offset_s",
            "abbreviation",
            "is_dst",
        ],
    ),
    (&["doctor"], &["level", "summary", "remedy", "at", "took_s", "version", "checks"]),
    (&["doctor", "--explain", "rtc"], &["name", "title", "why", "how"]),
];

#[test]
fn reports_have_the_documented_fields() {
    for (args, fields) in FIELDS {
        let report = json(instanter(args).arg("--json"));
        let got: BTreeSet<&str> =
            report.as_object().expect("an object").keys().map(String::as_str).collect();
        let want: BTreeSet<&str> = fields.iter().copied().collect();
        assert_eq!(got, want, "fields of {args:?}");
        every_field(&report, &mut |name| {
            assert!(DOCUMENT.contains(&format!("`{name}`")), "JSON.md lacks {name:?} of {args:?}");
        });
    }
}

fn every_field(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                visit(name);
                every_field(value, visit);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| every_field(value, visit)),
        _ => {}
    }
}

#[test]
fn without_a_subcommand_it_is_now() {
    let report = json(instanter(&["--json"]).arg("--color=never"));
    assert!(report["utc"].as_str().is_some_and(|utc| utc.ends_with('Z')), "{report}");
}

#[test]
fn now_is_now() {
    let seconds = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("after 1970").as_secs().cast_signed()
    };
    let before = seconds();
    let report = json(&mut instanter(&["now", "--json"]));
    let got = report["unix_seconds"].as_i64().expect("a number");
    assert!((before..=seconds()).contains(&got), "{before} ≤ {got}");
}

#[test]
fn clocks_lists_each_clock_once() {
    let report = json(&mut instanter(&["clocks", "--json"]));
    let rows = |part: &str| report[part].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<i64> = rows("clocks")
        .iter()
        .chain(&rows("absent"))
        .map(|row| row["id"].as_i64().expect("an id"))
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..=9).chain([11]).chain(16..=23).collect::<Vec<i64>>());
    for absent in rows("absent") {
        assert!(absent["reason"].as_str().is_some_and(|reason| reason.len() > 10), "{absent}");
    }
}

#[test]
fn clocks_of_another_process() {
    let pid = std::process::id().to_string();
    let report = json(&mut instanter(&["clocks", "--pid", &pid, "--json"]));
    let wanted = format!("CPU time of process {pid}");
    let clocks = report["clocks"].as_array().expect("a list");
    assert!(clocks.iter().any(|clock| clock["name"] == wanted.as_str()), "{report}");
}

#[test]
fn the_hardware_clock_is_there_or_its_absence_explained() {
    let report = json(&mut instanter(&["clocks", "--json"]));
    let has_one = std::path::Path::new("/sys/class/rtc/rtc0").exists();
    let (clock, error) = (&report["hardware_clock"], &report["hardware_clock_error"]);
    assert_eq!(clock.is_null(), error.is_string(), "{clock} {error}");
    if has_one {
        assert!(clock["ahead_ns"].as_str().is_some_and(|ns| ns.parse::<i64>().is_ok()), "{clock}");
    } else {
        let text = error.as_str().expect("a reason");
        assert!(text.starts_with("there is no hardware clock"), "{text}");
    }
}
