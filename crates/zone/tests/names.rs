//! Zones by name, from the system's folder.

mod oracles;

use instanter_zone::{Origin, Search, Zone};

#[test]
fn names_and_aliases() {
    let zone = Zone::get("America/New_York").unwrap();
    assert_eq!(zone.name(), Some("America/New_York"));
    assert_eq!(zone.origin(), Origin::File("/usr/share/zoneinfo/America/New_York"));
    let small = Zone::get("america/new_york").unwrap();
    assert_eq!((small, small.name()), (zone, zone.name()));
    let alias = Zone::get("US/Eastern").unwrap();
    assert_ne!(alias, zone, "another name is another handle");
    // Else it comes from the copy in the program.
    if oracles::has("US/Eastern", "names_and_aliases") {
        assert_eq!(alias.table(), zone.table(), "of the same zone");
    }
    assert_eq!(Zone::get("utc").unwrap(), Zone::UTC);
    let path = Zone::from_path("/usr/share/zoneinfo/Asia/Tokyo").unwrap();
    assert_eq!(path.name(), Some("Asia/Tokyo"));
    if oracles::has("posix/Asia/Tokyo", "names_and_aliases") {
        assert_eq!(Zone::get("posix/Asia/Tokyo").unwrap().offset_at(0), 32_400);
        let posix = Zone::from_path("/usr/share/zoneinfo/posix/Asia/Tokyo").unwrap();
        assert_eq!(posix.name(), path.name());
    }
    let bytes = std::fs::read("/usr/share/zoneinfo/Asia/Tokyo").unwrap();
    let nameless = Zone::from_tzif(&bytes).unwrap();
    assert_eq!((nameless.name(), nameless.origin()), (None, Origin::Bytes));
    assert_eq!(nameless, Zone::from_tzif(&bytes).unwrap(), "read twice, kept once");
}

#[test]
fn refused() {
    let bad = [
        "",
        "/etc/localtime",
        "../zoneinfo/UTC",
        "Europe/../UTC",
        "Europe//Paris",
        "Europe/",
        ".",
        "Europe/Pa\0ris",
        "Europe/Paris ",
        "Zürich",
        "Europe\\Paris",
        "a/./b",
    ];
    for name in bad {
        let error = Zone::get(name).unwrap_err();
        assert!(error.is_bad_name(), "{name:?}: {error}");
    }
    assert!(Zone::get(&"a".repeat(256)).unwrap_err().is_bad_name());
    for name in ["Europe", "Mars/Olympus", "tzdata", "Europe/Paris/x"] {
        let error = Zone::get_from(name, Search::System).unwrap_err();
        assert!(error.is_not_found(), "{name:?}: {error}");
    }
    let error = Zone::get("zone.tab").unwrap_err();
    assert!(error.is_malformed() && error.byte_offset() == Some(0), "{error}");
    if oracles::has("right/America/New_York", "refused") {
        let error = Zone::get("right/America/New_York").unwrap_err();
        assert!(error.has_leap_seconds(), "{error}");
        assert!(error.to_string().contains("27 leap seconds"), "{error}");
    }
    assert!(Zone::from_path("/").unwrap_err().is_io());
    assert!(Zone::from_path("/dev/zero").unwrap_err().is_io(), "endless, and no file");
}

#[test]
fn all_names() {
    let names = Zone::names();
    let installed: Vec<String> = oracles::zones("")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name != "posixrules")
        .collect();
    assert!(installed.iter().all(|name| names.contains(&&**name)));
    assert!(std::ptr::eq(names, Zone::names()), "the folders are read once");
    for name in names.iter().step_by(20) {
        assert_eq!(Zone::get(name).unwrap().name(), Some(*name));
    }
}

#[test]
fn fixed() {
    for offset_s in [-604_799, -3_600, -1, 0, 1, 3_600, 604_799] {
        let zone = Zone::fixed(offset_s).unwrap();
        assert_eq!(zone.offset_at(i64::MIN), offset_s);
        assert_eq!((zone.table(), zone.name(), zone.origin()), (None, None, Origin::Offset));
    }
    assert_ne!(Zone::fixed(0).unwrap(), Zone::UTC);
    assert!(Zone::fixed(604_800).is_err() && Zone::fixed(i32::MIN).is_err());
}
