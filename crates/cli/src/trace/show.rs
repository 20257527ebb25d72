//! A report as text: the answer first, then tables.

use super::report::{Count, Location, Report, Site, Spread, Thread};
use crate::quantity::{self, grouped};
use crate::sheet::Sheet;
use crate::table::{Column, Table};
use crate::tracer::symbols::short;

/// Writes a whole report; `top` is how many rows are shown of what has many.
pub(super) fn write(report: &Report, top: usize, sheet: &mut Sheet) {
    for line in headline(report) {
        sheet.strong_prose(&line);
    }
    for remark in &report.remarks {
        sheet.note(0, remark);
    }
    let mut left_out = Vec::new();
    let mut note = |names: Vec<&'static str>| {
        for name in names {
            if !left_out.contains(&name) {
                left_out.push(name);
            }
        }
    };
    if !report.clocks.is_empty() {
        sheet.blank();
        sheet.heading("Reads by clock");
        note(sheet.table(2, &clocks(report)));
        sheet.blank();
        sheet.heading("Reads by call site");
        note(sheet.table(2, &sites(report, top)));
        more(sheet, report.sites.len(), top);
    }
    if !report.waits.is_empty() {
        sheet.blank();
        sheet.heading("Waits and timers (system calls)");
        note(sheet.table(2, &waits(report)));
        sheet.blank();
        sheet.heading("Waits and timers by call site");
        note(sheet.table(2, &wait_sites(report, top)));
        more(sheet, report.wait_sites.len(), top);
    }
    if report.threads.len() > 1 {
        sheet.blank();
        sheet.heading("By thread");
        note(sheet.table(2, &threads(report, top)));
        more(sheet, report.threads.len(), top);
    }
    if report.programs.len() > 1 {
        sheet.blank();
        sheet.heading("By process");
        note(sheet.table(2, &programs(report, top)));
        more(sheet, report.programs.len(), top);
    }
    if !left_out.is_empty() {
        sheet.blank();
        sheet.left_out(&left_out);
    }
}

fn more(sheet: &mut Sheet, rows: usize, shown: usize) {
    if rows > shown {
        sheet.note(2, &format!("and {} more: --top {rows} or --json shows all", rows - shown));
    }
}

/// What it comes to, in one line or two.
pub(super) fn headline(report: &Report) -> Vec<String> {
    let Count { calls, system_calls } = report.reads;
    let seconds = duration(report.elapsed_ns);
    let what = match (calls, system_calls) {
        (0, _) => "no clock was read".to_owned(),
        (_, 0) => format!("{} of time, 0 system calls", counted(calls, "read")),
        (_, some) => {
            format!(
                "{} of time, {} of them by system calls",
                counted(calls, "read"),
                grouped(some.into())
            )
        }
    };
    let mut lines = vec![format!("{what}, in {seconds}")];
    let waits: u64 = report.waits.iter().map(|wait| wait.calls).sum();
    if waits > 0 {
        let total: u64 = report.waits.iter().map(|wait| wait.total_ns).sum();
        lines.push(format!(
            "{} for waits and timers, {} in them",
            counted(waits, "system call"),
            duration(total)
        ));
    }
    lines
}

fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number.into()), if number == 1 { "" } else { "s" })
}

/// A length of time that a person waits.
pub(super) fn duration(ns: u64) -> String {
    match ns {
        0..10_000_000_000 if ns >= 1_000_000_000 => format!("{:.2} s", ns as f64 / 1e9),
        0..1_000_000_000 => quantity::nanos(ns as f64),
        _ => format!("{:.1} s", ns as f64 / 1e9),
    }
}

fn rate(per_second: f64) -> String {
    match per_second {
        _ if per_second < 10.0 => format!("{per_second:.1}"),
        _ => grouped(per_second.round() as u128),
    }
}

fn spread(time: Option<&Spread>) -> [String; 4] {
    let ns = quantity::nanos;
    time.map_or_else(Default::default, |time| {
        [ns(time.p50_ns), ns(time.p99_ns), ns(time.max_ns), duration(time.total_ns)]
    })
}

fn clocks(report: &Report) -> Table {
    let mut table = Table::new([
        Column::text("clock"),
        Column::number("reads"),
        Column::number("system calls"),
        Column::number("a second").expendable(2),
        Column::number("p50").expendable(1),
        Column::number("p99").expendable(3),
        Column::number("max").expendable(4),
        Column::number("total").expendable(5),
    ]);
    for row in &report.clocks {
        let [p50, p99, max, total] = spread(row.time.as_ref());
        let Count { calls, system_calls } = row.count;
        let (calls, system_calls) = (grouped(calls.into()), grouped(system_calls.into()));
        let name = row.name.clone();
        table.row([name, calls, system_calls, rate(row.per_second), p50, p99, max, total]);
    }
    table
}

