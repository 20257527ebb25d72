//! The arguments of `instanter trace`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// Count what the command starts, too
    #[arg(long)]
    pub(crate) children: bool,

    /// Show the N most frequent call sites, threads and processes [default: 10]
    #[arg(long, value_name = "N", default_value_t = 10, hide_default_value = true)]
    pub(crate) top: usize,

    /// Write the report to FILE, not to standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Write folded stacks to FILE, for flame graphs
    #[arg(long, value_name = "FILE")]
    pub(crate) folded: Option<PathBuf>,

    /// Write a flame graph of the reads to FILE
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    /// The command and its arguments, after --
    #[arg(value_name = "CMD", required = true, trailing_var_arg = true)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) command: Vec<OsString>,
}
