//! What a zone's data says, in the one form that all its sources are read into.

use alloc::string::String;
use alloc::vec::Vec;

use crate::posix::PosixTz;

/// A local time type as RFC 9636 calls it, with its abbreviation as a range of
/// the timeline's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub offset_s: i32,
    pub is_dst: bool,
    pub abbreviation: (u32, u32),
}

/// Transitions, the kinds that they lead to, and the rules for what comes after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// At least one; the first is in force before the first transition.
    pub kinds: Vec<Kind>,
    pub abbreviations: String,
    /// When (Unix seconds, ascending) and to which kind.
    pub transitions: Vec<(i64, u16)>,
    /// In force from the last transition on; for ever where there is none.
    pub footer: Option<PosixTz>,
}

impl Timeline {
    pub(crate) fn of_posix(tz: PosixTz) -> Timeline {
        Timeline { footer: Some(tz), ..Timeline::default() }
    }

    /// Returns the number of the kind with these values, which is added where it
    /// is not there.
    pub(crate) fn kind(&mut self, offset_s: i32, is_dst: bool, abbreviation: &str) -> u16 {
        let same = |kind: &Kind| {
            (kind.offset_s, kind.is_dst) == (offset_s, is_dst) && self.text(kind) == abbreviation
        };
        let index = self.kinds.iter().position(same).unwrap_or_else(|| {
            let start = self.abbreviations.find(abbreviation).unwrap_or_else(|| {
                self.abbreviations.push_str(abbreviation);
                self.abbreviations.len() - abbreviation.len()
            });
            let range = (start as u32, (start + abbreviation.len()) as u32);
            self.kinds.push(Kind { offset_s, is_dst, abbreviation: range });
            self.kinds.len() - 1
        });
        index as u16
    }

    fn text(&self, kind: &Kind) -> &str {
        let (start, end) = kind.abbreviation;
        self.abbreviations.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Drops transitions to what was before already.
    pub(crate) fn drop_idle(&mut self) {
        let mut current = 0;
        self.transitions.retain(|&(_, kind)| {
            let changes = kind != current;
            current = kind;
            changes
        });
    }
}
