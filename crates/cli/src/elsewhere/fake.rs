//! `instanter fake` where it cannot be.

use crate::args::FakeArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &FakeArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "fake stands between a program and the kernel of Linux on x86-64 and AArch64, and is not there on this system",
    ))
}
