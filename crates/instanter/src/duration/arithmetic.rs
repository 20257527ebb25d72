//! Calculating with lengths of time: nothing wraps, nothing panics.

use core::iter::Sum;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::Duration;

impl Duration {
    /// Returns the sum, or nothing where it does not fit.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::MAX.checked_add(Duration::from_nanos(1)), None);
    /// ```
    #[must_use]
    pub const fn checked_add(self, other: Duration) -> Option<Duration> {
        match self.nanos.checked_add(other.nanos) {
            Some(nanos) => Some(Duration { nanos }),
            None => None,
        }
    }

    /// Returns the difference, or nothing where it does not fit.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::MIN.checked_sub(Duration::from_nanos(1)), None);
    /// ```
    #[must_use]
    pub const fn checked_sub(self, other: Duration) -> Option<Duration> {
        match self.nanos.checked_sub(other.nanos) {
            Some(nanos) => Some(Duration { nanos }),
            None => None,
        }
    }

    /// Returns so many times the length, or nothing where it does not fit.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_seconds(2).checked_mul(3), Some(Duration::from_seconds(6)));
    /// assert_eq!(Duration::MAX.checked_mul(2), None);
    /// ```
    #[must_use]
    pub const fn checked_mul(self, times: i64) -> Option<Duration> {
        match self.nanos.checked_mul(times) {
            Some(nanos) => Some(Duration { nanos }),
            None => None,
        }
    }

    /// Returns the length divided, cut off to the nanosecond; nothing for a division by
    /// zero, and for that of [`MIN`](Duration::MIN) by −1.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_seconds(1).checked_div(3), Some(Duration::from_nanos(333_333_333)));
    /// assert_eq!(Duration::from_seconds(1).checked_div(0), None);
    /// ```
    #[must_use]
    pub const fn checked_div(self, by: i64) -> Option<Duration> {
        match self.nanos.checked_div(by) {
            Some(nanos) => Some(Duration { nanos }),
            None => None,
        }
    }

    /// Returns how many times `other` fits into this, as a floating-point number: infinite
    /// or not a number if `other` is zero.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_millis(1_500).ratio(Duration::from_seconds(1)), 1.5);
    /// ```
    #[must_use]
    pub fn ratio(self, other: Duration) -> f64 {
        self.nanos as f64 / other.nanos as f64
    }

    /// Returns the length without its sign. That of [`MIN`](Duration::MIN) saturates.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::from_seconds(-2).abs(), Duration::from_seconds(2));
    /// assert_eq!(Duration::MIN.abs(), Duration::MAX);
    /// ```
    #[must_use]
    pub const fn abs(self) -> Duration {
        Duration { nanos: self.nanos.saturating_abs() }
    }

    /// Returns the largest multiple of `unit` that is not longer, towards zero. With a
    /// `unit` that is not positive it is the length itself.
    ///
    /// ```
    /// use instanter::Duration;
    /// let length = Duration::from_millis(-1_999);
    /// assert_eq!(length.truncate(Duration::from_seconds(1)), Duration::from_seconds(-1));
    /// ```
    #[must_use]
    pub const fn truncate(self, unit: Duration) -> Duration {
        if unit.nanos <= 0 {
            return self;
        }
        Duration { nanos: self.nanos - self.nanos % unit.nanos }
    }

    /// Returns the nearest multiple of `unit`, from the middle away from zero,
    /// saturating. With a `unit` that is not positive it is the length itself.
    ///
    /// ```
    /// use instanter::Duration;
    /// let minute = Duration::from_minutes(1);
    /// assert_eq!(Duration::from_seconds(90).round(minute), Duration::from_minutes(2));
    /// assert_eq!(Duration::from_seconds(-90).round(minute), Duration::from_minutes(-2));
    /// assert_eq!(Duration::MAX.round(Duration::from_hours(1_000_000)), Duration::MAX);
    /// ```
    #[must_use]
    pub const fn round(self, unit: Duration) -> Duration {
        if unit.nanos <= 0 {
            return self;
        }
        let rest = self.nanos % unit.nanos;
        let down = self.nanos - rest;
        // `rest` and what it lacks are both smaller than the unit: no sum of them is taken.
        if rest.unsigned_abs() < unit.nanos.unsigned_abs() - rest.unsigned_abs() {
            return Duration { nanos: down };
        }
        let unit = if self.nanos < 0 { -unit.nanos } else { unit.nanos };
        Duration { nanos: down.saturating_add(unit) }
    }
}

