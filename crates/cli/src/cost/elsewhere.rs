//! The one function that other systems have.

use instanter_clock::{Clock, Source};
use instanter_measure::{Subject, subject};

use super::keep_one;

/// Both clocks: two calls, two moments.
fn pair() -> u64 {
    let read = |clock| keep_one(instanter_clock::via(Source::System, clock).ok_or(()));
    read(Clock::REALTIME) + read(Clock::MONOTONIC)
}

pub(super) const ARE_LINUX: bool = false;

/// What is measured beside our own readings.
pub(super) fn in_line() -> Vec<Subject<'static>> {
    Vec::new()
}

/// What is measured after them.
pub(super) fn apart() -> Vec<Subject<'static>> {
    vec![subject!("wall + monotonic, two calls of the system", pair())]
}
