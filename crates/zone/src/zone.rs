//! The handle of a zone.

use core::fmt;

use crate::error::Kind;
use crate::{
    Abbreviation, Error, Interval, LocalType, Policy, Resolved, Table, Transition, Unresolved,
    register,
};

/// Offsets are within ±167:59:59.
const MOST_S: i32 = 604_799;

/// Added to the number of a table; below it are UTC and the offsets.
const TABLES: u32 = 1 << 31;

/// A time zone: a handle of four bytes, free to copy, compare and send.
///
/// It is UTC, a fixed offset, or the number of a [`Table`] that lives as long as
/// the program. Two handles are equal if they are the same zone from the same
/// source under the same name.
///
/// # Memory
/// What [`get`](Zone::get), [`posix`](Zone::posix), [`from_tzif`](Zone::from_tzif)
/// and [`from_path`](Zone::from_path) read stays until the program ends, about 8 KB
/// for a zone with summer time; the same zone read again takes nothing. At most
/// 65,536 are kept. For zones that come and go use a [`Table`].
///
/// ```
/// use instanter_zone::Zone;
/// let kolkata = Zone::fixed(19_800)?;
/// assert_eq!(kolkata.offset_at(0), 19_800);
/// assert_eq!(size_of_val(&kolkata), 4);
/// assert_eq!(Zone::UTC.name(), Some("UTC"));
/// # Ok::<(), instanter_zone::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(u32);

/// Where a zone's data is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It is UTC or a fixed offset.
    Offset,
    /// A POSIX TZ string.
    Posix,
    /// Bytes that the program had.
    Bytes,
    /// The file at this path.
    File(&'static str),
    /// The copy of the tz database in the program.
    Embedded,
}

impl Zone {
    /// UTC.
    pub const UTC: Zone = Zone(0);

    /// Makes a zone that is always so many seconds east of UTC. Its abbreviation is
    /// made of the offset, also if that is zero: `+00`, which is not [`Zone::UTC`].
    ///
    /// # Errors
    /// Beyond 167:59:59 either way.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// assert_eq!(Zone::fixed(-12_600)?.at(0).abbreviation, "-0330");
    /// assert!(Zone::fixed(700_000).is_err());
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    pub fn fixed(offset_s: i32) -> Result<Zone, Error> {
        if !(-MOST_S..=MOST_S).contains(&offset_s) {
            return Err(Kind::Offset { seconds: offset_s }.into());
        }
        Ok(Zone((offset_s + MOST_S + 1) as u32))
    }

    #[cfg(feature = "std")]
    pub(crate) fn enter(table: Table, name: Option<&str>, origin: Origin) -> Result<Zone, Error> {
        Ok(Zone(register::enter(table, name, origin)? | TABLES))
    }

    /// Returns the handle as a number, for languages that have no such type. It means
    /// nothing in another process, or in the same program run again.
    ///
    /// ```
    /// assert_eq!(instanter_zone::Zone::UTC.to_bits(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// Returns the zone of a number from [`to_bits`](Zone::to_bits). `None` for a number
    /// that is no zone of this process.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// let zone = Zone::fixed(19_800)?;
    /// assert_eq!(Zone::from_bits(zone.to_bits()), Some(zone));
    /// assert_eq!(Zone::from_bits(u32::MAX), None);
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Zone> {
        const LAST_OFFSET: u32 = 2 * MOST_S as u32 + 1;
        let zone = Zone(bits);
        (bits <= LAST_OFFSET || zone.table().is_some()).then_some(zone)
    }

    /// For a number that is known to be a zone's.
    #[cfg(feature = "std")]
    pub(crate) const fn from_known_bits(bits: u32) -> Zone {
        Zone(bits)
    }

    /// Makes a zone of the rules of a POSIX TZ string.
    ///
    /// # Errors
    /// [`Error::is_malformed`], with the byte at which it is wrong.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// let zone = Zone::posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// assert_eq!(zone.at(1_720_000_000).abbreviation, "EDT");
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn posix(text: &str) -> Result<Zone, Error> {
        Zone::enter(Table::from_posix(text)?, None, Origin::Posix)
    }

    /// Makes a zone of the bytes of a TZif file. It has no name.
    ///
    /// # Errors
    /// As [`Table::from_tzif`].
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// assert!(Zone::from_tzif(b"TZjf").unwrap_err().is_malformed());
    /// ```
    #[cfg(feature = "std")]
    pub fn from_tzif(bytes: &[u8]) -> Result<Zone, Error> {
        Zone::enter(Table::from_tzif(bytes)?, None, Origin::Bytes)
    }

