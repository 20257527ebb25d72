//! A reading of a clock.

use core::fmt;

/// Nanoseconds in a second.
pub(crate) const NANOS: u64 = 1_000_000_000;

/// A reading of a clock: whole seconds, and nanoseconds within the second.
///
/// The shape of the C library's `struct timespec`, except that `nsec` cannot be
/// negative. Seconds count from the clock's own origin (1970 for the wall
/// clock, boot for the monotonic ones). Ordered by time.
///
/// ```
/// use instanter_page::Timespec;
/// let earlier = Timespec::new(1, 999_999_999);
/// let later = Timespec::from_nanos(2_000_000_000);
/// assert!(earlier < later);
/// assert_eq!(later.as_nanos() - earlier.as_nanos(), 1);
/// assert_eq!(earlier.to_string(), "1.999999999");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timespec {
    /// Whole seconds, rounded towards the past.
    pub sec: i64,
    /// Nanoseconds since `sec`, below 1,000,000,000.
    pub nsec: u32,
}

impl Timespec {
    /// Makes a reading of `sec` seconds and `nsec` nanoseconds, carrying whole
    /// seconds out of `nsec`. Seconds past the end of `i64` saturate.
    #[inline]
    #[must_use]
    pub const fn new(sec: i64, nsec: u32) -> Timespec {
        Timespec {
            sec: sec.saturating_add((nsec / NANOS as u32) as i64),
            nsec: nsec % NANOS as u32,
        }
    }

    /// Makes a reading from nanoseconds since the clock's origin. Values beyond
    /// `i64` seconds saturate.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: i128) -> Timespec {
        let sec = nanos.div_euclid(NANOS as i128);
        if sec > i64::MAX as i128 {
            return Timespec { sec: i64::MAX, nsec: NANOS as u32 - 1 };
        }
        if sec < i64::MIN as i128 {
            return Timespec { sec: i64::MIN, nsec: 0 };
        }
        Timespec { sec: sec as i64, nsec: nanos.rem_euclid(NANOS as i128) as u32 }
    }

    /// Makes a reading from ticks of a counter of so many hertz, rounded towards the
    /// past. `None` for a counter of 0 Hz.
    ///
    /// Exact for every frequency. A counter of 24 MHz, as Arm machines have it, does
    /// not make a tick of a whole number of nanoseconds, and taking 41 for it, which is
    /// what 10^9 / 24,000,000 is in integers, would be wrong by 1.6 %.
    ///
    /// ```
    /// use instanter_page::Timespec;
    /// let hour = Timespec::from_ticks(3_600 * 24_000_000, 24_000_000);
    /// assert_eq!(hour, Some(Timespec::new(3_600, 0)));
    /// assert_eq!(Timespec::from_ticks(1, 24_000_000), Some(Timespec::new(0, 41)));
    /// assert_eq!(Timespec::from_ticks(1, 0), None);
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_ticks(ticks: u64, hertz: u64) -> Option<Timespec> {
        if hertz == 0 {
            return None;
        }
        let nanos = ticks as u128 * NANOS as u128 / hertz as u128;
        // Below 2^94 nanoseconds.
        Some(Timespec::from_nanos(nanos as i128))
    }

    /// Returns the nanoseconds since the clock's origin.
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> i128 {
        self.sec as i128 * NANOS as i128 + self.nsec as i128
    }

    /// Returns `self` moved by `offset`, saturating at the ends of `i64` seconds.
    #[inline]
    #[must_use]
    pub const fn shifted_by(self, offset: Timespec) -> Timespec {
        let nsec = self.nsec as u64 + offset.nsec as u64;
        let (carry, nsec) =
            if nsec < NANOS { (0, nsec) } else { ((nsec / NANOS) as i64, nsec % NANOS) };
        let Some(sec) = self.sec.checked_add(offset.sec) else {
            return Timespec::from_nanos(self.as_nanos() + offset.as_nanos());
        };
        match sec.checked_add(carry) {
            Some(sec) => Timespec { sec, nsec: nsec as u32 },
            None => Timespec::from_nanos(i128::MAX),
        }
    }
}

/// `seconds.nanoseconds`, nine digits; a `-` in front counts for both.
impl fmt::Display for Timespec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.as_nanos();
        let size = nanos.unsigned_abs();
        let sign = if nanos < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:09}", size / u128::from(NANOS), size % u128::from(NANOS))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn nanos_and_back() {
        let table: &[(i128, i64, u32, &str)] = &[
            (0, 0, 0, "0.000000000"),
            (-1, -1, 999_999_999, "-0.000000001"),
            (-1_000_000_001, -2, 999_999_999, "-1.000000001"),
            (1_999_999_999, 1, 999_999_999, "1.999999999"),
            (i128::from(i64::MAX) * 1_000_000_000, i64::MAX, 0, "9223372036854775807.000000000"),
            (i128::from(i64::MIN) * 1_000_000_000, i64::MIN, 0, "-9223372036854775808.000000000"),
        ];
        for &(nanos, sec, nsec, text) in table {
            let got = Timespec::from_nanos(nanos);
            assert_eq!(got, Timespec { sec, nsec }, "from_nanos({nanos})");
            assert_eq!(got.as_nanos(), nanos, "as_nanos of {got:?}");
            assert_eq!(got.to_string(), text, "text of {got:?}");
        }
    }

    #[test]
    fn the_ends_saturate() {
        assert_eq!(Timespec::from_nanos(i128::MAX).sec, i64::MAX);
        assert_eq!(Timespec::from_nanos(i128::MIN).sec, i64::MIN);
        assert_eq!(Timespec::new(i64::MAX, u32::MAX).sec, i64::MAX);
        assert_eq!(Timespec::new(0, u32::MAX), Timespec { sec: 4, nsec: 294_967_295 });
        let far = Timespec::new(i64::MAX, 1);
        assert_eq!(far.shifted_by(far).sec, i64::MAX);
        assert_eq!(far.shifted_by(Timespec::new(0, 999_999_999)).sec, i64::MAX);
        let past = Timespec::new(i64::MIN, 0);
        assert_eq!(past.shifted_by(past).sec, i64::MIN);
        assert_eq!(past.shifted_by(far), Timespec::new(-1, 1));
        let two = Timespec::new(1, 600_000_000).shifted_by(Timespec::new(-3, 700_000_000));
        assert_eq!(two, Timespec::new(-1, 300_000_000));
    }
}
