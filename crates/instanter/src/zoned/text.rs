//! The text of a moment in a zone: RFC 9557, RFC 3339, RFC 2822 and any pattern.

use core::fmt;
use core::str::FromStr;

use instanter_civil::text::rfc3339::{self, Rfc3339};
use instanter_civil::text::rfc9557::{self, Told};
use instanter_civil::text::{Text, rfc2822};
use instanter_civil::{Offset, Pattern};
use instanter_zone::{Policy, Resolved, Zone};

use super::Zoned;
use crate::{Error, Time};

impl Zoned {
    /// Returns RFC 3339 with the zone's offset, and as many digits as needed.
    ///
    /// ```
    /// use instanter::Zoned;
    /// let zoned: Zoned = "2024-07-01T12:00:00+02:00[Europe/Berlin]".parse()?;
    /// assert_eq!(zoned.rfc3339(), "2024-07-01T12:00:00+02:00");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    #[must_use]
    pub fn rfc3339(self) -> Text<{ rfc3339::MAX_LENGTH }> {
        self.rfc3339_as(Rfc3339::new())
    }

    /// Returns RFC 3339 in a form of the caller's.
    ///
    /// ```
    /// use instanter::{Time, civil::text::rfc3339::Rfc3339};
    /// let text = Time::UNIX_EPOCH.utc().rfc3339_as(Rfc3339::new().digits(3).space());
    /// assert_eq!(text, "1970-01-01 00:00:00.000Z");
    /// ```
    #[inline]
    #[must_use]
    pub fn rfc3339_as(self, form: Rfc3339) -> Text<{ rfc3339::MAX_LENGTH }> {
        form.text_unix(self.time.unix_seconds(), self.time.nanosecond(), self.offset())
    }

