//! `instanter bench`: costs side by side, and whether they reach their targets.

mod targets;

use instanter_clock::Clock;
use instanter_measure::{Cost, Settings, compare, keep, subject};
use nix::time::ClockId;
use serde::Serialize;
use std::time::{Instant, SystemTime};

use crate::args::BenchArgs;
use crate::cost::{
    counter_ordered, counter_relaxed, keep_one, keep_pair, pair_ordered, pair_relaxed, pair_vdso,
    vdso_call,
};
use crate::failure::{Failure, Outcome, Status};
use crate::now::Origin;
use crate::probe::first_calls;
use crate::quantity::{nanos, ratio};
use crate::screen::Screen;
use crate::sheet::Sheet;
use crate::table::{Column, Table};
use targets::Target;

/// A few tenths of a second; what is not quick is [`Settings::thorough`].
const QUICK: Settings = Settings { rounds: 41, batch: 500, singles: 250 };

/// Fresh processes whose first call is timed.
const PROCESSES: u32 = 20;

/// What is measured, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    CounterRelaxed,
    CounterOrdered,
    PairRelaxed,
    PairOrdered,
    Now,
    PairVdso,
    PairStd,
    MonotonicRelaxed,
    InstantNow,
    CoarsePair,
    CoarseVdso,
    Snapshot,
    Epoch,
}

/// What is measured, under what name, and against whom.
const ROWS: [(What, &str, What); 13] = {
    use What::*;
    [
        (CounterRelaxed, "bare counter, relaxed", CounterRelaxed),
        (CounterOrdered, "bare counter, ordered", CounterOrdered),
        (PairRelaxed, "wall + monotonic, relaxed", CounterRelaxed),
        (PairOrdered, "wall + monotonic, ordered", CounterOrdered),
        (Now, "instanter::now(), a Time", CounterOrdered),
        (PairVdso, "wall + monotonic, two vDSO calls", CounterOrdered),
        (PairStd, "std: SystemTime + Instant", CounterOrdered),
        (MonotonicRelaxed, "monotonic alone, relaxed", CounterRelaxed),
        (InstantNow, "std: Instant alone", CounterRelaxed),
        (CoarsePair, "both coarse clocks", CoarseVdso),
        (CoarseVdso, "one coarse clock, vDSO call", CoarseVdso),
        (Snapshot, "snapshot: seven clocks", CounterOrdered),
        (Epoch, "epoch", CounterRelaxed),
    ]
};

/// One measured row.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    p50_ns: f64,
    p99_ns: f64,
    p999_ns: f64,
    max_ns: f64,
    /// What the ratio is to.
    against: &'static str,
    ratio: f64,
}

/// The first call in each of some fresh processes.
#[derive(Debug, Serialize)]
struct FirstCall {
    processes: usize,
    min_ns: f64,
    p50_ns: f64,
    max_ns: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    origin: Origin,
    counter: &'static str,
    rows: Vec<Row>,
    first_call: Option<FirstCall>,
    first_call_error: Option<String>,
    targets: Vec<Target>,
}

pub(crate) fn run(args: &BenchArgs, screen: &Screen) -> Outcome {
    // Without an answer, errors are what would be measured.
    instanter_clock::snapshot()?;
    let costs = measure(if args.quick { QUICK } else { Settings::thorough() });
    let cost = |what: What| {
        let place = ROWS.iter().position(|&(row, ..)| row == what);
        place.and_then(|place| costs.get(place))
    };
    let mut rows = Vec::new();
    for (what, name, against) in ROWS {
        let (Some(own), Some(reference)) = (cost(what), cost(against)) else {
            return Err(Failure::new(format!("{name:?} was not measured")));
        };
        rows.push(Row {
            name,
            p50_ns: own.batches.median(),
            p99_ns: own.calls.quantile(0.99),
            p999_ns: own.calls.quantile(0.999),
            max_ns: own.calls.max(),
            against: name_of(against),
            ratio: own.batches.median() / reference.batches.median(),
        });
    }
    let (first_call, first_call_error) = match first_calls(PROCESSES) {
        Ok(mut nanos) => {
            nanos.sort_by(f64::total_cmp);
            (first_call(&nanos), None)
        }
        Err(error) => (None, Some(error.to_string())),
    };
    let first_ns = first_call.as_ref().map(|first| first.p50_ns);
    let report = Report {
        origin: Origin::of(Clock::REALTIME),
        counter: instanter_counter::NAME,
        rows,
        first_call,
        first_call_error,
        targets: targets::all(cost, first_ns),
    };
    screen.print(&report, write, Status::Fine)
}

fn name_of(what: What) -> &'static str {
    ROWS.iter().find(|&&(row, ..)| row == what).map_or("?", |&(_, name, _)| name)
}

/// `nanos` in order.
fn first_call(nanos: &[f64]) -> Option<FirstCall> {
    Some(FirstCall {
        processes: nanos.len(),
        min_ns: *nanos.first()?,
        p50_ns: *nanos.get(nanos.len() / 2)?,
        max_ns: *nanos.last()?,
    })
}

/// Measures the rows, in their order.
fn measure(settings: Settings) -> Vec<Cost> {
    let mut subjects: Vec<_> = ROWS
        .iter()
        .map(|&(what, name, _)| match what {
            What::CounterRelaxed => counter_relaxed(),
            What::CounterOrdered => counter_ordered(),
            What::PairRelaxed => pair_relaxed(),
            What::PairOrdered => pair_ordered(),
            What::PairVdso => pair_vdso(),
            What::Now => subject!(name, keep(instanter::now())),
            What::PairStd => subject!(name, keep((SystemTime::now(), Instant::now()))),
            What::InstantNow => subject!(name, keep(Instant::now())),
            What::MonotonicRelaxed => subject!(name, keep_one(Clock::MONOTONIC.now_relaxed())),
            What::CoarsePair => subject!(name, instanter_clock::coarse_pair().map_or(0, keep_pair)),
            What::CoarseVdso => subject!(name, vdso_call(ClockId::CLOCK_REALTIME_COARSE)),
            What::Snapshot => subject!(name, keep(instanter_clock::snapshot())),
            What::Epoch => subject!(name, instanter_clock::epoch()),
        })
        .collect();
    compare(&mut subjects, settings)
}

fn write(report: &Report, sheet: &mut Sheet) {
    sheet.strong("What a reading costs here");
    sheet.fields(0, [("Source", report.origin.describe()), ("Counter", report.counter.to_owned())]);
    sheet.blank();
    let mut table = Table::new([
        Column::text("reading"),
        Column::number("p50"),
        Column::number("p99"),
        Column::number("p99.9").expendable(1),
        Column::number("max").expendable(3),
        Column::number("ratio"),
        Column::text("to").expendable(2),
    ]);
    for row in &report.rows {
        let is_reference = row.name == row.against;
        table.row([
            row.name.to_owned(),
            nanos(row.p50_ns),
            nanos(row.p99_ns),
            nanos(row.p999_ns),
            nanos(row.max_ns),
            if is_reference { String::new() } else { ratio(row.ratio) },
            if is_reference { String::new() } else { row.against.to_owned() },
        ]);
    }
    let left_out = sheet.table(0, &table);
    sheet.left_out(&left_out);
    sheet.blank();
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
    sheet.blank();
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
    sheet.note(
        0,
        "Times of 1 in 1000 calls and of the longest one say as much about the machine's other work \
         as about the reading.",
    );
}
