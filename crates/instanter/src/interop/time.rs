//! Conversions to and from the `time` crate.

use ::time::{Duration as Length, OffsetDateTime, UtcOffset};
use instanter_zone::Zone;

use crate::{Duration, Error, Time, Zoned};

impl From<OffsetDateTime> for Time {
    /// Keeps the moment, not the offset.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from(time::OffsetDateTime::UNIX_EPOCH), Time::UNIX_EPOCH);
    /// ```
    fn from(time: OffsetDateTime) -> Time {
        Time::from_unix_nanos(time.unix_timestamp_nanos())
    }
}

impl TryFrom<Time> for OffsetDateTime {
    type Error = Error;

    /// In UTC.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] for years beyond ±9999 (or what the feature `large-dates`
    /// of `time` makes of that).
    ///
    /// ```
    /// use instanter::Time;
    /// use time::OffsetDateTime;
    /// let theirs: OffsetDateTime = Time::from_unix_seconds(1_700_000_000).try_into()?;
    /// assert_eq!((theirs.year(), theirs.hour()), (2023, 22));
    /// assert!(OffsetDateTime::try_from(Time::MAX).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(time: Time) -> Result<OffsetDateTime, Error> {
        OffsetDateTime::from_unix_timestamp_nanos(time.unix_nanos())
            .map_err(|_| Error::beyond(time, "time::OffsetDateTime"))
    }
}

impl From<Duration> for Length {
    /// ```
    /// use instanter::Duration;
    /// let theirs = time::Duration::from(Duration::from_millis(-1_500));
    /// assert_eq!(theirs, time::Duration::milliseconds(-1_500));
    /// ```
    fn from(length: Duration) -> Length {
        Length::nanoseconds(length.as_nanos())
    }
}

impl TryFrom<Length> for Duration {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] beyond ±292 years.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!(Duration::try_from(time::Duration::weeks(1))?, Duration::from_hours(168));
    /// assert!(Duration::try_from(time::Duration::MAX).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(length: Length) -> Result<Duration, Error> {
        i64::try_from(length.whole_nanoseconds())
            .map(Duration::from_nanos)
            .map_err(|_| Error::beyond(length, "Duration"))
    }
}

impl TryFrom<Zoned> for OffsetDateTime {
    type Error = Error;

    /// Keeps the offset that the zone has at the moment.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] for years beyond ±9999, on the clocks of the zone, too, and
    /// offsets beyond 25:59:59.
    ///
    /// ```
    /// use instanter::Zoned;
    /// use time::OffsetDateTime;
    /// let ours: Zoned = "2024-07-01T12:00:00+02:00[Europe/Berlin]".parse()?;
    /// let theirs: OffsetDateTime = ours.try_into()?;
    /// assert_eq!((theirs.hour(), theirs.offset().whole_hours()), (12, 2));
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(zoned: Zoned) -> Result<OffsetDateTime, Error> {
        let beyond = || Error::beyond(zoned, "time::OffsetDateTime");
        let offset = UtcOffset::from_whole_seconds(zoned.offset().seconds());
        let offset = offset.map_err(|_| beyond())?;
        let utc = OffsetDateTime::try_from(zoned.time()).map_err(|_| beyond())?;
        utc.checked_to_offset(offset).ok_or_else(beyond)
    }
}

impl From<OffsetDateTime> for Zoned {
    /// The zone is one that always has this offset.
    ///
    /// ```
    /// use instanter::Zoned;
    /// let offset = time::UtcOffset::from_hms(5, 30, 0).unwrap();
    /// let theirs = time::OffsetDateTime::UNIX_EPOCH.to_offset(offset);
    /// assert_eq!(Zoned::from(theirs).to_string(), "1970-01-01T05:30:00+05:30[+05:30]");
    /// ```
    fn from(time: OffsetDateTime) -> Zoned {
        // Their offsets are within 26 hours, and ours within seven days.
        let zone = Zone::fixed(time.offset().whole_seconds()).unwrap_or_default();
        Time::from(time).in_zone(zone)
    }
}
