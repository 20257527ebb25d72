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

/// A whole number of seconds, near 2⁶²: makes what may be negative positive.
const BIAS: i64 = 4_611_686_018 * SECOND;

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
                let carry = i64::from(sum >= SECOND);
                (
                    seconds.wrapping_add(base).wrapping_add(carry),
                    sum.wrapping_sub(carry.wrapping_mul(SECOND)),
                )
            }
            kind => {
                let passed = if kind == SLOPED {
                    let now = seconds.wrapping_mul(SECOND).wrapping_add(nanoseconds);
                    let passed = now.wrapping_sub(self.origin.load(Relaxed));
                    (i128::from(passed).wrapping_mul(i128::from(self.rate.load(Relaxed)))
                        >> RATE_BITS) as i64
                } else {
                    reads.wrapping_mul(self.step.load(Relaxed) as i64)
                };
                // Unsigned division by a constant is the shorter one. The launcher moves the
                // origin long before a sum comes near the ends.
                let sum = fraction.wrapping_add(passed).wrapping_add(BIAS) as u64;
                let whole = (sum / SECOND as u64) as i64 - BIAS / SECOND;
                (base.wrapping_add(whole), (sum % SECOND as u64) as i64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the same in 128 bits, before the origin and after it.
        #[test]
        fn as_in_whole_numbers(
            now in -(1_i64 << 61)..1 << 61,
            passed in -(1_i64 << 40)..1 << 50,
            rate in prop_oneof![Just(RATE_ONE), 0..RATE_ONE * 1000],
            base in (-(1_i64 << 40)..1 << 40, 0..SECOND),
            reads in 0_i64..1 << 20,
            step in 0_i64..1 << 40,
        ) {
            let line = Line::default();
            line.origin.store(now - passed, Relaxed);
            line.rate.store(rate, Relaxed);
            line.seconds.store(base.0, Relaxed);
            line.nanoseconds.store(base.1, Relaxed);
            line.step.store(step as u64, Relaxed);
            let base = i128::from(base.0) * i128::from(SECOND) + i128::from(base.1);
            let wide = i128::from(passed) * i128::from(rate);
            let table = [
                (TRUE, i128::from(now)),
                (SHIFTED, i128::from(now) + base),
                (SLOPED, base + (wide >> RATE_BITS)),
                (STEPPED, base + i128::from(reads) * i128::from(step)),
            ];
            for (kind, want) in table {
                let fits = (want - base).abs() < 1 << 61;
                prop_assume!(kind < SLOPED || fits);
                line.kind.store(kind, Relaxed);
                let (seconds, rest) =
                    line.shows(now.div_euclid(SECOND), now.rem_euclid(SECOND), reads);
                prop_assert!((0..SECOND).contains(&rest));
                let got = i128::from(seconds) * i128::from(SECOND) + i128::from(rest);
                prop_assert_eq!(got, want, "kind {}", kind);
            }
        }
    }
}
