//! Options of the subcommands that describe the command itself.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The page of this subcommand; of a subcommand's, "vdso dump"
    #[arg(value_name = "SUBCOMMAND")]
    pub(crate) name: Option<String>,

    /// Write every page into this folder, which is made if it is not there
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    pub(crate) dir: Option<PathBuf>,
}
