//! Trees of processes: who starts whom, and how they end.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use crate::{THEN, THEN_TEXT, fake, possible, skipped, text};

#[test]
fn all_of_a_shells_children_live_then() {
    if !possible("all_of_a_shells_children_live_then") {
        return;
    }
    let script = "date +%s; (date +%s); date +%s | cat; echo $(date +%s); \
                  env perl -e 'print time, \"\\n\"; fork; print time, \"\\n\"; wait'; \
                  python3 -c 'import subprocess, os, time\n\
subprocess.run([\"date\", \"+%s\"], close_fds=False)\n\
os.posix_spawn(\"/bin/date\", [\"date\", \"+%s\"], os.environ); os.wait()'; exec date +%s";
    let shown = text(&mut fake(&["--at", THEN_TEXT, "--", "bash", "-c", script]));
    assert_eq!(shown.lines().count(), 10, "{shown}");
    for line in shown.lines() {
        let seconds: i64 = line.parse().unwrap();
        assert!((THEN..THEN + 1000).contains(&seconds), "{shown}");
    }
}

#[test]
fn children_may_be_left_alone() {
    if !possible("children_may_be_left_alone") {
        return;
    }
    let script = "printf '%(%s)T\\n' -1; (printf '%(%s)T\\n' -1); date +%s; printf '%(%s)T\\n' -1";
    let args = ["--at", THEN_TEXT, "--children", "not", "--", "bash", "-c", script];
    let shown = text(&mut fake(&args));
    let then: Vec<bool> = shown.lines().map(|line| line.parse::<i64>().unwrap() >= THEN).collect();
    assert_eq!(then, [true, false, false, true], "{shown}");
}

#[test]
fn programs_by_name_have_their_own_offset() {
    if !possible("programs_by_name_have_their_own_offset") {
        return;
    }
    let args = ["--at", THEN_TEXT, "--for", "date=1000d", "--", "bash", "-c"];
    let mut command = fake(&args);
    let shown = text(command.arg("printf '%(%s)T\\n' -1; date +%s; printf '%(%s)T\\n' -1"));
    let ahead: Vec<bool> =
        shown.lines().map(|line| line.parse::<i64>().unwrap() >= THEN + 86_400_000).collect();
    assert_eq!(ahead, [false, true, false], "{shown}");
}

#[test]
fn who_becomes_another_user_lives_then() {
    let test = "who_becomes_another_user_lives_then";
    if !possible(test) {
        return;
    }
    let become_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let able = Command::new(become_nobody[0]).args(&become_nobody[1..]).arg("true").output();
    if !able.is_ok_and(|output| output.status.success()) {
        return skipped(test, "setpriv cannot become another user here");
    }
    let script = "id -u; date +%s; exec date +%s";
    let shown =
        text(fake(&["--at", THEN_TEXT, "--"]).args(become_nobody).args(["sh", "-c", script]));
    let numbers: Vec<i64> = shown.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!((numbers.len(), numbers[0]), (3, 65534), "{shown}");
    let then = THEN..THEN + 1000;
    assert!(numbers[1..].iter().all(|seconds| then.contains(seconds)), "{shown}");
}

#[test]
fn exit_codes_are_the_programs() {
    if !possible("exit_codes_are_the_programs") {
        return;
    }
    for (script, want) in [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 128 + 15)] {
        let output = fake(&["--offset", "1h", "--", "sh", "-c", script]).output().unwrap();
        assert_eq!(output.status.code(), Some(want), "{script}");
    }
}

/// Processes that have a word of ours among their arguments.
fn pids(word: &str) -> Vec<Pid> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ours = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let found = line.windows(word.len()).any(|part| part == word.as_bytes());
        found.then(|| Pid::from_raw(pid))
    };
    folder.flatten().filter_map(ours).collect()
}

fn alive(word: &str) -> usize {
    pids(word).len()
}

