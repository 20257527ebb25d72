//! Shared clocks: a server and readers in processes of their own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use instanter_clock::shared::{Condition, Reader, SharedPath};
use instanter_clock::{Clock, Timespec, epoch};
use predicates::str::contains;
use serde_json::Value;

use super::{instanter, json, text};

/// Longer than any of this takes on the busiest machine.
const LIMIT: Duration = Duration::from_secs(120);

/// What makes a test a reader, and where its clock is.
const CLOCK: &str = "INSTANTER_TEST_CLOCK";

/// A process that is ended with the test, however that ends.
struct Process(Child);

impl Process {
    fn server(clock: &Path, args: &[&str]) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
        command.args(["keeper", "serve"]).arg(clock).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Process(command.spawn().expect("the command starts"))
    }

    fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.0.id().cast_signed());
        nix::sys::signal::kill(pid, signal).expect("it runs");
    }

    /// Waits for its end. Returns whether it was well, and what it printed.
    fn end(mut self) -> (bool, String) {
        let until = Instant::now() + LIMIT;
        while self.0.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < until, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut told = String::new();
        for pipe in [self.0.stdout.take().map(Stdio::from), self.0.stderr.take().map(Stdio::from)] {
            let Some(pipe) = pipe else { continue };
            let cat = Command::new("cat").stdin(pipe).output().expect("cat");
            told += &String::from_utf8_lossy(&cat.stdout);
        }
        (self.0.wait().expect("a child").success(), told)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = folder.path().join("clock");
    (folder, clock)
}

fn path(clock: &Path) -> SharedPath {
    SharedPath::of(clock.to_str().expect("UTF-8")).expect("a path")
}

