//! From what somebody wrote to a zone.

use instanter_civil::text::rfc9557;
use instanter_zone::{How, Local, Origin, Source, Zone, embedded_version, system_version};

use crate::failure::Failure;

/// A zone, and how it was come to.
pub(crate) struct Found {
    pub(crate) zone: Zone,
    /// What zdump would have to be called with.
    pub(crate) label: String,
    /// For the local zone: how that was found.
    pub(crate) how: Option<How>,
}

/// Finds a zone: `local`, an offset as `+05:30`, a path that begins with `/` or
/// `.`, a name of the tz database, or a POSIX TZ string.
pub(crate) fn find(text: &str) -> Result<Found, Failure> {
    if text == "local" {
        let (zone, how) = (Local::zone(), Local::how());
        let rules = how.tz.as_deref().filter(|_| how.source == Source::Posix);
        let rules = rules.map(|tz| tz.strip_prefix(':').unwrap_or(tz).to_owned());
        let label = rules.unwrap_or_else(|| zone.to_string());
        return Ok(Found { zone, label, how: Some(how) });
    }
    let zone = find_zone(text).map_err(|error| Failure::new(error.to_string()))?;
    // A name was found under its own capitals; a path and rules are what they are.
    let named = !text.starts_with(['/', '.']);
    let label = zone.name().filter(|_| named).unwrap_or(text).to_owned();
    Ok(Found { zone, label, how: None })
}

fn find_zone(text: &str) -> Result<Zone, instanter_zone::Error> {
    if text.starts_with(['/', '.']) {
        return Zone::from_path(text);
    }
    if text.starts_with(['+', '-'])
        && let Some(offset) = (rfc9557::Zone { name: text, critical: false }).offset()
    {
        return Zone::fixed(offset.seconds());
    }
    let no_name = match Zone::get(text) {
        Err(error) if error.is_not_found() || error.is_bad_name() => error,
        found => return found,
    };
    // Which of the two it was meant to be decides which error helps.
    let like_rules = text.contains([',', '<']) || text.contains(|c: char| c.is_ascii_digit());
    Zone::posix(text).map_err(|no_rules| if like_rules { no_rules } else { no_name })
}

/// Where a zone's data is from, as one word.
pub(crate) fn origin(zone: Zone) -> &'static str {
    match zone.origin() {
        Origin::Offset => "fixed",
        Origin::Posix => "posix",
        Origin::Bytes => "bytes",
        Origin::File(_) => "file",
        Origin::Embedded => "embedded",
    }
}

/// The file that a zone was read from.
pub(crate) fn path(zone: Zone) -> Option<&'static str> {
    match zone.origin() {
        Origin::File(path) => Some(path),
        _ => None,
    }
}

/// The version of the tz database that a zone is of, where it is known.
pub(crate) fn version(zone: Zone) -> Option<String> {
    match zone.origin() {
        // A file elsewhere may be of any version.
        Origin::File(_) if zone.name().is_some() => system_version(),
        Origin::Embedded => embedded_version().map(str::to_owned),
        _ => None,
    }
}

/// Where a zone was found, in words.
pub(crate) fn describe(zone: Zone) -> String {
    let version = match version(zone) {
        Some(version) => format!(", version {version}"),
        None => String::new(),
    };
    match zone.origin() {
        Origin::Offset if zone == Zone::UTC => "built in: UTC needs no table".to_owned(),
        Origin::Offset => "built in: a fixed offset needs no table".to_owned(),
        Origin::Posix => "a POSIX TZ string: its rules hold for all years".to_owned(),
        Origin::Bytes => "bytes in memory".to_owned(),
        Origin::File(path) => format!("file {path}{version}"),
        Origin::Embedded => format!("this program's copy of the tz database{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_zone() {
        let table = [
            ("utc", "fixed", "UTC"),
            ("+05:30", "fixed", "+05:30"),
            ("-00:30", "fixed", "-00:30"),
            ("EST5EDT,M3.2.0,M11.1.0", "posix", "EST5EDT,M3.2.0,M11.1.0"),
            ("<-03>3", "posix", "<-03>3"),
        ];
        for (text, want, label) in table {
            let found = find(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((origin(found.zone), &*found.label), (want, label), "find({text})");
        }
        let berlin = find("EUROPE/berlin").unwrap();
        assert_eq!(berlin.label, "Europe/Berlin");
        assert!(["file", "embedded"].contains(&origin(berlin.zone)));
    }

    #[test]
    fn what_is_none() {
        let table = [
            ("Mars/Olympus", "Mars/Olympus"),
            ("", "zone name"),
            ("EST5EDT,M13.2.0,M11.1.0", "byte 9"),
            ("/dev/null", "/dev/null"),
            ("/no/such/file", "/no/such/file"),
            ("../../etc/passwd", "../../etc/passwd"),
            ("+25:00:00:00", "+25:00:00:00"),
        ];
        for (text, want) in table {
            let error = find(text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(want), "find({text}) = {error}, want {want}");
        }
    }
}
