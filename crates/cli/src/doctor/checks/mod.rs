//! What the doctor looks at, one file a check: what was found, judged.

mod backward;
mod clock_source;
mod coherence;
mod counter;
mod daemon;
mod daemon_answer;
mod discipline;
mod host_clock;
mod leap_seconds;
mod local_zone;
mod namespace;
mod rates;
mod reading;
mod resolution;
mod rtc;
mod sandbox;
mod tzdata;

use super::finding::Finding;
use super::system::System;
use super::verdict::Check;

/// A check: its names, its reasons, and how it is made.
pub(crate) struct Kind {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// Its name for a person.
    pub(crate) title: &'static str,
    /// Why it matters.
    pub(crate) why: &'static str,
    /// How it is made, and what the levels mean.
    pub(crate) how: &'static str,
    look: fn(&System) -> Finding,
}

impl Kind {
    /// Looks.
    pub(crate) fn check(&self, system: &System) -> Check {
        (self.look)(system).into_check(self.name, self.title, self.why)
    }
}

/// Every check, in the order in which they matter.
pub(crate) const ALL: &[Kind] = &[
    clock_source::KIND,
    reading::KIND,
    backward::KIND,
    coherence::KIND,
    counter::KIND,
    resolution::KIND,
    rates::KIND,
    daemon::KIND,
    discipline::KIND,
    sandbox::KIND,
    namespace::KIND,
    host_clock::KIND,
    rtc::KIND,
    tzdata::KIND,
    local_zone::KIND,
    leap_seconds::KIND,
];

/// A check by its name.
pub(crate) fn named(name: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.name == name)
}