    /// Returns the table, which lives as long as the program: for loops that look
    /// up very often. `None` for UTC and fixed offsets.
    #[inline]
    #[must_use]
    pub fn table(self) -> Option<&'static Table> {
        register::table(self.0.checked_sub(TABLES)?)
    }

    /// Returns the name in the tz database, if it was found by name or its name
    /// was found out.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self.0.checked_sub(TABLES) {
            Some(number) => register::record(number)?.name,
            None => (self == Zone::UTC).then_some("UTC"),
        }
    }

    /// Returns where the data is from.
    #[must_use]
    pub fn origin(self) -> Origin {
        let record = self.0.checked_sub(TABLES).and_then(register::record);
        record.map_or(Origin::Offset, |record| record.origin)
    }

    #[inline]
    fn fixed_offset(self) -> i32 {
        if self.0 == 0 { 0 } else { self.0 as i32 - MOST_S - 1 }
    }

    /// Returns the offset at a Unix time, in seconds east of UTC.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// assert_eq!(Zone::UTC.offset_at(1_720_000_000), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn offset_at(self, unix_s: i64) -> i32 {
        match self.table() {
            Some(table) => table.offset_at(unix_s),
            None => self.fixed_offset(),
        }
    }

    /// Returns the local time type at a Unix time: offset, abbreviation, summer
    /// time or not.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// assert_eq!(Zone::UTC.at(0).abbreviation, "UTC");
    /// ```
    #[inline]
    #[must_use]
    pub fn at(self, unix_s: i64) -> LocalType<'static> {
        match self.table() {
            Some(table) => table.at(unix_s),
            None => self.fixed_type(),
        }
    }

    fn fixed_type(self) -> LocalType<'static> {
        let offset_s = self.fixed_offset();
        let abbreviation = match self {
            Zone::UTC => Abbreviation::text("UTC"),
            _ => Abbreviation::of_offset(offset_s),
        };
        LocalType { offset_s, is_dst: false, abbreviation }
    }

    /// Returns the local time type at a Unix time, and from when until when it
    /// holds.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// assert_eq!(Zone::UTC.interval_at(0).end, None);
    /// ```
    #[must_use]
    pub fn interval_at(self, unix_s: i64) -> Interval<'static> {
        match self.table() {
            Some(table) => table.interval_at(unix_s),
            None => Interval { start: None, end: None, local: self.fixed_type() },
        }
    }

    /// Returns the first transition after a Unix time.
    #[must_use]
    pub fn next_transition(self, after: i64) -> Option<Transition<'static>> {
        self.table()?.next_transition(after)
    }

    /// Returns the last transition before a Unix time.
    #[must_use]
    pub fn previous_transition(self, before: i64) -> Option<Transition<'static>> {
        self.table()?.previous_transition(before)
    }

    /// Returns the transitions after a Unix time, in order: without end where
    /// summer time comes every year.
    pub fn transitions(self, after: i64) -> impl Iterator<Item = Transition<'static>> {
        self.table().into_iter().flat_map(move |table| table.transitions(after))
    }

    /// Returns how a local time relates to the zone: once, skipped, or twice. It
    /// is given as the seconds that would be its Unix time if it were UTC.
    ///
    /// ```
    /// use instanter_zone::{Resolved, Zone};
    /// assert_eq!(Zone::UTC.resolve(0), Resolved::Unambiguous { offset_s: 0 });
    /// ```
    #[inline]
    #[must_use]
    pub fn resolve(self, local_s: i64) -> Resolved {
        match self.table() {
            Some(table) => table.resolve(local_s),
            None => Resolved::Unambiguous { offset_s: self.fixed_offset() },
        }
    }

    /// Returns the Unix time of a local time, which is given as the seconds that
    /// would be its Unix time if it were UTC.
    ///
    /// # Errors
    /// [`Unresolved::Rejected`] for a gap or a fold under [`Policy::Reject`];
    /// [`Unresolved::OutOfRange`] beyond the range of `i64`.
    ///
    /// ```
    /// use instanter_zone::{Policy, Zone};
    /// assert_eq!(Zone::fixed(3_600)?.to_unix(10_000, Policy::Reject), Ok(6_400));
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    pub fn to_unix(self, local_s: i64, policy: Policy) -> Result<i64, Unresolved> {
        match self.table() {
            Some(table) => table.to_unix(local_s, policy),
            None => {
                let offset_s = i64::from(self.fixed_offset());
                local_s.checked_sub(offset_s).ok_or(Unresolved::OutOfRange)
            }
        }
    }
}

impl Default for Zone {
    /// UTC.
    fn default() -> Zone {
        Zone::UTC
    }
}

impl fmt::Display for Zone {
    /// The name; for a fixed offset or rules without a name what is in force at
    /// Unix time 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => self.at(0).abbreviation.fmt(f),
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({self})")
    }
}
