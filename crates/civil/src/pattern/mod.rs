//! Patterns: a form of text, compiled once.

mod fields;
mod go;
pub mod go_layouts;
mod go_zone;
mod operation;
mod print;
mod read;
mod strftime;

use core::fmt;

pub use fields::Fields;
use operation::{CAPACITY, Operation};
use print::{Buffer, Formatted, Moment, print};

use crate::text::Text;
use crate::{DateTime, Error, Offset};

/// A form of dates and times, compiled to a short list of operations: from a
/// pattern of `strftime` or from a layout of Go. It writes, and it reads.
///
/// Both can be compiled in a constant; [`pattern!`](crate::pattern!) and
/// [`go_layout!`](crate::go_layout!) do, so that a wrong pattern does not compile.
/// At most 48 parts, where a shorthand as `%c` counts with all of its parts.
///
/// # `strftime` and `strptime`
///
/// All of POSIX, in the C locale, and what C libraries and others have added:
///
/// | | writes | | writes |
/// |---|---|---|---|
/// | `%Y` | year, at least 4 digits | `%H` `%k` | hour, `00`–`23`, ` 0`–`23` |
/// | `%C` `%y` | its first, last two digits | `%I` `%l` | hour, `01`–`12`, ` 1`–`12` |
/// | `%G` `%g` `%V` | year of the week, its last two digits, ISO week | `%p` `%P` | `AM`, `am` |
/// | `%U` `%W` | week, from the first Sunday, Monday | `%M` `%S` | minute, second |
/// | `%q` | quarter | `%N` `%f` `%3N` | nanosecond, nine digits; the first three |
/// | `%m` `%b` `%h` `%B` | month, `Jan`, `Jan`, `January` | `%.f` `%.3f` | `.5` or nothing; `.500` |
/// | `%d` `%e` | day, `01`–`31`, ` 1`–`31` | `%s` | Unix seconds |
/// | `%j` | day of the year, `001`–`366` | `%z` `%:z` `%::z` `%:::z` | `+0130`, `+01:30`, `+01:30:00`, shortest |
/// | `%a` `%A` | `Mon`, `Monday` | `%Z` | the zone's abbreviation |
/// | `%u` `%w` | weekday, `1`–`7`, `0`–`6` | `%n` `%t` `%%` | line end, tab, `%` |
/// | `%D` `%x` | `%m/%d/%y` | `%T` `%X` | `%H:%M:%S` |
/// | `%F` | `%Y-%m-%d` | `%R` `%r` | `%H:%M`, `%I:%M:%S %p` |
/// | `%c` | `%a %b %e %H:%M:%S %Y` | `%+` | `%a %b %e %H:%M:%S %Z %Y` |
///
/// Flags, after the `%`: `-` no padding, `_` spaces, `0` zeros, `^` capitals, `#`
/// the other case; then a width, up to 255. `E` and `O` change nothing. A shorthand takes no
/// width. Reading follows `strptime`: white space stands for any or none, names may be
/// short or long, small or capital, numbers may be short. A year beyond four digits
/// needs its sign.
///
/// # Go
///
/// The text of Monday, 2 January 2006, 15:04:05 MST (-0700), in parts:
///
/// | part | forms |
/// |---|---|
/// | year | `2006` `06` |
/// | month | `January` `Jan` `01` `1` |
/// | day | `02` `_2` `2`, of the year `002` `__2`, of the week `Monday` `Mon` |
/// | hour | `15` `03` `3` with `PM` or `pm` |
/// | minute, second | `04` `4`, `05` `5` |
/// | fraction | `.000` `,000` so many digits, `.999` `,999` without trailing zeros |
/// | offset | `-0700` `-07:00` `-07` `-070000` `-07:00:00`, and with `Z` for `-` |
/// | zone | `MST` |
///
/// Everything else is text. Reading is as Go's `time.Parse` does it. The layouts
/// that Go has names for are in [`go_layouts`].
///
/// ```
/// use instanter_civil::{DateTime, Offset, Pattern};
/// let berlin = Offset::from_seconds(3600)?;
/// let time = DateTime::from_unix(1_709_210_096, 120_000_000, berlin);
///
/// let pattern = Pattern::strftime("%a %-d %b %Y, %H:%M:%S%.3f %Z")?;
/// assert_eq!(pattern.display(time, berlin, Some("CET")).to_string(),
///            "Thu 29 Feb 2024, 13:34:56.120 CET");
///
/// let layout = Pattern::go("Mon Jan _2 2006 3:04PM -0700")?;
/// assert_eq!(layout.display(time, berlin, None).to_string(), "Thu Feb 29 2024 1:34PM +0100");
/// assert_eq!(layout.parse("Thu Feb 29 2024 1:34PM +0100")?.offset, Some(berlin));
///
/// let error = Pattern::strftime("%Y-%Q").unwrap_err();
/// assert_eq!(error.to_string(),
///            r#"pattern byte 4, at "Q" in "%Y-%Q": expected a conversion of strftime"#);
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Pattern<'p> {
    text: &'p str,
    operations: [Operation; CAPACITY],
    length: u8,
    dialect: Dialect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Strftime,
    Go,
}

