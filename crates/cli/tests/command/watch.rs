//! `watch`: lines in a pipe, recordings, and the screen in a real terminal (tmux).

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::str::contains;
use serde_json::Value;

use super::{instanter, skipped, text};

#[test]
fn lines_in_a_pipe() {
    let text = text(&mut instanter(&["watch", "--for", "0.5", "--interval", "0.1"]));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("realtime−raw ns"), "{text}");
    assert!(lines.len() >= 2, "{text}");
    for line in &lines[1..] {
        assert!(line.starts_with('*') || line.contains("Z "), "{text}");
        assert_eq!(*line, line.trim_end());
    }
    let narrow = super::text(instanter(&["watch", "--for", "0.3"]).env("COLUMNS", "40"));
    assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
}

#[test]
fn what_is_recorded_is_shown_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a \"b\".jsonl");
    let name = file.display().to_string();
    let record = ["watch", "--for", "0.5", "--interval", "0.1", "--record", &name];
    let live = text(&mut instanter(&record));
    let replayed = text(&mut instanter(&["watch", "--replay", &name, "--speed", "0"]));
    assert_eq!(live, replayed);

    instanter(&record).assert().code(1).stderr(contains("a \\\"b\\\".jsonl\" exists already"));
    instanter(&[&record[..], &["--force"]].concat()).assert().code(0);

    // The same lines on standard output, and from standard input.
    let replayed = text(&mut instanter(&["watch", "--replay", &name, "--speed", "0"]));
    let json = text(&mut instanter(&["watch", "--replay", &name, "--speed", "0", "--json"]));
    assert_eq!(json, std::fs::read_to_string(&file).expect("a recording"));
    let mut lines = json.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let head: Value = lines.next().expect("a line");
    assert_eq!(head["instanter_watch"], 1);
    let document = include_str!("../../JSON.md");
    for line in lines.chain([head]) {
        let sample: &Value = &line;
        for (name, value) in sample.as_object().expect("an object") {
            assert!(document.contains(&format!("`{name}`")), "JSON.md lacks {name:?}");
            for inner in value.as_object().into_iter().flat_map(|fields| fields.keys()) {
                assert!(document.contains(&format!("`{inner}`")), "JSON.md lacks {inner:?}");
            }
        }
    }
    let from_stdin =
        instanter(&["watch", "--replay", "-", "--speed", "0"]).write_stdin(json).output();
    assert_eq!(String::from_utf8_lossy(&from_stdin.expect("it ends").stdout), replayed);
}

