//! What a debugger makes of a program that died in the image.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use super::{LIMIT, compiled, possible, skipped};

/// 128 and `SIGSEGV`, as a shell has it.
const DIED: i32 = 139;

/// Runs it so that it leaves a core file, and returns what gdb says of that.
fn backtrace(folder: &Path, subcommand: &[&str], program: &Path, clock: &str) -> Option<String> {
    let core = folder.join("core");
    let _ = fs::remove_file(&core);
    let output = Command::new("sh")
        .args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_instanter"))
        .args(subcommand)
        .arg("--")
        .arg(program)
        .arg(clock)
        .current_dir(folder)
        .timeout(LIMIT)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(DIED), "{output:?}");
    if !core.exists() {
        return None;
    }
    let output = Command::new("gdb")
        .args(["-nx", "-batch", "-ex", "backtrace"])
        .args([program, &core])
        .env("DEBUGINFOD_URLS", "")
        .timeout(LIMIT)
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_debugger_goes_through_the_image() {
    let test = "a_debugger_goes_through_the_image";
    if !possible(test) {
        return;
    }
    if Command::new("gdb").arg("--version").output().is_err() {
        return skipped(test, "no gdb");
    }
    instanter_clock::prepare();
    if !instanter_clock::PAGE.is_proved() {
        // The image calls the kernel's function then, and the debugger knows of one vDSO only.
        return skipped(test, "the kernel's page is not read here");
    }
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let with_number = fs::read_to_string("/proc/sys/kernel/core_uses_pid").unwrap_or_default();
    if pattern.trim() != "core" || with_number.trim() != "0" {
        return skipped(test, &format!("core files are kept elsewhere: {:?}", pattern.trim()));
    }
    let folder = tempfile::tempdir().unwrap();
    for compiler in [&["cc", "-g", "-O1"][..], &["cc", "-g", "-O1", "-static"]] {
        let Some(program) = compiled(compiler, "crash.c", folder.path()) else { continue };
        for (subcommand, clock) in [
            (&["fake", "--rate", "2"][..], "1"),
            (&["fake", "--offset", "1h"], "0"),
            (&["trace", "--output", "/dev/null"], "1"),
        ] {
            let Some(said) = backtrace(folder.path(), subcommand, &program, clock) else {
                return skipped(test, "no core file was left");
            };
            let frames: Vec<&str> = said.lines().filter(|line| line.starts_with('#')).collect();
            let own = frames.iter().position(|frame| frame.contains(" inner ("));
            let context = format!("{compiler:?} {subcommand:?}: {said}");
            let own = own.unwrap_or_else(|| panic!("{context}"));
            assert!(own >= 2, "the image and the library are in between: {context}");
            assert!(frames[own - 1].contains("clock_gettime"), "{context}");
            assert!(frames[own + 1].contains(" middle ("), "{context}");
            assert!(frames[own + 2].contains(" main ("), "{context}");
        }
    }
}
