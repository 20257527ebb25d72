//! `instanter trace` where it cannot be.

use crate::args::TraceArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &TraceArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "trace stands between a program and the kernel of Linux on x86-64 and AArch64, and is not there on this system",
    ))
}