/// Waits until the clock is as it should be.
fn wait_for(clock: &Path, condition: Condition) -> Reader {
    let until = Instant::now() + LIMIT;
    loop {
        if let Ok(reader) = Reader::open(&path(clock))
            && reader.reading().is_ok_and(|reading| reading.condition == condition)
        {
            return reader;
        }
        assert!(Instant::now() < until, "{clock:?} does not become {condition:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What readers tell by files beside the clock, and are told.
const KEPT: &str = "kept";
const GONE: &str = "gone";
const KILLED: &str = "killed";

/// Tells who waits for it that this process has come so far.
fn tell(clock: &Path, what: &str) {
    let file = clock.with_file_name(format!("{what}-{}", std::process::id()));
    std::fs::write(file, "").expect("written");
}

/// Waits until all of these processes have come so far, or have ended, which is told later.
fn wait_for_all(readers: &mut [Process], clock: &Path, what: &str) {
    let until = Instant::now() + LIMIT;
    let mut has_told = |reader: &mut Process| {
        clock.with_file_name(format!("{what}-{}", reader.0.id())).exists()
            || reader.0.try_wait().expect("a child").is_some()
    };
    while !readers.iter_mut().all(&mut has_told) {
        assert!(Instant::now() < until, "a reader does not come to {what:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The part of a reader, in a process of its own: the clock never goes back, and is the
/// kernel's within what is stated; until a file beside it tells to stop.
#[test]
fn in_the_role_of_a_reader() {
    let Some(clock) = std::env::var_os(CLOCK).map(PathBuf::from) else { return };
    let stop = clock.with_file_name("stop");
    let reader = Reader::open(&path(&clock)).expect("a clock");
    let (mut last, mut kept, mut gone, mut is_told) = (None, 0u64, 0u64, false);
    // After somebody has set the machine's clock, the server's next tick sets ours.
    let mut excused_until = Instant::now();
    let mut seen = epoch();
    while !stop.exists() {
        for _ in 0..2_000 {
            match reader.pair() {
                Ok(pair) => {
                    if kept == 0 {
                        tell(&clock, KEPT);
                    }
                    assert!(last <= Some(pair.monotonic), "{:?} after {last:?}", pair.monotonic);
                    (last, kept) = (Some(pair.monotonic), kept + 1);
                }
                Err(error) => {
                    assert!(error.is_gone(), "{error}");
                    gone += 1;
                    // A server that gets no CPU is gone for a moment, too.
                    if !is_told && clock.with_file_name(KILLED).exists() {
                        tell(&clock, GONE);
                        is_told = true;
                    }
                }
            }
        }
        let realtime = || Clock::REALTIME.now().expect("it answers").as_nanos();
        let before = realtime();
        let reading = reader.reading().expect("a page");
        let after = realtime();
        if epoch() != seen {
            (seen, excused_until) = (epoch(), Instant::now() + Duration::from_secs(10));
        }
        if reading.condition == Condition::Kept && Instant::now() > excused_until {
            let bound = i128::from(reading.bound_ns().expect("it follows something"));
            let ours = reading.pair().realtime.as_nanos();
            assert!(
                (before - bound..=after + bound).contains(&ours),
                "{ours} is not within {bound} ns of {before} to {after}: {reading:?}"
            );
        }
    }
    assert!(kept > 0 && gone > 0, "{kept} readings, {gone} refused");
}

#[test]
fn readers_beside_a_server_that_is_killed_and_started_again() {
    let (folder, clock) = folder();
    // Somebody may be steering the machine's clock as hard as a kernel lets him.
    let server = Process::server(&clock, &["--drift", "1000"]);
    drop(wait_for(&clock, Condition::Kept));
    let mut readers: Vec<Process> = (0..3)
        .map(|_| {
            let program = std::env::current_exe().expect("this program has a name");
            let mut command = Command::new(program);
            command.args(["--exact", "keeper::in_the_role_of_a_reader"]).env(CLOCK, &clock);
            Process(command.stdout(Stdio::piped()).spawn().expect("it starts"))
        })
        .collect();
    wait_for_all(&mut readers, &clock, KEPT);
    std::thread::sleep(Duration::from_millis(300));
    // One server at a time.
    let quoted = format!("{clock:?}: another process keeps it");
    let name = clock.to_str().expect("UTF-8");
    instanter(&["keeper", "serve", name]).assert().code(1).stderr(contains(quoted)).stdout("");

    server.signal(nix::sys::signal::Signal::SIGKILL);
    drop(server);
    drop(wait_for(&clock, Condition::Stale));
    let told = contains("does not update it");
    instanter(&["keeper", "read", name]).assert().code(1).stdout(told).stderr("");
    // The readers notice, too.
    std::fs::write(folder.path().join(KILLED), "").expect("written");
    wait_for_all(&mut readers, &clock, GONE);
    let successor = Process::server(&clock, &["--tick", "20ms", "--drift", "1000"]);
    drop(wait_for(&clock, Condition::Kept));
    std::thread::sleep(Duration::from_millis(300));

    std::fs::write(folder.path().join("stop"), "").expect("written");
    for reader in readers {
        let (well, told) = reader.end();
        assert!(well, "{told}");
    }
    successor.signal(nix::sys::signal::Signal::SIGTERM);
    let (well, told) = successor.end();
    assert!(well && told.contains("it goes on where its predecessor's was left"), "{told}");
    assert!(told.trim_end().ends_with("ended by SIGTERM"), "{told}");
    drop(wait_for(&clock, Condition::Ended));
    instanter(&["keeper", "read", name]).assert().code(1).stdout(contains("its keeper has ended"));
}

#[test]
fn what_is_read_is_reported() {
    const DOCUMENT: &str = include_str!("../../JSON.md");
    let (_folder, clock) = folder();
    let _server = Process::server(&clock, &[]);
    drop(wait_for(&clock, Condition::Kept));
    let name = clock.to_str().expect("UTF-8");
    let report = json(&mut instanter(&["keeper", "read", name, "--bench", "--json"]));
    for field in report.as_object().expect("an object").keys() {
        assert!(DOCUMENT.contains(&format!("`{field}`")), "JSON.md lacks {field:?}");
    }
    assert_eq!(report["source"], "realtime", "{report}");
    assert!(report["cost"]["shared_ns"].as_f64().is_some_and(|ns| ns > 0.0), "{report}");
    match &report["system_calls"] {
        Value::Null => {
            let why = report["system_calls_error"].as_str().expect("a reason").to_owned();
            super::skipped("what_is_read_is_reported", &why);
        }
        // While it is kept: a server that gets no CPU for a second leaves readers to say so.
        count => {
            assert_eq!((&count["calls"], &count["system_calls"]), (&1_000_000.into(), &0.into()));
        }
    }
    let lines = text(&mut instanter(&[
        "keeper", "read", name, "--watch", "--every", "1ms", "--count", "5", "--json",
    ]));
    let monotonic = lines.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let part = |part: &str| line["monotonic"][part].as_i64().expect("a number");
        (part("seconds"), part("nanosecond"))
    });
    let monotonic: Vec<_> = monotonic.collect();
    assert!(monotonic.len() == 5 && monotonic.is_sorted(), "{lines}");
    for width in [40, 60] {
        let text = text(instanter(&["keeper", "read", name]).env("COLUMNS", width.to_string()));
        let path_alone = |line: &str| line.contains(name) || line.trim_start().starts_with('/');
        for line in text.lines().filter(|line| !path_alone(line)) {
            assert!(line.chars().count() <= width, "at {width}: {line:?}");
        }
    }
}

/// A leap second, as the script has it: the last second of the day twice, and TAI without
/// a gap.
#[test]
fn a_script_is_played() {
    let (folder, clock) = folder();
    let script = folder.path().join("script");
    // The flag is looked at when a second begins, and so must be set before the last one.
    let text = "0 set 2016-12-31T23:59:58.5Z\n0 tai 36\n0 leap insert # at midnight\n\
                1h end\n";
    std::fs::write(&script, text).expect("written");
    let script_name = script.to_str().expect("UTF-8");
    let started = Instant::now();
    let server = Process::server(&clock, &["--script", script_name, "--json"]);
    let reader = wait_for(&clock, Condition::Kept);
    let last = Timespec::new(1_483_228_799, 0);
    let (mut before, until) = (None, Instant::now() + LIMIT);
    let mut seen = Vec::new();
    // How long nobody looked.
    let mut pause = started.elapsed();
    let mut looked = Instant::now();
    loop {
        assert!(Instant::now() < until, "no leap second: {seen:?}");
        pause = pause.max(looked.elapsed());
        looked = Instant::now();
        let all = reader.reading().expect("a page").snapshot();
        if all.realtime < last {
            continue; // Not set yet, or not there yet.
        }
        assert!(before <= Some(all.tai), "TAI went back: {all:?} after {before:?}");
        before = Some(all.tai);
        let apart = all.tai.sec - all.realtime.sec;
        if seen.last() != Some(&apart) {
            seen.push(apart);
        }
        if apart == 37 && all.realtime.sec > last.sec {
            break;
        }
    }
    // From the machine's own to the script's, and over the leap second.
    if pause < Duration::from_secs(1) {
        assert!(seen.ends_with(&[36, 37]), "{seen:?}");
    } else {
        super::skipped("a part of a_script_is_played", "a machine so busy that nobody looked");
    }
    server.signal(nix::sys::signal::Signal::SIGINT);
    let (well, told) = server.end();
    let events: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let note = |text: &str| {
        events.iter().any(|event| event["text"].as_str().is_some_and(|told| told.contains(text)))
    };
    assert!(well && note("leap insert") && note("ended by SIGINT"), "{told}");
    assert!(note("a leap second: TAI is 37 s ahead"), "{told}");

    // What cannot be read is quoted, and nothing is kept.
    std::fs::write(&script, "0 step 1s\n1s jump\n").expect("written");
    let quoted = contains("line 2, \"1s jump\": \"jump\" is not set");
    let name = clock.to_str().expect("UTF-8");
    let mut command = instanter(&["keeper", "serve", name, "--script", script_name]);
    command.assert().code(1).stderr(quoted).stdout("");
}

/// A client that says that the machine's clock is 1.5 s slow.
#[test]
fn chrony_is_followed() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, clock) = folder();
    let name = clock.to_str().expect("UTF-8");
    let mut alone = instanter(&["keeper", "serve", name, "--from", "chrony"]);
    let missing = contains("\"chronyc\" is not installed, or not in PATH");
    alone.env("PATH", folder.path()).assert().code(1).stderr(missing);
    assert!(Reader::open(&path(&clock)).is_err_and(|error| error.is_absent()));

    let client = folder.path().join("chronyc");
    let text = "#!/bin/sh\necho '7F000001,127.0.0.1,6,1.0,1.500000000,0.0,0.0,-0.1,0.0,0.1,\
                0.000200000,0.000050000,0.1,Normal'\n";
    std::fs::write(&client, text).expect("written");
    std::fs::set_permissions(&client, PermissionsExt::from_mode(0o755)).expect("set");
    let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
    command.args(["keeper", "serve", name, "--from", "chrony", "--poll", "50ms"]);
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let _server =
        Process(command.env("PATH", path).stdout(Stdio::null()).spawn().expect("it starts"));
    drop(wait_for(&clock, Condition::Kept));
    let report = json(&mut instanter(&["keeper", "read", name, "--json"]));
    assert_eq!((&report["source"], &report["synchronized"]), (&"chrony".into(), &true.into()));
    assert_eq!(report["source_bound_ns"], 150_000, "{report}");
    let Some(ahead) = report["ahead_of_realtime_ns"].as_str() else {
        let _ = writeln!(std::io::stderr(), "skipped chrony_is_followed: no clock to compare with");
        return;
    };
    let off = ahead.parse::<i64>().expect("a number") - 1_500_000_000;
    // Where the page is not used, a comparison takes two readings of the kernel's.
    let bound = report["bound_ns"].as_i64().expect("a bound") + 1_000_000;
    assert!(off.abs() <= bound, "{off} ns, more than {bound}");
}

#[test]
fn a_clock_by_its_name() {
    let name = format!("test-{}", std::process::id());
    let file = PathBuf::from(format!("/dev/shm/instanter-{name}"));
    if !Path::new("/dev/shm").is_dir() {
        return super::skipped("a_clock_by_its_name", "there is no /dev/shm");
    }
    let log = tempfile::NamedTempFile::new().expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_instanter"));
    command.args(["keeper", "serve", &name, "--log", "20ms"]).stdin(Stdio::null());
    command.stdout(log.reopen().expect("the file"));
    let server = Process(command.spawn().expect("the command starts"));
    drop(wait_for(&file, Condition::Kept));
    instanter(&["keeper", "read", &name]).assert().code(0).stdout(contains(&name)).stderr("");
    let told = || std::fs::read_to_string(log.path()).expect("text");
    let until = Instant::now() + LIMIT;
    while !told().contains(" within ") {
        assert!(Instant::now() < until, "no line: {}", told());
        std::thread::sleep(Duration::from_millis(5));
    }
    server.signal(nix::sys::signal::Signal::SIGTERM);
    let (well, _) = server.end();
    let _ = std::fs::remove_file(&file);
    assert!(
        well && told().contains("ended by SIGTERM") && !told().contains('\u{1b}'),
        "{}",
        told()
    );
}