/// A feed in which the clock source is exchanged for a slow one.
fn slower() -> String {
    let mut lines = vec![
        r#"{"instanter_watch":1,"version":"0","utc":"","counter":"TSC","interval_s":0.5,"device":null}"#
            .to_owned(),
    ];
    for index in 0..20_i64 {
        let (source, clock_source, cost, epoch) =
            if index < 10 { ("page", "tsc", 35.5, 1) } else { ("syscall", "hpet", 1_900.0, 2) };
        let ns = 1_000_000_000 * 100 + index * 500_000_000;
        lines.push(format!(
            r#"{{"clocks":{{"realtime":"{ns}","monotonic":"{ns}","monotonic_raw":"{ns}","boottime":"{ns}","tai":"{ns}"}},"width_ns":0,"epoch":"{epoch}","source":"{source}","clock_source":"{clock_source}","cost_ns":{cost},"steered_ppm":null,"synchronized":null}}"#
        ));
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_slower_clock_source_is_marked() {
    let output =
        instanter(&["watch", "--replay", "-", "--speed", "0"]).write_stdin(slower()).output();
    let text = String::from_utf8(output.expect("it ends").stdout).expect("UTF-8");
    let marks: Vec<&str> = text.lines().filter(|line| line.starts_with('*')).collect();
    assert_eq!(
        marks,
        [
            "* 5.000 s  source: clock source tsc → hpet, read by page → syscall",
            "* 5.500 s  cost: a reading costs 54 times more: 35.5 ns → 1900 ns",
        ]
    );
}

#[test]
fn what_cannot_be_watched_is_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("text");
    std::fs::write(&file, "no recording\n").expect("written");
    let name = file.display().to_string();
    let table: &[(&[&str], &str)] = &[
        (&["--record", "/no/such/folder/x"], "cannot write \"/no/such/folder/x\""),
        (&["--replay", "/no/such/file"], "cannot open \"/no/such/file\""),
        (&["--replay", &name], "line 1, \"no recording\""),
        (&["--reference", "sundial"], "\"sundial\""),
        (&["--reference", "/dev/null"], "\"/dev/null\" is no device with a clock"),
    ];
    for (args, quoted) in table {
        let args = [&["watch", "--for", "0.1"], *args].concat();
        let args: Vec<&str> = if args.contains(&"--replay") {
            args.into_iter().filter(|arg| !["--for", "0.1"].contains(arg)).collect()
        } else {
            args
        };
        instanter(&args).assert().code(1).stderr(contains(*quoted));
    }
    for (args, quoted) in [
        (&["watch", "--interval", "0"][..], "\"0\""),
        (&["watch", "--for", "soon"], "\"soon\""),
        (&["watch", "--speed", "2"], "--replay"),
        (&["watch", "--force"], "--record"),
        (&["watch", "--replay", "x", "--speed", "-1"], "-1"),
    ] {
        instanter(args).assert().code(2).stderr(contains(quoted)).stdout("");
    }
}

/// A disk that is full says so while it records.
#[test]
fn a_recording_that_cannot_go_on() {
    if !Path::new("/dev/full").exists() {
        return skipped("a_recording_that_cannot_go_on", "there is no /dev/full");
    }
    instanter(&["watch", "--for", "1", "--record", "/dev/full", "--force"])
        .assert()
        .code(1)
        .stderr(contains("cannot write \"/dev/full\""));
}

#[test]
fn a_pipe_that_is_closed_and_a_signal_end_it() {
    let start = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(["watch", "--interval", "0.05", "--no-coherence"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts")
    };
    let fine =
        |output: Output| assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let mut child = start(&["--for", "30"]);
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut String::new()).expect("a line");
    drop(lines);
    fine(child.wait_with_output().expect("it ends"));

    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut child = start(&["--for", "30"]);
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        lines.read_line(&mut String::new()).expect("a line");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("kill starts").success());
        // What it still prints is read, so that it does not end for want of a reader.
        let rest = lines.lines().map_while(Result::ok).count();
        assert!(rest < 600, "{signal}: it went on");
        fine(child.wait_with_output().expect("it ends"));
    }
}

/// A terminal of its own, by tmux, gone when dropped.
struct Terminal {
    socket: String,
}

/// Longer than the slowest machine takes; nothing waits so long that works.
const LIMIT: Duration = Duration::from_secs(60);

