//! Any bytes as a TZif file: no panic, an error that names a byte of the file, and
//! lookups that agree with a walk over the file's own transitions, one by one.
//!
//! It gets deep fastest from real files: put some of `/usr/share/zoneinfo` into
//! `corpus/zone_tzif`.
#![no_main]

mod instants;

use instanter_zone::Table;
use instanter_zone::leap::LeapTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = LeapTable::from_tzif(bytes) {
        assert!(!error.to_string().is_empty());
    }
    let table = match Table::from_tzif(bytes) {
        Ok(table) => table,
        Err(error) => {
            assert!(error.byte_offset().is_some_and(|at| at <= bytes.len()), "{error}");
            return;
        }
    };
    let file = File::of(bytes);
    let mut instants = instants::of(bytes);
    for (at, _) in file.transitions.iter().take(64) {
        instants.extend([at.saturating_sub(1), *at, at.saturating_add(1)]);
    }
    for &unix_s in &instants {
        if let Some(kind) = file.walk(unix_s) {
            let found = table.at(unix_s);
            let found = (found.offset_s, found.is_dst, found.abbreviation.as_bytes());
            assert_eq!(found, file.kinds[kind], "at {unix_s}");
        }
    }
    instants::explore(&table, &instants);
});

/// The data that counts of a file that is known to be right.
struct File<'a> {
    transitions: Vec<(i64, usize)>,
    kinds: Vec<(i32, bool, &'a [u8])>,
    has_footer: bool,
}

impl<'a> File<'a> {
    fn of(bytes: &'a [u8]) -> File<'a> {
        let counts = |at: usize| -> [usize; 6] {
            let count = |index: usize| &bytes[at + 20 + index * 4..][..4];
            std::array::from_fn(|index| {
                u32::from_be_bytes(count(index).try_into().unwrap()) as usize
            })
        };
        let [isut, isstd, leap, time, kind, text] = counts(0);
        let first = 44 + time * 5 + kind * 6 + text + leap * 8 + isstd + isut;
        let (start, width) = if bytes[4] == 0 { (0, 4) } else { (first, 8) };
        let [isut, isstd, leap, time, kind, text] = counts(start);
        let times = start + 44;
        let indices = times + time * width;
        let kinds = indices + time;
        let texts = kinds + kind * 6;
        let end = texts + text + leap * (width + 4) + isstd + isut;
        let number = |at: usize| match width {
            4 => i64::from(i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())),
            _ => i64::from_be_bytes(bytes[at..at + 8].try_into().unwrap()),
        };
        let kind_at = |index: usize| {
            let at = kinds + index * 6;
            let offset_s = i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            let text = &bytes[texts + usize::from(bytes[at + 5])..texts + text];
            let length = text.iter().position(|&byte| byte == 0).unwrap();
            (offset_s, bytes[at + 4] == 1, &text[..length])
        };
        let transition =
            |index| (number(times + index * width), usize::from(bytes[indices + index]));
        File {
            transitions: (0..time).map(transition).collect(),
            kinds: (0..kind).map(kind_at).collect(),
            has_footer: width == 8 && bytes[end + 1] != b'\n',
        }
    }

    /// Which type holds at a time; nothing where the footer has to tell.
    fn walk(&self, unix_s: i64) -> Option<usize> {
        let mut kind = 0;
        for &(at, after) in &self.transitions {
            if unix_s < at {
                return Some(kind);
            }
            kind = after;
        }
        (!self.has_footer).then_some(kind)
    }
}