/// Saturates.
impl Add for Duration {
    type Output = Duration;

    #[inline]
    fn add(self, other: Duration) -> Duration {
        Duration { nanos: self.nanos.saturating_add(other.nanos) }
    }
}

/// Saturates.
impl Sub for Duration {
    type Output = Duration;

    #[inline]
    fn sub(self, other: Duration) -> Duration {
        Duration { nanos: self.nanos.saturating_sub(other.nanos) }
    }
}

/// Saturates.
impl Mul<i64> for Duration {
    type Output = Duration;

    #[inline]
    fn mul(self, times: i64) -> Duration {
        Duration { nanos: self.nanos.saturating_mul(times) }
    }
}

/// Saturates.
impl Mul<Duration> for i64 {
    type Output = Duration;

    #[inline]
    fn mul(self, length: Duration) -> Duration {
        length * self
    }
}

/// Saturates.
impl Neg for Duration {
    type Output = Duration;

    #[inline]
    fn neg(self) -> Duration {
        Duration { nanos: self.nanos.saturating_neg() }
    }
}

/// Saturates.
impl AddAssign for Duration {
    fn add_assign(&mut self, other: Duration) {
        *self = *self + other;
    }
}

/// Saturates.
impl SubAssign for Duration {
    fn sub_assign(&mut self, other: Duration) {
        *self = *self - other;
    }
}

/// Saturates.
impl MulAssign<i64> for Duration {
    fn mul_assign(&mut self, times: i64) {
        *self = *self * times;
    }
}

/// Saturates at each step.
impl Sum for Duration {
    fn sum<I: Iterator<Item = Duration>>(lengths: I) -> Duration {
        lengths.fold(Duration::ZERO, Add::add)
    }
}

/// Saturates at each step.
impl<'a> Sum<&'a Duration> for Duration {
    fn sum<I: Iterator<Item = &'a Duration>>(lengths: I) -> Duration {
        lengths.copied().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ns(nanos: i64) -> Duration {
        Duration::from_nanos(nanos)
    }

    #[test]
    fn the_ends_saturate() {
        assert_eq!(Duration::MAX + ns(1), Duration::MAX);
        assert_eq!(Duration::MIN - ns(1), Duration::MIN);
        assert_eq!(-Duration::MIN, Duration::MAX);
        assert_eq!(Duration::MIN * -1, Duration::MAX);
        assert_eq!(2 * Duration::MAX, Duration::MAX);
        assert_eq!([Duration::MAX, ns(5)].iter().sum::<Duration>(), Duration::MAX);
        assert_eq!(Duration::MIN.checked_div(-1), None);
        assert_eq!(Duration::MIN.round(Duration::MAX), -Duration::MAX);
    }

    #[test]
    fn rounding_is_gos() {
        // What Go's Truncate and Round print for these.
        let table = [
            (0, 1, 0, 0),
            (60_000_000_000, 60_000_000_000, 60_000_000_000, 60_000_000_000),
            (61, 60, 60, 60),
            (89, 60, 60, 60),
            (90, 60, 60, 120),
            (-61, 60, -60, -60),
            (-90, 60, -60, -120),
            (121, -60, 121, 121),
            (121, 0, 121, 121),
            (i64::MAX, 10, 9_223_372_036_854_775_800, i64::MAX),
            (i64::MIN, 10, -9_223_372_036_854_775_800, i64::MIN),
            (i64::MAX, i64::MAX, i64::MAX, i64::MAX),
            (i64::MAX - 1, i64::MAX, 0, i64::MAX),
        ];
        for (nanos, unit, truncated, rounded) in table {
            assert_eq!(ns(nanos).truncate(ns(unit)), ns(truncated), "{nanos} to {unit}");
            assert_eq!(ns(nanos).round(ns(unit)), ns(rounded), "{nanos} to {unit}");
        }
    }
}
