//! Programs that steer the clock as a daemon does: `adjtime`, the phase-locked loop, leap
//! seconds. The clocks of their tree go as a kernel's would.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::{compiled, fake, numbers, possible, skipped, text};

/// The program, where clocks may be steered.
fn program(test: &str, folder: &tempfile::TempDir) -> Option<PathBuf> {
    if !possible(test) {
        return None;
    }
    if !may_set_clocks() {
        skipped(test, "whoever runs it may not set clocks");
        return None;
    }
    compiled(&["cc", "-O1"], "steers.c", folder.path())
}

/// `CAP_SYS_TIME` in our own name, as the kernel asks for it.
fn may_set_clocks() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .is_some_and(|set| set >> 25 & 1 != 0)
}

fn expect(shown: &str, table: &[(&str, Range<i64>)]) {
    let numbers: HashMap<&str, i64> = numbers(shown).into_iter().collect();
    for (name, want) in table {
        let got = numbers.get(name);
        assert!(got.is_some_and(|got| want.contains(got)), "{name}: expected {want:?} in\n{shown}");
    }
}

const fn exactly(want: i64) -> Range<i64> {
    want..want + 1
}

/// Within a twentieth of a millisecond.
const fn about(want: i64) -> Range<i64> {
    want - 50_000..want + 50_000
}

#[test]
fn adjtime_slews() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = program("adjtime_slews", &folder) else { return };
    // A second of the clock that is slewed is shorter itself: 49.975 ms, as in a kernel.
    for rate in ["100", "30"] {
        let shown = text(fake(&["--rate", rate, "--"]).arg(&program).arg("slew"));
        let table = [
            ("begun", 49_000..50_001),
            ("left", exactly(0)),
            ("more", exactly(0)),
            ("back", exactly(0)),
            ("date", about(49_975_000)),
            ("monotonic", about(49_975_000)),
        ];
        expect(&shown, &table);
    }
}

#[test]
fn the_loop_slews_and_the_frequency_stays() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = program("the_loop_slews_and_the_frequency_stays", &folder) else { return };
    let shown = text(fake(&["--rate", "100", "--"]).arg(&program).arg("loop"));
    let table = [
        ("offset", exactly(10_000_000)),
        ("rest", 0..100),
        ("date", 9_900_000..10_000_100),
        ("frequency", exactly(100)),
        ("gained", 99_000..101_000),
    ];
    expect(&shown, &table);
}

#[test]
fn leap_seconds_come_at_midnight() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = program("leap_seconds_come_at_midnight", &folder) else { return };
    let start = ["--at", "2016-12-31T23:59:55Z", "--rate", "10", "--"];
    let shown = text(fake(&start).arg(&program).arg("insert"));
    let table = [
        ("announced", exactly(1)),
        ("in-progress", exactly(1)),
        ("over", exactly(1)),
        ("date-back", exactly(1)),
        ("tai-back", exactly(0)),
        ("apart", exactly(1)),
        ("told", exactly(1)),
    ];
    expect(&shown, &table);
    let shown = text(fake(&start).arg(&program).arg("delete"));
    let table = [
        ("announced", exactly(1)),
        ("in-progress", exactly(0)),
        ("over", exactly(1)),
        ("date-back", exactly(0)),
        ("tai-back", exactly(0)),
        ("apart", exactly(-1)),
        ("told", exactly(-1)),
    ];
    expect(&shown, &table);
}

#[test]
fn a_clock_that_was_set_is_not_synchronised() {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = program("a_clock_that_was_set_is_not_synchronised", &folder) else {
        return;
    };
    let shown = text(fake(&["--offset", "1h", "--"]).arg(&program).arg("set"));
    let table = [
        ("before", exactly(0)),
        ("tai", exactly(37)),
        ("maxerror", exactly(1)),
        ("after", exactly(1)),
        ("unknown", exactly(1)),
        ("left", exactly(0)),
    ];
    expect(&shown, &table);
}
