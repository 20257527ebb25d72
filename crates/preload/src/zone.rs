//! A zone in the form that conversions use: from a Unix time to everything that
//! `localtime_r` sets besides the calendar's fields.

use core::ffi::{CStr, c_char};
use std::boxed::Box;
use std::ffi::CString;
use std::vec::Vec;

use instanter_zone::Table;

use crate::file::Identity;
use crate::recent;
use crate::variables::Variables;

/// 0000-03-01 and 9999-12-01: between them conversions are done here, whatever the
/// offset. What lies outside is the C library's.
pub(crate) const EARLIEST: i64 = -62_162_035_200;
pub(crate) const LATEST: i64 = 253_399_622_400;

/// A local time type, and what the C library's variables say while it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub offset_s: i32,
    pub is_dst: bool,
    /// `tm_zone`: a text that lives as long as the program.
    pub name: *const c_char,
    /// Whether a conversion sets the variables: in glibc only that of a zone with a file.
    pub sets: bool,
    pub variables: Variables,
}

// SAFETY: the text is never changed or freed.
unsafe impl Send for Kind {}
// SAFETY: as above.
unsafe impl Sync for Kind {}

impl Kind {
    /// Whether the variables are what a conversion sets them to.
    #[inline(always)]
    pub(crate) fn is_in_force(&self) -> bool {
        !self.sets || self.variables.are_set()
    }
}

/// Time from here to the next span.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: i64,
    /// Number of its [`Kind`].
    kind: usize,
}

/// What holds in a part of the index, which nearly always has one transition at most.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When the second of the two kinds begins.
    change: i64,
    /// Numbers of the kinds; [`MANY`] where there are more transitions.
    before: u32,
    after: u32,
}

/// The number of no [`Kind`].
const MANY: u32 = u32::MAX;

/// Rules that go on after the last span.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Their table, of which only what it says of summer time is used.
    pub table: Table,
    /// What holds while summer time does not, and while it does.
    pub kinds: [Kind; 2],
}

/// What has been learnt of a zone.
#[derive(Debug)]
pub(crate) struct Known {
    spans: Box<[Span]>,
    kinds: Box<[Kind]>,
    /// The years of [`recent`].
    buckets: Box<[Bucket; recent::BUCKETS]>,
    rules: Option<Rules>,
}

/// A zone, which lives as long as the program.
#[derive(Debug)]
pub(crate) struct Zone {
    /// The value of `TZ`; `None` where it is not set.
    pub key: Option<CString>,
    /// The file that it was read from.
    pub identity: Option<Identity>,
    /// What has been learnt of it; `None` for a zone that is left to the C library.
    pub known: Option<Known>,
    /// What `tzset` sets each time: in glibc only for a zone without a file.
    pub on_tzset: Option<Variables>,
}

impl Zone {
    /// Whether it is the zone of this value of `TZ`.
    #[inline]
    pub(crate) fn is_of(&self, value: Option<&CStr>) -> bool {
        match (&self.key, value) {
            (None, None) => true,
            // SAFETY: both are texts that end with a zero. The environment's may be
            // changed meanwhile by a program that does not follow the rules: the C
            // library's comparison stops at a zero all the same.
            (Some(key), Some(value)) => unsafe { libc::strcmp(key.as_ptr(), value.as_ptr()) == 0 },
            _ => false,
        }
    }

    /// Returns what holds at a time of the years of [`recent`]. `None`:
    /// [`kind_at`](Zone::kind_at) knows.
    #[inline(always)]
    pub(crate) fn recent_kind_at(&self, unix_s: i64) -> Option<&Kind> {
        self.known.as_ref()?.recent_kind_at(unix_s)
    }

    /// Returns what holds at a time. `None`: to be asked of the C library.
    #[inline(always)]
    pub(crate) fn kind_at(&self, unix_s: i64) -> Option<&Kind> {
        self.known.as_ref()?.kind_at(unix_s)
    }
}

impl Known {
    /// Makes the table. The transitions ascend, the first type holds before them, and
    /// rules, if there are any, hold from `rules_from` on.
    pub(crate) fn new(
        first: Kind,
        transitions: impl IntoIterator<Item = (i64, Kind)>,
        rules: Option<Rules>,
    ) -> Known {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut number = |kind: Kind| match kinds.iter().position(|known| *known == kind) {
            Some(number) => number,
            None => {
                kinds.push(kind);
                kinds.len() - 1
            }
        };
        let mut spans = Vec::with_capacity(64);
        spans.push(Span { start: i64::MIN, kind: number(first) });
        for (start, kind) in transitions {
            let kind = number(kind);
            if spans.last().is_none_or(|last| last.kind != kind) {
                spans.push(Span { start, kind });
            }
        }
        Known { buckets: Self::index(&spans), spans: spans.into(), kinds: kinds.into(), rules }
    }

