//! `instanter doctor` where it cannot be.

use crate::args::DoctorArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &DoctorArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "doctor examines clock sources and counters as Linux tells of them, and is not there on this system",
    ))
}
