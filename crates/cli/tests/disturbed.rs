//! While the machine's clock source is really exchanged: the doctor says what is wrong,
//! and which command mends it; `watch` marks it. While its clock is really stepped: `fake`
//! makes no more of it.
//!
//! This changes how the machine keeps its time for a moment, so it runs where the
//! environment says `INSTANTER_TEST_DISTURB=1`, as root. A program of its own, because
//! no other test is to run meanwhile.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use instanter_clock::{Adjustment, Clock, Timespec};
use serde_json::Value;

const FOLDER: &str = "/sys/devices/system/clocksource/clocksource0";

fn skipped(name: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}

fn clock_source(file: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{file}")).unwrap_or_default().trim().to_owned()
}

/// One test at a time: there is one clock source, and one clock.
static TURN: Mutex<()> = Mutex::new(());

/// Puts the clock source back, whatever becomes of the test.
struct Restore {
    name: String,
    _turn: MutexGuard<'static, ()>,
}

impl Restore {
    fn choose(&self, name: &str) -> bool {
        let written = std::fs::write(format!("{FOLDER}/current_clocksource"), name);
        written.is_ok() && clock_source("current_clocksource") == name
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if !self.choose(&self.name) {
            let _ = writeln!(std::io::stderr(), "the clock source is NOT {:?} again", self.name);
        }
    }
}

/// Says why not, or returns the sources besides the current one.
fn others(test: &str) -> Option<(Restore, Vec<String>)> {
    if std::env::var_os("INSTANTER_TEST_DISTURB").is_none() {
        skipped(test, "changes this machine's clock source; INSTANTER_TEST_DISTURB=1 allows it");
        return None;
    }
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let restore = Restore { name: clock_source("current_clocksource"), _turn: turn };
    let available = clock_source("available_clocksource");
    let others: Vec<String> = available
        .split_whitespace()
        .filter(|name| *name != restore.name)
        .map(str::to_owned)
        .collect();
    if others.is_empty() {
        skipped(test, &format!("the machine has one clock source ({available:?})"));
        return None;
    }
    if !restore.choose(&others[0]) {
        skipped(test, "the clock source cannot be chosen here: not root?");
        return None;
    }
    Some((restore, others))
}

fn doctor(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
    command.env_remove("INSTANTER_SOURCE").arg("doctor").args(args);
    command
}

#[test]
fn an_exchanged_clock_source_is_named_with_its_cost() {
    let Some((restore, others)) = others("an_exchanged_clock_source_is_named_with_its_cost") else {
        return;
    };
    for name in &others {
        assert!(restore.choose(name), "{name} is available");
        let output = doctor(&["--json", "--only", "clock-source"]).output().expect("it starts");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let check = &report["checks"][0];
        let _ = writeln!(std::io::stderr(), "{name}: {}: {}", check["level"], check["measured"]);
        let figure = |metric: &str| {
            let figures = check["figures"].as_array().expect("a list");
            let found = figures.iter().find(|figure| figure["metric"] == metric);
            found.and_then(|figure| figure["value"].as_f64()).expect(metric)
        };
        let ratio =
            figure("instanter_program_read_seconds") / figure("instanter_hwcounter_read_seconds");
        let is_call =
            check["measured"].as_str().expect("text").contains("each reading is a system call");
        let summary = check["summary"].as_str().expect("text");
        assert!(summary.contains(name.as_str()), "{check}");
        // What it costs decides, and a system call is never good.
        let wanted = match ratio {
            _ if ["jiffies", "refined-jiffies"].contains(&name.as_str()) => "bad",
            _ if is_call && ratio >= 2.5 || ratio >= 8.0 => "bad",
            _ if ratio >= 2.5 => "degraded",
            _ if ratio >= 1.5 => "either",
            _ => "good",
        };
        assert!(
            check["level"] == wanted || wanted == "either" && check["level"] != "bad",
            "{ratio}: {check}"
        );
        if check["level"] != "good" {
            assert!(summary.contains("times more than the CPU's counter"), "{check}");
            let command = check["remedy"]["commands"][0].as_str().expect("a command");
            if restore.name == "tsc" && wanted != "good" {
                assert_eq!(command, format!("echo tsc > {FOLDER}/current_clocksource"));
                // It does mend it.
                let done = Command::new("sh").args(["-c", command]).status().expect("a shell");
                assert!(done.success() && clock_source("current_clocksource") == "tsc");
            }
        }
    }
}

