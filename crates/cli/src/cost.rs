//! What is measured, and kept so that no read can be left out.

use instanter_clock::{Clock, Pair, Source, Timespec};
use instanter_counter as counter;
use instanter_measure::{Cost, Settings, Subject, compare, keep, subject};
use nix::time::{ClockId, clock_gettime};
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

/// Reads a clock through the C library, which calls the vDSO.
#[inline(always)]
pub(crate) fn vdso_call(clock: ClockId) -> u64 {
    clock_gettime(clock).map_or(0, |time| keep((time.tv_sec(), time.tv_nsec())))
}

/// Both clocks through the C library: two calls, two moments.
#[inline(always)]
pub(crate) fn vdso_pair() -> u64 {
    vdso_call(ClockId::CLOCK_REALTIME) + vdso_call(ClockId::CLOCK_MONOTONIC)
}

/// Both clocks by system call: two calls, two moments.
pub(crate) fn syscall_pair() -> u64 {
    let read = |clock| keep_one(instanter_clock::via(Source::Syscall, clock).ok_or(()));
    read(Clock::REALTIME) + read(Clock::MONOTONIC)
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

/// The same pair by two calls of the vDSO.
pub(crate) fn pair_vdso() -> Subject<'static> {
    subject!("wall + monotonic, two vDSO calls", vdso_pair())
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
    /// Two calls of the vDSO.
    pub(crate) vdso_ns: f64,
    /// Two system calls.
    pub(crate) syscall_ns: f64,
}

impl SideBySide {
    /// Measures for some ten milliseconds.
    pub(crate) fn measure() -> SideBySide {
        let costs = compare(
            &mut [
                counter_relaxed(),
                counter_ordered(),
                pair_relaxed(),
                pair_ordered(),
                pair_vdso(),
            ],
            Settings::quick(),
        );
        // System calls in a run of their own: they would leave the caches and
        // branch predictors to the others in a state that no reading meets.
        let syscalls = compare(
            &mut [subject!("wall + monotonic, two system calls", syscall_pair())],
            Settings { batch: 100, ..Settings::quick() },
        );
        let median = |cost: &Cost| cost.batches.median();
        SideBySide {
            counter_relaxed_ns: median(&costs[0]),
            counter_ordered_ns: median(&costs[1]),
            relaxed_ns: median(&costs[2]),
            ordered_ns: median(&costs[3]),
            vdso_ns: median(&costs[4]),
            syscall_ns: median(&syscalls[0]),
        }
    }
}
