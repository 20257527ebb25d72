//! Timestamps for logs: each is nearly the one before.

use core::fmt;

use crate::text::rfc3339::{MAX_LENGTH, Rfc3339};
use crate::text::{Text, digits};
use crate::time_of_day::NANOS;
use crate::{DateTime, Offset};

/// An offset, and the seconds since 1970 for which it holds.
///
/// ```
/// use instanter_civil::{Offset, stamp::OffsetInterval};
/// assert_eq!(OffsetInterval::always(Offset::UTC).from, i64::MIN);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetInterval {
    /// The offset.
    pub offset: Offset,
    /// The first second for which it holds.
    pub from: i64,
    /// The first second for which it does not hold any more.
    pub until: i64,
}

impl OffsetInterval {
    /// An offset that never changes.
    ///
    /// ```
    /// use instanter_civil::{Offset, stamp::OffsetInterval};
    /// assert_eq!(OffsetInterval::always(Offset::UTC).offset, Offset::UTC);
    /// ```
    #[must_use]
    pub const fn always(offset: Offset) -> OffsetInterval {
        OffsetInterval { offset, from: i64::MIN, until: i64::MAX }
    }
}

/// Writes RFC 3339 again and again, and each time only what has changed: within a second
/// the fraction, within a minute the seconds, too.
///
/// What is remembered holds for an interval of seconds: those of one minute on the
/// local clock, as far as the offset holds. A moment inside is written by it, before
/// or after the one written last; for a moment outside, everything is made anew. So there is
/// no order in which moments could come that would give a wrong text.
///
/// The offset is asked for with a second, and again only outside of the interval
/// that came back with it.
///
/// ```
/// use instanter_civil::{Offset, stamp::{OffsetInterval, Stamp}};
/// let mut stamp = Stamp::utc(3);
/// assert_eq!(stamp.write(1_709_251_199, 999_000_000), b"2024-02-29T23:59:59.999Z");
/// assert_eq!(stamp.write(1_709_251_200, 1_000_000), b"2024-03-01T00:00:00.001Z");
///
/// // Clocks in Berlin went forward at 1711846800.
/// let mut stamp = Stamp::new(0, |second| match second {
///     ..1_711_846_800 => OffsetInterval {
///         offset: Offset::from_hms(1, 0, 0).unwrap(),
///         from: i64::MIN,
///         until: 1_711_846_800,
///     },
///     _ => OffsetInterval {
///         offset: Offset::from_hms(2, 0, 0).unwrap(),
///         from: 1_711_846_800,
///         until: 1_729_990_800,
///     },
/// });
/// assert_eq!(stamp.write(1_711_846_799, 0), b"2024-03-31T01:59:59+01:00");
/// assert_eq!(stamp.write(1_711_846_800, 0), b"2024-03-31T03:00:00+02:00");
/// assert_eq!(stamp.as_str(), "2024-03-31T03:00:00+02:00");
/// ```
#[derive(Clone)]
pub struct Stamp<F> {
    text: [u8; MAX_LENGTH],
    length: u8,
    form: Rfc3339,
    digits: u8,
    /// The second in the text; only looked at if it is within the interval.
    second: i64,
    /// When the minute in the text began; may be before `from`.
    minute: i64,
    /// The interval for which all but seconds and fraction of the text hold.
    from: i64,
    span: u64,
    offset: OffsetInterval,
    offset_at: F,
}

impl Stamp<fn(i64) -> OffsetInterval> {
    /// Makes stamps in UTC, with so many digits of the fraction, 0 to 9 (more are
    /// taken as 9).
    ///
    /// ```
    /// use instanter_civil::stamp::Stamp;
    /// assert_eq!(Stamp::utc(0).write(0, 0), b"1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn utc(digits: u8) -> Self {
        Stamp::new(digits, |_| OffsetInterval::always(Offset::UTC))
    }
}

impl<F: FnMut(i64) -> OffsetInterval> Stamp<F> {
    /// Makes stamps with so many digits of the fraction, 0 to 9 (more are taken as
    /// 9), and the offset that `offset_at` tells for a second since 1970. If it answers
    /// with an interval that the second is not in, the offset is used that once.
    ///
    /// ```
    /// use instanter_civil::{Offset, stamp::{OffsetInterval, Stamp}};
    /// let offset = Offset::from_hms(5, 30, 0)?;
    /// let mut stamp = Stamp::new(0, |_| OffsetInterval::always(offset));
    /// assert_eq!(stamp.write(0, 0), b"1970-01-01T05:30:00+05:30");
    /// # Ok::<(), instanter_civil::Error>(())
    /// ```
    pub const fn new(digits: u8, offset_at: F) -> Stamp<F> {
        Stamp {
            text: [0; MAX_LENGTH],
            length: 0,
            form: Rfc3339::new().digits(digits),
            digits: if digits > 9 { 9 } else { digits },
            second: 0,
            minute: 0,
            from: 0,
            span: 0,
            offset: OffsetInterval { offset: Offset::UTC, from: 0, until: 0 },
            offset_at,
        }
    }

