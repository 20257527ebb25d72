//! A moment in a zone.
//!
//! # Adding a day, adding 24 hours
//!
//! A [`Duration`] is a fixed length; a day of the calendar is not: where clocks are put
//! forward it has 23 hours, where they are put back 25. So there are two kinds of adding.
//! `zoned + Duration` moves the moment by exactly that. [`add_days`](Zoned::add_days) and its
//! relatives move the *date* and keep what the clock shows: an appointment at nine stays at
//! nine. Where that date has no such time, or has it twice, a [`Policy`] says what is meant.
//!
//! ```
//! use instanter::{Duration, Zoned, zone::Policy};
//! // On 31 March 2024 clocks in Berlin went from 02:00 to 03:00.
//! let saturday: Zoned = "2024-03-30T12:00:00+01:00[Europe/Berlin]".parse()?;
//! let sunday = saturday.add_days(1, Policy::Compatible)?;
//! assert_eq!(sunday.to_string(), "2024-03-31T12:00:00+02:00[Europe/Berlin]");
//! assert_eq!((saturday + Duration::from_hours(24)).hour(), 13);
//! assert_eq!(sunday.day_length()?, Duration::from_hours(23));
//! # Ok::<(), instanter::Error>(())
//! ```

mod arithmetic;
mod day;
mod fields;
#[cfg(feature = "std")]
mod minute;
mod text;

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use instanter_civil::DateTime;
use instanter_zone::{Policy, Zone};

use crate::{Error, Time, now};

pub use text::Formatted;
#[cfg(feature = "jiff")]
pub(crate) use text::zone_by_name;

/// A moment, and the zone in whose clocks it is read: 24 bytes, `Copy`.
///
/// Comparing, ordering and hashing use the moment's wall reading alone: noon in London is
/// the same moment as one o'clock in Paris.
///
/// ```
/// use instanter::{Zoned, zone::Zone};
/// let zoned: Zoned = "2024-07-01T12:00:00+02:00[Europe/Berlin]".parse()?;
/// assert_eq!((zoned.hour(), &*zoned.abbreviation()), (12, "CEST"));
/// assert_eq!(zoned.with_zone(Zone::UTC), zoned);
/// assert_eq!(size_of::<Zoned>(), 24);
/// # Ok::<(), instanter::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Zoned {
    time: Time,
    zone: Zone,
}

impl Zoned {
    /// Returns the current time in the local zone: one counter read, and one atomic load for
    /// the zone.
    ///
    /// The zone is that of [`Local`](instanter_zone::Local): from `TZ` and
    /// `/etc/localtime`, with a change seen within a second.
    ///
    /// # Panics
    /// As [`now`](fn@crate::now) does.
    ///
    /// ```
    /// use instanter::Zoned;
    /// println!("It is {}.", Zoned::now().strftime("%H:%M")?);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    #[cfg(feature = "std")]
    #[inline]
    #[must_use]
    pub fn now() -> Zoned {
        now().local()
    }

    /// Returns the current time in a zone.
    ///
    /// # Panics
    /// As [`now`](fn@crate::now) does.
    ///
    /// ```
    /// use instanter::{Zoned, zone::Zone};
    /// let zoned = Zoned::now_in(Zone::get("Asia/Tokyo")?);
    /// assert_eq!(zoned.offset().seconds(), 9 * 3600);
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn now_in(zone: Zone) -> Zoned {
        Zoned { time: now(), zone }
    }

    /// Puts a moment and a zone together; see [`Time::in_zone`].
    ///
    /// ```
    /// use instanter::{Time, Zoned, zone::Zone};
    /// assert_eq!(Zoned::new(Time::UNIX_EPOCH, Zone::UTC).to_string(), "1970-01-01T00:00:00+00:00[UTC]");
    /// ```
    #[inline]
    #[must_use]
    pub const fn new(time: Time, zone: Zone) -> Zoned {
        Zoned { time, zone }
    }

