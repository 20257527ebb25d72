//! `instanter now`: the time, its source, its cost, its trust.

use instanter_clock::{Clock, Source, Timespec, WhyNot, explain_source, kernel_clock_source};
use instanter_counter as counter;
use serde::Serialize;

use crate::cost::SideBySide;
use crate::failure::{Outcome, Status};
use crate::quantity;
use crate::screen::Screen;
use crate::sheet::Sheet;
use crate::utc;

/// A reading of a clock.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Reading {
    seconds: i64,
    nanosecond: u32,
}

impl From<Timespec> for Reading {
    fn from(time: Timespec) -> Reading {
        Reading { seconds: time.sec, nanosecond: time.nsec }
    }
}

/// Who serves a clock, and why nobody faster does.
#[derive(Debug, Serialize)]
pub(crate) struct Origin {
    pub(crate) source: &'static str,
    /// Which kernels lay the page out as it is here.
    pub(crate) page_layout: Option<&'static str>,
    pub(crate) why_not_page: Option<String>,
    pub(crate) why_not_vdso: Option<String>,
    /// Nobody asked for a source other than the page, and yet it is another.
    #[serde(skip)]
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    pub(crate) degraded: bool,
}

impl Origin {
    pub(crate) fn of(clock: Clock) -> Origin {
        let (source, not_page, not_vdso) = explain_source(clock);
        let page_layout = instanter_clock::PAGE.place().map(|place| place.layout.kernels);
        Origin {
            source: source.word(),
            page_layout: page_layout.filter(|_| source == Source::Page),
            degraded: not_page
                .is_some_and(|why| !matches!(why, WhyNot::Pinned(_) | WhyNot::OtherSystem)),
            why_not_page: not_page.map(|why| why.to_string()),
            why_not_vdso: not_vdso.map(|why| why.to_string()),
        }
    }

    pub(crate) fn describe(&self) -> String {
        let reason = |why: &Option<String>| why.clone().unwrap_or_else(|| "unknown".to_owned());
        match (self.source, self.page_layout) {
            ("page", Some(layout)) => format!(
                "page: the kernel's time page, read without a call (layout of Linux {layout})"
            ),
            ("page", None) => "page: this system's time page, read without a call".to_owned(),
            ("vdso", _) => format!(
                "vdso: the kernel's function in user space (why not the page: {})",
                reason(&self.why_not_page)
            ),
            ("system", _) => format!(
                "system: this system's own function (why not the page: {})",
                reason(&self.why_not_page)
            ),
            _ => format!(
                "syscall: the kernel is asked each time (why not the page: {}; why not the vDSO: {})",
                reason(&self.why_not_page),
                reason(&self.why_not_vdso)
            ),
        }
    }
}

/// How the page was proved at start.
#[derive(Debug, Serialize)]
struct Proof {
    comparisons: u32,
    narrowest_ns: u64,
}

/// What the kernel knows of the wall clock's error.
#[derive(Debug, Serialize)]
struct Discipline {
    synchronized: bool,
    max_error_us: i64,
    estimated_error_us: i64,
    frequency_ppm: f64,
    tai_minus_utc_s: i32,
    leap: String,
}

#[derive(Debug, Serialize)]
struct Report {
    utc: String,
    unix_seconds: i64,
    nanosecond: u32,
    monotonic: Reading,
    boottime: Reading,
    /// The counter value that all three were computed from, as a string.
    counter: Option<String>,
    #[serde(flatten)]
    origin: Origin,
    kernel_clock_source: Option<String>,
    cost: SideBySide,
    proof: Option<Proof>,
    discipline: Option<Discipline>,
    #[serde(skip)]
    texts: [Timespec; 3],
}

/// Where the kernel's bound of the error stops growing (`NTP_PHASE_LIMIT`, in
/// Linux `include/linux/timex.h`). Some who steer the clock forget to set the
/// flag that says so, and keep the bound below this all the same.
const NOBODY_STEERS_US: i64 = 16_000_000;

