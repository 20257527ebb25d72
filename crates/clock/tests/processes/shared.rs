//! Clocks that processes share: readers beside a publisher, and one that is killed.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use instanter_clock::page::Line;
use instanter_clock::page::linux::{Contents, Record, base};
use instanter_clock::shared::{Condition, Publisher, Reader, SharedPath, Status};

use super::sandbox::{install, no_seccomp};
use super::{Outcome, ROLE, Role, Test, always, ensure};

pub(super) const TESTS: &[Test] = &[
    Test { name: "shared_readers_see_whole_updates", why_not: always, run: whole_updates },
    Test { name: "shared_publisher_killed_in_an_update", why_not: always, run: killed },
    Test { name: "shared_reads_make_no_system_call", why_not: no_seccomp, run: silent },
];

pub(super) const ROLES: &[Role] = &[
    Role { name: "shared_reader", run: in_reader },
    Role { name: "shared_killed", run: in_killed },
    Role { name: "shared_silent", run: in_silent },
];

/// Where the path of the clock is told to a process in a role.
const PATH: &str = "INSTANTER_TEST_PATH";

/// Longer than any of this takes on the busiest machine.
const LIMIT: Duration = Duration::from_secs(120);

/// A file that goes when this does.
struct File(SharedPath);

impl File {
    fn new(name: &str) -> Result<File, String> {
        let file = std::env::temp_dir().join(format!("instanter-{name}-{}", std::process::id()));
        SharedPath::of(&file.to_string_lossy()).map(File).map_err(|error| error.to_string())
    }

    fn publisher(&self) -> Result<Publisher, String> {
        Publisher::open(&self.0).map_err(|error| error.to_string())
    }

    fn reader(&self) -> Result<Reader, String> {
        Reader::open(&self.0).map_err(|error| error.to_string())
    }

    /// Starts a process in a role.
    fn start(&self, role: &str) -> Result<Child, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.env(ROLE, role).env(PATH, self.0.to_string()).stderr(Stdio::inherit());
        command.spawn().map_err(|error| error.to_string())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0.to_string());
    }
}

fn told() -> Result<SharedPath, String> {
    let path = std::env::var(PATH).map_err(|error| error.to_string())?;
    SharedPath::of(&path).map_err(|error| error.to_string())
}

/// What a clock of 1 GHz shows in its update number `turn`: all bases, and the status, say
/// the same, and the line is bent each time.
fn update(turn: u64, started: u64) -> (Contents, Status) {
    let origin = instanter_counter::ordered();
    let mult = if turn.is_multiple_of(2) { 1 << 23 } else { (1 << 23) - 4_000 };
    let line = Line { origin, mult, shift: 23, mask: u64::MAX };
    // The monotonic clock counts ticks as nanoseconds. Less of them are shown than there
    // are, so that it does not go back at an update.
    let ns = origin - started;
    let monotonic = ((ns / 1_000_000_000) as i64, (ns % 1_000_000_000) << 23);
    let wall = (monotonic.0 + turn as i64, monotonic.1);
    let mut bases = [monotonic; base::COUNT];
    bases[base::REALTIME] = wall;
    bases[base::MONOTONIC_COARSE].1 >>= 23;
    let disciplined = Record { line, bases };
    let raw = Record { line: Line { mult: 1 << 23, ..line }, bases: [monotonic; base::COUNT] };
    let status = Status {
        updates: turn,
        ahead_ns: turn as i64,
        frequency: -(turn as i64),
        stale_after_ns: u64::MAX,
        ..Status::default()
    };
    let contents = Contents { mode: 1, disciplined, raw, max_cycles: 1 << 40, hrtimer_res: 1 };
    (contents, status)
}

