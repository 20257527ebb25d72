//! Programs that read the CPU's counter where it is not trapped: that is told.

use std::path::Path;
use std::process::Command;

use crate::{COMPILERS, compiled, fake, possible, said, skipped};

const SOURCE: &str = "counter.c";

/// Whether breakpoints of the CPU can be had: by another program's answer.
fn can_be_told(test: &str, folder: &Path) -> bool {
    let compiler = ["cc", "-O1", "-pthread", "-DBREAKPOINTS"];
    let Some(program) = possible(test).then(|| compiled(&compiler, SOURCE, folder)).flatten()
    else {
        return false;
    };
    let there = Command::new(program).status().expect("it starts").success();
    if !there {
        skipped(test, "no breakpoints of the CPU can be had here");
    }
    there
}

/// What is told of a program, a line each, and what it says itself.
fn told(options: &[&str], program: &Path, words: &[&str]) -> (Vec<String>, String) {
    let output = fake(options).arg("--").arg(program).args(words).output().expect("it starts");
    let shown = said(&output);
    let errors = String::from_utf8(output.stderr).expect("it is text");
    (errors.lines().map(str::to_owned).collect(), shown)
}

#[test]
fn a_read_of_the_counter_is_told_once() {
    let test = "a_read_of_the_counter_is_told_once";
    let folder = tempfile::tempdir().unwrap();
    if !can_be_told(test, folder.path()) {
        return;
    }
    for compiler in COMPILERS {
        let Some(program) = compiled(compiler, SOURCE, folder.path()) else { continue };
        for how in ["here", "other", "thread", "child"] {
            let (lines, _) = told(&["--rate", "10"], &program, &[how]);
            let [line] = &lines[..] else { panic!("{compiler:?} {how}: {lines:?}") };
            let begin = format!("instanter fake: {} (process ", program.display());
            assert!(line.starts_with(&begin), "{compiler:?} {how}: {line}");
            assert!(line.contains(") reads the CPU's counter in ticks"), "{compiler:?}: {line}");
            assert!(line.ends_with("goes by the true clock (--trap-tsc)"), "{compiler:?}: {line}");
        }
        let quiet: [(&[&str], &str); 4] = [
            (&["--rate", "10"], "never"),
            // That is asked for, or it does not matter.
            (&["--rate", "10", "--trap-tsc"], "here"),
            (&["--offset", "1h"], "here"),
            (&["--rate", "10", "--children", "not"], "child"),
        ];
        for (options, how) in quiet {
            assert_eq!(
                told(options, &program, &[how]).0,
                [""; 0],
                "{compiler:?} {options:?} {how}"
            );
        }
    }
}

