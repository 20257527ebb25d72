//! Every way to read the date, in every kind of program.

use crate::{COMPILERS, THEN, THEN_TEXT, compiled, fake, numbers, possible, text};

#[test]
fn every_function_and_system_call() {
    if !possible("every_function_and_system_call") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for compiler in COMPILERS {
        let Some(program) = compiled(compiler, "reads.c", folder.path()) else { continue };
        for more in [&[][..], &["--rate", "2"], &["--freeze"]] {
            let mut command = fake(&["--at", THEN_TEXT]);
            let shown = text(command.args(more).arg("--").arg(&program));
            let shown = numbers(&shown);
            assert!(shown.len() >= 8, "{shown:?}");
            for (name, seconds) in shown {
                // TAI is ahead by the leap seconds, where the kernel has been told.
                let ahead = if name == "tai" { 60 } else { 0 };
                let most = if more == ["--freeze"] { 0 } else { 600 };
                let passed = seconds - THEN;
                // And a coarse clock is behind by a tick, which may lie before the start.
                let least = if name == "coarse" { -1 } else { 0 };
                assert!(
                    (least..=most + ahead).contains(&passed),
                    "{compiler:?} {more:?} {name} {passed}"
                );
            }
        }
    }
}

#[test]
fn monotonic_time_stays_on_its_own_base() {
    if !possible("monotonic_time_stays_on_its_own_base") {
        return;
    }
    let monotonic = |shown: &str| -> Vec<f64> {
        let lines = shown.lines().filter(|line| line.contains("monotonic"));
        lines.map(|line| line.split_whitespace().nth(2).unwrap().parse().unwrap()).collect()
    };
    let own = env!("CARGO_BIN_EXE_instanter");
    let before = monotonic(&text(&mut fake(&["--probe"])));
    let within = monotonic(&text(&mut fake(&["--at", THEN_TEXT, "--", own, "fake", "--probe"])));
    let after = monotonic(&text(&mut fake(&["--probe"])));
    assert_eq!((before.len(), within.len(), after.len()), (3, 3, 3));
    for shown in &within {
        assert!(before[2] <= *shown && *shown <= after[0], "{before:?} {within:?} {after:?}");
    }
    assert!(within.is_sorted(), "{within:?}");

    let moved = ["--offset", "100d", "--clock", "monotonic", "--", own, "fake", "--probe"];
    let moved = monotonic(&text(&mut fake(&moved)));
    assert!(moved.iter().all(|shown| *shown >= after[0] + 8_640_000.0 - 1e-6), "{moved:?}");
}

#[test]
fn a_frozen_clock_stands_and_a_stepped_one_steps() {
    if !possible("a_frozen_clock_stands_and_a_stepped_one_steps") {
        return;
    }
    let own = env!("CARGO_BIN_EXE_instanter");
    let shown = text(&mut fake(&["--at", THEN_TEXT, "--freeze", "--", own, "fake", "--probe"]));
    let dates: Vec<_> = shown.lines().filter(|line| line.contains("realtime")).collect();
    assert_eq!(dates.len(), 3);
    assert!(dates.iter().all(|line| line.contains("2147483648.000000000 ")), "{shown}");

    let steps = ["--at", THEN_TEXT, "--step", "1s", "--clock", "realtime", "--", "date", "+%s"];
    let shown: i64 = text(&mut fake(&steps)).trim().parse().unwrap();
    assert!((THEN..THEN + 100).contains(&shown), "{shown}");
}

#[test]
fn nothing_escapes() {
    if !possible("nothing_escapes") {
        return;
    }
    for options in [&["--offset", "-30d"][..], &["--at", THEN_TEXT, "--rate", "1000"]] {
        let mut command = fake(&["--verify"]);
        let shown = text(command.args(options));
        assert_eq!(shown.lines().count(), 18, "{shown}");
        assert!(shown.lines().all(|line| line.ends_with("as asked for")), "{shown}");
    }
}

#[test]
fn the_kernel_names_the_same_vdso_as_the_stack() {
    let test = "the_kernel_names_the_same_vdso_as_the_stack";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compiled(COMPILERS[0], "auxv.c", folder.path()) else { return };
    let shown = text(fake(&["--offset", "1h", "--"]).arg(&program));
    for (way, same) in numbers(&shown) {
        if way == "prctl" && same == -1 {
            crate::skipped(test, "this kernel has no PR_GET_AUXV");
            continue;
        }
        // Kernels without checkpoints let nobody but root change it.
        assert_eq!(same, 1, "{way}");
    }
}
