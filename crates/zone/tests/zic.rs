//! Files made by `zic`, and what becomes of them when they are cut or changed.

mod oracles;

use std::path::{Path, PathBuf};
use std::process::Command;

use instanter_zone::Table;
use instanter_zone::leap::LeapTable;
use oracles::Random;

/// A zone with much in it: double summer time, a change of name alone, seconds in
/// the offset, rules for ever.
const SOURCE: &str = "\
Rule R 1940 only - Feb 25 2:00s 1:00 BST
Rule R 1941 only - May 4 1:00s 2:00 BDST
Rule R 1941 only - Aug 10 1:00s 1:00 BST
Rule R 1945 only - Oct 7 2:00s 0 GMT
Rule R 1972 max - Mar lastSun 1:00u 1:00 BST
Rule R 1972 max - Oct lastSun 1:00u 0 GMT
Zone Test/Rules -0:01:15 - LMT 1847 Dec 1
 0:00 R %s 1968 Oct 27
 1:00 - BST 1971 Oct 31 2:00u
 0:00 R %s
Rule N 1980 max - Mar lastSun -1:00 1:00 -
Rule N 1980 max - Oct lastSun 0:00 0 -
Zone Test/Nuuk -3:00 N %z
Zone Test/Fixed 5:30 - IST
Zone Test/Short 1:00 - AAA 1990
 2:00 - BBB 1990 Jan 1 3:00
 1:00 - AAA
Link Test/Fixed Test/Alias
";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("zone-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn zic(folder: &Path, options: &[&str], source: &str) -> PathBuf {
    let input = folder.join("source");
    std::fs::write(&input, source).unwrap();
    let out = folder.join(options.concat().replace(['/', '-'], "_"));
    let zic = if Path::new("/usr/sbin/zic").exists() { "/usr/sbin/zic" } else { "zic" };
    let output =
        Command::new(zic).args(options).arg("-d").arg(&out).arg(&input).output().expect("zic runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    out
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{folder:?} {name}: {error}"))
}

#[test]
fn slim_and_fat_are_the_same_zone() {
    let folder = Folder::new("slim");
    let slim = zic(&folder.0, &["-b", "slim"], SOURCE);
    let fat = zic(&folder.0, &["-b", "fat"], SOURCE);
    for name in ["Test/Rules", "Test/Nuuk", "Test/Fixed", "Test/Short"] {
        let (slim, fat) = (read(&slim, name), read(&fat, name));
        assert!(slim.len() < fat.len(), "{name}");
        let (slim, fat) = (Table::from_tzif(&slim).unwrap(), Table::from_tzif(&fat).unwrap());
        let all = |table: &Table| {
            let all = table.transitions(i64::MIN).take_while(|t| t.at < 9_000_000_000);
            all.map(|t| format!("{t:?}")).collect::<Vec<_>>()
        };
        let (slim, fat) = (all(&slim), all(&fat));
        assert_eq!(slim.len(), fat.len(), "{name}");
        for (slim, fat) in slim.iter().zip(&fat) {
            assert_eq!(slim, fat, "{name}");
        }
    }
}

/// zic with a table of leap seconds: version 2 as of old, or 4 with an expiry.
#[test]
fn with_leap_seconds() {
    let folder = Folder::new("leap");
    let leaps = folder.0.join("leaps");
    let text = "Leap 1972 Jun 30 23:59:60 + S\nLeap 1972 Dec 31 23:59:60 + S\n";
    for (expiry, want) in [("", None), ("Expires 2030 Jun 28 00:00:00\n", Some(1_908_835_202))] {
        std::fs::write(&leaps, format!("{text}{expiry}")).unwrap();
        let with = zic(&folder.0, &["-L", leaps.to_str().unwrap()], SOURCE);
        let without = Table::from_tzif(&read(&zic(&folder.0, &[], SOURCE), "Test/Rules")).unwrap();
        let file = read(&with, "Test/Rules");
        assert_eq!(file[4], if expiry.is_empty() { b'2' } else { b'4' });
        let error = Table::from_tzif(&file).unwrap_err();
        assert!(error.has_leap_seconds(), "{error}");
        let table = LeapTable::from_tzif(&file).unwrap();
        assert_eq!(table.expires(), want);
        let leap = table.unix_of(94_694_401).unwrap();
        assert_eq!((leap.unix_s, leap.is_leap_second), (94_694_399, true));
        for (mine, its) in table
            .table()
            .transitions(i64::MIN)
            .zip(without.transitions(i64::MIN))
            .take_while(|(_, its)| its.at < 5_000_000_000)
        {
            assert_eq!(mine, its);
        }
        let error = LeapTable::from_tzif(&read(&folder.0.join(""), "source")).unwrap_err();
        assert!(error.is_malformed());
    }
}

/// Every prefix of a file is an error, at the byte where it ends or before.
#[test]
fn truncated_at_every_byte() {
    let folder = Folder::new("truncated");
    let mut files = Vec::new();
    for options in [["-b", "slim"], ["-b", "fat"]] {
        let out = zic(&folder.0, &options, SOURCE);
        files.extend(["Test/Rules", "Test/Nuuk", "Test/Fixed"].map(|name| read(&out, name)));
    }
    let leaps = folder.0.join("leaps");
    std::fs::write(&leaps, "Leap 1972 Jun 30 23:59:60 + S\nExpires 2030 Jun 28 00:00:00\n")
        .unwrap();
    let out = zic(&folder.0, &["-L", leaps.to_str().unwrap()], SOURCE);
    files.push(read(&out, "Test/Nuuk"));
    for file in files {
        for length in 0..file.len() {
            let error = Table::from_tzif(&file[..length]).unwrap_err();
            assert!(error.is_malformed(), "{length} of {}: {error}", file.len());
            assert!(error.byte_offset().is_some_and(|at| at <= length), "{length}: {error}");
            assert!(LeapTable::from_tzif(&file[..length]).is_err());
        }
    }
}

/// Files with bytes changed at random: an error or a table, and a table answers.
#[test]
fn changed_bytes() {
    let folder = Folder::new("changed");
    let out = zic(&folder.0, &["-b", "slim"], SOURCE);
    let mut random = Random(42);
    let (mut good, mut bad) = (0, 0);
    for name in ["Test/Rules", "Test/Nuuk", "Test/Short"] {
        let file = read(&out, name);
        for _ in 0..3_000 {
            let mut changed = file.clone();
            for _ in 0..=random.next() % 3 {
                let at = random.next() as usize % changed.len();
                changed[at] = match random.next() % 3 {
                    0 => 0,
                    1 => 0xff,
                    _ => random.next() as u8,
                };
            }
            match Table::from_tzif(&changed) {
                Ok(table) => {
                    good += 1;
                    for at in [i64::MIN, -5_000_000_000, 0, 1_700_000_000, 9_000_000_000, i64::MAX]
                    {
                        let interval = table.interval_at(at);
                        assert_eq!(interval.local, table.at(at));
                        let _ = (table.resolve(at), table.next_transition(at));
                    }
                    let _ = LeapTable::from_tzif(&changed);
                }
                Err(error) => {
                    bad += 1;
                    assert!(error.is_malformed() || error.has_leap_seconds(), "{error}");
                    assert!(error.byte_offset().is_some_and(|at| at <= changed.len()), "{error}");
                }
            }
        }
    }
    assert!(good > 100 && bad > 100, "{good} good, {bad} bad");
}