    /// Returns RFC 2822, the date of mail and HTTP.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] for years outside 0 to 9999 and offsets that it has no
    /// form for.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::UNIX_EPOCH.utc().rfc2822()?, "Thu, 01 Jan 1970 00:00:00 +0000");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn rfc2822(self) -> Result<Text<{ rfc2822::LENGTH }>, Error> {
        Ok(rfc2822::text(self.date_time(), self.offset())?)
    }

    /// Returns the moment in the form of a pattern that was compiled before, to be written
    /// with `{}`.
    ///
    /// ```
    /// use instanter::{Time, civil::{go_layout, pattern}};
    /// let zoned = Time::UNIX_EPOCH.utc();
    /// let shown = zoned.format(pattern!("%A, %-d %B %Y, %H:%M %Z")).to_string();
    /// assert_eq!(shown, "Thursday, 1 January 1970, 00:00 UTC");
    /// let shown = zoned.format(go_layout!("Mon Jan _2 15:04:05 MST 2006")).to_string();
    /// assert_eq!(shown, "Thu Jan  1 00:00:00 UTC 1970");
    /// ```
    #[must_use]
    pub fn format<'p>(self, pattern: &'p Pattern<'p>) -> Formatted<'p> {
        Formatted { pattern: *pattern, zoned: self }
    }

    /// Returns the moment in the form of a `strftime` pattern.
    ///
    /// The pattern is compiled at each call; one that is known when the program is
    /// compiled is better given to [`format`](Zoned::format) with
    /// [`pattern!`](instanter_civil::pattern!).
    ///
    /// # Errors
    /// For a wrong pattern, with the place in it.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::UNIX_EPOCH.utc().strftime("%F %T")?.to_string(), "1970-01-01 00:00:00");
    /// assert_eq!(Time::UNIX_EPOCH.utc().strftime("%F %!").unwrap_err().byte_offset(), Some(4));
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn strftime(self, pattern: &str) -> Result<Formatted<'_>, Error> {
        Ok(Formatted { pattern: Pattern::strftime(pattern)?, zoned: self })
    }

    /// Returns the moment in the form of a layout of Go.
    ///
    /// # Errors
    /// For a wrong layout, with the place in it.
    ///
    /// ```
    /// use instanter::Time;
    /// let shown = Time::UNIX_EPOCH.utc().go_layout("Jan 2, 2006 at 3:04pm (MST)")?;
    /// assert_eq!(shown.to_string(), "Jan 1, 1970 at 12:00am (UTC)");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn go_layout(self, layout: &str) -> Result<Formatted<'_>, Error> {
        Ok(Formatted { pattern: Pattern::go(layout)?, zoned: self })
    }

    /// Reads a text in the form of a pattern.
    ///
    /// An offset or Unix seconds in the text tell the moment, and `zone` only where it
    /// is shown. Without them the text is a local time of `zone`; one that the zone has twice
    /// is decided by an abbreviation in the text, `EDT` or `EST`, else by `policy`.
    ///
    /// # Errors
    /// [`Error::is_malformed`] with the place; [`Error::is_conflict`] where the text
    /// contradicts itself or the zone does not have the abbreviation then; for fields that the
    /// pattern lacks; and as [`Zoned::from_local`].
    ///
    /// ```
    /// use instanter::{Zoned, civil::pattern, zone::{Policy, Zone}};
    /// let zone = Zone::get("America/New_York")?;
    /// let pattern = pattern!("%d %b %Y %H:%M %Z");
    /// let first = Zoned::parse_as(pattern, "03 Nov 2024 01:30 EDT", zone, Policy::Reject)?;
    /// let second = Zoned::parse_as(pattern, "03 Nov 2024 01:30 EST", zone, Policy::Reject)?;
    /// assert_eq!((second - first).to_string(), "1h0m0s");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_as(
        pattern: &Pattern<'_>,
        text: &str,
        zone: Zone,
        policy: Policy,
    ) -> Result<Zoned, Error> {
        let fields = pattern.parse(text)?;
        if fields.unix_seconds.is_some() || fields.offset.is_some() {
            let (seconds, nanosecond) =
                fields.date_time()?.to_unix(fields.offset.unwrap_or(Offset::UTC))?;
            return Ok(Time::from_unix(seconds, nanosecond).in_zone(zone));
        }
        let local = fields.date_time()?;
        let Some(abbreviation) = fields.zone else { return Zoned::from_local(local, zone, policy) };
        let (local_s, nanosecond) = local.to_unix(Offset::UTC)?;
        let named = offsets(zone.resolve(local_s)).into_iter().find_map(|offset_s| {
            let unix_s = local_s.checked_sub(i64::from(offset_s))?;
            let local = zone.at(unix_s);
            let same = local.offset_s == offset_s && &*local.abbreviation == abbreviation;
            same.then(|| Time::from_unix(unix_s, nanosecond).in_zone(zone))
        });
        named.ok_or_else(|| Error::abbreviation(text, abbreviation))
    }
}

/// The offsets under which a zone may show a local time.
fn offsets(resolved: Resolved) -> [i32; 2] {
    match resolved {
        Resolved::Unambiguous { offset_s } => [offset_s; 2],
        Resolved::Gap(change) | Resolved::Fold(change) => [change.before_s, change.after_s],
    }
}

/// A moment in the form of a pattern: see [`Zoned::format`]. Written with `{}`.
///
/// ```
/// use instanter::{Time, civil::pattern};
/// println!("{}", Time::UNIX_EPOCH.utc().format(pattern!("%c")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Formatted<'p> {
    pattern: Pattern<'p>,
    zoned: Zoned,
}

impl fmt::Display for Formatted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, offset) = (self.zoned.date_time(), self.zoned.offset());
        let abbreviation = self.zoned.abbreviation();
        self.pattern.display(local, offset, Some(&abbreviation)).fmt(f)
    }
}

