//! Versions of the tz database: a year and letters, `2025b`, and after `2025z` comes
//! `2025za`. What was made of the sources between two versions says so behind a
//! hyphen, `2025b-12-g0123abc`; versions before 1999's end have two digits, `99i`.

use std::io::Read;
use std::path::{Path, PathBuf};

/// A version, in the order in which they come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version<'a> {
    year: u16,
    /// None is the beginning of another but for a row of `z`, so letters by
    /// themselves are in order.
    letters: &'a str,
    is_after: bool,
}

impl<'a> Version<'a> {
    /// Reads a version; nothing if it is none, such as `unknown`, which zic's own
    /// makefile writes where it does not know.
    pub(crate) fn parse(text: &'a str) -> Option<Version<'a>> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (year, rest) = text.split_at(digits);
        let year: u16 = year.parse().ok()?;
        let year = match digits {
            2 => 1900 + year,
            4 => year,
            _ => return None,
        };
        let count = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let (letters, rest) = rest.split_at(count);
        let is_version = count > 0 && (rest.is_empty() || rest.starts_with('-'));
        is_version.then_some(Version { year, letters, is_after: !rest.is_empty() })
    }
}

/// Returns the version that a folder of zones tells, in `tzdata.zi` or `+VERSION`.
pub(crate) fn in_folder(folder: &Path) -> Option<String> {
    let told = |file: &str, before: &str| {
        let head = head(folder.join(file))?;
        let told = head.lines().find_map(|line| line.strip_prefix(before))?.trim();
        Version::parse(told).map(|_| told.to_owned())
    };
    told("tzdata.zi", "# version ").or_else(|| told("+VERSION", ""))
}

/// Returns the beginning of a file, in which the version is.
fn head(path: PathBuf) -> Option<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(256).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_order_in_which_they_come_out() {
        let ordered = [
            "93g", "99i", "2000a", "2024z", "2024za", "2024zb", "2024zz", "2024zza", "2025a",
            "2025b", "2025b-1", "2025c", "2026a", "9999a",
        ];
        for (place, text) in ordered.iter().enumerate() {
            let version = Version::parse(text).unwrap_or_else(|| panic!("{text}"));
            for (other_place, other) in ordered.iter().enumerate() {
                let want = place.cmp(&other_place);
                assert_eq!(Some(version).cmp(&Version::parse(other)), want, "{text}, {other}");
            }
        }
        assert_eq!(
            Version::parse("2025b-1"),
            Version::parse("2025b-12-g0123abc"),
            "not told apart"
        );
        for text in [
            "", "unknown", "2025", "b", "2025B", "2025b1", "202b", "20255b", "2025b c", "2025ä",
            "-1b",
        ] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
    }
}
