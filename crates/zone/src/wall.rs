//! From local time to Unix time.
//!
//! A transition at `t` from offset `a` to `b` leaves the local times between
//! `t + min(a, b)` and `t + max(a, b)` in doubt: skipped if `a < b`, twice if
//! `a > b`. The offset that [`Policy::Compatible`] wants is in both cases `a`. So
//! it is that of the last span of which `t + max(a, b)` has been reached, and
//! finding it is the same lookup as that by Unix time, with one more addition.

use crate::posix_rule::Rules;
use crate::table::Table;
use crate::{Change, Policy, Resolved, Unresolved};

impl Table {
    /// Returns the Unix time of a local time, which is given as the seconds that
    /// would be its Unix time if it were UTC.
    ///
    /// # Errors
    /// [`Unresolved::Rejected`] for a gap or a fold under [`Policy::Reject`];
    /// [`Unresolved::OutOfRange`] beyond the range of `i64`.
    ///
    /// ```
    /// use instanter_zone::{Policy, Table};
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let noon = 1_720_008_000; // 2024-07-03 12:00, on New York's walls
    /// assert_eq!(table.to_unix(noon, Policy::Reject), Ok(noon + 4 * 3600));
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    pub fn to_unix(&self, local_s: i64, policy: Policy) -> Result<i64, Unresolved> {
        let offset_s = if policy == Policy::Compatible {
            self.offset_compatible(local_s)
        } else {
            self.resolve(local_s).offset_s(policy)?
        };
        local_s.checked_sub(i64::from(offset_s)).ok_or(Unresolved::OutOfRange)
    }

    #[inline]
    fn offset_compatible(&self, local_s: i64) -> i32 {
        match self.wall_bucket(local_s) {
            Some(number) => match self.spans.get(number) {
                Some(span) => span.offset_s,
                None => self.offset_compatible_far(local_s),
            },
            None => self.offset_compatible_far(local_s),
        }
    }

    /// Returns the number of the last span of which it is certain that it has
    /// begun by a local time. `None` outside the index, and where the slow way is
    /// needed.
    #[inline]
    fn wall_bucket(&self, local_s: i64) -> Option<usize> {
        // No later than the earliest Unix time that the local time may be of.
        let earliest = local_s.wrapping_sub(i64::from(self.most_wall_s));
        let bucket = earliest.wrapping_sub(self.base) as u64 >> (self.shift & 63);
        let bucket = usize::try_from(bucket).ok()?;
        let number = usize::from(*self.buckets.get(bucket)?);
        let [first, second, third] = self.spans.get(number + 1..number + 4)? else { return None };
        let certain = |start: i64, wall_s: i32| start.saturating_add(i64::from(wall_s)) <= local_s;
        let step = usize::from(certain(first.start, first.wall_s))
            + usize::from(certain(second.start, second.wall_s));
        if certain(third.start, third.wall_s) || self.tangled {
            return None;
        }
        Some(number + step)
    }

    #[inline(never)]
    fn offset_compatible_far(&self, local_s: i64) -> i32 {
        if let Some(offset_s) =
            self.far_rules(local_s).and_then(|rules| rules.offset_before_wall(local_s))
        {
            return offset_s;
        }
        match self.resolve_slowly(local_s) {
            Resolved::Unambiguous { offset_s } => offset_s,
            Resolved::Gap(change) | Resolved::Fold(change) => change.before_s,
        }
    }

    /// Returns the rules, if they alone decide on a local time.
    fn far_rules(&self, local_s: i64) -> Option<&Rules> {
        let tail = self.rules.as_ref()?;
        // A day or so is enough; a month is what the array reaches past this.
        let month_s = 30 * 86_400;
        let far = local_s >= tail.from.saturating_add(month_s)
            || local_s < tail.until.saturating_sub(month_s);
        far.then_some(&tail.rules)
    }

    #[inline(never)]
    fn resolve_far(&self, local_s: i64) -> Resolved {
        let by_rules = self.far_rules(local_s).and_then(|rules| rules.resolve(local_s));
        by_rules.unwrap_or_else(|| self.resolve_slowly(local_s))
    }

