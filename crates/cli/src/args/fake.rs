//! The arguments of `instanter fake`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::fake::{Group, Rate, duration, moment, rate};

#[derive(Debug, Args)]
pub(crate) struct FakeArgs {
    /// What the clocks show at the start: as `instanter date` reads it
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) at: Option<(i64, u32)>,

    /// How far they are ahead: 1h30m, -30d
    #[arg(long, value_name = "±D", value_parser = duration, allow_hyphen_values = true)]
    #[arg(conflicts_with = "at")]
    pub(crate) offset: Option<i64>,

    /// How fast they go: 0.001 to 1000, or ±Nppm
    #[arg(long, value_name = "X", value_parser = rate, allow_hyphen_values = true)]
    pub(crate) rate: Option<Rate>,

    /// They stand still
    #[arg(long, conflicts_with_all = ["rate", "step"])]
    pub(crate) freeze: bool,

    /// They move by this much at each read, and only then
    #[arg(long, value_name = "D", value_parser = duration, conflicts_with = "rate")]
    pub(crate) step: Option<i64>,

    /// Which clocks, with commas [default: --at and --offset realtime, the others all]
    #[arg(long = "clock", value_name = "CLOCKS", value_delimiter = ',')]
    pub(crate) clocks: Vec<Group>,

    /// Programs of this file name are further ahead: NAME=±D; may be repeated
    #[arg(long = "for", value_name = "NAME=±D", value_parser = program)]
    pub(crate) programs: Vec<(String, i64)>,

    /// A file that says what happens to the clocks when
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// A socket for changes while it runs; or a file, carried out when written
    #[arg(long, value_name = "SOCKET|FILE")]
    pub(crate) control: Option<PathBuf>,

    /// A program that reads the CPU's counter itself (rdtsc, cntvct_el0) is followed, too
    #[arg(long)]
    pub(crate) trap_tsc: bool,

    /// Whether processes that CMD starts are in it, too
    #[arg(long, value_name = "WHAT", default_value = "follow", hide_default_value = true)]
    pub(crate) children: Children,

    /// Change the clocks of a program that listens at --control
    #[arg(long, requires = "control", conflicts_with_all = ["command", "script"])]
    pub(crate) set: bool,

    /// Try every way to read a clock, and name those that escape
    #[arg(long, conflicts_with_all = ["command", "set", "control", "script"])]
    pub(crate) verify: bool,

    /// Print what a program sees here, and change nothing
    #[arg(long, conflicts_with_all = ["command", "set", "verify", "at", "offset", "rate"])]
    pub(crate) probe: bool,

    /// The command and its arguments, after --
    #[arg(value_name = "CMD", trailing_var_arg = true, allow_hyphen_values = true)]
    #[arg(required_unless_present_any = ["set", "verify", "probe"])]
    pub(crate) command: Vec<OsString>,
}

/// What happens to the processes that a program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Children {
    /// They live in the same time
    Follow,
    /// They see the true time
    Not,
}

fn program(text: &str) -> Result<(String, i64), String> {
    let (name, by) =
        text.split_once('=').ok_or_else(|| format!("expected NAME=±D, not {text:?}"))?;
    Ok((name.to_owned(), duration(by)?))
}
