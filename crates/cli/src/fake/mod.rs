//! `instanter fake`: a program whose clocks show what somebody wants.

mod adjust;
mod arrivals;
mod clocks;
mod control;
mod counter;
mod discipline;
mod probe;
mod program;
mod script;
mod settings;
mod timers;
mod verify;
mod waits;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use nix::libc;

use crate::args::{Children, FakeArgs};
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use crate::tracer::{Launch, Memory, Options, Refusal, Tracer};
use clocks::{Change, Clocks};
use control::{Metronome, Orders};
use counter::Counter;
use program::Program;

pub(crate) use clocks::{Group, Rate};
pub(crate) use settings::{duration, moment, rate};

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::new(refusal.to_string())
    }
}

pub(crate) fn run(args: &FakeArgs, screen: &Screen) -> Outcome {
    if args.probe {
        return probe::run(screen);
    }
    let change = change(args);
    if args.set {
        if change == (Change { clocks: change.clocks.clone(), ..Change::default() }) {
            return Err(Failure::new(
                "nothing to change: give --at, --offset, --rate, --freeze or --step",
            ));
        }
        let place = args.control.as_deref().unwrap_or_else(|| std::path::Path::new(""));
        control::send(place, &change)?;
        return Ok(Status::Fine);
    }
    if args.verify {
        return verify::run(args, screen);
    }
    start(args, &change)
}

fn change(args: &FakeArgs) -> Change {
    Change {
        clocks: args.clocks.clone(),
        at: args.at,
        jump: args.offset,
        rate: if args.freeze { Some(Rate::FROZEN) } else { args.rate },
        step: args.step,
        ..Change::default()
    }
}

/// The counter that programs see; and the word by which our filter knows what our image asks.
fn counter(memory: &Memory) -> Result<Counter, Failure> {
    let mut word = [0; 8];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| io::Read::read_exact(&mut file, &mut word))
        .map_err(|error| Failure::new(format!("cannot read /dev/urandom: {error}")))?;
    memory.control().password.store(u64::from_ne_bytes(word), Relaxed);
    Ok(Counter::new())
}

fn start(args: &FakeArgs, change: &Change) -> Outcome {
    let steps = match &args.script {
        Some(path) => {
            let fail = |error: &dyn std::fmt::Display| Failure::new(format!("{path:?}: {error}"));
            let text = std::fs::read_to_string(path).map_err(|error| fail(&error))?;
            script::parse(&text).map_err(|error| fail(&error))?
        }
        None => Vec::new(),
    };
    let launch = Launch::new(&args.command)?;
    let memory = Memory::new(false)
        .map_err(|error| Failure::new(format!("cannot get shared memory: {error}")))?;
    let memory = Arc::new(memory);
    let mut clocks = Clocks::new(memory.clone(), 1 + args.programs.len());
    clocks.change(change, None);
    for (index, (_, by)) in args.programs.iter().enumerate() {
        let further = Change { jump: Some(*by), clocks: args.clocks.clone(), ..Change::default() };
        clocks.change(&further, Some(index + 1));
    }
    // Durations need no rewriting where a second is a second to the end.
    let spans = change.rate.is_some() || args.control.is_some() || args.script.is_some();
    let traps = args.trap_tsc;
    let follows = args.children == Children::Follow;
    // What a date is shifted by, no counter shows.
    let watches = spans && !traps;
    let options = Options { children: follows, endings: false, traps, watches };
    let counter = if traps { Some(counter(&memory)?) } else { None };
    let password = traps.then(|| memory.control().password.load(Relaxed));
    let orders = Orders::new();
    let mut tracer =
        Tracer::start(&launch, &program::filter(spans, watches, password), memory, options)?;
    let desk = orders.desk(tracer.kick());
    let place = match &args.control {
        Some(path) => Some(control::serve(path, desk.clone())?),
        None => None,
    };
    if spans {
        control::anchor(desk.clone());
        control::follow_steps(desk.clone());
    }
    if !steps.is_empty() {
        control::play(steps, desk);
    }
    let names = args.programs.iter().map(|(name, _)| name.clone()).collect();
    let metronome = Metronome::new(tracer.kick());
    let mut program = Program::new(clocks, orders, names, counter, metronome);
    let status = tracer.run(&launch, &mut program)?;
    drop(place);
    let code = if libc::WIFEXITED(status) {
        libc::WEXITSTATUS(status)
    } else {
        128 + libc::WTERMSIG(status)
    };
    let _ = io::stdout().flush();
    // The program's own, as `env` and `nice` return it.
    std::process::exit(code)
}
