//! Counting the system calls that readings make, with ptrace.
//!
//! The watched process marks where it is by raising a signal that nobody else
//! sends and that does nothing. Between two marks the watcher counts how often
//! the process stops to enter the kernel. Raising a signal takes system calls
//! itself, always the same; two marks with nothing in between tell how many.

use std::ffi::OsString;
use std::hint::black_box;
use std::process::{Child, ExitCode, Stdio};

use instanter_clock::shared::{Reader, SharedPath};
use instanter_clock::{Clock, Source, source};
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use serde::Serialize;

use super::{READS, myself};

/// Sent by nobody here, and ignored by default.
const MARK: Signal = Signal::SIGURG;

/// Readings where none is expected to enter the kernel, and where each does.
const MANY: u64 = 1_000_000;
const FEW: u64 = 1_000;

/// Stops after which the watcher gives up: each costs some microseconds.
const MOST_STOPS: u64 = 100_000;

/// Exit code of a watched process that may not be watched, plus its errno.
const NOT_ALLOWED: i32 = 100;

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    /// Readings, the first of the process not among them.
    pub(crate) calls: u64,
    /// System calls that they made.
    pub(crate) system_calls: u64,
    /// System calls of the first call of the process, which finds and proves the
    /// page.
    pub(crate) first_call_system_calls: u64,
}

/// The hidden subcommand: some readings between marks, of the machine's clock or of a shared
/// one.
pub(super) fn be_watched(calls: u64, shared: Option<OsString>) -> ExitCode {
    let Some(path) = shared else {
        return between_marks(calls, || {
            black_box(instanter::now());
        });
    };
    let path = path.to_str().and_then(|path| SharedPath::of(path).ok());
    let Some(Ok(reader)) = path.map(|path| Reader::open(&path)) else { return ExitCode::FAILURE };
    between_marks(calls, || {
        let _ = black_box(reader.pair());
    })
}

fn between_marks(calls: u64, read: impl Fn()) -> ExitCode {
    if let Err(errno) = ptrace::traceme() {
        std::process::exit(NOT_ALLOWED + errno as i32);
    }
    // The watcher sets its options while we are stopped here.
    let marks = || -> Result<(), Errno> {
        raise(Signal::SIGSTOP)?;
        raise(MARK)?;
        raise(MARK)?;
        read();
        raise(MARK)?;
        for _ in 0..calls {
            read();
        }
        raise(MARK)
    };
    if marks().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a process that takes readings, and counts its system calls.
///
/// # Errors
/// Says in words why nothing could be counted.
pub(crate) fn count_system_calls() -> Result<Count, String> {
    let asks_the_kernel = source(Clock::REALTIME) == Source::Syscall;
    let calls = if asks_the_kernel { FEW } else { MANY };
    count(calls, None)
}

/// Runs a process that reads a shared clock, and counts its system calls.
///
/// # Errors
/// Says in words why nothing could be counted.
pub(crate) fn count_shared_reads(path: &str) -> Result<Count, String> {
    count(MANY, Some(path))
}

fn count(calls: u64, shared: Option<&str>) -> Result<Count, String> {
    let mut child = myself()
        .args([READS, &calls.to_string()])
        .args(shared)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot start a process to watch: {error}"))?;
    let counted = watch(&child);
    reap(&mut child);
    let [empty, first, all] = counted?;
    // The same number of calls raises each mark.
    let without_mark = |count: u64| count.saturating_sub(empty);
    Ok(Count {
        calls,
        system_calls: without_mark(all),
        first_call_system_calls: without_mark(first),
    })
}

/// Ends the child however the watching went.
fn reap(child: &mut Child) {
    // Where it has ended and been waited for, its id may be another's by now.
    if let Ok(None) = child.try_wait() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// How a process ended, in words.
fn ending(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(_, code) => format!("ended with exit status {code}"),
        WaitStatus::Signaled(_, signal, _) => format!("was ended by {signal}"),
        other => format!("came to {other:?}"),
    }
}

/// Returns the system calls between each two marks.
fn watch(child: &Child) -> Result<[u64; 3], String> {
    let pid = Pid::from_raw(child.id() as i32);
    let failed = |what: &str, errno: Errno| format!("ptrace failed ({what}): {}", errno.desc());
    match waitpid(pid, None).map_err(|errno| failed("wait", errno))? {
        WaitStatus::Stopped(_, Signal::SIGSTOP) => {}
        WaitStatus::Exited(_, code) if code > NOT_ALLOWED => {
            let errno = Errno::from_raw(code - NOT_ALLOWED);
            return Err(format!("ptrace is not allowed here: {errno:?}, {}", errno.desc()));
        }
        other => {
            let outcome = ending(other);
            return Err(format!("the process that was to be watched {outcome} at its start"));
        }
    }
    ptrace::setoptions(
        pid,
        ptrace::Options::PTRACE_O_TRACESYSGOOD | ptrace::Options::PTRACE_O_EXITKILL,
    )
    .map_err(|errno| failed("options", errno))?;

    let mut counts = [0; 3];
    let (mut stops, mut marks) = (0, 0);
    let mut pass_on = None;
    while marks <= counts.len() {
        ptrace::syscall(pid, pass_on.take()).map_err(|errno| failed("go on", errno))?;
        match waitpid(pid, None).map_err(|errno| failed("wait", errno))? {
            WaitStatus::PtraceSyscall(_) => stops += 1,
            WaitStatus::Stopped(_, MARK) => {
                if let Some(count) =
                    marks.checked_sub(1).and_then(|index: usize| counts.get_mut(index))
                {
                    // One stop on the way into the kernel and one on the way out.
                    *count = stops / 2;
                }
                (stops, marks) = (0, marks + 1);
            }
            WaitStatus::Stopped(_, signal) => pass_on = Some(signal),
            other => return Err(format!("the watched process {} too early", ending(other))),
        }
        if stops > MOST_STOPS {
            return Err(format!("given up after {} system calls", stops / 2));
        }
    }
    Ok(counts)
}
