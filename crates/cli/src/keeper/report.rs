//! What a server tells: a line that changes on a terminal, lines in a pipe.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use instanter_clock::page::Timespec;
use instanter_clock::shared::Status;
use serde::Serialize;

use crate::quantity;
use crate::screen::Screen;
use crate::utc;

/// How often the line on a terminal changes.
const REDRAW: Duration = Duration::from_millis(250);

pub(super) struct Report {
    name: String,
    json: bool,
    bar: Option<ProgressBar>,
    every: Duration,
    next: Instant,
}

/// A line of `--json`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told<'a> {
    Note {
        utc: String,
        text: &'a str,
    },
    Status {
        utc: String,
        ahead_ns: Option<i64>,
        bound_ns: Option<u64>,
        source_bound_ns: Option<u64>,
        synchronized: bool,
        frequency_ppm: f64,
        updates: u64,
        steps: u64,
    },
}

impl Report {
    pub(super) fn new(name: String, every: Duration, screen: &Screen) -> Report {
        let json = screen.is_json();
        let terminal = !json && io::stdout().is_terminal() && io::stderr().is_terminal();
        let bar = terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        Report { name, json, bar, every, next: Instant::now() }
    }

    /// Something happened.
    pub(super) fn note(&mut self, now: Timespec, text: &str) {
        if let Some(bar) = &self.bar {
            bar.println(format!("{}: {text}", self.name));
        } else if self.json {
            self.json_line(&Told::Note { utc: utc::rfc3339(now), text });
        } else {
            self.line(&format!("{} {}: {text}", utc::rfc3339(now), self.name));
        }
    }

    /// How the clock stands, where it is time to say so.
    pub(super) fn status(&mut self, now: Timespec, status: &Status) {
        let at = Instant::now();
        if at < self.next {
            return;
        }
        self.next = at + if self.bar.is_some() { REDRAW } else { self.every };
        let known = status.bound_ns != u64::MAX;
        let frequency_ppm = status.frequency as f64 / 65_536.0;
        if self.json {
            return self.json_line(&Told::Status {
                utc: utc::rfc3339(now),
                ahead_ns: known.then_some(status.ahead_ns),
                bound_ns: known.then_some(status.bound_ns),
                source_bound_ns: Some(status.source_bound_ns).filter(|&bound| bound != u64::MAX),
                synchronized: status.synchronized,
                frequency_ppm,
                updates: status.updates,
                steps: status.steps,
            });
        }
        let off = if known {
            format!(
                "{}, within {}",
                ahead(status.ahead_ns.into()),
                quantity::nanos(status.bound_ns as f64)
            )
        } else {
            "follows nothing".to_owned()
        };
        match &self.bar {
            Some(bar) => {
                // What matters most first: the line is cut where the terminal ends.
                let time = utc::rfc3339(now);
                let second = time.get(..19).unwrap_or(&time);
                bar.set_message(format!(
                    "{second}Z  {off}  {frequency_ppm:+.3} ppm  {} updates  {}",
                    quantity::grouped(status.updates.into()),
                    self.name,
                ));
            }
            None => self.line(&format!(
                "{} {}: {off}, {frequency_ppm:+.3} ppm, {} updates, {} steps",
                utc::rfc3339(now),
                self.name,
                status.updates,
                status.steps,
            )),
        }
    }

    /// The last word.
    pub(super) fn end(&mut self, now: Timespec, text: &str) {
        self.note(now, text);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn json_line(&self, told: &Told<'_>) {
        if let Ok(text) = serde_json::to_string(told) {
            self.line(&text);
        }
    }

    /// A clock goes on when nobody listens any more.
    fn line(&self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }
}

/// How far ahead, in words: from a second on to the millisecond.
pub(super) fn ahead(ns: i128) -> String {
    let size = match i64::try_from(ns.unsigned_abs()) {
        Ok(size) if size < 1_000_000_000 => quantity::nanos(size as f64),
        Ok(size) => instanter::Duration::from_nanos(size / 1_000_000 * 1_000_000).to_string(),
        Err(_) => "centuries".to_owned(),
    };
    match ns {
        0 => "together".to_owned(),
        1.. => format!("{size} ahead"),
        _ => format!("{size} behind"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_ahead() {
        for (ns, want) in [
            (0, "together"),
            (12, "12.0 ns ahead"),
            (-250_000_000, "250.0 ms behind"),
            (5_400_123_456_789, "1h30m0.123s ahead"),
            (i128::MIN, "centuries behind"),
        ] {
            assert_eq!(ahead(ns), want, "ahead({ns})");
        }
    }
}
