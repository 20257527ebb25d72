//! Our value of a clock lies between two of the kernel's.

use crate::console::Report;
use crate::kernel;
use crate::library::{self, CLOCKS, Clock};
use core::fmt::{self, Display};

const TIMES: usize = 1000;

/// Where a value did not lie.
pub enum Disagreement {
    /// Nanoseconds before the kernel's earlier answer.
    Early(i128),
    /// Nanoseconds after the kernel's later answer.
    Late(i128),
    /// The kernel does not answer.
    Kernel(syscalls::Errno),
    /// The library does not answer.
    Library(instanter_clock::Error),
}

impl Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Disagreement::Early(ns) => write!(f, "{ns} ns before the kernel's earlier answer"),
            Disagreement::Late(ns) => write!(f, "{ns} ns after the kernel's later answer"),
            Disagreement::Kernel(error) => write!(f, "the kernel: {error}"),
            Disagreement::Library(error) => write!(f, "the library: {error}"),
        }
    }
}

/// Every clock agrees.
pub fn all(report: &mut Report) {
    for clock in CLOCKS {
        let name = library::name(clock);
        match between(clock, TIMES) {
            Ok(()) => report.ok(format_args!("{name} between two system calls, {TIMES} times")),
            Err(error) => report.not_ok(format_args!("{name}: {error}")),
        }
    }
}

/// One clock agrees, so many times.
pub fn between(clock: Clock, times: usize) -> Result<(), Disagreement> {
    for _ in 0..times {
        once(clock)?;
    }
    Ok(())
}

/// One clock agrees, also while it is set.
pub fn once(clock: Clock) -> Result<(), Disagreement> {
    let earlier = kernel::clock(clock.id()).map_err(Disagreement::Kernel)?;
    let ours = library::now(clock).map_err(Disagreement::Library)?;
    let later = kernel::clock(clock.id()).map_err(Disagreement::Kernel)?;
    if later < earlier {
        // It was set back in between, before our answer or after it.
        return if ours >= earlier || ours <= later {
            Ok(())
        } else {
            Err(Disagreement::Early(earlier - ours))
        };
    }
    if ours < earlier {
        Err(Disagreement::Early(earlier - ours))
    } else if ours > later {
        Err(Disagreement::Late(ours - later))
    } else {
        Ok(())
    }
}
