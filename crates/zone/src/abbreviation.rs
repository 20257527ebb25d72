//! What a zone calls its time: "EST", or "+03" where people have no name for it.

use core::fmt;
use core::ops::Deref;

/// A zone's abbreviation for its local time, such as `EST`.
///
/// Derefs to `&str`. It borrows the zone's data, except for that of a fixed
/// offset, which it makes of the offset in the way of the tz database: `+05`,
/// `-0330`, `+003720`.
///
/// ```
/// use instanter_zone::Zone;
/// let zone = Zone::fixed(-12_600)?;
/// assert_eq!(&*zone.at(0).abbreviation, "-0330");
/// # Ok::<(), instanter_zone::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Abbreviation<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Text(&'a str),
    Digits { bytes: [u8; 8], length: u8 },
}

impl<'a> Abbreviation<'a> {
    #[inline]
    pub(crate) const fn text(text: &'a str) -> Abbreviation<'a> {
        Abbreviation(Form::Text(text))
    }

    /// For an offset within ±99:59:59 the digits of RFC 9636's `<+hhmmss>`; the
    /// three digits of larger hours leave no room for seconds.
    pub(crate) const fn of_offset(seconds: i32) -> Abbreviation<'static> {
        let size = seconds.unsigned_abs();
        let (h, m, s) = (size / 3600, size / 60 % 60, size % 60);
        let sign = if seconds < 0 { b'-' } else { b'+' };
        let mut bytes = [0; 8];
        bytes[0] = sign;
        let mut n = 1;
        if h >= 100 {
            bytes[n] = b'0' + (h / 100) as u8;
            n += 1;
        }
        let parts = [h % 100, m, s];
        let count = if s != 0 && h < 100 {
            3
        } else if m != 0 {
            2
        } else {
            1
        };
        let mut part = 0;
        while part < count {
            bytes[n] = b'0' + (parts[part] / 10) as u8;
            bytes[n + 1] = b'0' + (parts[part] % 10) as u8;
            n += 2;
            part += 1;
        }
        Abbreviation(Form::Digits { bytes, length: n as u8 })
    }

    /// Returns the text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Text(text) => text,
            Form::Digits { bytes, length } => {
                core::str::from_utf8(bytes.get(..usize::from(*length)).unwrap_or_default())
                    .unwrap_or_default()
            }
        }
    }
}

impl Deref for Abbreviation<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Abbreviation<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Abbreviation<'_> {}

impl PartialEq<str> for Abbreviation<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Abbreviation<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Abbreviation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Abbreviation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_offset_table() {
        let table = [
            (0, "+00"),
            (3_600, "+01"),
            (-3_600, "-01"),
            (19_800, "+0530"),
            (-12_600, "-0330"),
            (-17_762, "-045602"),
            (36_002, "+100002"),
            (604_799, "+16759"),
            (-360_000, "-100"),
        ];
        for (seconds, want) in table {
            assert_eq!(Abbreviation::of_offset(seconds), want, "of_offset({seconds})");
        }
    }
}
