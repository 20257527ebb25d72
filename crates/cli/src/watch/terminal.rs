//! The terminal: taken, and given back however the watching ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::DefaultTerminal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::Failure;

/// Whether somebody has asked us to end: by signal. A second one ends at once.
#[derive(Clone, Debug)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn on_signals() -> Result<Stop, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&asked))
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
    pub(crate) terminal: DefaultTerminal,
}

impl Session {
    /// # Errors
    /// Where the terminal cannot be prepared.
    pub(crate) fn begin() -> io::Result<Session> {
        // Also puts a hook before the panic's message, which would else be lost.
        Ok(Session { terminal: ratatui::try_init()? })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A terminal that has gone away needs nothing more.
        let _ = ratatui::try_restore();
    }
}
