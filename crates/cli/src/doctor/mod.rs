//! `instanter doctor`: how good this machine's clock is, what is wrong with it, and
//! which command mends it.
//!
//! | file | subject |
//! |---|---|
//! | `verdict` | what is said: levels, checks, remedies, figures; a model and nothing else |
//! | `checks` | what is looked at, one file a check: facts, judged |
//! | `system`, `measured` | the facts: files below a root, and what a machine measures |
//! | `this_machine`, `coherence`, `stress`, `cpuid`, `tool` | how this machine measures them |
//! | `text`, `exposition`, `metrics`, `watch` | how a verdict is shown: on a page, to monitoring, again and again |
//!
//! Others who want a verdict call [`examine`]; those who want the counters' matrix
//! alone, [`coherence::measure`].

mod checks;
pub(crate) mod coherence;
mod cpuid;
mod exposition;
mod finding;
mod measured;
mod metrics;
#[cfg(test)]
pub(crate) mod pretend;
mod stress;
mod system;
mod text;
mod this_machine;
mod tool;
pub(crate) mod verdict;
mod watch;

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use instanter_clock::Clock;

use crate::args::DoctorArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use system::System;
use this_machine::ThisMachine;
use verdict::{Level, Verdict};

/// Exit status where there is no verdict: the command line was not understood, or
/// nothing could be written. By the convention of monitoring plugins, as 0, 1 and 2
/// are.
pub(crate) const UNKNOWN: u8 = 3;

pub(crate) fn run(args: &DoctorArgs, screen: &Screen) -> Outcome {
    examine_and_print(args, screen).map_err(|failure| failure.with_code(UNKNOWN))
}

fn examine_and_print(args: &DoctorArgs, screen: &Screen) -> Outcome {
    if let Some(kind) = args.explain.as_deref().and_then(checks::named) {
        return screen.print(&text::Explained::of(kind), text::explain, Status::Fine);
    }
    if args.prometheus && screen.is_json() {
        return Err(Failure::new("--prometheus and --json are two forms: choose one"));
    }
    if let Some(interval) = args.watch {
        if args.prometheus && args.output.is_none() {
            return Err(Failure::new("--watch --prometheus rewrites a file: name it by --output"));
        }
        return watch::run(args, interval, screen);
    }
    let verdict = examine(&args.only);
    let status = status(verdict.level);
    match &args.output {
        Some(file) => write_file(file, &shown(&verdict, args, screen)?)?,
        None if args.prometheus => {
            screen.put(&shown(&verdict, args, screen)?)?;
        }
        None => return screen.print(&verdict, text::write, status),
    }
    Ok(status)
}

/// The verdict in the form that was asked for, without colours.
fn shown(verdict: &Verdict, args: &DoctorArgs, screen: &Screen) -> Result<String, Failure> {
    if args.prometheus {
        let now = Clock::REALTIME.now().map_or(0.0, |now| now.as_nanos() as f64 / 1e9);
        return Ok(exposition::write(verdict, now));
    }
    if screen.is_json() {
        return Ok(json(verdict, true)? + "\n");
    }
    let mut sheet = screen.sheet();
    text::write(verdict, &mut sheet);
    Ok(anstream::adapter::strip_str(&sheet.finish()).to_string())
}

fn json(verdict: &Verdict, pretty: bool) -> Result<String, Failure> {
    let text =
        if pretty { serde_json::to_string_pretty(verdict) } else { serde_json::to_string(verdict) };
    text.map_err(|error| Failure::new(format!("cannot print as JSON: {error}")))
}

/// Replaces a file in one step: whoever reads it meanwhile sees the old one or the
/// new one, whole.
fn write_file(file: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(format!("cannot write {:?}: {error}", file.display()));
    let name = file.file_name().ok_or_else(|| failed(std::io::ErrorKind::IsADirectory.into()))?;
    let mut beside = name.to_owned();
    // Not in the way of a collector that takes what ends in .prom.
    beside.push(format!(".{}.new", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = std::fs::File::create(&beside)
        .and_then(|mut new| new.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

fn status(level: Level) -> Status {
    match level {
        Level::Skipped | Level::Good => Status::Fine,
        Level::Degraded => Status::Degraded,
        Level::Bad => Status::Bad,
    }
}

/// Looks at this machine: everything, or the checks that `only` names. Takes some
/// two seconds.
pub(crate) fn examine(only: &[String]) -> Verdict {
    examine_system(&System::new("/", Box::new(ThisMachine)), only)
}

/// The names of all checks.
pub(crate) fn check_names() -> Vec<&'static str> {
    checks::ALL.iter().map(|kind| kind.name).collect()
}

/// Looks at any system.
fn examine_system(system: &System, only: &[String]) -> Verdict {
    let start = Instant::now();
    // Whether the state of the discipline moves is seen on a second look.
    let _ = system.first_look();
    let checks = checks::ALL
        .iter()
        .filter(|kind| only.is_empty() || only.iter().any(|name| name == kind.name))
        .map(|kind| kind.check(system))
        .collect();
    let at = Clock::REALTIME.now().map(crate::utc::rfc3339).unwrap_or_default();
    Verdict::of(checks, at, start.elapsed().as_secs_f64())
}
