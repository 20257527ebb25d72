//! The arguments of `instanter preload`.

use std::ffi::OsString;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct PreloadArgs {
    /// Run the command with the library and without, and compare
    #[arg(long)]
    pub(crate) check: bool,

    /// With --check: how often it runs each way
    #[arg(long, value_name = "N", default_value_t = 5, requires = "check")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) runs: u32,

    /// The command and its arguments, after --
    #[arg(value_name = "CMD", required = true, trailing_var_arg = true)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) command: Vec<OsString>,
}
