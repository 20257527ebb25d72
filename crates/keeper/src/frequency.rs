//! How fast a counter counts, as an exact ratio.

use core::fmt;

/// How fast a counter counts: so many cycles in so many seconds, exactly.
///
/// A ratio, because few oscillators make a whole number of cycles a second: an
/// HPET states its period in femtoseconds, and a kernel's line its nanoseconds a
/// tick as `mult / 2^shift`. From 1 Hz up to 1 THz.
///
/// ```
/// use instanter_keeper::Frequency;
/// assert_eq!(Frequency::hertz(3_579_545).unwrap().to_string(), "3579545 Hz");
/// let hpet = Frequency::period_femtoseconds(69_841_279).unwrap();
/// assert_eq!(hpet.to_string(), "14318179.9405477668… Hz");
/// assert_eq!(Frequency::hertz(0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frequency {
    cycles: u64,
    seconds: u64,
}

/// The fastest counter that `mult` and `shift` describe well: 2^32 / 1000 is
/// still a `mult` of 22 bits.
const MOST_HERTZ: u128 = 1_000_000_000_000;

impl Frequency {
    /// Makes a whole number of cycles a second. `None` below 1 Hz and above 1 THz.
    #[must_use]
    pub const fn hertz(hertz: u64) -> Option<Frequency> {
        Frequency::ratio(hertz, 1)
    }

    /// Makes the frequency of a counter whose cycles last so many femtoseconds, as
    /// an HPET states it. `None` for a period of 0 or above a second.
    #[must_use]
    pub const fn period_femtoseconds(period: u64) -> Option<Frequency> {
        Frequency::ratio(1_000_000_000_000_000, period)
    }

    /// Makes the frequency that a line stands for: a tick of `mult / 2^shift`
    /// nanoseconds. `None` where that is none, or `shift` is above 32.
    ///
    /// ```
    /// use instanter_keeper::Frequency;
    /// // What a kernel's page says of a counter at about 2.1 GHz.
    /// let tsc = Frequency::of_line(7_988_915, 24).unwrap();
    /// assert_eq!(tsc.to_hertz(), 2_100_061_898);
    /// ```
    #[must_use]
    pub const fn of_line(mult: u32, shift: u32) -> Option<Frequency> {
        if shift > 32 {
            return None;
        }
        // At most 10^9 × 2^32, below 2^62.
        Frequency::ratio(1_000_000_000 << shift, mult as u64)
    }

    /// Makes `cycles` in `seconds`. `None` below 1 Hz and above 1 THz.
    ///
    /// ```
    /// use instanter_keeper::Frequency;
    /// // Television's 27 MHz, slowed down by 1000 / 1001.
    /// let ntsc = Frequency::ratio(27_000_000_000, 1_001).unwrap();
    /// assert_eq!(ntsc.to_hertz(), 26_973_027);
    /// ```
    #[must_use]
    pub const fn ratio(cycles: u64, seconds: u64) -> Option<Frequency> {
        if seconds == 0 || cycles < seconds || cycles as u128 > seconds as u128 * MOST_HERTZ {
            return None;
        }
        let (mut common, mut rest) = (cycles, seconds);
        while rest != 0 {
            (common, rest) = (rest, common % rest);
        }
        Some(Frequency { cycles: cycles / common, seconds: seconds / common })
    }

    /// Returns the cycles of the reduced ratio.
    #[must_use]
    pub const fn cycles(self) -> u64 {
        self.cycles
    }

    /// Returns the seconds of the reduced ratio.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.seconds
    }

    /// Returns the cycles a second, rounded to the nearest.
    #[must_use]
    pub const fn to_hertz(self) -> u64 {
        // At least 1, as the ratio is; at most 10^12.
        ((self.cycles as u128 + self.seconds as u128 / 2) / self.seconds as u128) as u64
    }

    /// Returns the cycles that pass in a number of nanoseconds, rounded up.
    ///
    /// ```
    /// use instanter_keeper::Frequency;
    /// assert_eq!(Frequency::hertz(3).unwrap().cycles_in_ns(1_000_000_000), 3);
    /// assert_eq!(Frequency::hertz(3).unwrap().cycles_in_ns(1), 1);
    /// ```
    #[must_use]
    pub const fn cycles_in_ns(self, ns: u64) -> u64 {
        let whole = self.cycles as u128 * ns as u128;
        let cycles = whole.div_ceil(self.seconds as u128 * 1_000_000_000);
        if cycles > u64::MAX as u128 { u64::MAX } else { cycles as u64 }
    }
}

/// In hertz, with ten places where the ratio is not whole.
impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.cycles / self.seconds, self.cycles % self.seconds);
        if part == 0 {
            return write!(f, "{whole} Hz");
        }
        let places = u128::from(part) * 10_000_000_000 / u128::from(self.seconds);
        write!(f, "{whole}.{places:010}… Hz")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_reduction() {
        let table = [
            ((0, 1), None),
            ((1, 0), None),
            ((1, 2), None),
            ((1, 1), Some((1, 1))),
            ((6, 4), Some((3, 2))),
            ((1_000_000_000_000, 1), Some((1_000_000_000_000, 1))),
            ((1_000_000_000_001, 1), None),
            ((u64::MAX, u64::MAX), Some((1, 1))),
        ];
        for ((cycles, seconds), want) in table {
            let got = Frequency::ratio(cycles, seconds).map(|f| (f.cycles(), f.seconds()));
            assert_eq!(got, want, "ratio({cycles}, {seconds})");
        }
        assert_eq!(Frequency::of_line(1, 33), None);
        assert_eq!(Frequency::of_line(0, 24), None);
    }
}