#[test]
fn a_change_is_seen_while_watching() {
    let Some((restore, others)) = others("a_change_is_seen_while_watching") else { return };
    assert!(restore.choose(&restore.name), "as it was");
    let mut child = doctor(&["--watch", "1", "--json", "--only", "clock-source,reading"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("it goes on").expect("text");
        serde_json::from_str(&line).expect("JSON")
    };
    let current = |report: &Value| report["checks"][0]["details"][0]["text"].to_string();
    let before = next();
    assert!(current(&before).contains(&restore.name), "{before}");
    assert!(restore.choose(&others[0]));
    // The round under way may have looked before.
    let seen = (0..3).map(|_| next()).find(|report| current(report).contains(&others[0]));
    let seen = seen.unwrap_or_else(|| panic!("{} was not seen", others[0]));
    let _ = writeln!(std::io::stderr(), "{}: {}", seen["level"], seen["summary"]);
    drop(restore);
    let back = (0..3).map(|_| next()).find(|report| current(report) == current(&before));
    assert!(back.is_some(), "{} again", current(&before));
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn a_slower_clock_source_is_marked() {
    const NAME: &str = "a_slower_clock_source_is_marked";
    let Some((restore, others)) = others(NAME) else { return };
    assert!(restore.choose(&restore.name), "as it was");
    // A slow one where there is one; else any other shows the same mark.
    let slow = ["acpi_pm", "hpet", "refined-jiffies", "jiffies"];
    let slow = others.iter().find(|name| slow.contains(&name.as_str())).unwrap_or(&others[0]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
        .args(["watch", "--plain", "--interval", "0.1", "--for", "60", "--no-coherence"])
        .env_remove("INSTANTER_SOURCE")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let _ = (lines.next(), lines.next());
    assert!(restore.choose(slow), "{slow} is available");
    let want = format!("clock source {} → {slow}", restore.name);
    let seen = lines.map_while(Result::ok).any(|line| line.contains(&want));
    let _ = (child.kill(), child.wait());
    assert!(seen, "no mark {want:?}");
}

/// Puts the clock back, whatever becomes of the test.
struct Stepped(i64);

impl Stepped {
    fn by(seconds: i64) -> Result<Stepped, instanter_clock::Error> {
        let step = Adjustment::new().step(Timespec::new(seconds, 0));
        Clock::REALTIME.adjust(step).map(|_| Stepped(seconds))
    }
}

impl Drop for Stepped {
    fn drop(&mut self) {
        let back = Adjustment::new().step(Timespec::new(-self.0, 0));
        Clock::REALTIME.adjust(back).expect("it was allowed before");
    }
}

#[test]
fn a_step_is_no_longer_where_time_goes_faster() {
    const NAME: &str = "a_step_is_no_longer_where_time_goes_faster";
    const STEP_S: i64 = 20_000;
    if std::env::var_os("INSTANTER_TEST_DISTURB").is_none() {
        return skipped(NAME, "steps this machine's clock; INSTANTER_TEST_DISTURB=1 allows it");
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
        .args(["fake", "--rate", "100", "--", "sh", "-c"])
        .arg("date +%s; while read line; do date +%s; done")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut ask = child.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut date = || -> Option<i64> { lines.next()?.ok()?.parse().ok() };
    let before = date();
    let stepped = Stepped::by(STEP_S);
    let start = Instant::now();
    // It is told of the step a moment later.
    let mut moved = None;
    for _ in 0..100 {
        let passed_s = start.elapsed().as_secs() as i64 * 100;
        if before.is_none() || stepped.is_err() || writeln!(ask, "date").is_err() {
            break;
        }
        moved = before.zip(date()).map(|(before, now)| now - before - passed_s);
        if moved.is_none_or(|moved| moved < STEP_S * 10) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let refused = stepped.as_ref().err().map(ToString::to_string);
    drop(stepped);
    drop(ask);
    let _ = child.wait();
    if before.is_none() {
        return skipped(NAME, "no program can be followed here");
    }
    if let Some(reason) = refused {
        return skipped(NAME, &reason);
    }
    // And what has passed unseen on a slow machine.
    let fine = moved.is_some_and(|moved| (STEP_S - 2..STEP_S + 10_000).contains(&moved));
    assert!(fine, "{moved:?} s");
}
