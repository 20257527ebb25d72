//! Changes while a program runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{THEN, THEN_TEXT, fake, possible, text};

/// A program that runs, and what it prints.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn new(args: &[&str]) -> Running {
        let mut child = Command::new("timeout")
            .args(["-s", "KILL", "240", env!("CARGO_BIN_EXE_instanter"), "fake"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("the program prints").unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A shell's seconds since 1970, without a process for it.
const CLOCK: &str = r#"printf '%(%s)T\n' -1"#;

#[test]
fn those_asleep_are_woken_in_time() {
    if !possible("those_asleep_are_woken_in_time") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control");
    let control = socket.to_str().unwrap();
    // Each waits for hours in its own way: a sleep, a poll, a condition, a timer.
    let sleepers = [
        "echo begin; sleep 3000",
        "perl -e '$| = 1; print \"begin\\n\"; select(undef, undef, undef, 3000)'",
        "python3 -c 'import threading; print(\"begin\", flush=True); threading.Event().wait(3000)'",
        // The call that is interrupted is none that waits for a time.
        "perl -e '$| = 1; $SIG{ALRM} = sub {}; alarm 3000; print \"begin\\n\"; sleep'",
    ];
    for sleeper in sleepers {
        let script = format!("{sleeper}; {CLOCK}");
        let mut running =
            Running::new(&["--control", control, "--at", THEN_TEXT, "--", "bash", "-c", &script]);
        assert_eq!(running.line(), "begin");
        // It may not be asleep yet; then it begins to wait by the new rate.
        std::thread::sleep(std::time::Duration::from_millis(300));
        text(&mut fake(&["--set", "--control", control, "--rate", "1000"]));
        let end: i64 = running.line().parse().unwrap();
        assert!(end >= THEN + 3000, "{sleeper}: {end}");
        assert!(running.child.wait().unwrap().success());
        assert!(!socket.exists(), "the socket is removed");
    }
}

#[test]
fn a_jump_is_seen_at_once_and_by_the_date_alone() {
    if !possible("a_jump_is_seen_at_once_and_by_the_date_alone") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control");
    let control = socket.to_str().unwrap();
    let script = "import time
print(0, flush=True)
last = time.monotonic()
while time.time() < 4e9:
    now = time.monotonic()
    assert now >= last
    last = now
assert time.monotonic() - last < 1000
print(int(time.time()), flush=True)";
    let mut running = Running::new(&["--control", control, "--", "python3", "-c", script]);
    assert_eq!(running.line(), "0");
    text(&mut fake(&["--set", "--control", control, "--at", "@4000000000"]));
    let end: i64 = running.line().parse().unwrap();
    assert!((4_000_000_000..4_000_001_000).contains(&end), "{end}");
}

#[test]
fn scripts_play() {
    if !possible("scripts_play") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script");
    std::fs::write(&file, "# all at once\n0s at 2038-01-19T03:14:08Z\n100ms jump 1000d\n").unwrap();
    let script = "import time
while time.time() < 2147483648 + 86400000: pass
print(int(time.time()))";
    let mut command = fake(&["--script"]);
    let shown = text(command.arg(&file).args(["--", "python3", "-c", script]));
    let passed = shown.trim().parse::<i64>().unwrap() - THEN - 86_400_000;
    assert!((0..1000).contains(&passed), "{passed}");

    std::fs::write(&file, "5s\n").unwrap();
    let output = fake(&["--script"]).arg(&file).args(["--", "true"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 1"));
}