fn wait(mut child: Child) -> Outcome {
    let until = Instant::now() + LIMIT;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => return ensure(status.success(), || status.to_string()),
            None if Instant::now() > until => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("it did not end".to_owned());
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn whole_updates() -> Outcome {
    let file = File::new("whole")?;
    let mut publisher = file.publisher()?;
    let started = instanter_counter::ordered();
    publisher.update(|| update(0, started));
    let mut readers = Vec::new();
    for _ in 0..3 {
        readers.push(file.start("shared_reader")?);
    }
    // As fast as it goes, until the readers have what they want.
    let (mut turn, until) = (0, Instant::now() + LIMIT);
    let still_reads = |reader: &mut Child| matches!(reader.try_wait(), Ok(None));
    while readers.iter_mut().any(still_reads) && Instant::now() < until {
        for _ in 0..1_000 {
            turn += 1;
            publisher.update(|| update(turn, started));
        }
    }
    let ends: Vec<Outcome> = readers.into_iter().map(wait).collect();
    ends.into_iter().collect()
}

fn in_reader() -> Outcome {
    let reader = Reader::open(&told()?).map_err(|error| error.to_string())?;
    let (mut answers, mut copies) = (0u32, 0u32);
    let (mut last, mut updates) = (None, std::collections::BTreeSet::new());
    // On a busy machine that may all be between two updates.
    while answers < 200_000 || copies < 1_000 || updates.len() < 2 {
        // An update may be in the way each of the many times that a careful read tries.
        if let Ok(pair) = reader.pair() {
            answers += 1;
            ensure(last <= Some(pair.monotonic), || format!("{pair:?} after {last:?}"))?;
            last = Some(pair.monotonic);
            // Whole seconds apart, or they are of two updates.
            ensure(pair.realtime.nsec == pair.monotonic.nsec, || format!("{pair:?}"))?;
        }
        let Ok(reading) = reader.reading() else { continue };
        if reading.condition == Condition::Kept {
            copies += 1;
            let (pair, status) = (reading.pair(), reading.status);
            let turn = pair.realtime.sec - pair.monotonic.sec;
            let told = (status.updates as i64, status.ahead_ns, -status.frequency);
            ensure(told == (turn, turn, turn), || format!("{turn} with {status:?}"))?;
            updates.insert(turn);
        }
    }
    Ok(())
}

fn killed() -> Outcome {
    let file = File::new("killed")?;
    let mut child = file.start("shared_killed")?;
    let status = child.wait().map_err(|error| error.to_string())?;
    ensure(status.code() == Some(7), || format!("it ended: {status}"))?;
    // The reader says what is wrong, after a bounded time, each time.
    let reader = file.reader()?;
    let before = Instant::now();
    for _ in 0..3 {
        let error = reader.pair().err().ok_or("an answer from half an update")?;
        ensure(error.to_string().contains("in the middle of an update"), || error.to_string())?;
    }
    ensure(before.elapsed() < LIMIT, || format!("{:?}", before.elapsed()))?;
    let reading = reader.reading().map_err(|error| error.to_string())?;
    ensure(reading.condition == Condition::Stuck, || format!("{reading:?}"))?;
    // The last line that anybody can have used is that before.
    let turn = reading.pair().realtime.sec - reading.pair().monotonic.sec;
    ensure(turn == 1, || format!("update {turn}"))?;
    let mut successor = file.publisher()?;
    let left = successor.left().ok_or("nothing left")?.disciplined;
    ensure(left == reading.frame.disciplined, || format!("{left:?}, not {reading:?}"))?;
    successor.update(|| update(9, left.line.origin));
    ensure(reader.pair().is_ok(), || "the successor is not read".to_owned())
}

/// Dies in the middle of its third update.
fn in_killed() -> Outcome {
    let mut publisher = Publisher::open(&told()?).map_err(|error| error.to_string())?;
    let started = instanter_counter::ordered();
    publisher.update(|| update(0, started));
    publisher.update(|| update(1, started));
    // SAFETY: never returns.
    publisher.update(|| unsafe { libc::_exit(7) });
    Err("it lives".to_owned())
}

fn silent() -> Outcome {
    let file = File::new("silent")?;
    let mut publisher = file.publisher()?;
    let started = instanter_counter::ordered();
    publisher.update(|| update(0, started));
    wait(file.start("shared_silent")?)
}

/// No read makes a system call: any would end the process.
fn in_silent() -> Outcome {
    let reader = Reader::open(&told()?).map_err(|error| error.to_string())?;
    let calls = [libc::SYS_write, libc::SYS_exit_group];
    install(&calls, libc::SECCOMP_RET_ALLOW, libc::SECCOMP_RET_KILL_PROCESS);
    let mut answers = 0u32;
    for _ in 0..1_000_000 {
        answers += u32::from(reader.pair().is_ok());
    }
    let careful = reader.reading().is_ok_and(|reading| reading.condition == Condition::Kept);
    // Ends here and now: leaving main would make system calls.
    // SAFETY: never returns.
    unsafe { libc::_exit(i32::from(answers != 1_000_000 || !careful)) }
}
