//! The tz database: its age, and whether its files can be read.

use instanter_zone::{Table, embedded_names, embedded_version};

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::{System, why_not};
use crate::doctor::verdict::{Level, Remedy};

pub(super) const KIND: Kind = Kind {
    name: "tzdata",
    title: "Zone data",
    why: "Governments change their clocks at short notice, several times a year somewhere. With old \
          or broken zone files local times are an hour wrong, or silently UTC.",
    how: "Reads the version of the tz database in TZDIR or /usr/share/zoneinfo, compares it with the \
          copy in this program, and reads every zone file.\n\
          degraded: there are no zone files, or they are older than that copy.\n\
          bad: zone files are there and cannot be read.",
    look,
};

pub(super) const FOLDER: &str = "/usr/share/zoneinfo";

/// Where zone files are, as glibc looks for them.
pub(super) fn folder(system: &System) -> String {
    let set = system.machine().variable("TZDIR").filter(|folder| !folder.is_empty());
    set.unwrap_or_else(|| FOLDER.to_owned())
}

fn look(system: &System) -> Finding {
    let folder = folder(system);
    if system.names(&folder).is_empty() {
        return Finding::new(Level::Degraded, format!("there are no zone files in {folder}"))
            .measured(format!(
                "{folder} is empty or not there: programs of the C library show UTC. This program \
                 uses its own copy{}.",
                embedded_version().map_or(String::new(), |version| format!(", {version}"))
            ))
            .remedy(installing(system, "Install the tz database.", ""));
    }
    let installed = version(system, &folder);
    let mut sound = 0;
    let (mut absent, mut broken) = (Vec::new(), Vec::new());
    for name in embedded_names() {
        let path = format!("{folder}/{name}");
        match system.bytes(&path) {
            Ok(bytes) => match Table::from_tzif(&bytes) {
                Ok(_) => sound += 1,
                Err(error) => broken.push(format!("{name}: {error}")),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => absent.push(name),
            Err(error) => broken.push(why_not(&path, &error)),
        }
    }
    let shown = installed.clone().unwrap_or_else(|| "of unknown version".to_owned());
    let own = embedded_version();
    let is_older = || Some(release(installed.as_deref()?)? < release(own?)?);
    let finding = if let Some(first) = broken.first() {
        let count = broken.len();
        let what =
            if count == 1 { "1 zone file".to_owned() } else { format!("{count} zone files") };
        Finding::new(Level::Bad, format!("{what} in {folder} cannot be read"))
            .measured(format!("{count} of {} zone files cannot be read; {first}.", count + sound))
            .remedy(installing(system, "Install the tz database again.", "--reinstall "))
    } else if sound == 0 {
        Finding::new(Level::Degraded, format!("no zone that is known has a file in {folder}"))
            .remedy(installing(system, "Install the tz database.", ""))
    } else if is_older() == Some(true) {
        Finding::new(
            Level::Degraded,
            format!(
                "version {shown} is older than the copy in this program ({})",
                own.unwrap_or("?")
            ),
        )
        .remedy(installing(system, "Bring the tz database up to date.", ""))
    } else {
        Finding::good(format!("{shown}, {sound} zones read"))
    };
    let mut finding =
        finding.detail("version", shown).detail("in this program", own.unwrap_or("none"));
    if !absent.is_empty() {
        finding = finding.detail(
            "not installed",
            format!(
                "{} names, {} for one (old names are in the package tzdata-legacy)",
                absent.len(),
                absent[0]
            ),
        );
    }
    for each in broken.iter().take(5) {
        finding = finding.detail("broken", each);
    }
    finding.labelled(
        metrics::TZDATA,
        &[
            ("version", installed.as_deref().unwrap_or("unknown")),
            ("embedded", own.unwrap_or("none")),
        ],
        1.0,
    )
}

/// The version that a folder of zones tells.
fn version(system: &System, folder: &str) -> Option<String> {
    let told = |file: &str, before: &str| {
        let text = system.maybe(&format!("{folder}/{file}"))?;
        let version = text.lines().find_map(|line| line.strip_prefix(before))?.trim();
        release(version).map(|_| version.to_owned())
    };
    told("tzdata.zi", "# version ").or_else(|| told("+VERSION", ""))
}

/// `2025b`: year and letters, in the order in which versions come out.
fn release(version: &str) -> Option<(u16, &str)> {
    let year = version.get(..4)?.parse().ok()?;
    let letters = version[4..].split('-').next()?;
    let is_release = !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_lowercase());
    is_release.then_some((year, letters))
}

