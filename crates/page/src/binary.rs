//! Time in binary fractions of a second, and the line that yields it.
//!
//! The BSDs, Darwin and vmclock do not count nanoseconds but 2^-64 seconds: adding
//! such numbers carries into the second by itself, and what a tick of a counter lasts
//! is known to 10^-19 s.

use crate::line::ticks_since;
use crate::timespec::{NANOS, Timespec};

/// Seconds, and a binary fraction of the second: `struct bintime`.
///
/// ```
/// use instanter_page::{BinaryTime, Timespec};
/// let half = BinaryTime { sec: 1, frac: 1 << 63 };
/// assert_eq!(half.add(half), BinaryTime { sec: 3, frac: 0 });
/// assert_eq!(half.to_timespec(), Timespec::new(1, 500_000_000));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BinaryTime {
    /// Whole seconds, rounded towards the past.
    pub sec: i64,
    /// The rest, in units of 2^-64 s.
    pub frac: u64,
}

impl BinaryTime {
    /// Makes the earliest time that [`to_timespec`](BinaryTime::to_timespec) turns
    /// into `time`.
    ///
    /// ```
    /// use instanter_page::{BinaryTime, Timespec};
    /// let time = Timespec::new(7, 999_999_999);
    /// assert_eq!(BinaryTime::from_timespec(time).to_timespec(), time);
    /// ```
    #[must_use]
    pub const fn from_timespec(time: Timespec) -> BinaryTime {
        let frac = ((time.nsec as u128) << 64).div_ceil(NANOS as u128);
        BinaryTime { sec: time.sec, frac: frac as u64 }
    }

    /// Returns the time in whole nanoseconds, rounded towards the past, by all 64
    /// bits of the fraction.
    #[inline]
    #[must_use]
    pub const fn to_timespec(self) -> Timespec {
        let nsec = (self.frac as u128 * NANOS as u128) >> 64;
        Timespec { sec: self.sec, nsec: nsec as u32 }
    }

    /// Returns the time in nanoseconds as the BSDs' `bintime2timespec` does: by the
    /// upper 32 bits of the fraction alone, so that a nanosecond may be missing.
    ///
    /// ```
    /// use instanter_page::{BinaryTime, Timespec};
    /// let nanosecond = BinaryTime::from_timespec(Timespec::new(0, 1));
    /// assert_eq!(nanosecond.to_timespec().nsec, 1);
    /// assert_eq!(nanosecond.to_timespec_by_32_bits().nsec, 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn to_timespec_by_32_bits(self) -> Timespec {
        let nsec = ((self.frac >> 32) * NANOS) >> 32;
        Timespec { sec: self.sec, nsec: nsec as u32 }
    }

    /// Returns the sum (`bintime_add`). Seconds past the ends of `i64` saturate.
    #[inline]
    #[must_use]
    pub const fn add(self, other: BinaryTime) -> BinaryTime {
        let sum = self.add_fraction(other.frac);
        BinaryTime { sec: sum.sec.saturating_add(other.sec), frac: sum.frac }
    }

    /// Returns the sum with a fraction of a second (`bintime_addx`).
    #[inline]
    #[must_use]
    pub const fn add_fraction(self, frac: u64) -> BinaryTime {
        let (frac, carry) = self.frac.overflowing_add(frac);
        BinaryTime { sec: self.sec.saturating_add(carry as i64), frac }
    }

    /// Returns the difference (`bintime_sub`). Seconds past the ends of `i64`
    /// saturate.
    #[inline]
    #[must_use]
    pub const fn sub(self, other: BinaryTime) -> BinaryTime {
        let (frac, borrow) = self.frac.overflowing_sub(other.frac);
        let sec = self.sec.saturating_sub(other.sec).saturating_sub(borrow as i64);
        BinaryTime { sec, frac }
    }
}

/// The straight line of a page that counts binary fractions of a second.
///
/// `time = base + ((counter − origin) & mask) × scale / 2^shift`, in units of
/// 2^-64 s. Exact for every input: the product is taken in 128 bits, for after a
/// second it no longer fits in 64.
///
/// ```
/// use instanter_page::{BinaryLine, BinaryTime};
/// // A counter of 4 Hz, 32 bits wide.
/// let line = BinaryLine { origin: 100, scale: 1 << 62, shift: 0, mask: 0xffff_ffff };
/// let base = BinaryTime { sec: 5, frac: 1 << 63 };
/// assert_eq!(line.at(103, base), BinaryTime { sec: 6, frac: 1 << 62 });
/// // Behind the origin: the clock stands still rather than run backwards.
/// assert_eq!(line.at(99, base), base);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinaryLine {
    /// Counter value at which the line starts.
    pub origin: u64,
    /// What a tick lasts, in units of 2^-(64 + `shift`) s.
    pub scale: u64,
    /// Further fraction bits of `scale`, below 64.
    pub shift: u32,
    /// Which bits of the counter count.
    pub mask: u64,
}

