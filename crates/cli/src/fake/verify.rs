//! Whether anything escapes: a probe in a faked tree reads every clock every way, and
//! each reading must lie where the true time and the change put it.

use std::process::Command;

use serde::Serialize;

use super::clocks::{Group, real};
use super::probe::{CLOCKS, Readings};
use super::{Rate, change};
use crate::args::FakeArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;

#[derive(Debug, Serialize)]
struct Report {
    checks: Vec<Check>,
    escaped: usize,
}

#[derive(Debug, Serialize)]
struct Check {
    way: String,
    clock: String,
    /// Nanoseconds, as text.
    shown_ns: String,
    /// How far it is outside of what was expected, in nanoseconds; 0: it is not.
    off_ns: String,
}

/// How the probe is started: by itself, and by a shell, which forks and executes.
const STARTS: [(&str, &[&str]); 2] =
    [("", &[]), (" in a child", &["/bin/sh", "-c", "\"$@\"; exit $?", "sh"])];

pub(super) fn run(args: &FakeArgs, screen: &Screen) -> Outcome {
    let own = std::env::current_exe()
        .map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    // What was asked for, word by word, but for the option that led here.
    let words: Vec<_> =
        std::env::args_os().skip(1).filter(|word| word != "--verify" && word != "--json").collect();
    let mut report = Report { checks: Vec::new(), escaped: 0 };
    for (name, start) in STARTS {
        let before = CLOCKS.map(|(_, id)| real(id));
        let output = Command::new(&own)
            .args(&words)
            .arg("--")
            .args(start)
            .arg(&own)
            .args(["fake", "--probe", "--json"])
            .output()
            .map_err(|error| Failure::new(format!("cannot start the probe: {error}")))?;
        let after = CLOCKS.map(|(_, id)| real(id));
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("the probe failed: {}", said.trim())));
        }
        let seen: Readings = serde_json::from_slice(&output.stdout)
            .map_err(|error| Failure::new(format!("the probe's answer: {error}")))?;
        for reading in seen.readings {
            let index = CLOCKS.iter().position(|(clock, _)| *clock == reading.clock);
            let index = index.unwrap_or_default();
            let shown: i128 = reading.ns.parse().unwrap_or_default();
            let (least, most) = expected(args, index, before[index], after[index]);
            let off = if shown < least { shown - least } else { (shown - most).max(0) };
            report.escaped += usize::from(off != 0);
            report.checks.push(Check {
                way: format!("{}{name}", reading.way),
                clock: reading.clock,
                shown_ns: reading.ns,
                off_ns: off.to_string(),
            });
        }
    }
    let status = if report.escaped == 0 { Status::Fine } else { Status::Degraded };
    screen.print(
        &report,
        |report, sheet| {
            for check in &report.checks {
                let verdict = match check.off_ns.as_str() {
                    "0" => "as asked for".to_string(),
                    off => format!("ESCAPED, off by {off} ns"),
                };
                sheet.prose(0, &format!("{:19} {:10} {verdict}", check.way, check.clock));
            }
        },
        status,
    )
}

/// Between what the clock must be, where the true one went from `before` to `after`
/// while the probe was started and ran.
fn expected(args: &FakeArgs, index: usize, before: i128, after: i128) -> (i128, i128) {
    let change = change(args);
    let group = Group::ALL[index];
    let asked = |default: bool| match change.clocks.is_empty() {
        true => default,
        false => change.clocks.contains(&group),
    };
    let (moves, bends) = (asked(group == Group::Realtime), asked(true));
    let (mut least, mut most) = (before, after);
    let passed = after - before;
    let slope = match change.rate {
        Some(Rate(rate)) if bends => rate as f64 / Rate::ONE.0 as f64,
        _ => 1.0,
    };
    if bends && (change.rate.is_some() || change.step.is_some()) {
        let gone = match change.step {
            // The probe reads each clock a few times, and so do libraries.
            Some(step) => i128::from(step) * 1000,
            None => (passed as f64 * slope) as i128 + 1000,
        };
        most = after.min(before + passed) + gone;
    }
    if moves {
        if let Some((seconds, nanoseconds)) = change.at {
            let at = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
            most = at + (most - least);
            least = at;
        }
        let jump = i128::from(change.jump.unwrap_or(0));
        (least, most) = (least + jump, most + jump);
    }
    (least, most)
}
