//! The one error of this crate: a value outside its range, or a text that is
//! not what it should be.

use core::fmt;

/// Bytes of the input that an error keeps to show them.
const EXCERPT: usize = 22;

/// How many of them come before the byte that is wrong, at most.
const LEAD: usize = 10;

/// A value outside its range, a text that cannot be read, or a pattern that
/// cannot be compiled.
///
/// The message quotes the part of the input around the byte that is wrong.
///
/// ```
/// use instanter_civil::text::rfc3339;
/// let error = rfc3339::parse("2024-02-30T12:00:00Z").unwrap_err();
/// assert!(error.is_malformed());
/// assert_eq!(error.offset(), Some(8));
/// assert_eq!(
///     error.to_string(),
///     r#"byte 8, at "30T12:00:00Z" in "2024-02-30T12:00:00Z": expected a day that the month has"#
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    /// What is wrong: the field's name, or what was expected.
    what: &'static str,
    detail: Detail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Range,
    Malformed,
    Pattern,
    Conflict,
    Missing,
    Room,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    None,
    Value { value: i64, low: i64, high: i64 },
    Text { at: u32, excerpt: Excerpt },
}

/// A piece of the input around the byte that is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Excerpt {
    bytes: [u8; EXCERPT],
    length: u8,
    /// Where in `bytes` the wrong one is; `length` if it is the input's end.
    at: u8,
    cut_before: bool,
    cut_after: bool,
}

impl Excerpt {
    const fn new(input: &[u8], at: usize) -> Excerpt {
        let at = if at > input.len() { input.len() } else { at };
        let mut start = at.saturating_sub(LEAD);
        // An input that fits is shown whole.
        if input.len() <= EXCERPT {
            start = 0;
        }
        let mut bytes = [0; EXCERPT];
        let mut length = 0;
        while length < EXCERPT && start + length < input.len() {
            bytes[length] = input[start + length];
            length += 1;
        }
        Excerpt {
            bytes,
            length: length as u8,
            at: (at - start) as u8,
            cut_before: start > 0,
            cut_after: start + length < input.len(),
        }
    }
}

impl Error {
    #[cold]
    pub(crate) const fn range(what: &'static str, value: i64, low: i64, high: i64) -> Error {
        Error { kind: Kind::Range, what, detail: Detail::Value { value, low, high } }
    }

    /// A range that does not need telling: the result of an arithmetic.
    #[cold]
    pub(crate) const fn overflow(what: &'static str) -> Error {
        Error { kind: Kind::Range, what, detail: Detail::None }
    }

    #[cold]
    pub(crate) const fn malformed(input: &[u8], at: usize, what: &'static str) -> Error {
        let detail = Detail::Text { at: at as u32, excerpt: Excerpt::new(input, at) };
        Error { kind: Kind::Malformed, what, detail }
    }

    #[cold]
    pub(crate) const fn pattern(input: &[u8], at: usize, what: &'static str) -> Error {
        let detail = Detail::Text { at: at as u32, excerpt: Excerpt::new(input, at) };
        Error { kind: Kind::Pattern, what, detail }
    }

    #[cold]
    pub(crate) const fn conflict(what: &'static str) -> Error {
        Error { kind: Kind::Conflict, what, detail: Detail::None }
    }

    /// A conflict that is seen while reading, at its byte.
    #[cold]
    pub(crate) const fn conflict_at(input: &[u8], at: usize, what: &'static str) -> Error {
        let detail = Detail::Text { at: at as u32, excerpt: Excerpt::new(input, at) };
        Error { kind: Kind::Conflict, what, detail }
    }

    #[cold]
    pub(crate) const fn missing(what: &'static str) -> Error {
        Error { kind: Kind::Missing, what, detail: Detail::None }
    }

    #[cold]
    pub(crate) const fn room(what: &'static str) -> Error {
        Error { kind: Kind::Room, what, detail: Detail::None }
    }

    /// Whether a value, or the result of an arithmetic, is outside the range
    /// that its type has.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert!(Date::new(2023, 2, 29).unwrap_err().is_out_of_range());
    /// ```
    #[must_use]
    pub const fn is_out_of_range(&self) -> bool {
        matches!(self.kind, Kind::Range)
    }

