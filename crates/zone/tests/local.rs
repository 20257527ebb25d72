//! What `TZ` yields: the table in the documentation of `Local`, each case in a
//! process of its own, as the environment is read once.

use std::io::Write;
use std::process::Command;

use instanter_zone::{Local, Tradition};

/// Prints the local zone of this process. Run by the other test only.
#[test]
fn child() {
    let Some(tradition) = std::env::var_os("ZONE_CHILD") else { return };
    if tradition == "go" {
        let _ = Local::refresh_as(Tradition::Go);
    }
    let zone = Local::zone();
    let (winter, summer) = (zone.at(1_705_000_000), zone.at(1_720_000_000));
    let how = Local::how();
    let source = format!("{:?}", how.source);
    println!(
        "\nRESULT {} {} {} {}",
        winter.abbreviation,
        summer.abbreviation,
        source.replace(' ', ""),
        if how.problem.is_some() { "problem" } else { "fine" }
    );
    // Nothing is read again behind one's back.
    // SAFETY: the test runs alone in its process, in one thread.
    unsafe { std::env::set_var("TZ", "Asia/Tokyo") };
    assert_eq!((Local::zone(), Local::zone_at(u64::MAX - 1)), (zone, zone));
    if std::env::var_os("TZDIR").is_none() {
        assert_eq!(Local::refresh().offset_at(0), 32_400);
    }
}

fn run(tz: Option<&str>, tzdir: Option<&str>, tradition: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    command.env("ZONE_CHILD", tradition).env_remove("TZ").env_remove("TZDIR");
    command.envs(tz.map(|tz| ("TZ", tz)));
    command.envs(tzdir.map(|tzdir| ("TZDIR", tzdir)));
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{tz:?} {tradition}: {text}");
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    line.unwrap_or_else(|| panic!("{tz:?} {tradition}: {text}")).to_owned()
}

/// Under an emulator the kernel may not know how to start this program once more.
fn starts_itself() -> bool {
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output();
    listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("child: test"))
}

#[test]
fn table_of_cases() {
    if !starts_itself() {
        let why = "this program cannot start itself: emulated?";
        let _ = writeln!(std::io::stderr(), "skipped table_of_cases: {why}");
        return;
    }
    const FILES: &str = "File(\"/usr/share/zoneinfo/";
    let file = |name: &str| format!("{FILES}{name}\")");
    let utc = "UTC UTC Utc fine".to_owned();
    let problem = "UTC UTC Utc problem".to_owned();
    let new_york = format!("EST EDT {} fine", file("America/New_York"));
    let tokyo = format!("JST JST {} fine", file("Asia/Tokyo"));
    // Whether small letters find a file or the copy in the program.
    let small =
        if cfg!(feature = "tzdb") { "EST EDT Embedded fine".to_owned() } else { problem.clone() };
    #[rustfmt::skip]
    let cases = [
        ("", utc.clone(), utc.clone()),
        (":", utc.clone(), utc.clone()),
        ("UTC", format!("UTC UTC {} fine", file("UTC")), utc.clone()),
        ("America/New_York", new_york.clone(), new_york.clone()),
        (":America/New_York", new_york.clone(), new_york.clone()),
        ("/usr/share/zoneinfo/Asia/Tokyo", tokyo.clone(), tokyo.clone()),
        (":/usr/share/zoneinfo/Asia/Tokyo", tokyo.clone(), tokyo),
        ("EST5EDT,M3.2.0,M11.1.0", "EST EDT Posix fine".into(), problem.clone()),
        (":EST5EDT,M3.2.0,M11.1.0", "EST EDT Posix fine".into(), problem.clone()),
        ("<+03>-3", "+03 +03 Posix fine".into(), problem.clone()),
        ("AAA5BBB", "AAA BBB Posix fine".into(), problem.clone()),
        ("EST5EDT", format!("EST EDT {} fine", file("EST5EDT")), format!("EST EDT {} fine", file("EST5EDT"))),
        ("america/new_york", small.clone(), small),
        ("Mars/Olympus", problem.clone(), problem.clone()),
        ("nonsense", problem.clone(), problem.clone()),
        ("../../etc/passwd", problem.clone(), problem.clone()),
        ("/etc/passwd", problem.clone(), problem.clone()),
        ("/nowhere", problem.clone(), problem.clone()),
        ("right/America/New_York", problem.clone(), problem.clone()),
        ("EST5EDT,M13.1.0,M1.1.0", problem.clone(), problem.clone()),
    ];
    for (tz, glibc, go) in cases {
        assert_eq!(run(Some(tz), None, "glibc"), glibc, "TZ={tz:?}, as glibc");
        assert_eq!(run(Some(tz), None, "go"), go, "TZ={tz:?}, as Go");
    }
    // Not set: what the machine has, as the file itself has it.
    let unset = run(None, None, "glibc");
    assert_eq!(unset, run(None, None, "go"));
    assert_eq!(unset, run(Some("/etc/localtime"), None, "glibc"));
    assert_eq!(unset, run(Some(":/etc/localtime"), None, "go"));
    if std::path::Path::new("/etc/localtime").exists() {
        assert!(unset.ends_with(r#"File("/etc/localtime") fine"#), "{unset}");
    } else {
        assert_eq!(unset, problem);
    }
    // TZDIR: glibc looks there and nowhere else, Go does not look at it.
    let folder = Some("/usr/share/zoneinfo/Asia");
    let there = "JST JST File(\"/usr/share/zoneinfo/Asia/Tokyo\") fine";
    assert_eq!(run(Some("Tokyo"), folder, "glibc"), there);
    assert_eq!(run(Some("Tokyo"), folder, "go"), problem);
    let not_there = run(Some("America/New_York"), folder, "glibc");
    let copy = if cfg!(feature = "tzdb") { "EST EDT Embedded fine" } else { &problem };
    assert_eq!(not_there, copy);
    assert_eq!(run(Some("America/New_York"), folder, "go"), new_york);
}
