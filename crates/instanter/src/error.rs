//! The one error of this crate.

use alloc::string::String;
use core::fmt;

use instanter_zone::{Resolved, Unresolved};

/// A value outside its range, a text that is not what it should be, a zone that cannot be
/// had, or a local time that its zone skips or has twice.
///
/// The message quotes the input and the place in it.
///
/// ```
/// use instanter::Zoned;
/// let error = "2024-02-30T12:00:00Z[UTC]".parse::<Zoned>().unwrap_err();
/// assert!(error.is_malformed());
/// assert_eq!(error.byte_offset(), Some(8));
/// assert_eq!(
///     error.to_string(),
///     r#"byte 8, at "30T12:00:00Z[U…" in "2024-02-30T12:00:00Z[U…": expected a day that the month has"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Civil(instanter_civil::Error),
    Zone(instanter_zone::Error),
    Unresolved(Unresolved),
    Duration {
        text: String,
        at: usize,
        expected: &'static str,
    },
    Float {
        seconds: f64,
    },
    Beyond {
        value: String,
        holder: &'static str,
    },
    #[cfg(feature = "jiff")]
    NotShared {
        zone: String,
        why: String,
    },
    Offset {
        text: String,
        told_s: i32,
        zone_s: i32,
    },
    NoZone {
        text: String,
    },
    Abbreviation {
        text: String,
        told: String,
    },
    Critical {
        text: String,
        key: String,
    },
    #[cfg(not(feature = "std"))]
    Unknown {
        name: String,
    },
}

impl From<instanter_civil::Error> for Error {
    fn from(error: instanter_civil::Error) -> Error {
        Error(Kind::Civil(error))
    }
}

impl From<instanter_zone::Error> for Error {
    fn from(error: instanter_zone::Error) -> Error {
        Error(Kind::Zone(error))
    }
}

impl From<Unresolved> for Error {
    fn from(error: Unresolved) -> Error {
        Error(Kind::Unresolved(error))
    }
}

impl Error {
    #[cold]
    pub(crate) fn duration(text: &str, at: usize, expected: &'static str) -> Error {
        Error(Kind::Duration { text: text.into(), at, expected })
    }

    #[cold]
    pub(crate) const fn float(seconds: f64) -> Error {
        Error(Kind::Float { seconds })
    }

    /// A value that a type, of ours or of another crate, cannot hold.
    #[cold]
    pub(crate) fn beyond(value: impl fmt::Display, holder: &'static str) -> Error {
        Error(Kind::Beyond { value: alloc::format!("{value}"), holder })
    }

    /// A zone that another tz database would have to know, and does not.
    #[cfg(feature = "jiff")]
    #[cold]
    pub(crate) fn not_shared(zone: impl fmt::Display, why: impl fmt::Display) -> Error {
        Error(Kind::NotShared { zone: alloc::format!("{zone}"), why: alloc::format!("{why}") })
    }

    #[cfg(feature = "jiff")]
    #[cold]
    pub(crate) fn nameless(zone: impl fmt::Display) -> Error {
        Error::not_shared(zone, "it has no name in the tz database")
    }

    #[cold]
    pub(crate) fn offset(text: &str, told_s: i32, zone_s: i32) -> Error {
        Error(Kind::Offset { text: text.into(), told_s, zone_s })
    }

    #[cold]
    pub(crate) fn no_zone(text: &str) -> Error {
        Error(Kind::NoZone { text: text.into() })
    }

    #[cold]
    pub(crate) fn abbreviation(text: &str, told: &str) -> Error {
        Error(Kind::Abbreviation { text: text.into(), told: told.into() })
    }

    #[cold]
    pub(crate) fn critical(text: &str, key: &str) -> Error {
        Error(Kind::Critical { text: text.into(), key: key.into() })
    }

    #[cfg(not(feature = "std"))]
    #[cold]
    pub(crate) fn unknown(name: &str) -> Error {
        Error(Kind::Unknown { name: name.into() })
    }

    /// Whether a value, or the result of an arithmetic, is outside what its type holds.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert!(Duration::from_seconds_f64(1e300).unwrap_err().is_out_of_range());
    /// ```
    #[must_use]
    pub fn is_out_of_range(&self) -> bool {
        match &self.0 {
            Kind::Civil(error) => error.is_out_of_range(),
            Kind::Unresolved(error) => *error == Unresolved::OutOfRange,
            Kind::Float { .. } | Kind::Beyond { .. } => true,
            _ => false,
        }
    }

