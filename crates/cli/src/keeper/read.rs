//! `instanter keeper read`: reading a clock that another process keeps.

use std::io::{self, Write};
use std::time::Instant;

use instanter_clock::page::linux::base;
use instanter_clock::shared::{Condition, Reader, Reading};
use instanter_clock::{Clock, PAGE, Source, Timespec, source};
use instanter_measure::{Settings, compare, subject};
use serde::Serialize;

use super::failure;
use super::report::ahead;
use super::signals::Signals;
use crate::args::ReadArgs;
use crate::cost::{counter_ordered, keep_pair, pair_ordered, pair_vdso};
use crate::failure::{Failure, Outcome, Status};
use crate::now::Reading as Time;
use crate::probe::{Count, count_shared_reads};
use crate::quantity;
use crate::screen::Screen;
use crate::sheet::Sheet;
use crate::utc;

#[derive(Debug, Serialize)]
struct Report {
    file: String,
    utc: String,
    unix_seconds: i64,
    nanosecond: u32,
    monotonic: Time,
    boottime: Time,
    tai_minus_utc_s: i64,
    counter: u64,
    condition: &'static str,
    age_ns: u64,
    bound_ns: Option<u64>,
    source: String,
    source_bound_ns: Option<u64>,
    synchronized: bool,
    ahead_of_source_ns: Option<i64>,
    ahead_of_realtime_ns: Option<String>,
    frequency_ppm: f64,
    leap: String,
    process: u32,
    tick_ns: u64,
    updates: u64,
    steps: u64,
    cost: Option<Cost>,
    system_calls: Option<Count>,
    system_calls_error: Option<String>,
    #[serde(skip)]
    ahead_of_realtime: Option<i128>,
}

/// Medians of one run, side by side.
#[derive(Debug, Serialize)]
struct Cost {
    counter_ordered_ns: f64,
    shared_ns: f64,
    ordered_ns: f64,
    vdso_ns: f64,
}

pub(crate) fn run(args: &ReadArgs, screen: &Screen) -> Outcome {
    let opened = match args.owner {
        Some(owner) => Reader::open_of(&args.path, owner),
        None => Reader::open(&args.path),
    };
    let reader = opened.map_err(|error| failure(&args.path, error))?;
    if args.watch {
        return watch(args, &reader, screen);
    }
    let mut report = look(args, &reader)?;
    if args.bench {
        reader.pair().map_err(|error| failure(&args.path, error))?;
        report.cost = Some(measure(&reader));
        match count_shared_reads(&args.path.to_string()) {
            Ok(count) => report.system_calls = Some(count),
            Err(error) => report.system_calls_error = Some(error),
        }
    }
    let status = if report.condition == "kept" { Status::Fine } else { Status::Degraded };
    screen.print(&report, write, status)
}

fn look(args: &ReadArgs, reader: &Reader) -> Result<Report, Failure> {
    let (reading, ahead_of_realtime) =
        beside_the_kernel(reader).map_err(|error| failure(&args.path, error))?;
    let (pair, status) = (reading.pair(), reading.status);
    let known = |bound_ns: u64| Some(bound_ns).filter(|&bound_ns| bound_ns != u64::MAX);
    let tai = reading.frame.clock(base::TAI);
    Ok(Report {
        file: args.path.to_string(),
        utc: utc::rfc3339(pair.realtime),
        unix_seconds: pair.realtime.sec,
        nanosecond: pair.realtime.nsec,
        monotonic: pair.monotonic.into(),
        boottime: reading.frame.clock(base::BOOTTIME).into(),
        tai_minus_utc_s: tai.sec - pair.realtime.sec,
        counter: reading.frame.counter,
        condition: word(reading.condition),
        age_ns: reading.age_ns,
        bound_ns: reading.bound_ns(),
        source: status.source.to_string(),
        source_bound_ns: known(status.source_bound_ns),
        synchronized: status.synchronized,
        ahead_of_source_ns: known(status.bound_ns).map(|_| status.ahead_ns),
        ahead_of_realtime_ns: ahead_of_realtime.map(|ns| ns.to_string()),
        frequency_ppm: status.frequency as f64 / 65_536.0,
        leap: status.leap.to_string(),
        process: status.process,
        tick_ns: status.tick_ns,
        updates: status.updates,
        steps: status.steps,
        cost: None,
        system_calls: None,
        system_calls_error: None,
        ahead_of_realtime,
    })
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Kept => "kept",
        Condition::Ended => "ended",
        Condition::Stale => "stale",
        Condition::Stuck => "stuck",
    }
}

/// Reads the clock and, at the same value of the counter, the kernel's. Returns how far
/// the first is ahead of the second.
fn beside_the_kernel(
    reader: &Reader,
) -> Result<(Reading, Option<i128>), instanter_clock::shared::Error> {
    if source(Clock::REALTIME) == Source::Page {
        for _ in 0..16 {
            let Ok(kernel) = PAGE.frame(instanter_counter::ordered) else { break };
            let mut reading = reader.reading()?;
            // Moved between the two: what it showed at that value is not known any more.
            if reading.frame.disciplined.line.origin > kernel.counter {
                continue;
            }
            reading.frame.counter = kernel.counter;
            let theirs = kernel.clock(base::REALTIME).as_nanos();
            return Ok((reading, Some(reading.pair().realtime.as_nanos() - theirs)));
        }
    }
    let realtime = || Clock::REALTIME.now().ok().map(Timespec::as_nanos);
    let before = realtime();
    let reading = reader.reading()?;
    let middle = before.zip(realtime()).map(|(before, after)| before + (after - before) / 2);
    Ok((reading, middle.map(|middle| reading.pair().realtime.as_nanos() - middle)))
}

