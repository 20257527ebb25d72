//! What a check found, before its name and its reasons are put to it.

use super::verdict::{Check, Detail, Figure, Level, Remedy};

/// What a check found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    level: Level,
    summary: String,
    measured: String,
    remedy: Option<Remedy>,
    details: Vec<Detail>,
    figures: Vec<Figure>,
}

impl Finding {
    /// A level, and a line that says what was found.
    pub(crate) fn new(level: Level, summary: impl Into<String>) -> Finding {
        let summary = summary.into();
        Finding {
            level,
            measured: String::new(),
            summary,
            remedy: None,
            details: Vec::new(),
            figures: Vec::new(),
        }
    }

    pub(crate) fn good(summary: impl Into<String>) -> Finding {
        Finding::new(Level::Good, summary)
    }

    /// It could not be looked at: why.
    pub(crate) fn skipped(reason: impl Into<String>) -> Finding {
        Finding::new(Level::Skipped, reason)
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_good(&self) -> bool {
        self.level == Level::Good
    }

    /// What was measured, in sentences; the summary where it says all.
    pub(crate) fn measured(mut self, text: impl Into<String>) -> Finding {
        self.measured = text.into();
        self
    }

    pub(crate) fn remedy(mut self, remedy: Remedy) -> Finding {
        self.remedy = Some(remedy);
        self
    }

    pub(crate) fn maybe_remedy(mut self, remedy: Option<Remedy>) -> Finding {
        self.remedy = remedy;
        self
    }

    pub(crate) fn detail(mut self, name: impl Into<String>, text: impl Into<String>) -> Finding {
        self.details.push(Detail { name: name.into(), text: text.into() });
        self
    }

    pub(crate) fn figure(self, metric: &str, value: f64) -> Finding {
        self.labelled(metric, &[], value)
    }

    /// A figure with labels. What is not a number is left out.
    pub(crate) fn labelled(mut self, metric: &str, labels: &[(&str, &str)], value: f64) -> Finding {
        if value.is_finite() {
            let labels = labels.iter().map(|&(name, text)| (name.to_owned(), text.to_owned()));
            self.figures.push(Figure {
                metric: metric.to_owned(),
                labels: labels.collect(),
                value,
            });
        }
        self
    }

    /// Puts name and reasons to it.
    pub(crate) fn into_check(self, name: &str, title: &str, why: &str) -> Check {
        let measured = if self.measured.is_empty() {
            let mut text = self.summary.clone();
            if let Some(first) = text.get(..1).map(str::to_uppercase) {
                text.replace_range(..1, &first);
            }
            text + "."
        } else {
            self.measured
        };
        Check {
            name: name.to_owned(),
            title: title.to_owned(),
            level: self.level,
            summary: self.summary,
            measured,
            why: why.to_owned(),
            remedy: self.remedy,
            details: self.details,
            figures: self.figures,
        }
    }
}
