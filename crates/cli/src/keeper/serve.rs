//! `instanter keeper serve`: keeping a clock that other processes read.

use std::time::{Duration, Instant};

use instanter_clock::page::Timespec;
use instanter_clock::shared::{Label, Publisher, SharedPath, Status};
use instanter_clock::snapshot;
use instanter_keeper::{Clock, Error, Timekeeper, Timex};

use super::begin::begin;
use super::discipline::{Known, Rules};
use super::failure;
use super::report::{Report, ahead};
use super::script::{self, Command, Line};
use super::signals::Signals;
use super::source::{self, Source};
use crate::args::ServeArgs;
use crate::failure::{Failure, Outcome, Status as Ended};
use crate::screen::Screen;

/// How long a clock counts as kept after its last update: readers may be told so by a
/// machine that is busy, and must be by one whose server is gone.
const STALE_AFTER: Duration = Duration::from_secs(1);

/// Boot time that grew by so much more than the monotonic clock: the machine slept.
const SLEPT_NS: i128 = 1_000_000;

pub(crate) fn run(args: &ServeArgs, screen: &Screen) -> Outcome {
    let signals = Signals::take()?;
    // What can be wrong with the command is found out before anything is touched.
    let mut lines = args.script.as_deref().map(script::load).transpose()?;
    let (mut followed, name) = match &args.script {
        Some(path) => (None, format!("script {}", path.display())),
        None => {
            let (source, name) = source::open(args)?;
            (Some(source), name)
        }
    };
    if let Some(source) = &mut followed {
        // A source that is not there is an error now, and a matter of patience later.
        source.compare(&begin(None)?.keeper.clocks()).map_err(Failure::new)?;
    }
    let tick = std_of(args.tick);
    let poll = match (args.poll, followed.as_ref().and_then(|source| source.poll())) {
        (Some(poll), _) | (None, Some(poll)) => std_of(poll).max(tick),
        (None, None) => tick,
    };
    let rules = Rules {
        step_above_ns: args.step_above.as_nanos().unsigned_abs(),
        drift_ppb: args.drift * 1_000,
        poll,
    };
    let mut server = Server::start(&args.path, &name, tick)?;
    let mut report = Report::new(shown(&args.path), std_of(args.log), screen);
    server.announce(&args.path, &name, &mut report);
    if let Some(source) = &mut followed {
        server.follow(source.as_mut(), &rules, &mut report).map_err(Failure::new)?;
    }

    let started = Instant::now();
    let mut script = lines.as_mut().map_or(&[][..], |lines| &lines[..]);
    let mut compare_at = started + poll;
    let mut lost = false;
    let why = loop {
        let mut until = server.next_tick();
        if let Some(line) = script.first() {
            until = until.min(started + line.at);
        }
        if let Some(signal) = signals.sleep(until) {
            break format!("ended by {signal}");
        }
        let due = script.iter().take_while(|line| started + line.at <= Instant::now()).count();
        let (now, later) = script.split_at(due);
        script = later;
        if let Some(end) = server.obey(now, &signals, &mut report) {
            break end;
        }
        if let Some(source) = &mut followed
            && Instant::now() >= compare_at
        {
            compare_at = Instant::now() + poll;
            match server.follow(source.as_mut(), &rules, &mut report) {
                Ok(()) if lost => report.note(server.now(), "its source is back"),
                Err(why) if !lost => {
                    report.note(server.now(), &format!("its source is lost: {why}"));
                }
                _ => {}
            }
            lost = server.lost;
        }
        if !std::mem::take(&mut server.moved) {
            server.tick(&rules, &mut report);
        }
        report.status(server.now(), &server.status);
    };
    let now = server.now();
    server.publisher.end();
    report.end(now, &why);
    Ok(Ended::Fine)
}

/// The name that was given, of the path that it stands for.
fn shown(path: &SharedPath) -> String {
    let path = path.to_string();
    path.strip_prefix("/dev/shm/instanter-").map_or(path.clone(), str::to_owned)
}

