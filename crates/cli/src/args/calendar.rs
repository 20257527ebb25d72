//! Options of the subcommands that deal with zones and dates.

use clap::{Args, ValueEnum};
use instanter_civil::Pattern;
use instanter_zone::Policy;

use crate::zone::{FIRST_YEAR, LAST_YEAR};

#[derive(Debug, Args)]
pub(crate) struct ZoneArgs {
    /// The zone: a name, an offset, a POSIX TZ string, a path; the local one if left out
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Print its transitions as `zdump -v` does
    #[arg(long)]
    pub(crate) transitions: bool,

    /// Leave out transitions before the year Y [default: -500]
    #[arg(long, value_name = "Y", requires = "transitions", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(i64).range(FIRST_YEAR + 1..=LAST_YEAR))]
    pub(crate) from: Option<i64>,

    /// Leave out transitions of the year Y and after [default: 2500]
    #[arg(long, value_name = "Y", requires = "transitions", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(i64).range(FIRST_YEAR + 1..=LAST_YEAR))]
    pub(crate) to: Option<i64>,

    /// Print the names of all zones, one a line
    #[arg(long, conflicts_with_all = ["name", "transitions"])]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DateArgs {
    /// What to read; now if left out; `-` for many, as --lines
    #[arg(value_name = "TEXT", conflicts_with = "lines")]
    pub(crate) text: Option<String>,

    /// Where a text without an offset is local time [default: local]
    #[arg(long = "in", value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) zone: Option<String>,

    /// The zone to print in [default: the text's own, else that of --in]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) to: Option<String>,

    /// Print in a pattern of strftime
    #[arg(long, value_name = "PATTERN", value_parser = strftime, allow_hyphen_values = true)]
    pub(crate) format: Option<String>,

    /// Print in a layout of Go
    #[arg(long, value_name = "LAYOUT", value_parser = go, allow_hyphen_values = true)]
    #[arg(conflicts_with = "format")]
    pub(crate) go: Option<String>,

    /// Read by a pattern of strptime
    #[arg(long, value_name = "PATTERN", value_parser = strftime, allow_hyphen_values = true)]
    pub(crate) parse: Option<String>,

    /// Read by a layout of Go
    #[arg(long, value_name = "LAYOUT", value_parser = go, allow_hyphen_values = true)]
    #[arg(conflicts_with = "parse")]
    pub(crate) parse_go: Option<String>,

    /// Local times that are skipped or happen twice: compatible, earlier, later or reject
    #[arg(long, value_name = "HOW", default_value = "compatible")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) gap: Gap,

    /// Read many texts from standard input, one a line
    #[arg(long)]
    pub(crate) lines: bool,
}

/// What to do with local times that a zone skips or has twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gap {
    Compatible,
    Earlier,
    Later,
    Reject,
}

impl From<Gap> for Policy {
    fn from(gap: Gap) -> Policy {
        match gap {
            Gap::Compatible => Policy::Compatible,
            Gap::Earlier => Policy::Earlier,
            Gap::Later => Policy::Later,
            Gap::Reject => Policy::Reject,
        }
    }
}

fn strftime(pattern: &str) -> Result<String, instanter_civil::Error> {
    Pattern::strftime(pattern).map(|_| pattern.to_owned())
}

fn go(layout: &str) -> Result<String, instanter_civil::Error> {
    Pattern::go(layout).map(|_| layout.to_owned())
}
