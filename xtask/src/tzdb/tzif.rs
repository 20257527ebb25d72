//! A reader for TZif files of a system that one trusts.

use instanter_zone::Table;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalType {
    pub offset_s: i32,
    pub is_dst: bool,
    pub abbreviation: String,
}

/// A zone: what holds first, transitions, and the rules after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub first: LocalType,
    pub transitions: Vec<(i64, LocalType)>,
    pub footer: String,
}

fn counts(header: &[u8]) -> [usize; 6] {
    let count = |index: usize| {
        let at = 20 + index * 4;
        u32::from_be_bytes(header[at..at + 4].try_into().expect("four bytes")) as usize
    };
    std::array::from_fn(count)
}

/// Reads a file of version 2 or later.
pub fn read(bytes: &[u8]) -> Zone {
    assert!(bytes[4] >= b'2', "a file of version 1 has no footer");
    let [isut, isstd, leap, time, kind, text] = counts(bytes);
    let bytes = &bytes[44 + time * 5 + kind * 6 + text + leap * 8 + isstd + isut..];
    let [isut, isstd, leap, time, kind, text] = counts(bytes);
    assert_eq!(leap, 0, "the copy is for Unix time");
    let (times, rest) = bytes[44..].split_at(time * 8);
    let (indices, rest) = rest.split_at(time);
    let (kinds, rest) = rest.split_at(kind * 6);
    let (text, rest) = rest.split_at(text);
    let footer = &rest[isstd + isut..];
    let kinds: Vec<LocalType> = kinds
        .chunks_exact(6)
        .map(|kind| {
            let text = &text[usize::from(kind[5])..];
            let end = text.iter().position(|&byte| byte == 0).expect("a zero byte at the end");
            LocalType {
                offset_s: i32::from_be_bytes(kind[..4].try_into().expect("four bytes")),
                is_dst: kind[4] == 1,
                abbreviation: String::from_utf8(text[..end].to_vec()).expect("text"),
            }
        })
        .collect();
    let times =
        times.chunks_exact(8).map(|at| i64::from_be_bytes(at.try_into().expect("eight bytes")));
    let mut transitions: Vec<(i64, LocalType)> = Vec::new();
    let mut before = &kinds[0];
    for (at, &index) in times.zip(indices) {
        let local = &kinds[usize::from(index)];
        if local != before {
            transitions.push((at, local.clone()));
        }
        before = local;
    }
    Zone {
        first: kinds[0].clone(),
        transitions,
        footer: String::from_utf8(footer.to_vec()).expect("text").trim().to_owned(),
    }
}

impl Zone {
    /// Drops the last transitions where the footer says the same.
    pub fn slim(mut self) -> Zone {
        let Ok(footer) = Table::from_posix(&self.footer) else { return self };
        let same = |at: i64, local: &LocalType| {
            let said = footer.at(at);
            (said.offset_s, said.is_dst) == (local.offset_s, local.is_dst)
                && said.abbreviation == *local.abbreviation
        };
        while let [.., (before, old), (last, new)] = &self.transitions[..] {
            let next = footer.next_transition(*before).map(|transition| transition.at);
            if next != Some(*last) || !same(*before, old) || !same(*last, new) {
                break;
            }
            self.transitions.pop();
        }
        self
    }
}
