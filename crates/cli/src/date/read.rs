//! From a text to a moment: which standard's form it has, and what its local
//! time means.

use instanter_civil::text::rfc9557::Told;
use instanter_civil::text::{iso8601, rfc2822, rfc3339, rfc9557};
use instanter_civil::{DateTime, Offset, Pattern, TimeOfDay};
use instanter_zone::{Policy, Resolved, Zone};

use super::unix;
use crate::zoned::offset;

/// A moment that was read, and what was in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) unix_s: i64,
    pub(super) nanosecond: u32,
    /// The zone that the text names.
    pub(super) zone: Option<Zone>,
    pub(super) form: &'static str,
    pub(super) resolved: &'static str,
}

/// How texts are to be read.
pub(super) struct Reader<'p> {
    pub(super) pattern: Option<Pattern<'p>>,
    /// Whose local time it is where a text does not say.
    pub(super) zone: Zone,
    pub(super) policy: Policy,
}

impl Reader<'_> {
    /// Reads a text; the error quotes it and, where there is one, points at the byte.
    pub(super) fn read(&self, text: &str) -> Result<Moment, String> {
        let read = match &self.pattern {
            Some(pattern) => self.fields(pattern, text),
            None => self.standard(text),
        };
        read.map_err(|error| format!("cannot read {}: {error}", quoted(text)))
    }

    fn standard(&self, text: &str) -> Result<Moment, String> {
        let words = |error: instanter_civil::Error| error.to_string();
        if let Some(seconds) = text.strip_prefix('@') {
            let (unix_s, nanosecond) = unix::parse(text, seconds)?;
            return Ok(exact(unix_s, nanosecond, "unix"));
        }
        if !text.is_empty() && !text.bytes().any(|byte| byte.is_ascii_digit()) {
            // Each form would complain of something else; none is meant.
            return Err(format!(
                "byte 0, at {}: there is no number in it; a date is written as RFC 3339, \
                 RFC 9557, RFC 2822 or ISO 8601 have it, or as @ and Unix seconds",
                quoted(text)
            ));
        }
        if text.contains('[') {
            return self.annotated(text);
        }
        if has_month_name(text) {
            let (local, offset) = rfc2822::parse(text).map_err(words)?;
            return at(local, offset, "rfc2822");
        }
        let internet = match rfc3339::parse(text) {
            Ok((local, offset)) => return at(local, offset, "rfc3339"),
            Err(error) => error,
        };
        if !text.contains(['T', 't', ' ', '_']) {
            let date = iso8601::parse_date(text).map_err(words)?;
            return self.local(
                self.zone,
                DateTime::new(date, TimeOfDay::MIDNIGHT),
                None,
                "iso8601",
            );
        }
        // A space or underscore for the T, as RFC 3339 has it, without an offset.
        let joined = text.replacen([' ', '_'], "T", 1);
        match iso8601::parse(&joined) {
            Ok((local, Some(offset))) => at(local, offset, "iso8601"),
            Ok((local, None)) => self.local(self.zone, local, None, "iso8601"),
            // The one that came further understood more of it.
            Err(error) if internet.offset() > error.offset() => Err(words(internet)),
            Err(error) => Err(words(error)),
        }
    }

    fn annotated(&self, text: &str) -> Result<Moment, String> {
        const FORM: &str = "rfc9557";
        let read = rfc9557::parse(text).map_err(|error| error.to_string())?;
        if let Some(tag) = read.tags().find(|tag| tag.critical) {
            return Err(format!("the annotation {:?} is critical, and not known here", tag.key));
        }
        let zone = read.zone.map(|named| match named.offset() {
            Some(offset) => Zone::fixed(offset.seconds()),
            None => Zone::get(named.name),
        });
        let zone = zone.transpose().map_err(|error| error.to_string())?;
        let moment = match (read.offset(), zone) {
            (Some(offset), _) => at(read.local, offset, FORM)?,
            (None, zone) => self.local(zone.unwrap_or(self.zone), read.local, None, FORM)?,
        };
        if let (Some(zone), Told::Offset(told)) = (zone, read.told) {
            let there = offset(zone.offset_at(moment.unix_s));
            if there != told {
                return Err(format!("the offset is {told}, and {zone} has {there} then"));
            }
        }
        Ok(Moment { zone, ..moment })
    }

    fn fields(&self, pattern: &Pattern<'_>, text: &str) -> Result<Moment, String> {
        let words = |error: instanter_civil::Error| error.to_string();
        let fields = pattern.parse(text).map_err(words)?;
        let date_alone =
            fields.hour.is_none() && fields.hour_12.is_none() && fields.unix_seconds.is_none();
        let local = if date_alone {
            fields.date().map(|date| DateTime::new(date, TimeOfDay::MIDNIGHT))
        } else {
            fields.date_time()
        };
        let local = local.map_err(words)?;
        match (fields.unix_seconds, fields.offset) {
            (Some(unix_s), _) => Ok(exact(unix_s, fields.nanosecond.unwrap_or(0), "pattern")),
            (None, Some(offset)) => at(local, offset, "pattern"),
            (None, None) => self.local(self.zone, local, fields.zone, "pattern"),
        }
    }

    /// What a local time means in the zone, of which the text may have told the
    /// abbreviation that was in force.
    fn local(
        &self,
        zone: Zone,
        local: DateTime,
        abbreviation: Option<&str>,
        form: &'static str,
    ) -> Result<Moment, String> {
        if abbreviation.is_some_and(|name| ["UTC", "GMT", "UT", "Z"].contains(&name)) {
            return at(local, Offset::UTC, form);
        }
        let (local_s, nanosecond) =
            local.to_unix(Offset::UTC).map_err(|error| error.to_string())?;
        let answer = zone.resolve(local_s);
        let unix = |offset_s: i32| local_s.checked_sub(i64::from(offset_s));
        let offset_s = match abbreviation {
            Some(name) => candidates(answer)
                .into_iter()
                .find(|&offset_s| {
                    let there = unix(offset_s).map(|unix_s| zone.at(unix_s));
                    there.is_some_and(|there| there.abbreviation == *name)
                })
                .ok_or_else(|| format!("{zone} does not have {name:?} at {local}"))?,
            None => answer.offset_s(self.policy).map_err(|_| doubt(zone, answer))?,
        };
        let unix_s = unix(offset_s).ok_or("the moment does not fit into 64-bit seconds")?;
        let resolved = match answer {
            Resolved::Unambiguous { .. } => "unambiguous",
            Resolved::Gap(_) => "gap",
            Resolved::Fold(_) => "fold",
        };
        Ok(Moment { unix_s, nanosecond, zone: None, form, resolved })
    }
}

