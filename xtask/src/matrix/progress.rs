//! How far a run is: a bar on a terminal, nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// The bar of a run.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Begins with so many rows to come.
    pub(super) fn of(rows: usize) -> Progress {
        let bar = ProgressBar::new(rows as u64);
        // Without a terminal it is hidden; the texts are constants, so they are right.
        if let Ok(style) = ProgressStyle::with_template("{pos}/{len} [{wide_bar}] {elapsed} {msg}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress(bar)
    }

    /// A row is under way.
    pub(super) fn begin(&self, name: &str) {
        self.0.set_message(name.to_owned());
        self.say(name);
    }

    /// A line beside the bar.
    pub(super) fn say(&self, line: &str) {
        self.0.suspend(|| println!("{line}"));
    }

    /// A row is done.
    pub(super) fn end(&self) {
        self.0.inc(1);
    }

    /// All is done.
    pub(super) fn close(&self) {
        self.0.finish_and_clear();
    }
}
