//! Comparing what a page yields with what its system answers.
//!
//! No interface promises where the numbers of a page lie, so no page is believed before
//! its time fell between two answers of the system's own function: for each clock, and
//! several times over. Which clocks those are, and what is looked at besides, is each
//! system's own; the comparison is the same for all.

use core::fmt;

use crate::Timespec;

/// How often each clock is compared.
pub const ROUNDS: u32 = 3;

/// Comparisons that may fail because somebody stepped the wall clock just then
/// (or suspended the machine, or changed the clock source).
pub const DISTURBANCES: u32 = 3;

/// A reading that lay outside the system's answers around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The clock's number, as whoever compared counts them; on Linux its id.
    pub clock: usize,
    /// The system's answer before.
    pub before: Timespec,
    /// The page's.
    pub page: Timespec,
    /// The system's answer after.
    pub after: Timespec,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outside { clock, before, page, after } = self;
        write!(f, "clock {clock} reads {page}, the kernel said {before} before and {after} after")
    }
}

/// Why a comparison did not speak for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disagreement<E> {
    /// The page gave no answer.
    Page(E),
    /// The page disagrees with the system.
    Outside(Outside),
    /// The system did not answer, so nothing can be compared.
    NoAnswer {
        /// The clock's number.
        clock: usize,
    },
}

/// `compare(clock, grain_ns, page, system)` — Compares one clock once, and returns how far
/// apart the system's answers were, in nanoseconds.
///
/// `grain_ns` is for a system that cuts its answers down to multiples of so many
/// nanoseconds, where the page has more: what the page yields is cut down alike before it
/// is compared. Else it is 1.
///
/// # Errors
/// [`Disagreement`].
///
/// ```
/// use instanter_page::proof::compare;
/// use instanter_page::{Timespec, Unreadable};
///
/// let mut now = 0;
/// let system = |_| {
///     now += 100;
///     Some(Timespec::from_nanos(now))
/// };
/// let width = compare(0, 1, || Ok::<_, Unreadable>(Timespec::from_nanos(130)), system);
/// assert_eq!(width, Ok(100));
/// ```
pub fn compare<E>(
    clock: usize,
    grain_ns: u32,
    page: impl FnOnce() -> Result<Timespec, E>,
    mut system: impl FnMut(usize) -> Option<Timespec>,
) -> Result<u64, Disagreement<E>> {
    let before = system(clock).ok_or(Disagreement::NoAnswer { clock })?;
    let page = page().map_err(Disagreement::Page)?;
    let after = system(clock).ok_or(Disagreement::NoAnswer { clock })?;
    let cut = Timespec { nsec: page.nsec - page.nsec % grain_ns.max(1), ..page };
    if before <= cut && cut <= after {
        Ok(u64::try_from(after.as_nanos() - before.as_nanos()).unwrap_or(u64::MAX))
    } else {
        Err(Disagreement::Outside(Outside { clock, before, page, after }))
    }
}

/// `undisturbed(attempt, outside)` — Returns what `attempt` returns, and makes it again
/// where it failed by a reading that lay outside, which a step of the clock just then
/// explains: up to [`DISTURBANCES`] times.
///
/// # Errors
/// The last attempt's.
pub fn undisturbed<T, E>(
    mut attempt: impl FnMut() -> Result<T, E>,
    outside: impl Fn(&E) -> bool,
) -> Result<T, E> {
    for _ in 0..DISTURBANCES {
        match attempt() {
            Err(error) if outside(&error) => {}
            outcome => return outcome,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive_and_grains_are_the_systems() {
        let at = |ns| Timespec::from_nanos(ns);
        // before, page, after, grain, agrees
        let table = [
            (5, 5, 5, 1, true),
            (5, 6, 7, 1, true),
            (5, 4, 7, 1, false),
            (5, 8, 7, 1, false),
            // Answers in microseconds: the page is ahead of the second within one.
            (5_000, 5_999, 5_000, 1_000, true),
            (5_000, 6_000, 5_000, 1_000, false),
            (5_000, 4_999, 6_000, 1_000, false),
            (5_000, 5_999, 5_000, 0, false),
        ];
        for (before, page, after, grain, agrees) in table {
            let mut answers = [before, after].map(at).into_iter();
            let got = compare(7, grain, || Ok::<_, ()>(at(page)), |_| answers.next());
            let want = if agrees {
                Ok((after - before) as u64)
            } else {
                let (before, page, after) = (at(before), at(page), at(after));
                Err(Disagreement::Outside(Outside { clock: 7, before, page, after }))
            };
            assert_eq!(got, want, "{before} {page} {after} by {grain}");
        }
        assert_eq!(compare(1, 1, || Err("torn"), |_| Some(at(0))), Err(Disagreement::Page("torn")));
        let nobody = compare(1, 1, || Ok::<_, ()>(at(0)), |_| None);
        assert_eq!(nobody, Err(Disagreement::NoAnswer { clock: 1 }));
    }

    #[test]
    fn disturbances_are_borne_but_not_for_ever() {
        for failures in 0..6 {
            let mut made = 0;
            let attempt = || {
                made += 1;
                if made > failures { Ok(made) } else { Err(made) }
            };
            let want =
                if failures <= DISTURBANCES { Ok(failures + 1) } else { Err(DISTURBANCES + 1) };
            assert_eq!(undisturbed(attempt, |_| true), want, "{failures} failures");
        }
        let mut made = 0;
        let attempt = || {
            made += 1;
            Err::<(), _>(made)
        };
        assert_eq!(undisturbed(attempt, |_| false), Err(1));
    }
}
