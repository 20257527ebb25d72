//! The report as text.

use super::{Report, by_clock, compare, crowd, histogram, paths};
use crate::quantity::{nanos, ratio};
use crate::sheet::Sheet;
use crate::table::{Column, Table};

pub(super) fn write(report: &Report, sheet: &mut Sheet) {
    sheet.strong("What a reading costs here");
    sheet.fields(0, [("Source", report.origin.describe()), ("Counter", report.counter.to_owned())]);
    if cfg!(debug_assertions) {
        sheet.prose(0, "This program was built without optimisation: its figures mean little.");
    }
    sheet.blank();
    rows(report, sheet);
    sheet.blank();
    histogram::write(&paths::drawn(&report.rows), sheet);
    sheet.blank();
    by_clock::write(&report.by_clock, sheet);
    sheet.blank();
    crowd::write(&report.threads, sheet);
    sheet.blank();
    first_call(report, sheet);
    sheet.blank();
    targets(report, sheet);
    if let Some(comparison) = &report.comparison {
        sheet.blank();
        compare::write(comparison, sheet);
    }
    if let Some(file) = &report.plot {
        sheet.blank();
        sheet.prose(0, &format!("Plotted to {file:?}."));
    }
}

fn rows(report: &Report, sheet: &mut Sheet) {
    let mut table = Table::new([
        Column::text("reading"),
        Column::number("p50"),
        Column::number("alone").expendable(4),
        Column::number("p90").expendable(5),
        Column::number("p99"),
        Column::number("p99.9").expendable(1),
        Column::number("max").expendable(3),
        Column::number("ratio"),
        Column::text("to").expendable(2),
    ]);
    for row in &report.rows {
        let is_reference = row.name == row.against;
        table.row([
            row.name.clone(),
            nanos(row.p50_ns),
            nanos(row.latency_p50_ns),
            nanos(row.p90_ns),
            nanos(row.p99_ns),
            nanos(row.p999_ns),
            nanos(row.max_ns),
            if is_reference { String::new() } else { ratio(row.ratio) },
            if is_reference { String::new() } else { row.against.clone() },
        ]);
    }
    let left_out = sheet.table(0, &table);
    sheet.left_out(&left_out);
    sheet.note(
        0,
        "p50 is throughput: one call after the other. The columns from \"alone\" on are latency: \
         calls timed on their own (median, p90, …), the counter's own cost taken off. Times of 1 \
         in 1000 calls and of the longest one say as much about the machine's other work as about \
         the reading.",
    );
}

fn first_call(report: &Report, sheet: &mut Sheet) {
    if let Some(first) = &report.first_call {
        sheet.prose(
            0,
            &format!(
                "First call in a process, search and proof included: {} (median of {} processes, {} to {}).",
                nanos(first.p50_ns),
                first.processes,
                nanos(first.min_ns),
                nanos(first.max_ns)
            ),
        );
    }
    if let Some(error) = &report.first_call_error {
        sheet.prose(0, &format!("First call in a process: not measured, {error}."));
    }
}

fn targets(report: &Report, sheet: &mut Sheet) {
    sheet.strong("Targets");
    let mut table = Table::new([
        Column::text("figure"),
        Column::number("measured"),
        Column::number("target"),
        Column::text("met"),
    ]);
    for target in &report.targets {
        table.row([
            target.figure.to_owned(),
            target.shown(target.measured),
            format!("{} {}", if target.at_least { "≥" } else { "≤" }, target.shown(target.target)),
            (if target.met { "yes" } else { "no" }).to_owned(),
        ]);
    }
    sheet.table(0, &table);
}
