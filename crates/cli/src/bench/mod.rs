//! `instanter bench`: costs side by side, and whether they reach their targets.

mod by_clock;
mod compare;
mod crowd;
mod histogram;
mod paths;
mod plot;
mod targets;
mod text;

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use instanter_clock::Clock;
use instanter_measure::Settings;
use serde::Serialize;

use crate::args::BenchArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::now::Origin;
use crate::probe::first_calls;
use crate::screen::Screen;
pub(crate) use by_clock::ByClock;
use compare::{Comparison, Old};
use crowd::Crowd;
pub(crate) use crowd::MOST_THREADS;
pub(crate) use paths::Row;
use paths::{Costs, What};
use plot::Form;
use targets::Target;

/// How long to measure.
#[derive(Clone, Copy)]
struct Length {
    rows: Settings,
    clocks: Settings,
    /// Of one turn of one thread, and of all.
    turn: Duration,
    /// Fresh processes whose first call is timed.
    processes: u32,
}

/// A second or two for the rows, as much for the rest.
const THOROUGH: Length = Length {
    rows: Settings::thorough(),
    clocks: Settings { rounds: 101, batch: 200, singles: 0 },
    turn: Duration::from_millis(20),
    processes: 20,
};

/// A few tenths of a second.
const QUICK: Length = Length {
    rows: Settings { rounds: 41, batch: 500, singles: 250 },
    clocks: Settings { rounds: 11, batch: 100, singles: 0 },
    turn: Duration::from_millis(2),
    processes: 20,
};

/// The first call in each of some fresh processes.
#[derive(Debug, Serialize)]
pub(crate) struct FirstCall {
    processes: usize,
    min_ns: f64,
    p50_ns: f64,
    max_ns: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) origin: Origin,
    pub(crate) counter: &'static str,
    pub(crate) rows: Vec<Row>,
    pub(crate) by_clock: Vec<ByClock>,
    pub(crate) threads: Vec<Crowd>,
    first_call: Option<FirstCall>,
    first_call_error: Option<String>,
    targets: Vec<Target>,
    comparison: Option<Comparison>,
    /// The file that was plotted to.
    plot: Option<String>,
}

pub(crate) fn run(args: &BenchArgs, screen: &Screen) -> Outcome {
    // What cannot be done is said before a second is spent.
    let old = args.compare.as_deref().map(|path| Old::read(path).map(|old| (path, old)));
    let old = old.transpose()?;
    let plot = args.plot.as_deref().map(|path| Form::of(path).map(|form| (path, form)));
    let plot = plot.transpose()?;

    let threads = args.threads.map_or_else(crowd::cpus, |threads| threads as usize);
    let mut report = Report::measure(if args.quick { QUICK } else { THOROUGH }, threads)?;
    if let Some((path, old)) = &old {
        report.comparison = Some(old.against(path, &report));
    }
    if let Some((path, form)) = plot {
        plot::write(&paths::drawn(&report.rows), path, form)?;
        report.plot = Some(path.display().to_string());
    }
    screen.print(&report, text::write, Status::Fine)
}

impl Report {
    /// A report on a few tenths of a second, for a page that has others beside it.
    pub(crate) fn quick() -> Result<Report, Failure> {
        Report::measure(QUICK, crowd::cpus())
    }

    /// The rows whose histograms are drawn.
    pub(crate) fn drawn(&self) -> Vec<&Row> {
        paths::drawn(&self.rows)
    }

    fn measure(length: Length, threads: usize) -> Result<Report, Failure> {
        // Without an answer, errors are what would be measured.
        instanter_clock::snapshot()?;
        let Length { rows, clocks, turn, processes } = length;
        let bar = progress(u64::from(2 * rows.rounds + clocks.rounds + crowd::ROUNDS + 1));
        let tick = || bar.inc(1);
        bar.set_message("readings");
        let costs = Costs::measure(rows, tick);
        bar.set_message("clocks");
        let by_clock = by_clock::measure(clocks, tick);
        bar.set_message("threads");
        let threads = crowd::measure(threads, turn, tick);
        bar.set_message("first calls");
        let (first_call, first_call_error) = match first_calls(processes) {
            Ok(mut nanos) => {
                nanos.sort_by(f64::total_cmp);
                (first_call(&nanos), None)
            }
            Err(error) => (None, Some(error.to_string())),
        };
        bar.finish_and_clear();
        let first_ns = first_call.as_ref().map(|first| first.p50_ns);
        Ok(Report {
            origin: Origin::of(Clock::REALTIME),
            counter: instanter_counter::NAME,
            rows: costs.rows()?,
            by_clock,
            threads,
            first_call,
            first_call_error,
            targets: targets::all(|what| costs.of(what), first_ns),
            comparison: None,
            plot: None,
        })
    }
}

/// A bar on a terminal; hidden else. It is drawn at most ten times a second, so what
/// runs between two rounds is mostly a comparison of two times.
fn progress(length: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("measuring {msg} {wide_bar} {percent:>3} %");
    ProgressBar::with_draw_target(Some(length), indicatif::ProgressDrawTarget::stderr_with_hz(10))
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
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
