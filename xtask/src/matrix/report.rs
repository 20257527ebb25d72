//! The rows of a run, the lines of its table, and the line that closes it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use instanter_civil::Date;

/// How a row ended.
pub(super) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// One thing that was tried. Those of one name are one line of the table.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) took: Duration,
    /// What the row was about: a layout, a set of crates, a package.
    pub(super) subject: String,
    pub(super) outcome: Outcome,
}

/// What is shown of a row that passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Programs ran.
    Ran,
    /// The compiler accepts it, or a linker, too: the rows' subjects say which.
    Built,
}

/// What the subject of a row ends with whose program was linked.
pub(super) const LINKED: &str = "linked";

/// What a line begins with that was not run.
pub(super) const SKIPPED: &str = "skipped";

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) how: String,
    pub(super) seen: String,
    pub(super) seconds: f64,
    /// The day on which it ran, by UTC.
    pub(super) day: String,
    pub(super) passed: bool,
}

impl Line {
    /// Makes a line of what was tried, today.
    pub(super) fn of(name: &str, how: How, rows: &[Row]) -> Line {
        let failed = rows.iter().find_map(|row| match &row.outcome {
            Outcome::Failed(reason) => Some(format!("FAILED: {reason}")),
            _ => None,
        });
        let skipped = rows.iter().find_map(|row| match &row.outcome {
            Outcome::Skipped(reason) => Some(format!("{SKIPPED}: {reason}")),
            _ => None,
        });
        let against = failed.or(skipped);
        let passed = against.is_none();
        let how = against.unwrap_or_else(|| {
            match how {
                How::Ran => "ran",
                How::Built if rows.iter().any(|row| row.subject.ends_with(LINKED)) => {
                    "type-checked, linked"
                }
                How::Built => "type-checked",
            }
            .to_owned()
        });
        let seen: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
        let seconds: f64 = rows.iter().map(|row| row.took.as_secs_f64()).sum();
        Line {
            name: name.to_owned(),
            how: one_line(&how),
            seen: one_line(&seen.join(", ")),
            // Tenths are shown, and so kept.
            seconds: (seconds * 10.0).round() / 10.0,
            day: today(),
            passed,
        }
    }
}

impl Line {
    /// A row of which there is no result.
    pub(super) fn not_run(name: String) -> Line {
        let (how, none) = ("not run".to_owned(), String::new());
        Line { name, how, seen: none.clone(), seconds: 0.0, day: none, passed: false }
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = since.as_secs() / 86_400;
    i64::try_from(days)
        .ok()
        .and_then(|days| Date::from_unix_days(days).ok())
        .map_or_else(|| "unknown".to_owned(), |date| date.to_string())
}

/// How many rows ended which way.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// Prints what was tried, and the closing line.
pub(super) fn close(rows: &[Row], kept: usize) -> Tally {
    let mut tally = Tally::default();
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).chars().count()).max();
    let name_width = width(|row| &row.name).unwrap_or(0);
    let subject_width = width(|row| &row.subject).unwrap_or(0);
    println!();
    for row in rows {
        let result = match &row.outcome {
            Outcome::Passed => {
                tally.passed += 1;
                "passed".to_owned()
            }
            Outcome::Failed(reason) => {
                tally.failed += 1;
                format!("FAILED: {reason}")
            }
            Outcome::Skipped(reason) => {
                tally.skipped += 1;
                format!("skipped: {reason}")
            }
        };
        println!(
            "{:name_width$}  {:5.1} s  {:subject_width$}  {result}",
            row.name,
            row.took.as_secs_f64(),
            row.subject,
        );
    }
    println!();
    let Tally { passed, failed, skipped } = tally;
    print!("matrix: {passed} passed, {failed} failed, {skipped} skipped");
    if kept > 0 {
        print!("; {kept} from earlier runs");
    }
    println!();
    tally
}
