//! Changes from outside while the program runs: a socket, or a file that is looked at.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use instanter::{Deadline, Expiry, Schedule, Timer};

use super::clocks::Change;
use super::script::{self, Step};
use crate::failure::Failure;
use crate::tracer::Kick;

/// A change that the tracing thread is to make; it says when it is done.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) change: Change,
    pub(super) done: SyncSender<()>,
}

/// Where orders come in.
#[derive(Debug)]
pub(super) struct Orders {
    to: SyncSender<Order>,
    pub(super) from: Receiver<Order>,
}

/// Hands orders to the tracing thread.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    to: SyncSender<Order>,
    kick: Kick,
}

impl Orders {
    pub(super) fn new() -> Orders {
        let (to, from) = sync_channel(16);
        Orders { to, from }
    }

    pub(super) fn desk(&self, kick: Kick) -> Desk {
        Desk { to: self.to.clone(), kick }
    }
}

impl Desk {
    /// Has a change made, and returns when it is. Whether it was: at the end of the
    /// program nobody makes changes any more.
    fn order(&self, change: Change) -> bool {
        let (done, made) = sync_channel(1);
        if self.to.try_send(Order { change, done }).is_err() {
            return false;
        }
        self.kick.kick();
        made.recv().is_ok()
    }
}

/// The name of a socket, which is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Place(Option<PathBuf>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Waits for changes: on a socket, which is made, or if there is a file of that name, in
/// the file.
///
/// # Errors
/// It cannot be made or read.
pub(super) fn serve(path: &Path, desk: Desk) -> Result<Place, Failure> {
    let fail = |error: io::Error| Failure::new(format!("cannot listen at {path:?}: {error}"));
    match path.metadata() {
        Ok(about) if about.is_file() => {
            watch(path.to_owned(), desk)?;
            return Ok(Place(None));
        }
        // Left by one who was killed: nobody answers there.
        Ok(about) if about.file_type().is_socket() && UnixStream::connect(path).is_err() => {
            std::fs::remove_file(path).map_err(fail)?;
        }
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(fail)?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let desk = desk.clone();
            thread::spawn(move || answer(&stream, &desk));
        }
    });
    Ok(Place(Some(path.to_owned())))
}

fn answer(stream: &UnixStream, desk: &Desk) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let said = match serde_json::from_str(&line) {
            Ok(change) => {
                let made = desk.order(change);
                if made { "done" } else { "the program has ended" }.to_string()
            }
            Err(error) => format!("not understood: {error}"),
        };
        if writeln!(&mut &*stream, "{said}").is_err() {
            return;
        }
    }
}

/// Sends a change to who listens at a socket.
///
/// # Errors
/// Nobody does, or he says no.
pub(super) fn send(path: &Path, change: &Change) -> Result<(), Failure> {
    let fail = |error: io::Error| Failure::new(format!("cannot reach {path:?}: {error}"));
    if path.metadata().is_ok_and(|about| about.is_file()) {
        return Err(Failure::new(format!(
            "{path:?} is a file: write lines such as `rate 10` to it, nobody answers there"
        )));
    }
    let stream = UnixStream::connect(path).map_err(fail)?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(fail)?;
    let text = serde_json::to_string(change)
        .map_err(|error| Failure::new(format!("cannot write the change: {error}")))?;
    writeln!(&mut &stream, "{text}").map_err(fail)?;
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer).map_err(fail)?;
    match answer.trim() {
        "done" => Ok(()),
        "" => Err(Failure::new(format!("{path:?}: the program has ended"))),
        other => Err(Failure::new(format!("{path:?}: {other}"))),
    }
}

/// How often a file is looked at.
const LOOK: Duration = Duration::from_micros(500);

