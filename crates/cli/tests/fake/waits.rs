//! Every way to wait, at a thousand times the speed.

use std::time::Instant;

use crate::{COMPILERS, LIMIT, compiled, fake, numbers, possible, text};

#[test]
fn deadlines_follow_the_rate() {
    if !possible("deadlines_follow_the_rate") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (index, compiler) in COMPILERS.into_iter().enumerate() {
        // Once so long that one that is not followed takes longer than anything may.
        let each_s = if index == 0 { LIMIT.as_secs() as i64 + 10 } else { 100 };
        let Some(program) = compiled(compiler, "waits.c", folder.path()) else { continue };
        let start = Instant::now();
        let mut command = fake(&["--at", crate::THEN_TEXT, "--rate", "1000", "--"]);
        let shown = text(command.arg(&program).arg(each_s.to_string()));
        let shown = numbers(&shown);
        assert!(shown.len() >= 21, "{shown:?}");
        // In truth, all this takes more than half an hour.
        assert!(start.elapsed() < LIMIT);
        for (name, took) in shown {
            if name == "alarm-left" {
                assert!((1..=1001).contains(&took), "{took}");
                continue;
            }
            // A coarser unit may cut off a part of its own.
            assert!(took >= each_s * 1_000_000_000, "{compiler:?} {name} {took}");
        }
    }
}

#[test]
fn rarer_deadlines_follow_the_rate() {
    let test = "rarer_deadlines_follow_the_rate";
    if !possible(test) {
        return;
    }
    // One that is not followed takes longer than anything may.
    const EACH_S: i64 = 400;
    const { assert!(EACH_S as u64 > LIMIT.as_secs()) };
    let folder = tempfile::tempdir().unwrap();
    for compiler in [&["cc", "-O1", "-lrt"][..], &["musl-gcc", "-O1", "-static"]] {
        let Some(program) = compiled(compiler, "rarer.c", folder.path()) else { continue };
        let mut command = fake(&["--at", crate::THEN_TEXT, "--rate", "1000", "--"]);
        let shown = text(command.arg(&program).arg(EACH_S.to_string()));
        let (not_there, shown): (Vec<&str>, Vec<&str>) =
            shown.lines().partition(|line| line.starts_with("skipped "));
        for what in &not_there {
            crate::skipped(test, what);
        }
        assert!(shown.len() + not_there.len() >= 17, "{shown:?} {not_there:?}");
        for (name, took) in numbers(&shown.join("\n")) {
            if name.ends_with("-rest") {
                assert_eq!(took, 0, "{compiler:?} {name}");
            } else {
                assert!(took >= EACH_S * 1_000_000_000, "{compiler:?} {name} {took}");
            }
        }
    }
}

#[test]
fn what_is_not_followed_is_named_once() {
    let test = "what_is_not_followed_is_named_once";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compiled(COMPILERS[0], "untold.c", folder.path()) else { return };
    let said = |options: &[&str]| {
        let output = fake(options).arg("--").arg(&program).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let errors = said(&["--rate", "2"]);
    let lines: Vec<&str> = errors.lines().collect();
    let told = ["SO_RCVTIMEO", "PACKET_RX_RING", "io_uring", "file times"];
    assert_eq!(lines.len(), told.len(), "{errors}");
    for (line, what) in lines.iter().zip(told) {
        assert!(line.contains(what) && line.contains("untold_c (process "), "{errors}");
        assert!(line.ends_with("that goes by the true clock"), "{errors}");
    }
    // There a second is a second.
    let errors = said(&["--offset", "1h"]);
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines.len(), 2, "{errors}");
    assert!(lines[0].contains("PACKET_RX_RING") && lines[1].contains("file times"), "{errors}");
}

#[test]
fn waits_take_their_time_where_only_the_date_moved() {
    if !possible("waits_take_their_time_where_only_the_date_moved") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compiled(COMPILERS[0], "waits.c", folder.path()) else { return };
    let start = Instant::now();
    for offset in ["-10000d", "10000d"] {
        let mut command = fake(&["--offset", offset, "--"]);
        let shown = text(command.arg(&program).args(["1", "dates"]));
        let shown = numbers(&shown);
        assert_eq!(shown.len(), 4, "{shown:?}");
        for (name, took) in &shown[..3] {
            // Not at once, as for a date of long ago, and not in decades.
            assert!(*took >= 1_000_000_000, "{offset} {name} {took}");
        }
    }
    assert!(start.elapsed() < LIMIT);
}

#[test]
fn a_slow_clock_makes_long_waits() {
    if !possible("a_slow_clock_makes_long_waits") {
        return;
    }
    let start = Instant::now();
    text(&mut fake(&["--rate", "0.01", "--", "sleep", "0.01"]));
    assert!(start.elapsed().as_secs_f64() >= 1.0);
}
