//! Changes while a program runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

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
        std::thread::sleep(Duration::from_millis(300));
        text(&mut fake(&["--set", "--control", control, "--rate", "1000"]));
        let end: i64 = running.line().parse().unwrap();
        assert!(end >= THEN + 3000, "{sleeper}: {end}");
        assert!(running.child.wait().unwrap().success());
        assert!(!socket.exists(), "the socket is removed");
    }
}

#[test]
fn those_asleep_stand_still_with_a_frozen_clock() {
    let test = "those_asleep_stand_still_with_a_frozen_clock";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control");
    let control = socket.to_str().unwrap();
    let set = |args: &[&str]| text(fake(&["--set", "--control", control]).args(args));
    // In truth, five seconds.
    let script = format!("echo begin; sleep 5000; {CLOCK}");
    let start = Instant::now();
    let options = ["--control", control, "--at", THEN_TEXT, "--rate", "1000"];
    let mut running = Running::new(&[&options[..], &["--", "bash", "-c", &script]].concat());
    assert_eq!(running.line(), "begin");
    std::thread::sleep(Duration::from_millis(300));
    set(&["--freeze"]);
    if start.elapsed() > Duration::from_secs(4) {
        return crate::skipped(test, "too slow: it may have ended before");
    }
    std::thread::sleep(Duration::from_secs(6));
    assert!(running.child.try_wait().unwrap().is_none(), "it sleeps as long as time stands");
    // What the date does is nothing to a wait for so long.
    set(&["--offset", "100d"]);
    set(&["--rate", "1000"]);
    let end: i64 = running.line().parse().unwrap();
    let slept = end - THEN - 8_640_000;
    assert!(slept >= 5000, "{slept}");
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn a_control_file_is_carried_out_when_written() {
    let test = "a_control_file_is_carried_out_when_written";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("control");
    // What it holds at the start is not an order.
    std::fs::write(&file, "at @4000000000\n").unwrap();
    let script = format!(
        "{CLOCK}; sleep 3000; {CLOCK}; until (( $({CLOCK}) > 5000000000 )); do sleep 1; done; echo end"
    );
    let mut child = Command::new("timeout")
        .args(["-s", "KILL", "240", env!("CARGO_BIN_EXE_instanter"), "fake", "--control"])
        .arg(&file)
        .args(["--at", THEN_TEXT, "--", "bash", "-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = || lines.next().expect("the program prints").unwrap();
    let begin: i64 = line().parse().unwrap();
    assert!((THEN..THEN + 1000).contains(&begin), "{begin}");
    std::fs::write(&file, "# faster\nrate 1000\n").unwrap();
    let end: i64 = line().parse().unwrap();
    assert!((THEN + 3000..THEN + 1_000_000).contains(&end), "{end}");
    // Not seen before its last line ends; and what is wrong does not stop the rest.
    std::fs::write(&file, "nonsense\nat @5000000000").unwrap();
    std::fs::write(&file, "nonsense\nat @5000000000\n").unwrap();
    assert_eq!(line(), "end");
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.contains("\"nonsense\""), "{errors}");
    assert!(file.exists(), "it is the user's");
    let refused = fake(&["--set", "--offset", "1h", "--control"]).arg(&file).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is a file: write lines"));
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
