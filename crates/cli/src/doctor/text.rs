//! A verdict on one page.

use anstyle::{AnsiColor, Style};

use serde::Serialize;

use super::checks::Kind;
use super::verdict::{Check, Level, Remedy, Verdict};
use crate::sheet::Sheet;

fn style(level: Level) -> Style {
    match level {
        Level::Bad => AnsiColor::Red.on_default().bold(),
        Level::Degraded => AnsiColor::Yellow.on_default().bold(),
        Level::Good => AnsiColor::Green.on_default().bold(),
        Level::Skipped => Style::new().dimmed(),
    }
}

/// What is wrong in full, the rest in a line each. A check that was asked for by
/// itself is shown in full, too.
pub(super) fn write(verdict: &Verdict, sheet: &mut Sheet) {
    let level = verdict.level;
    sheet.marked(style(level), 0, &format!("{}: {}", level.word(), verdict.summary));
    if let Some(command) = verdict.remedy.as_ref().and_then(|remedy| remedy.commands.first()) {
        sheet.prose(0, "What to do, as root:");
        sheet.verbatim(2, command);
    }
    let alone = verdict.checks.len() == 1;
    for check in &verdict.checks {
        if check.level >= Level::Degraded || alone {
            sheet.blank();
            in_full(check, sheet, check.level == verdict.level, alone);
        }
    }
    if alone {
        return;
    }
    for level in [Level::Good, Level::Skipped] {
        let checks: Vec<&Check> =
            verdict.checks.iter().filter(|check| check.level == level).collect();
        if checks.is_empty() {
            continue;
        }
        sheet.blank();
        sheet.marked(style(level), 0, if level == Level::Good { "Good" } else { "Not looked at" });
        beside(sheet, checks.iter().map(|check| (check.title.as_str(), check.summary.as_str())));
    }
    sheet.blank();
    sheet.note(
        0,
        "Names for --only and --explain: see instanter doctor --help. Everything measured: --json.",
    );
}

/// Less room than this is too little for two columns.
const TWO_COLUMNS: usize = 60;

/// Names and texts: beside each other, or where that is too narrow one below the
/// other.
fn beside<'a>(sheet: &mut Sheet, fields: impl IntoIterator<Item = (&'a str, &'a str)>) {
    if sheet.room() >= TWO_COLUMNS {
        return sheet.fields(2, fields);
    }
    for (name, text) in fields {
        sheet.marked(AnsiColor::Cyan.on_default(), 1, name);
        sheet.prose(3, text);
    }
}

/// The reasons of what is worst only: it is to be one page.
fn in_full(check: &Check, sheet: &mut Sheet, with_why: bool, with_details: bool) {
    let heading = format!("{} ({}): {}", check.title, check.name, check.level.word());
    sheet.marked(style(check.level), 0, &heading);
    let mut fields = vec![("found", check.measured.as_str())];
    if with_why || with_details {
        fields.push(("why it matters", &check.why));
    }
    if let Some(remedy) = &check.remedy {
        fields.push(("what to do", &remedy.text));
    }
    beside(sheet, fields);
    commands(check.remedy.as_ref(), sheet);
    if with_details && !check.details.is_empty() {
        sheet.blank();
        let details = &check.details;
        beside(sheet, details.iter().map(|detail| (detail.name.as_str(), detail.text.as_str())));
    }
}

/// What a check is, without making it.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    name: &'static str,
    title: &'static str,
    why: &'static str,
    how: &'static str,
}

impl Explained {
    pub(super) fn of(kind: &Kind) -> Explained {
        Explained { name: kind.name, title: kind.title, why: kind.why, how: kind.how }
    }
}

pub(super) fn explain(of: &Explained, sheet: &mut Sheet) {
    sheet.heading(&format!("{} ({})", of.title, of.name));
    sheet.prose(0, of.why);
    for line in of.how.lines() {
        sheet.blank();
        sheet.prose(0, line);
    }
    sheet.blank();
    sheet.note(0, &format!("To make it: instanter doctor --only {}", of.name));
}

/// Not wrapped: they are copied.
fn commands(remedy: Option<&Remedy>, sheet: &mut Sheet) {
    for command in remedy.iter().flat_map(|remedy| &remedy.commands) {
        sheet.verbatim(4, command);
    }
}
