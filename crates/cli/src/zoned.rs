//! A moment in a zone: what its clocks show.

use instanter_civil::text::rfc3339::Rfc3339;
use instanter_civil::text::rfc9557::Annotated;
use instanter_civil::{DateTime, Offset};
use instanter_zone::{LocalType, Zone};

/// A moment, and the zone whose clocks it is read from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zoned {
    pub(crate) unix_s: i64,
    pub(crate) nanosecond: u32,
    pub(crate) zone: Zone,
}

/// Returns an offset of a zone, which has none that `Offset` lacks.
pub(crate) fn offset(offset_s: i32) -> Offset {
    Offset::from_seconds(offset_s).unwrap_or_default()
}

/// Returns what clocks show at a moment under one of a zone's local time types:
/// `2027-03-28T02:00:00+01:00 CET`.
pub(crate) fn under(local: &LocalType<'_>, unix_s: i64) -> String {
    let offset = offset(local.offset_s);
    let shown = Rfc3339::new().numeric_utc().text(DateTime::from_unix(unix_s, 0, offset), offset);
    format!("{shown} {}", local.abbreviation)
}

impl Zoned {
    /// The moment of now.
    pub(crate) fn now(zone: Zone) -> Zoned {
        let now = instanter::now();
        Zoned { unix_s: now.unix_seconds(), nanosecond: now.nanosecond(), zone }
    }

    pub(crate) fn local_type(&self) -> LocalType<'static> {
        self.zone.at(self.unix_s)
    }

    pub(crate) fn offset(&self) -> Offset {
        offset(self.zone.offset_at(self.unix_s))
    }

    pub(crate) fn local(&self) -> DateTime {
        DateTime::from_unix(self.unix_s, self.nanosecond, self.offset())
    }

    /// RFC 3339 with nine digits.
    pub(crate) fn rfc3339(&self) -> String {
        Rfc3339::new().digits(9).text(self.local(), self.offset()).to_string()
    }

    /// RFC 9557 where the zone has a name; else RFC 3339, and so for UTC, too.
    pub(crate) fn text(&self) -> String {
        let (local, offset) = (self.local(), self.offset());
        let name = self.zone.name().filter(|_| self.zone != Zone::UTC);
        match name.map(|name| Annotated::new(local, offset, name)) {
            Some(Ok(annotated)) => annotated.to_string(),
            _ => Rfc3339::new().text(local, offset).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_a_name() {
        let table = [
            (Zone::UTC, 1_720_000_000, 0, "2024-07-03T09:46:40Z"),
            (Zone::fixed(19_800).unwrap(), 0, 120_000_000, "1970-01-01T05:30:00.12+05:30"),
            (Zone::posix("EST5").unwrap(), 0, 0, "1969-12-31T19:00:00-05:00"),
            (
                Zone::get("europe/berlin").unwrap(),
                1_720_000_000,
                1,
                "2024-07-03T11:46:40.000000001+02:00[Europe/Berlin]",
            ),
        ];
        for (zone, unix_s, nanosecond, want) in table {
            assert_eq!(Zoned { unix_s, nanosecond, zone }.text(), want, "{zone} {unix_s}");
        }
    }
}
