//! The rows of a run, its table, and the line that closes it.

use std::time::Duration;

/// How a row ended.
pub(super) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// One row of the table.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) took: Duration,
    /// What the row was about: a layout, a set of crates, a package.
    pub(super) subject: String,
    pub(super) outcome: Outcome,
}

/// How many rows ended which way.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// Prints the table and the closing line.
pub(super) fn close(rows: &[Row]) -> Tally {
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
    println!("matrix: {} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    tally
}
