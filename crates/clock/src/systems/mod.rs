//! The pages of systems other than Linux.
//!
//! Such a page is used on the same terms as Linux's: [`Known::prove`] compares each clock
//! of it with the system's own function before anybody reads it ([`proof`]), each read after
//! that looks whether it still counts the same counter at about the same rate, and whatever
//! is wrong sends the reading to the function. What differs between the systems is a
//! [`Page`] each: which clocks there are, and how a frame yields them. Where the page lies is
//! found out in `sys`.
//!
//! All of this compiles on every system for the tests, which keep such pages themselves, and
//! play the system's function.

#[cfg(any(test, target_vendor = "apple"))]
pub(crate) mod darwin;
#[cfg(any(test, target_os = "freebsd"))]
pub(crate) mod freebsd;
#[cfg(any(test, target_os = "openbsd"))]
pub(crate) mod openbsd;
#[cfg(test)]
mod tests;
#[cfg(any(test, windows))]
pub(crate) mod windows;

use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use instanter_counter::Counter;
use instanter_page::linux::{Pair, Snapshot};
use instanter_page::proof::{self, Disagreement};
use instanter_page::{Cpu, Timespec, Unreadable};

use crate::Clock;

/// Where a page is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) start: *const u8,
    /// Another page that it takes, or null.
    pub(crate) behind: *const u8,
    /// Whose counter it counts.
    pub(crate) cpu: Cpu,
}

/// A clock that a page has.
pub(crate) struct Served {
    pub(crate) clock: Clock,
    /// Whether it is the last tick's, which takes no counter.
    pub(crate) coarse: bool,
    /// The system's function cuts it down to multiples of so many nanoseconds.
    pub(crate) grain_ns: u32,
}

impl Served {
    pub(crate) const fn fine(clock: Clock) -> Served {
        Served { clock, coarse: false, grain_ns: 1 }
    }

    #[allow(dead_code)] // Not every system has them.
    pub(crate) const fn coarse(clock: Clock) -> Served {
        Served { clock, coarse: true, grain_ns: 1 }
    }
}

/// Most clocks of a page.
pub(crate) const MOST: usize = 8;

/// What must stay as it was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// What counts, and by which shifts: the same number always.
    pub(crate) kind: u64,
    /// How fast, in the page's own units, for each line that it has: about the same. Zero
    /// for a line that it does not have just now.
    pub(crate) scales: [u64; 2],
}

/// How a system's page yields its clocks.
pub(crate) trait Page: Copy {
    /// The page as it stood still, with the counter's value.
    type Frame: Copy;

    /// Its clocks, at most [`MOST`].
    const CLOCKS: &'static [Served];

    /// # Safety
    /// A page of this system must be at the place, and stay readable.
    unsafe fn at(place: Place) -> Self;

    fn frame(self, counter: impl Counter) -> Result<Self::Frame, Unreadable>;

    /// Returns a clock of a frame, coarse ones included.
    fn clock(frame: &Self::Frame, clock: Clock) -> Result<Timespec, Unreadable>;

    /// Returns a coarse clock without a counter.
    fn coarse(self, _: Clock) -> Result<Timespec, Unreadable> {
        Err(Unreadable::Missing)
    }

    fn rate(frame: &Self::Frame) -> Rate;

    /// Returns the counter's value.
    fn ticks(frame: &Self::Frame) -> u64;

    /// Returns numbers that stay the same while the clocks keep their relation to each
    /// other; `None` where the page does not have such numbers.
    fn relation(frame: &Self::Frame) -> Option<[u64; 4]>;
}

/// Why a clock of a page is not served.
pub(crate) type Refusal = Disagreement<Unreadable>;

/// What came of comparing each clock of a page, in the order of [`Page::CLOCKS`].
pub(crate) struct Findings {
    pub(crate) clocks: [Result<(), Refusal>; MOST],
    rate: Option<Rate>,
}

/// Compares every clock with the system's answers.
///
/// A clock that the page does not have at the moment is left to the system. One that *differs*
/// gives the whole page away: it is not the one that it was taken for.
pub(crate) fn compare<P: Page>(
    page: P,
    counter: impl Fn() -> u64,
    system: impl Fn(Clock) -> Option<Timespec>,
) -> Findings {
    let once = || {
        let rate = page.frame(&counter).ok().map(|frame| P::rate(&frame));
        let mut clocks = [Err(Disagreement::Page(Unreadable::Missing)); MOST];
        clocks[..P::CLOCKS.len()].fill(Ok(()));
        for _ in 0..proof::ROUNDS {
            for (served, outcome) in P::CLOCKS.iter().zip(&mut clocks) {
                if outcome.is_err() {
                    continue;
                }
                let read = || match served.coarse {
                    true => page.coarse(served.clock),
                    false => P::clock(&page.frame(&counter)?, served.clock),
                };
                let number = served.clock.id() as usize;
                match proof::compare(number, served.grain_ns, read, |_| system(served.clock)) {
                    Ok(_) => {}
                    Err(outside @ Disagreement::Outside(_)) => return Err(outside),
                    Err(why) => *outcome = Err(why),
                }
            }
        }
        Ok(Findings { clocks, rate })
    };
    proof::undisturbed(once, |_| true)
        .unwrap_or_else(|outside| Findings { clocks: [Err(outside); MOST], rate: None })
}

