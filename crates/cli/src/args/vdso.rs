//! The arguments of `instanter vdso`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::clocks::MAX_PID;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct VdsoArgs {
    #[command(subcommand)]
    pub(crate) command: Option<VdsoCommand>,

    #[command(flatten)]
    pub(crate) origin: VdsoOrigin,
}

#[derive(Debug, Args)]
pub(crate) struct VdsoOrigin {
    /// Look at the vDSO of process N
    #[arg(long, value_name = "N", global = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MAX_PID))]
    pub(crate) pid: Option<u32>,

    /// Look at an ELF file instead
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "pid")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VdsoCommand {
    /// Write the image to a file that readelf and objdump read
    Dump {
        /// Where to; `-` is standard output
        #[arg(value_name = "FILE")]
        to: OsString,

        /// Overwrite the file if it exists
        #[arg(long)]
        force: bool,
    },
}
