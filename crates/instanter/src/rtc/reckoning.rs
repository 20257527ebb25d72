//! Whose time a hardware clock shows.

use instanter_civil::{Date, DateTime, Offset, TimeOfDay};
use instanter_clock::rtc::RtcTime;

use super::Error;

/// Whose time a hardware clock shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reckoning {
    /// UTC: the use wherever nothing else needs local time.
    #[default]
    Utc,
    /// The local zone's. The hour that clocks show twice when they are put back
    /// is taken for its first, that which they skip for the time that an
    /// unchanged clock would show.
    #[cfg(feature = "std")]
    Local,
}

impl Reckoning {
    /// Returns the Unix seconds of what a clock shows.
    ///
    /// # Errors
    /// [`Error::NotADate`] where it is none.
    ///
    /// ```
    /// use instanter::rtc::{Reckoning, RtcTime};
    /// let shows = RtcTime { year: 2024, month: 7, day: 3, hour: 12, minute: 0, second: 5 };
    /// assert_eq!(Reckoning::Utc.unix_seconds(shows)?, 1_720_008_005);
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn unix_seconds(self, shows: RtcTime) -> Result<i64, Error> {
        let not_a_date = || Error::NotADate(shows);
        let date =
            Date::new(shows.year.into(), shows.month, shows.day).map_err(|_| not_a_date())?;
        let time =
            TimeOfDay::new(shows.hour, shows.minute, shows.second, 0).map_err(|_| not_a_date())?;
        let (seconds, _) =
            DateTime::new(date, time).to_unix(Offset::UTC).map_err(|_| not_a_date())?;
        match self {
            Reckoning::Utc => Ok(seconds),
            #[cfg(feature = "std")]
            Reckoning::Local => instanter_zone::Local::zone()
                .to_unix(seconds, instanter_zone::Policy::Compatible)
                .map_err(|_| not_a_date()),
        }
    }

    /// Returns what a clock shows at a moment, given in Unix seconds.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] outside the years 1900 to 9999: no hardware clock goes
    /// further, and most cover a century.
    ///
    /// ```
    /// use instanter::rtc::Reckoning;
    /// let shows = Reckoning::Utc.shows(1_720_008_005)?;
    /// assert_eq!((shows.year, shows.hour, shows.second), (2024, 12, 5));
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn shows(self, unix_s: i64) -> Result<RtcTime, Error> {
        let offset_s = match self {
            Reckoning::Utc => 0,
            #[cfg(feature = "std")]
            Reckoning::Local => instanter_zone::Local::zone().offset_at(unix_s),
        };
        let there = DateTime::from_unix(unix_s.saturating_add(offset_s.into()), 0, Offset::UTC);
        let (date, time) = (there.date(), there.time());
        let year = i32::try_from(date.year()).ok().filter(|year| (1900..=9999).contains(year));
        Ok(RtcTime {
            year: year.ok_or(Error::OutOfRange(unix_s))?,
            month: date.month(),
            day: date.day(),
            hour: time.hour(),
            minute: time.minute(),
            second: time.second(),
        })
    }

    /// Returns the word for it in `/etc/adjtime`.
    ///
    /// ```
    /// assert_eq!(instanter::rtc::Reckoning::Utc.word(), "UTC");
    /// ```
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Reckoning::Utc => "UTC",
            #[cfg(feature = "std")]
            Reckoning::Local => "LOCAL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(year: i32, month: u8, day: u8, [hour, minute, second]: [u8; 3]) -> RtcTime {
        RtcTime { year, month, day, hour, minute, second }
    }

    #[test]
    fn there_and_back() {
        // As `date -u -d @N` prints it.
        let table = [
            (0, time(1970, 1, 1, [0, 0, 0])),
            (-1, time(1969, 12, 31, [23, 59, 59])),
            (951_782_399, time(2000, 2, 28, [23, 59, 59])),
            (951_782_400, time(2000, 2, 29, [0, 0, 0])),
            (2_147_483_648, time(2038, 1, 19, [3, 14, 8])),
            (-2_208_988_800, time(1900, 1, 1, [0, 0, 0])),
            (253_402_300_799, time(9999, 12, 31, [23, 59, 59])),
        ];
        for (unix_s, shows) in table {
            assert_eq!(Reckoning::Utc.shows(unix_s), Ok(shows), "shows({unix_s})");
            assert_eq!(Reckoning::Utc.unix_seconds(shows), Ok(unix_s), "of {shows:?}");
        }
        for unix_s in [-2_208_988_801, 253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(Reckoning::Utc.shows(unix_s), Err(Error::OutOfRange(unix_s)));
        }
    }

    #[test]
    fn what_is_no_date() {
        let table = [
            time(2023, 2, 29, [0, 0, 0]),
            time(2024, 0, 1, [0, 0, 0]),
            time(2024, 13, 1, [0, 0, 0]),
            time(2024, 1, 0, [0, 0, 0]),
            time(2024, 1, 1, [24, 0, 0]),
            time(2024, 1, 1, [0, 60, 0]),
            time(2024, 1, 1, [0, 0, 60]),
            time(i32::MAX, 255, 255, [255, 255, 255]),
        ];
        for shows in table {
            assert_eq!(Reckoning::Utc.unix_seconds(shows), Err(Error::NotADate(shows)));
        }
    }
}
