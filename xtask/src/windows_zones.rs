//! The table that translates Windows' names of zones, from Unicode's CLDR.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::repository;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail if the table would be written otherwise, and write nothing
    #[arg(long)]
    check: bool,
    /// CLDR's file (Debian: package unicode-cldr-core)
    #[arg(long, default_value = "/usr/share/unicode/cldr/common/supplemental/windowsZones.xml")]
    file: PathBuf,
}

/// Writes or checks `windows_zones.rs`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let table = repository().join("crates/zone/src/local/system/windows_zones.rs");
    let there = fs::read_to_string(&table).unwrap_or_default();
    let Ok(xml) = fs::read_to_string(&arguments.file) else {
        println!("skipped windows-zones: no {}", arguments.file.display());
        return Ok(());
    };
    let made = make(&xml).with_context(|| arguments.file.display().to_string())?;
    let zones = made.matches("\n    (").count();
    if !arguments.check {
        fs::write(&table, &made).with_context(|| table.display().to_string())?;
        println!("windows_zones.rs: {zones} zones");
    } else if made == there {
        println!("windows_zones.rs: {zones} zones, as it should be");
    } else if version(&made) != version(&there) {
        println!("skipped windows-zones: the table is of another release of CLDR");
    } else {
        bail!("windows_zones.rs is not what {} gives", arguments.file.display());
    }
    Ok(())
}

/// The line that names the release.
fn version(table: &str) -> Option<&str> {
    table.lines().find(|line| line.contains("typeVersion"))
}

/// The value of an attribute in a line of CLDR's, which has one element a line.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn make(xml: &str) -> Result<String> {
    let about = xml.lines().find(|line| line.contains("<mapTimezones"));
    let version = |name| about.and_then(|line| attribute(line, name)).context("no versions");
    let (windows, types) = (version("otherVersion")?, version("typeVersion")?);
    let mut zones: Vec<(&str, &str)> = xml
        .lines()
        // The territory 001 is the world: what counts where the country is not known.
        .filter(|line| attribute(line, "territory") == Some("001"))
        .filter_map(|line| Some((attribute(line, "other")?, attribute(line, "type")?)))
        .collect();
    zones.sort_unstable_by_key(|(name, _)| name.to_ascii_lowercase());
    if zones.len() < 100
        || zones.iter().any(|(name, zone)| name.contains('&') || zone.contains(' '))
    {
        bail!("the elements are not those that were expected");
    }
    let mut table = format!(
        "//! Windows' names of zones and those of the tz database: `windowsZones.xml` of Unicode's CLDR,\n\
         //! the territory 001. Written by `cargo xtask windows-zones`.\n\
         //!\n\
         //! otherVersion {windows}, typeVersion {types}.\n\n\
         /// By Windows' name, without regard to capitals.\n\
         #[rustfmt::skip]\n\
         pub(super) const ZONES: [(&str, &str); {}] = [\n",
        zones.len()
    );
    for (name, zone) in zones {
        writeln!(table, "    ({name:?}, {zone:?}),")?;
    }
    table.push_str("];\n");
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn attributes() {
        let line = r#"<mapZone other="UTC-11" territory="001" type="Etc/GMT+11"/>"#;
        let table = [("other", Some("UTC-11")), ("type", Some("Etc/GMT+11")), ("name", None)];
        for (name, want) in table {
            assert_eq!(attribute(line, name), want, "attribute({name:?})");
        }
    }
}