pub(crate) fn run(screen: &Screen) -> Outcome {
    let now = instanter_clock::snapshot()?;
    let origin = Origin::of(Clock::REALTIME);
    let proof = instanter_clock::survey().page.ok().filter(|proof| proof.fine);
    let discipline = Clock::REALTIME.discipline().ok();
    let report = Report {
        utc: utc::rfc3339(now.realtime),
        unix_seconds: now.realtime.sec,
        nanosecond: now.realtime.nsec,
        monotonic: now.monotonic.into(),
        boottime: now.boottime.into(),
        counter: now.counter.map(|ticks| ticks.to_string()),
        proof: proof.filter(|_| origin.source == "page").map(|proof| Proof {
            comparisons: proof.comparisons,
            narrowest_ns: proof.narrowest_ns,
        }),
        origin,
        kernel_clock_source: kernel_clock_source().map(|name| name.as_str().to_owned()),
        cost: SideBySide::measure(),
        discipline: discipline.map(|state| Discipline {
            synchronized: state.synchronized,
            max_error_us: state.max_error_us,
            estimated_error_us: state.estimated_error_us,
            frequency_ppm: state.frequency_ppm(),
            tai_minus_utc_s: state.tai_s,
            leap: state.leap.to_string(),
        }),
        texts: [now.realtime, now.monotonic, now.boottime],
    };
    screen.print(&report, write, Status::Fine)
}

fn write(report: &Report, sheet: &mut Sheet) {
    let [realtime, monotonic, boottime] = report.texts;
    let counts = match &report.kernel_clock_source {
        Some(name) => format!("{}; the kernel's clock source is {name}", counter::NAME),
        None => counter::NAME.to_owned(),
    };
    let cost = &report.cost;
    let elsewhere = match (cost.vdso_ns, cost.system_ns) {
        (Some(nanos), _) => {
            format!("{} for the same by two vDSO calls", quantity::nanos(nanos))
        }
        (None, Some(nanos)) => {
            format!("{} for the same by two calls of the system", quantity::nanos(nanos))
        }
        (None, None) => "not compared with anything".to_owned(),
    };
    let beside = |order, nanos: f64, bare: f64, instructions| {
        if !counter::IS_THERE {
            return format!("{} {order}", quantity::nanos(nanos));
        }
        format!(
            "{} {order}: {} the bare {instructions} ({})",
            quantity::nanos(nanos),
            quantity::ratio(nanos / bare),
            quantity::nanos(bare)
        )
    };
    sheet.strong(&report.utc);
    sheet.blank();
    sheet.fields(
        0,
        [
            ("Unix time", format!("{realtime} s")),
            ("Monotonic", format!("{monotonic} s since boot, suspended time left out")),
            ("Boot time", format!("{boottime} s since boot")),
            ("Source", report.origin.describe()),
            ("Counter", counts),
            (
                "Cost",
                beside(
                    "ordered",
                    cost.ordered_ns,
                    cost.counter_ordered_ns,
                    counter::ORDERED_INSTRUCTIONS,
                ),
            ),
            (
                "",
                beside(
                    "relaxed",
                    cost.relaxed_ns,
                    cost.counter_relaxed_ns,
                    counter::RELAXED_INSTRUCTIONS,
                ),
            ),
            ("", elsewhere),
            ("Trust", trust(report)),
        ],
    );
}

fn trust(report: &Report) -> String {
    let origin = match (&report.proof, report.origin.source) {
        (Some(proof), _) => format!(
            "At start the page agreed with the kernel in all of {} comparisons, the narrowest of them \
             between two answers {} ns apart. Each reading checks again that the page \
             held still, counts the same clock and has the same rate (sequence, mode, shift, \
             mult); where one check fails the kernel is asked.",
            proof.comparisons, proof.narrowest_ns
        ),
        (None, "system") => "The answers are those of the system's own function.".to_owned(),
        (None, "vdso") => "The answers are those of the kernel's own function.".to_owned(),
        (None, "page") => {
            "At start the page agreed with the system's own function for every clock of it. Each \
             reading checks again that the page held still and counts the same, at about the \
             same rate; where one check fails the function is asked."
                .to_owned()
        }
        (None, _) => "The answers are the kernel's own.".to_owned(),
    };
    let wall = match &report.discipline {
        Some(state) if state.synchronized || state.max_error_us < NOBODY_STEERS_US => format!(
            "The kernel counts the wall clock as synchronised, off by at most {}.",
            quantity::micros(state.max_error_us)
        ),
        Some(_) => "The kernel knows of nobody who synchronises the wall clock and gives no bound \
                    for its error (16 s, the most it counts to): lengths of time are right, the \
                    time of day is as right as it was set."
            .to_owned(),
        None => "Whether the wall clock is synchronised, the kernel does not tell here.".to_owned(),
    };
    format!("{origin} {wall}")
}
