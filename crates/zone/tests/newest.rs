//! `Search::Newest`: the newer of the system's tz database and the copy in the
//! program. Each case in a process of its own, as the folders are chosen once.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use instanter_zone::{Search, Zone, embedded_version};

/// Tells of two names from where they come. Run by the other test only.
#[test]
fn child() {
    if std::env::var_os("ZONE_NEWEST").is_none() {
        return;
    }
    let whose = |name| match Zone::get_from(name, Search::Newest) {
        Ok(zone) if zone.at(0).abbreviation == "SYS" => "system",
        Ok(_) => "copy",
        Err(error) if error.is_not_found() => "none",
        Err(error) => panic!("{name}: {error}"),
    };
    println!("\nRESULT {} {}", whose("Europe/Berlin"), whose("Here/Only"));
}

/// A file of a zone that is three hours ahead of UTC, under the name `SYS`.
fn system_zone() -> Vec<u8> {
    let header = |version: u8| {
        let mut bytes = [b"TZif", &[version][..], &[0; 15]].concat();
        for count in [0u32, 0, 0, 0, 1, 4] {
            bytes.extend(count.to_be_bytes());
        }
        bytes
    };
    let body = [&10_800i32.to_be_bytes()[..], &[0, 0], b"SYS\0"].concat();
    [&header(b'2'), &body, &header(b'2'), &body, &b"\nSYS-3\n"[..]].concat()
}

fn run(folder: &Path) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    let output = command.env("ZONE_NEWEST", "1").env("TZDIR", folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    line.unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// Under an emulator the kernel may not know how to start this program once more.
fn starts_itself() -> bool {
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output();
    listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("child: test"))
}

#[test]
fn the_newer_of_two() {
    if !starts_itself() {
        let why = "this program cannot start itself: emulated?";
        let _ = writeln!(std::io::stderr(), "skipped the_newer_of_two: {why}");
        return;
    }
    let version = embedded_version().unwrap_or("2025b");
    let year: u32 = version[..4].parse().unwrap();
    let zi = |version: String| vec![("tzdata.zi", format!("# version {version}\n# redo x\nR\n"))];
    let file = |version: &str| vec![("+VERSION", format!("{version}\n"))];
    let older = format!("{}z", year - 1);
    let newer = format!("{}a", year + 1);
    #[rustfmt::skip]
    let cases = [
        ("system", "newer by a year", zi(newer.clone())),
        ("system", "newer by a letter", zi(format!("{year}z"))),
        ("system", "newer by a letter after z", zi(format!("{year}za"))),
        ("system", "the same", zi(version.to_owned())),
        ("system", "the same and more", zi(format!("{version}-1"))),
        ("copy", "older by a year", zi(older.clone())),
        ("copy", "older, with two letters", zi(format!("{}zz", year - 1))),
        ("copy", "older, and more", zi(format!("{older}-99-g0123abc"))),
        ("copy", "of the last century", zi("99i".to_owned())),
        ("system", "newer, in +VERSION", file(&newer)),
        ("copy", "older, in +VERSION", file(&older)),
        ("copy", "tzdata.zi counts", [zi(older.clone()), file(&newer)].concat()),
        ("copy", "a line before", vec![("tzdata.zi", format!("# for zic\n# version {older}\r\n"))]),
        ("copy", "tzdata.zi without a version", [vec![("tzdata.zi", "R A 1 2\n".to_owned())], file(&older)].concat()),
        ("system", "no version at all", vec![]),
        ("system", "unknown", zi("unknown".to_owned())),
        ("system", "no year", file("banana")),
        ("system", "empty", file("")),
    ];
    let root = std::env::temp_dir().join(format!("zone-newest-{}", std::process::id()));
    for (number, (want, what, files)) in cases.into_iter().enumerate() {
        let folder = root.join(number.to_string());
        for area in ["Europe", "Here"] {
            fs::create_dir_all(folder.join(area)).unwrap();
        }
        for name in ["Europe/Berlin", "Here/Only"] {
            fs::write(folder.join(name), system_zone()).unwrap();
        }
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        let want = if cfg!(feature = "tzdb") { want } else { "system" };
        assert_eq!(run(&folder), format!("{want} system"), "{what}");
        // What only the older has is had from there.
        fs::remove_file(folder.join("Europe/Berlin")).unwrap();
        let other = run(&folder);
        assert!(other.ends_with(" system") && !other.starts_with("system"), "{what}: {other}");
    }
    let _ = fs::remove_dir_all(&root);
}
