//! The table that README quotes.

use super::report::Line;
use anyhow::{Context, Result, anyhow};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// README's table lies between these.
const BEGIN: &str = "<!-- cargo xtask matrix -->";
const END: &str = "<!-- end of the matrix -->";

const HEAD: &str = "| what | how | what was seen | on | seconds |\n|---|---|---|---|---|\n";

/// Returns the table.
pub(super) fn markdown(lines: &[Line]) -> String {
    let mut text = HEAD.to_owned();
    for Line { name, how, seen, seconds, day, .. } in lines {
        let cells = [name, how, seen, day].map(|text| cell(text)).join(" | ");
        let seconds = if *seconds > 0.0 { format!("{seconds:.1} |") } else { "|".to_owned() };
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {cells} | {seconds}");
    }
    text
}

/// What would end a cell is written otherwise.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Puts a table where the file has one.
pub(super) fn replace(file: &Path, table: &str) -> Result<()> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (before, after) = around(&text)
        .ok_or_else(|| anyhow!("{} has no lines {BEGIN:?} and {END:?}", file.display()))?;
    let text = format!("{before}{BEGIN}\n{table}{END}{after}");
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn around(text: &str) -> Option<(&str, &str)> {
    let (before, rest) = text.split_once(BEGIN)?;
    Some((before, rest.split_once(END)?.1))
}

/// Returns the names of the rows of a file's table.
#[cfg(test)]
pub(super) fn names(text: &str) -> Option<Vec<String>> {
    let table = text.split_once(BEGIN)?.1.split_once(END)?.0;
    let rows = table.trim().lines().skip(HEAD.lines().count());
    rows.map(|row| Some(row.strip_prefix("| ")?.split_once(" | ")?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::report::{How, Outcome, Row};
    use super::*;
    use std::time::Duration;

    fn line(name: &str, how: How, rows: &[(&str, Outcome)]) -> Line {
        let row = |(subject, outcome): &(&str, Outcome)| Row {
            name: name.to_owned(),
            took: Duration::from_millis(1_500),
            subject: (*subject).to_owned(),
            outcome: match outcome {
                Outcome::Passed => Outcome::Passed,
                Outcome::Failed(reason) => Outcome::Failed(reason.clone()),
                Outcome::Skipped(reason) => Outcome::Skipped(reason.clone()),
            },
        };
        let rows: Vec<Row> = rows.iter().map(row).collect();
        let line = Line::of(name, how, &rows);
        assert_eq!(line.day.len(), "2026-11-22".len(), "{}", line.day);
        Line { day: "today".to_owned(), ..line }
    }

    #[test]
    fn rows_become_a_table_and_names_again() {
        let failed = Outcome::Failed("does not build".to_owned());
        let skipped = Outcome::Skipped("no a|b\nhere".to_owned());
        let lines = [
            line("x86-64 6.1.x", How::Ran, &[("5.6 to 6.9, 13 ok", Outcome::Passed)]),
            line("arm64 7.x", How::Ran, &[("", skipped)]),
            line(
                "riscv64",
                How::Built,
                &[
                    ("counter", Outcome::Passed),
                    ("zone", Outcome::Passed),
                    ("the command: linked", Outcome::Passed),
                ],
            ),
            line("s390x", How::Built, &[("counter", Outcome::Passed), ("zone", failed)]),
        ];
        assert_eq!(lines.each_ref().map(|line| line.passed), [true, false, true, false]);
        let table = markdown(&lines);
        let want = "\
            | what | how | what was seen | on | seconds |\n\
            |---|---|---|---|---|\n\
            | x86-64 6.1.x | ran | 5.6 to 6.9, 13 ok | today | 1.5 |\n\
            | arm64 7.x | skipped: no a\\|b here |  | today | 1.5 |\n\
            | riscv64 | type-checked, linked | counter, zone, the command: linked | today | 4.5 |\n\
            | s390x | FAILED: does not build | counter, zone | today | 3.0 |\n";
        assert_eq!(table, want);

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("README.md");
        assert!(fs::write(&file, "no table").is_ok() && replace(&file, &table).is_err());
        fs::write(&file, format!("before\n{BEGIN}\nold\n{END}\nafter\n")).unwrap();
        replace(&file, &table).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, format!("before\n{BEGIN}\n{table}{END}\nafter\n"));
        let got = names(&text).unwrap();
        assert_eq!(got, ["x86-64 6.1.x", "arm64 7.x", "riscv64", "s390x"]);
    }
}