/// The remedy with the command of this system, if that is known.
fn installing(system: &System, text: &str, again: &str) -> Remedy {
    let remedy = Remedy::new(text);
    match install(system, again) {
        Some(command) => remedy.command(command),
        None => remedy,
    }
}

fn install(system: &System, again: &str) -> Option<String> {
    if system.has("/usr/bin/apt-get") {
        return Some(format!("apt-get install {again}tzdata"));
    }
    let verb = if again.is_empty() { "upgrade" } else { "reinstall" };
    if system.has("/usr/bin/dnf") {
        return Some(format!("dnf {verb} tzdata"));
    }
    if system.has("/sbin/apk") {
        return Some("apk add --upgrade tzdata".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put, utc_file};
    use crate::doctor::verdict::Check;
    use std::path::Path;

    fn check(fill: impl Fn(&Path)) -> Check {
        let folder = tempfile::tempdir().expect("a folder");
        fill(folder.path());
        KIND.check(&Pretended::default().system(folder.path()))
    }

    #[test]
    fn a_sound_tree_is_good() {
        let check = check(|root| {
            put(root, "/usr/share/zoneinfo/Europe/Berlin", utc_file());
            put(root, "/usr/share/zoneinfo/tzdata.zi", "# version 9999a\nR x\n");
        });
        assert_eq!(check.level, Level::Good, "{check:?}");
        assert_eq!(check.summary, "9999a, 1 zones read");
        assert!(check.details.iter().any(|detail| detail.name == "not installed"));
    }

    #[test]
    fn old_data_is_degraded() {
        let check = check(|root| {
            put(root, "/usr/share/zoneinfo/Europe/Berlin", utc_file());
            put(root, "/usr/share/zoneinfo/+VERSION", "2019c\n");
            put(root, "/usr/bin/apt-get", "");
        });
        assert_eq!(check.level, Level::Degraded, "{check:?}");
        assert!(check.summary.starts_with("version 2019c is older"), "{check:?}");
        assert_eq!(check.remedy.expect("one").commands, ["apt-get install tzdata"]);
    }

    #[test]
    fn garbage_is_bad_and_named() {
        let check = check(|root| {
            put(root, "/usr/share/zoneinfo/Europe/Berlin", b"TZif2 and nothing after it");
            put(root, "/usr/share/zoneinfo/America/New_York", b"");
            put(root, "/usr/share/zoneinfo/Asia/Tokyo/surplus", b"a folder in the place of a file");
            put(root, "/usr/share/zoneinfo/Asia/Kolkata", utc_file());
            put(root, "/usr/share/zoneinfo/tzdata.zi", [0xff; 300]);
        });
        assert_eq!(check.level, Level::Bad, "{check:?}");
        assert_eq!(check.summary, "3 zone files in /usr/share/zoneinfo cannot be read");
        assert!(check.measured.contains("America/New_York"), "{check:?}");
    }

    #[test]
    fn no_tree_is_degraded() {
        assert_eq!(check(|_| {}).level, Level::Degraded);
        let other = check(|root| put(root, "/usr/share/zoneinfo/readme", "no zones"));
        assert_eq!(other.level, Level::Degraded);
    }

    #[test]
    fn releases_are_in_order() {
        let ordered = ["1999z", "2024z", "2024za", "2025a", "2025b", "2026a"];
        assert!(ordered.windows(2).all(|two| release(two[0]) < release(two[1])));
        assert_eq!(release("2025b-12-g01"), Some((2025, "b")));
        for text in ["", "2025", "unknown", "ä2025b", "2025B"] {
            assert_eq!(release(text), None, "{text:?}");
        }
    }
}
