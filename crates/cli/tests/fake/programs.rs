//! Runtimes that each find the vDSO in their own way.

use std::process::Command;

use crate::{THEN, THEN_TEXT, compiled, fake, numbers, possible, skipped, text};

/// Whether a program is there and runs.
fn there(name: &str) -> bool {
    let found = Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success());
    if !found {
        skipped(name, "not installed");
    }
    found
}

/// What a program prints that is told to print the date, to wait for 100 s, and to print
/// how many seconds that took.
fn check(name: &str, args: &[&str]) {
    let mut command = fake(&["--at", THEN_TEXT, "--rate", "100", "--"]);
    let shown = text(command.args(args));
    let shown: Vec<f64> = shown.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(shown.len(), 2, "{name}: {shown:?}");
    assert!((THEN as f64..THEN as f64 + 1e5).contains(&shown[0]), "{name}: {shown:?}");
    assert!(shown[1] >= 99.9, "{name}: {shown:?}");
}

#[test]
fn interpreters() {
    if !possible("interpreters") {
        return;
    }
    if there("python3") {
        let code = "import time; print(time.time()); a = time.monotonic(); time.sleep(100); print(time.monotonic() - a)";
        check("python3", &["python3", "-c", code]);
    }
    if there("perl") {
        check(
            "perl",
            &["perl", "-e", "$a = time; print \"$a\\n\"; sleep 100; print time - $a, \"\\n\""],
        );
    }
    if there("node") {
        let code = "a = Date.now(); console.log(a / 1000); \
                    setTimeout(() => console.log((Date.now() - a) / 1000), 100000)";
        check("node", &["node", "-e", code]);
    }
}

#[test]
fn java() {
    if !possible("java") || !there("java") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("T.java");
    let code = "public class T { public static void main(String[] a) throws Exception { \
                System.out.println(System.currentTimeMillis() / 1000); \
                long n = System.nanoTime(); Thread.sleep(100000); \
                System.out.println((System.nanoTime() - n) / 1e9); } }";
    std::fs::write(&source, code).unwrap();
    check("java", &["java", source.to_str().unwrap()]);
}

#[test]
fn go() {
    if !possible("go") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = compiled(&["go", "build"], "clock.go", folder.path()) else { return };
    let mut command = fake(&["--at", THEN_TEXT, "--rate", "100", "--"]);
    let shown = text(command.arg(&program));
    let lines: Vec<&str> = shown.lines().collect();
    let [date, took, profiled] = lines[..] else { panic!("{shown}") };
    assert!((THEN..THEN + 100_000).contains(&date.parse().unwrap()), "{shown}");
    assert!(took.parse::<i64>().unwrap() >= 200, "{shown}");
    assert_eq!(profiled, "true");
}

/// A program that prints how many ticks came in the image, and how many went well.
fn ticks_in_the_image(test: &str, source: &str, compilers: &[&[&str]]) {
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for compiler in compilers {
        let Some(program) = compiled(compiler, source, folder.path()) else { continue };
        // Each way through the image.
        for options in [&["--rate", "2"][..], &["--offset", "1h"], &["--step", "1ns"]] {
            let shown = text(fake(options).arg("--").arg(&program));
            let [(inside, well)] = numbers(&shown)[..] else { panic!("{shown}") };
            assert_eq!(inside.parse::<i64>().unwrap(), well, "{compiler:?} {options:?}: {shown}");
            if well == 0 {
                skipped(test, "no tick came while the image ran");
            }
        }
    }
}

#[test]
fn stacks_are_unwound_through_the_image() {
    let test = "stacks_are_unwound_through_the_image";
    ticks_in_the_image(test, "unwind.c", &[&["cc", "-O1"], &["cc", "-O1", "-static"]]);
}

#[test]
fn exceptions_are_thrown_through_the_image() {
    let test = "exceptions_are_thrown_through_the_image";
    ticks_in_the_image(test, "throws.cc", &[&["c++", "-O1"], &["c++", "-O1", "-static"]]);
}
