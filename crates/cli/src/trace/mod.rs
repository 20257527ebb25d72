//! `instanter trace`: every read of time that a program makes.
//!
//! ```text
//! tracer ──▶ session ──▶ tally ──▶ report ──▶ show, JSON
//!              ├ counts: the table in which our vDSO counts   └▶ flame
//!              ├ unwind, the tracer's symbols: who called
//!              └ calls: what a system call does with time
//! ```

mod calls;
mod counts;
mod flame;
mod live;
mod memory;
mod registers;
mod report;
mod session;
mod show;
mod tally;
mod unwind;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use instanter_vdso::layout::{COUNT, NOTICES};
use nix::libc;

use crate::args::TraceArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use crate::tracer::{Launch, Memory, Options, Refusal, Tracer};
use live::{Clockwork, Live};
use report::{Ending, Report};
use session::Session;
use tally::Tally;

/// One read of this many is timed: reading the counter twice costs more than counting.
const TIMED: u64 = 64;

pub(crate) fn run(args: &TraceArgs, screen: &Screen) -> Outcome {
    // Before the program runs: what cannot be written is to be known now.
    let output = create(args.output.as_deref())?;
    let folded = create(args.folded.as_deref())?;
    let svg = create(args.svg.as_deref())?;
    let refused = |refusal: Refusal| Failure::new(refusal.to_string());
    let launch = Launch::new(&args.command).map_err(refused)?;
    let memory = Memory::new(true)
        .map_err(|error| Failure::new(format!("cannot share memory with a program: {error}")))?;
    let memory = Arc::new(memory);
    memory.control().untimed.store(TIMED - 1, Relaxed);
    memory.control().flags.store(COUNT | NOTICES, Relaxed);

    let options = Options { children: args.children, endings: true, traps: false, watches: false };
    let mut tracer =
        Tracer::start(&launch, &calls::filter(), Arc::clone(&memory), options).map_err(refused)?;
    let words = words(&args.command);
    let (begun, first_tick) = (Instant::now(), instanter_counter::ordered());
    let report = |tally: &Tally, ending| {
        let elapsed = begun.elapsed();
        let ticks = instanter_counter::ordered().wrapping_sub(first_tick).max(1);
        let ns_a_tick = elapsed.as_nanos() as f64 / ticks as f64;
        Report::new(tally, words.clone(), args.children, ending, elapsed, ns_a_tick)
    };
    let live = Live::new();
    let mut session = Session::new(memory, args.children, |tally| {
        let mut sheet = screen.sheet_for_stderr();
        show::live(&report(tally, None), &mut sheet);
        live.draw(&screen.for_stderr(sheet.finish()));
    });
    let clockwork = live.is_seen().then(|| Clockwork::start(tracer.kick()));
    let status = tracer.run(&launch, &mut session);
    drop(clockwork);
    live.clear();
    let ending = ending(status.map_err(refused)?);

    session.collect();
    let report = report(&session.tally, Some(ending));
    let unwritten = |error: io::Error| Failure::new(format!("a file cannot be written: {error}"));
    write(&report, args.top, screen, output).map_err(unwritten)?;
    let lines = flame::fold(&session.tally);
    if let Some(file) = folded {
        flame::write_folded(&lines, file).map_err(unwritten)?;
    }
    // Of nothing there is no picture; the report says so.
    if let Some(file) = svg.filter(|_| !lines.is_empty()) {
        flame::draw(&lines, &words, file).map_err(unwritten)?;
    }
    Ok(Status::Child(match ending {
        Ending::Exited(status) => u8::try_from(status & 0xff).unwrap_or(1),
        // As a shell has it.
        Ending::Signaled(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
    }))
}

fn ending(status: i32) -> Ending {
    if libc::WIFSIGNALED(status) {
        Ending::Signaled(libc::WTERMSIG(status))
    } else {
        Ending::Exited(libc::WEXITSTATUS(status))
    }
}

fn words(command: &[OsString]) -> Vec<String> {
    command.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

fn create(path: Option<&Path>) -> Result<Option<File>, Failure> {
    path.map(File::create).transpose().map_err(|error| {
        Failure::new(format!("cannot write {:?}: {error}", path.unwrap_or(Path::new(""))))
    })
}

/// Writes the report where it was asked for: the program's own output is not touched.
fn write(report: &Report, top: usize, screen: &Screen, output: Option<File>) -> io::Result<()> {
    let text = if screen.is_json() {
        serde_json::to_string_pretty(report)? + "\n"
    } else {
        let mut sheet = match output {
            Some(_) => screen.sheet_for_file(),
            None => screen.sheet_for_stderr(),
        };
        show::write(report, top, &mut sheet);
        sheet.finish()
    };
    match output {
        Some(mut file) => {
            file.write_all(anstream::adapter::strip_str(&text).to_string().as_bytes())
        }
        None => screen.print_to_stderr(&text),
    }
}
