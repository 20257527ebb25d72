//! What the command promises from outside: output, JSON, exit codes.

mod bench;
mod date;
mod doctor;
mod explain;
mod image;
mod json;
mod keeper;
mod layout;
mod lines;
mod misuse;
mod preload;
mod report;
mod shell;
mod watch;
mod zone;

use assert_cmd::Command;
use serde_json::Value;

/// The command, with nothing in its environment that changes what it prints.
pub(crate) fn instanter(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
    for name in
        ["INSTANTER_SOURCE", "COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TZ", "TZDIR"]
    {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// Standard output as text, whatever the exit code.
pub(crate) fn text(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// Standard output as JSON, whatever the exit code.
pub(crate) fn json(command: &mut Command) -> Value {
    let text = text(command);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Every subcommand that prints a report.
pub(crate) const REPORTS: [&[&str]; 9] = [
    &[],
    &["now"],
    &["clocks"],
    &["vdso"],
    &["explain"],
    &["bench", "--quick"],
    &["zone"],
    &["zone", "America/Argentina/ComodRivadavia"],
    &["date", "--to", "UTC"],
];

/// Says why a test did not run, past the harness, which keeps what is printed
/// to itself.
pub(crate) fn skipped(name: &str, reason: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}
