//! The wall clock, set an hour ahead and back.

use crate::console::Report;
use crate::kernel;
use crate::library::{self, Clock};

const HOUR: i128 = 3_600_000_000_000;

/// What may pass between readings that follow each other, in an emulator.
const SHORTLY: i128 = 2_000_000_000;

/// Wall follows at once, and monotonic does not move.
pub fn wall(report: &mut Report) {
    for (name, by) in [("step +3600 s", HOUR), ("step -3600 s", -HOUR)] {
        let before = (library::now(Clock::REALTIME), library::now(Clock::MONOTONIC));
        let set = kernel::clock(Clock::REALTIME.id())
            .and_then(|now| kernel::set_clock(Clock::REALTIME.id(), now + by));
        let after = (library::now(Clock::REALTIME), library::now(Clock::MONOTONIC));
        let (Ok(()), (Ok(wall), Ok(monotonic)), (Ok(new_wall), Ok(new_monotonic))) =
            (set, before, after)
        else {
            report.not_ok(format_args!("{name}: {set:?}, {before:?}, {after:?}"));
            continue;
        };
        let (moved, passed) = (new_wall - wall - by, new_monotonic - monotonic);
        // Setting happens a little after the kernel was asked, so the wall loses
        // that little.
        if moved.abs() > SHORTLY {
            report.not_ok(format_args!("{name}: wall is {moved} ns off"));
        } else if !(0..SHORTLY).contains(&passed) {
            report.not_ok(format_args!("{name}: monotonic moved by {passed} ns"));
        } else {
            report.ok(format_args!("{name}: wall at once, monotonic unmoved"));
        }
    }
}
