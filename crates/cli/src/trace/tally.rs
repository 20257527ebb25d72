//! What was counted, as it comes in: by process, thread, clock and stack.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use instanter_vdso::layout::{BUCKETS, bucket_from};
use nix::unistd::Pid;

use crate::tracer::symbols::Frame;

/// A function that reads time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Read {
    /// The function of the vDSO, or the system call of the same name.
    pub(super) function: &'static str,
    /// The clock's id, where the function takes one.
    pub(super) clock: Option<i32>,
}

/// Where in the program something was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Index of the program in [`Tally::programs`].
    pub(super) program: usize,
    pub(super) thread: Pid,
    /// Index in [`Tally::stacks`].
    pub(super) stack: usize,
}

/// How long reads took, in ticks of the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticks {
    /// How many were timed.
    pub(super) timed: u64,
    pub(super) total: u64,
    pub(super) longest: u64,
    /// By [`bucket`](instanter_vdso::layout::bucket).
    pub(super) buckets: [u64; BUCKETS],
}

impl Default for Ticks {
    fn default() -> Ticks {
        Ticks { timed: 0, total: 0, longest: 0, buckets: [0; BUCKETS] }
    }
}

impl Ticks {
    /// What has come since then.
    pub(super) fn since(&self, before: &Ticks) -> Ticks {
        let mut new = Ticks {
            timed: self.timed.saturating_sub(before.timed),
            total: self.total.saturating_sub(before.total),
            longest: self.longest,
            buckets: self.buckets,
        };
        for (bucket, before) in new.buckets.iter_mut().zip(before.buckets) {
            *bucket = bucket.saturating_sub(before);
        }
        new
    }

    pub(super) fn add(&mut self, other: &Ticks) {
        self.timed += other.timed;
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
        for (bucket, other) in self.buckets.iter_mut().zip(other.buckets) {
            *bucket += other;
        }
    }

    /// The duration that this share of the timed reads does not exceed, or nearly: within
    /// a bucket they are taken to lie evenly.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let count: u64 = self.buckets.iter().sum();
        let rank = share * count as f64;
        let mut below = 0.0;
        for (index, bucket) in self.buckets.iter().enumerate().filter(|(_, bucket)| **bucket > 0) {
            let inside = *bucket as f64;
            if below + inside >= rank {
                let from = bucket_from(index) as f64;
                let to = bucket_from(index + 1) as f64;
                let value = from + (to - from) * ((rank - below) / inside);
                return value.min(self.longest as f64);
            }
            below += inside;
        }
        self.longest as f64
    }
}

/// Reads of one clock from one place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reads {
    pub(super) calls: u64,
    /// Of these, those that ended in a real system call.
    pub(super) system_calls: u64,
    /// How long those took that were timed.
    pub(super) ticks: Ticks,
}

/// One system call from one place.
#[derive(Clone, Debug)]
pub(super) struct Waits {
    pub(super) calls: u64,
    /// Those that the kernel refused or that were interrupted.
    pub(super) failed: u64,
    pub(super) ns: Histogram<u64>,
    pub(super) total: Duration,
}

/// A program that runs in a process, from its start or an exec to its end.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) process: Pid,
    pub(super) parent: Option<Pid>,
    /// The command line.
    pub(super) command: String,
    pub(super) started: Instant,
    pub(super) ended: Option<Instant>,
    /// Whether what it does is part of the report.
    pub(super) counted: bool,
}

/// Everything that was counted so far.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) programs: Vec<Program>,
    pub(super) threads: HashMap<(usize, Pid), String>,
    /// Stacks, innermost frame first.
    pub(super) stacks: Vec<Rc<[Frame]>>,
    numbers: HashMap<Rc<[Frame]>, usize>,
    pub(super) reads: HashMap<(Place, Read), Reads>,
    pub(super) waits: HashMap<(Place, &'static str), Waits>,
    /// Reads that found no place to be counted by call site.
    pub(super) lost: u64,
    /// What could not be done as it should, in words.
    pub(super) remarks: Vec<String>,
}

/// Three digits that matter, as far as they go.
pub(super) fn histogram() -> Histogram<u64> {
    // Up to an hour; longer waits count as that in percentiles, not in the total.
    Histogram::new_with_bounds(1, 3_600_000_000_000, 3)
        .unwrap_or_else(|_| unreachable!("the bounds are valid"))
}

impl Tally {
    /// Gives a stack its number.
    pub(super) fn stack(&mut self, frames: Vec<Frame>) -> usize {
        let frames: Rc<[Frame]> = frames.into();
        if let Some(number) = self.numbers.get(&frames) {
            return *number;
        }
        let number = self.stacks.len();
        self.stacks.push(Rc::clone(&frames));
        self.numbers.insert(frames, number);
        number
    }

    /// Counts a system call that reads time; `asked` if no function of the vDSO counted the
    /// call already.
    pub(super) fn read_by_system_call(&mut self, place: Place, read: Read, asked: bool) {
        let reads = self.reads.entry((place, read)).or_default();
        reads.system_calls += 1;
        reads.calls += u64::from(asked);
    }

    /// Counts reads by a function of our vDSO.
    pub(super) fn read_in_user_space(
        &mut self,
        place: Place,
        read: Read,
        calls: u64,
        ticks: &Ticks,
    ) {
        let reads = self.reads.entry((place, read)).or_default();
        reads.calls += calls;
        reads.ticks.add(ticks);
    }

    /// Counts a system call other than a read, and how long it took.
    pub(super) fn waited(&mut self, place: Place, name: &'static str, took: Duration, ok: bool) {
        let waits = self.waits.entry((place, name)).or_insert_with(|| Waits {
            calls: 0,
            failed: 0,
            ns: histogram(),
            total: Duration::ZERO,
        });
        waits.calls += 1;
        waits.failed += u64::from(!ok);
        waits.total += took;
        waits.ns.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Says once what could not be done.
    pub(super) fn remark(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use instanter_vdso::layout::bucket;

    #[test]
    fn quantiles_lie_in_their_bucket() {
        let mut ticks = Ticks::default();
        assert_eq!(ticks.quantile(0.5), 0.0);
        for value in 1..=1000_u64 {
            ticks.timed += 1;
            ticks.total += value;
            ticks.longest = value;
            ticks.buckets[bucket(value)] += 1;
        }
        for share in [0.1, 0.5, 0.9, 0.99] {
            let (got, want) = (ticks.quantile(share), share * 1000.0);
            assert!((got - want).abs() <= want / 50.0 + 1.0, "quantile({share}) = {got}");
        }
        assert_eq!(ticks.quantile(1.0), 1000.0);
        let more = ticks.since(&Ticks::default());
        assert_eq!(more, ticks);
        assert_eq!(ticks.since(&more).timed, 0);
        let mut twice = more;
        twice.add(&more);
        assert_eq!((twice.timed, twice.longest), (2000, 1000));
    }
}
