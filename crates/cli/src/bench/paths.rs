//! The ways to read a clock, and what each costs.

use std::time::{Instant, SystemTime};

use instanter_clock::{Clock, Source};
use instanter_measure::{Cost, Settings, Subject, compare_watched, keep, subject};
use nix::time::ClockId;
use serde::{Deserialize, Serialize};

use super::histogram::{self, Bucket};
use crate::cost::{
    counter_ordered, counter_relaxed, keep_one, keep_pair, pair_ordered, pair_relaxed, pair_vdso,
    syscall_pair, vdso_call,
};
use crate::failure::Failure;

/// What is measured, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    CounterRelaxed,
    CounterOrdered,
    PairRelaxed,
    PairOrdered,
    Now,
    PairVdso,
    PairStd,
    MonotonicRelaxed,
    MonotonicVdso,
    InstantNow,
    SystemTimeNow,
    CoarsePair,
    CoarseVdso,
    Snapshot,
    Epoch,
    MonotonicSyscall,
    PairSyscall,
}

/// What is measured, under what name, and against whom.
pub(super) const ROWS: [(What, &str, What); 17] = {
    use What::*;
    [
        (CounterRelaxed, "bare counter, relaxed", CounterRelaxed),
        (CounterOrdered, "bare counter, ordered", CounterOrdered),
        (PairRelaxed, "wall + monotonic, relaxed", CounterRelaxed),
        (PairOrdered, "wall + monotonic, ordered", CounterOrdered),
        (Now, "instanter::now(), a Time", CounterOrdered),
        (PairVdso, "wall + monotonic, two vDSO calls", CounterOrdered),
        (PairStd, "std: SystemTime + Instant", CounterOrdered),
        (MonotonicRelaxed, "monotonic alone, relaxed", CounterRelaxed),
        (MonotonicVdso, "monotonic alone, vDSO call", CounterOrdered),
        (InstantNow, "std: Instant alone", CounterRelaxed),
        (SystemTimeNow, "std: SystemTime alone", CounterRelaxed),
        (CoarsePair, "both coarse clocks", CoarseVdso),
        (CoarseVdso, "one coarse clock, vDSO call", CoarseVdso),
        (Snapshot, "snapshot: seven clocks", CounterOrdered),
        (Epoch, "epoch", CounterRelaxed),
        (MonotonicSyscall, "monotonic alone, system call", CounterOrdered),
        (PairSyscall, "wall + monotonic, two system calls", CounterOrdered),
    ]
};

/// Those whose distributions are drawn, from the fastest to the slowest.
pub(super) const DRAWN: [What; 6] = [
    What::CounterOrdered,
    What::PairRelaxed,
    What::PairOrdered,
    What::PairVdso,
    What::PairStd,
    What::PairSyscall,
];

impl What {
    pub(super) fn name(self) -> &'static str {
        ROWS.iter().find(|&&(row, ..)| row == self).map_or("?", |&(_, name, _)| name)
    }

    /// System calls are measured in a run of their own: they would leave the caches
    /// and branch predictors to the others in a state that no reading meets.
    fn enters_the_kernel(self) -> bool {
        matches!(self, What::MonotonicSyscall | What::PairSyscall)
    }

    fn subject(self) -> Subject<'static> {
        let name = self.name();
        match self {
            What::CounterRelaxed => counter_relaxed(),
            What::CounterOrdered => counter_ordered(),
            What::PairRelaxed => pair_relaxed(),
            What::PairOrdered => pair_ordered(),
            What::PairVdso => pair_vdso(),
            What::Now => subject!(name, keep(instanter::now())),
            What::PairStd => subject!(name, keep((SystemTime::now(), Instant::now()))),
            What::InstantNow => subject!(name, keep(Instant::now())),
            What::SystemTimeNow => subject!(name, keep(SystemTime::now())),
            What::MonotonicRelaxed => subject!(name, keep_one(Clock::MONOTONIC.now_relaxed())),
            What::MonotonicVdso => subject!(name, vdso_call(ClockId::CLOCK_MONOTONIC)),
            What::CoarsePair => subject!(name, instanter_clock::coarse_pair().map_or(0, keep_pair)),
            What::CoarseVdso => subject!(name, vdso_call(ClockId::CLOCK_REALTIME_COARSE)),
            What::Snapshot => subject!(name, keep(instanter_clock::snapshot())),
            What::Epoch => subject!(name, instanter_clock::epoch()),
            What::MonotonicSyscall => {
                let read = || instanter_clock::via(Source::Syscall, Clock::MONOTONIC);
                subject!(name, keep_one(read().ok_or(())))
            }
            What::PairSyscall => subject!(name, syscall_pair()),
        }
    }
}

