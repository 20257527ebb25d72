//! `instanter keeper` where it cannot be.

use crate::args::KeeperCommand;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &KeeperCommand, _: &Screen) -> Outcome {
    Err(Failure::new(
        "keeper maps a file of Linux's into the processes that share a clock, and is not there on this system",
    ))
}
