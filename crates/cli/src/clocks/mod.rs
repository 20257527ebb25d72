//! `instanter clocks`: every clock, and the absent ones with the reason; the
//! hardware clock beside them, and setting it.

mod hardware;

use std::fs::File;

use instanter_clock::{Clock, DynamicClock, Error, Timespec, source};
use instanter_measure::{Cost, Settings, compare, subject};
use serde::Serialize;

use crate::args::ClocksArgs;
use crate::cost::keep_one;
use crate::failure::{Failure, Outcome, Status};
use crate::now::Reading;
use crate::quantity;
use crate::screen::Screen;
use crate::sheet::Sheet;
use crate::table::{Column, Table};
use hardware::HardwareClock;

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    id: i32,
    pub(crate) name: String,
    value: Reading,
    resolution_ns: u64,
    pub(crate) source: &'static str,
    pub(crate) p50_ns: f64,
    pub(crate) p99_ns: f64,
    pub(crate) purpose: &'static str,
    /// Value and resolution for a person.
    #[serde(skip)]
    pub(crate) texts: [String; 2],
}

#[derive(Debug, Serialize)]
pub(crate) struct Absent {
    id: i32,
    pub(crate) name: String,
    pub(crate) reason: String,
    error: String,
}

#[derive(Debug, Serialize)]
struct Report {
    clocks: Vec<Row>,
    absent: Vec<Absent>,
    hardware_clock: Option<HardwareClock>,
    hardware_clock_error: Option<String>,
}

/// Enough for a steady median; the tail of a few thousand calls.
const SETTINGS: Settings = Settings { rounds: 31, batch: 100, singles: 100 };

/// A card on a bus answers in microseconds, some in milliseconds.
const DEVICE_SETTINGS: Settings = Settings { rounds: 5, batch: 2, singles: 20 };

pub(crate) fn run(args: &ClocksArgs, screen: &Screen) -> Outcome {
    if args.systohc {
        return hardware::systohc(args, screen);
    }
    if args.hctosys {
        return hardware::hctosys(args, screen);
    }
    let mut wanted: Vec<(Clock, String)> = Vec::new();
    if let Some(pid) = args.pid {
        wanted.push((Clock::process_cpu(pid), format!("CPU time of process {pid}")));
    }
    let device = args.device.as_ref().map(|path| {
        File::open(path).map(|file| (file, path.display().to_string())).map_err(|error| {
            Failure::new(format!("cannot open device {:?}: {error}", path.display().to_string()))
        })
    });
    let device = device.transpose()?;

    let (hardware_clock, hardware_clock_error) = match HardwareClock::read(args) {
        Ok(clock) => (Some(clock), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let mut report =
        Report { clocks: Vec::new(), absent: Vec::new(), hardware_clock, hardware_clock_error };
    (report.clocks, report.absent) = all()?;
    let mut named = Vec::new();
    for (clock, name) in wanted {
        let value =
            clock.now().map_err(|error| Failure::new(format!("{name} is not there: {error}")))?;
        named.push((clock, name, value));
    }
    let clocks: Vec<Clock> = named.iter().map(|(clock, ..)| *clock).collect();
    for ((clock, name, value), cost) in named.into_iter().zip(measure(&clocks, SETTINGS)) {
        report.clocks.push(row(clock, name, value, "what it has computed", &cost)?);
    }
    if let Some((file, name)) = &device {
        let clock = clock_behind(file);
        let value = clock.now().map_err(|error| {
            Failure::new(format!("{name:?} is no device with a clock: {error}"))
        })?;
        let cost = &measure(&[clock], DEVICE_SETTINGS)[0];
        report.clocks.push(row(clock, name.clone(), value, "the device's own clock", cost)?);
    }
    screen.print(&report, write, Status::Fine)
}

/// The clock of an open device.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn clock_behind(device: &File) -> Clock {
    use std::os::fd::AsRawFd;
    DynamicClock::from_fd(device.as_raw_fd()).as_clock()
}

/// Other systems have no clocks behind devices: reading it says so.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn clock_behind(_: &File) -> Clock {
    DynamicClock::from_fd(-1).as_clock()
}

