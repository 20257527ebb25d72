//! A moment in a zone: what its clocks show.

use instanter::Zoned;
use instanter_civil::text::rfc3339::Rfc3339;
use instanter_civil::{DateTime, Offset};
use instanter_zone::{LocalType, Zone};

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

/// Returns RFC 9557 where the zone has a name; else RFC 3339, and so for UTC, too: what
/// other programs read.
pub(crate) fn text(zoned: Zoned) -> String {
    match zoned.zone().name().filter(|_| zoned.zone() != Zone::UTC) {
        Some(_) => zoned.to_string(),
        None => zoned.rfc3339().to_string(),
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
            let time = instanter::Time::from_unix(unix_s, nanosecond);
            assert_eq!(text(time.in_zone(zone)), want, "{zone} {unix_s}");
        }
    }
}