/// One measured row.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Of batches: calls one after the other, a call.
    pub(crate) p50_ns: f64,
    /// The same the other way round.
    pub(crate) calls_a_second: f64,
    /// Of single calls.
    pub(crate) latency_p50_ns: f64,
    pub(crate) p90_ns: f64,
    pub(crate) p99_ns: f64,
    pub(crate) p999_ns: f64,
    pub(crate) max_ns: f64,
    /// What the ratio is to.
    pub(crate) against: String,
    pub(crate) ratio: f64,
    /// The median of each fifth of the run.
    pub(crate) fifths_ns: Vec<f64>,
    /// How many single calls took how long.
    pub(crate) histogram: Vec<Bucket>,
}

/// The costs of [`ROWS`], in their order.
pub(super) struct Costs(Vec<(What, Cost)>);

impl Costs {
    /// Measures; `tick` is called with each round of `2 × rounds`.
    pub(super) fn measure(settings: Settings, tick: impl Fn()) -> Costs {
        let mut costs = Vec::new();
        for kernel in [false, true] {
            let mut group: Vec<What> = ROWS
                .iter()
                .map(|&(what, ..)| what)
                .filter(|what| what.enters_the_kernel() == kernel)
                .collect();
            let settings = if kernel {
                // What system calls are compared with runs beside them, once more.
                group.push(What::CounterOrdered);
                Settings { batch: settings.batch / 10, ..settings }
            } else {
                settings
            };
            let mut subjects: Vec<_> = group.iter().map(|what| what.subject()).collect();
            let measured = compare_watched(&mut subjects, settings, |_| tick());
            costs.extend(group.into_iter().zip(measured));
        }
        Costs(costs)
    }

    pub(super) fn of(&self, what: What) -> Option<&Cost> {
        self.0.iter().find(|(row, _)| *row == what).map(|(_, cost)| cost)
    }

    /// The cost of `what` in the run in which `beside` was measured.
    fn beside(&self, what: What, beside: What) -> Option<&Cost> {
        if !beside.enters_the_kernel() {
            return self.of(what);
        }
        self.0.iter().rev().find(|(row, _)| *row == what).map(|(_, cost)| cost)
    }

    pub(super) fn rows(&self) -> Result<Vec<Row>, Failure> {
        let row = |&(what, name, against): &(What, &str, What)| {
            let own = self.of(what)?;
            let reference = self.beside(against, what)?;
            let p50_ns = own.batches.median();
            Some(Row {
                name: name.to_owned(),
                p50_ns,
                calls_a_second: 1e9 / p50_ns,
                latency_p50_ns: own.calls.median(),
                p90_ns: own.calls.quantile(0.9),
                p99_ns: own.calls.quantile(0.99),
                p999_ns: own.calls.quantile(0.999),
                max_ns: own.calls.max(),
                against: against.name().to_owned(),
                ratio: p50_ns / reference.batches.median(),
                fifths_ns: own.fifths.clone(),
                histogram: histogram::buckets(&own.calls),
            })
        };
        ROWS.iter()
            .map(|entry| {
                row(entry).ok_or_else(|| Failure::new(format!("{:?} was not measured", entry.1)))
            })
            .collect()
    }
}

/// The rows whose distributions are drawn.
pub(crate) fn drawn(rows: &[Row]) -> Vec<&Row> {
    DRAWN.iter().filter_map(|what| rows.iter().find(|row| row.name == what.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_named_once() {
        for (place, (what, name, against)) in ROWS.iter().enumerate() {
            assert_eq!(ROWS.iter().position(|row| row.0 == *what), Some(place), "{what:?}");
            assert_eq!(ROWS.iter().position(|row| row.1 == *name), Some(place), "{name:?}");
            assert!(ROWS.iter().any(|row| row.0 == *against), "{name:?} against {against:?}");
        }
    }

    #[test]
    fn every_row_is_measured() {
        let settings = Settings { rounds: 2, batch: 20, singles: 5 };
        let rows = Costs::measure(settings, || ()).rows().expect("all are there");
        assert_eq!(rows.len(), ROWS.len());
        assert_eq!(drawn(&rows).len(), DRAWN.len());
        for row in &rows {
            let calls: u64 = row.histogram.iter().map(|bucket| bucket.calls).sum();
            assert_eq!((calls, row.fifths_ns.len()), (10, 2), "{row:?}");
        }
    }
}
