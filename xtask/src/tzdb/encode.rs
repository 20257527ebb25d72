//! The copy of the tz database, from the zones that are installed.
//!
//! What the file looks like is told in the zone crate's `embedded/enabled.rs`. The
//! zones' files are read here anew, so that this and the crate's reader check each
//! other.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::tzif::{LocalType, Zone};
use super::{grammar, tzif};

/// Where the system keeps what is no zone of its own.
const NOT_ZONES: [&str; 4] = ["posix", "right", "localtime", "posixrules"];

const BLOCK: usize = 16;

/// Finds the zones below a folder, by name.
fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Zone>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let Ok(file) = entry.file_name().into_string() else { continue };
        if prefix.is_empty() && NOT_ZONES.contains(&&*file) {
            continue;
        }
        let (name, path) = (format!("{prefix}{file}"), entry.path());
        if path.is_dir() {
            walk(&path, &format!("{name}/"), found)?;
        } else {
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            if bytes.starts_with(b"TZif") {
                found.insert(name, tzif::read(&bytes).slim());
            }
        }
    }
    Ok(())
}

/// Numbers of values in the order in which they first come.
struct Numbers<T>(Vec<T>);

impl<T: PartialEq> Numbers<T> {
    fn of(&mut self, value: T) -> usize {
        self.0.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.0.push(value);
            self.0.len() - 1
        })
    }
}

/// Returns the version of the tz database in a folder, as `tzdata.zi` begins.
pub(super) fn version(folder: &Path) -> Result<String> {
    let path = folder.join("tzdata.zi");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let first = text.lines().next().and_then(|line| line.strip_prefix("# version "));
    first.map(str::to_owned).with_context(|| format!("{}: has no version", path.display()))
}

/// Returns the names that `tzdata.zi` has and the folder has not.
pub(super) fn absent(folder: &Path) -> Result<Vec<String>> {
    let path = folder.join("tzdata.zi");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(names(&text).filter(|name| !folder.join(name).exists()).map(str::to_owned).collect())
}

/// Names of zones (`Z NAME …`) and of links (`L TARGET NAME`) in a file for `zic`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        match words.next()? {
            "Z" => words.next(),
            "L" => words.nth(1),
            _ => None,
        }
    })
}

/// Makes the file of the zones below a folder.
pub(super) fn make(folder: &Path) -> Result<Vec<u8>> {
    let mut named = BTreeMap::new();
    walk(folder, "", &mut named)?;
    let version = version(folder)?;

    let mut zones = Numbers(Vec::new());
    let mut names: Vec<(String, usize)> =
        named.into_iter().map(|(name, zone)| (name, zones.of(zone))).collect();
    names.sort_by_key(|(name, _)| name.to_ascii_lowercase());

    let mut types: Numbers<LocalType> = Numbers(Vec::new());
    let mut footers = Numbers(Vec::new());
    let mut steps = Numbers(Vec::new());
    let mut heads = Vec::new();
    let mut sequences = Vec::new();
    for zone in &zones.0 {
        let footer = match &*zone.footer {
            "" => usize::from(u8::MAX),
            footer => footers.of(footer.to_owned()),
        };
        let mut recent = vec![zone.first.clone()];
        let mut used = recent.clone();
        let mut head = Vec::new();
        let mut sequence = Vec::new();
        let mut before: Option<i64> = None;
        for (at, local) in &zone.transitions {
            let rank = recent.iter().position(|known| known == local).unwrap_or(recent.len());
            if rank < recent.len() {
                recent.remove(rank);
            } else {
                used.push(local.clone());
            }
            recent.insert(0, local.clone());
            match before {
                None => {
                    head.extend(at.to_le_bytes());
                    head.push(rank as u8);
                }
                Some(before) => {
                    let step = u32::try_from(at - before).expect("less than 136 years");
                    sequence.push(steps.of((step, rank as u8)) as u16);
                }
            }
            before = Some(*at);
        }
        let mut bytes = vec![u8::try_from(footer).expect("at most 255 footers"), used.len() as u8];
        bytes.extend(used.into_iter().flat_map(|local| (types.of(local) as u16).to_le_bytes()));
        bytes.extend(head);
        heads.push(bytes);
        sequences.push(sequence);
    }
    let pairs = grammar::shorten(&mut sequences, steps.0.len() as u16);

    // The first text is the number of abbreviations, itself among them.
    let mut texts = Numbers(vec![String::new()]);
    let mut type_bytes = Vec::new();
    for local in &types.0 {
        type_bytes.extend(&local.offset_s.to_le_bytes()[..3]);
        let abbreviation = texts.of(local.abbreviation.clone());
        type_bytes
            .extend([u8::from(local.is_dst), u8::try_from(abbreviation).expect("at most 255")]);
    }
    texts.0[0] = texts.0.len().to_string();
    texts.0.extend(footers.0);

    let zones: Vec<Vec<u8>> = heads
        .into_iter()
        .zip(&sequences)
        .map(|(head, symbols)| {
            head.into_iter().chain(symbols.iter().flat_map(|s| s.to_le_bytes())).collect()
        })
        .collect();
    let texts: Vec<Vec<u8>> = texts.0.into_iter().map(String::into_bytes).collect();
    let (zone_starts, zones) = with_starts(&zones);
    let (text_starts, texts) = with_starts(&texts);
    let (blocks, names) = front_coded(&names);
    let step_bytes = steps.0.iter().flat_map(|(step, rank)| {
        let [a, b, c, d] = step.to_le_bytes();
        [a, b, c, d, *rank]
    });
    let pair_bytes = pairs.iter().flatten().flat_map(|symbol| symbol.to_le_bytes());
    let sections = [
        version.as_bytes().to_vec(),
        blocks,
        names,
        zone_starts,
        zones,
        type_bytes,
        text_starts,
        texts,
        step_bytes.collect(),
        pair_bytes.collect(),
    ];
    let lengths = sections.iter().flat_map(|section| (section.len() as u32).to_le_bytes());
    Ok(lengths.chain(sections.iter().flatten().copied()).collect())
}

/// Puts parts together, and returns where each starts.
fn with_starts(parts: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let (mut starts, mut all) = (Vec::new(), Vec::new());
    for part in parts {
        starts.extend(u16::try_from(all.len()).expect("less than 64 KB").to_le_bytes());
        all.extend(part);
    }
    starts.extend(u16::try_from(all.len()).expect("less than 64 KB").to_le_bytes());
    (starts, all)
}

fn front_coded(names: &[(String, usize)]) -> (Vec<u8>, Vec<u8>) {
    let (mut blocks, mut all) = (Vec::new(), Vec::new());
    let mut before: &[u8] = b"";
    for (index, (name, zone)) in names.iter().enumerate() {
        if index % BLOCK == 0 {
            blocks.extend(u16::try_from(all.len()).expect("less than 64 KB").to_le_bytes());
            before = b"";
        }
        let name = name.as_bytes();
        let shared = name.iter().zip(before).take_while(|(a, b)| a == b).count();
        all.extend([shared as u8, (name.len() - shared) as u8]);
        all.extend(&name[shared..]);
        all.extend((*zone as u16).to_le_bytes());
        before = name;
    }
    (blocks, all)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_zones_and_links() {
        let text = "# version 2025b\nR A 1941 o - Jun 1 0 1 S\nZ Africa/Abidjan -0:16:8 - LMT 1912\n\
                    0 - GMT\nL America/Los_Angeles US/Pacific\n";
        let names: Vec<&str> = super::names(text).collect();
        assert_eq!(names, ["Africa/Abidjan", "US/Pacific"]);
    }
}
