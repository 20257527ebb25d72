//! A command with the library and without: whether it does the same, and how fast.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::LIST;
use crate::failure::{Failure, Outcome, Status};
use crate::quantity;
use crate::screen::Screen;
use crate::sheet::Sheet;

#[derive(Debug, Serialize)]
struct Report {
    command: Vec<String>,
    library: String,
    runs: u32,
    /// Whether output, messages and exit status are the same with it and without.
    same: bool,
    /// Of `stdout`, `stderr` and `status`, those that differ.
    differences: Vec<&'static str>,
    /// Whether the command does the same each time without it.
    repeatable: bool,
    /// How it ended without the library.
    status: String,
    with_ms: f64,
    without_ms: f64,
    /// How many times as long it takes without.
    ratio: f64,
    #[serde(skip)]
    first_difference: Option<(String, String)>,
}

pub(super) fn run(
    program: &OsStr,
    args: &[OsString],
    library: &Path,
    list: &OsStr,
    runs: u32,
    screen: &Screen,
) -> Outcome {
    let once = |list: Option<&OsStr>| -> Result<(Output, Duration), Failure> {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null());
        if let Some(list) = list {
            command.env(LIST, list);
        }
        let start = Instant::now();
        let output = command.output();
        let took = start.elapsed();
        output
            .map(|output| (output, took))
            .map_err(|error| Failure::new(format!("cannot run {program:?}: {error}")))
    };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        without.push(once(None)?);
        with.push(once(Some(list))?);
    }
    let [Some((plain, _)), Some((preloaded, _))] = [without.first(), with.first()] else {
        return Err(Failure::new("no run was asked for"));
    };
    let repeatable = without.iter().all(|(output, _)| output == plain);
    let differing = with.iter().map(|(output, _)| output).find(|output| *output != plain);
    let other = differing.unwrap_or(preloaded);
    let differences = differences(plain, other);
    let (with_ms, without_ms) = (median_ms(&with), median_ms(&without));
    let report = Report {
        command: core::iter::once(program)
            .chain(args.iter().map(OsString::as_os_str))
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        library: library.display().to_string(),
        runs,
        same: differences.is_empty(),
        first_difference: first_difference(plain, other),
        differences,
        repeatable,
        status: plain.status.to_string(),
        with_ms,
        without_ms,
        ratio: without_ms / with_ms,
    };
    let status = if report.same { Status::Fine } else { Status::Degraded };
    screen.print(&report, write, status)
}

fn differences(plain: &Output, other: &Output) -> Vec<&'static str> {
    let all = [
        ("stdout", plain.stdout == other.stdout),
        ("stderr", plain.stderr == other.stderr),
        ("status", plain.status == other.status),
    ];
    all.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

/// The first line of the output that differs: with the library, and without.
fn first_difference(plain: &Output, other: &Output) -> Option<(String, String)> {
    let lines = |output: &Output| -> Vec<String> {
        let all = [output.stdout.as_slice(), &output.stderr].concat();
        String::from_utf8_lossy(&all).lines().map(str::to_owned).collect()
    };
    let (plain, other) = (lines(plain), lines(other));
    let mut pairs = other.into_iter().zip(plain);
    pairs.find(|(other, plain)| other != plain)
}

fn median_ms(runs: &[(Output, Duration)]) -> f64 {
    let mut all: Vec<f64> = runs.iter().map(|(_, took)| took.as_secs_f64() * 1e3).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

fn write(report: &Report, sheet: &mut Sheet) {
    let verdict = match (report.same, report.repeatable) {
        (true, _) => "The same with the library and without.".to_owned(),
        (false, true) => format!("Different: {}.", report.differences.join(", ")),
        (false, false) => format!(
            "Different: {}. But it is different each time without the library, too.",
            report.differences.join(", ")
        ),
    };
    sheet.strong(&verdict);
    sheet.blank();
    let speed = format!(
        "{:.1} ms with it, {:.1} ms without: {} as long without (medians of {})",
        report.with_ms,
        report.without_ms,
        quantity::ratio(report.ratio),
        report.runs
    );
    let mut fields = vec![
        ("Command", report.command.join(" ")),
        ("Library", report.library.clone()),
        ("Status", report.status.clone()),
        ("Time", speed),
    ];
    if let Some((with, without)) = &report.first_difference {
        fields.push(("With it", format!("{with:?}")));
        fields.push(("Without", format!("{without:?}")));
    }
    sheet.fields(0, fields);
}
