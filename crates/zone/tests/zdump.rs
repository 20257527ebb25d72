//! Every transition of every installed zone, as `zdump -v` prints them.
//!
//! zdump finds transitions through the C library, by bisection, and knows nothing
//! of the file's own list.

mod oracles;

use std::process::Command;

use instanter_zone::Table;
use instanter_zone::leap::LeapTable;
use oracles::{all, days, zones};

/// One line of zdump: the moment, what local clocks show, and its type.
#[derive(Debug, PartialEq)]
struct Line<'a> {
    /// Seconds of the date that zdump prints as UT; in a leap second 60.
    utc: Date,
    local: Date,
    abbreviation: &'a str,
    is_dst: bool,
    offset_s: i32,
}

/// Days since 1970, and seconds of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Date(i64, i64);

impl Date {
    fn unix_s(self) -> i64 {
        self.0 * 86_400 + self.1
    }
}

fn date(words: &[&str]) -> Date {
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(words[1]).unwrap() as i64 / 3 + 1;
    let time: Vec<i64> = words[3].split(':').map(|part| part.parse().unwrap()).collect();
    let day = days(words[4].parse().unwrap(), month, words[2].parse().unwrap());
    Date(day, time[0] * 3600 + time[1] * 60 + time[2])
}

fn lines(output: &str) -> Vec<Line<'_>> {
    let line = |line| {
        let words: Vec<&str> = str::split_whitespace(line).collect();
        // The ends of time have no dates: "-9223372036854775808 = NULL".
        (words.len() == 16).then(|| Line {
            utc: date(&words[1..6]),
            local: date(&words[8..13]),
            abbreviation: words[13],
            is_dst: words[14] == "isdst=1",
            offset_s: words[15].strip_prefix("gmtoff=").unwrap().parse().unwrap(),
        })
    };
    output.lines().filter_map(line).collect()
}

fn zdump(names: &[&str]) -> String {
    let output = Command::new("zdump").arg("-v").args(names).output().expect("zdump runs");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_transition_of_every_zone() {
    let zones = zones("");
    let step = if all() { 1 } else { 97 };
    let (mut seen, mut files) = (0, 0);
    for (name, bytes) in zones.iter().step_by(step) {
        let table = Table::from_tzif(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let output = zdump(&[name]);
        let lines = lines(&output);
        let mut want = Vec::new();
        for pair in lines.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            if after.utc.unix_s() == before.utc.unix_s() + 1 {
                want.push(after.utc.unix_s());
            }
        }
        for line in &lines {
            let unix_s = line.utc.unix_s();
            let got = table.at(unix_s);
            let shown = (got.offset_s, got.is_dst, &*got.abbreviation);
            assert_eq!(shown, (line.offset_s, line.is_dst, line.abbreviation), "{name} {unix_s}");
            assert_eq!(unix_s + i64::from(got.offset_s), line.local.unix_s(), "{name} {unix_s}");
            assert_eq!(table.offset_at(unix_s), line.offset_s, "{name} {unix_s}");
        }
        // zdump stops with the year 2500.
        let end = days(2500, 1, 1) * 86_400;
        let got: Vec<i64> =
            table.transitions(i64::MIN).map(|t| t.at).take_while(|&at| at < end).collect();
        assert_eq!(got, want, "{name}");
        let mut back = Vec::new();
        let mut at = end;
        while let Some(transition) = table.previous_transition(at) {
            at = transition.at;
            back.push(at);
        }
        back.reverse();
        assert_eq!(back, want, "{name}, backwards");
        seen += want.len();
        files += 1;
    }
    assert!(seen > 30 * files, "{seen} transitions of {files} files");
    println!("{seen} transitions of {files} files");
}

/// The same for files with leap seconds, in which zdump also prints each of them.
#[test]
fn files_with_leap_seconds() {
    if !oracles::has("right", "files_with_leap_seconds") {
        return;
    }
    let step = if all() { 1 } else { 181 };
    let mut leaps = 0;
    for (name, bytes) in zones("right").iter().step_by(step) {
        assert!(Table::from_tzif(bytes).unwrap_err().has_leap_seconds(), "{name}");
        let table = LeapTable::from_tzif(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let output = zdump(&[name]);
        for line in lines(&output) {
            // 23:59:60 is the second after 23:59:59, before local noon or after.
            let is_leap_second = line.utc.1 == 86_400;
            leaps += usize::from(is_leap_second);
            let unix_s = line.utc.unix_s() - i64::from(is_leap_second);
            let right_s = table.right_of(unix_s).unwrap() + i64::from(is_leap_second);
            let counted = table.unix_of(right_s).unwrap();
            assert_eq!(
                (counted.unix_s, counted.is_leap_second),
                (unix_s, is_leap_second),
                "{name} {right_s}"
            );
            let got = table.at(right_s).unwrap();
            let shown = (got.offset_s, got.is_dst, &*got.abbreviation);
            assert_eq!(shown, (line.offset_s, line.is_dst, line.abbreviation), "{name} {unix_s}");
            let local = unix_s + i64::from(got.offset_s) + i64::from(is_leap_second);
            assert_eq!(local, line.local.unix_s(), "{name} {unix_s}");
        }
    }
    println!("{leaps} leap seconds");
}
