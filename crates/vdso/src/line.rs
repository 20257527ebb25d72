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
        match self.kind.load(Relaxed) {
            TRUE => (seconds, nanoseconds),
            SHIFTED => self.shifted(seconds, nanoseconds),
            kind => {
                let passed = if kind == SLOPED {
                    let now = seconds.wrapping_mul(SECOND).wrapping_add(nanoseconds);
                    let passed = now.wrapping_sub(self.origin.load(Relaxed));
                    (i128::from(passed).wrapping_mul(i128::from(self.rate.load(Relaxed)))
                        >> RATE_BITS) as i64
                } else {
                    reads.wrapping_mul(self.step.load(Relaxed) as i64)
                };
                let sum = self.nanoseconds.load(Relaxed).wrapping_add(passed);
                let whole = whole_seconds(sum);
                (
                    self.seconds.load(Relaxed).wrapping_add(whole),
                    sum.wrapping_sub(whole.wrapping_mul(SECOND)),
                )
            }
        }
    }

    /// The same for [`SHIFTED`].
    #[must_use]
    #[inline(always)]
    pub fn shifted(&self, seconds: i64, nanoseconds: i64) -> (i64, i64) {
        let sum = nanoseconds.wrapping_add(self.nanoseconds.load(Relaxed));
        let carry = i64::from(sum >= SECOND);
        (
            seconds.wrapping_add(self.seconds.load(Relaxed)).wrapping_add(carry),
            sum.wrapping_sub(carry.wrapping_mul(SECOND)),
        )
    }

    /// The same for [`SLOPED`] without a division, if it is still `second` seconds after
    /// `seconds`: most often that is the second of the last reading ([`Line::second`]).
    ///
    /// All that stands between the true time and the answer is waited for by the next
    /// reading's fence, so this is written for a short chain: the shift is done by taking
    /// the upper half of a product, and the second is compared and not computed.
    #[must_use]
    #[inline(always)]
    pub fn slopes(&self, seconds: i64, nanoseconds: i64, second: i64) -> Option<(i64, i64)> {
        // The upper half begins at bit 64: one bit of the shift fits above the rate, the
        // others above the time that has passed, up to a month.
        const SHIFT: u32 = 64 - RATE_BITS - 1;
        const FITS: i64 = 1 << (63 - SHIFT);
        let rate = self.rate.load(Relaxed).wrapping_shl(1);
        let start = self.nanoseconds.load(Relaxed).wrapping_sub(second.wrapping_mul(SECOND));
        // The nanoseconds come last: they are what the counter was read for.
        let whole = seconds.wrapping_mul(SECOND).wrapping_sub(self.origin.load(Relaxed));
        let passed = whole.wrapping_add(nanoseconds);
        let shifted = i128::from(passed.wrapping_shl(SHIFT));
        let scaled = (shifted.wrapping_mul(i128::from(rate)) >> 64) as i64;
        let shown = scaled.wrapping_add(start);
        let fits = (passed.wrapping_add(FITS) as u64) < 2 * FITS as u64;
        if fits && (shown as u64) < SECOND as u64 {
            Some((self.seconds.load(Relaxed).wrapping_add(second), shown))
        } else {
            None
        }
    }

    /// Which second after its base the line shows where it shows `shown` seconds.
    #[must_use]
    #[inline(always)]
    pub fn second(&self, shown: i64) -> i64 {
        shown.wrapping_sub(self.seconds.load(Relaxed))
    }
}

/// Seconds of so many nanoseconds, rounded down. The launcher moves the origin long before
/// a sum comes near the ends.
#[inline(always)]
fn whole_seconds(nanoseconds: i64) -> i64 {
    // Unsigned division by a constant is the shorter one.
    (nanoseconds.wrapping_add(BIAS) as u64 / SECOND as u64) as i64 - BIAS / SECOND
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
            passed in prop_oneof![-(1_i64 << 40)..1 << 50, -(1_i64 << 58)..1 << 58],
            rate in prop_oneof![Just(RATE_ONE), 0..RATE_ONE * 1000],
            base in (-(1_i64 << 40)..1 << 40, 0..SECOND),
            reads in 0_i64..1 << 20,
            second in prop_oneof![-5_i64..5, any::<i64>()],
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
                if kind != SLOPED {
                    continue;
                }
                // Of no second but the right one, and not for ever.
                let (true_s, true_rest) = (now.div_euclid(SECOND), now.rem_euclid(SECOND));
                let right = line.second(seconds);
                let near = line.slopes(true_s, true_rest, right);
                let fits = (-(1 << 52)..1 << 52).contains(&passed);
                prop_assert_eq!(near, fits.then_some((seconds, rest)));
                let near = line.slopes(true_s, true_rest, second);
                prop_assert_eq!(near.is_some(), fits && second == right);
            }
        }
    }
}