impl Terminal {
    fn open(width: u32, height: u32) -> Option<Terminal> {
        if Command::new("tmux").arg("-V").output().is_err() {
            return None;
        }
        let terminal = Terminal { socket: format!("instanter-{}-{width}", std::process::id()) };
        let size = [width.to_string(), height.to_string()];
        let started = terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &size[0],
            "-y",
            &size[1],
            "sh",
        ]);
        started.status.success().then_some(terminal)
    }

    fn tmux(&self, args: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.env_remove("TMUX").args(["-L", &self.socket]).args(args);
        command.output().expect("tmux starts")
    }

    fn type_in(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p"]).stdout).into_owned()
    }

    fn is_alternate(&self) -> bool {
        self.tmux(&["display-message", "-p", "#{alternate_on}"]).stdout.starts_with(b"1")
    }

    fn wait_for(&self, what: &str, is_there: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_there() {
            assert!(start.elapsed() < LIMIT, "{what} never came:\n{}", self.shown());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn wait_for_text(&self, text: &str) {
        self.wait_for(text, || self.shown().contains(text));
    }

    /// Back at the shell, whose terminal echoes and interprets as before.
    fn is_given_back(&self, word: &str) {
        self.wait_for("the shell", || !self.is_alternate());
        self.type_in(&[&format!("echo {word}:$(stty -a | grep -c ' echo ')"), "Enter"]);
        self.wait_for_text(&format!("{word}:1"));
        self.type_in(&["clear", "Enter"]);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

#[test]
fn a_real_terminal() {
    let Some(terminal) = Terminal::open(80, 24) else {
        return skipped("a_real_terminal", "tmux is not there");
    };
    let command = format!("{} watch --interval 0.1", env!("CARGO_BIN_EXE_instanter"));
    let start = || {
        terminal.type_in(&[&command, "Enter"]);
        terminal.wait_for_text("> realtime");
        assert!(terminal.is_alternate());
    };
    start();
    terminal.wait_for_text("realtime − raw");
    terminal.type_in(&["?"]);
    terminal.wait_for_text("hold the picture");
    terminal.type_in(&["?"]);
    terminal.type_in(&["Space"]);
    terminal.wait_for_text("PAUSED");
    terminal.type_in(&["Space", "Tab"]);
    terminal.wait_for_text("> monotonic");
    for (width, height) in [("40", "20"), ("120", "40"), ("30", "6"), ("80", "24")] {
        terminal.tmux(&["resize-window", "-x", width, "-y", height]);
        terminal.wait_for_text("> monotonic");
        let shown = terminal.shown();
        let most = width.parse().expect("a number");
        assert!(shown.lines().all(|line| line.chars().count() <= most), "{shown}");
    }
    terminal.type_in(&["q"]);
    terminal.is_given_back("quit");

    start();
    terminal.type_in(&["C-c"]);
    terminal.is_given_back("interrupt");

    // A signal from elsewhere.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pid");
    for (signal, name) in
        [(Signal::SIGTERM, "TERM"), (Signal::SIGINT, "INT"), (Signal::SIGHUP, "HUP")]
    {
        let script = format!("sh -c 'echo $$ > \"{}\"; exec {command}'", file.display());
        terminal.type_in(&[&script, "Enter"]);
        terminal.wait_for_text("> realtime");
        let pid = std::fs::read_to_string(&file).expect("a number");
        let pid = Pid::from_raw(pid.trim().parse().expect("a number"));
        kill(pid, signal).expect("it runs");
        terminal.is_given_back(name);
    }
}

/// A terminal's two sides. No other test's child inherits one, and keeps it open.
fn terminal() -> nix::Result<(File, File)> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = File::options().read(true).write(true).open(ptsname_r(&master)?);
    Ok((OwnedFd::from(master).into(), slave.expect("the other side")))
}

/// Watching on a terminal of the test's, once it shows something.
fn shown(prefix: &str) -> (Child, File) {
    let (mut master, slave) = terminal().expect("a terminal");
    let of_the_child = || Stdio::from(slave.try_clone().expect("a descriptor"));
    let script = format!("stty rows 24 columns 80; exec {prefix} \"$0\" watch --interval 0.1");
    let child = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_instanter")])
        .stdin(of_the_child())
        .stdout(of_the_child())
        .stderr(of_the_child())
        .spawn()
        .expect("the command starts");
    drop(slave);
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("realtime") {
        let mut some = [0; 4096];
        let length = master.read(&mut some).expect("the terminal is there");
        shown.extend_from_slice(&some[..length]);
    }
    (child, master)
}

/// Waits for the end, and not for ever.
fn end(child: &mut Child, what: &str) -> ExitStatus {
    let start = Instant::now();
    loop {
        match child.try_wait().expect("a child") {
            Some(status) => return status,
            None if start.elapsed() > LIMIT => {
                child.kill().expect("it can be killed");
                panic!("{what}: it goes on");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Keys are not lost to what comes at the same time.
#[test]
fn keys_in_a_crowd() {
    let many = "x".repeat(1_500);
    for round in 0..12 {
        let (mut child, mut master) = shown("");
        let mut reader = master.try_clone().expect("a descriptor");
        // What is drawn is read, or it could not go on.
        let drain =
            std::thread::spawn(
                move || {
                    while reader.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {}
                },
            );
        let (what, others) = if round == 0 { ("many keys", many.as_str()) } else { ("a size", "") };
        if round > 0 {
            let pid = Pid::from_raw(child.id().cast_signed());
            kill(pid, Signal::SIGWINCH).expect("it runs");
        }
        master.write_all(format!("{others}q").as_bytes()).expect("it reads");
        assert!(end(&mut child, what).success(), "{what}");
        drain.join().expect("the other side is closed");
    }
}

/// With a word from the kernel, and without: there, it is not the process's own terminal.
#[test]
fn a_terminal_that_goes_away() {
    const NAME: &str = "a_terminal_that_goes_away";
    for prefix in ["", "setsid --ctty"] {
        if !prefix.is_empty() && Command::new("setsid").arg("--version").output().is_err() {
            skipped(NAME, "setsid is not there");
            continue;
        }
        let (mut child, master) = shown(prefix);
        drop(master);
        let status = end(&mut child, &format!("{prefix:?}, without its terminal"));
        // What could not be drawn any more is an error; a panic is none.
        assert!(status.code().is_some_and(|code| code <= 1), "{prefix:?}: {status}");
    }
}
