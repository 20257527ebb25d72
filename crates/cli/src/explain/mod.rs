//! `instanter explain`: one reading step by step, with this machine's numbers.

mod arithmetic;
mod text;
mod walk;

use crate::failure::{Outcome, Status};
use crate::screen::Screen;
pub(crate) use arithmetic::Sum;
pub(crate) use walk::Walk;

pub(crate) fn run(screen: &Screen) -> Outcome {
    let walk = Walk::take()?;
    let status = if walk.origin.degraded { Status::Degraded } else { Status::Fine };
    screen.print(&walk, text::write, status)
}
