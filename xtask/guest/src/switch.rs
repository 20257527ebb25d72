//! The monotonic clock while the kernel changes its clock source.

use crate::agreement::between;
use crate::console::Report;
use crate::kernel;
use crate::library::{self, Clock};
use core::ffi::CStr;

const CURRENT: &CStr = c"/sys/devices/system/clocksource/clocksource0/current_clocksource";
const AVAILABLE: &CStr = c"/sys/devices/system/clocksource/clocksource0/available_clocksource";

const TIMES: usize = 300;

/// To every other clock source and back.
pub fn all(report: &mut Report) {
    let (mut first, mut names) = ([0; 64], [0; 256]);
    let (first, names) =
        match (kernel::read_file(CURRENT, &mut first), kernel::read_file(AVAILABLE, &mut names)) {
            (Ok(first), Ok(names)) => (first, names),
            (Err(error), _) | (_, Err(error)) => {
                return report.not_ok(format_args!("clock sources: {error}"));
            }
        };
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
    let mut current = [0; 64];
    match kernel::read_file(CURRENT, &mut current) {
        Ok(current) if current == name => {}
        current => {
            return report.not_ok(format_args!("switch to {name}: {written:?}, then {current:?}"));
        }
    }
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
    match between(Clock::MONOTONIC, TIMES) {
        Ok(()) => report.ok(format_args!("switch to {name}, monotonic never back")),
        Err(error) => report.not_ok(format_args!("switch to {name}: {error}")),
    }
}