/// Carries out the lines of a file whenever it has changed.
fn watch(path: PathBuf, desk: Desk) -> Result<(), Failure> {
    let read = |path: &Path| std::fs::read_to_string(path);
    let mut last =
        read(&path).map_err(|error| Failure::new(format!("cannot read {path:?}: {error}")))?;
    let mut stamp = path.metadata().and_then(|about| about.modified()).ok();
    thread::spawn(move || {
        loop {
            thread::sleep(LOOK);
            let now = path.metadata().and_then(|about| about.modified()).ok();
            if now == stamp {
                continue;
            }
            stamp = now;
            let Ok(text) = read(&path) else { continue };
            if text == last {
                continue;
            }
            // One that is being written: its last line has no end yet.
            if !text.is_empty() && !text.ends_with('\n') {
                stamp = None;
                continue;
            }
            for line in text.lines().filter(|line| !script::is_remark(line)) {
                match script::action(line) {
                    Ok(actions) => {
                        for step in actions {
                            thread::sleep(step.after);
                            if !desk.order(step.change) {
                                return;
                            }
                        }
                    }
                    // Where nobody can be told, the program goes on.
                    Err(error) => {
                        let _ = writeln!(io::stderr(), "instanter: {path:?}: {error}");
                    }
                }
            }
            last = text;
        }
    });
    Ok(())
}

/// Wakes the tracing thread after a while: once for each time that it is set.
#[derive(Debug)]
pub(super) struct Metronome {
    kick: Kick,
    thread: Option<Sender<Option<Instant>>>,
}

impl Metronome {
    pub(super) fn new(kick: Kick) -> Metronome {
        Metronome { kick, thread: None }
    }

    /// Wakes after so many nanoseconds of true time; earlier if it is long, because the
    /// machine's clock may be set meanwhile. Nothing: never.
    pub(super) fn set(&mut self, after: Option<i128>) {
        const LONGEST: i128 = 60_000_000_000;
        let after = after.map(|after| Duration::from_nanos(after.clamp(0, LONGEST) as u64));
        if self.thread.is_none() && after.is_none() {
            return;
        }
        let thread = self.thread.get_or_insert_with(|| wake_when_told(self.kick.clone()));
        // It ends when we do.
        let _ = thread.send(after.map(|after| Instant::now() + after));
    }
}

fn wake_when_told(kick: Kick) -> Sender<Option<Instant>> {
    let (to, from) = channel::<Option<Instant>>();
    thread::spawn(move || {
        let mut due = None;
        loop {
            let told = match due {
                Some(due) => {
                    from.recv_timeout(Instant::saturating_duration_since(&due, Instant::now()))
                }
                None => from.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match told {
                Ok(other) => due = other,
                Err(RecvTimeoutError::Timeout) => {
                    due = None;
                    kick.kick();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    to
}

/// Moves the beginnings of the lines along, so that at rate 1000 what has passed since
/// never comes near the 146 years that fit.
pub(super) fn anchor(desk: Desk) {
    const OFTEN: Duration = Duration::from_secs(3600);
    thread::spawn(move || {
        loop {
            thread::sleep(OFTEN);
            if !desk.order(Change { anchor: true, ..Change::default() }) {
                return;
            }
        }
    });
}

/// Tells of each time that somebody sets the machine's clock.
pub(super) fn follow_steps(desk: Desk) {
    const LONG: instanter::Duration = instanter::Duration::from_hours(24 * 365 * 100);
    thread::spawn(move || {
        let far = || Schedule::at(Deadline::wall(instanter::now()) + LONG).or_step();
        // Where a sandbox has no such timers, nobody can tell.
        let Ok(timer) = Timer::new(far()) else { return };
        while let Ok(expiry) = timer.wait() {
            let is_step = expiry == Expiry::ClockStepped;
            let change = Change { beneath: true, ..Change::default() };
            if timer.set(far()).is_err() || is_step && !desk.order(change) {
                return;
            }
        }
    });
}

/// Carries out a script, counted from now in true time.
pub(super) fn play(steps: Vec<Step>, desk: Desk) {
    let start = Instant::now();
    thread::spawn(move || {
        for step in steps {
            thread::sleep(step.after.saturating_sub(start.elapsed()));
            if !desk.order(step.change) {
                return;
            }
        }
    });
}
