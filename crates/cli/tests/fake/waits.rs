//! Every way to wait, at a thousand times the speed.

use std::time::Instant;

use crate::{COMPILERS, LIMIT, compiled, fake, numbers, possible, text};

#[test]
fn deadlines_follow_the_rate() {
    if !possible("deadlines_follow_the_rate") {
        return;
    }
    const EACH_S: i64 = 100;
    let folder = tempfile::tempdir().unwrap();
    for compiler in COMPILERS {
        let Some(program) = compiled(compiler, "waits.c", folder.path()) else { continue };
        let start = Instant::now();
        let mut command = fake(&["--at", crate::THEN_TEXT, "--rate", "1000", "--"]);
        let shown = text(command.arg(&program).arg(EACH_S.to_string()));
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
            assert!(took >= EACH_S * 1_000_000_000, "{compiler:?} {name} {took}");
        }
    }
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
