//! A zone's data in the form that lookups use.
//!
//! Transitions lie in one ascending array, and an index over it divides the time
//! from the first of them (or 1840) to 2100 into buckets so wide that none has
//! more than two. So the way to a span is a shift, one load and two comparisons,
//! without a branch that depends on the time asked for. What the rules of the
//! footer give up to 2100 is in the array too; after that they are computed.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::posix::PosixTz;
use crate::posix_rule::{Outcome, Rules};
use crate::timeline::{Kind, Timeline};
use crate::{Error, tzif_read};

/// 1840-01-28, before any zone's first transition.
const INDEX_START: i64 = -4_100_000_000;

/// 2100-01-01: as far ahead of 2025 as the common epoch is behind, and a bit.
const INDEX_END: i64 = 4_102_444_800;

/// 1901-01-01: where the array begins for rules without a first transition.
const RULES_START: i64 = -2_177_452_800;

/// Room between the array's end and where rules are computed: more than the
/// widest bucket (2^24 s) and a year, so that neither way looks past the other.
const OVERLAP_S: i64 = 400 * 86_400;

const MONTH_S: i64 = 30 * 86_400;

/// Widths of a bucket that are tried, in bits of seconds: 194 to 49 days.
const WIDTHS: [u32; 3] = [24, 23, 22];

/// The time from one transition to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub start: i64,
    pub offset_s: i32,
    /// The larger of the offset before `start` and the one after. `start + wall_s`
    /// is the local time from which there is no doubt that this span holds.
    pub wall_s: i32,
}

/// The data of one time zone: its transitions and its rules.
///
/// It owns its memory. [`Zone`](crate::Zone) is the handle for what lives as long
/// as the program.
///
/// ```
/// use instanter_zone::Table;
/// let table = Table::from_posix("CET-1CEST,M3.5.0,M10.5.0/3")?;
/// assert_eq!(table.offset_at(1_720_000_000), 7_200); // July 2024
/// assert_eq!(table.at(1_705_000_000).abbreviation, "CET"); // January
/// # Ok::<(), instanter_zone::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    /// `count` spans, of which the first begins at `i64::MIN`; then three that
    /// never begin, so that a lookup may look ahead.
    pub(crate) spans: Box<[Span]>,
    pub(crate) span_kinds: Box<[u16]>,
    pub(crate) count: usize,
    /// For each bucket the number of the span in which it begins.
    pub(crate) buckets: Box<[u16]>,
    pub(crate) base: i64,
    pub(crate) shift: u32,
    /// The largest `wall_s`.
    pub(crate) most_wall_s: i32,
    /// The smallest and largest offset.
    pub(crate) offsets_s: (i32, i32),
    /// Whether gaps and folds touch each other, so that local times take the slow
    /// way.
    pub(crate) tangled: bool,
    pub(crate) rules: Option<Tail>,
    pub(crate) kinds: Box<[Kind]>,
    pub(crate) abbreviations: Box<str>,
}

/// Rules for what is outside the array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tail {
    pub rules: Rules,
    /// They are computed from here on,
    pub from: i64,
    /// and before this.
    pub until: i64,
    pub std_kind: u16,
    pub dst_kind: u16,
}

impl Table {
    /// Reads a TZif file of version 1 to 4.
    ///
    /// Takes memory in proportion to its length, and no more than about 1.5 MB.
    /// From its last transition on the footer is what counts. Bytes after the
    /// footer are not looked at.
    ///
    /// # Errors
    /// [`Error::is_malformed`], with the byte at which it is wrong;
    /// [`Error::has_leap_seconds`] for a file that counts them (`right/`).
    ///
    /// # References
    /// [RFC 9636](https://www.rfc-editor.org/rfc/rfc9636)
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let error = Table::from_tzif(b"TZif2").unwrap_err();
    /// assert_eq!(error.to_string(), "TZif data, byte 5: ends within a header");
    /// ```
    pub fn from_tzif(bytes: &[u8]) -> Result<Table, Error> {
        let tzif = tzif_read::read(bytes)?;
        if !tzif.leaps.is_empty() || tzif.expires.is_some() {
            let count = tzif.leaps.len() as u32;
            return Err(crate::error::Kind::Leap { at: tzif.leaps_at, count }.into());
        }
        Ok(Table::new(tzif.timeline))
    }

    /// Makes a table of the rules of a POSIX TZ string, for all years.
    ///
    /// # Errors
    /// [`Error::is_malformed`], with the byte at which it is wrong.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// assert_eq!(Table::from_posix("<+0330>-3:30")?.offset_at(0), 12_600);
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    pub fn from_posix(text: &str) -> Result<Table, Error> {
        Ok(Table::from(PosixTz::parse(text)?))
    }

    /// Hashes as much as tells most tables apart, for the register.
    #[cfg(feature = "std")]
    pub(crate) fn hash_briefly(&self, hasher: &mut impl core::hash::Hasher) {
        use core::hash::Hash;
        (self.count, &self.kinds, &self.abbreviations).hash(hasher);
        self.spans.iter().rev().step_by(16).for_each(|span| span.hash(hasher));
    }

