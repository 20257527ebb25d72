//! `instanter doctor` where it cannot be.

use crate::args::DoctorArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

/// The exit status where there is no verdict.
pub(crate) const UNKNOWN: u8 = 3;

pub(crate) fn run(_: &DoctorArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "doctor examines clock sources and counters as Linux tells of them, and is not there on this system",
    )
    .with_code(UNKNOWN))
}
