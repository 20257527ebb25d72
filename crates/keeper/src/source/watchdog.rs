//! Verifying one clock source against another.
//!
//! A counter that stops in deep sleep, changes its rate with the CPU's or is
//! written by firmware keeps wrong time, and nothing in it says so. So it is
//! compared, twice a second, with one that is slower and better trusted: both are
//! read at two moments, and both must tell the same time in between.
//!
//! Two things disturb that without anybody being wrong. The two readings of one
//! moment are not quite one moment: the reference is read before *and* after, and
//! a sample in which that took too long says nothing. And the watchdog itself may
//! run late, so late that the reference wrapped: an interval that is much longer
//! than the asked-for one says nothing either.

use super::ClockSource;

/// One moment, on two counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The reference, read first.
    pub reference_before: u64,
    /// The source that is verified.
    pub watched: u64,
    /// The reference again, read last.
    pub reference_after: u64,
}

/// What a [`Watchdog`] makes of a [`Sample`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the first one; there is nothing to compare.
    First,
    /// Both tell the same time, within what they may be off.
    Agrees {
        /// How much more the watched source counted than the reference, in
        /// nanoseconds.
        skew_ns: i64,
    },
    /// Taking the sample took too long; it was not used.
    Disturbed {
        /// How long, in nanoseconds.
        took_ns: u64,
    },
    /// The interval was too long to trust either; a new one begins here.
    Late {
        /// How long, in nanoseconds of the longer one.
        interval_ns: u64,
    },
    /// They disagree: the watched source is to be demoted.
    Unstable {
        /// How much more the watched source counted than the reference, in
        /// nanoseconds.
        skew_ns: i64,
        /// How much would have been tolerated.
        tolerated_ns: u64,
    },
}

/// Verifies one clock source against another.
///
/// ```
/// use instanter_keeper::{ClockSource, Comparison, Frequency, Sample, Watchdog};
/// let hertz = |hertz| Frequency::hertz(hertz).unwrap();
/// let reference = ClockSource::new("timer", hertz(1_000_000), 32);
/// let watched = ClockSource::new("tsc", hertz(1_000_000_000), 64);
/// let mut watchdog = Watchdog::new(watched, reference);
/// let at = |reference: u64, watched| Sample {
///     reference_before: reference, watched, reference_after: reference + 1,
/// };
/// assert_eq!(watchdog.compare(at(0, 0)), Comparison::First);
/// let half_a_second = watchdog.compare(at(500_000, 500_000_400));
/// assert_eq!(half_a_second, Comparison::Agrees { skew_ns: 400 });
/// // It slept for 20 ms of the next half second.
/// let slept = watchdog.compare(at(1_000_000, 980_000_400));
/// assert!(matches!(slept, Comparison::Unstable { skew_ns: -20_000_000, .. }));
/// ```
#[derive(Clone, Debug)]
pub struct Watchdog {
    watched: ClockSource,
    reference: ClockSource,
    last: Option<Sample>,
    longest_sample_ns: u64,
}

/// How often a comparison should be made.
const INTERVAL_NS: u64 = 500_000_000;

/// How late it may be: a comparison over two intervals says as much as one.
const LONGEST_INTERVAL_NS: u64 = 2 * INTERVAL_NS;

/// How long taking a sample may last. An interrupt in between costs more, and a
/// virtual CPU that was put aside far more.
const LONGEST_SAMPLE_NS: u64 = 125_000;

impl Watchdog {
    /// How often a comparison should be made, in nanoseconds.
    pub const INTERVAL_NS: u64 = INTERVAL_NS;

    /// Makes one that has seen no sample.
    #[must_use]
    pub const fn new(watched: ClockSource, reference: ClockSource) -> Watchdog {
        // A coarse reference takes at least a tick to show that time passed.
        let tick_ns = reference.ns_of_ticks(2);
        let longest_sample_ns =
            if tick_ns > LONGEST_SAMPLE_NS { tick_ns } else { LONGEST_SAMPLE_NS };
        Watchdog { watched, reference, last: None, longest_sample_ns }
    }

    /// Returns by how much the two may differ over one interval, in nanoseconds:
    /// what each may be off, and how long taking a sample may last.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Watchdog};
    /// let source = |name| ClockSource::new(name, Frequency::hertz(1_000_000).unwrap(), 64);
    /// let watchdog = Watchdog::new(source("watched").uncertain_by_ns(1_000), source("reference"));
    /// assert_eq!(watchdog.tolerated_ns(), 1_000 + 62_500 + 125_000);
    /// ```
    #[must_use]
    pub const fn tolerated_ns(&self) -> u64 {
        let both = self.watched.uncertainty_ns().saturating_add(self.reference.uncertainty_ns());
        both.saturating_add(self.longest_sample_ns)
    }

