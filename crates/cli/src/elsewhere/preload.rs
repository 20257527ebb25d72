//! `instanter preload` where it cannot be.

use crate::args::PreloadArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &PreloadArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "preload stands in front of the C library of Linux, and is not there on this system",
    ))
}
