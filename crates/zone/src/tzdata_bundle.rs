//! Android's file of zones: all of them in one, behind an index.
//!
//! ```text
//! "tzdata2024b\0"  index offset  data offset  end          12 bytes, then three numbers
//! name, 40 bytes padded with zeros  start  length  unused   52 bytes a zone, by name
//! …
//! ```
//!
//! Numbers have 32 bits, the most significant byte first; a zone's start counts from the
//! data's. Each zone is a TZif file.
//!
//! # References
//! Android `bionic/libc/tzcode/bionic.cpp`, `system/timezone`.

use crate::Error;

const MAGIC: &[u8] = b"tzdata";
const HEADER: usize = 24;
const ENTRY: usize = 52;
const NAME: usize = 40;

/// A file of zones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bundle<'a> {
    bytes: &'a [u8],
    index: &'a [[u8; ENTRY]],
    data: usize,
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

impl<'a> Bundle<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Bundle<'a>, Error> {
        let cut = || Error::tzif(bytes.len(), "Android's file of zones ends in its header");
        if !bytes.starts_with(MAGIC) {
            return Err(Error::tzif(0, "no file of zones of Android's"));
        }
        let version_end = 11;
        if bytes.get(version_end) != Some(&0) {
            return Err(Error::tzif(version_end, "the version of the file does not end"));
        }
        let index = number(bytes, 12).ok_or_else(cut)?;
        let data = number(bytes, 16).ok_or_else(cut)?;
        number(bytes, 20).ok_or_else(cut)?;
        let wrong = Error::tzif(12, "the index is not between the header and the data");
        if index < HEADER || data.checked_sub(index).is_none_or(|room| room % ENTRY != 0) {
            return Err(wrong);
        }
        let entries = bytes.get(index..data).ok_or(wrong)?;
        Ok(Bundle { bytes, index: entries.as_chunks().0, data })
    }

    /// The version of the tz database, such as `2024b`.
    pub(crate) fn version(&self) -> Option<&'a str> {
        str::from_utf8(&self.bytes[MAGIC.len()..11]).ok()
    }

    /// The names, in the file's order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.index.iter().filter_map(name)
    }

    /// The TZif file of a name, and the name with its own capitals.
    pub(crate) fn find(&self, wanted: &str) -> Result<Option<(&'a str, &'a [u8])>, Error> {
        let named = |entry: &&'a [u8; ENTRY]| {
            name(entry).is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        let Some(entry) = self.index.iter().find(named) else { return Ok(None) };
        let place = || {
            let start = self.data.checked_add(number(entry, NAME)?)?;
            self.bytes.get(start..start.checked_add(number(entry, NAME + 4)?)?)
        };
        match (name(entry), place()) {
            (Some(name), Some(zone)) => Ok(Some((name, zone))),
            _ => Err(Error::tzif(self.bytes.len(), "a zone is beyond the end of Android's file")),
        }
    }
}

/// A name ends with the first zero, or fills its place.
fn name(entry: &[u8; ENTRY]) -> Option<&str> {
    let name = entry[..NAME].split(|&byte| byte == 0).next()?;
    str::from_utf8(name).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with these zones.
    fn made(zones: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = b"tzdata2024b\0".to_vec();
        let data = HEADER + ENTRY * zones.len();
        let end = data + zones.iter().map(|(_, zone)| zone.len()).sum::<usize>();
        for number in [HEADER, data, end] {
            bytes.extend((number as u32).to_be_bytes());
        }
        let mut start = 0;
        for (name, zone) in zones {
            let mut entry = [0; ENTRY];
            entry[..name.len()].copy_from_slice(name.as_bytes());
            entry[NAME..NAME + 4].copy_from_slice(&(start as u32).to_be_bytes());
            entry[NAME + 4..NAME + 8].copy_from_slice(&(zone.len() as u32).to_be_bytes());
            bytes.extend(entry);
            start += zone.len();
        }
        zones.iter().for_each(|(_, zone)| bytes.extend(*zone));
        bytes
    }

    #[test]
    fn zones_are_found() {
        let file = made(&[("Africa/Abidjan", b"one"), ("Europe/Paris", b"zwei"), ("UTC", b"")]);
        let bundle = Bundle::parse(&file).unwrap();
        assert_eq!(bundle.version(), Some("2024b"));
        assert_eq!(bundle.names().collect::<Vec<_>>(), ["Africa/Abidjan", "Europe/Paris", "UTC"]);
        let table = [
            ("Africa/Abidjan", Some(("Africa/Abidjan", &b"one"[..]))),
            ("europe/paris", Some(("Europe/Paris", b"zwei"))),
            ("UTC", Some(("UTC", b""))),
            ("Europe", None),
            ("Europe/Paris2", None),
            ("", None),
        ];
        for (name, want) in table {
            assert_eq!(bundle.find(name).unwrap(), want, "find({name:?})");
        }
    }

    #[test]
    fn what_is_damaged_is_refused_or_found_and_never_read_beyond() {
        let file = made(&[("Africa/Abidjan", b"one"), ("Europe/Paris", b"zwei")]);
        for length in 0..file.len() {
            // A file that was cut: in its header and index it is no file, beyond the zones
            // that are whole are found.
            match Bundle::parse(&file[..length]) {
                Err(error) => assert!(error.is_malformed(), "{length}"),
                Ok(bundle) => {
                    assert!(length >= HEADER + 2 * ENTRY, "{length}");
                    assert!(bundle.find("Europe/Paris").is_err(), "{length}");
                }
            }
        }
        for place in 0..file.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = file.clone();
                damaged[place] = value;
                if let Ok(bundle) = Bundle::parse(&damaged) {
                    let _ = (bundle.version(), bundle.names().count(), bundle.find("Europe/Paris"));
                }
            }
        }
        for (bytes, place) in [(&b"TZif"[..], 0), (b"tzdata2024b", 11), (b"tzdata2024bX", 11)] {
            let error = Bundle::parse(bytes).unwrap_err();
            assert_eq!(error.byte_offset(), Some(place), "{error}");
        }
    }
}
