//! Conversions to and from the `jiff` crate.

use instanter_zone::Zone;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::zoned::zone_by_name;
use crate::{Duration, Error, Time, Zoned};

impl From<Timestamp> for Time {
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from(jiff::Timestamp::UNIX_EPOCH), Time::UNIX_EPOCH);
    /// ```
    fn from(time: Timestamp) -> Time {
        Time::from_unix_nanos(time.as_nanosecond())
    }
}

impl TryFrom<Time> for Timestamp {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] for years beyond ±9999.
    ///
    /// ```
    /// use instanter::Time;
    /// use jiff::Timestamp;
    /// let theirs: Timestamp = Time::from_unix(1_700_000_000, 5).try_into()?;
    /// assert_eq!(theirs.to_string(), "2023-11-14T22:13:20.000000005Z");
    /// assert!(Timestamp::try_from(Time::MAX).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(time: Time) -> Result<Timestamp, Error> {
        Timestamp::from_nanosecond(time.unix_nanos())
            .map_err(|_| Error::beyond(time, "jiff::Timestamp"))
    }
}

impl From<Duration> for SignedDuration {
    /// ```
    /// use instanter::Duration;
    /// use jiff::SignedDuration;
    /// let theirs = SignedDuration::from(Duration::from_millis(-1_500));
    /// assert_eq!(theirs, SignedDuration::from_millis(-1_500));
    /// ```
    fn from(length: Duration) -> SignedDuration {
        SignedDuration::from_nanos(length.as_nanos())
    }
}

impl TryFrom<SignedDuration> for Duration {
    type Error = Error;

    /// # Errors
    /// [`Error::is_out_of_range`] beyond ±292 years.
    ///
    /// ```
    /// use instanter::Duration;
    /// use jiff::SignedDuration;
    /// assert_eq!(Duration::try_from(SignedDuration::from_hours(36))?, Duration::from_hours(36));
    /// assert!(Duration::try_from(SignedDuration::MAX).unwrap_err().is_out_of_range());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(length: SignedDuration) -> Result<Duration, Error> {
        i64::try_from(length.as_nanos())
            .map(Duration::from_nanos)
            .map_err(|_| Error::beyond(length, "Duration"))
    }
}

impl TryFrom<Zoned> for jiff::Zoned {
    type Error = Error;

    /// Keeps the zone: UTC and fixed offsets as they are, all others by name, which jiff
    /// looks up in its own tz database.
    ///
    /// # Errors
    /// [`Error::is_zone`] for a zone without a name, and one that jiff's tz database does not
    /// have; [`Error::is_out_of_range`] for years beyond ±9999, and offsets beyond 25:59:59.
    ///
    /// ```
    /// use instanter::{Zoned, zone::Zone};
    /// let ours: Zoned = "2024-07-01T12:00:00+02:00[Europe/Berlin]".parse()?;
    /// let theirs: jiff::Zoned = ours.try_into()?;
    /// assert_eq!(theirs.to_string(), "2024-07-01T12:00:00+02:00[Europe/Berlin]");
    ///
    /// let nameless = ours.with_zone(Zone::posix("EST5EDT,M3.2.0,M11.1.0")?);
    /// assert!(jiff::Zoned::try_from(nameless).unwrap_err().is_zone());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn try_from(zoned: Zoned) -> Result<jiff::Zoned, Error> {
        let zone = match (zoned.zone().name(), zoned.zone().table()) {
            _ if zoned.zone() == Zone::UTC => TimeZone::UTC,
            (Some(name), _) => {
                TimeZone::get(name).map_err(|error| Error::not_shared(name, error))?
            }
            (None, None) => {
                let offset = Offset::from_seconds(zoned.offset().seconds());
                TimeZone::fixed(offset.map_err(|_| Error::beyond(zoned, "jiff::Zoned"))?)
            }
            (None, Some(_)) => return Err(Error::nameless(zoned.zone())),
        };
        let time = Timestamp::try_from(zoned.time());
        Ok(time.map_err(|_| Error::beyond(zoned, "jiff::Zoned"))?.to_zoned(zone))
    }
}

impl TryFrom<&jiff::Zoned> for Zoned {
    type Error = Error;

    /// Keeps the zone: UTC and fixed offsets as they are, all others by name.
    ///
    /// # Errors
    /// [`Error::is_zone`] for a zone without a name, and one that is not in the tz database
    /// here.
    ///
    /// ```
    /// use instanter::Zoned;
    /// let theirs: jiff::Zoned = "2024-07-01T12:00:00+05:30[Asia/Kolkata]".parse().unwrap();
    /// let ours = Zoned::try_from(&theirs)?;
    /// assert_eq!((ours.hour(), ours.zone().name()), (12, Some("Asia/Kolkata")));
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(zoned: &jiff::Zoned) -> Result<Zoned, Error> {
        let theirs = zoned.time_zone();
        let zone = if *theirs == TimeZone::UTC {
            Zone::UTC
        } else if theirs.is_unknown() {
            return Err(Error::not_shared("Etc/Unknown", "it stands for a zone that is not known"));
        } else if let Some(name) = theirs.iana_name() {
            zone_by_name(name)?
        } else if let Ok(offset) = theirs.to_fixed_offset() {
            Zone::fixed(offset.seconds())?
        } else {
            return Err(Error::nameless(zoned.strftime("%Z")));
        };
        Ok(Time::from(zoned.timestamp()).in_zone(zone))
    }
}

impl TryFrom<jiff::Zoned> for Zoned {
    type Error = Error;

    /// As from a reference.
    ///
    /// ```
    /// use instanter::{Time, Zoned};
    /// let theirs = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
    /// assert_eq!(Zoned::try_from(theirs)?, Time::UNIX_EPOCH.utc());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    fn try_from(zoned: jiff::Zoned) -> Result<Zoned, Error> {
        Zoned::try_from(&zoned)
    }
}
