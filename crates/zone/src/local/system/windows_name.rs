//! From Windows' name of a zone to that of the tz database.

use super::windows_zones::ZONES;
use crate::Error;
use crate::error::Kind;

/// Returns the zone that Unicode's CLDR gives for a name such as
/// `W. Europe Standard Time`, whatever the country.
///
/// The registry's value may have rubbish after a zero that ends it. Where somebody switched
/// summer time off by hand Windows appends `_dstoff` to the name (in the value of that name
/// alone, which is not read here).
pub(super) fn to_iana(name: &str) -> Result<&'static str, Error> {
    let name = name.split('\0').next().unwrap_or(name).trim();
    match ZONES.binary_search_by(|(known, _)| order(known, name)) {
        Ok(place) => Ok(ZONES[place].1),
        Err(_) => Err(Kind::NotFound {
            name: name.into(),
            searched: "Windows' names that CLDR knows".into(),
        }
        .into()),
    }
}

/// The registry does not tell capitals from small letters.
fn order(one: &str, other: &str) -> std::cmp::Ordering {
    let lower = |name: &str| name.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>();
    lower(one).cmp(&lower(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let table = [
            ("W. Europe Standard Time", Some("Europe/Berlin")),
            ("w. europe standard time", Some("Europe/Berlin")),
            ("Eastern Standard Time\0garbage", Some("America/New_York")),
            ("Tokyo Standard Time", Some("Asia/Tokyo")),
            ("UTC", Some("Etc/UTC")),
            ("UTC+13", Some("Etc/GMT-13")),
            ("Pacific Standard Time (Mexico)", Some("America/Tijuana")),
            ("Middle-earth Standard Time", None),
            ("", None),
        ];
        for (name, want) in table {
            let got = to_iana(name);
            assert_eq!(got.as_ref().ok().copied(), want, "to_iana({name:?})");
            if let Err(error) = got {
                assert!(error.is_not_found() && error.to_string().contains(&format!("{name:?}")));
            }
        }
    }

    #[test]
    fn the_table_is_in_order_and_names_zones_that_there_are() {
        assert!(ZONES.is_sorted_by(|one, other| order(one.0, other.0).is_lt()));
        for (name, zone) in ZONES {
            assert!(crate::search::check_name(zone).is_ok());
            if cfg!(feature = "tzdb") {
                assert!(crate::embedded::find(zone).is_some(), "{name}: {zone}");
            }
        }
    }
}
