//! Programs that set the clock: theirs moves, the machine's does not.

use std::collections::HashMap;

use nix::time::{ClockId, clock_gettime};

use crate::{compiled, fake, numbers, possible, skipped, text};

/// How far the machine's date is from its monotonic clock, in nanoseconds.
fn apart() -> i128 {
    let now = |clock| {
        let now = clock_gettime(clock).unwrap();
        i128::from(now.tv_sec()) * 1_000_000_000 + i128::from(now.tv_nsec())
    };
    now(ClockId::CLOCK_REALTIME) - now(ClockId::CLOCK_MONOTONIC)
}

/// What must have come of each line, and whether it has.
fn wrong(shown: &HashMap<&str, i64>) -> Vec<String> {
    const SECOND: i64 = 1_000_000_000;
    let near = |want: i64| want - SECOND / 5..want + SECOND / 5;
    let exactly = |want: i64| want..want + 1;
    let table = [
        ("reads", exactly(1)),
        ("clock_settime", near(2 * SECOND)),
        ("wrong", exactly(-22)),
        ("another", exactly(-22)),
        ("settimeofday", near(-3 * SECOND)),
        ("zone", near(0)),
        ("setoffset", near(4 * SECOND)),
        // Which takes minutes.
        ("adjtime", near(0)),
        ("tick", exactly(-22)),
        ("frequency", exactly(100 << 16)),
        ("woken", exactly(1)),
        ("forbidden", exactly(-1)),
        ("forbidden-day", exactly(-1)),
        ("forbidden-tick", exactly(-1)),
        ("allowed", exactly(1)),
    ];
    let line = |(name, want): (&str, std::ops::Range<i64>)| {
        let got = shown.get(name).copied();
        let fine = got.is_some_and(|got| want.contains(&got));
        (!fine).then(|| format!("{name}: {got:?}, expected {want:?}"))
    };
    table.into_iter().filter_map(line).collect()
}

#[test]
fn the_clock_that_is_set_is_the_trees() {
    let test = "the_clock_that_is_set_is_the_trees";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compiled(&["cc", "-O1", "-pthread"], "sets.c", folder.path()) else {
        return;
    };
    let mut last = Vec::new();
    // Between two readings the machine may do something else, and others may set its clock.
    for _ in 0..5 {
        let before = apart();
        let shown = text(fake(&["--offset", "1s", "--"]).arg(&program));
        let moved = apart() - before;
        let shown: HashMap<&str, i64> = numbers(&shown).into_iter().collect();
        if shown["clock_settime"] == -1 {
            return skipped(test, "whoever runs it may not set clocks");
        }
        last = wrong(&shown);
        if moved.abs() > 200_000_000 {
            last.push(format!("the machine's clock moved by {moved} ns"));
        }
        if last.is_empty() {
            return;
        }
    }
    panic!("{last:#?}");
}

#[test]
fn the_clock_can_be_read_where_it_goes_otherwise() {
    let test = "the_clock_can_be_read_where_it_goes_otherwise";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compiled(&["cc", "-O1", "-pthread"], "sets.c", folder.path()) else {
        return;
    };
    for options in [&["--offset", "-1000d"][..], &["--rate", "1000"], &["--freeze"]] {
        let shown = text(fake(options).arg("--").arg(&program).arg("read"));
        assert_eq!(shown, "reads 1\n", "{options:?}");
    }
}