/// The function, and the file and line, or else the module.
fn place(location: &Location) -> String {
    let file = location.file.as_deref().map(|file| match location.line {
        Some(line) => format!("{}:{line}", short(file)),
        None => short(file).to_owned(),
    });
    let place = file.unwrap_or_else(|| short(&location.module).to_owned());
    format!("{} ({place})", location.function)
}

fn through(location: &Location) -> String {
    location.through.clone().unwrap_or_default()
}

/// What a call site reads, in few letters: all clocks' names begin alike.
fn brief(clock: &str) -> String {
    clock.replace("CLOCK_", "").to_lowercase()
}

fn sites(report: &Report, top: usize) -> Table {
    let mut table = Table::new([
        Column::number("reads"),
        Column::number("system calls").expendable(2),
        Column::number("p50").expendable(3),
        Column::text("clock").expendable(1),
        Column::text("through").expendable(4),
        Column::text("call site"),
    ]);
    for Site { location, reads, count, time, .. } in report.sites.iter().take(top) {
        let [p50, ..] = spread(time.as_ref());
        let (calls, system_calls) =
            (grouped(count.calls.into()), grouped(count.system_calls.into()));
        table.row([calls, system_calls, p50, brief(reads), through(location), place(location)]);
    }
    table
}

fn waits(report: &Report) -> Table {
    let mut table = Table::new([
        Column::text("system call"),
        Column::number("calls"),
        Column::number("failed").expendable(3),
        Column::number("total"),
        Column::number("p50").expendable(1),
        Column::number("max").expendable(2),
    ]);
    for wait in &report.waits {
        table.row([
            wait.name.clone(),
            grouped(wait.calls.into()),
            grouped(wait.failed.into()),
            duration(wait.total_ns),
            duration(wait.p50_ns),
            duration(wait.max_ns),
        ]);
    }
    table
}

fn wait_sites(report: &Report, top: usize) -> Table {
    let mut table = Table::new([
        Column::number("calls"),
        Column::number("total"),
        Column::text("system call").expendable(1),
        Column::text("through").expendable(2),
        Column::text("call site"),
    ]);
    for site in report.wait_sites.iter().take(top) {
        table.row([
            grouped(site.wait.calls.into()),
            duration(site.wait.total_ns),
            site.wait.name.clone(),
            through(&site.location),
            place(&site.location),
        ]);
    }
    table
}

fn threads(report: &Report, top: usize) -> Table {
    let mut table = Table::new([
        Column::number("thread"),
        Column::number("process").expendable(2),
        Column::number("reads"),
        Column::number("system calls").expendable(1),
        Column::number("waits").expendable(3),
        Column::number("in waits").expendable(4),
        Column::text("name"),
    ]);
    let mut rows: Vec<&Thread> = report.threads.iter().collect();
    rows.sort_by_key(|thread| std::cmp::Reverse((thread.reads.calls, thread.waits)));
    for thread in rows.into_iter().take(top) {
        table.row([
            thread.thread.to_string(),
            thread.process.to_string(),
            grouped(thread.reads.calls.into()),
            grouped(thread.reads.system_calls.into()),
            grouped(thread.waits.into()),
            duration(thread.wait_ns),
            thread.name.clone(),
        ]);
    }
    table
}

fn programs(report: &Report, top: usize) -> Table {
    let mut table = Table::new([
        Column::number("process"),
        Column::number("parent").expendable(2),
        Column::number("reads"),
        Column::number("system calls").expendable(1),
        Column::number("ran for").expendable(3),
        Column::text("command"),
    ]);
    for program in report.programs.iter().take(top) {
        table.row([
            program.process.to_string(),
            program.parent.map(|parent| parent.to_string()).unwrap_or_default(),
            grouped(program.reads.calls.into()),
            grouped(program.reads.system_calls.into()),
            duration(program.elapsed_ns),
            program.command.clone(),
        ]);
    }
    table
}

/// A few lines for a terminal, while it runs.
pub(super) fn live(report: &Report, sheet: &mut Sheet) {
    for line in headline(report) {
        sheet.strong_prose(&line);
    }
    if !report.sites.is_empty() {
        sheet.table(2, &sites(report, 5));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        let table = [
            (0, "0.0 ns"),
            (1_500, "1500 ns"),
            (12_345_678, "12.3 ms"),
            (999_999_999, "1000.0 ms"),
            (1_230_000_000, "1.23 s"),
            (61_000_000_000, "61.0 s"),
        ];
        for (ns, want) in table {
            assert_eq!(duration(ns), want, "duration({ns})");
        }
    }
}
