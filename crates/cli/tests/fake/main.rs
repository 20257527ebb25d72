//! `instanter fake`: real programs in a time that is not the machine's.
//!
//! Nothing here depends on how fast the machine is: a wait must not end early by the
//! program's own clock, and what takes hours of that must be over within the limit.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod arrivals;
mod backtrace;
mod changes;
#[path = "../compilers/mod.rs"]
mod compilers;
mod counter;
mod programs;
mod reads;
mod refusals;
mod sets;
mod steers;
mod trap;
mod trees;
mod waits;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use compilers::is_no_mistake;

/// 2038-01-19T03:14:08Z, one second more than fits into 31 bits.
pub(crate) const THEN: i64 = 2_147_483_648;
pub(crate) const THEN_TEXT: &str = "2038-01-19T03:14:08Z";

/// How long any program may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(240);

/// `instanter fake` with arguments.
pub(crate) fn fake<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
    command.arg("fake").args(args).timeout(LIMIT).env_remove("TZ");
    command
}

/// Runs it; standard output as text.
pub(crate) fn text(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    said(&output)
}

pub(crate) fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

/// Says why a test, or a part of it, did not run.
pub(crate) fn skipped(name: &str, reason: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}

/// Whether programs can be traced here at all.
pub(crate) fn possible(name: &str) -> bool {
    let output = fake(&["--offset", "0s", "--", "true"]).output().expect("the command starts");
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains("not allowed here"), "{errors}");
        skipped(name, errors.trim());
    }
    output.status.success()
}

/// A program made from a source in this folder; nothing, and a reason, if this machine
/// has no such compiler.
pub(crate) fn compiled(compiler: &[&str], source: &str, to: &Path) -> Option<PathBuf> {
    let (name, file) = (format!("{} {source}", compiler.join(" ")), source);
    let program = to.join(name.replace([' ', '/', '.'], "_"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake").join(source);
    let mut command = std::process::Command::new(compiler[0]);
    command.args(&compiler[1..]).arg("-o").arg(&program).arg(&source);
    command.env("CGO_ENABLED", "0").env("GOCACHE", to.join("cache")).env("GO111MODULE", "off");
    match command.output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            is_no_mistake(file, &errors);
            skipped(&name, errors.trim());
            None
        }
        Err(error) => {
            skipped(&name, &error.to_string());
            None
        }
    }
}

/// The ways to make a C program: dynamic and static, with two C libraries.
pub(crate) const COMPILERS: [&[&str]; 4] = [
    &["cc", "-O1", "-pthread"],
    &["cc", "-O1", "-pthread", "-static"],
    &["musl-gcc", "-O1"],
    &["musl-gcc", "-O1", "-static"],
];

/// Lines of a name and a number.
pub(crate) fn numbers(text: &str) -> Vec<(&str, i64)> {
    let line = |line| {
        let (name, number): (&str, &str) = str::split_once(line, ' ')?;
        Some((name, number.parse().ok()?))
    };
    text.lines().map(|text| line(text).unwrap_or_else(|| panic!("{text:?}"))).collect()
}
