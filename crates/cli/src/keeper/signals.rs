//! Sleeping until a moment, or until somebody wants the process to end.

use std::os::fd::AsFd;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeSpec;

use crate::failure::Failure;

/// The signals that ask a process to end, taken as they are asked for rather than when they
/// come: so nothing is interrupted in the middle of an update.
pub(super) struct Signals {
    queue: SignalFd,
}

impl Signals {
    /// Takes them from now on. To be called before there is a second thread.
    pub(super) fn take() -> Result<Signals, Failure> {
        let failed = |errno: nix::Error| {
            Failure::new(format!("cannot take signals: {errno:?}, {}", errno.desc()))
        };
        let mut ends = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            ends.add(signal);
        }
        ends.thread_block().map_err(failed)?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let queue = SignalFd::with_flags(&ends, flags).map_err(failed)?;
        Ok(Signals { queue })
    }

    /// Sleeps until `until`. Returns the signal that came before that.
    pub(super) fn sleep(&self, until: Instant) -> Option<Signal> {
        loop {
            if let Ok(Some(info)) = self.queue.read_signal() {
                return i32::try_from(info.ssi_signo).ok()?.try_into().ok();
            }
            let left = until.checked_duration_since(Instant::now())?;
            let mut files = [PollFd::new(self.queue.as_fd(), PollFlags::POLLIN)];
            // Interrupted, or a signal, or the time has come: all are looked at again.
            let _ = ppoll(&mut files, Some(TimeSpec::from_duration(left)), None);
        }
    }
}
