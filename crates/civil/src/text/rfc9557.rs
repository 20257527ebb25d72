//! RFC 9557: an RFC 3339 timestamp with a time zone and other tags after it,
//! `2024-07-01T12:00:00+02:00[Europe/Berlin][u-ca=gregory]`.
//!
//! This is the text alone: whether there is such a zone, and whether its offset
//! is that of the timestamp, is for a zone crate to say. A `!` marks an annotation
//! as critical: who does not understand it must refuse the text. What is not
//! understood and not critical is to be ignored, and so is the second of two
//! tags with the same key, unless one of them is critical, which is an error here.
//!
//! As the RFC has it (section 2), `Z` and `-00:00` say that the offset of the
//! local time is *not known*, and `+00:00` that it is zero. Beyond the RFC, a text
//! with a zone may leave the offset out, `2024-07-01T12:00:00[Europe/Berlin]`, as
//! ECMAScript's Temporal reads it: then the time is what clocks show there, and
//! the zone has to say which moment that is. [`Told`] keeps the three apart.

use core::fmt;

use super::cursor::Cursor;
use super::rfc3339::Rfc3339;
use super::rfc3339_read;
use crate::{DateTime, Error, Offset, TimeOfDay};

/// A timestamp with its annotations, which are parts of the text that was read.
///
/// ```
/// use instanter_civil::text::rfc9557;
/// let text = "2024-07-01T12:00:00+02:00[!Europe/Berlin][u-ca=gregory]";
/// let annotated = rfc9557::parse(text)?;
/// let zone = annotated.zone.unwrap();
/// assert_eq!((zone.name, zone.critical), ("Europe/Berlin", true));
/// assert_eq!(annotated.tags().next().unwrap().value, "gregory");
/// assert_eq!(annotated.to_string(), text);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annotated<'a> {
    /// The local date and time; that of UTC after `Z`.
    pub local: DateTime,
    /// What the text tells of the offset.
    pub told: Told,
    /// The time zone.
    pub zone: Option<Zone<'a>>,
    /// All annotations after the zone, as text that has been checked.
    tags: &'a str,
}

/// What a text tells of the offset of its date and time.
///
/// ```
/// use instanter_civil::{Offset, text::rfc9557::{self, Told}};
/// for (text, told) in [
///     ("2024-07-01T12:00:00Z[Europe/London]", Told::Zulu),
///     ("2024-07-01T12:00:00+00:00[Africa/Abidjan]", Told::Offset(Offset::UTC)),
///     ("2024-07-01T12:00:00[Europe/Berlin]", Told::Nothing),
/// ] {
///     assert_eq!(rfc9557::parse(text)?.told, told);
/// }
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// `Z` or `-00:00`: the date and time are those of UTC, and what offset clocks
    /// have where the text comes from is not known.
    Zulu,
    /// The offset of the date and time.
    Offset(Offset),
    /// Nothing: the date and time are what clocks show in the zone.
    Nothing,
}

/// A time zone annotation.
///
/// ```
/// use instanter_civil::text::rfc9557;
/// let annotated = rfc9557::parse("2024-07-01T12:00:00Z[-03:30]")?;
/// assert_eq!(annotated.zone.unwrap().name, "-03:30");
/// assert_eq!(annotated.zone.unwrap().offset().unwrap().seconds(), -12_600);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone<'a> {
    /// Its name, or an offset as `+hh:mm`.
    pub name: &'a str,
    /// Whether it had a `!`.
    pub critical: bool,
}

impl Zone<'_> {
    /// Returns the offset if the annotation is one, and not a name.
    ///
    /// ```
    /// use instanter_civil::text::rfc9557::Zone;
    /// assert_eq!(Zone { name: "Europe/Berlin", critical: false }.offset(), None);
    /// ```
    #[must_use]
    pub fn offset(&self) -> Option<Offset> {
        let mut cursor = Cursor::new(self.name.as_bytes());
        let offset = cursor.offset_with_colons().ok()?;
        cursor.end().ok()?;
        Some(offset)
    }
}

/// An annotation with a key and a value.
///
/// ```
/// use instanter_civil::text::rfc9557;
/// let annotated = rfc9557::parse("2024-07-01T12:00:00Z[_x=a-b][!knort=bl]")?;
/// let tags: Vec<_> = annotated.tags().map(|tag| (tag.key, tag.value, tag.critical)).collect();
/// assert_eq!(tags, [("_x", "a-b", false), ("knort", "bl", true)]);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Lower-case letters, digits, `-` and `_`.
    pub key: &'a str,
    /// Letters and digits, in groups joined by `-`.
    pub value: &'a str,
    /// Whether it had a `!`.
    pub critical: bool,
}

