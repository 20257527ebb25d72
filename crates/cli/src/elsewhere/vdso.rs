//! `instanter vdso` where it cannot be.

use crate::args::VdsoArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(_: VdsoArgs, _: &Screen) -> Outcome {
    Err(Failure::new("the vDSO is a part of Linux, and is not there on this system"))
}
