//! What the doctor says: a verdict, the checks behind it, and what mends what is
//! wrong.
//!
//! A model and nothing else: [`checks`](super::checks) fill it, `text`,
//! `exposition` and other subcommands show it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How good a clock is, or one thing about it. In order: the worst of several is
/// their maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Could not be looked at; says nothing of the clock.
    Skipped,
    /// As it should be.
    Good,
    /// The time is usable, and slower, coarser or less sure than it could be.
    Degraded,
    /// Programs suffer from it: reads that cost many times more, or time that is
    /// wrong.
    Bad,
}

impl Level {
    /// The word for it, as in JSON.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Level::Skipped => "skipped",
            Level::Good => "good",
            Level::Degraded => "degraded",
            Level::Bad => "bad",
        }
    }

    /// 0 good, 1 degraded, 2 bad: the exit status, and what monitoring shows.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Level::Skipped | Level::Good => 0,
            Level::Degraded => 1,
            Level::Bad => 2,
        }
    }
}

/// What mends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remedy {
    /// What to do and when not, in words.
    pub(crate) text: String,
    /// Commands for a shell of root's, in the order in which to try them.
    pub(crate) commands: Vec<String>,
}

impl Remedy {
    pub(crate) fn new(text: impl Into<String>) -> Remedy {
        Remedy { text: text.into(), commands: Vec::new() }
    }

    pub(crate) fn command(mut self, command: impl Into<String>) -> Remedy {
        self.commands.push(command.into());
        self
    }
}

/// A line for a person who wants to know more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// What it is.
    pub(crate) name: String,
    /// What was found.
    pub(crate) text: String,
}

/// A number for a machine, in base units: seconds, ratios, counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// One of [`METRICS`](super::metrics::METRICS).
    pub(crate) metric: String,
    /// What tells it from others of the same metric.
    pub(crate) labels: BTreeMap<String, String>,
    /// In the metric's unit.
    pub(crate) value: f64,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Check {
    /// Its name on the command line.
    pub(crate) name: String,
    /// Its name for a person.
    pub(crate) title: String,
    /// How good that is.
    pub(crate) level: Level,
    /// In a few words what was found, and where something is wrong what: a line of
    /// a list.
    pub(crate) summary: String,
    /// What was measured, in sentences.
    pub(crate) measured: String,
    /// Why it matters.
    pub(crate) why: String,
    /// What to do where something is wrong, or could be better.
    pub(crate) remedy: Option<Remedy>,
    /// More, in lines.
    pub(crate) details: Vec<Detail>,
    /// The same for machines.
    pub(crate) figures: Vec<Figure>,
}

/// What the doctor says of this machine's clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// The worst of the checks.
    pub(crate) level: Level,
    /// The same in a sentence: what is wrong most.
    pub(crate) summary: String,
    /// What to do first.
    pub(crate) remedy: Option<Remedy>,
    /// When, in UTC, by the clock that is judged.
    pub(crate) at: String,
    /// How long it took, in seconds.
    pub(crate) took_s: f64,
    /// Version of this program.
    pub(crate) version: String,
    /// In the order in which they matter.
    pub(crate) checks: Vec<Check>,
}

impl Verdict {
    /// Sums checks up.
    pub(crate) fn of(checks: Vec<Check>, at: String, took_s: f64) -> Verdict {
        let worst = checks.iter().map(|check| check.level).max().unwrap_or(Level::Skipped);
        let level = worst.max(Level::Good);
        let first = checks.iter().find(|check| check.level == worst && worst > Level::Good);
        let summary = match (first, &checks[..]) {
            (Some(check), _) | (None, [check]) => check.summary.clone(),
            (None, _) if worst == Level::Skipped => "nothing could be looked at".to_owned(),
            (None, _) => "nothing wrong was found".to_owned(),
        };
        Verdict {
            level,
            summary,
            remedy: first.and_then(|check| check.remedy.clone()),
            at,
            took_s,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            checks,
        }
    }
}
