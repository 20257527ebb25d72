//! From cycles to nanoseconds with one multiplication: choosing `mult` and `shift`.
//!
//! A division is what a reader of the clock cannot afford, so the length of a
//! cycle is approximated by a fraction whose denominator is a power of two:
//!
//! ```text
//! ns = (cycles × mult) >> shift        mult ≈ 10⁹ × 2^shift / frequency
//! ```
//!
//! The larger `shift`, the better the approximation: `mult` is rounded to a whole
//! number, so it is off by at most half a unit, a relative error of `1 / (2 mult)`.
//! But `cycles × mult` must stay within 64 bits for as long as nobody moves the
//! line's origin. So the interval for which that must hold is chosen first, and
//! then the largest `shift` whose `mult` has so few bits that together with the
//! bits of the interval's cycles there are no more than 64. For a counter of 2.1 GHz
//! and ten minutes that is `mult` 7,989,150 and `shift` 24, off by 60 parts in a
//! thousand million: the numbers that a Linux kernel uses for it.
//!
//! # References
//! Linux `kernel/time/clocksource.c`, `clocks_calc_mult_shift` and
//! `clocks_calc_max_nsecs`.

use crate::Frequency;

/// Nanoseconds in a second.
const NANOS: u64 = 1_000_000_000;

/// The longest interval that the product is made to fit for, in seconds. A longer
/// one would cost bits of `mult`, which every reading pays for.
const LONGEST_INTERVAL_S: u64 = 600;

/// How far steering may bend `mult`, in percent: adjtimex's tick allows ten, and
/// its frequency a little.
const STEERING_PERCENT: u64 = 11;

/// The fraction that stands for the length of a cycle, and what it is good for.
///
/// ```
/// use instanter_keeper::{Conversion, Frequency};
/// let tsc = Conversion::new(Frequency::hertz(2_100_000_000).unwrap(), u64::MAX);
/// assert_eq!((tsc.mult, tsc.shift), (7_989_150, 24));
/// assert_eq!(tsc.error_ppb, -60); // it loses 60 ns in each second
/// assert!(tsc.max_idle_ns > 600_000_000_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Nanoseconds a cycle, times 2^`shift`.
    pub mult: u32,
    /// Fraction bits of `mult`, at most 32.
    pub shift: u32,
    /// By how much `mult / 2^shift` is longer than a cycle, in parts per thousand
    /// million, rounded to the nearest.
    pub error_ppb: i64,
    /// The cycles after which a reader in 64 bits overflows, or a narrow counter
    /// cannot be told from one that went backwards.
    pub max_cycles: u64,
    /// How long the line's origin may stay where it is, in nanoseconds: the time
    /// of [`max_cycles`](Conversion::max_cycles) less an eighth, with `mult` bent as
    /// little as steering may.
    pub max_idle_ns: u64,
}

impl Conversion {
    /// Chooses for a counter of this frequency, whose valid bits are `mask`.
    ///
    /// The interval for which the product is made to fit is how long the counter
    /// takes to wrap, but at least a second and, for one of more than 32 bits, at
    /// most ten minutes.
    #[must_use]
    pub const fn new(frequency: Frequency, mask: u64) -> Conversion {
        let wraps_after_s = mask / frequency.to_hertz();
        let interval_s = if wraps_after_s == 0 {
            1
        } else if wraps_after_s > LONGEST_INTERVAL_S && mask > u32::MAX as u64 {
            LONGEST_INTERVAL_S
        } else {
            wraps_after_s
        };
        Conversion::for_interval(frequency, mask, interval_s)
    }

    /// Chooses so that the product fits in 64 bits for `interval_s` seconds.
    ///
    /// ```
    /// use instanter_keeper::{Conversion, Frequency};
    /// let ghz = Frequency::hertz(1_000_000_000).unwrap();
    /// // A hundred times the interval costs seven bits.
    /// assert_eq!(Conversion::for_interval(ghz, u64::MAX, 6).shift, 30);
    /// assert_eq!(Conversion::for_interval(ghz, u64::MAX, 600).shift, 23);
    /// ```
    #[must_use]
    pub const fn for_interval(frequency: Frequency, mask: u64, interval_s: u64) -> Conversion {
        let (cycles, seconds) = (frequency.cycles() as u128, frequency.seconds() as u128);
        let in_interval = cycles * interval_s as u128 / seconds;
        let interval_bits = 128 - in_interval.leading_zeros();
        let mult_bits = if interval_bits <= 32 { 32 } else { 64u32.saturating_sub(interval_bits) };
        let mut shift = 32;
        let mult = loop {
            // 10^9 × 2^32 × seconds is below 2^126.
            let mult = (((NANOS as u128) << shift) * seconds + cycles / 2) / cycles;
            let steered = mult + mult * STEERING_PERCENT as u128 / 100;
            if shift == 0 || mult >> mult_bits == 0 && steered <= u32::MAX as u128 {
                break if mult == 0 { 1 } else { mult as u32 };
            }
            shift -= 1;
        };
        Conversion::judge(frequency, mask, mult, shift)
    }

