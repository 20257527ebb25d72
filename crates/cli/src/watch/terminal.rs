//! The terminal: taken, listened to, and given back however the watching ends.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::Failure;

/// Whether somebody has asked us to end: by signal. A second one ends at once.
#[derive(Clone, Debug)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn on_signals() -> Result<Stop, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // In this order: the first signal finds the flag clear, and sets it.
            let at_once = || {
                let status = 128 + signal;
                signal_hook::flag::register_conditional_shutdown(signal, status, asked.clone())?;
                signal_hook::flag::register(signal, asked.clone())
            };
            at_once()
                .map_err(|error| Failure::new(format!("cannot watch for signals: {error}")))?;
        }
        Ok(Stop(asked))
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The terminal in raw mode, with a screen of its own. Dropping it, and a panic,
/// gives it back as it was.
pub(crate) struct Session {
    // Its own drop complains on standard error, and panics where that is gone too.
    pub(crate) terminal: ManuallyDrop<DefaultTerminal>,
    /// Where keys come from, if that is not standard input.
    keyboard: Option<File>,
}

/// What came while waiting.
#[derive(Debug)]
pub(crate) enum Heard {
    Nothing,
    Event(Event),
    /// The terminal is gone: its window was closed, its connection lost.
    Gone,
}

impl Session {
    /// # Errors
    /// Where the terminal cannot be prepared.
    pub(crate) fn begin() -> io::Result<Session> {
        // The same choice as crossterm's.
        let keyboard = match io::stdin().is_terminal() {
            true => None,
            false => Some(File::options().read(true).write(true).open("/dev/tty")?),
        };
        // Also puts a hook before the panic's message, which would else be lost.
        Ok(Session { terminal: ManuallyDrop::new(ratatui::try_init()?), keyboard })
    }

    /// A key, or another size, within `patience`.
    ///
    /// # Errors
    /// Where the terminal cannot be read.
    pub(crate) fn listen(&self, patience: Duration) -> io::Result<Heard> {
        let stdin = io::stdin();
        let fd = self.keyboard.as_ref().map_or_else(|| stdin.as_fd(), File::as_fd);
        // Before crossterm is asked, which reads a terminal that is gone for ever.
        let found = wait(fd, patience)?;
        if found.intersects(LAST) {
            return Ok(Heard::Gone);
        }
        // Also after silence: a new size comes by a signal.
        match event::poll(Duration::ZERO) {
            Ok(true) => event::read().map(Heard::Event),
            Ok(false) => {
                if found.contains(PollFlags::POLLIN) {
                    announce_again(fd);
                }
                Ok(Heard::Nothing)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Heard::Nothing),
            Err(error) => Err(error),
        }
    }
}

/// Of a terminal that is gone.
const LAST: PollFlags = PollFlags::POLLHUP.union(PollFlags::POLLERR).union(PollFlags::POLLNVAL);

/// Waits until the terminal has something to say, and returns what.
fn wait(terminal: BorrowedFd<'_>, patience: Duration) -> io::Result<PollFlags> {
    let mut waited_for = [PollFd::new(terminal, PollFlags::POLLIN)];
    let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
    match poll(&mut waited_for, patience) {
        Ok(_) => Ok(waited_for[0].revents().unwrap_or(PollFlags::empty())),
        Err(Errno::EINTR) => Ok(PollFlags::empty()),
        Err(errno) => Err(errno.into()),
    }
}

/// Has the kernel tell of input once more. It tells crossterm once (`EPOLLET`), which leaves keys
/// unread that come together with a new size, or more of them at once than its buffer holds; they
/// would lie there until the next key. Setting what is set already wakes whoever waits.
fn announce_again(terminal: BorrowedFd<'_>) {
    // One that is gone is noticed at the next wait.
    let _ = tcgetattr(terminal).and_then(|set| tcsetattr(terminal, SetArg::TCSANOW, &set));
}

impl Drop for Session {
    fn drop(&mut self) {
        // A terminal that has gone away needs nothing more.
        let _ = self.terminal.show_cursor();
        let _ = ratatui::try_restore();
    }
}
