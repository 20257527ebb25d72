//! How a program ends, and what passes through.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{LIMIT, Watch, compile, output, report, site, trace};

#[test]
fn the_exit_status_is_the_programs() {
    let test = "the_exit_status_is_the_programs";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    // Ended by a signal: as a shell has it.
    for (words, want) in [(["x", "0"], 0), (["x", "42"], 42), (["k", "9"], 137), (["k", "15"], 143)]
    {
        let words = ["m", "5", words[0], words[1]];
        let Some((report, output)) = report(test, &[], &program.path, &words) else { return };
        assert_eq!(output.status.code(), Some(want), "{words:?}");
        assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (5, 0), "{words:?}: {report:#}");
        if want > 128 {
            assert_eq!(report["signal"], want - 128);
        } else {
            assert_eq!(report["exit_status"], want);
        }
    }
}

#[test]
fn input_and_output_pass_through() {
    let mut command = trace(&[], "cat", &[]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the command starts");
    let _watch = Watch::over(&child);
    let sent = b"some bytes \xff\x00\n".repeat(1000);
    // Shorter than a pipe is long.
    child.stdin.take().unwrap().write_all(&sent).unwrap();
    let output = child.wait_with_output().unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("not allowed") {
        return super::skipped("input_and_output_pass_through", "no tracing here");
    }
    assert_eq!(output.stdout, sent);
}

#[test]
fn a_program_that_is_not_there() {
    for (program, want) in [("/nowhere/to/be/found", "/nowhere/to/be/found"), ("/", "\"/\"")] {
        let output = output(&mut trace(&[], program, &[]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("instanter: ") && said.contains(want), "{said}");
    }
}

#[test]
fn a_signal_is_passed_on_and_the_report_is_printed() {
    let test = "a_signal_is_passed_on_and_the_report_is_printed";
    let script = "trap 'echo caught; exit 3' TERM; sleep 0.05; echo ready; \
                  while :; do sleep 0.05; done";
    let mut command = trace(&["--children"], "/bin/sh", &["-c", script]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the command starts");
    let _watch = Watch::over(&child);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    if line != "ready\n" {
        let _ = child.wait();
        return super::skipped(test, "no tracing here");
    }
    // It has slept, and most likely does so again.
    std::thread::sleep(Duration::from_millis(20));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "caught\n");
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("nanosleep"), "{said}");
}

#[test]
fn a_tracer_that_is_killed_takes_the_program_with_it() {
    let test = "a_tracer_that_is_killed_takes_the_program_with_it";
    let mut command = trace(&[], "/bin/sh", &["-c", "echo $$; exec sleep 1000"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let _watch = Watch::over(&child);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Ok(pid) = line.trim().parse() else {
        let _ = child.wait();
        return super::skipped(test, "no tracing here");
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = Instant::now();
    while is_alive(pid) {
        assert!(begun.elapsed() < LIMIT, "process {pid} is still there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process is there, and not only its exit status, which a container's first process
/// may never fetch.
fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    kill(Pid::from_raw(pid), None).is_ok() && !stat.contains(") Z ")
}