    /// Takes a `mult` and `shift` that somebody else chose. `None` where `mult` is
    /// zero or `shift` above 32.
    ///
    /// ```
    /// use instanter_keeper::{Conversion, Frequency};
    /// let mhz = Frequency::hertz(1_000_000).unwrap();
    /// let coarse = Conversion::with(mhz, u64::MAX, 1_001, 0).unwrap();
    /// assert_eq!(coarse.error_ppb, 1_000_000);
    /// assert_eq!(Conversion::with(mhz, u64::MAX, 0, 0), None);
    /// ```
    #[must_use]
    pub const fn with(
        frequency: Frequency,
        mask: u64,
        mult: u32,
        shift: u32,
    ) -> Option<Conversion> {
        if mult == 0 || shift > 32 {
            return None;
        }
        Some(Conversion::judge(frequency, mask, mult, shift))
    }

    /// What a `mult` that is not zero and a `shift` up to 32 are good for.
    const fn judge(frequency: Frequency, mask: u64, mult: u32, shift: u32) -> Conversion {
        let bend = mult as u64 * STEERING_PERCENT / 100;
        let fits = u64::MAX / (mult as u64 + bend);
        let half = mask >> 1;
        let max_cycles = if fits < half { fits } else { half };
        let max_ns = (max_cycles as u128 * (mult as u64 - bend) as u128) >> shift;
        let max_ns = if max_ns > u64::MAX as u128 { u64::MAX } else { max_ns as u64 };
        Conversion {
            mult,
            shift,
            error_ppb: error_ppb(frequency, mult, shift),
            max_cycles,
            max_idle_ns: max_ns - max_ns / 8,
        }
    }
}

/// `(mult / 2^shift) / (10^9 / frequency) − 1`, in parts per thousand million.
const fn error_ppb(frequency: Frequency, mult: u32, shift: u32) -> i64 {
    // mult × cycles < 2^96, 10^9 × 2^shift × seconds < 2^126.
    let got = (mult as u128 * frequency.cycles() as u128) as i128;
    let want = (((NANOS as u128) << shift) * frequency.seconds() as u128) as i128;
    let off = got - want;
    // A `mult` that is far off is not worth more than a bound.
    let limit = i64::MAX as i128 / 2;
    match off.checked_mul(2 * NANOS as i128) {
        Some(doubled) => {
            let rounded = (doubled + if off < 0 { -want } else { want }) / (2 * want);
            (if rounded > limit { limit } else { rounded }) as i64
        }
        // Numbers beyond 2^96 lose their low bits, which is far below a part.
        None => (off / (want / NANOS as i128)) as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hertz(hertz: u64) -> Frequency {
        Frequency::hertz(hertz).expect("a frequency")
    }

    #[test]
    fn chosen_numbers() {
        let rows = [
            ("TSC at 2.1 GHz", hertz(2_100_000_000), 64, (7_989_150, 24, -60)),
            ("Arm timer at 1 GHz", hertz(1_000_000_000), 61, (1 << 23, 23, 0)),
            ("Arm timer at 24 MHz", hertz(24_000_000), 56, (699_050_667, 24, 0)),
            ("ACPI PM timer", hertz(3_579_545), 24, (2_343_484_437, 23, 0)),
            ("one cycle a second", hertz(1), 32, (2_000_000_000, 1, 0)),
        ];
        for (name, frequency, bits, want) in rows {
            let got = Conversion::new(frequency, u64::MAX >> (64 - bits));
            assert_eq!((got.mult, got.shift, got.error_ppb), want, "{name}");
        }
    }

    /// Every interval that is promised holds, and one more bit would break it.
    #[test]
    fn the_product_fits_and_a_larger_shift_would_not() {
        for hz in [1, 100, 32_768, 3_579_545, 14_318_180, 24_000_000, 1 << 30, 5_000_000_000] {
            for interval_s in [1, 6, 60, 600, 3_600] {
                let got = Conversion::for_interval(hertz(hz), u64::MAX, interval_s);
                let product = u128::from(hz) * u128::from(interval_s) * u128::from(got.mult);
                assert!(product < 1 << 64, "{hz} Hz for {interval_s} s: {got:?}");
                assert!(got.max_cycles / hz >= interval_s / 2, "{hz} Hz: {got:?}");
                let larger = u128::from(got.mult) * 2;
                assert!(
                    got.shift == 32
                        || larger * 111 / 100 > u128::from(u32::MAX) - 256
                        || (128 - larger.leading_zeros())
                            + (128 - (u128::from(hz) * u128::from(interval_s)).leading_zeros())
                            > 64,
                    "{hz} Hz for {interval_s} s: {got:?} could be finer"
                );
                let exact = 1e9 * f64::from(got.mult) * hz as f64 / (1u64 << got.shift) as f64;
                assert!((exact - 1e18 - 1e9 * got.error_ppb as f64).abs() < 0.6e9 + 1e3, "{got:?}");
            }
        }
    }

    #[test]
    fn a_narrow_counter_is_read_before_half_of_it_is_over() {
        for bits in [16, 24, 32, 48, 56, 64] {
            let mask = u64::MAX >> (64 - bits);
            for hz in [1_000_000, 14_318_180, 2_100_000_000] {
                let got = Conversion::new(hertz(hz), mask);
                assert!(got.max_cycles <= mask >> 1);
                let idle = hertz(hz).cycles_in_ns(got.max_idle_ns);
                assert!(idle < got.max_cycles, "{bits} bits at {hz} Hz: {got:?}");
            }
        }
    }
}
