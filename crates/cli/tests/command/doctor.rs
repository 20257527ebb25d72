//! `instanter doctor`: the verdict, its forms, and machines that are not as usual.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use predicates::str::contains;
use serde_json::Value;

use super::{instanter, json, skipped, text};

/// Every check, in the order of the report.
const CHECKS: [&str; 16] = [
    "clock-source",
    "reading",
    "backward",
    "coherence",
    "counter",
    "resolution",
    "rates",
    "daemon",
    "discipline",
    "sandbox",
    "namespace",
    "host-clock",
    "rtc",
    "tzdata",
    "local-zone",
    "leap-seconds",
];

/// The exit status that a verdict has.
fn status_of(level: &Value) -> i32 {
    match level.as_str() {
        Some("good") => 0,
        Some("degraded") => 1,
        Some("bad") => 2,
        other => panic!("{other:?} is no level of a verdict"),
    }
}

/// The only check of a report.
fn only(command: &mut assert_cmd::Command) -> Value {
    let report = json(command);
    assert_eq!(report["checks"].as_array().map(Vec::len), Some(1), "{report}");
    report["checks"][0].clone()
}

#[test]
fn the_verdict_is_the_worst_of_the_checks() {
    let output = instanter(&["doctor", "--json"]).output().expect("the command starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(status_of(&report["level"])), "{report}");
    let checks = report["checks"].as_array().expect("a list");
    let names: Vec<_> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
    assert_eq!(names, CHECKS);
    let rank = |check: &Value| {
        ["skipped", "good", "degraded", "bad"].iter().position(|w| check["level"] == **w)
    };
    let worst = checks.iter().max_by_key(|check| rank(check)).expect("a check");
    assert!(rank(&report) >= rank(worst), "{report}");
    for check in checks {
        for field in ["title", "summary", "measured", "why"] {
            assert!(check[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {check}");
        }
        let wrong = ["degraded", "bad"].iter().any(|level| check["level"] == *level);
        assert!(!wrong || check["remedy"].is_object(), "what mends it? {check}");
    }
    // A bad or degraded verdict says in a sentence what is wrong.
    let first = checks.iter().find(|check| check["level"] == report["level"]);
    if report["level"] != "good" {
        assert_eq!(report["summary"], first.expect("the worst")["summary"]);
    }
}

#[test]
fn checks_are_explained_without_being_made() {
    for check in CHECKS {
        let explained = instanter(&["doctor", "--explain", check]).assert().code(0).stderr("");
        let out = String::from_utf8_lossy(&explained.get_output().stdout).into_owned();
        assert!(out.contains(&format!("--only {check}")), "{out}");
    }
    let help = text(&mut instanter(&["doctor", "--help"]));
    for check in CHECKS {
        assert!(
            help.contains(&format!("\n  {check}  ")) || help.contains(&format!("\n  {check} ")),
            "{check}"
        );
    }
}

#[test]
fn what_is_not_understood_is_no_verdict() {
    let table: &[(&[&str], &str)] = &[
        (&["doctor", "--frobnicate"], "--frobnicate"),
        (&["doctor", "--only", "clock"], "clock"),
        (&["--json", "doctor", "--only", "reading,nonsense"], "nonsense"),
        (&["doctor", "--explain", "everything"], "everything"),
        (&["doctor", "--watch", "soon"], "soon"),
        (&["doctor", "--watch", "0"], "one second to one day"),
        (&["doctor", "surplus"], "surplus"),
        (&["doctor", "--prometheus", "--json"], "choose one"),
        (&["doctor", "--prometheus", "--watch"], "--output"),
        (&["doctor", "--only", "rtc", "--output", "/no/such/folder/file"], "/no/such/folder/file"),
        (&["doctor", "--only", "rtc", "--output", "/"], "\"/\""),
    ];
    for (args, quoted) in table {
        instanter(args).assert().code(3).stderr(contains(*quoted)).stdout("");
    }
}

#[test]
fn a_sentence_says_what_is_wrong_first() {
    let out = text(instanter(&["doctor", "--only", "reading"]).env("INSTANTER_SOURCE", "syscall"));
    let first = out.lines().next().expect("a line");
    assert!(first.starts_with("degraded: pinned to the syscall by INSTANTER_SOURCE"), "{out}");
    assert!(out.contains("\n  unset INSTANTER_SOURCE\n"), "{out}");
}

#[test]
fn it_fits_a_narrow_terminal() {
    // Commands are to be copied, and stay whole.
    let commands = || -> Vec<String> {
        let report = json(&mut instanter(&["doctor", "--json"]));
        let checks = report["checks"].as_array().expect("a list").iter();
        let commands = checks.filter_map(|check| check["remedy"]["commands"].as_array());
        commands.flatten().filter_map(|command| Some(command.as_str()?.to_owned())).collect()
    };
    for width in [40, 60, 100] {
        // What is measured may be degraded in one run, and good in the next.
        let fits = |_| -> Result<(), String> {
            let before = commands();
            let report = text(instanter(&["doctor"]).env("COLUMNS", width.to_string()));
            let known = [before, commands()].concat();
            assert!(!report.contains('\u{1b}'), "{report:?}");
            for line in report.lines() {
                let is_command = known.iter().any(|command| command == line.trim());
                if !is_command && line.chars().count() > width {
                    return Err(format!("at {width}: {line:?}\n{report}"));
                }
                assert_eq!(line, line.trim_end());
            }
            Ok(())
        };
        let tries: Vec<_> = (0..4).map(fits).take_while(Result::is_err).collect();
        assert!(tries.len() < 4, "{tries:?}");
    }
}

#[test]
fn a_reader_that_goes_away_does_not_change_the_verdict() {
    for args in
        [&["doctor", "--only", "rtc,namespace"][..], &["doctor", "--prometheus", "--only", "rtc"]]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert!(
            matches!(output.status.code(), Some(0..=2)) && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

#[test]
fn watching_prints_lines_and_ends_with_its_reader() {
    for (form, is_json) in [(&[][..], false), (&["--json"], true)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(["doctor", "--only", "namespace", "--watch", "1"])
            .args(form)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        for line in lines.take(2) {
            let line = line.expect("text");
            if is_json {
                let report: Value = serde_json::from_str(&line).expect("JSON on one line");
                assert_eq!(report["checks"][0]["name"], "namespace");
            } else {
                assert!(line.contains("Z good: ") || line.contains("Z degraded: "), "{line}");
            }
        }
        // The pipe is closed: the next round ends it.
        let deadline = Instant::now() + Duration::from_secs(60);
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child") {
                break status;
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                panic!("it goes on without a reader");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(matches!(status.code(), Some(0..=2)), "{status}");
    }
}

#[test]
fn metrics_are_what_collectors_read() {
    let out = text(&mut instanter(&["doctor", "--prometheus"]));
    let mut typed: Option<String> = None;
    for line in out.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(rest.split_once(' ').is_some_and(|(_, help)| !help.is_empty()), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert_eq!(kind, "gauge");
            typed = Some(name.to_owned());
        } else {
            let (sample, value) = line.rsplit_once(' ').expect("a value");
            value.parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
            let name = sample.split('{').next();
            assert_eq!(name, typed.as_deref(), "{line}");
        }
    }
    assert!(out.contains("\ninstanter_doctor_level "), "{out}");
    assert!(out.ends_with('\n'));

    // Prometheus' own judgement, names included.
    let mut promtool = match Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            return skipped("metrics_are_what_collectors_read", &format!("promtool: {error}"));
        }
    };
    std::io::Write::write_all(&mut promtool.stdin.take().expect("a pipe"), out.as_bytes())
        .expect("it reads");
    let judged = promtool.wait_with_output().expect("it ends");
    assert!(judged.status.success() && judged.stderr.is_empty(), "{judged:?}");
}

#[test]
fn a_file_is_replaced_in_one_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("instanter.prom");
    std::fs::write(&file, "old").expect("a file");
    let name = file.to_str().expect("text");
    let run = instanter(&["doctor", "--only", "tzdata", "--prometheus", "--output", name])
        .output()
        .expect("the command starts");
    assert!(matches!(run.status.code(), Some(0..=2)) && run.stdout.is_empty(), "{run:?}");
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(text.starts_with("# HELP ") && text.contains("\ninstanter_tzdata_info{"), "{text}");
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a folder").count(),
        1,
        "nothing is left over"
    );
}