    fn index(spans: &[Span]) -> Box<[Bucket; recent::BUCKETS]> {
        let kind_of = |span: Option<&Span>| {
            span.and_then(|span| u32::try_from(span.kind).ok()).unwrap_or(MANY)
        };
        let mut buckets =
            Box::new([Bucket { change: i64::MAX, before: MANY, after: MANY }; recent::BUCKETS]);
        let mut number = 0;
        for (index, bucket) in buckets.iter_mut().enumerate() {
            let (begin, end) = (recent::begin(index), recent::begin(index + 1));
            let starts_by =
                |number: usize, at: i64| spans.get(number).is_some_and(|span| span.start < at);
            while starts_by(number + 1, begin + 1) {
                number += 1;
            }
            if starts_by(number + 2, end) {
                continue;
            }
            bucket.before = kind_of(spans.get(number));
            match spans.get(number + 1) {
                Some(next) if next.start < end => {
                    (bucket.change, bucket.after) = (next.start, kind_of(Some(next)));
                }
                _ => bucket.after = bucket.before,
            }
        }
        buckets
    }

    /// Returns what holds at a time of the years of [`recent`]. `None`: it is not of
    /// these, or has to be looked for.
    #[inline(always)]
    fn recent_kind_at(&self, unix_s: i64) -> Option<&Kind> {
        let bucket = self.buckets.get(recent::bucket(unix_s))?;
        // Without a branch, as no processor can guess it.
        let number = if unix_s < bucket.change { bucket.before } else { bucket.after };
        self.kinds.get(number as usize)
    }

    /// Returns what holds at a time. `None` outside of [`EARLIEST`] to [`LATEST`].
    #[inline(always)]
    pub(crate) fn kind_at(&self, unix_s: i64) -> Option<&Kind> {
        self.recent_kind_at(unix_s).or_else(|| self.kind_far(unix_s))
    }

    #[cold]
    #[inline(never)]
    fn kind_far(&self, unix_s: i64) -> Option<&Kind> {
        if !(EARLIEST..LATEST).contains(&unix_s) {
            return None;
        }
        if let Some(rules) = self.rules.as_ref().filter(|_| unix_s >= RULES_FROM) {
            return rules.kinds.get(usize::from(rules.table.at(unix_s).is_dst));
        }
        let starts = self.spans.get(1..).unwrap_or_default();
        let span = self.spans.get(starts.partition_point(|span| span.start <= unix_s))?;
        self.kinds.get(span.kind)
    }

    /// Returns moments that show whether this is what the C library thinks: both sides
    /// of transitions from all of time, and moments far away.
    pub(crate) fn samples(&self) -> impl Iterator<Item = i64> {
        let transitions = self.spans.get(1..).unwrap_or_default();
        let step = transitions.len() / 10 + 1;
        let last = transitions.iter().rev().take(2);
        transitions
            .iter()
            .step_by(step)
            .chain(last)
            .flat_map(|span| [span.start.saturating_sub(1), span.start])
            .chain([
                -30_000_000_000,
                -2_000_000_000,
                0,
                recent::END,
                20_000_000_000,
                20_015_000_000,
            ])
            .filter(|unix_s| (EARLIEST..LATEST).contains(unix_s))
    }

    /// Goes through the kinds, each with a moment at which it holds, and replaces them.
    /// Stops and returns `None` if one cannot be replaced.
    pub(crate) fn replace_kinds(
        &mut self,
        replacement: impl Fn(&Kind, i64) -> Option<Kind>,
    ) -> Option<()> {
        let spans = &self.spans;
        for (number, kind) in self.kinds.iter_mut().enumerate() {
            let index = spans.iter().rposition(|span| span.kind == number)?;
            // The first has no beginning, but an end; or neither.
            let moment = match (index, spans.get(1)) {
                (0, Some(next)) => next.start.saturating_sub(1),
                (0, None) => 0,
                _ => spans.get(index)?.start,
            };
            let new = replacement(kind, moment)?;
            for rule in self.rules.iter_mut().flat_map(|rules| &mut rules.kinds) {
                if rule == kind {
                    *rule = new;
                }
            }
            *kind = new;
        }
        Some(())
    }

    /// Returns the first kind of a zone without a file.
    pub(crate) fn without_file(&self) -> Option<&Kind> {
        self.kinds.first().filter(|kind| !kind.sets)
    }

    /// Returns a moment whose conversion sets the variables to these.
    pub(crate) fn moment_of(&self, variables: &Variables) -> Option<i64> {
        let spans = &self.spans;
        let span = spans.iter().rev().find(|span| {
            self.kinds.get(span.kind).is_some_and(|kind| kind.variables == *variables)
        })?;
        Some(span.start.max(EARLIEST))
    }
}

/// 2100: from here on rules are asked. They are written out as spans for a year more.
const RULES_FROM: i64 = 4_102_444_800;
pub(crate) const RULES_UNTIL: i64 = RULES_FROM + 366 * 86_400;
