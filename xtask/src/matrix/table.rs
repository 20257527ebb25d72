//! The table that README quotes.

use super::report::{Outcome, Row};
use anyhow::{Context, Result, anyhow};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How much is shown by a row that passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Programs ran.
    Ran,
    /// The compiler accepts it, or a linker, too: the rows' subjects say which.
    Built,
}

/// What the subject of a row ends with whose program was linked.
pub(super) const LINKED: &str = "linked";

/// README's table lies between these.
const BEGIN: &str = "<!-- cargo xtask matrix -->";
const END: &str = "<!-- end of the matrix -->";

const HEAD: &str = "| what | how | what was seen | seconds |\n|---|---|---|---|\n";

/// Returns the table. Rows of the same name are one.
pub(super) fn markdown(sections: &[(How, Vec<Row>)]) -> String {
    let mut text = HEAD.to_owned();
    for (how, rows) in sections {
        let mut names: Vec<&str> = Vec::new();
        for row in rows {
            if !names.contains(&row.name.as_str()) {
                names.push(&row.name);
            }
        }
        for name in names {
            let rows: Vec<&Row> = rows.iter().filter(|row| row.name == name).collect();
            let seconds: f64 = rows.iter().map(|row| row.took.as_secs_f64()).sum();
            let failed = rows.iter().find_map(|row| match &row.outcome {
                Outcome::Failed(reason) => Some(format!("FAILED: {reason}")),
                _ => None,
            });
            let skipped = rows.iter().find_map(|row| match &row.outcome {
                Outcome::Skipped(reason) => Some(format!("skipped: {reason}")),
                _ => None,
            });
            let how = failed.or(skipped).unwrap_or_else(|| {
                match how {
                    How::Ran => "ran",
                    How::Built if rows.iter().any(|row| row.subject.ends_with(LINKED)) => {
                        "type-checked, linked"
                    }
                    How::Built => "type-checked",
                }
                .to_owned()
            });
            let subjects: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {seconds:.1} |",
                cell(name),
                cell(&how),
                cell(&subjects.join(", ")),
            );
        }
    }
    text
}

/// What would end a cell or a row is written otherwise.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
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
    use super::*;
    use std::time::Duration;

    fn row(name: &str, subject: &str, outcome: Outcome) -> Row {
        let took = Duration::from_millis(1_500);
        Row { name: name.to_owned(), took, subject: subject.to_owned(), outcome }
    }

    #[test]
    fn rows_become_a_table_and_names_again() {
        let ran = vec![
            row("x86-64 6.1.x", "5.6 to 6.9, 13 ok", Outcome::Passed),
            row("arm64 7.x", "", Outcome::Skipped("no a|b\nhere".to_owned())),
        ];
        let checked = vec![
            row("riscv64", "counter", Outcome::Passed),
            row("riscv64", "zone", Outcome::Passed),
            row("s390x", "counter", Outcome::Passed),
            row("riscv64", "the command: linked", Outcome::Passed),
            row("s390x", "zone", Outcome::Failed("does not build".to_owned())),
        ];
        let table = markdown(&[(How::Ran, ran), (How::Built, checked)]);
        let want = "\
            | what | how | what was seen | seconds |\n\
            |---|---|---|---|\n\
            | x86-64 6.1.x | ran | 5.6 to 6.9, 13 ok | 1.5 |\n\
            | arm64 7.x | skipped: no a\\|b here |  | 1.5 |\n\
            | riscv64 | type-checked, linked | counter, zone, the command: linked | 4.5 |\n\
            | s390x | FAILED: does not build | counter, zone | 3.0 |\n";
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