    /// Returns how a local time relates to the zone: once, skipped, or twice. It
    /// is given as the seconds that would be its Unix time if it were UTC.
    ///
    /// Where transitions follow each other so closely that a local time happens
    /// more than twice, the fold has the offsets of the first and the last.
    ///
    /// ```
    /// use instanter_zone::{Change, Resolved, Table};
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// // 2024-11-03 01:30
    /// let fold = Change { at: 1_730_613_600, before_s: -14_400, after_s: -18_000 };
    /// assert_eq!(table.resolve(1_730_597_400), Resolved::Fold(fold));
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn resolve(&self, local_s: i64) -> Resolved {
        let Some(number) = self.wall_bucket(local_s) else {
            return self.resolve_far(local_s);
        };
        let (Some(span), Some(next)) = (self.spans.get(number), self.spans.get(number + 1)) else {
            return self.resolve_far(local_s);
        };
        let (before_s, after_s) = (span.offset_s, next.offset_s);
        let low = i64::from(before_s.min(after_s));
        if local_s < next.start.saturating_add(low) || before_s == after_s {
            return Resolved::Unambiguous { offset_s: before_s };
        }
        let change = Change { at: next.start, before_s, after_s };
        if before_s < after_s { Resolved::Gap(change) } else { Resolved::Fold(change) }
    }

    /// Goes through every interval that the local time may be in.
    fn resolve_slowly(&self, local_s: i64) -> Resolved {
        let (low, high) = match &self.rules {
            Some(tail) => (
                self.offsets_s.0.min(tail.rules.low_offset_s()),
                self.offsets_s.1.max(tail.rules.high_offset_s()),
            ),
            None => self.offsets_s,
        };
        let latest = local_s.saturating_sub(i64::from(low));
        let mut interval = self.interval_at(local_s.saturating_sub(i64::from(high)));
        let mut found: Option<i32> = None;
        let mut fold: Option<Change> = None;
        let mut gap: Option<Change> = None;
        loop {
            let offset_s = interval.local.offset_s;
            let unix_s = i128::from(local_s) - i128::from(offset_s);
            let started = interval.start.is_none_or(|start| i128::from(start) <= unix_s);
            let ended = interval.end.is_some_and(|end| i128::from(end) <= unix_s);
            if started && !ended {
                match found {
                    None => found = Some(offset_s),
                    Some(before_s) if before_s != offset_s => {
                        let at = interval.start.unwrap_or(i64::MIN);
                        fold = Some(Change { at, before_s, after_s: offset_s });
                    }
                    Some(_) => {}
                }
            }
            let Some(end) = interval.end.filter(|&end| end <= latest) else { break };
            let next = self.interval_at(end);
            let after_s = next.local.offset_s;
            let skipped = |offset_s: i32| i128::from(end) + i128::from(offset_s);
            if skipped(offset_s) <= i128::from(local_s) && i128::from(local_s) < skipped(after_s) {
                gap = gap.or(Some(Change { at: end, before_s: offset_s, after_s }));
            }
            interval = next;
        }
        match (found, fold, gap) {
            (_, Some(change), _) => Resolved::Fold(change),
            (Some(offset_s), ..) => Resolved::Unambiguous { offset_s },
            (None, _, Some(change)) => Resolved::Gap(change),
            // Not reached: intervals cover all of time.
            (None, ..) => Resolved::Unambiguous { offset_s: interval.local.offset_s },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way against the slow one, around every transition.
    #[test]
    fn short_way_is_the_slow_way() {
        for text in [
            "EST5EDT,M3.2.0,M11.1.0",
            "AEST-10AEDT,M10.1.0,M4.1.0/3",
            "IST-1GMT0,M10.5.0,M3.5.0/1",
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3",
            "XXX3YYY,J1/-167,300/167",
        ] {
            let table = Table::from_posix(text).unwrap();
            for start in [-9_000_000_000, -2_300_000_000, 0, 4_000_000_000, 90_000_000_000] {
                for transition in table.transitions(start).take(30) {
                    for from in [transition.before.offset_s, transition.after.offset_s] {
                        for shift in [-86_400, -3_600, -1, 0, 1, 1_800, 3_599, 3_600, 90_000] {
                            let local_s = transition.at + i64::from(from) + shift;
                            let want = table.resolve_slowly(local_s);
                            assert_eq!(table.resolve(local_s), want, "{text} resolve({local_s})");
                            let offset_s = want.offset_s(Policy::Compatible).unwrap();
                            let got = table.offset_compatible(local_s);
                            assert_eq!(got, offset_s, "{text} compatible({local_s})");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn ends_of_time() {
        for text in ["EST5EDT,M3.2.0,M11.1.0", "<+14>-14", "UTC0", "XXX3YYY,J1/-167,300/167"] {
            let table = Table::from_posix(text).unwrap();
            for local_s in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
                let offset_s = table.resolve(local_s).offset_s(Policy::Later).unwrap();
                let want = local_s.checked_sub(i64::from(offset_s)).ok_or(Unresolved::OutOfRange);
                assert_eq!(table.to_unix(local_s, Policy::Later), want, "{text} {local_s}");
                let _ = table.to_unix(local_s, Policy::Compatible);
                let _ = (table.next_transition(local_s), table.previous_transition(local_s));
            }
        }
    }
}
