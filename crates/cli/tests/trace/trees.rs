//! What a program starts: fork, exec, shells.

use std::os::unix::fs::PermissionsExt;

use super::{compile, output, report, site, skipped, trace};

#[test]
fn children_are_counted_if_asked_for() {
    let test = "children_are_counted_if_asked_for";
    for flags in [&[][..], &["-static"]] {
        let Some(program) = compile(test, "counts.c", flags) else { continue };
        let words = ["m", "10", "f", "20", "e", "30"];
        let Some((report, _)) = report(test, &["--children"], &program.path, &words) else {
            return;
        };
        assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (10, 0), "{report:#}");
        assert_eq!(site(&report, "realtime", "CLOCK_REALTIME"), (20, 0), "{report:#}");
        assert_eq!(site(&report, "day", "gettimeofday"), (30, 0), "{report:#}");
        let programs = report["programs"].as_array().unwrap();
        assert_eq!(programs.len(), 3, "the program, its child, what it became: {report:#}");
    }
}

#[test]
fn without_that_the_program_alone_is() {
    let test = "without_that_the_program_alone_is";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    let words = ["m", "10", "f", "20", "c", "5", "m", "1"];
    let Some((report, _)) = report(test, &[], &program.path, &words) else { return };
    assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (11, 0), "{report:#}");
    assert_eq!(site(&report, "cpu_time", "CLOCK_PROCESS_CPUTIME_ID"), (5, 5), "{report:#}");
    assert_eq!(site(&report, "realtime", "CLOCK_REALTIME"), (0, 0), "{report:#}");
    assert_eq!(report["programs"].as_array().unwrap().len(), 1, "{report:#}");
}

#[test]
fn a_shells_tree() {
    let test = "a_shells_tree";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    let path = program.path.to_str().unwrap();
    let script = format!("for n in 1 2 3; do '{path}' m 100 & done; wait; '{path}' r 7 | cat");
    let shell = std::path::Path::new("/bin/sh");
    let Some((report, _)) = report(test, &["--children"], shell, &["-c", &script]) else { return };
    assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (300, 0), "{report:#}");
    assert_eq!(site(&report, "realtime", "CLOCK_REALTIME"), (7, 0), "{report:#}");
}

/// Makes a program another user's, and run as that one. Only root can.
fn give_away(path: &std::path::Path) -> Result<(), String> {
    let other = if nix::unistd::geteuid().as_raw() == 65_534 { 65_533 } else { 65_534 };
    std::os::unix::fs::chown(path, Some(other), None).map_err(|error| error.to_string())?;
    let mode = std::fs::Permissions::from_mode(0o4755);
    std::fs::set_permissions(path, mode).map_err(|error| error.to_string())
}

#[test]
fn a_program_of_another_user_is_refused_or_named() {
    let test = "a_program_of_another_user_is_refused_or_named";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    if let Err(reason) = give_away(&program.path) {
        return skipped(test, &reason);
    }
    let refused = output(&mut trace(&[], &program.path, &["x", "0"]));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("set-user-ID"), "{said}");
    let path = program.path.to_str().unwrap();
    let shell = std::path::Path::new("/bin/sh");
    let words = ["-c", &format!("'{path}' m 3; true")];
    let Some((report, _)) = report(test, &["--children"], shell, &words) else { return };
    let remarks = report["remarks"].to_string();
    assert!(remarks.contains("set-user-ID") && remarks.contains(path), "{report:#}");
}