/// RFC 9557, `2024-07-01T12:00:00+02:00[Europe/Berlin]`, with as many digits as needed, or
/// with exactly as many as a precision says: `{:.3}`.
///
/// A zone without a name (one of a POSIX TZ string, or a file that is not of the tz
/// database) has nothing to put into the brackets: it is RFC 3339 then.
impl fmt::Display for Zoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = Rfc3339::new().numeric_utc();
        let form = match f.precision() {
            Some(digits) => form.digits(digits.min(9) as u8),
            None => form,
        };
        f.write_str(self.rfc3339_as(form).as_str())?;
        match (self.zone.name(), self.zone.table()) {
            (Some(name), _) => write!(f, "[{name}]"),
            (None, None) => write!(f, "[{}]", self.offset()),
            (None, Some(_)) => Ok(()),
        }
    }
}

/// Reads RFC 9557 with a zone in its brackets.
///
/// The offset decides where the zone shows the local time twice, and must be one that the
/// zone has then; where that has seconds it may be rounded to minutes, as other software
/// writes it. With `Z` the time is UTC's; without any offset it is the zone's, of two the
/// earlier and of none the later, as [`Policy::Compatible`] has it. Annotations besides the zone and the
/// Gregorian calendar are passed over, unless a `!` marks them as critical.
///
/// ```
/// use instanter::Zoned;
/// let zoned: Zoned = "2024-11-03T01:30:00-05:00[America/New_York]".parse()?; // the second
/// assert_eq!(&*zoned.abbreviation(), "EST");
/// let error = "2024-07-01T12:00:00+01:00[Europe/Berlin]".parse::<Zoned>().unwrap_err();
/// assert!(error.is_conflict());
/// # Ok::<(), instanter::Error>(())
/// ```
impl FromStr for Zoned {
    type Err = Error;

    fn from_str(text: &str) -> Result<Zoned, Error> {
        let annotated = rfc9557::parse(text)?;
        let Some(annotation) = annotated.zone else { return Err(Error::no_zone(text)) };
        let known = |tag: &rfc9557::Tag<'_>| {
            tag.key == "u-ca" && ["gregory", "iso8601"].contains(&tag.value)
        };
        if let Some(tag) = annotated.tags().find(|tag| tag.critical && !known(tag)) {
            return Err(Error::critical(text, tag.key));
        }
        let zone = match annotation.offset() {
            Some(offset) => Zone::fixed(offset.seconds())?,
            None => zone_by_name(annotation.name)?,
        };
        let local = annotated.local;
        let told = match annotated.told {
            Told::Zulu => Offset::UTC,
            Told::Offset(offset) => offset,
            Told::Nothing => return Zoned::from_local(local, zone, Policy::Compatible),
        };
        let (unix_s, nanosecond) = local.to_unix(told)?;
        let told_s = told.seconds();
        if annotated.told == Told::Zulu || zone.offset_at(unix_s) == told_s {
            return Ok(Time::from_unix(unix_s, nanosecond).in_zone(zone));
        }
        let (local_s, _) = local.to_unix(Offset::UTC)?;
        for offset_s in offsets(zone.resolve(local_s)) {
            let unix_s = local_s.saturating_sub(i64::from(offset_s));
            if to_minute(offset_s) == told_s && zone.offset_at(unix_s) == offset_s {
                return Ok(Time::from_unix(unix_s, nanosecond).in_zone(zone));
            }
        }
        Err(Error::offset(text, told_s, zone.offset_at(unix_s)))
    }
}

/// An offset rounded to minutes, from the middle away from zero.
fn to_minute(offset_s: i32) -> i32 {
    (offset_s + 30 * offset_s.signum()) / 60 * 60
}

#[cfg(feature = "std")]
pub(crate) fn zone_by_name(name: &str) -> Result<Zone, Error> {
    Ok(Zone::get(name)?)
}

/// Without an operating system there are no zones by name but the one.
#[cfg(not(feature = "std"))]
pub(crate) fn zone_by_name(name: &str) -> Result<Zone, Error> {
    if ["UTC", "Etc/UTC", "Z"].iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
        return Ok(Zone::UTC);
    }
    Err(Error::unknown(name))
}