/// Why a local time is refused.
fn doubt(zone: Zone, answer: Resolved) -> String {
    let (what, change) = match answer {
        Resolved::Gap(change) => ("skipped", change),
        Resolved::Fold(change) => ("there twice", change),
        Resolved::Unambiguous { .. } => return "it is refused".to_owned(),
    };
    let (before, after) = (offset(change.before_s), offset(change.after_s));
    let at = DateTime::from_unix(change.at, 0, before);
    format!("in {zone} it is {what}: clocks go from {before} to {after} at {at}")
}

/// The offsets that a local time may have.
fn candidates(answer: Resolved) -> [i32; 2] {
    match answer {
        Resolved::Unambiguous { offset_s } => [offset_s; 2],
        Resolved::Gap(change) | Resolved::Fold(change) => [change.before_s, change.after_s],
    }
}

fn exact(unix_s: i64, nanosecond: u32, form: &'static str) -> Moment {
    Moment { unix_s, nanosecond, zone: None, form, resolved: "exact" }
}

fn at(local: DateTime, offset: Offset, form: &'static str) -> Result<Moment, String> {
    let (unix_s, nanosecond) = local.to_unix(offset).map_err(|error| error.to_string())?;
    Ok(exact(unix_s, nanosecond, form))
}

/// Whether there are three letters in a row: mail writes months as words.
fn has_month_name(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_alphabetic))
}

/// The text in quotes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}
