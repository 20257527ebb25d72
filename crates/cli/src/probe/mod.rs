//! This executable run again as a process of its own, to be watched or timed.
//!
//! Two things cannot be seen from within: which system calls a process makes,
//! and what its very first reading costs. So the command starts itself with a
//! hidden first argument, handled before everything else.

mod first;
mod watch;

use std::ffi::OsString;
use std::process::{Command, ExitCode};

pub(crate) use first::first_calls;
pub(crate) use watch::{Count, count_shared_reads, count_system_calls};

/// Takes some readings between markers, to be watched: of the machine's clock, or of a
/// shared one.
const READS: &str = "__reads";

/// Times the first reading of the process.
const FIRST: &str = "__first";

/// Runs a hidden subcommand if the arguments name one.
pub(crate) fn run_hidden(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    match args.next()?.to_str()? {
        FIRST => Some(first::be_timed()),
        READS => {
            let calls = args.next()?.to_str()?.parse().ok()?;
            Some(watch::be_watched(calls, args.next()))
        }
        _ => None,
    }
}

/// This executable. By its name, because an emulator answers for that; by
/// `/proc`'s link itself where the file was replaced meanwhile.
fn myself() -> Command {
    let named = std::env::current_exe().ok().filter(|file| file.is_file());
    Command::new(named.unwrap_or_else(|| "/proc/self/exe".into()))
}