    /// Returns the text of a moment, in seconds since 1970-01-01 00:00:00 UTC and
    /// nanoseconds. Nanoseconds of a second or more are carried.
    ///
    /// ```
    /// use instanter_civil::stamp::Stamp;
    /// assert_eq!(Stamp::utc(9).write(-1, 5), b"1969-12-31T23:59:59.000000005Z");
    /// ```
    #[inline]
    pub fn write(&mut self, seconds: i64, nanoseconds: u32) -> &[u8] {
        // Before the interval the difference wraps to something large.
        let inside = (seconds.wrapping_sub(self.from) as u64) < self.span;
        if !inside || nanoseconds >= NANOS as u32 {
            return self.write_anew(seconds, nanoseconds);
        }
        if seconds != self.second {
            self.second = seconds;
            let pair = digits::PAIRS[usize::from((seconds - self.minute) as u8)];
            self.text[17..19].copy_from_slice(&pair);
        }
        self.write_fraction(nanoseconds);
        self.as_bytes()
    }

    #[inline(always)]
    fn write_fraction(&mut self, nanoseconds: u32) {
        if self.digits == 0 {
            return;
        }
        let eight = digits::eight(nanoseconds / 10).to_le_bytes();
        match self.digits {
            9 => {
                self.text[20..28].copy_from_slice(&eight);
                self.text[28] = b'0' + (nanoseconds % 10) as u8;
            }
            6 => self.text[20..26].copy_from_slice(&eight[..6]),
            3 => self.text[20..23].copy_from_slice(&eight[..3]),
            count => {
                let count = usize::from(count).min(8);
                self.text[20..20 + count].copy_from_slice(&eight[..count]);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn write_anew(&mut self, seconds: i64, nanoseconds: u32) -> &[u8] {
        let asked = self.offset;
        let offset = if asked.from <= seconds && seconds < asked.until {
            asked
        } else {
            (self.offset_at)(seconds)
        };
        self.offset = offset;
        let local = DateTime::from_unix(seconds, nanoseconds, offset.offset);
        // Room for the longest text, so this never fails.
        let length = self.form.write(&mut self.text, local, offset.offset).unwrap_or(0);
        self.length = length as u8;
        self.second = seconds;
        self.span = 0;
        // Texts of other years have the seconds elsewhere: they are made anew each time.
        let usual = (0..=9999).contains(&local.date().year()) && nanoseconds < NANOS as u32;
        let of_minute = i64::from(local.time().second());
        if let (true, Some(minute)) = (usual, seconds.checked_sub(of_minute)) {
            let from = minute.max(offset.from);
            let until = minute.saturating_add(60).min(offset.until);
            if from <= seconds && seconds < until {
                (self.minute, self.from) = (minute, from);
                self.span = (until - from) as u64;
            }
        }
        self.as_bytes()
    }

    /// Forgets what is remembered, the offset included: for a program that changes
    /// its time zone.
    ///
    /// ```
    /// use instanter_civil::stamp::Stamp;
    /// let mut stamp = Stamp::utc(0);
    /// stamp.write(0, 0);
    /// stamp.forget();
    /// assert_eq!(stamp.write(0, 0), b"1970-01-01T00:00:00Z");
    /// ```
    pub fn forget(&mut self) {
        self.span = 0;
        self.offset.from = 0;
        self.offset.until = 0;
    }
}

impl<F> Stamp<F> {
    /// Returns the text that was written last, as bytes; nothing before the first.
    ///
    /// ```
    /// use instanter_civil::stamp::Stamp;
    /// assert_eq!(Stamp::utc(0).as_bytes(), b"");
    /// ```
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.length).min(MAX_LENGTH)]
    }

    /// Returns the text that was written last; nothing before the first.
    ///
    /// ```
    /// use instanter_civil::stamp::Stamp;
    /// let mut stamp = Stamp::utc(0);
    /// stamp.write(0, 0);
    /// assert_eq!(stamp.as_str(), "1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Returns a copy of the text that was written last.
    ///
    /// ```
    /// use instanter_civil::stamp::Stamp;
    /// let mut stamp = Stamp::utc(0);
    /// stamp.write(0, 0);
    /// assert_eq!(stamp.text(), "1970-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn text(&self) -> Text<MAX_LENGTH> {
        Text::with(|bytes| {
            *bytes = self.text;
            usize::from(self.length)
        })
    }
}

/// The text that was written last.
impl<F> fmt::Debug for Stamp<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stamp").field(&self.as_str()).finish()
    }
}
