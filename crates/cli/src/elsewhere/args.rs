//! The arguments of commands that cannot be here: taken, and not looked at, so that the
//! answer is why they are not there.

use std::ffi::OsString;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Anything {
    /// Not looked at on this system
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AnyCommand {
    #[command(external_subcommand)]
    Any(Vec<OsString>),
}
