//! What a faked clock shows: a line through a moment of the true clock.

use core::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};

/// [`Line::kind`]: the clock is shown as it is.
pub const TRUE: u32 = 0;
/// [`Line::kind`]: `seconds` and `nanoseconds` are added.
pub const SHIFTED: u32 = 1;
/// [`Line::kind`]: a line of another slope.
pub const SLOPED: u32 = 2;
/// [`Line::kind`]: `step` more at each read, whatever the true clock does.
pub const STEPPED: u32 = 3;

/// Fraction bits of [`Line::rate`]: with 52 the slope 1000 fits and a slope of 1 is
/// exact to 2·10⁻¹⁶, a nanosecond in two months.
pub const RATE_BITS: u32 = 52;
/// The slope 1.
pub const RATE_ONE: i64 = 1 << RATE_BITS;

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;

/// One clock as a program sees it.
///
/// Loaded and stored field by field under [`Control::sequence`](crate::layout::Control).
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub struct Line {
    /// [`TRUE`], [`SHIFTED`], [`SLOPED`] or [`STEPPED`].
    pub kind: AtomicU32,
    /// Which clock is asked in its place: a coarse clock at a slope of 1000 would
    /// move in leaps of seconds, so the fine one stands in for it.
    pub source: AtomicU32,
    /// The moment from which the slope counts, in nanoseconds of the true clock.
    pub origin: AtomicI64,
    /// The slope, times 2⁵² ([`RATE_ONE`]).
    pub rate: AtomicI64,
    /// What the clock shows at the origin, or for [`SHIFTED`] what is added: seconds …
    pub seconds: AtomicI64,
    /// … and nanoseconds, from 0 to 999 999 999.
    pub nanoseconds: AtomicI64,
    /// For [`STEPPED`]: nanoseconds a read.
    pub step: AtomicU64,
    /// For [`STEPPED`]: which of the counters of reads is this clock's.
    pub counter: AtomicU32,
}

impl Line {
    /// What the line shows where the true clock shows `seconds` and `nanoseconds`;
    /// `reads` is how often a stepped clock has been asked before.
    #[must_use]
    #[inline(always)]
    pub fn shows(&self, seconds: i64, nanoseconds: i64, reads: i64) -> (i64, i64) {
        let base = self.seconds.load(Relaxed);
        let fraction = self.nanoseconds.load(Relaxed);
        match self.kind.load(Relaxed) {
            TRUE => (seconds, nanoseconds),
            SHIFTED => {
                let sum = nanoseconds.wrapping_add(fraction);
                let carry = (sum >= SECOND) as i64;
                (
                    seconds.wrapping_add(base).wrapping_add(carry),
                    sum.wrapping_sub(carry.wrapping_mul(SECOND)),
                )
            }
            kind => {
                let passed = if kind == SLOPED {
                    let now = seconds.wrapping_mul(SECOND).wrapping_add(nanoseconds);
                    let passed = now.wrapping_sub(self.origin.load(Relaxed));
                    ((passed as i128).wrapping_mul(self.rate.load(Relaxed) as i128) >> RATE_BITS)
                        as i64
                } else {
                    reads.wrapping_mul(self.step.load(Relaxed) as i64)
                };
                let sum = fraction.wrapping_add(passed);
                let (whole, rest) = (sum.div_euclid(SECOND), sum.rem_euclid(SECOND));
                (base.wrapping_add(whole), rest)
            }
        }
    }

    /// Copies another line; the caller has made the sequence number odd.
    pub fn copy_from(&self, other: &Line) {
        self.kind.store(other.kind.load(Relaxed), Relaxed);
        self.source.store(other.source.load(Relaxed), Relaxed);
        self.origin.store(other.origin.load(Relaxed), Relaxed);
        self.rate.store(other.rate.load(Relaxed), Relaxed);
        self.seconds.store(other.seconds.load(Relaxed), Relaxed);
        self.nanoseconds.store(other.nanoseconds.load(Relaxed), Relaxed);
        self.step.store(other.step.load(Relaxed), Relaxed);
        self.counter.store(other.counter.load(Relaxed), Relaxed);
    }
}
