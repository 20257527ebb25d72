//! Our programs on kernels and CPUs other than this machine's.
//!
//! Whatever has to be fetched or built is kept in one cache folder,
//! `target/matrix` unless `INSTANTER_MATRIX_CACHE` names another, and removing
//! that folder is always safe. What a machine lacks (an emulator, root, the
//! network) makes rows that are skipped, each with its reason, never rows that
//! fail.

mod check;
mod debian;
mod guest;
mod initramfs;
mod kernels;
mod library;
mod linker;
mod qemu;
mod report;
mod setup;
mod systems;
mod verdict;

use anyhow::{Context, Result};
use report::Tally;
use std::env;
use std::fs;
use std::path::PathBuf;

use crate::repository;

/// The parts of the matrix.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Install the emulators that the kernels run in (as root)
    Setup,
    /// Check that the libraries build for other CPUs, and the workspace for other systems
    Check {
        /// Only the rows whose name contains this
        #[arg(long, value_name = "PATTERN", default_value = "")]
        only: String,
    },
    /// Boot real kernels in an emulator and compare their time with ours
    Kernels {
        /// Only the rows whose name contains this
        #[arg(long, value_name = "PATTERN", default_value = "")]
        only: String,
    },
}

/// Runs one part and closes with a line that counts its rows.
pub(crate) fn run(command: &Command) -> Result<Tally> {
    let cache = cache()?;
    let rows = match command {
        Command::Setup => setup::run(&cache),
        Command::Check { only } => check::run(&cache, only),
        Command::Kernels { only } => kernels::run(&cache, only),
    }?;
    Ok(report::close(&rows))
}

fn cache() -> Result<PathBuf> {
    let folder = match env::var_os("INSTANTER_MATRIX_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => repository().join("target/matrix"),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.canonicalize()?)
}