fn std_of(length: instanter::Duration) -> Duration {
    Duration::from_nanos(length.as_nanos().unsigned_abs())
}

struct Server {
    publisher: Publisher,
    keeper: Timekeeper,
    status: Status,
    /// Before the first comparison of a clock that nobody has read yet.
    fresh: bool,
    doubt: Option<String>,
    known: Option<Known>,
    /// Whether the last comparison failed.
    lost: bool,
    /// Whether a comparison has moved the line already.
    moved: bool,
    tick: Duration,
    /// The counter at the last update.
    counter: u64,
    /// Boot time, and what it is ahead of the monotonic clock by, at the last tick.
    boottime: Option<(Timespec, i128)>,
}

impl Server {
    fn start(path: &SharedPath, name: &str, tick: Duration) -> Result<Server, Failure> {
        let publisher = Publisher::open(path).map_err(|error| failure(path, error))?;
        let beginning = begin(publisher.left())?;
        let nanos = |length: Duration| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        Ok(Server {
            publisher,
            keeper: beginning.keeper,
            status: Status {
                source: Label::new(name),
                tick_ns: nanos(tick),
                stale_after_ns: nanos(STALE_AFTER.max(3 * tick)),
                ..Status::default()
            },
            fresh: !beginning.goes_on,
            doubt: beginning.doubt,
            known: None,
            lost: false,
            moved: false,
            tick,
            counter: instanter_counter::ordered(),
            boottime: None,
        })
    }

    fn announce(&mut self, path: &SharedPath, name: &str, report: &mut Report) {
        let process = std::process::id();
        let every = instanter::Duration::from_nanos(self.status.tick_ns as i64);
        let text = format!("process {process} keeps {path}, from {name}, updated every {every}");
        report.note(self.now(), &text);
        if self.publisher.left().is_some() {
            let how = if self.fresh { "with another counter than" } else { "where" };
            report.note(self.now(), &format!("it goes on {how} its predecessor's was left"));
        }
        if let Some(doubt) = self.doubt.take() {
            report.note(self.now(), &doubt);
        }
    }