/// A page that this process knows, and what was proved of it.
pub(crate) struct Known<P> {
    start: AtomicPtr<u8>,
    behind: AtomicPtr<u8>,
    on_aarch64: AtomicBool,
    /// A bit for each clock that was proved.
    proved: AtomicU32,
    kind: AtomicU64,
    /// The smallest trusted scales, and how far others may lie above them.
    floors: [AtomicU64; 2],
    spans: [AtomicU64; 2],
    /// Counts proofs.
    generation: AtomicU64,
    page: PhantomData<fn() -> P>,
}

impl<P: Page> Known<P> {
    /// Makes one that knows no page.
    pub(crate) const fn new() -> Known<P> {
        const { assert!(P::CLOCKS.len() <= MOST) };
        Known {
            start: AtomicPtr::new(core::ptr::null_mut()),
            behind: AtomicPtr::new(core::ptr::null_mut()),
            on_aarch64: AtomicBool::new(false),
            proved: AtomicU32::new(0),
            kind: AtomicU64::new(0),
            floors: [const { AtomicU64::new(0) }; 2],
            spans: [const { AtomicU64::new(0) }; 2],
            generation: AtomicU64::new(0),
            page: PhantomData,
        }
    }

    /// Compares the page with the system, and serves from now on those of its clocks that
    /// agree.
    ///
    /// Several threads may do this at once. One that reads meanwhile may combine an old bound
    /// with a new one: each was proved, and they guard only against nonsense.
    ///
    /// # Safety
    /// As for [`Page::at`], for as long as this is used; and it must be given one place only.
    pub(crate) unsafe fn prove(
        &self,
        place: Place,
        counter: impl Fn() -> u64,
        system: impl Fn(Clock) -> Option<Timespec>,
    ) -> Findings {
        // SAFETY: the caller's.
        let page = unsafe { P::at(place) };
        let findings = compare(page, counter, system);
        let mut proved = 0;
        for (index, served) in P::CLOCKS.iter().enumerate() {
            let fit = served.coarse || findings.rate.is_some();
            proved |= u32::from(findings.clocks[index].is_ok() && fit) << index;
        }
        if let Some(rate) = findings.rate {
            self.kind.store(rate.kind, Ordering::Relaxed);
            for (line, scale) in rate.scales.into_iter().enumerate() {
                let slack = slack(scale);
                // What was not there may come, at any rate.
                let (floor, span) = if scale == 0 {
                    (0, u64::MAX)
                } else {
                    (scale - slack, slack.saturating_mul(2))
                };
                self.floors[line].store(floor, Ordering::Relaxed);
                self.spans[line].store(span, Ordering::Relaxed);
            }
        }
        self.start.store(place.start.cast_mut(), Ordering::Relaxed);
        self.behind.store(place.behind.cast_mut(), Ordering::Relaxed);
        self.on_aarch64.store(place.cpu == Cpu::Aarch64, Ordering::Relaxed);
        self.proved.store(proved, Ordering::Release);
        self.generation.fetch_add(1, Ordering::Relaxed);
        findings
    }

    /// Stops using the page, until the next proof.
    pub(crate) fn forget(&self) {
        self.proved.store(0, Ordering::Relaxed);
    }

    /// Returns the page, if all these clocks of it were proved.
    #[inline]
    fn proved(&self, clocks: u32) -> Option<P> {
        if self.proved.load(Ordering::Acquire) & clocks != clocks {
            return None;
        }
        // SAFETY: a bit is set by `prove` alone, which was promised a place.
        Some(unsafe { P::at(self.place()) })
    }

    fn place(&self) -> Place {
        Place {
            start: self.start.load(Ordering::Relaxed),
            behind: self.behind.load(Ordering::Relaxed),
            cpu: if self.on_aarch64.load(Ordering::Relaxed) { Cpu::Aarch64 } else { Cpu::X86_64 },
        }
    }