impl<'a> Annotated<'a> {
    /// Puts a timestamp and a zone together, to be written.
    ///
    /// # Errors
    /// Malformed if the zone's name cannot be an annotation.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc9557::Annotated};
    /// let annotated = Annotated::new(DateTime::UNIX_EPOCH, Offset::UTC, "Etc/UTC")?;
    /// assert_eq!(annotated.to_string(), "1970-01-01T00:00:00+00:00[Etc/UTC]");
    /// assert!(Annotated::new(DateTime::UNIX_EPOCH, Offset::UTC, "a]b").is_err());
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn new(local: DateTime, offset: Offset, zone: &'a str) -> Result<Annotated<'a>, Error> {
        Annotated::with(local, Told::Offset(offset), zone)
    }

    /// Puts what clocks show and a zone together, to be written without an offset:
    /// for times to come, say, of which the law may yet change the offset.
    ///
    /// # Errors
    /// As those of [`new`](Annotated::new).
    ///
    /// ```
    /// use instanter_civil::{DateTime, text::rfc9557::Annotated};
    /// let annotated = Annotated::without_offset(DateTime::UNIX_EPOCH, "Europe/Berlin")?;
    /// assert_eq!(annotated.to_string(), "1970-01-01T00:00:00[Europe/Berlin]");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn without_offset(local: DateTime, zone: &'a str) -> Result<Annotated<'a>, Error> {
        Annotated::with(local, Told::Nothing, zone)
    }

    fn with(local: DateTime, told: Told, zone: &'a str) -> Result<Annotated<'a>, Error> {
        let mut cursor = Cursor::new(zone.as_bytes());
        read_zone(&mut cursor)?;
        cursor.end()?;
        let zone = Some(Zone { name: zone, critical: false });
        Ok(Annotated { local, told, zone, tags: "" })
    }

    /// Returns the offset of the date and time, which is zero after `Z`; nothing if
    /// the zone has to tell it.
    ///
    /// ```
    /// use instanter_civil::{Offset, text::rfc9557};
    /// let offset = |text| rfc9557::parse(text).map(|annotated| annotated.offset());
    /// assert_eq!(offset("2024-07-01T12:00:00Z"), Ok(Some(Offset::UTC)));
    /// assert_eq!(offset("2024-07-01T12:00:00[Europe/Berlin]"), Ok(None));
    /// ```
    #[must_use]
    pub const fn offset(&self) -> Option<Offset> {
        match self.told {
            Told::Zulu => Some(Offset::UTC),
            Told::Offset(offset) => Some(offset),
            Told::Nothing => None,
        }
    }

    /// Returns the tags after the zone, in their order.
    ///
    /// ```
    /// use instanter_civil::text::rfc9557;
    /// assert_eq!(rfc9557::parse("2024-07-01T12:00:00Z[Europe/Berlin]")?.tags().count(), 0);
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn tags(&self) -> impl Iterator<Item = Tag<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.tags.as_bytes());
        core::iter::from_fn(move || read_tag(&mut cursor).ok())
    }
}

/// The text from which it was read, with as many digits of the fraction as
/// needed, and `Z` for an offset that is not known.
impl fmt::Display for Annotated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.told {
            Told::Zulu => Rfc3339::new().write_to(f, self.local, Offset::UTC)?,
            Told::Offset(offset) => {
                Rfc3339::new().numeric_utc().write_to(f, self.local, offset)?;
            }
            Told::Nothing => write!(f, "{}", self.local)?,
        }
        if let Some(zone) = self.zone {
            write!(f, "[{}{}]", if zone.critical { "!" } else { "" }, zone.name)?;
        }
        f.write_str(self.tags)
    }
}