    /// Whether a text is not in the form that was asked for.
    ///
    /// ```
    /// use instanter::Time;
    /// assert!("yesterday".parse::<Time>().unwrap_err().is_malformed());
    /// ```
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        match &self.0 {
            Kind::Civil(error) => error.is_malformed() || error.is_pattern(),
            Kind::Zone(error) => error.is_malformed(),
            Kind::Duration { .. } | Kind::NoZone { .. } | Kind::Critical { .. } => true,
            _ => false,
        }
    }

    /// Whether what a text tells contradicts itself: an offset that the zone does not have
    /// at that time, a Tuesday that is a Monday.
    ///
    /// ```
    /// use instanter::Zoned;
    /// let error = "2024-07-01T12:00:00+05:00[UTC]".parse::<Zoned>().unwrap_err();
    /// assert!(error.is_conflict());
    /// ```
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match &self.0 {
            Kind::Civil(error) => error.is_conflict(),
            Kind::Offset { .. } | Kind::Abbreviation { .. } => true,
            _ => false,
        }
    }

    /// Whether a zone cannot be had: there is none of that name, or its data are not what
    /// they should be.
    ///
    /// ```
    /// use instanter::Zoned;
    /// let error = "2024-07-01T12:00:00Z[Mars/Olympus]".parse::<Zoned>().unwrap_err();
    /// assert!(error.is_zone());
    /// ```
    #[must_use]
    pub fn is_zone(&self) -> bool {
        #[cfg(not(feature = "std"))]
        if matches!(self.0, Kind::Unknown { .. }) {
            return true;
        }
        #[cfg(feature = "jiff")]
        if matches!(self.0, Kind::NotShared { .. }) {
            return true;
        }
        matches!(self.0, Kind::Zone(_))
    }

    /// Returns how the zone answers, if a local time was rejected because the zone skips
    /// it or has it twice.
    ///
    /// ```
    /// use instanter::{Zoned, civil::DateTime, zone::{Policy, Resolved, Zone}};
    /// let zone = Zone::posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let skipped = DateTime::UNIX_EPOCH.add_seconds(1_710_037_800)?; // 2024-03-10 02:30
    /// let error = Zoned::from_local(skipped, zone, Policy::Reject).unwrap_err();
    /// assert!(matches!(error.rejected(), Some(Resolved::Gap(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rejected(&self) -> Option<Resolved> {
        match self.0 {
            Kind::Unresolved(Unresolved::Rejected(resolved)) => Some(resolved),
            _ => None,
        }
    }

    /// Returns the byte of the text at which it went wrong.
    ///
    /// ```
    /// use instanter::Duration;
    /// assert_eq!("1h 5m".parse::<Duration>().unwrap_err().byte_offset(), Some(2));
    /// ```
    #[must_use]
    pub fn byte_offset(&self) -> Option<usize> {
        match &self.0 {
            Kind::Civil(error) => error.offset(),
            Kind::Zone(error) => error.byte_offset(),
            Kind::Duration { at, .. } => Some(*at),
            Kind::NoZone { text } => Some(text.len()),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Civil(error) => error.fmt(f),
            Kind::Zone(error) => error.fmt(f),
            Kind::Unresolved(error) => error.fmt(f),
            Kind::Duration { text, at, expected } => {
                let rest = text.get(*at..).unwrap_or_default();
                if rest.is_empty() {
                    return write!(
                        f,
                        "duration {text:?}, byte {at}, at its end: expected {expected}"
                    );
                }
                write!(f, "duration {text:?}, byte {at}, at {rest:?}: expected {expected}")
            }
            Kind::Float { seconds } => {
                write!(f, "{seconds} s is no number of nanoseconds within 64 bits")
            }
            Kind::Beyond { value, holder } => write!(f, "{value} does not fit into a {holder}"),
            #[cfg(feature = "jiff")]
            Kind::NotShared { zone, why } => write!(f, "zone {zone:?}: {why}"),
            Kind::Offset { text, told_s, zone_s } => {
                write!(f, "{text:?}: the offset told is {told_s} s, the zone's then is {zone_s} s")
            }
            Kind::NoZone { text } => {
                let at = text.len();
                write!(f, "{text:?}, byte {at}, at its end: expected a zone in brackets")
            }
            Kind::Abbreviation { text, told } => {
                write!(f, "{text:?}: the zone does not have the abbreviation {told:?} then")
            }
            Kind::Critical { text, key } => {
                write!(f, "{text:?}: the annotation {key:?} is critical and not understood")
            }
            #[cfg(not(feature = "std"))]
            Kind::Unknown { name } => write!(f, "zone {name:?}: no zones by name here but UTC"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.0 {
            Kind::Civil(error) => Some(error),
            Kind::Zone(error) => Some(error),
            Kind::Unresolved(error) => Some(error),
            _ => None,
        }
    }
}
