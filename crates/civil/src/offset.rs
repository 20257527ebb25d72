//! The difference between local time and UTC.

use crate::Error;

/// Seconds of local time east of UTC: positive where clocks are ahead of it.
///
/// From −167:59:59 to +167:59:59, which holds the hours that RFC 9636 allows in a
/// zone's rules. Real offsets are within ±16 hours, and those before about 1930
/// often have seconds.
///
/// ```
/// use instanter_civil::Offset;
/// let kolkata = Offset::from_seconds(5 * 3600 + 30 * 60).unwrap();
/// assert_eq!(kolkata.to_string(), "+05:30");
/// assert_eq!(kolkata.seconds(), 19_800);
/// assert_eq!(Offset::default(), Offset::UTC);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset {
    seconds: i32,
}

impl Offset {
    /// No difference.
    pub const UTC: Offset = Offset { seconds: 0 };
    /// −167:59:59.
    pub const MIN: Offset = Offset { seconds: -604_799 };
    /// +167:59:59.
    pub const MAX: Offset = Offset { seconds: 604_799 };

    /// Makes an offset from seconds east of UTC.
    ///
    /// # Errors
    /// Out of range beyond ±604,799 s.
    ///
    /// ```
    /// use instanter_civil::Offset;
    /// assert!(Offset::from_seconds(604_800).unwrap_err().is_out_of_range());
    /// ```
    #[inline]
    pub const fn from_seconds(seconds: i32) -> Result<Offset, Error> {
        if seconds < Offset::MIN.seconds || seconds > Offset::MAX.seconds {
            let (low, high) = (Offset::MIN.seconds as i64, Offset::MAX.seconds as i64);
            return Err(Error::range("offset in seconds", seconds as i64, low, high));
        }
        Ok(Offset { seconds })
    }

    /// Makes an offset from hours, minutes and seconds, of which all that are not
    /// zero have the same sign.
    ///
    /// # Errors
    /// Out of range if the hours are beyond ±167, the minutes or seconds beyond
    /// ±59, or the signs differ.
    ///
    /// ```
    /// use instanter_civil::Offset;
    /// assert_eq!(Offset::from_hms(-3, -30, 0).unwrap().seconds(), -12_600);
    /// assert!(Offset::from_hms(-3, 30, 0).is_err());
    /// ```
    pub const fn from_hms(hours: i16, minutes: i8, seconds: i8) -> Result<Offset, Error> {
        let negative = hours < 0 || minutes < 0 || seconds < 0;
        let (low, high) = if negative { (-1, 0) } else { (0, 1) };
        if (hours as i64) < 167 * low || hours as i64 > 167 * high {
            return Err(Error::range("hours of the offset", hours as i64, 167 * low, 167 * high));
        }
        if (minutes as i64) < 59 * low || minutes as i64 > 59 * high {
            return Err(Error::range("minutes of the offset", minutes as i64, 59 * low, 59 * high));
        }
        if (seconds as i64) < 59 * low || seconds as i64 > 59 * high {
            return Err(Error::range("seconds of the offset", seconds as i64, 59 * low, 59 * high));
        }
        Ok(Offset { seconds: hours as i32 * 3600 + minutes as i32 * 60 + seconds as i32 })
    }

    /// For seconds that are known to be within the range.
    #[inline(always)]
    pub(crate) const fn from_seconds_in_range(seconds: i32) -> Offset {
        Offset { seconds }
    }

    /// Returns the seconds east of UTC, within ±604,799.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Offset::UTC.seconds(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn seconds(self) -> i32 {
        self.seconds
    }

    /// Returns the size in hours (0 to 167), minutes and seconds (0 to 59), without
    /// the sign.
    ///
    /// ```
    /// use instanter_civil::Offset;
    /// assert_eq!(Offset::from_seconds(-12_600).unwrap().abs_hms(), (3, 30, 0));
    /// ```
    #[inline]
    #[must_use]
    pub const fn abs_hms(self) -> (u8, u8, u8) {
        let size = self.seconds.unsigned_abs();
        ((size / 3600) as u8, (size / 60 % 60) as u8, (size % 60) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_minutes_seconds_and_back() {
        for seconds in (-604_799..=604_799).step_by(61).chain([604_799]) {
            let offset = Offset::from_seconds(seconds).unwrap();
            let (h, m, s) = offset.abs_hms();
            let sign = if seconds < 0 { -1 } else { 1 };
            let again = Offset::from_hms(
                sign * i16::from(h),
                (sign as i8) * m as i8,
                (sign as i8) * s as i8,
            );
            assert_eq!(again, Ok(offset));
        }
        assert!(Offset::from_hms(168, 0, 0).is_err());
        assert!(Offset::from_hms(0, 60, 0).is_err());
        assert!(Offset::from_hms(0, 1, -1).is_err());
        assert!(Offset::from_hms(i16::MIN, i8::MIN, i8::MIN).is_err());
        assert!(Offset::from_seconds(i32::MIN).is_err());
    }
}
