//! What is measured, and kept so that no read can be left out.

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere.rs")]
mod calls;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use calls::{pair_vdso, syscall_pair, vdso_call, vdso_pair};

use instanter_clock::{Pair, Timespec};
use instanter_counter as counter;
use instanter_measure::{Cost, Settings, Subject, compare, keep, subject};
use serde::Serialize;

/// Keeps the fields of two readings, as a caller would.
#[inline(always)]
pub(crate) fn keep_pair(pair: Pair) -> u64 {
    let Pair { realtime, monotonic } = pair;
    keep((realtime.sec, realtime.nsec, monotonic.sec, monotonic.nsec))
}

/// Keeps the fields of one reading, or the lack of one.
#[inline(always)]
pub(crate) fn keep_one<E>(time: Result<Timespec, E>) -> u64 {
    time.map_or(0, |time| keep((time.sec, time.nsec)))
}

/// The bare counter, relaxed.
pub(crate) fn counter_relaxed() -> Subject<'static> {
    subject!(counter::RELAXED_INSTRUCTIONS, counter::relaxed())
}

/// The bare counter, ordered.
pub(crate) fn counter_ordered() -> Subject<'static> {
    subject!(counter::ORDERED_INSTRUCTIONS, counter::ordered())
}

/// Wall and monotonic clock as this process reads them, ordered.
pub(crate) fn pair_ordered() -> Subject<'static> {
    subject!("wall + monotonic, ordered", instanter_clock::pair().map_or(0, keep_pair))
}

/// Wall and monotonic clock as this process reads them, relaxed.
pub(crate) fn pair_relaxed() -> Subject<'static> {
    subject!("wall + monotonic, relaxed", instanter_clock::pair_relaxed().map_or(0, keep_pair))
}

/// Median costs in nanoseconds of one reading, each way, from one run.
#[derive(Debug, Serialize)]
pub(crate) struct SideBySide {
    /// The bare counter, relaxed.
    pub(crate) counter_relaxed_ns: f64,
    /// The bare counter, ordered.
    pub(crate) counter_ordered_ns: f64,
    /// Wall and monotonic clock as this process reads them, relaxed.
    pub(crate) relaxed_ns: f64,
    /// Wall and monotonic clock as this process reads them, ordered.
    pub(crate) ordered_ns: f64,
    /// Linux: two calls of the vDSO.
    pub(crate) vdso_ns: Option<f64>,
    /// Linux: two system calls.
    pub(crate) syscall_ns: Option<f64>,
    /// Elsewhere: two calls of the system's function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_ns: Option<f64>,
}

impl SideBySide {
    /// Measures for some ten milliseconds.
    pub(crate) fn measure() -> SideBySide {
        let own = [counter_relaxed(), counter_ordered(), pair_relaxed(), pair_ordered()];
        let mut subjects: Vec<_> = own.into_iter().chain(calls::in_line()).collect();
        let costs = compare(&mut subjects, Settings::quick());
        // System calls in a run of their own: they would leave the caches and
        // branch predictors to the others in a state that no reading meets.
        let apart = compare(&mut calls::apart(), Settings { batch: 100, ..Settings::quick() });
        let median = |cost: &Cost| cost.batches.median();
        SideBySide {
            counter_relaxed_ns: median(&costs[0]),
            counter_ordered_ns: median(&costs[1]),
            relaxed_ns: median(&costs[2]),
            ordered_ns: median(&costs[3]),
            vdso_ns: costs.get(4).map(median),
            syscall_ns: apart.first().filter(|_| calls::ARE_LINUX).map(median),
            system_ns: apart.first().filter(|_| !calls::ARE_LINUX).map(median),
        }
    }
}
