//! Results that outlive their run, so that a table can be made of several runs.
//!
//! Each row that passed is one small file in the cache folder, written as soon as the row has
//! ended: name, how, what was seen, seconds and day, a line each.

use super::report::{Line, SKIPPED};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(cache: &Path) -> PathBuf {
    cache.join("results")
}

fn file(cache: &Path, name: &str) -> PathBuf {
    let plain = |byte: char| if byte.is_ascii_alphanumeric() { byte } else { '-' };
    folder(cache).join(name.chars().map(plain).collect::<String>())
}

/// Keeps a row that passed; forgets what there was of one that failed.
pub(super) fn keep(cache: &Path, line: &Line) -> Result<()> {
    let file = file(cache, &line.name);
    if !line.passed {
        if line.how.starts_with(SKIPPED) {
            return Ok(());
        }
        return match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        };
    }
    fs::create_dir_all(folder(cache))?;
    let Line { name, how, seen, seconds, day, .. } = line;
    let text = format!("{name}\n{how}\n{seen}\n{seconds}\n{day}\n");
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Returns what was kept, by the rows' names.
pub(super) fn all(cache: &Path) -> Result<BTreeMap<String, Line>> {
    let mut found = BTreeMap::new();
    let Ok(files) = fs::read_dir(folder(cache)) else { return Ok(found) };
    for file in files {
        let text = fs::read_to_string(file?.path())?;
        // What another version of this program wrote is as good as nothing.
        if let Some(line) = parse(&text) {
            found.insert(line.name.clone(), line);
        }
    }
    Ok(found)
}

fn parse(text: &str) -> Option<Line> {
    let mut parts = text.lines().map(str::to_owned);
    let (name, how, seen) = (parts.next()?, parts.next()?, parts.next()?);
    let (seconds, day) = (parts.next()?.parse().ok()?, parts.next()?);
    Some(Line { name, how, seen, seconds, day, passed: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passed_is_kept_until_it_fails() {
        let cache = tempfile::tempdir().unwrap();
        let line = |how: &str| Line {
            name: "x86-64 6.1.x clocksource=hpet".to_owned(),
            how: how.to_owned(),
            seen: String::new(),
            seconds: 12.5,
            day: "2026-11-22".to_owned(),
            passed: how == "ran",
        };
        assert!(all(cache.path()).unwrap().is_empty());
        keep(cache.path(), &line("FAILED: so")).unwrap();
        keep(cache.path(), &line("ran")).unwrap();
        keep(cache.path(), &line("skipped: so")).unwrap();
        let kept = all(cache.path()).unwrap();
        assert_eq!(kept.into_values().collect::<Vec<_>>(), [line("ran")]);
        keep(cache.path(), &line("FAILED: so")).unwrap();
        assert!(all(cache.path()).unwrap().is_empty());
    }
}
