//! Conversions to and from the `chrono` crate.

use chrono::{DateTime, FixedOffset, TimeDelta, TimeZone, Utc};
use instanter_zone::Zone;

use crate::{Duration, Error, Time, Zoned};

impl<Tz: TimeZone> From<DateTime<Tz>> for Time {
    /// Keeps the moment, not the zone. A leap second of chrono's, which is a second of more
    /// than 999,999,999 ns, becomes the last nanosecond before it, as one in a text does.
    ///
    /// ```
    /// use instanter::Time;
    /// let theirs = chrono::DateTime::from_timestamp(1_700_000_000, 5).unwrap();
    /// assert_eq!(Time::from(theirs), Time::from_unix(1_700_000_000, 5));
    /// ```
    fn from(time: DateTime<Tz>) -> Time {
        Time::from_unix(time.timestamp(), time.timestamp_subsec_nanos().min(999_999_999))
    }
}

impl TryFrom<Time> for DateTime<Utc> {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] for years beyond some ±262,000.
    ///
    /// ```
    /// use chrono::{DateTime, Datelike, Utc};
    /// use instanter::Time;
    /// let theirs: DateTime<Utc> = Time::from_unix_seconds(1_700_000_000).try_into()?;
    /// assert_eq!(theirs.year(), 2023);
    /// assert!(DateTime::<Utc>::try_from(Time::MAX).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(time: Time) -> Result<DateTime<Utc>, Error> {
        DateTime::from_timestamp(time.unix_seconds(), time.nanosecond())
            .ok_or_else(|| Error::beyond(time, "chrono::DateTime"))
    }
}

impl From<Duration> for TimeDelta {
    /// ```
    /// use chrono::TimeDelta;
    /// use instanter::Duration;
    /// assert_eq!(TimeDelta::from(Duration::from_millis(-1_500)), TimeDelta::milliseconds(-1_500));
    /// ```
    fn from(length: Duration) -> TimeDelta {
        TimeDelta::nanoseconds(length.as_nanos())
    }
}

impl TryFrom<TimeDelta> for Duration {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] beyond ±292 years.
    ///
    /// ```
    /// use chrono::TimeDelta;
    /// use instanter::Duration;
    /// assert_eq!(Duration::try_from(TimeDelta::weeks(1))?, Duration::from_hours(168));
    /// assert!(Duration::try_from(TimeDelta::MAX).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(length: TimeDelta) -> Result<Duration, Error> {
        let nanos = length.num_nanoseconds().ok_or_else(|| Error::beyond(length, "Duration"))?;
        Ok(Duration::from_nanos(nanos))
    }
}

impl TryFrom<Zoned> for DateTime<FixedOffset> {
    type Error = Error;

    /// Keeps the offset that the zone has at the moment.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] for years beyond some ±262,000, and offsets of a day and
    /// more.
    ///
    /// ```
    /// use chrono::{DateTime, FixedOffset};
    /// use instanter::Zoned;
    /// let ours: Zoned = "2024-07-01T12:00:00+02:00[Europe/Berlin]".parse()?;
    /// let theirs: DateTime<FixedOffset> = ours.try_into()?;
    /// assert_eq!(theirs.to_rfc3339(), "2024-07-01T12:00:00+02:00");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(zoned: Zoned) -> Result<DateTime<FixedOffset>, Error> {
        let beyond = || Error::beyond(zoned, "chrono::DateTime<FixedOffset>");
        let offset = FixedOffset::east_opt(zoned.offset().seconds()).ok_or_else(beyond)?;
        let utc = DateTime::<Utc>::try_from(zoned.time()).map_err(|_| beyond())?;
        // What clocks show must be in chrono's years, too: else it panics when it is asked.
        utc.naive_utc().checked_add_offset(offset).ok_or_else(beyond)?;
        Ok(utc.with_timezone(&offset))
    }
}

impl From<DateTime<FixedOffset>> for Zoned {
    /// The zone is one that always has this offset.
    ///
    /// ```
    /// use instanter::Zoned;
    /// let theirs = chrono::DateTime::parse_from_rfc3339("2024-07-01T12:00:00+05:30").unwrap();
    /// assert_eq!(Zoned::from(theirs).to_string(), "2024-07-01T12:00:00+05:30[+05:30]");
    /// ```
    fn from(time: DateTime<FixedOffset>) -> Zoned {
        // Chrono's offsets are within a day, and ours within seven.
        let zone = Zone::fixed(time.offset().local_minus_utc()).unwrap_or_default();
        Time::from(time).in_zone(zone)
    }
}
