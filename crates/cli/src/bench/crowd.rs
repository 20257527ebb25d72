//! One thread, and many at once.

use std::time::Duration;

use instanter_measure::{Distribution, keep, together};
use serde::Serialize;

use crate::cost::{keep_pair, syscall_pair, vdso_pair};
use crate::quantity::grouped;
use crate::sheet::Sheet;
use crate::table::{Column, Table};

/// How one way to read does on one thread and on several.
#[derive(Debug, Serialize)]
pub(crate) struct Crowd {
    pub(crate) name: &'static str,
    pub(crate) threads: usize,
    pub(crate) one_thread_calls_a_second: f64,
    pub(crate) all_threads_calls_a_second: f64,
    /// Calls of all threads for each of one thread alone: the number of threads, if
    /// nothing is shared and nobody else wants the CPUs.
    pub(crate) times: f64,
}

/// A way to read, as a batch of so many calls.
type Batch = fn(u32) -> u64;

const WAYS: [(&str, Batch); 5] = [
    ("bare counter, relaxed", |calls| {
        (0..calls).map(|_| instanter_counter::relaxed()).fold(0, u64::wrapping_add)
    }),
    ("wall + monotonic, relaxed", |calls| {
        (0..calls).map(|_| instanter_clock::pair_relaxed().map_or(0, keep_pair)).sum()
    }),
    ("wall + monotonic, ordered", |calls| {
        (0..calls).map(|_| instanter_clock::pair().map_or(0, keep_pair)).sum()
    }),
    ("wall + monotonic, two vDSO calls", |calls| (0..calls).map(|_| keep(vdso_pair())).sum()),
    ("wall + monotonic, two system calls", |calls| (0..calls).map(|_| keep(syscall_pair())).sum()),
];

/// One thread and all take turns so often.
pub(super) const ROUNDS: u32 = 5;

/// Measures each way for `length` a turn; `tick` is called [`ROUNDS`] times.
pub(super) fn measure(threads: usize, length: Duration, tick: impl Fn()) -> Vec<Crowd> {
    let mut rates = WAYS.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..ROUNDS {
        for ((_, batch), (one, all)) in WAYS.iter().zip(&mut rates) {
            one.push(together(1, length, batch).calls_a_second());
            all.push(together(threads, length, batch).calls_a_second());
        }
        tick();
    }
    let mut crowds = Vec::new();
    for ((name, _), (one, all)) in WAYS.iter().zip(rates) {
        let [one, all] = [one, all].map(|rates| Distribution::new(rates).median());
        crowds.push(Crowd {
            name,
            threads,
            one_thread_calls_a_second: one,
            all_threads_calls_a_second: all,
            times: all / one,
        });
    }
    crowds
}

pub(super) fn write(crowds: &[Crowd], sheet: &mut Sheet) {
    let Some(threads) = crowds.first().map(|crowd| crowd.threads) else { return };
    if threads < 2 {
        sheet.prose(0, "Many threads: not measured, this process may use one CPU only.");
        return;
    }
    sheet.strong("Millions of calls a second");
    let mut table = Table::new([
        Column::text("reading"),
        Column::number("1 thread"),
        Column::number("all at once"),
        Column::number("times"),
    ]);
    let millions = |rate: f64| match rate / 1e6 {
        rate if rate < 100.0 => format!("{rate:.1}"),
        rate if rate.is_finite() => grouped(rate as u128),
        _ => "?".to_owned(),
    };
    for crowd in crowds {
        table.row([
            crowd.name.to_owned(),
            millions(crowd.one_thread_calls_a_second),
            millions(crowd.all_threads_calls_a_second),
            format!("{:.2}", crowd.times),
        ]);
    }
    sheet.table(0, &table);
    sheet.note(
        0,
        &format!(
            "All are {threads} threads. Readers share nothing: what is missing, others took who use \
             the CPUs too."
        ),
    );
}

/// Threads that may run at the same time.
pub(super) fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A line a thread is enough; more threads than this are a mistake.
pub(crate) const MOST_THREADS: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_counted() {
        let crowds = measure(2, Duration::from_millis(1), || ());
        assert_eq!(crowds.len(), WAYS.len());
        for crowd in crowds {
            assert!(crowd.one_thread_calls_a_second > 0.0 && crowd.times > 0.0, "{crowd:?}");
        }
    }
}