impl<'p> Pattern<'p> {
    /// Compiles a pattern of `strftime` and `strptime`.
    ///
    /// # Errors
    /// A wrong pattern, with the byte where it is.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// const DAY: Pattern = match Pattern::strftime("%G-W%V-%u") {
    ///     Ok(pattern) => pattern,
    ///     Err(_) => panic!(),
    /// };
    /// assert_eq!(DAY.display(DateTime::UNIX_EPOCH, Offset::UTC, None).to_string(), "1970-W01-4");
    /// ```
    pub const fn strftime(pattern: &'p str) -> Result<Pattern<'p>, Error> {
        let compiled = strftime::attempt!(strftime::compile(pattern));
        Ok(Pattern {
            text: pattern,
            operations: compiled.list,
            length: compiled.length as u8,
            dialect: Dialect::Strftime,
        })
    }

    /// Compiles a layout of Go.
    ///
    /// # Errors
    /// A wrong pattern if it has more than 48 parts; in Go no layout is wrong.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// let layout = Pattern::go("2 January 2006")?;
    /// let text = layout.display(DateTime::UNIX_EPOCH, Offset::UTC, None).to_string();
    /// assert_eq!(text, "1 January 1970");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn go(layout: &'p str) -> Result<Pattern<'p>, Error> {
        let compiled = strftime::attempt!(go::compile(layout));
        Ok(Pattern {
            text: layout,
            operations: compiled.list,
            length: compiled.length as u8,
            dialect: Dialect::Go,
        })
    }

    /// Returns the pattern's own text.
    ///
    /// ```
    /// assert_eq!(instanter_civil::Pattern::strftime("%F").unwrap().as_str(), "%F");
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &'p str {
        self.text
    }

    #[inline(always)]
    fn operations(&self) -> &[Operation] {
        &self.operations[..usize::from(self.length)]
    }

    #[inline(always)]
    fn literal(&self, operation: &Operation) -> &'p [u8] {
        let start = usize::from(operation.start);
        &self.text.as_bytes()[start..start + usize::from(operation.length)]
    }

    /// Writes the text to the front of a buffer, and returns how many bytes it
    /// has. `zone` is the abbreviation of the time zone; without it a pattern that asks
    /// for it writes the offset.
    ///
    /// # Errors
    /// No room, and then some of the text may have been written; out of range for `%s`
    /// beyond 64-bit seconds.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// let mut buffer = [0; 16];
    /// let pattern = Pattern::strftime("%T %Z")?;
    /// let length = pattern.write(&mut buffer, DateTime::UNIX_EPOCH, Offset::UTC, Some("UTC"))?;
    /// assert_eq!(&buffer[..length], b"00:00:00 UTC");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[inline]
    pub fn write(
        &self,
        buffer: &mut [u8],
        local: DateTime,
        offset: Offset,
        zone: Option<&str>,
    ) -> Result<usize, Error> {
        let mut sink = Buffer { bytes: buffer, length: 0 };
        print(self, &Moment { local, offset, zone }, &mut sink)?;
        Ok(sink.length)
    }

    /// Returns the text on the stack.
    ///
    /// # Errors
    /// As those of [`write`](Pattern::write), the room being `N` bytes.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// let pattern = Pattern::strftime("%F")?;
    /// let text = pattern.text::<16>(DateTime::UNIX_EPOCH, Offset::UTC, None)?;
    /// assert_eq!(text, "1970-01-01");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn text<const N: usize>(
        &self,
        local: DateTime,
        offset: Offset,
        zone: Option<&str>,
    ) -> Result<Text<N>, Error> {
        let mut text = Text::new();
        self.write_to(&mut text, local, offset, zone)?;
        Ok(text)
    }

    /// Writes the text to a formatter or a string.
    ///
    /// # Errors
    /// As those of [`write`](Pattern::write); no room if the writer fails.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// let mut string = String::new();
    /// Pattern::strftime("%T")?.write_to(&mut string, DateTime::UNIX_EPOCH, Offset::UTC, None)?;
    /// assert_eq!(string, "00:00:00");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn write_to(
        &self,
        writer: &mut (impl fmt::Write + ?Sized),
        local: DateTime,
        offset: Offset,
        zone: Option<&str>,
    ) -> Result<(), Error> {
        Ok(print(self, &Moment { local, offset, zone }, &mut Formatted(writer))?)
    }

    /// Writes the text to a file, a socket, a `Vec<u8>`.
    ///
    /// # Errors
    /// That of the writer, and `InvalidInput` for what [`write`](Pattern::write)
    /// cannot write.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// let mut bytes = Vec::new();
    /// let pattern = Pattern::strftime("%T").unwrap();
    /// pattern.write_io(&mut bytes, DateTime::UNIX_EPOCH, Offset::UTC, None)?;
    /// assert_eq!(bytes, b"00:00:00");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "std")]
    pub fn write_io(
        &self,
        writer: &mut (impl std::io::Write + ?Sized),
        local: DateTime,
        offset: Offset,
        zone: Option<&str>,
    ) -> std::io::Result<()> {
        let mut sink = print::Io { writer, failed: None };
        match print(self, &Moment { local, offset, zone }, &mut sink) {
            Ok(()) => Ok(()),
            Err(error) => Err(sink.failed.unwrap_or_else(|| {
                let kind = std::io::ErrorKind::InvalidInput;
                std::io::Error::new(kind, Error::from(error))
            })),
        }
    }

    /// Returns something to write with `{}`.
    ///
    /// ```
    /// use instanter_civil::{DateTime, Offset, Pattern};
    /// let pattern = Pattern::strftime("%H:%M")?;
    /// let shown = pattern.display(DateTime::UNIX_EPOCH, Offset::UTC, None);
    /// assert_eq!(format!("It is {shown}."), "It is 00:00.");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    #[must_use]
    pub const fn display<'a>(
        &'a self,
        local: DateTime,
        offset: Offset,
        zone: Option<&'a str>,
    ) -> Display<'a> {
        Display { pattern: self, moment: Moment { local, offset, zone } }
    }

    /// Reads a text, all of it.
    ///
    /// # Errors
    /// Malformed, at the byte where it is; conflict if a field is there twice with
    /// different values.
    ///
    /// ```
    /// use instanter_civil::Pattern;
    /// let pattern = Pattern::strftime("%d.%m.%Y")?;
    /// assert_eq!(pattern.parse("29.2.2024")?.date()?.to_string(), "2024-02-29");
    /// assert_eq!(pattern.parse("29.13.2024").unwrap_err().offset(), Some(3));
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub fn parse<'a>(&self, text: &'a str) -> Result<Fields<'a>, Error> {
        read::read(self, text)
    }
}

