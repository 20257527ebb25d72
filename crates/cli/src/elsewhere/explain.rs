//! `instanter explain` where it cannot be.

use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: &Screen) -> Outcome {
    Err(Failure::new(
        "explain follows a reading of Linux' time page, and is not there on this system",
    ))
}