/// The clocks that every machine may have: those of this one, and those that it
/// lacks.
pub(crate) fn all() -> Result<(Vec<Row>, Vec<Absent>), Failure> {
    let (mut present, mut readings, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for clock in Clock::ALL {
        match clock.now() {
            Ok(value) => {
                present.push(clock);
                readings.push(value);
            }
            Err(error) => absent.push(Absent {
                id: clock.id(),
                name: clock.to_string(),
                reason: reason(error),
                error: error.to_string(),
            }),
        }
    }
    let costs = measure(&present, SETTINGS);
    let rows =
        present.into_iter().zip(readings).zip(costs).map(|((clock, value), cost)| {
            row(clock, clock.to_string(), value, purpose(clock), &cost)
        });
    Ok((rows.collect::<Result<_, _>>()?, absent))
}

fn measure(clocks: &[Clock], settings: Settings) -> Vec<Cost> {
    let mut subjects: Vec<_> =
        clocks.iter().map(|&clock| subject!(clock.to_string(), keep_one(clock.now()))).collect();
    compare(&mut subjects, settings)
}

fn row(
    clock: Clock,
    name: String,
    value: Timespec,
    purpose: &'static str,
    cost: &Cost,
) -> Result<Row, Failure> {
    let resolution = clock.resolution()?;
    Ok(Row {
        id: clock.id(),
        name,
        value: value.into(),
        resolution_ns: u64::try_from(resolution.as_nanos()).unwrap_or(u64::MAX),
        source: source(clock).word(),
        p50_ns: cost.batches.median(),
        p99_ns: cost.calls.quantile(0.99),
        purpose,
        texts: [value.to_string(), quantity::resolution(resolution)],
    })
}

fn purpose(clock: Clock) -> &'static str {
    match clock {
        Clock::REALTIME => "the time of day",
        Clock::MONOTONIC => "measuring lengths of time",
        #[allow(unreachable_patterns)] // Darwin's monotonic clock is the raw one.
        Clock::MONOTONIC_RAW => "judging other clocks: steered by nobody",
        Clock::BOOTTIME => "measuring across suspend",
        Clock::TAI => "time of day without leap seconds",
        Clock::REALTIME_COARSE => "time of day at the last tick: log stamps",
        Clock::MONOTONIC_COARSE => "monotonic at the last tick: timeouts",
        Clock::PROCESS_CPU => "what this process has computed",
        Clock::THREAD_CPU => "what this thread has computed",
        Clock::REALTIME_ALARM => "waking a suspended machine at a time of day",
        Clock::BOOTTIME_ALARM => "waking a suspended machine after a while",
        _ => "a clock set and steered on its own",
    }
}

/// Why a clock is absent, in words for a person.
fn reason(error: Error) -> String {
    let clock = error.clock();
    let alarm = [Clock::REALTIME_ALARM, Clock::BOOTTIME_ALARM].contains(&clock);
    if alarm && error.is_unsupported() {
        return "needs a hardware clock (RTC) that can wake the machine; there is none".to_owned();
    }
    if Clock::AUX.contains(&clock) && error.is_unsupported() {
        let number = clock.id() - Clock::AUX[0].id();
        let switch = format!("/sys/kernel/time/aux_clocks/{number}/aux_clock_enable");
        return if std::path::Path::new(&switch).exists() {
            "an auxiliary clock that is switched off; root switches it on in \
             /sys/kernel/time/aux_clocks"
                .to_owned()
        } else {
            "the kernel has no auxiliary clocks (they need Linux 6.17 and CONFIG_POSIX_AUX_CLOCKS)"
                .to_owned()
        };
    }
    error.to_string()
}

fn write(report: &Report, sheet: &mut Sheet) {
    let is_narrow = sheet.is_narrow();
    // What is the same in many rows goes first.
    let shortened = |name: &str| {
        let short = name.strip_prefix("CLOCK_").or(name.strip_prefix("CPU time of "));
        if is_narrow { short.unwrap_or(name).to_owned() } else { name.to_owned() }
    };
    let mut table = Table::new([
        Column::number("id").expendable(2),
        Column::text(if is_narrow { "CLOCK_…" } else { "clock" }),
        Column::number("value, s"),
        Column::number("resolution").expendable(4),
        Column::text("source"),
        Column::number("p50"),
        Column::number("p99").expendable(3),
        Column::text("what for").expendable(1),
    ]);
    for row in &report.clocks {
        let [value, resolution] = &row.texts;
        table.row([
            row.id.to_string(),
            shortened(&row.name),
            value.clone(),
            resolution.clone(),
            row.source.to_owned(),
            quantity::nanos(row.p50_ns),
            quantity::nanos(row.p99_ns),
            row.purpose.to_owned(),
        ]);
    }
    let left_out = sheet.table(0, &table);
    sheet.left_out(&left_out);
    sheet.blank();
    sheet.heading("The hardware clock");
    match &report.hardware_clock {
        Some(clock) => clock.write(sheet),
        None => sheet.prose(2, report.hardware_clock_error.as_deref().unwrap_or("not there")),
    }
    if report.absent.is_empty() {
        return;
    }
    sheet.blank();
    sheet.heading("Absent on this machine");
    // Eight auxiliary clocks are mostly absent for one and the same reason.
    for group in report.absent.chunk_by(|one, other| one.reason == other.reason) {
        let name = |absent: &Absent| format!("{} ({})", absent.name, absent.id);
        let names = match group {
            [first, .., last] if group.len() > 2 => format!("{} to {}", name(first), name(last)),
            _ => group.iter().map(name).collect::<Vec<_>>().join(", "),
        };
        sheet.prose(2, &format!("{names}: {}", group[0].reason));
    }
}