    /// Returns the moment at which the clocks of a zone show a date and time.
    ///
    /// # Errors
    /// [`Error::rejected`] for one that the zone skips or has twice, under
    /// [`Policy::Reject`]; [`Error::is_out_of_range`] beyond `i64` seconds.
    ///
    /// ```
    /// use instanter::{Zoned, civil::{Date, DateTime, TimeOfDay}, zone::{Policy, Zone}};
    /// let noon = DateTime::new(Date::new(2024, 7, 1)?, TimeOfDay::new(12, 0, 0, 0)?);
    /// let zoned = Zoned::from_local(noon, Zone::get("Asia/Kolkata")?, Policy::Compatible)?;
    /// assert_eq!(zoned.to_string(), "2024-07-01T12:00:00+05:30[Asia/Kolkata]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_local(local: DateTime, zone: Zone, policy: Policy) -> Result<Zoned, Error> {
        let (local_s, nanosecond) = local.to_unix(instanter_civil::Offset::UTC)?;
        let unix_s = zone.to_unix(local_s, policy)?;
        Ok(Zoned { time: Time::from_unix(unix_s, nanosecond), zone })
    }

    /// Returns the moment.
    ///
    /// ```
    /// use instanter::{Time, zone::Zone};
    /// assert_eq!(Time::UNIX_EPOCH.in_zone(Zone::UTC).time(), Time::UNIX_EPOCH);
    /// ```
    #[inline]
    #[must_use]
    pub const fn time(self) -> Time {
        self.time
    }

    /// Returns the zone.
    ///
    /// ```
    /// use instanter::{Time, zone::Zone};
    /// assert_eq!(Time::UNIX_EPOCH.in_zone(Zone::UTC).zone(), Zone::UTC);
    /// ```
    #[inline]
    #[must_use]
    pub const fn zone(self) -> Zone {
        self.zone
    }

    /// Returns the same moment in another zone.
    ///
    /// ```
    /// use instanter::{Time, zone::Zone};
    /// let kolkata = Time::UNIX_EPOCH.in_zone(Zone::UTC).with_zone(Zone::get("Asia/Kolkata")?);
    /// assert_eq!((kolkata.hour(), kolkata.minute()), (5, 30));
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn with_zone(self, zone: Zone) -> Zoned {
        Zoned { time: self.time, zone }
    }
}

impl Time {
    /// Returns the moment as the clocks of a zone show it.
    ///
    /// ```
    /// use instanter::{Time, zone::Zone};
    /// let tokyo = Time::UNIX_EPOCH.in_zone(Zone::get("Asia/Tokyo")?);
    /// assert_eq!(tokyo.to_string(), "1970-01-01T09:00:00+09:00[Asia/Tokyo]");
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn in_zone(self, zone: Zone) -> Zoned {
        Zoned { time: self, zone }
    }

    /// Returns the moment in UTC.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::UNIX_EPOCH.utc().year(), 1970);
    /// ```
    #[inline]
    #[must_use]
    pub const fn utc(self) -> Zoned {
        self.in_zone(Zone::UTC)
    }

    /// Returns the moment in the local zone, as [`Zoned::now`] finds it.
    ///
    /// ```
    /// use instanter::now;
    /// println!("{}", now().local());
    /// ```
    #[cfg(feature = "std")]
    #[inline]
    #[must_use]
    pub fn local(self) -> Zoned {
        use instanter_zone::Local;
        // The monotonic reading tells whether a look at the zone's file is due.
        let zone = match self.monotonic_nanos() {
            Some(nanos) => Local::zone_at(nanos.max(0).unsigned_abs()),
            None => Local::zone(),
        };
        self.in_zone(zone)
    }
}

impl PartialEq for Zoned {
    fn eq(&self, other: &Zoned) -> bool {
        self.time == other.time
    }
}

impl Eq for Zoned {}

impl PartialOrd for Zoned {
    fn partial_cmp(&self, other: &Zoned) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zoned {
    fn cmp(&self, other: &Zoned) -> Ordering {
        self.time.cmp(&other.time)
    }
}

impl Hash for Zoned {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.time.hash(state);
    }
}

impl From<Zoned> for Time {
    fn from(zoned: Zoned) -> Time {
        zoned.time
    }
}

/// As [`Display`](fmt::Display).
impl fmt::Debug for Zoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_moment_in_any_zone_is_equal() {
        let berlin = Zone::get("Europe/Berlin").unwrap();
        let (here, there) = (Time::from_unix(5, 6).utc(), Time::from_unix(5, 6).in_zone(berlin));
        assert_eq!(here, there);
        assert_eq!(HashSet::from([here, there]).len(), 1);
        assert!(Time::from_unix(5, 7).utc() > there);
        assert_eq!(size_of::<Zoned>(), 24);
    }

    #[test]
    fn one_reading_is_kept_and_the_local_zone_known() {
        let zoned = Zoned::now();
        assert!(zoned.time().monotonic_nanos().is_some());
        assert_eq!(zoned.zone(), instanter_zone::Local::zone());
        assert_eq!(
            zoned.with_zone(Zone::UTC).time().monotonic_nanos(),
            zoned.time().monotonic_nanos()
        );
    }
}
