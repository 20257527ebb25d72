//! From local time to Unix time, which has zero, one or two answers.

use core::fmt;

/// What to do with a local time that a zone skips or has twice.
///
/// # References
/// The names are those of ECMAScript's Temporal (`disambiguation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// In a gap [`Later`](Policy::Later), in a fold [`Earlier`](Policy::Earlier):
    /// both times the offset from before the transition. What RFC 5545 asks of
    /// calendars, and what most people mean.
    #[default]
    Compatible,
    /// The earlier of the two: in a gap, this is a local time before the gap.
    Earlier,
    /// The later of the two: in a gap, this is a local time after the gap.
    Later,
    /// Neither: an error.
    Reject,
}

/// How a local time relates to a zone: the full answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// It happens once.
    Unambiguous {
        /// Seconds east of UTC.
        offset_s: i32,
    },
    /// It never happens: clocks were put forward over it.
    Gap(Change),
    /// It happens twice: clocks were put back over it.
    Fold(Change),
}

/// The transition that makes a gap or a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When, in Unix seconds.
    pub at: i64,
    /// Offset before it, in seconds east of UTC.
    pub before_s: i32,
    /// Offset after it, in seconds east of UTC.
    pub after_s: i32,
}

impl Resolved {
    /// Returns the offset that a policy chooses, in seconds east of UTC. Unix time
    /// is local time less this.
    ///
    /// # Errors
    /// [`Unresolved::Rejected`] for a gap or fold under [`Policy::Reject`].
    ///
    /// ```
    /// use instanter_zone::{Policy, Zone};
    /// let zone = Zone::posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let local_s = 1_710_037_800; // 2024-03-10 02:30, which was skipped
    /// let resolved = zone.resolve(local_s);
    /// assert_eq!(resolved.offset_s(Policy::Later), Ok(-5 * 3600));
    /// assert_eq!(resolved.offset_s(Policy::Earlier), Ok(-4 * 3600));
    /// assert!(resolved.offset_s(Policy::Reject).is_err());
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    pub const fn offset_s(self, policy: Policy) -> Result<i32, Unresolved> {
        match (self, policy) {
            (Resolved::Unambiguous { offset_s }, _) => Ok(offset_s),
            (Resolved::Gap(_) | Resolved::Fold(_), Policy::Reject) => {
                Err(Unresolved::Rejected(self))
            }
            (Resolved::Gap(change), Policy::Earlier) => Ok(change.after_s),
            (Resolved::Gap(change), _) => Ok(change.before_s),
            (Resolved::Fold(change), Policy::Later) => Ok(change.after_s),
            (Resolved::Fold(change), _) => Ok(change.before_s),
        }
    }
}

/// A local time without a Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// It is in a gap or a fold, and [`Policy::Reject`] was asked for.
    Rejected(Resolved),
    /// Its Unix time is beyond the range of `i64`.
    OutOfRange,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unresolved::Rejected(Resolved::Gap(change)) => write!(
                f,
                "local time is skipped: at Unix time {} the offset goes from {} s to {} s",
                change.at, change.before_s, change.after_s
            ),
            Unresolved::Rejected(Resolved::Fold(change)) => write!(
                f,
                "local time happens twice: at Unix time {} the offset goes from {} s to {} s",
                change.at, change.before_s, change.after_s
            ),
            Unresolved::Rejected(Resolved::Unambiguous { .. }) => {
                f.write_str("local time rejected")
            }
            Unresolved::OutOfRange => f.write_str("local time has no Unix time within 64 bits"),
        }
    }
}

impl core::error::Error for Unresolved {}