    /// `compare(sample)` — Compares with the last sample, and keeps this one for
    /// the next.
    pub fn compare(&mut self, sample: Sample) -> Comparison {
        let took = self.reference.ticks_between(sample.reference_before, sample.reference_after);
        let took_ns = self.reference.ns_of_ticks(took);
        if took_ns > self.longest_sample_ns {
            return Comparison::Disturbed { took_ns };
        }
        let Some(last) = self.last.replace(sample) else { return Comparison::First };
        // Not `ticks_between`: a source that goes backwards must be seen to.
        let watched = sample.watched.wrapping_sub(last.watched) & self.watched.mask();
        let watched_ns = self.watched.ns_of_ticks(watched);
        let reference =
            self.reference.ticks_between(last.reference_before, sample.reference_before);
        let reference_ns = self.reference.ns_of_ticks(reference);
        if reference_ns > LONGEST_INTERVAL_NS {
            return Comparison::Late { interval_ns: reference_ns.max(watched_ns) };
        }
        let skew_ns = i128::from(watched_ns) - i128::from(reference_ns);
        let clamped = skew_ns.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let tolerated_ns = self.tolerated_ns();
        if skew_ns.unsigned_abs() > u128::from(tolerated_ns) {
            return Comparison::Unstable { skew_ns: clamped, tolerated_ns };
        }
        Comparison::Agrees { skew_ns: clamped }
    }

    /// `restart()` — Forgets the last sample: after a suspend, or whatever else
    /// stops one of the two with good reason.
    pub fn restart(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frequency;

    #[test]
    fn table() {
        let hertz = |hertz| Frequency::hertz(hertz).expect("a frequency");
        let watched = ClockSource::new("watched", hertz(1_000_000_000), 64);
        let reference = ClockSource::new("reference", hertz(1_000_000), 24);
        let tolerated_ns = 2 * UNCERTAINTY + 125_000;
        const UNCERTAINTY: u64 = 62_500;
        let wraps = 1 << 24;
        #[rustfmt::skip]
        let table = [
            ("exact", (500_000, 500_000_000), Comparison::Agrees { skew_ns: 0 }),
            ("at the edge", (500_000, 500_000_000 + tolerated_ns),
                Comparison::Agrees { skew_ns: tolerated_ns as i64 }),
            ("too fast", (500_000, 500_000_001 + tolerated_ns),
                Comparison::Unstable { skew_ns: tolerated_ns as i64 + 1, tolerated_ns }),
            ("too slow", (500_000, 499_999_999 - tolerated_ns),
                Comparison::Unstable { skew_ns: -(tolerated_ns as i64) - 1, tolerated_ns }),
            ("stopped", (500_000, 0),
                Comparison::Unstable { skew_ns: -500_000_000, tolerated_ns }),
            ("went backwards", (500_000, u64::MAX),
                Comparison::Unstable { skew_ns: i64::MAX, tolerated_ns }),
            ("late", (1_000_001, 1_000_001_000), Comparison::Late { interval_ns: 1_000_001_000 }),
        ];
        for (name, (reference_ticks, watched_ticks), want) in table {
            let mut watchdog = Watchdog::new(watched, reference);
            assert_eq!(watchdog.tolerated_ns(), tolerated_ns);
            // The reference wraps within the interval.
            let start = wraps - 1_000;
            let at = |reference: u64, watched| Sample {
                reference_before: (start + reference) % wraps,
                watched,
                reference_after: (start + reference + 100) % wraps,
            };
            assert_eq!(watchdog.compare(at(0, 0)), Comparison::First, "{name}");
            let slow = Sample { reference_after: start + 226, ..at(100, 7) };
            let disturbed = Comparison::Disturbed { took_ns: 126_000 };
            let slow = Sample { reference_before: start + 100, ..slow };
            assert_eq!(watchdog.compare(slow), disturbed, "{name}");
            let got = watchdog.compare(at(reference_ticks, watched_ticks));
            assert_eq!(got, want, "{name}");
            watchdog.restart();
            assert_eq!(watchdog.compare(at(0, 0)), Comparison::First, "{name}");
        }
    }
}
