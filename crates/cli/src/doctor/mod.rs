//! `instanter doctor`: how good this machine's clock is, what is wrong with it, and
//! which command mends it.
//!
//! | file | subject |
//! |---|---|
//! | `verdict` | what is said: levels, checks, remedies, figures; a model and nothing else |
//! | `checks` | what is looked at, one file a check: facts, judged |
//! | `system`, `measured` | the facts: files below a root, and what a machine measures |
//! | `this_machine`, `coherence`, `stress`, `cpuid`, `tool` | how this machine measures them |
//! | `text`, `metrics` | how a verdict is shown |
//!
//! Others who want a verdict call [`examine`]; those who want the counters' matrix
//! alone, [`coherence::measure`].

mod checks;
pub(crate) mod coherence;
mod cpuid;
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

use std::time::Instant;

use crate::args::DoctorArgs;
use crate::failure::{Outcome, Status};
use crate::screen::Screen;
use system::System;
use this_machine::ThisMachine;
use verdict::{Level, Verdict};

pub(crate) fn run(args: &DoctorArgs, screen: &Screen) -> Outcome {
    let verdict = examine(&args.only);
    screen.print(&verdict, text::write, status(verdict.level))
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
    let at = instanter_clock::Clock::REALTIME.now().map(crate::utc::rfc3339).unwrap_or_default();
    Verdict::of(checks, at, start.elapsed().as_secs_f64())
}
