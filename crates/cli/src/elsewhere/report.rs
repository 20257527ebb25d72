//! `instanter report` where it cannot be.

use crate::args::ReportArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &ReportArgs, _: &Screen) -> Outcome {
    Err(Failure::new(
        "report draws what doctor, bench and explain find out about Linux, and is not there on this system",
    ))
}
