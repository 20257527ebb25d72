//! The one error of this crate.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// A zone that cannot be had: its name, its file or its rules are not what they
/// should be, or are not there.
///
/// ```
/// use instanter_zone::posix::PosixTz;
/// let error = PosixTz::parse("EST5EDT,M13.2.0,M11.1.0").unwrap_err();
/// assert!(error.is_malformed());
/// assert_eq!(error.byte_offset(), Some(9));
/// assert_eq!(
///     error.to_string(),
///     r#"TZ string "EST5EDT,M13.2.0,M11.1.0", byte 9, at "13.2.0,M11.1.0": month is not 1 to 12"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Kind>);

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "std"), allow(dead_code, reason = "without files nothing fails at them"))]
pub(crate) enum Kind {
    Tzif { at: usize, what: &'static str },
    Leap { at: usize, count: u32 },
    NoLeap,
    Posix { input: String, at: usize, what: &'static str },
    Offset { seconds: i32 },
    Name { name: String, what: &'static str },
    NotFound { name: String, searched: String },
    Io { path: String, what: String },
    InFile { path: String, error: Error },
    NotNotified { what: String },
    Full,
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(kind))
    }
}

impl Error {
    pub(crate) fn tzif(at: usize, what: &'static str) -> Error {
        Kind::Tzif { at, what }.into()
    }

    fn inner(&self) -> &Kind {
        match &*self.0 {
            Kind::InFile { error, .. } => error.inner(),
            kind => kind,
        }
    }

    /// Whether bytes or a text were read and are not what they should be.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self.inner(), Kind::Tzif { .. } | Kind::Posix { .. })
    }

    /// Whether the zone counts leap seconds, which the numbers that it was to be
    /// used with do not: see [`leap::LeapTable`](crate::leap::LeapTable).
    #[must_use]
    pub fn has_leap_seconds(&self) -> bool {
        matches!(self.inner(), Kind::Leap { .. })
    }

    /// Whether there is no zone or file of that name.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.inner(), Kind::NotFound { .. })
    }

    /// Whether the name is one that no zone can have, such as one that leads out
    /// of the folder of zones.
    #[must_use]
    pub fn is_bad_name(&self) -> bool {
        matches!(self.inner(), Kind::Name { .. })
    }

    /// Whether a file is there and cannot be read.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self.inner(), Kind::Io { .. })
    }

    /// Whether the system cannot tell of changes, or not of any more: see
    /// [`Follow::Notified`](crate::Follow::Notified).
    #[must_use]
    pub fn is_not_notified(&self) -> bool {
        matches!(self.inner(), Kind::NotNotified { .. })
    }

    /// Returns the byte of the file or the text at which it went wrong.
    #[must_use]
    pub fn byte_offset(&self) -> Option<usize> {
        match self.inner() {
            Kind::Tzif { at, .. } | Kind::Posix { at, .. } | Kind::Leap { at, .. } => Some(*at),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Tzif { at, what } => write!(f, "TZif data, byte {at}: {what}"),
            Kind::Leap { at, count } => write!(
                f,
                "TZif data, byte {at}: {count} leap seconds, which Unix time does not count"
            ),
            Kind::NoLeap => f.write_str("TZif data without leap seconds"),
            Kind::Posix { input, at, what } => {
                write!(f, "TZ string {input:?}, byte {at}")?;
                match input.get(*at..) {
                    Some("") => write!(f, ", at its end: {what}"),
                    Some(rest) => write!(f, ", at {rest:?}: {what}"),
                    None => write!(f, ": {what}"),
                }
            }
            Kind::Offset { seconds } => {
                write!(f, "offset {seconds} s: not within 167:59:59 of UTC")
            }
            Kind::Name { name, what } => write!(f, "zone name {name:?}: {what}"),
            Kind::NotFound { name, searched } => {
                write!(f, "zone {name:?}: not found in {searched}")
            }
            Kind::Io { path, what } => write!(f, "{path:?}: {what}"),
            Kind::InFile { path, error } => write!(f, "{path:?}: {error}"),
            Kind::NotNotified { what } => write!(f, "changes of files are not told: {what}"),
            Kind::Full => f.write_str("65536 different zones are open, no more can be"),
        }
    }
}

impl core::error::Error for Error {}
