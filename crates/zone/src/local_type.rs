//! What a lookup answers.

use crate::Abbreviation;

/// A local time type: what a zone's clocks show, between two transitions.
///
/// # References
/// RFC 9636, section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalType<'a> {
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// Whether it counts as summer time. Ireland's winter does not, and Morocco's
    /// Ramadan does: this says what the law calls it, not which is earlier.
    pub is_dst: bool,
    /// What it is called.
    pub abbreviation: Abbreviation<'a>,
}

/// A stretch of time without a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval<'a> {
    /// The transition that began it, in Unix seconds; `None` if there was none
    /// since the beginning of time.
    pub start: Option<i64>,
    /// The transition that ends it, the first second that is not in it; `None` if
    /// there will be none.
    pub end: Option<i64>,
    /// What holds in it.
    pub local: LocalType<'a>,
}

/// A moment at which a zone's local time type changes: its offset, its name, or
/// only whether it counts as summer time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition<'a> {
    /// The first Unix second of the new type.
    pub at: i64,
    /// What held until then.
    pub before: LocalType<'a>,
    /// What holds from then on.
    pub after: LocalType<'a>,
}
