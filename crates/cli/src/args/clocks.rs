//! The arguments of `instanter clocks`.

use std::path::PathBuf;

use clap::Args;

/// The kernel's limit for process ids on 64-bit machines (`PID_MAX_LIMIT`).
pub(super) const MAX_PID: i64 = 4 << 20;

#[derive(Debug, Args)]
pub(crate) struct ClocksArgs {
    /// Show the CPU time of process N too
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_PID))]
    pub(crate) pid: Option<u32>,

    /// Show the clock behind a device too, such as /dev/ptp0
    #[arg(long, value_name = "FILE")]
    pub(crate) device: Option<PathBuf>,

    /// Set the hardware clock from the system clock
    #[arg(long, conflicts_with_all = ["hctosys", "pid", "device"])]
    pub(crate) systohc: bool,

    /// Set the system clock from the hardware clock
    #[arg(long, conflicts_with_all = ["pid", "device"])]
    pub(crate) hctosys: bool,

    /// Take the hardware clock's time for UTC, whatever /etc/adjtime says
    #[arg(long, conflicts_with = "local")]
    pub(crate) utc: bool,

    /// Take the hardware clock's time for local time
    #[arg(long)]
    pub(crate) local: bool,
}
