//! `instanter preload`: a command with the library, and what it refuses.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use super::{instanter, json, text};

/// The library, which cargo builds as a dependency of these tests.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    test.with_file_name("libinstanter_preload.so")
}

fn preload(args: &[&str]) -> Command {
    let mut command = instanter(&["preload"]);
    command.env("INSTANTER_PRELOAD_LIB", library()).env_remove("LD_PRELOAD").args(args);
    command
}

#[test]
fn a_command_runs_with_the_library() {
    let list = text(&mut preload(&["--", "sh", "-c", "echo $LD_PRELOAD"]));
    assert_eq!(list.trim(), library().display().to_string());
    let mut kept = preload(&["--", "sh", "-c", "echo $LD_PRELOAD"]);
    let list = text(kept.env("LD_PRELOAD", "libc.so.6"));
    assert_eq!(list.trim(), format!("{}:libc.so.6", library().display()));
    let maps = text(&mut preload(&["grep", "-c", "libinstanter_preload", "/proc/self/maps"]));
    assert_ne!(maps.trim(), "0");
    let mut date = preload(&["--", "date", "-d", "@1720000000", "+%F %T %Z"]);
    date.env("TZ", "Asia/Tokyo").env("LC_ALL", "C");
    assert_eq!(text(&mut date), "2024-07-03 18:46:40 JST\n");
    preload(&["--", "sh", "-c", "exit 7"]).assert().code(7);
}

#[test]
fn the_same_or_not() {
    let same = &["--check", "--runs", "2", "--", "date", "-u", "-d", "@0"];
    preload(same).assert().code(0).stdout(contains("The same with the library and without."));
    let report =
        json(instanter(&["preload", "--json"]).env("INSTANTER_PRELOAD_LIB", library()).args(same));
    assert_eq!(report["same"], true);
    assert_eq!(report["runs"], 2);
    let differs = &["--check", "--", "sh", "-c", "echo $LD_PRELOAD"];
    preload(differs).assert().code(1).stdout(contains("Different: stdout."));
    let random = &["--check", "--", "cat", "/proc/sys/kernel/random/uuid"];
    preload(random).assert().code(1).stdout(contains("different each time without"));
}

#[test]
fn what_cannot_work_is_refused() {
    instanter(&["preload", "--", "true"])
        .env("INSTANTER_PRELOAD_LIB", "/no/such/library")
        .assert()
        .code(1)
        .stderr(contains("\"/no/such/library\""));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("instanter");
    std::fs::copy(env!("CARGO_BIN_EXE_instanter"), &copy).unwrap();
    Command::new(&copy)
        .args(["preload", "--", "true"])
        .env_remove("INSTANTER_PRELOAD_LIB")
        .assert()
        .code(1)
        .stderr(contains(folder.path().display().to_string()).and(contains("looked at")));
    preload(&["--", "no-such-program"]).assert().code(1).stderr(contains("\"no-such-program\""));
    preload(&["--", "/no/such/program"]).assert().code(1).stderr(contains("/no/such/program"));
    preload(&[]).assert().code(2).stderr(contains("CMD"));
    preload(&["--runs", "3", "--", "true"]).assert().code(2).stderr(contains("--check"));
}

#[test]
fn a_static_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("static");
    // The headers of an ELF file that names no dynamic linker.
    let mut bytes = std::fs::read(env!("CARGO_BIN_EXE_instanter")).unwrap();
    bytes[56..58].fill(0);
    std::fs::write(&program, bytes).unwrap();
    make_executable(&program, 0o755);
    preload(&["--", program.to_str().unwrap()])
        .assert()
        .code(1)
        .stderr(contains("is linked statically"));
}

fn make_executable(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