#[test]
fn whoever_is_killed_leaves_nothing() {
    if !possible("whoever_is_killed_leaves_nothing") {
        return;
    }
    let word = format!("instanter-test-{}", std::process::id());
    let script = format!("while :; do sh -c 'sleep 0.01; date' {word}; done");
    let others = left_behind();
    for round in 0..60_u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(["fake", "--rate", "3", "--", "sh", "-c", &script, &word])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Rather while it begins than later.
        std::thread::sleep(Duration::from_micros(round * 7919 % 50_000 / (1 + round % 8)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    nothing_is_left(&word, &others);
}

/// Waits until there is neither a process with this word nor memory that was not there before.
fn nothing_is_left(word: &str, others: &HashSet<u32>) {
    let start = Instant::now();
    let left = || (alive(word), left_behind().difference(others).count());
    while left() != (0, 0) {
        assert!(start.elapsed() < crate::LIMIT, "processes, memory: {:?}", left());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Ids of segments of shared memory that nobody has.
fn left_behind() -> HashSet<u32> {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let left = |line: &str| {
        let mut words = line.split_whitespace();
        let id = words.nth(1)?.parse().ok()?;
        (words.nth(4)? == "0").then_some(id)
    };
    table.lines().filter_map(left).collect()
}

/// Kills all that have a word of ours among their arguments, and are not the command itself.
fn kill_programs(word: &str) {
    let command = Path::new(env!("CARGO_BIN_EXE_instanter")).canonicalize().expect("it is there");
    let is_program = |pid: &Pid| {
        std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|program| program != command)
    };
    for pid in pids(word).into_iter().filter(is_program) {
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
    }
}

#[test]
fn programs_that_are_killed_leave_nothing() {
    if !possible("programs_that_are_killed_leave_nothing") {
        return;
    }
    let word = format!("instanter-killed-{}", std::process::id());
    // Each starts one that goes on for a moment, and kills it in the middle of something.
    let script = "while :; do (while :; do date; done) & sleep 0.03; kill -KILL $!; done";
    let others = left_behind();
    for round in 0..10_u64 {
        let mut tracer = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(["fake", "--rate", "3", "--", "timeout", "-s", "KILL"])
            .arg(format!("{}", (round * 7 % 50 + 1) as f64 / 100.0 * 3.0))
            .args(["setsid", "bash", "-c", script, &word])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Whoever is left after the program is in its tree all the same: it is waited for.
        std::thread::sleep(Duration::from_millis(300));
        kill_programs(&word);
        // One that was just being started may have come to light afterwards.
        let start = Instant::now();
        while tracer.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < crate::LIMIT, "the tracer waits for {} more", alive(&word));
            kill_programs(&word);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    nothing_is_left(&word, &others);
}

#[test]
fn a_socket_that_was_left_is_taken() {
    if !possible("a_socket_that_was_left_is_taken") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control");
    let start = || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(["fake", "--control"])
            .arg(&socket)
            .args(["--", "sh", "-c", "echo begin; exec sleep 10000"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        assert_eq!(line, "begin\n");
        (child, out)
    };
    let (mut first, _out) = start();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(socket.exists(), "nobody could remove it");
    let refused = fake(&["--set", "--offset", "1h", "--control"]).arg(&socket).output().unwrap();
    assert!(!refused.status.success(), "nobody listens");
    let (mut second, _out) = start();
    // Another one does not take it away from who listens.
    let third = fake(&["--control"]).arg(&socket).args(["--", "true"]).output().unwrap();
    let errors = String::from_utf8_lossy(&third.stderr);
    assert!(!third.status.success() && errors.contains("cannot listen"), "{errors}");
    // The end of a connection changes nothing.
    let other = std::os::unix::net::UnixStream::connect(&socket).unwrap();
    drop(other);
    text(fake(&["--set", "--rate", "1000", "--control"]).arg(&socket));
    assert!(second.wait().unwrap().success(), "it slept for ten seconds at most");
    assert!(!socket.exists());
}

#[test]
fn a_child_that_is_killed_is_reported_as_such() {
    if !possible("a_child_that_is_killed_is_reported_as_such") {
        return;
    }
    let script = "sleep 1000 & p=$!; kill -KILL $p; wait $p; echo $?";
    let shown = text(&mut fake(&["--rate", "2", "--", "sh", "-c", script]));
    assert_eq!(shown, "137\n");
    if !Path::new("/proc/sysvipc/shm").exists() {
        skipped("shared memory", "no /proc/sysvipc");
    }
}
