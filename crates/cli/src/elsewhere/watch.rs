//! `instanter watch` where it cannot be.

use crate::args::WatchArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &WatchArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "watch compares the clocks of Linux with each other, and is not there on this system",
    ))
}