    /// Whether a text is not in the form that was asked for.
    ///
    /// ```
    /// use instanter_civil::text::rfc3339;
    /// assert!(rfc3339::parse("yesterday").unwrap_err().is_malformed());
    /// ```
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self.kind, Kind::Malformed)
    }

    /// Whether a pattern itself is wrong; see [`Pattern`](crate::Pattern).
    ///
    /// ```
    /// use instanter_civil::Pattern;
    /// let error = Pattern::strftime("%Y-%Q").unwrap_err();
    /// assert!(error.is_pattern());
    /// assert_eq!(error.offset(), Some(4));
    /// ```
    #[must_use]
    pub const fn is_pattern(&self) -> bool {
        matches!(self.kind, Kind::Pattern)
    }

    /// Whether fields that were read contradict each other, as a Tuesday that is
    /// a Monday.
    ///
    /// ```
    /// use instanter_civil::Pattern;
    /// let pattern = Pattern::strftime("%a %F").unwrap();
    /// let fields = pattern.parse("Tue 2024-01-01").unwrap();
    /// assert!(fields.date().unwrap_err().is_conflict());
    /// ```
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self.kind, Kind::Conflict)
    }

    /// Whether a field is asked for that the text did not have.
    ///
    /// ```
    /// use instanter_civil::Pattern;
    /// let fields = Pattern::strftime("%H:%M").unwrap().parse("12:30").unwrap();
    /// assert!(fields.date().unwrap_err().is_missing());
    /// ```
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing)
    }

    /// Whether the place that a text was to be written to is too small, or did
    /// not take it.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let mut buffer = [0; 8];
    /// let error = Rfc3339::new().write(&mut buffer, DateTime::UNIX_EPOCH, Offset::UTC).unwrap_err();
    /// assert!(error.is_room());
    /// ```
    #[must_use]
    pub const fn is_room(&self) -> bool {
        matches!(self.kind, Kind::Room)
    }

    /// Returns the byte of the text, or of the pattern, at which it went wrong,
    /// counted from 0; the length of the text if it ended too early. `None`
    /// where the error is not about a text.
    ///
    /// ```
    /// use instanter_civil::{Date, text::rfc3339};
    /// assert_eq!(rfc3339::parse("2024-01-01 x").unwrap_err().offset(), Some(11));
    /// assert_eq!(Date::new(2024, 13, 1).unwrap_err().offset(), None);
    /// ```
    #[must_use]
    pub const fn offset(&self) -> Option<usize> {
        match self.detail {
            Detail::Text { at, .. } => Some(at as usize),
            _ => None,
        }
    }

    /// Returns the reason without the input: a field's name, or what was
    /// expected.
    ///
    /// ```
    /// use instanter_civil::Date;
    /// assert_eq!(Date::new(2024, 13, 1).unwrap_err().reason(), "month");
    /// ```
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail {
            Detail::Value { value, low, high } => {
                return write!(f, "{} {value} is outside {low} to {high}", self.what);
            }
            Detail::Text { at, excerpt } => {
                let shown = &excerpt.bytes[..usize::from(excerpt.length)];
                let rest = &shown[usize::from(excerpt.at)..];
                let before = if excerpt.cut_before { "…" } else { "" };
                let after = if excerpt.cut_after { "…" } else { "" };
                let place = if self.kind == Kind::Pattern { "pattern byte" } else { "byte" };
                write!(f, "{place} {at}, at ")?;
                if rest.is_empty() {
                    f.write_str("the end")?;
                } else {
                    write!(f, "\"{}{after}\"", rest.escape_ascii())?;
                }
                return write!(
                    f,
                    " in \"{before}{}{after}\": expected {}",
                    shown.escape_ascii(),
                    self.what
                );
            }
            Detail::None => {}
        }
        match self.kind {
            Kind::Conflict => write!(f, "the fields contradict each other: {}", self.what),
            Kind::Missing => write!(f, "the text does not tell {}", self.what),
            Kind::Room => write!(f, "no room for the text: {}", self.what),
            _ => write!(f, "{} is outside the calendar's range", self.what),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.kind)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_long_input_is_cut_on_both_sides() {
        let input = b"0123456789012345678901234567890123456789012345678901234567890123456789";
        let error = Error::malformed(input, 35, "a letter");
        let want =
            r#"byte 35, at "567890123456…" in "…5678901234567890123456…": expected a letter"#;
        assert_eq!(error.to_string(), want);
        assert_eq!(
            Error::malformed(b"ab\xFF", 3, "more").to_string(),
            r#"byte 3, at the end in "ab\xff": expected more"#
        );
        assert!(size_of::<Error>() <= 56, "{}", size_of::<Error>());
    }
}
