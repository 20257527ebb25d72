//! Dates and times as text, and back, without allocating.
//!
//! A module a standard: [`rfc3339`] (timestamps on the internet), [`rfc9557`]
//! (the same with a zone's name), [`rfc2822`] (mail), [`iso8601`] (calendar, week
//! and ordinal dates). Everything else is a [`Pattern`](crate::Pattern).
//!
//! Texts are written to a caller's buffer, to a [`Text`] on the stack, or to any
//! [`fmt::Write`]; with the feature `std` also to any `std::io::Write`. What is
//! read is read whole: something after the text is an error, at its byte.

use core::fmt;

pub(crate) mod cursor;
pub(crate) mod digits;
mod display;
pub mod iso8601;
pub mod rfc2822;
pub mod rfc3339;
pub(crate) mod rfc3339_read;
pub mod rfc9557;

use crate::Error;

/// A short text on the stack: at most `N` bytes, and no more than 255.
///
/// ```
/// use instanter_civil::text::Text;
/// use core::fmt::Write;
/// let mut text = Text::<8>::new();
/// write!(text, "{:04}", 42)?;
/// assert_eq!(text.as_str(), "0042");
/// assert!(write!(text, "too long").is_err());
/// # Ok::<(), core::fmt::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    length: u8,
}

impl<const N: usize> Text<N> {
    /// Makes an empty text.
    ///
    /// ```
    /// assert_eq!(instanter_civil::text::Text::<8>::new().as_str(), "");
    /// ```
    #[must_use]
    pub const fn new() -> Text<N> {
        const { assert!(N <= 255, "a Text has at most 255 bytes") };
        Text { bytes: [0; N], length: 0 }
    }

    /// Makes a text by writing into its bytes; `write` returns how many of them
    /// it wrote, all ASCII.
    #[inline(always)]
    pub(crate) fn with(write: impl FnOnce(&mut [u8; N]) -> usize) -> Text<N> {
        let mut text = Text::new();
        text.length = write(&mut text.bytes).min(N) as u8;
        text
    }

    /// Adds a text at the end.
    ///
    /// # Errors
    /// No room, and then nothing is added.
    ///
    /// ```
    /// use instanter_civil::text::Text;
    /// let mut text = Text::<4>::new();
    /// assert!(text.push_str("year").is_ok());
    /// assert!(text.push_str("s").unwrap_err().is_room());
    /// assert_eq!(text.as_str(), "year");
    /// ```
    pub fn push_str(&mut self, more: &str) -> Result<(), Error> {
        let start = usize::from(self.length);
        let Some(place) = self.bytes.get_mut(start..start + more.len()) else {
            return Err(Error::room("a Text on the stack"));
        };
        place.copy_from_slice(more.as_bytes());
        self.length += more.len() as u8;
        Ok(())
    }

    /// Returns the bytes, which are UTF-8.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text.as_bytes(), b"1970-01-01T00:00:00Z");
    /// ```
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Returns the text.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, text::rfc3339::Rfc3339};
    /// let text = Rfc3339::new().text(DateTime::UNIX_EPOCH, Offset::UTC);
    /// assert_eq!(text.as_str(), "1970-01-01T00:00:00Z");
    /// ```
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only whole strings and ASCII get in, so this never is the default.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Text<N> {
        Text::new()
    }
}

impl<const N: usize> core::ops::Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> AsRef<str> for Text<N> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> PartialEq<str> for Text<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> PartialEq<&str> for Text<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.push_str(more).map_err(|_| fmt::Error)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Writes bytes that are in `text` to the front of a caller's buffer.
pub(crate) fn copy_to(buffer: &mut [u8], text: &[u8]) -> Result<usize, Error> {
    match buffer.get_mut(..text.len()) {
        Some(place) => {
            place.copy_from_slice(text);
            Ok(text.len())
        }
        None => Err(Error::room("the buffer is shorter than the text")),
    }
}