#[test]
fn on_one_cpu_there_is_nothing_to_compare() {
    let first = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
        Some(list.split([',', '-']).next()?.to_owned())
    });
    let output = Command::new("taskset")
        .args(["-c", first.as_deref().unwrap_or("0"), env!("CARGO_BIN_EXE_instanter")])
        .args(["doctor", "--json", "--only", "coherence,backward"])
        .output();
    let Ok(output) = output else {
        return skipped("on_one_cpu_there_is_nothing_to_compare", "no taskset");
    };
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    let level = |name: &str| {
        let checks = report["checks"].as_array().expect("a list");
        checks.iter().find(|check| check["name"] == name).expect(name)["level"].clone()
    };
    assert_eq!(level("coherence"), "skipped", "{report}");
    assert_eq!(level("backward"), "good", "{report}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_time_namespace_is_told() {
    let output = Command::new("unshare")
        .args(["--time", "--monotonic", "86400", "--boottime", "3600", "--fork"])
        .arg(env!("CARGO_BIN_EXE_instanter"))
        .args(["doctor", "--json", "--only", "namespace"])
        .output();
    let output = match output {
        Ok(output) if matches!(output.status.code(), Some(0..=2)) && !output.stdout.is_empty() => {
            output
        }
        other => return skipped("a_time_namespace_is_told", &format!("{other:?}")),
    };
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        report["summary"],
        "clocks are shifted: monotonic by 24 hours, boottime by 60 minutes"
    );
}

#[test]
fn a_variable_that_names_no_zone_is_told() {
    let check =
        only(instanter(&["doctor", "--json", "--only", "local-zone"]).env("TZ", "Europ/Berlin"));
    assert_eq!(check["level"], "degraded", "{check}");
    assert_eq!(check["summary"], "TZ=\"Europ/Berlin\" names no zone: programs show UTC");
}

#[test]
fn a_garbage_folder_of_zones_is_bad() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("Europe")).expect("a folder");
    std::fs::write(folder.path().join("Europe/Berlin"), b"TZif2garbage").expect("a file");
    let mut command = instanter(&["doctor", "--json", "--only", "tzdata"]);
    command.env("TZDIR", folder.path());
    let check = only(&mut command);
    assert_eq!(check["level"], "bad", "{check}");
    command.assert().code(2);
}