impl BinaryLine {
    /// Returns the ticks from the origin to `counter`, by the rule of
    /// [`Line::ticks_since_origin`](crate::Line::ticks_since_origin).
    ///
    /// FreeBSD updates its page at least three times in each turn of the counter, so
    /// a value in the far half of the ring is one from before the origin.
    #[inline]
    #[must_use]
    pub const fn ticks_since_origin(&self, counter: u64) -> u64 {
        ticks_since(self.origin, counter, self.mask)
    }

    /// Returns the time at `counter` of the clock that stood at `base` at the origin.
    #[inline]
    #[must_use]
    pub const fn at(&self, counter: u64, base: BinaryTime) -> BinaryTime {
        base.add(self.after(self.ticks_since_origin(counter)))
    }

    /// Returns how long so many ticks last.
    #[inline]
    #[must_use]
    pub const fn after(&self, ticks: u64) -> BinaryTime {
        let passed = (ticks as u128 * self.scale as u128) >> (self.shift & 63);
        let sec = (passed >> 64) as u64;
        let most = i64::MAX as u64;
        BinaryTime { sec: (if sec > most { most } else { sec }) as i64, frac: passed as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries() {
        let time = |sec, frac| BinaryTime { sec, frac };
        let table = [
            (time(1, u64::MAX), 0, time(1, u64::MAX)),
            (time(1, u64::MAX), 1, time(2, 0)),
            (time(-1, u64::MAX), u64::MAX, time(0, u64::MAX - 1)),
            (time(i64::MAX, u64::MAX), 1, time(i64::MAX, 0)),
        ];
        for (time, frac, want) in table {
            assert_eq!(time.add_fraction(frac), want, "{time:?} + {frac}");
            assert_eq!(time.add(BinaryTime { sec: 0, frac }), want);
        }
        assert_eq!(time(0, 0).sub(time(0, 1)), time(-1, u64::MAX));
        assert_eq!(time(5, 3).sub(time(2, 3)), time(3, 0));
        assert_eq!(time(5, 3).sub(time(-2, 4)), time(6, u64::MAX));
    }

    /// There and back for every kind of nanosecond, and the 32-bit rule within one.
    #[test]
    fn nanoseconds() {
        for nsec in (0..1_000_000_000).step_by(99_991).chain([1, 2, 999_999_998, 999_999_999]) {
            let time = Timespec { sec: -3, nsec };
            let binary = BinaryTime::from_timespec(time);
            assert_eq!(binary.to_timespec(), time);
            // The earliest such time: a unit less is the nanosecond before.
            if nsec > 0 {
                let before = BinaryTime { frac: binary.frac - 1, ..binary };
                assert_eq!(before.to_timespec().nsec, nsec - 1);
            }
            let by_32 = binary.to_timespec_by_32_bits().nsec;
            assert!(by_32 == nsec || by_32 + 1 == nsec, "{by_32} for {nsec}");
        }
        let last = BinaryTime { sec: 0, frac: u64::MAX };
        assert_eq!(last.to_timespec().nsec, 999_999_999);
        assert_eq!(last.to_timespec_by_32_bits().nsec, 999_999_999);
    }

    #[test]
    fn a_second_and_more() {
        // 1 GHz: 2^64 / 10^9, rounded down, loses 0.7 × 10^-10 of a tick a tick.
        let scale = (1u128 << 64) / 1_000_000_000;
        let line = BinaryLine { origin: 0, scale: scale as u64, shift: 0, mask: u64::MAX };
        let hour = line.at(3_600_000_000_000, BinaryTime::default()).to_timespec();
        assert_eq!(hour, Timespec::new(3_599, 999_999_861));
        let most = BinaryLine { scale: u64::MAX, ..line };
        assert_eq!(most.after(u64::MAX).sec, i64::MAX);
        let finest = BinaryLine { shift: 63, ..most };
        assert_eq!(finest.after(1), BinaryTime { sec: 0, frac: 1 });
    }
}
