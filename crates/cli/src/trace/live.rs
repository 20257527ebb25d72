//! The view on a terminal while the program runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::tracer::Kick;

/// How often it is drawn.
const INTERVAL: Duration = Duration::from_millis(250);

/// Lines at the bottom of the terminal on standard error; nothing where that is none.
pub(super) struct Live {
    bar: ProgressBar,
}

impl Live {
    pub(super) fn new() -> Live {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // Without a style it draws a counter.
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Live { bar }
    }

    /// Whether anybody sees it.
    pub(super) fn is_seen(&self) -> bool {
        !self.bar.is_hidden()
    }

    pub(super) fn draw(&self, text: &str) {
        self.bar.set_message(text.trim_end().to_owned());
        self.bar.tick();
    }

    /// Takes the lines away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// Kicks the tracer from time to time, in a thread of its own, until it is dropped.
pub(super) struct Clockwork {
    kick: Kick,
    done: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Clockwork {
    pub(super) fn start(kick: Kick) -> Clockwork {
        let done = Arc::new(AtomicBool::new(false));
        let (kicker, stop) = (kick.clone(), Arc::clone(&done));
        let thread = thread::spawn(move || {
            while !stop.load(SeqCst) {
                thread::park_timeout(INTERVAL);
                if !stop.load(SeqCst) {
                    kicker.kick();
                }
            }
        });
        Clockwork { kick, done, thread: Some(thread) }
    }
}

impl Drop for Clockwork {
    fn drop(&mut self) {
        self.done.store(true, SeqCst);
        let Some(thread) = self.thread.take() else { return };
        thread.thread().unpark();
        while !thread.is_finished() {
            // The tracer no longer listens.
            self.kick.give_up();
            thread::sleep(Duration::from_micros(50));
        }
    }
}
