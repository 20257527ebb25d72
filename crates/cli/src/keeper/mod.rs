//! `instanter keeper`: clocks that processes share.
//!
//! | file | subject |
//! |---|---|
//! | `serve` | keeping one: ticks, comparisons, signals |
//! | `begin` | the timekeeper at the start: the counter, and where to go on |
//! | `discipline` | from a comparison to a step or a slew, and the bound that is told |
//! | `source` | what is followed: the machine's clock, chrony, a PTP clock |
//! | `script` | what is done instead of following |
//! | `report` | the line on a terminal, the lines in a pipe |
//! | `read` | reading one |
//! | `signals` | sleeping until a moment or a signal |

mod begin;
mod discipline;
mod read;
mod report;
mod script;
mod serve;
mod signals;
mod source;

use instanter_clock::shared::{Error, SharedPath};

use crate::args::KeeperCommand;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

pub(crate) fn run(command: &KeeperCommand, screen: &Screen) -> Outcome {
    match command {
        KeeperCommand::Serve(args) => serve::run(args, screen),
        KeeperCommand::Read(args) => read::run(args, screen),
    }
}

/// What went wrong with a clock, by its path.
fn failure(path: &SharedPath, error: Error) -> Failure {
    Failure::new(format!("{path:?}: {error}"))
}
