//! Options of the subcommands that keep and read shared clocks.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use instanter::Duration;
use instanter_clock::shared::{self, SharedPath};

#[derive(Debug, Subcommand)]
pub(crate) enum KeeperCommand {
    /// Keep a clock that other processes read
    ///
    /// The clock is a file of 8 KB: /dev/shm/instanter-NAME, or NAME itself where it has a
    /// `/`. It belongs to you and is readable by all; one process at a time keeps it. Its line
    /// is moved ten times a second, and bent as NTP's loops do (PLL and FLL) towards what
    /// --from says; it is stepped where it is more than --step-above off.
    ///
    /// Ends at Ctrl-C or SIGTERM, and then marks the clock as ended, so that readers know.
    /// The file stays: the next to keep it goes on there, and readers with it. One that is
    /// killed leaves a clock that is stale a second later.
    #[command(after_long_help = "\
What --from can be:
  realtime        the machine's own wall clock
  chrony          what chrony takes for the true time, for a machine whose clock
                  chrony corrects slowly or not at all; asks its client, chronyc
  ptp=/dev/ptpN   the clock of a network card, or of a virtual machine's host

A script has lines of a time since its start and a command; # begins a remark:
  0    set 2016-12-31T23:59:50Z
  0    leap insert          or delete, none: at the end of the UTC day
  0    tai 36               TAI minus UTC, in seconds
  1s   frequency +100       faster by so many ppm, up to 500
  2s   slew 20ms            up to 500ms, a quarter of the rest in each second
  3s   step -1h30m
  1m   hang 5s              no updates for so long, for readers to notice
  2m   end

Examples:
  instanter keeper serve lab                      the machine's time, shared
  instanter keeper serve lab --from chrony
  instanter keeper serve nic --from ptp=/dev/ptp0 --utc-offset 37
  instanter keeper serve test --script leap.txt
  instanter keeper serve /run/lab.clock | logger -t clock

Exit status:
  0  ended by a signal, or by the script
  1  the file is not ours, or another process keeps it; what --from names is not
     there; a script cannot be read")]
    Serve(ServeArgs),

    /// Read a clock that another process keeps
    ///
    /// Shows what it says, whether it is kept, how far it may be from what it follows, and
    /// its difference to this machine's CLOCK_REALTIME at the same counter value. Trusts
    /// files of yours and of root that nobody else can write, and no other boot's.
    #[command(after_long_help = "\
Examples:
  instanter keeper read lab
  instanter keeper read lab --watch
  instanter keeper read lab --watch --json | jq .ahead_of_realtime_ns
  instanter keeper read lab --bench               what a read costs, and its system calls

Exit status:
  0  it is kept
  1  it is not kept any more, not there, or not to be trusted")]
    Read(ReadArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The clock's name, or a path with a `/` in it
    #[arg(value_name = "NAME", value_parser = path)]
    pub(crate) path: SharedPath,

    /// What to follow: realtime, chrony, or ptp=/dev/ptpN [default: realtime]
    #[arg(long, value_name = "SOURCE", value_parser = follow, conflicts_with = "script")]
    pub(crate) from: Option<Follow>,

    /// Follow nothing but the commands in FILE; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// How often to move the line, 1ms to 500ms [default: 100ms]
    #[arg(long, hide_default_value = true, value_name = "LENGTH", default_value = "100ms", value_parser = tick)]
    pub(crate) tick: Duration,

    /// How often to compare [default: each tick, 1s for ptp, 4s for chrony]
    #[arg(long, value_name = "LENGTH", value_parser = positive)]
    pub(crate) poll: Option<Duration>,

    /// Step where it is further off than this, else slew [default: 1ms]
    #[arg(long, hide_default_value = true, value_name = "LENGTH", default_value = "1ms", value_parser = positive)]
    pub(crate) step_above: Duration,

    /// How fast the two may part between comparisons, for the bound [default: 50]
    #[arg(long, hide_default_value = true, value_name = "PPM", default_value_t = 50)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub(crate) drift: u32,

    /// How far a PTP clock is ahead of UTC: 37 if it counts TAI [default: 0]
    #[arg(
        long,
        hide_default_value = true,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    #[arg(value_parser = clap::value_parser!(i32).range(-100..=100))]
    pub(crate) utc_offset: i32,

    /// How often to print a line where there is no terminal [default: 10s]
    #[arg(long, hide_default_value = true, value_name = "LENGTH", default_value = "10s", value_parser = positive)]
    pub(crate) log: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// The clock's name, or a path with a `/` in it
    #[arg(value_name = "NAME", value_parser = path)]
    pub(crate) path: SharedPath,

    /// Read it again and again, one line each time
    #[arg(long, conflicts_with = "bench")]
    pub(crate) watch: bool,

    /// How often to read it [default: 1s]
    #[arg(long, hide_default_value = true, value_name = "LENGTH", default_value = "1s", value_parser = positive)]
    #[arg(requires = "watch")]
    pub(crate) every: Duration,

    /// End after N lines
    #[arg(long, value_name = "N", requires = "watch")]
    pub(crate) count: Option<u64>,

    /// Measure what a read costs, and count its system calls
    #[arg(long)]
    pub(crate) bench: bool,

    /// Trust a file of this user as well, by number
    #[arg(long, value_name = "UID")]
    pub(crate) owner: Option<u32>,
}

/// What a clock follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    Realtime,
    Chrony,
    Ptp(PathBuf),
}

fn path(name: &str) -> Result<SharedPath, shared::Error> {
    SharedPath::of(name)
}

fn follow(text: &str) -> Result<Follow, String> {
    match (text, text.strip_prefix("ptp=")) {
        ("realtime", _) => Ok(Follow::Realtime),
        ("chrony", _) => Ok(Follow::Chrony),
        (_, Some(device)) if !device.is_empty() => Ok(Follow::Ptp(device.into())),
        ("ptp" | "ptp=", _) => Err("which one? As in ptp=/dev/ptp0".to_owned()),
        _ => Err("it can be realtime, chrony or ptp=/dev/ptpN".to_owned()),
    }
}

fn positive(text: &str) -> Result<Duration, String> {
    let length: Duration = text.parse().map_err(|error: instanter::Error| error.to_string())?;
    if length > Duration::ZERO {
        Ok(length)
    } else {
        Err("it must be more than nothing".to_owned())
    }
}

fn tick(text: &str) -> Result<Duration, String> {
    let length = positive(text)?;
    let range = Duration::from_millis(1)..=Duration::from_millis(500);
    if range.contains(&length) { Ok(length) } else { Err("it can be 1ms to 500ms".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_followed() {
        assert_eq!(follow("realtime"), Ok(Follow::Realtime));
        assert_eq!(follow("chrony"), Ok(Follow::Chrony));
        assert_eq!(follow("ptp=/dev/ptp1"), Ok(Follow::Ptp("/dev/ptp1".into())));
        for text in ["", "ptp", "ptp=", "Realtime", "ntp", "realtime "] {
            assert!(follow(text).is_err(), "{text:?}");
        }
    }
}
