//! Signals to this process: those that wake the thread that traces, and those that are meant
//! for the program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use std::time::Duration;

use nix::libc;

/// Wakes the tracing thread from another one.
#[derive(Clone, Debug)]
pub(crate) struct Kick {
    thread: libc::pthread_t,
    wanted: Arc<AtomicBool>,
}

/// A signal that no program sends to this one.
const KICK: i32 = libc::SIGURG;

impl Kick {
    pub(super) fn new() -> Kick {
        // SAFETY: a thread may ask who it is.
        Kick { thread: unsafe { libc::pthread_self() }, wanted: Arc::default() }
    }

    /// Has [`Handler::kicked`](super::Handler::kicked) called, and returns when the tracing
    /// thread is about to.
    pub(crate) fn kick(&self) {
        self.wanted.store(true, SeqCst);
        // A signal that comes just before the thread begins to wait wakes nobody.
        while self.wanted.load(SeqCst) {
            // SAFETY: the tracing thread is the main thread, which ends last.
            unsafe { libc::pthread_kill(self.thread, KICK) };
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Whether somebody waits for that, who then does no more.
    pub(super) fn take(&self) -> bool {
        self.wanted.swap(false, SeqCst)
    }

    /// After [`Tracer::run`](super::Tracer::run) has returned: lets [`Kick::kick`] return, too.
    pub(crate) fn give_up(&self) {
        self.wanted.store(false, SeqCst);
    }
}

/// Whom signals are for that somebody sends to us; 0: nobody.
pub(super) static LEADER: AtomicI32 = AtomicI32::new(0);

extern "C" fn wake(_: i32) {}

/// Passes a signal on at once: between a look at a note of it and the next wait, one could
/// come and not be seen for as long as the program does nothing.
extern "C" fn pass_on(signal: i32) {
    let leader = LEADER.load(SeqCst);
    if leader != 0 {
        let errno = nix::errno::Errno::last_raw();
        // SAFETY: a signal to a process that we have started and not yet waited for;
        // `kill` may be called in a handler.
        unsafe { libc::kill(leader, signal) };
        nix::errno::Errno::set_raw(errno);
    }
}

/// What a terminal sends, the program gets itself; what others send to us is passed on.
pub(super) fn listen() -> io::Result<()> {
    let set = |signal: i32, handler: libc::sighandler_t| {
        // SAFETY: a handler of the right type, which only stores a number; no flag, so
        // that waiting is interrupted.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler;
            libc::sigemptyset(&raw mut action.sa_mask);
            if libc::sigaction(signal, &raw const action, std::ptr::null_mut()) == 0 {
                Ok(())
            } else {
                Err(io::Error::last_os_error())
            }
        }
    };
    set(KICK, wake as *const () as libc::sighandler_t)?;
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        set(signal, libc::SIG_IGN)?;
    }
    for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2] {
        set(signal, pass_on as *const () as libc::sighandler_t)?;
    }
    Ok(())
}