fn measure(reader: &Reader) -> Cost {
    let costs = compare(
        &mut [
            counter_ordered(),
            subject!("shared", reader.pair().map_or(0, keep_pair)),
            pair_ordered(),
            pair_vdso(),
        ],
        Settings { rounds: 101, batch: 1_000, singles: 0 },
    );
    let median = |index: usize| costs[index].batches.median();
    Cost {
        counter_ordered_ns: median(0),
        shared_ns: median(1),
        ordered_ns: median(2),
        vdso_ns: median(3),
    }
}

fn bound(bound_ns: Option<u64>) -> String {
    bound_ns.map_or_else(
        || "nobody knows how far".to_owned(),
        |ns| format!("within {}", quantity::nanos(ns as f64)),
    )
}

fn write(report: &Report, sheet: &mut Sheet) {
    sheet.strong(&report.utc);
    let kept = match report.condition {
        "kept" => format!("by process {}", report.process),
        "ended" => "no more: its keeper has ended".to_owned(),
        "stale" => format!("no more: process {} does not update it", report.process),
        _ => format!("no more: process {} stopped in the middle of an update", report.process),
    };
    let off = match report.ahead_of_source_ns {
        Some(ns) => format!(
            "{}; {} at the last comparison, {} now",
            report.source,
            ahead(ns.into()),
            bound(report.bound_ns)
        ),
        None => report.source.clone(),
    };
    let mut fields = vec![("File", report.file.clone()), ("Kept", kept), ("Follows", off)];
    if report.ahead_of_source_ns.is_some() {
        let theirs = match (report.synchronized, report.source_bound_ns) {
            (true, Some(ns)) => {
                format!("synchronised, within {} of UTC", quantity::nanos(ns as f64))
            }
            (true, None) => "synchronised".to_owned(),
            (false, _) => "does not say that it is synchronised".to_owned(),
        };
        fields.push(("The source", theirs));
    }
    let realtime = report.ahead_of_realtime.map_or("no answer".to_owned(), ahead);
    let every = quantity::nanos(report.tick_ns as f64);
    fields.extend([
        ("CLOCK_REALTIME", format!("{realtime}, seen from there")),
        (
            "Updated",
            format!(
                "{} ago, of every {every}; {} updates, {} steps",
                quantity::nanos(report.age_ns as f64),
                quantity::grouped(report.updates.into()),
                report.steps
            ),
        ),
        ("Frequency", format!("{:+.3} ppm; {}", report.frequency_ppm, report.leap)),
    ]);
    if let Some(cost) = &report.cost {
        let ratio = quantity::ratio(cost.shared_ns / cost.ordered_ns);
        fields.push((
            "Cost",
            format!(
                "{} for wall and monotonic clock, {ratio} this machine's own ({}); two vDSO calls \
                 {}, the bare counter {}",
                quantity::nanos(cost.shared_ns),
                quantity::nanos(cost.ordered_ns),
                quantity::nanos(cost.vdso_ns),
                quantity::nanos(cost.counter_ordered_ns),
            ),
        ));
    }
    if let Some(count) = &report.system_calls {
        fields.push((
            "System calls",
            format!("{} in {} reads", count.system_calls, quantity::grouped(count.calls.into())),
        ));
    }
    if let Some(error) = &report.system_calls_error {
        fields.push(("System calls", format!("not counted: {error}")));
    }
    sheet.fields(0, fields);
}

/// One line after the other, until somebody has seen enough.
fn watch(args: &ReadArgs, reader: &Reader, screen: &Screen) -> Outcome {
    let signals = Signals::take()?;
    let every = std::time::Duration::from_nanos(args.every.as_nanos().unsigned_abs());
    let mut next = Instant::now();
    let mut lines = 0;
    loop {
        let report = look(args, reader)?;
        let status = if report.condition == "kept" { Status::Fine } else { Status::Degraded };
        let line = if screen.is_json() {
            serde_json::to_string(&report)
                .map_err(|error| Failure::new(format!("cannot print as JSON: {error}")))?
        } else {
            // The first columns fit the narrowest terminal.
            let kernel = report.ahead_of_realtime.map_or("?".to_owned(), ahead);
            let age = quantity::nanos(report.age_ns as f64);
            let within = report
                .bound_ns
                .map_or_else(String::new, |_| format!("  {}", bound(report.bound_ns)));
            let time = report.utc.get(11..).unwrap_or(&report.utc);
            format!("{time}  {:5}  {kernel}  {age} old{within}", report.condition)
        };
        let mut out = io::stdout().lock();
        // A reader that goes away ends it.
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            return Ok(status);
        }
        drop(out);
        lines += 1;
        next = (next + every).max(Instant::now());
        if args.count.is_some_and(|count| lines >= count) || signals.sleep(next).is_some() {
            return Ok(status);
        }
    }
}
