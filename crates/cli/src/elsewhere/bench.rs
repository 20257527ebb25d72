//! `instanter bench` where it cannot be.

use crate::args::BenchArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &BenchArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "bench compares readings with the vDSO and system calls of Linux, and is not there on this system",
    ))
}