    /// Whether the rate is about the proved one.
    #[inline]
    fn holds(&self, rate: Rate) -> bool {
        let line = |index: usize| {
            let scale = rate.scales[index];
            let floor = self.floors[index].load(Ordering::Relaxed);
            scale == 0 || scale.wrapping_sub(floor) <= self.spans[index].load(Ordering::Relaxed)
        };
        rate.kind == self.kind.load(Ordering::Relaxed) && line(0) && line(1)
    }

    #[inline]
    fn frame(&self, page: P, counter: impl Counter) -> Option<P::Frame> {
        let frame = page.frame(counter).ok()?;
        self.holds(P::rate(&frame)).then_some(frame)
    }

    /// Whether the page counts otherwise than was proved, so that it has to be proved again.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.proved.load(Ordering::Acquire) != 0
            && self.proved(0).is_some_and(|page| {
                page.frame(|| 0).is_ok_and(|frame| !self.holds(P::rate(&frame)))
            })
    }

    /// `None` from this and the following: the system is to be asked.
    #[inline]
    pub(crate) fn clock(&self, clock: Clock, counter: impl Counter) -> Option<Timespec> {
        let index = index_of::<P>(clock)?;
        let page = self.proved(1 << index)?;
        if P::CLOCKS[index].coarse {
            return page.coarse(clock).ok();
        }
        P::clock(&self.frame(page, counter)?, clock).ok()
    }

    #[inline]
    pub(crate) fn pair(&self, counter: impl Counter) -> Option<Pair> {
        let both = bit::<P>(Clock::REALTIME)? | bit::<P>(Clock::MONOTONIC)?;
        let frame = self.frame(self.proved(both)?, counter)?;
        Some(Pair {
            realtime: P::clock(&frame, Clock::REALTIME).ok()?,
            monotonic: P::clock(&frame, Clock::MONOTONIC).ok()?,
        })
    }

    /// Both coarse clocks, where the page has both.
    #[inline]
    pub(crate) fn coarse_pair(&self) -> Option<Pair> {
        let both = bit::<P>(Clock::REALTIME_COARSE)? | bit::<P>(Clock::MONOTONIC_COARSE)?;
        let page = self.proved(both)?;
        Some(Pair {
            realtime: page.coarse(Clock::REALTIME_COARSE).ok()?,
            monotonic: page.coarse(Clock::MONOTONIC_COARSE).ok()?,
        })
    }

    /// Every clock at one moment; for those that the page does not have, the nearest.
    pub(crate) fn snapshot(&self, counter: impl Counter) -> Option<Snapshot> {
        let both = bit::<P>(Clock::REALTIME)? | bit::<P>(Clock::MONOTONIC)?;
        let frame = self.frame(self.proved(both)?, counter)?;
        let realtime = P::clock(&frame, Clock::REALTIME).ok()?;
        let monotonic = P::clock(&frame, Clock::MONOTONIC).ok()?;
        let of = |clock, instead| match bit::<P>(clock).and_then(|bit| self.proved(bit)) {
            Some(_) => P::clock(&frame, clock).unwrap_or(instead),
            None => instead,
        };
        Some(Snapshot {
            realtime,
            monotonic,
            monotonic_raw: of(Clock::MONOTONIC_RAW, monotonic),
            boottime: of(Clock::BOOTTIME, monotonic),
            tai: of(Clock::TAI, realtime),
            realtime_coarse: of(Clock::REALTIME_COARSE, realtime),
            monotonic_coarse: of(Clock::MONOTONIC_COARSE, monotonic),
            counter: Some(P::ticks(&frame)),
        })
    }

    /// A number that changes with the relation of the clocks, and with each proof.
    pub(crate) fn epoch(&self) -> Option<u64> {
        let both = bit::<P>(Clock::REALTIME)? | bit::<P>(Clock::MONOTONIC)?;
        let frame = self.frame(self.proved(both)?, || 0)?;
        let mut mixed = self.generation.load(Ordering::Relaxed) << 8;
        for number in P::relation(&frame)? {
            // As Linux's is mixed: multiply and fold.
            mixed = (mixed ^ number).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^= mixed >> 31;
        }
        Some(mixed)
    }
}

/// How far a scale may be from the proved one: a 128th of it (0.78 %), as on Linux.
const fn slack(scale: u64) -> u64 {
    scale >> 7
}

/// Returns the place of a clock among those of the page.
#[inline]
pub(crate) fn index_of<P: Page>(clock: Clock) -> Option<usize> {
    P::CLOCKS.iter().position(|served| served.clock == clock)
}

#[inline]
fn bit<P: Page>(clock: Clock) -> Option<u32> {
    index_of::<P>(clock).map(|index| 1 << index)
}
