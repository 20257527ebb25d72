//! The options of `report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::watch::seconds;

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Where to; - is standard output. A file that exists is overwritten
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Watch the clocks' drift for so many seconds [default: 10]
    #[arg(long = "for", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    #[arg(hide_default_value = true)]
    pub(crate) length: Duration,
}
