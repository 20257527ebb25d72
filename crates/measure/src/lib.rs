//! How the cost of a clock reading is taken.
//!
//! A read takes some twenty nanoseconds, and a machine that is busy, throttled
//! or virtual changes its mind about that from one second to the next. So
//! figures that are to be compared are taken *side by side*: [`compare`] runs a
//! batch of each [`Subject`] in turn, many times over, and the ratio of two
//! medians from one run is what means something. An absolute time is an
//! illustration.
//!
//! Two kinds of figure are kept apart:
//!
//! * **throughput**: a batch of calls one after the other, divided by their
//!   number. What a program pays that reads the clock among other work.
//! * **single calls**: each call timed on its own, between two ordered counter
//!   reads. This shows the tail that a batch hides: the update of the page, an
//!   interrupt. It includes the cost of the counter reads, the same for every
//!   subject; [`Cost::calls`] has that subtracted.
//!
//! ```
//! use instanter_measure::{Settings, compare, keep, subject};
//! let costs = compare(
//!     &mut [
//!         subject!("counter", instanter_counter::relaxed()),
//!         subject!("pair", keep(instanter_clock::pair())),
//!     ],
//!     Settings::quick(),
//! );
//! let ratio = costs[1].batches.median() / costs[0].batches.median();
//! assert!(ratio.is_finite());
//! ```
#![forbid(unsafe_code)]

mod distribution;
mod threads;

pub use distribution::Distribution;
pub use threads::{Together, together};

use std::hint::black_box;
use std::time::Instant;

/// Something whose cost is measured.
pub struct Subject<'a> {
    /// What it is called in the report.
    pub name: String,
    /// Runs it so many times, and folds the results into one number so that no
    /// call can be left out. See [`subject!`].
    pub batch: Box<dyn FnMut(u32) -> u64 + 'a>,
    /// Runs it once between two ordered counter reads, and returns the ticks
    /// between them.
    pub single: Box<dyn FnMut() -> u64 + 'a>,
}

/// Makes a [`Subject`] from a name and an expression of type `u64`.
///
/// The loop is inside, so that the expression is inlined into it as it would be
/// into a user's own code. The results are added up; a reading of several fields is
/// better handed to [`keep`].
#[macro_export]
macro_rules! subject {
    ($name:expr, $call:expr) => {
        $crate::Subject {
            name: ::std::string::String::from($name),
            batch: ::std::boxed::Box::new(move |calls: u32| {
                let mut folded = 0u64;
                for _ in 0..calls {
                    let result: u64 = $call;
                    folded = folded.wrapping_add(result);
                }
                folded
            }),
            single: ::std::boxed::Box::new(move || {
                let before = $crate::counter();
                let result: u64 = $call;
                ::std::hint::black_box(result);
                $crate::counter().wrapping_sub(before)
            }),
        }
    };
}

/// Keeps a value from being optimised away: it is stored and not looked at, as a
/// caller would store it. Returns zero, for [`subject!`].
///
/// Cheaper than folding a reading's fields into one number, which puts steps
/// behind the counter that no caller takes.
#[inline(always)]
pub fn keep<T>(value: T) -> u64 {
    black_box(value);
    0
}

/// The ordered counter, for [`subject!`]; where the CPU has none, the monotonic clock in
/// nanoseconds.
#[doc(hidden)]
#[inline(always)]
#[must_use]
pub fn counter() -> u64 {
    if instanter_counter::IS_THERE {
        instanter_counter::ordered()
    } else {
        instanter_clock::monotonic_nanos() as u64
    }
}

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Rounds; in each, every subject has one turn.
    pub rounds: u32,
    /// Calls of a batch, of which a turn runs one.
    pub batch: u32,
    /// Single calls of a turn.
    pub singles: u32,
}

impl Settings {
    /// A few milliseconds for a handful of subjects: for a line in a report.
    #[must_use]
    pub const fn quick() -> Settings {
        Settings { rounds: 31, batch: 500, singles: 0 }
    }

    /// A second or two for a handful of subjects: for figures to be quoted.
    #[must_use]
    pub const fn thorough() -> Settings {
        Settings { rounds: 401, batch: 2_000, singles: 1_000 }
    }
}