#[test]
fn places_are_found_without_symbols_and_in_libraries() {
    let test = "places_are_found_without_symbols_and_in_libraries";
    let folder = tempfile::tempdir().unwrap();
    if !can_be_told(test, folder.path()) {
        return;
    }
    let stripped = compiled(&["cc", "-O1", "-pthread", "-s"], SOURCE, folder.path());
    let library = compiled(&["cc", "-O1", "-shared", "-fPIC", "-DLIBRARY"], SOURCE, folder.path());
    let with_library = library.and_then(|library| {
        let library = library.to_str().expect("the path is text");
        let compiler = ["cc", "-O1", "-pthread", "-DUSER", "-Wl,--no-as-needed", library];
        compiled(&compiler, SOURCE, folder.path())
    });
    let with_lines = compiled(&["cc", "-O1", "-g", "-pthread"], SOURCE, folder.path());
    if let Some(program) = &with_library {
        let mut command = fake(&["--rate", "10", "--"]);
        let output = command.arg(program).arg("ignored").env("EARLY", "1").output();
        let output = output.expect("it starts");
        assert_eq!(said(&output), "lives 1\nlives 1\n", "a child before the program begins");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
    for (program, place) in [
        (stripped, "counter in cc_-O1_-pthread_-s_counter_c+0x"),
        (with_library, "counter in ticks: "),
        (with_lines, "counter in ticks (counter.c:"),
    ] {
        let Some(program) = program else { continue };
        let (lines, _) = told(&["--rate", "10"], &program, &["here"]);
        assert!(lines.len() == 1 && lines[0].contains(place), "{place}: {lines:?}");
    }
}

/// By whichever thread, and only where the library still is.
#[test]
fn places_are_found_in_what_is_loaded_later() {
    let test = "places_are_found_in_what_is_loaded_later";
    let folder = tempfile::tempdir().unwrap();
    if !can_be_told(test, folder.path()) {
        return;
    }
    for compiler in COMPILERS.iter().filter(|compiler| !compiler.contains(&"-static")) {
        let made = |more: &[&str]| compiled(&[*compiler, more].concat(), SOURCE, folder.path());
        let library = |more: &[&str]| made(&[&["-shared", "-fPIC", "-DLIBRARY"], more].concat());
        let Some(program) = made(&["-DLOADER", "-ldl"]) else { continue };
        let (Some(reads), Some(quiet)) = (library(&[]), library(&["-DQUIET"])) else { continue };
        let told = |how: &str, library: &Path| {
            let library = library.to_str().expect("the path is text");
            let (lines, shown) = told(&["--rate", "10"], &program, &[how, library]);
            assert_eq!(shown, "", "{compiler:?} {how}");
            lines
        };
        // What is loaded stays with musl.
        let unloads = compiler[0] != "musl-gcc";
        for how in ["loaded", "waiting", "again"].into_iter().take(if unloads { 3 } else { 2 }) {
            let lines = told(how, &reads);
            let is_told = lines.len() == 1 && lines[0].contains("the CPU's counter in ticks: ");
            assert!(is_told, "{compiler:?} {how}: {lines:?}");
        }
        assert_eq!(told("loaded", &quiet), [""; 0], "{compiler:?}");
        if unloads {
            assert_eq!(told("gone", &reads), [""; 0], "{compiler:?}");
        }
    }
}

/// The kernel has a blocked or ignored signal of a breakpoint come all the same, and forgets
/// what the program had asked for.
#[test]
fn what_a_program_wants_of_its_own_breakpoints_stays() {
    let test = "what_a_program_wants_of_its_own_breakpoints_stays";
    let folder = tempfile::tempdir().unwrap();
    if !can_be_told(test, folder.path()) {
        return;
    }
    for compiler in COMPILERS {
        let Some(program) = compiled(compiler, SOURCE, folder.path()) else { continue };
        for (how, want) in [("blocked", "traps 2\nblocked 1\n"), ("ignored", "lives 1\n")] {
            let own = Command::new(&program).arg(how).output().expect("it starts");
            assert_eq!(said(&own), want, "without us");
            let (lines, shown) = told(&["--rate", "10"], &program, &[how]);
            assert_eq!((lines.len(), shown.as_str()), (1, want), "{compiler:?} {how}: {lines:?}");
        }
    }
}

/// A file that was looked at may become another one, which has its number.
#[test]
fn what_was_built_anew_is_looked_at_anew() {
    let test = "what_was_built_anew_is_looked_at_anew";
    let folder = tempfile::tempdir().unwrap();
    if !can_be_told(test, folder.path()) {
        return;
    }
    let quiet = [COMPILERS[0], &["-DQUIET"]].concat();
    let program = |compiler: &[&str]| compiled(compiler, SOURCE, folder.path());
    let Some((first, second)) = program(&quiet).zip(program(COMPILERS[0])) else { return };
    // Longer by a line, as both may be written within one tick of the file system's clock.
    let script = "cat \"$0\" > p && chmod +x p && ./p here && (cat \"$1\"; echo) > p && ./p here";
    let mut command = fake(&["--rate", "10", "--", "sh", "-c", script]);
    let command = command.arg(first).arg(second).current_dir(folder.path());
    let output = command.output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.contains("counter in ticks"), "{errors}");
}

/// Go reads it when it starts, for random numbers; glibc's loader, to show how long it takes.
#[test]
fn what_is_read_for_other_ends_is_not_told() {
    let test = "what_is_read_for_other_ends_is_not_told";
    let folder = tempfile::tempdir().unwrap();
    if !can_be_told(test, folder.path()) {
        return;
    }
    // Started like this, the loader is what the kernel takes for the program.
    let loader = Path::new("/lib64/ld-linux-x86-64.so.2");
    if loader.exists() {
        assert_eq!(told(&["--rate", "10"], loader, &["/bin/true"]).0, [""; 0]);
    } else {
        skipped(test, "no loader of glibc's");
    }
    let Some(program) = compiled(&["go", "build"], "clock.go", folder.path()) else { return };
    assert_eq!(told(&["--rate", "1000"], &program, &[]).0, [""; 0]);
}
