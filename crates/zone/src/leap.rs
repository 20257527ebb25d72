//! Zones whose files count leap seconds, as those under `right/` do.
//!
//! Unix time leaves leap seconds out: a leap second and the second before (or
//! after) it share a number. Some systems set their clock to count them instead,
//! and use the files of the folder `right/`, made by `zic -L`, to show UTC. Their
//! numbers are ahead of Unix time by the leap seconds so far, 27 s since 2017. A
//! reader that overlooks the table answers wrongly by as much.
//!
//! The two kinds of number are the same type, so here they differ by name:
//! `unix_s` is Unix time, `right_s` counts leap seconds. [`Table`] and
//! [`Zone`](crate::Zone) take Unix time only and refuse such files;
//! [`LeapTable`] takes both and goes between them.

use alloc::boxed::Box;

use crate::error::Kind;
use crate::tzif_read::{self, Leap};
use crate::{Error, LocalType, Table};

/// A zone and the leap seconds until now.
///
/// # References
/// [RFC 9636, section 3.2](https://www.rfc-editor.org/rfc/rfc9636#section-3.2),
/// "leap-second records".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeapTable {
    table: Table,
    leaps: Box<[Leap]>,
    expires: Option<i64>,
}

/// A moment of a count with leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its Unix time. For a leap second, that of the second before it.
    pub unix_s: i64,
    /// Whether it is a leap second, 23:59:60 UTC.
    pub is_leap_second: bool,
}

impl LeapTable {
    /// Reads a TZif file that counts leap seconds.
    ///
    /// # Errors
    /// [`Error::is_malformed`] with the byte at which it is wrong. A file without
    /// leap seconds is an error too: read it with [`Table::from_tzif`].
    ///
    /// ```
    /// use instanter_zone::leap::LeapTable;
    /// if let Ok(file) = std::fs::read("/usr/share/zoneinfo/right/America/New_York") {
    ///     let table = LeapTable::from_tzif(&file)?;
    ///     // 2016-12-31 23:59:60 UTC, the 27th leap second.
    ///     let leap = table.unix_of(1_483_228_826).unwrap();
    ///     assert_eq!((leap.unix_s, leap.is_leap_second), (1_483_228_799, true));
    ///     assert_eq!(table.at(1_483_228_826).unwrap().abbreviation, "EST");
    /// }
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    pub fn from_tzif(bytes: &[u8]) -> Result<LeapTable, Error> {
        let mut tzif = tzif_read::read(bytes)?;
        if tzif.leaps.is_empty() && tzif.expires.is_none() {
            return Err(Kind::NoLeap.into());
        }
        let leaps = tzif.leaps.into_boxed_slice();
        for (at, _) in &mut tzif.timeline.transitions {
            // Before a table that was cut off at its start nothing is known of
            // leap seconds; the number is kept as it is.
            *at = unix_of(&leaps, *at).map_or(*at, |counted| counted.unix_s);
        }
        // A transition in a leap second would now be at that of the one before it.
        tzif.timeline.transitions.dedup_by_key(|&mut (at, _)| at);
        Ok(LeapTable { table: Table::new(tzif.timeline), leaps, expires: tzif.expires })
    }

    /// Returns the zone, for Unix time.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Returns from when on leap seconds are not known, where the file says so
    /// (version 4), in seconds of the count with leap seconds.
    #[must_use]
    pub fn expires(&self) -> Option<i64> {
        self.expires
    }

    /// Returns the Unix time of a count with leap seconds. `None` before the first
    /// leap second of a table that was cut off at its start, and beyond `i64`.
    #[must_use]
    pub fn unix_of(&self, right_s: i64) -> Option<Counted> {
        unix_of(&self.leaps, right_s)
    }

    /// Returns the count with leap seconds of a Unix time. `None` where
    /// [`unix_of`](LeapTable::unix_of) has none.
    ///
    /// A second that a negative leap second left out gets the number of the next.
    #[must_use]
    pub fn right_of(&self, unix_s: i64) -> Option<i64> {
        let after = |leap: &Leap| {
            // An inserted second has the Unix time of the one before it, which is
            // still to be answered with the count before.
            let before = self.before(leap);
            let inserted = before.is_some_and(|before| leap.correction > before);
            leap.at.saturating_sub(i64::from(leap.correction)).saturating_add(i64::from(inserted))
        };
        let number = self.leaps.partition_point(|leap| after(leap) <= unix_s);
        let correction = match number.checked_sub(1).and_then(|last| self.leaps.get(last)) {
            Some(leap) => leap.correction,
            None => before_first(&self.leaps)?,
        };
        unix_s.checked_add(i64::from(correction))
    }

