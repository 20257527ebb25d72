//! What the tests that compare with the system share: the zones installed, a
//! naive calendar, and random numbers.
#![allow(dead_code)]

use std::path::Path;

pub const ZONEINFO: &str = "/usr/share/zoneinfo";

/// Returns the name and the bytes of every TZif file below a folder of zoneinfo.
pub fn zones(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    walk(&Path::new(ZONEINFO).join(folder), folder, &mut found);
    found.sort();
    assert!(
        found.len() > 300,
        "only {} zones in {ZONEINFO}/{folder}: is tzdata there?",
        found.len()
    );
    found
}

/// Whether the system has a zone's file; says so where it has not. Old names and zones with leap
/// seconds are in a package of their own on some (Debian: tzdata-legacy).
pub fn has(name: &str, test: &str) -> bool {
    use std::io::Write;
    let there = Path::new(ZONEINFO).join(name).exists();
    if !there {
        let _ = writeln!(std::io::stderr(), "skipped a part of {test}: no {name} in {ZONEINFO}");
    }
    there
}

fn walk(path: &Path, name: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        let full = if name.is_empty() { file } else { format!("{name}/{file}") };
        if full == "right" || full == "posix" || full == "localtime" {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            walk(&path, &full, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.starts_with(b"TZif") {
                found.push((full, bytes));
            }
        }
    }
}

/// Whether to try everything, which takes minutes where zdump is slow: if asked for.
pub fn all() -> bool {
    std::env::var_os("INSTANTER_TEST_ALL").is_some()
}

/// Days from 1970-01-01 to a date, by counting: the plain formula of the civil
/// calendar, with Python's range of years and beyond.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 306 + 5) / 10 + day
        - 719_469
}

/// The random numbers of xorshift64*, the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low) as u64) as i64
    }
}
