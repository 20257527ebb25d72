//! The monotonic clock while the kernel changes its clock source.

use crate::agreement::between;
use crate::console::Report;
use crate::kernel;
use crate::library::{self, Clock};
use core::ffi::CStr;

const CURRENT: &CStr = c"/sys/devices/system/clocksource/clocksource0/current_clocksource";
const AVAILABLE: &CStr = c"/sys/devices/system/clocksource/clocksource0/available_clocksource";

const TIMES: usize = 300;

/// Lists of clock sources that are gone through at most.
const LISTS: usize = 3;

/// To every other clock source and back.
///
/// A kernel that has just started still measures its TSC: a second or more later
/// `tsc` takes the place of `tsc-early`, perhaps between two lines of this
/// program. A list that has changed is gone through once more.
pub fn all(report: &mut Report) {
    let mut lists = [[0; 256]; LISTS];
    let mut before = "";
    for list in &mut lists {
        let mut current = [0; 64];
        match (kernel::read_file(CURRENT, &mut current), kernel::read_file(AVAILABLE, list)) {
            (Ok(_), Ok(names)) if names == before => return,
            (Ok(first), Ok(names)) => {
                each(report, first, names);
                before = names;
            }
            (Err(error), _) | (_, Err(error)) => {
                return report.not_ok(format_args!("clock sources: {error}"));
            }
        }
    }
}

fn each(report: &mut Report, first: &str, names: &str) {
    report.say(format_args!("clocksource {first} of {names}"));
    let mut others = names.split_ascii_whitespace().filter(|name| *name != first).peekable();
    if others.peek().is_none() {
        report.skipped(format_args!("switch: {first} is the only clock source"));
    }
    for other in others {
        to(report, other);
        to(report, first);
    }
}

fn to(report: &mut Report, name: &str) {
    // The switch happens within the write, so the readings around it must
    // already be in order.
    let before = library::now(Clock::MONOTONIC);
    let written = kernel::write_file(CURRENT, name);
    let after = library::now(Clock::MONOTONIC);
    let (mut current, mut list) = ([0; 64], [0; 256]);
    let withdrawn = match kernel::read_file(CURRENT, &mut current) {
        Ok(current) if current == name => false,
        current => match kernel::read_file(AVAILABLE, &mut list) {
            // A name that the kernel no longer has means its own choice.
            Ok(list) if !list.split_ascii_whitespace().any(|other| other == name) => true,
            _ => {
                return report
                    .not_ok(format_args!("switch to {name}: {written:?}, then {current:?}"));
            }
        },
    };
    let mut last = match (before, after) {
        (Ok(before), Ok(after)) if before <= after => after,
        (before, after) => {
            return report.not_ok(format_args!("switch to {name}: {before:?}, then {after:?}"));
        }
    };
    for _ in 0..TIMES {
        match library::now(Clock::MONOTONIC) {
            Ok(now) if now >= last => last = now,
            now => return report.not_ok(format_args!("switch to {name}: {now:?} after {last}")),
        }
    }
    let by_whom = if withdrawn { " (withdrawn by the kernel)" } else { "" };
    match between(Clock::MONOTONIC, TIMES) {
        Ok(()) => report.ok(format_args!("switch to {name}{by_whom}, monotonic never back")),
        Err(error) => report.not_ok(format_args!("switch to {name}{by_whom}: {error}")),
    }
}
