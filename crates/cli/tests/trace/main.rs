//! What `instanter trace` promises, with real programs whose reads are known.
#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]

#[path = "../compilers/mod.rs"]
mod compilers;
mod cost;
mod counts;
mod ends;
mod languages;
mod outputs;
mod system_calls;
mod trees;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use compilers::is_no_mistake;
use serde_json::Value;
use tempfile::TempDir;

/// A command that takes longer hangs: it is ended.
const LIMIT: Duration = Duration::from_secs(120);

/// Says why a test did not run, past the harness, which keeps what is printed to itself.
fn skipped(name: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trace/programs").join(name)
}

/// A folder with a program in it, gone with the test.
struct Program {
    folder: TempDir,
    path: PathBuf,
}

/// Compiles a C program; nothing where there is no compiler for it.
fn compile(test: &str, name: &str, flags: &[&str]) -> Option<Program> {
    let folder = TempDir::new().expect("a folder for the program");
    let path = folder.path().join("program");
    let made = Command::new("cc")
        .args(["-g", "-O1", "-pthread", "-o"])
        .arg(&path)
        .arg(source(name))
        .args(flags)
        .output();
    match made {
        Ok(output) if output.status.success() => Some(Program { folder, path }),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            is_no_mistake(name, &why);
            skipped(test, &format!("cc {flags:?} fails: {}", why.lines().last().unwrap_or("")));
            None
        }
        Err(error) => {
            skipped(test, &format!("no C compiler: {error}"));
            None
        }
    }
}

/// `instanter trace`, with nothing in its environment that changes what it prints.
fn trace(options: &[&str], program: impl AsRef<OsStr>, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "INSTANTER_SOURCE"] {
        command.env_remove(name);
    }
    command.arg("trace").args(options).arg("--").arg(program).args(words);
    command.stdin(Stdio::null());
    command
}

/// Ends a process that runs too long.
struct Watch {
    done: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    fn over(child: &Child) -> Watch {
        let pid = nix::unistd::Pid::from_raw(child.id() as i32);
        let (done, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            if ended.recv_timeout(LIMIT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                // What it traces ends with it.
                let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            }
        });
        Watch { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs a command to its end, or ends it.
fn output(command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the command starts");
    let watch = Watch::over(&child);
    let begun = Instant::now();
    let output = child.wait_with_output().expect("the command ends");
    drop(watch);
    assert!(begun.elapsed() < LIMIT, "it took too long: {command:?}");
    output
}

/// The report as JSON, and how the command ended. Where this machine lets nobody trace,
/// nothing.
fn report(test: &str, options: &[&str], program: &Path, words: &[&str]) -> Option<(Value, Output)> {
    let folder = TempDir::new().expect("a folder for the report");
    let file = folder.path().join("report.json");
    let mut all = vec!["--json", "--output", file.to_str().expect("a path in UTF-8")];
    all.extend(options);
    let output = output(&mut trace(&all, program, words));
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("ptrace is not allowed") || stderr.contains("seccomp is not allowed") {
        skipped(test, stderr.trim());
        return None;
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let report = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error} in {text:?}; standard error: {stderr}"));
    Some((report, output))
}

/// Calls and system calls of a function of the program, by what it reads.
fn site(report: &Value, function: &str, reads: &str) -> (u64, u64) {
    let sites = report["sites"].as_array().expect("a list of sites");
    let of = |site: &&Value| site["function"] == function && site["reads"] == reads;
    sites.iter().filter(of).fold((0, 0), |(calls, system_calls), site| {
        (
            calls + site["calls"].as_u64().expect("a number"),
            system_calls + site["system_calls"].as_u64().expect("a number"),
        )
    })
}

/// Calls of a system call that waits, and nanoseconds in it.
fn wait(report: &Value, name: &str) -> (u64, u64) {
    let waits = report["waits"].as_array().expect("a list of waits");
    let of = waits.iter().find(|wait| wait["name"] == name);
    let number = |field: &str| of.map_or(0, |wait| wait[field].as_u64().expect("a number"));
    (number("calls"), number("total_ns"))
}
