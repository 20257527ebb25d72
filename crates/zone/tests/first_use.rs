//! What the first use of the local zone asks the file system for: the one file,
//! read once. Counted by strace, in a process of its own.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::Command;

use instanter_zone::Local;

/// Asked for before and after, to find the place in what strace writes.
const MARKS: [&str; 2] = ["/before the first use", "/after the first use"];

/// Uses the local zone. Run by the other test only.
#[test]
fn child() {
    if std::env::var_os("ZONE_FIRST_USE").is_none() {
        return;
    }
    let [before, after] = MARKS;
    assert!(std::fs::metadata(before).is_err());
    let zone = Local::zone();
    assert!(std::fs::metadata(after).is_err());
    println!("{zone}");
}

/// Returns the system calls of the first use that have to do with paths.
fn calls(tz: Option<&str>) -> Result<Vec<String>, String> {
    let name = format!("zone-first-use-{}", std::process::id());
    let log = std::env::temp_dir().join(name);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-s", "200", "-e", "trace=%file", "-o"]).arg(&log);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    command.env("ZONE_FIRST_USE", "1").env_remove("TZ").env_remove("TZDIR");
    command.envs(tz.map(|tz| ("TZ", tz)));
    let output = command.output().map_err(|error| format!("strace: {error}"))?;
    let text = std::fs::read_to_string(&log);
    let _ = std::fs::remove_file(&log);
    if !output.status.success() {
        return Err(format!("strace: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = text.map_err(|error| error.to_string())?;
    let mut lines = text.lines().skip_while(|line| !line.contains(MARKS[0])).skip(1);
    let mut calls = Vec::new();
    for line in lines.by_ref() {
        if line.contains(MARKS[1]) {
            return Ok(calls);
        }
        calls.push(line.to_owned());
    }
    Err(format!("strace wrote no marks: {text}"))
}

#[test]
fn one_file_is_opened() {
    const FOLDER: &str = "/usr/share/zoneinfo";
    let berlin = format!("{FOLDER}/Europe/Berlin");
    let tokyo = format!("{FOLDER}/Asia/Tokyo");
    // The file that is opened, and how many other calls there may be at most: two
    // for the stamp, one for what is to be read; and for a link, its steps.
    let cases = [
        (None, Some("/etc/localtime"), 6),
        (Some("Europe/Berlin"), Some(&*berlin), 3),
        (Some(":Europe/Berlin"), Some(&*berlin), 3),
        (Some(&*tokyo), Some(&*tokyo), 3),
        (Some("EST5EDT,M3.2.0,M11.1.0"), None, 7),
        (Some("UTC0"), None, 7),
        (Some(""), None, 0),
    ];
    for (tz, file, most) in cases {
        let calls = match calls(tz) {
            Ok(calls) => calls,
            Err(reason) => {
                let _ = writeln!(std::io::stderr(), "skipped one_file_is_opened: {reason}");
                return;
            }
        };
        if file.is_some_and(|file| !std::path::Path::new(file).exists()) {
            let _ = writeln!(std::io::stderr(), "skipped one_file_is_opened: no {file:?}");
            continue;
        }
        let (opened, others): (Vec<_>, Vec<_>) =
            calls.iter().partition(|call| call.contains("open"));
        assert_eq!(opened.len(), usize::from(file.is_some()), "TZ={tz:?}: {calls:#?}");
        assert!(
            opened.iter().all(|call| call.contains(&format!("{:?}", file.unwrap_or_default()))),
            "TZ={tz:?}: {opened:#?}"
        );
        assert!(others.len() <= most, "TZ={tz:?}: {others:#?}");
    }
}