/// What a subject costs.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Its name.
    pub name: String,
    /// Nanoseconds a call, of each batch.
    pub batches: Distribution,
    /// Nanoseconds of each single call, less what two counter reads cost
    /// themselves (their median; so a call may come out at zero).
    pub calls: Distribution,
    /// The median of each fifth of the batches, in the order in which they ran,
    /// in nanoseconds a call. How far these lie apart is what the machine did
    /// meanwhile: a difference between two runs that is smaller says nothing.
    pub fifths: Vec<f64>,
}

/// Measures subjects in alternation. Returns their costs in the same order.
pub fn compare(subjects: &mut [Subject<'_>], settings: Settings) -> Vec<Cost> {
    compare_watched(subjects, settings, |_| ())
}

/// Measures as [`compare`] does, and calls `after_round` with the number of rounds
/// that are done: for a progress bar. It runs between rounds and is not measured,
/// but should be short, for it leaves the caches as it likes.
///
/// ```
/// use instanter_measure::{Settings, compare_watched, subject};
/// let settings = Settings { rounds: 3, batch: 10, singles: 0 };
/// let mut seen = Vec::new();
/// compare_watched(&mut [subject!("one", 1)], settings, |done| seen.push(done));
/// assert_eq!(seen, [1, 2, 3]);
/// ```
pub fn compare_watched(
    subjects: &mut [Subject<'_>],
    settings: Settings,
    mut after_round: impl FnMut(u32),
) -> Vec<Cost> {
    for subject in subjects.iter_mut() {
        black_box((subject.batch)(settings.batch));
    }
    let mut batches = vec![Vec::with_capacity(settings.rounds as usize); subjects.len()];
    let mut ticks = vec![Vec::new(); subjects.len()];
    let mut empty = Vec::new();
    let (start, start_ticks) = (Instant::now(), counter());
    for round in 0..settings.rounds as usize {
        for turn in 0..subjects.len() {
            // Another subject begins each round, so that nobody always follows
            // the same neighbour.
            let index = (turn + round) % subjects.len();
            let subject = &mut subjects[index];
            let before = Instant::now();
            black_box((subject.batch)(settings.batch));
            let took = before.elapsed();
            batches[index].push(took.as_nanos() as f64 / f64::from(settings.batch));
            for _ in 0..settings.singles {
                ticks[index].push((subject.single)());
            }
        }
        for _ in 0..settings.singles {
            let before = counter();
            empty.push(counter().wrapping_sub(before));
        }
        after_round(round as u32 + 1);
    }
    let elapsed_ticks = counter().wrapping_sub(start_ticks).max(1);
    let nanos_a_tick = start.elapsed().as_nanos() as f64 / elapsed_ticks as f64;
    empty.sort_unstable();
    let overhead = empty.get(empty.len() / 2).copied().unwrap_or(0);
    subjects
        .iter()
        .zip(batches)
        .zip(ticks)
        .map(|((subject, batches), ticks)| Cost {
            name: subject.name.clone(),
            fifths: fifths(&batches),
            batches: Distribution::new(batches),
            calls: Distribution::new(
                ticks
                    .into_iter()
                    .map(|ticks: u64| ticks.saturating_sub(overhead) as f64 * nanos_a_tick)
                    .collect(),
            ),
        })
        .collect()
}

/// The median of each fifth of what was measured one after the other; fewer parts
/// where there are fewer than five.
fn fifths(values: &[f64]) -> Vec<f64> {
    let size = values.len().div_ceil(5).max(1);
    values.chunks(size).map(|part| Distribution::new(part.to_vec()).median()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifths_are_in_order() {
        let values: Vec<f64> = (0..15).map(f64::from).collect();
        assert_eq!(fifths(&values), [1.0, 4.0, 7.0, 10.0, 13.0]);
        assert_eq!(fifths(&[2.0, 1.0]), [2.0, 1.0]);
        assert!(fifths(&[]).is_empty());
    }

    #[test]
    fn every_subject_gets_every_turn() {
        let settings = Settings { rounds: 7, batch: 10, singles: 3 };
        let costs = compare(&mut [subject!("one", 1), subject!("counter", counter())], settings);
        for cost in &costs {
            assert_eq!((cost.batches.len(), cost.calls.len()), (7, 21), "{}", cost.name);
            assert!(cost.batches.median() >= 0.0);
        }
        assert!(costs[1].batches.median() > 0.0, "a counter read takes time");
    }
}
