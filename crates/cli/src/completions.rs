//! `instanter completions`: what a shell needs to complete the command's words.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::failure::{Outcome, Status};
use crate::screen::Screen;

pub(crate) fn run(args: &CompletionsArgs, screen: &Screen) -> Outcome {
    // First in memory: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "instanter", &mut script);
    screen.stream(|out| out.write_all(&script))?;
    Ok(Status::Fine)
}
