//! The copy of the tz database, `tzdb.bin`, and how it is read.
//!
//! The file is made of the installed zones by `generator`. It begins with ten
//! numbers of four bytes, the lengths of its ten sections; all numbers are little
//! endian:
//!
//! | section | what |
//! |---|---|
//! | version | text |
//! | blocks | u16 each: where in `names` each 16th name begins |
//! | names | in order of small letters, each: u8 bytes shared with the one before, u8 bytes of its own, those, u16 zone |
//! | zone starts | u16 each, and one more for the end |
//! | zones | see below |
//! | types | i24 offset, u8 summer time, u8 abbreviation |
//! | texts starts | u16 each, and one more for the end |
//! | texts | abbreviations, then footers |
//! | steps | u32 seconds since the transition before, u8 rank |
//! | pairs | two symbols each |
//!
//! A zone is: u8 footer (number of a text after the abbreviations; 255 is none),
//! u8 number of types, u16 for each of them; then, if it has transitions, the
//! first one as i64 seconds and u8 rank, and a u16 symbol for the others.
//!
//! A symbol below the number of steps is a step, any other stands for the two
//! symbols of a pair. So whatever many zones have in common is written once: the
//! whole European Union since 1996 is one symbol. A zone is decoded alone.
//!
//! A rank says which type starts: how many types back it was last in force, so
//! that 1 goes back and forth between winter and summer. The number of types that
//! have been in force stands for the next that has not.

use alloc::string::String;
use alloc::vec::Vec;

use crate::posix_parse;
use crate::timeline::Timeline;

static DATA: &[u8] = include_bytes!("tzdb.bin");

/// Names from one entry of the section `blocks` to the next.
const BLOCK: usize = 16;

/// No symbol stands for more transitions than a zone has; a hundred times what
/// any has shows broken data.
const MOST_TRANSITIONS: usize = 65_000;

#[derive(Clone, Copy)]
enum Section {
    Version,
    Blocks,
    Names,
    ZoneStarts,
    Zones,
    Types,
    TextStarts,
    Texts,
    Steps,
    Pairs,
}

fn section(section: Section) -> &'static [u8] {
    let lengths = DATA.as_chunks::<4>().0;
    let length =
        |index: usize| lengths.get(index).map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    let index = section as usize;
    let start = 40 + (0..index).map(length).sum::<usize>();
    DATA.get(start..start + length(index)).unwrap_or_default()
}

fn u16_at(bytes: &[u8], index: usize) -> Option<usize> {
    let [low, high] = *bytes.as_chunks::<2>().0.get(index)?;
    Some(usize::from(u16::from_le_bytes([low, high])))
}

/// Returns what lies between a start and the next.
fn part(starts: Section, of: Section, index: usize) -> Option<&'static [u8]> {
    let starts = section(starts);
    section(of).get(u16_at(starts, index)?..u16_at(starts, index + 1)?)
}

fn text(index: usize) -> Option<&'static str> {
    core::str::from_utf8(part(Section::TextStarts, Section::Texts, index)?).ok()
}

pub(crate) fn version() -> Option<&'static str> {
    core::str::from_utf8(section(Section::Version)).ok()
}

/// The names from the beginning of a block on, with the numbers of their zones.
struct Names {
    rest: &'static [u8],
    name: Vec<u8>,
}

impl Names {
    fn from_block(block: usize) -> Option<Names> {
        let start = u16_at(section(Section::Blocks), block)?;
        Some(Names { rest: section(Section::Names).get(start..)?, name: Vec::new() })
    }

    fn next(&mut self) -> Option<usize> {
        let [shared, own, rest @ ..] = self.rest else { return None };
        let (own, rest) = rest.split_at_checked(usize::from(*own))?;
        let (zone, rest) = rest.split_at_checked(2)?;
        self.name.truncate(usize::from(*shared));
        self.name.extend_from_slice(own);
        self.rest = rest;
        u16_at(zone, 0)
    }
}

pub(crate) fn names() -> Vec<String> {
    let mut all = Vec::new();
    if let Some(mut names) = Names::from_block(0) {
        while names.next().is_some() {
            all.push(String::from_utf8_lossy(&names.name).into_owned());
        }
    }
    all
}

