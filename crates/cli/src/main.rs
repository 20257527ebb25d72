//! The command `instanter`: what time it is, where that came from, what it cost
//! and why it can be trusted.
//!
//! One file, or one folder, a subcommand:
//!
//! | file | subject |
//! |---|---|
//! | `now` | the time, its source, its cost, its trust |
//! | `clocks` | every clock; the hardware clock, shown and set |
//! | `vdso` | the vDSO's symbols; its image as a file |
//! | `explain` | one reading step by step |
//! | `doctor` | a verdict on this machine's clock, and what mends it |
//! | `bench` | costs side by side, and targets |
//! | `watch` | clocks beside each other while they go |
//! | `report` | all of it as a page in one file |
//! | `zone` | a zone now, its transitions, all names |
//! | `date` | dates and times read, converted and printed |
//! | `keeper` | clocks that processes share: kept and read |
//! | `completions`, `man` | what shells and man take, from the command's own definitions |
//! | `preload` | an unmodified program with these clocks and calendars |
//! | `fake` | an unmodified program whose clocks show what somebody wants |
//! | `trace` | the reads of time that another program makes |
//!
//! Under them: `args` (the command line), `failure` (errors and exit codes), `files`
//! (programs found, results written), `screen`, `sheet`, `table` and `quantity` (text that
//! fits), `cost` (what is measured), `probe` (this executable run again, to be watched or
//! timed), `utc` (the date), `zoned` (the date in a zone) and `tracer` (another program
//! under this one's eyes). What is about Linux says so, in `elsewhere`, on other systems.
#![deny(unsafe_code)]
#![cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    allow(dead_code, reason = "what only commands for Linux, or for these CPUs, use")
)]

mod args;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/bench.rs")]
mod bench;
mod clocks;
mod completions;
mod cost;
mod date;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/doctor.rs")]
mod doctor;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/explain.rs")]
mod explain;
mod failure;
#[cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    path = "elsewhere/fake.rs"
)]
mod fake;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod files;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/keeper.rs")]
mod keeper;
mod man;
mod now;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/preload.rs")]
mod preload;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod probe;
mod quantity;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/report.rs")]
mod report;
mod screen;
mod sheet;
mod table;
#[cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    path = "elsewhere/trace.rs"
)]
mod trace;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tracer;
mod utc;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/vdso.rs")]
mod vdso;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere/watch.rs")]
mod watch;
mod zone;
mod zoned;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use clap::Parser;

use args::{Cli, Color, Command};
use screen::Screen;

fn main() -> ExitCode {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // Before anything else: what is timed or watched there starts here.
    if let Some(code) = probe::run_hidden(std::env::args_os().skip(1)) {
        return code;
    }
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => {
            let colors = Color::foretell(std::env::args_os()).choice();
            let text = error.render().ansi().to_string();
            // Nobody is left to tell if this cannot be written.
            let _ = if error.use_stderr() {
                AutoStream::new(io::stderr(), colors).write_all(text.as_bytes())
            } else {
                AutoStream::new(io::stdout(), colors).write_all(text.as_bytes())
            };
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            // The doctor's 2 is a verdict.
            let is_doctor =
                || args::subcommand(std::env::args_os()).is_some_and(|name| name == "doctor");
            ExitCode::from(if code != 0 && is_doctor() { doctor::UNKNOWN } else { code })
        }
    }
}

fn run(cli: Cli) -> ExitCode {
    let colors = cli.color.choice();
    let screen = Screen::new(colors, cli.json);
    let mut stderr = AutoStream::new(io::stderr(), colors);
    if let Some(value) = unknown_source() {
        let _ = writeln!(
            stderr,
            "instanter: warning: INSTANTER_SOURCE={value:?} is ignored: it can be page, vdso or syscall"
        );
    }
    let outcome = match cli.command.unwrap_or(Command::Now) {
        Command::Now => now::run(&screen),
        Command::Clocks(args) => clocks::run(&args, &screen),
        Command::Vdso(args) => vdso::run(args, &screen),
        Command::Explain => explain::run(&screen),
        Command::Report(args) => report::run(&args, &screen),
        Command::Watch(args) => watch::run(&args, &screen),
        Command::Bench(args) => bench::run(&args, &screen),
        Command::Doctor(args) => doctor::run(&args, &screen),
        Command::Zone(args) => zone::run(&args, &screen),
        Command::Date(args) => date::run(&args, &screen),
        Command::Completions(args) => completions::run(&args, &screen),
        Command::Man(args) => man::run(&args, &screen),
        Command::Preload(args) => preload::run(&args, &screen),
        Command::Keeper(command) => keeper::run(&command, &screen),
        Command::Fake(args) => fake::run(&args, &screen),
        Command::Trace(args) => trace::run(&args, &screen),
    };
    match outcome {
        Ok(status) => status.into(),
        Err(failure) => {
            let _ = writeln!(stderr, "instanter: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// The value of `INSTANTER_SOURCE` where it is none that is known.
fn unknown_source() -> Option<OsString> {
    let value = std::env::var_os("INSTANTER_SOURCE")?;
    let elsewhere = cfg!(not(any(target_os = "linux", target_os = "android")));
    let known = ["", "page", "vdso", "syscall"].iter().any(|known| value == *known)
        || (elsewhere && value == "system");
    (!known).then_some(value)
}