    pub(crate) fn new(mut timeline: Timeline) -> Table {
        let tail = apply_footer(&mut timeline);
        timeline.drop_idle();
        let offset_s = |kind: u16| timeline.kinds.get(usize::from(kind)).map_or(0, |k| k.offset_s);

        let first = offset_s(0);
        let mut spans = Vec::with_capacity(timeline.transitions.len() + 4);
        let mut span_kinds = Vec::with_capacity(timeline.transitions.len() + 1);
        spans.push(Span { start: i64::MIN, offset_s: first, wall_s: first });
        span_kinds.push(0);
        let (mut before, mut most_wall_s, mut least_wall_s) = (first, i32::MIN, i32::MAX);
        let mut offsets_s = (first, first);
        let mut settled = i64::MIN;
        let mut tangled = false;
        for &(start, kind) in &timeline.transitions {
            let after = offset_s(kind);
            let wall_s = before.max(after);
            // Where this gap or fold begins by local time must not be before the
            // last one ended.
            tangled |= start.saturating_add(i64::from(before.min(after))) < settled;
            settled = start.saturating_add(i64::from(wall_s));
            offsets_s = (offsets_s.0.min(after), offsets_s.1.max(after));
            (most_wall_s, least_wall_s) = (most_wall_s.max(wall_s), least_wall_s.min(wall_s));
            spans.push(Span { start, offset_s: after, wall_s });
            span_kinds.push(kind);
            before = after;
        }
        if most_wall_s < least_wall_s {
            (most_wall_s, least_wall_s) = (first, first);
        }
        let count = spans.len();
        spans.extend([Span { start: i64::MAX, offset_s: before, wall_s: before }; 3]);
        let (base, shift, buckets) =
            index(&spans, count, i64::from(most_wall_s) - i64::from(least_wall_s));
        Table {
            spans: spans.into(),
            span_kinds: span_kinds.into(),
            count,
            buckets,
            base,
            shift,
            most_wall_s,
            offsets_s,
            tangled,
            rules: tail,
            kinds: timeline.kinds.into(),
            abbreviations: String::into(timeline.abbreviations),
        }
    }
}

impl From<PosixTz> for Table {
    fn from(tz: PosixTz) -> Table {
        Table::new(Timeline::of_posix(tz))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("transitions", &(self.count - 1))
            .field("buckets", &self.buckets.len())
            .field("last", &self.at(i64::MAX))
            .finish_non_exhaustive()
    }
}

/// Writes what the footer says into the transitions, up to where it is computed.
fn apply_footer(timeline: &mut Timeline) -> Option<Tail> {
    let footer = timeline.footer.take()?;
    let last = timeline.transitions.last().map(|&(at, _)| at);
    let kinds = |timeline: &mut Timeline| {
        let std = timeline.kind(footer.std_offset_s, false, &footer.std_abbreviation);
        let dst = footer.dst.as_ref();
        (std, dst.map_or(std, |dst| timeline.kind(dst.offset_s, true, &dst.abbreviation)))
    };
    let (mut std_kind, mut dst_kind) = kinds(timeline);
    let kind = |is_dst| if is_dst { dst_kind } else { std_kind };
    let from_last = |timeline: &mut Timeline, kind: u16| match timeline.transitions.last_mut() {
        Some(last) => last.1 = kind,
        // The footer is all there is.
        None => timeline.kinds.swap(0, usize::from(kind)),
    };
    let rules = match Rules::of(&footer) {
        Outcome::Always { is_dst } => {
            from_last(timeline, kind(is_dst));
            return None;
        }
        Outcome::Yearly(rules) => rules,
    };
    let from = last.map_or(INDEX_END, |last| INDEX_END.max(last.saturating_add(MONTH_S)));
    let (begin, until) = match last {
        Some(last) => {
            let is_dst = rules.is_dst(last);
            from_last(timeline, kind(is_dst));
            (last, i64::MIN)
        }
        None => {
            let begin = RULES_START - OVERLAP_S;
            from_last(timeline, kind(rules.is_dst(begin)));
            (std_kind, dst_kind) = kinds(timeline);
            (begin, RULES_START)
        }
    };
    let kind = |is_dst| if is_dst { dst_kind } else { std_kind };
    let mut at = begin;
    while let Some(change) = rules.around(at).next {
        if change.at > from.saturating_add(OVERLAP_S) {
            break;
        }
        timeline.transitions.push((change.at, kind(change.to_dst)));
        at = change.at;
    }
    Some(Tail { rules, from, until, std_kind, dst_kind })
}

/// Makes the index over spans: where it begins, how wide a bucket is, and the
/// buckets.
fn index(spans: &[Span], count: usize, spread_s: i64) -> (i64, u32, Box<[u16]>) {
    let Some(first) = spans.get(1).filter(|_| count > 1) else {
        // One span: two buckets for nearly all of time.
        return (i64::MIN / 2, 62, [0, 0].into());
    };
    let base = first.start.max(INDEX_START);
    let starts = spans.get(1..count).unwrap_or_default();
    let mut best = (usize::MAX, 0, Vec::new());
    for shift in WIDTHS {
        let room = (INDEX_END.saturating_sub(base).max(0) >> shift) + 1;
        let mut buckets = Vec::with_capacity(room as usize);
        let mut crowded = 0;
        let mut begin = base;
        // Spans begun by a bucket's beginning, and by the end of what is looked at
        // from it; both only grow.
        let (mut number, mut reached) = (0, 0);
        let advance = |number: &mut usize, at: i64| {
            while starts.get(*number).is_some_and(|span| span.start <= at) {
                *number += 1;
            }
        };
        while begin < INDEX_END {
            let end = begin + (1 << shift);
            advance(&mut number, begin);
            advance(&mut reached, end + spread_s);
            buckets.push(number as u16);
            crowded += usize::from(reached > number + 2);
            begin = end;
        }
        if crowded < best.0 {
            best = (crowded, shift, buckets);
        }
        if best.0 == 0 {
            break;
        }
    }
    (base, best.1, best.2.into())
}