/// The pattern's text.
impl fmt::Debug for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.dialect).field(&self.text).finish()
    }
}

/// A moment in the form of a pattern, from [`Pattern::display`]. Fails for `%s`
/// beyond 64-bit seconds.
///
/// ```
/// use instanter_civil::{DateTime, Offset, pattern};
/// println!("{}", pattern!("%F %T").display(DateTime::UNIX_EPOCH, Offset::UTC, None));
/// ```
#[derive(Clone, Copy)]
pub struct Display<'a> {
    pattern: &'a Pattern<'a>,
    moment: Moment<'a>,
}

impl fmt::Display for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self.pattern, &self.moment, &mut Formatted(f)).map_err(|_| fmt::Error)
    }
}

/// Compiles a pattern of `strftime` while the program is compiled; a wrong one is a
/// compile error. See [`Pattern`].
///
/// ```
/// use instanter_civil::{DateTime, Offset, pattern};
/// let text = pattern!("%H:%M").display(DateTime::UNIX_EPOCH, Offset::UTC, None).to_string();
/// assert_eq!(text, "00:00");
/// ```
///
/// ```compile_fail
/// instanter_civil::pattern!("%H:%J");
/// ```
#[macro_export]
macro_rules! pattern {
    ($pattern:expr) => {{
        const PATTERN: &$crate::Pattern<'static> = &match $crate::Pattern::strftime($pattern) {
            Ok(pattern) => pattern,
            Err(error) => panic!("{}", error.reason()),
        };
        PATTERN
    }};
}

/// Compiles a layout of Go while the program is compiled. See [`Pattern`].
///
/// ```
/// use instanter_civil::{DateTime, Offset, go_layout};
/// let text = go_layout!("15:04").display(DateTime::UNIX_EPOCH, Offset::UTC, None).to_string();
/// assert_eq!(text, "00:00");
/// ```
#[macro_export]
macro_rules! go_layout {
    ($layout:expr) => {{
        const PATTERN: &$crate::Pattern<'static> = &match $crate::Pattern::go($layout) {
            Ok(pattern) => pattern,
            Err(error) => panic!("{}", error.reason()),
        };
        PATTERN
    }};
}