    fn before(&self, leap: &Leap) -> Option<i32> {
        let number = self.leaps.iter().position(|other| other.at == leap.at)?;
        match number.checked_sub(1).and_then(|last| self.leaps.get(last)) {
            Some(leap) => Some(leap.correction),
            None => before_first(&self.leaps),
        }
    }

    /// Returns the local time type at a count with leap seconds. `None` where
    /// [`unix_of`](LeapTable::unix_of) has none.
    #[must_use]
    pub fn at(&self, right_s: i64) -> Option<LocalType<'_>> {
        Some(self.table.at(self.unix_of(right_s)?.unix_s))
    }
}

/// What clocks are ahead before the first leap second: nothing, unless the table
/// was cut off at its start.
fn before_first(leaps: &[Leap]) -> Option<i32> {
    leaps.first().is_none_or(|leap| leap.correction.abs() == 1).then_some(0)
}

fn unix_of(leaps: &[Leap], right_s: i64) -> Option<Counted> {
    let number = leaps.partition_point(|leap| leap.at <= right_s);
    let Some(leap) = number.checked_sub(1).and_then(|last| leaps.get(last)) else {
        return before_first(leaps).map(|_| Counted { unix_s: right_s, is_leap_second: false });
    };
    let before = match number.checked_sub(2).and_then(|last| leaps.get(last)) {
        Some(before) => Some(before.correction),
        None => before_first(leaps),
    };
    let inserted = before.is_some_and(|before| leap.correction > before);
    Some(Counted {
        unix_s: right_s.checked_sub(i64::from(leap.correction))?,
        is_leap_second: inserted && leap.at == right_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(leaps: &[(i64, i32)]) -> LeapTable {
        LeapTable {
            table: Table::from_posix("UTC0").unwrap(),
            leaps: leaps.iter().map(|&(at, correction)| Leap { at, correction }).collect(),
            expires: None,
        }
    }

    #[test]
    fn inserted_and_left_out() {
        // The first two of 1972, and one left out a year later.
        let table = table(&[(78_796_800, 1), (94_694_401, 2), (126_230_400 + 1, 1)]);
        let rows = [
            (78_796_799, 78_796_799, false),
            (78_796_800, 78_796_799, true),
            (78_796_801, 78_796_800, false),
            (94_694_401, 94_694_399, true),
            (94_694_402, 94_694_400, false),
            (126_230_400, 126_230_398, false),
            (126_230_401, 126_230_400, false),
        ];
        for (right_s, unix_s, is_leap_second) in rows {
            let want = Some(Counted { unix_s, is_leap_second });
            assert_eq!(table.unix_of(right_s), want, "unix_of({right_s})");
            if !is_leap_second {
                assert_eq!(table.right_of(unix_s), Some(right_s), "right_of({unix_s})");
            }
        }
        assert_eq!(table.right_of(78_796_799), Some(78_796_799));
        assert_eq!(table.right_of(126_230_399), table.right_of(126_230_400));
    }

    #[test]
    fn cut_off_at_its_start() {
        let table = table(&[(94_694_401, 2), (126_230_402, 3)]);
        assert_eq!(table.unix_of(94_694_400), None);
        assert_eq!(table.right_of(0), None);
        let want = Counted { unix_s: 94_694_400, is_leap_second: false };
        assert_eq!(table.unix_of(94_694_402), Some(want));
        assert_eq!(table.right_of(94_694_400), Some(94_694_402));
    }

    #[test]
    fn ends_of_time() {
        let table = table(&[(78_796_800, 1)]);
        assert_eq!(table.right_of(i64::MAX), None);
        assert_eq!(table.unix_of(i64::MAX).unwrap().unix_s, i64::MAX - 1);
        assert_eq!(table.right_of(i64::MIN), Some(i64::MIN));
    }
}
