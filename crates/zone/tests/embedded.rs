//! The copy of the tz database in the program against the system's files.
#![cfg(feature = "tzdb")]

mod oracles;

use instanter_zone::{Search, Table, Zone, embedded_names, embedded_version, system_version};

/// Every zone, transition for transition, into the years in which all is computed.
#[test]
fn equal_to_the_files_it_was_made_of() {
    if system_version().as_deref() != embedded_version() {
        println!(
            "skipped: the system has {:?}, the copy {:?}",
            system_version(),
            embedded_version()
        );
        return;
    }
    let end = 6_000_000_000; // 2160
    let (mut names, mut transitions) = (Vec::new(), 0);
    for (name, bytes) in oracles::zones("") {
        if name == "posixrules" {
            continue;
        }
        let system = Table::from_tzif(&bytes).unwrap();
        let copy = Table::embedded(&name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(copy.at(i64::MIN), system.at(i64::MIN), "{name}");
        assert_eq!(copy.at(i64::MAX), system.at(i64::MAX), "{name}");
        let of = |table: &Table| {
            let until = table.transitions(i64::MIN).take_while(|transition| transition.at < end);
            until.map(|transition| format!("{transition:?}")).collect::<Vec<_>>()
        };
        let (copy, system) = (of(&copy), of(&system));
        assert_eq!(copy, system, "{name}");
        transitions += copy.len();
        names.push(name);
    }
    let mut copies = embedded_names();
    copies.sort();
    if oracles::has("US/Pacific", "equal_to_the_files_it_was_made_of") {
        assert_eq!(copies, names);
    } else {
        assert!(names.iter().all(|name| copies.contains(name)) && names.len() > 300, "{names:?}");
    }
    println!("{transitions} transitions of {} zones", names.len());
}

#[test]
fn found_by_name() {
    let zone = Zone::get_from("eUROPE/paris", Search::Embedded).unwrap();
    assert_eq!(zone.name(), Some("Europe/Paris"));
    assert_eq!(zone, Zone::get_from("Europe/Paris", Search::Embedded).unwrap());
    assert_eq!(zone.origin(), instanter_zone::Origin::Embedded);
    let error = Zone::get_from("Europe/Atlantis", Search::Embedded).unwrap_err();
    assert!(error.is_not_found());
    let version = embedded_version().unwrap();
    let want = format!("zone \"Europe/Atlantis\": not found in embedded copy ({version})");
    assert_eq!(error.to_string(), want);
}
