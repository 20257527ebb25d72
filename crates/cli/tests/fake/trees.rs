//! Trees of processes: who starts whom, and how they end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
fn alive(word: &str) -> usize {
    let Ok(folder) = std::fs::read_dir("/proc") else { return 0 };
    let lines =
        folder.flatten().filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.windows(word.len()).any(|part| part == word.as_bytes())).count()
}

#[test]
fn whoever_is_killed_leaves_nothing() {
    if !possible("whoever_is_killed_leaves_nothing") {
        return;
    }
    let word = format!("instanter-test-{}", std::process::id());
    let script = format!("while :; do sh -c 'sleep 0.01; date' {word}; done");
    for round in 0..20_u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(["fake", "--rate", "3", "--", "sh", "-c", &script, &word])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(round * 7 % 50));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let start = Instant::now();
    while alive(&word) > 0 {
        assert!(start.elapsed() < crate::LIMIT, "{} still there", alive(&word));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_child_that_is_killed_is_reported_as_such() {
    if !possible("a_child_that_is_killed_is_reported_as_such") {
        return;
    }
    let script = "sleep 1000 & p=$!; kill -KILL $p; wait $p; echo $?";
    let shown = text(&mut fake(&["--rate", "2", "--", "sh", "-c", script]));
    assert_eq!(shown, "137\n");
    if !std::path::Path::new("/proc/sysvipc/shm").exists() {
        skipped("shared memory", "no /proc/sysvipc");
    }
}