/// Returns a zone by its name in capital or small letters, and its name as it is
/// written.
pub(crate) fn find(name: &str) -> Option<(String, Timeline)> {
    let wanted = name.to_ascii_lowercase().into_bytes();
    // The last block that begins with the name or one before it.
    let (mut low, mut high) = (0, section(Section::Blocks).len() / 2);
    while high - low > 1 {
        let middle = (low + high) / 2;
        let mut names = Names::from_block(middle)?;
        names.next()?;
        if names.name.to_ascii_lowercase() <= wanted { low = middle } else { high = middle }
    }
    let mut names = Names::from_block(low)?;
    for _ in 0..BLOCK {
        let zone = names.next()?;
        if names.name.eq_ignore_ascii_case(&wanted) {
            return Some((String::from_utf8_lossy(&names.name).into_owned(), timeline(zone)?));
        }
    }
    None
}

fn timeline(zone: usize) -> Option<Timeline> {
    let [footer, count, rest @ ..] = part(Section::ZoneStarts, Section::Zones, zone)? else {
        return None;
    };
    let mut timeline = Timeline::default();
    let (types, rest) = rest.split_at_checked(usize::from(*count) * 2)?;
    for index in 0..usize::from(*count) {
        add_type(&mut timeline, u16_at(types, index)?)?;
    }
    if *footer != u8::MAX {
        let abbreviations = text(0)?.parse::<usize>().ok()?;
        let footer = text(abbreviations + usize::from(*footer))?;
        timeline.footer = Some(posix_parse::parse(footer.as_bytes()).ok()?);
    }
    if let Some((first, rest)) = rest.split_first_chunk::<8>() {
        let (&rank, symbols) = rest.split_first()?;
        let mut ranks = Ranks { recent: [0].into() };
        let mut at = i64::from_le_bytes(*first);
        timeline.transitions.push((at, ranks.kind(rank)));
        let mut stack: Vec<usize> = Vec::new();
        let (steps, pairs) = (section(Section::Steps), section(Section::Pairs));
        let (steps, pairs) = (steps.as_chunks::<5>().0, pairs);
        for index in 0..symbols.len() / 2 {
            stack.push(u16_at(symbols, index)?);
            while let Some(symbol) = stack.pop() {
                match steps.get(symbol) {
                    Some(&[a, b, c, d, rank]) => {
                        at += i64::from(u32::from_le_bytes([a, b, c, d]));
                        timeline.transitions.push((at, ranks.kind(rank)));
                    }
                    None => {
                        let pair = (symbol - steps.len()) * 2;
                        stack.push(u16_at(pairs, pair + 1)?);
                        stack.push(u16_at(pairs, pair)?);
                    }
                }
                if timeline.transitions.len() + stack.len() > MOST_TRANSITIONS {
                    return None;
                }
            }
        }
    }
    Some(timeline)
}

fn add_type(timeline: &mut Timeline, number: usize) -> Option<()> {
    let types = section(Section::Types);
    let &[a, b, c, is_dst, abbreviation] = types.as_chunks::<5>().0.get(number)?;
    let offset_s = i32::from_le_bytes([0, a, b, c]) >> 8;
    timeline.kind(offset_s, is_dst == 1, text(usize::from(abbreviation))?);
    Some(())
}

/// Types in the order in which they were last in force.
struct Ranks {
    recent: Vec<u16>,
}

impl Ranks {
    fn kind(&mut self, rank: u8) -> u16 {
        let rank = usize::from(rank);
        let kind = if rank < self.recent.len() {
            self.recent.remove(rank)
        } else {
            self.recent.len() as u16
        };
        self.recent.insert(0, kind);
        kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_enough() {
        assert!(DATA.len() <= 64 * 1024, "{} bytes", DATA.len());
    }

    #[test]
    fn every_name_is_found() {
        let names = names();
        assert!(names.len() > 500, "{}", names.len());
        for name in &names {
            for written in [name.clone(), name.to_ascii_uppercase(), name.to_ascii_lowercase()] {
                let (found, timeline) = find(&written).unwrap_or_else(|| panic!("{written}"));
                assert_eq!(found, *name);
                assert!(!timeline.kinds.is_empty());
            }
        }
        for name in ["", "A", "Africa", "Africa/", "Europe/Pari", "Europe/Pariss", "Zulu0", "~"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