/// Reads a timestamp with any number of annotations, none included; the offset may
/// be left out if there is a zone.
///
/// # Errors
/// Malformed, at the byte where it is.
///
/// ```
/// use instanter_civil::text::rfc9557;
/// let annotated = rfc9557::parse("2024-07-01T12:00:00Z")?;
/// assert!(annotated.zone.is_none() && annotated.tags().count() == 0);
/// assert_eq!(rfc9557::parse("2024-07-01T12:00:00Z[]").unwrap_err().offset(), Some(21));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Annotated<'_>, Error> {
    let mut cursor = Cursor::new(text.as_bytes());
    let (local, told) = match rfc3339_read::read(&mut cursor) {
        Ok((local, (offset, true))) => (local, Told::Offset(offset)),
        Ok((local, (_, false))) => (local, Told::Zulu),
        // What is wrong is at an annotation: maybe no more than that no offset came.
        Err(error) if error.offset().and_then(|at| text.as_bytes().get(at)) == Some(&b'[') => {
            cursor = Cursor::new(text.as_bytes());
            (read_local(&mut cursor)?, Told::Nothing)
        }
        Err(error) => return Err(error),
    };
    let mut zone = None;
    // A zone comes first, if there is one: it is the annotation without `=`.
    let annotation = cursor.rest();
    let end = annotation.iter().position(|&byte| byte == b']').unwrap_or(annotation.len());
    if cursor.peek() == Some(b'[') && !annotation[..end].contains(&b'=') {
        cursor.at += 1;
        let critical = cursor.take(b'!');
        let start = cursor.at;
        read_zone(&mut cursor)?;
        zone = Some(Zone { name: cursor.piece(start, cursor.at), critical });
        cursor.expect(b']', "a closing bracket")?;
    }
    if told == Told::Nothing && zone.is_none() {
        return Err(cursor.error("Z, or an offset as +hh:mm, or a zone"));
    }
    let start = cursor.at;
    while cursor.peek() == Some(b'[') {
        let at = cursor.at;
        let tag = read_tag(&mut cursor)?;
        let mut before = Cursor::new(&text.as_bytes()[..at]);
        before.at = start;
        while let Ok(other) = read_tag(&mut before) {
            if other.key == tag.key && other.value != tag.value && (other.critical || tag.critical)
            {
                return Err(cursor.error_at(at, "no second value of a key that is critical"));
            }
        }
    }
    cursor.end()?;
    Ok(Annotated { local, told, zone, tags: cursor.piece(start, cursor.at) })
}

/// Reads a date and time, as RFC 3339 has them before the offset.
fn read_local(cursor: &mut Cursor<'_>) -> Result<DateTime, Error> {
    let shown = rfc3339_read::read_shown(cursor)?;
    let (date, [hour, minute]) = (shown.date, [shown.hour, shown.minute].map(u32::from));
    if shown.second < 60 {
        let second = u32::from(shown.second);
        let time = TimeOfDay::from_fields(hour, minute, second, shown.nanosecond);
        return Ok(DateTime::new(date, time));
    }
    // A month ends in UTC at most a day before or after it does elsewhere.
    if date.day() != 1 && date != date.last_of_month() {
        return Err(cursor.error_at(shown.second_at, rfc3339_read::LEAP_SECOND));
    }
    Ok(DateTime::new(date, TimeOfDay::from_fields(hour, minute, 59, 999_999_999)))
}

/// Reads a zone's name, parts joined by `/`, or an offset.
fn read_zone(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    if matches!(cursor.peek(), Some(b'+' | b'-')) {
        return cursor.offset_with_colons().map(|_| ());
    }
    loop {
        let start = cursor.at;
        match cursor.peek() {
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'_') => cursor.at += 1,
            _ => return Err(cursor.error("a letter of the zone's name, or an offset")),
        }
        while let Some(b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'+') =
            cursor.peek()
        {
            cursor.at += 1;
        }
        // Names are paths in a file system for whoever looks them up.
        if matches!(&cursor.bytes[start..cursor.at], b"." | b"..") {
            return Err(cursor.error_at(start, "a part of the zone's name other than . and .."));
        }
        if !cursor.take(b'/') {
            return Ok(());
        }
    }
}

/// Reads `[key=value]`.
fn read_tag<'a>(cursor: &mut Cursor<'a>) -> Result<Tag<'a>, Error> {
    cursor.expect(b'[', "an annotation, or the end of the text")?;
    let critical = cursor.take(b'!');
    let start = cursor.at;
    match cursor.peek() {
        Some(b'a'..=b'z' | b'_') => cursor.at += 1,
        _ => return Err(cursor.error("a small letter of a key")),
    }
    while let Some(b'a'..=b'z' | b'_' | b'0'..=b'9' | b'-') = cursor.peek() {
        cursor.at += 1;
    }
    let key = cursor.piece(start, cursor.at);
    cursor.expect(b'=', "an equals sign after the key")?;
    let start = cursor.at;
    loop {
        match cursor.peek() {
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9') => cursor.at += 1,
            _ => return Err(cursor.error("a letter or digit of the value")),
        }
        while cursor.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            cursor.at += 1;
        }
        if !cursor.take(b'-') {
            break;
        }
    }
    let value = cursor.piece(start, cursor.at);
    cursor.expect(b']', "a closing bracket")?;
    Ok(Tag { key, value, critical })
}
