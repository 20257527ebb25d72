//! Timestamps of log lines, in the clocks of a zone.

use alloc::boxed::Box;
use core::fmt;

use instanter_civil::stamp::OffsetInterval;
use instanter_civil::{self as civil, Offset};
use instanter_zone::Zone;

use crate::Time;

/// How the calendar's stamp asks a zone for its offset: once between two transitions.
type OffsetAt = Box<dyn FnMut(i64) -> OffsetInterval + Send + Sync>;

/// Writes the moments of a log, one after the other, as RFC 3339 in a zone; each time
/// only what has changed since the last one.
///
/// Moments may come in any order: the wall clock may be put back, and transitions crossed
/// in both directions. It is [`civil::Stamp`] with a zone; the two cost the same.
///
/// Keep one for each thread that writes, or one beside the file under the same lock.
///
/// ```
/// use instanter::{Stamp, Time, zone::Zone};
/// // Clocks in Berlin went forward at 1711846800.
/// let mut stamp = Stamp::in_zone(Zone::get("Europe/Berlin")?, 3);
/// assert_eq!(stamp.write(Time::from_unix(1_711_846_799, 0)), b"2024-03-31T01:59:59.000+01:00");
/// assert_eq!(stamp.write(Time::from_unix(1_711_846_800, 0)), b"2024-03-31T03:00:00.000+02:00");
/// # Ok::<(), instanter::zone::Error>(())
/// ```
pub struct Stamp {
    zone: Zone,
    #[cfg(feature = "std")]
    is_local: bool,
    digits: u8,
    text: civil::Stamp<OffsetAt>,
}

impl Stamp {
    /// Makes stamps in the local zone, with so many digits of the second's fraction, 0 to 9
    /// (more are taken as 9). A change of the local zone is seen at the next moment with a
    /// monotonic reading, within the interval of [`Follow`](instanter_zone::Follow).
    ///
    /// ```
    /// use instanter::{Stamp, now_relaxed};
    /// use std::io::Write;
    /// let mut stamp = Stamp::local(6);
    /// let mut log = Vec::new();
    /// log.write_all(stamp.write(now_relaxed()))?;
    /// log.write_all(b" started\n")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "std")]
    #[must_use]
    pub fn local(digits: u8) -> Stamp {
        Stamp { is_local: true, ..Stamp::in_zone(instanter_zone::Local::zone(), digits) }
    }

    /// Makes stamps in UTC, which end in `Z`.
    ///
    /// ```
    /// use instanter::{Stamp, Time};
    /// assert_eq!(Stamp::utc(0).write(Time::UNIX_EPOCH), b"1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn utc(digits: u8) -> Stamp {
        Stamp::in_zone(Zone::UTC, digits)
    }

    /// Makes stamps in a zone.
    ///
    /// ```
    /// use instanter::{Stamp, Time, zone::Zone};
    /// let mut stamp = Stamp::in_zone(Zone::fixed(19_800)?, 0);
    /// assert_eq!(stamp.write(Time::UNIX_EPOCH), b"1970-01-01T05:30:00+05:30");
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[must_use]
    pub fn in_zone(zone: Zone, digits: u8) -> Stamp {
        Stamp {
            zone,
            #[cfg(feature = "std")]
            is_local: false,
            digits,
            text: civil::Stamp::new(digits, Box::new(move |unix_s| offset_at(zone, unix_s))),
        }
    }

    /// Returns the text of a moment.
    ///
    /// ```
    /// use instanter::{Stamp, Time};
    /// let mut stamp = Stamp::utc(9);
    /// assert_eq!(stamp.write(Time::from_unix(0, 5)), b"1970-01-01T00:00:00.000000005Z");
    /// ```
    #[inline]
    pub fn write(&mut self, time: Time) -> &[u8] {
        #[cfg(feature = "std")]
        if self.is_local {
            let zone = time.local().zone();
            if zone != self.zone {
                *self = Stamp { is_local: true, ..Stamp::in_zone(zone, self.digits) };
            }
        }
        self.text.write(time.unix_seconds(), time.nanosecond())
    }

    /// Returns the text that was written last; nothing before the first.
    ///
    /// ```
    /// use instanter::{Stamp, Time};
    /// let mut stamp = Stamp::utc(0);
    /// stamp.write(Time::UNIX_EPOCH);
    /// assert_eq!(stamp.as_str(), "1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

fn offset_at(zone: Zone, unix_s: i64) -> OffsetInterval {
    let interval = zone.interval_at(unix_s);
    OffsetInterval {
        // No zone has an offset that is not within a week.
        offset: Offset::from_seconds(interval.local.offset_s).unwrap_or(Offset::UTC),
        from: interval.start.unwrap_or(i64::MIN),
        until: interval.end.unwrap_or(i64::MAX),
    }
}

/// The text that was written last, and the zone.
impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp")
            .field("text", &self.as_str())
            .field("zone", &self.zone)
            .field("digits", &self.digits)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use instanter_civil::text::rfc3339::Rfc3339;

    #[test]
    fn every_walk_gives_what_a_zoned_gives() {
        let zones = ["America/New_York", "Australia/Lord_Howe", "Africa/Monrovia", "UTC"];
        for zone in zones.map(|name| Zone::get(name).unwrap()) {
            let mut stamp = Stamp::in_zone(zone, 6);
            let changes = zone.transitions(-3_000_000_000).take(200).map(|change| change.at);
            for at in changes.chain([0, 1_795_295_730, 253_402_300_799, i64::MIN, i64::MAX]) {
                // Forward over it and back again, in steps of less and more than a minute.
                for step in [-90_000, -61, -60, -59, -1, 0, 1, 59, 60, 61, 0, -1, -60, 90_000, -7] {
                    let time = Time::from_unix(at.saturating_add(step), 123_456_789);
                    let want = time.in_zone(zone).rfc3339_as(Rfc3339::new().digits(6));
                    assert_eq!(stamp.write(time), want.as_bytes(), "{time} in {zone}");
                }
            }
        }
    }

    #[test]
    fn threads_may_send_it() {
        fn is_send<T: Send + Sync>(_: &T) {}
        is_send(&Stamp::utc(3));
    }
}
