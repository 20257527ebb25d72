//! The options of `bench`.

use std::path::PathBuf;

use clap::Args;

use crate::bench::MOST_THREADS;

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Measure briefly: less steady figures
    #[arg(long)]
    pub(crate) quick: bool,

    /// Threads to read at once [default: as many as CPUs]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST_THREADS as i64))]
    pub(crate) threads: Option<u32>,

    /// Draw histograms and tails into FILE, which ends in .svg or .png
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,

    /// Compare with an earlier run: a file that --json wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
}