    /// Brings the clocks up to now, changes them, and shows the result: one update.
    fn publish(
        &mut self,
        change: impl FnOnce(&mut Timekeeper, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Server { publisher, keeper, status, counter, .. } = self;
        let mut outcome = Ok(());
        publisher.update(|| {
            *counter = instanter_counter::ordered();
            keeper.tick(*counter);
            outcome = change(keeper, *counter);
            status.updates += 1;
            (keeper.contents(), *status)
        });
        outcome
    }

    /// What the clock shows.
    fn now(&self) -> Timespec {
        self.keeper.clocks().time(Clock::Realtime, instanter_counter::ordered())
    }

    /// When to move the line: each tick, and where a second begins that is to be of
    /// another length, or a leap second.
    fn next_tick(&self) -> Instant {
        let now = instanter_counter::ordered();
        let due = self.keeper.due().wrapping_sub(now);
        let line = self.keeper.source().conversion();
        let due_ns = if due > u64::MAX >> 1 {
            0
        } else {
            u64::try_from((u128::from(due) * u128::from(line.mult)) >> line.shift)
                .unwrap_or(u64::MAX)
        };
        // Not before it is due: a hair later does no harm, and a hair earlier is for nothing.
        let due = Duration::from_nanos(due_ns.saturating_add(1_000));
        Instant::now() + self.tick.min(due)
    }

    fn tick(&mut self, rules: &Rules, report: &mut Report) {
        self.wake_up(report);
        let known = self.known;
        if let Some(known) = known {
            known.tell(&mut self.status, rules, Instant::now());
        }
        self.status.leap = leap_of(self.keeper.leap_state());
        let tai_s = self.keeper.tai_s();
        let _ = self.publish(|_, _| Ok(()));
        if self.keeper.tai_s() != tai_s {
            report.note(
                self.now(),
                &format!("a leap second: TAI is {} s ahead", self.keeper.tai_s()),
            );
        }
    }

    /// After a suspend the counter may have begun anew, or gone on alone.
    fn wake_up(&mut self, report: &mut Report) {
        let Ok(now) = snapshot() else { return };
        let apart = now.boottime.as_nanos() - now.monotonic.as_nanos();
        let before = self.boottime.replace((now.boottime, apart));
        let Some((then, apart_then)) = before else { return };
        if apart - apart_then < SLEPT_NS {
            return;
        }
        // The clocks stood from the last update on.
        let counter = self.counter;
        self.counter = instanter_counter::ordered();
        let slept = self
            .keeper
            .suspend(counter, Some(then))
            .and_then(|()| self.keeper.resume(self.counter, Some(now.boottime)));
        if let Ok(sleep) = slept {
            report.note(self.now(), &format!("the machine slept for {} s", sleep.length));
        }
    }

    /// Compares, and corrects.
    fn follow(
        &mut self,
        source: &mut dyn Source,
        rules: &Rules,
        report: &mut Report,
    ) -> Result<(), String> {
        self.wake_up(report);
        let found = source.compare(&self.keeper.clocks());
        self.lost = found.is_err();
        let found = found?;
        if self.fresh
            && let Some(hint) = source.hint(found.ahead_ns)
        {
            report.note(self.now(), &hint);
        }
        let first = std::mem::take(&mut self.fresh);
        let change = rules.choose(&found, first);
        let known = Known::by(&found, change, Instant::now());
        known.tell(&mut self.status, rules, Instant::now());
        self.known = Some(known);
        let stepped = matches!(change, super::discipline::Change::Step(_)) && !first;
        self.status.steps += u64::from(stepped);
        let mut timex = Timex::default();
        self.publish(|keeper, counter| {
            change.make(keeper, counter)?;
            if let Some(tai_s) = found.tai_s
                && tai_s != keeper.tai_s()
            {
                keeper.set_tai(counter, tai_s)?;
            }
            keeper.adjust(counter, &mut timex).map(drop)
        })
        .map_err(|error| error.to_string())?;
        self.moved = true;
        self.status.frequency = timex.freq;
        self.status.leap = leap_of(self.keeper.leap_state());
        if stepped {
            let text = format!("stepped: it was {}", ahead(-found.ahead_ns));
            report.note(self.now(), &text);
        }
        Ok(())
    }

    /// Does what a script says. Returns why it is over, if it is.
    fn obey(&mut self, lines: &[Line], signals: &Signals, report: &mut Report) -> Option<String> {
        for Line { command, text, .. } in lines {
            match *command {
                Command::End => return Some("ended by the script".to_owned()),
                Command::Hang(length) => {
                    report.note(self.now(), text);
                    if let Some(signal) = signals.sleep(Instant::now() + length) {
                        return Some(format!("ended by {signal}"));
                    }
                }
                command => {
                    self.fresh = false;
                    let steps = matches!(command, Command::Set(_) | Command::Step(_));
                    let mut timex = Timex::default();
                    let done = self.publish(|keeper, counter| {
                        command.make(keeper, counter)?;
                        keeper.adjust(counter, &mut timex).map(drop)
                    });
                    self.status.steps += u64::from(steps && done.is_ok());
                    self.status.frequency = timex.freq;
                    match done {
                        Ok(()) => report.note(self.now(), text),
                        Err(error) => report.note(self.now(), &format!("{text}: refused, {error}")),
                    }
                }
            }
        }
        None
    }
}

fn leap_of(state: instanter_keeper::TimeState) -> instanter_clock::Leap {
    use instanter_clock::Leap;
    use instanter_keeper::TimeState;
    match state {
        TimeState::Ok | TimeState::Error => Leap::None,
        TimeState::Insert => Leap::Insert,
        TimeState::Delete => Leap::Delete,
        TimeState::InProgress => Leap::InProgress,
        TimeState::Occurred => Leap::Occurred,
    }
}
