//! From Unix time to local time.

use crate::posix_rule::Around;
use crate::table::{Table, Tail};
use crate::{Abbreviation, Interval, LocalType, Transition};

/// Where a moment is found.
enum Found<'a> {
    Span(usize),
    Rules(&'a Tail),
}

impl Table {
    /// Returns the offset at a Unix time, in seconds east of UTC.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// assert_eq!(table.offset_at(1_710_053_999), -5 * 3600);
    /// assert_eq!(table.offset_at(1_710_054_000), -4 * 3600); // 2024-03-10 07:00 UTC
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn offset_at(&self, unix_s: i64) -> i32 {
        match self.bucket(unix_s) {
            Some((number, step)) => match self.spans.get(number + step) {
                Some(span) => span.offset_s,
                None => self.offset_far(unix_s),
            },
            None => self.offset_far(unix_s),
        }
    }

    /// Returns the span in which the bucket of a time begins, and how many spans
    /// after that one the time itself is in: at most two. `None` outside the
    /// index, and in the rare bucket with more transitions.
    #[inline]
    fn bucket(&self, unix_s: i64) -> Option<(usize, usize)> {
        let bucket = unix_s.wrapping_sub(self.base) as u64 >> (self.shift & 63);
        let bucket = usize::try_from(bucket).ok()?;
        let number = usize::from(*self.buckets.get(bucket)?);
        let [first, second, third] = self.spans.get(number + 1..number + 4)? else { return None };
        let step = usize::from(first.start <= unix_s) + usize::from(second.start <= unix_s);
        if third.start <= unix_s {
            return None;
        }
        Some((number, step))
    }

    #[inline(never)]
    fn offset_far(&self, unix_s: i64) -> i32 {
        match self.find_far(unix_s) {
            Found::Span(number) => self.spans.get(number).map_or(0, |span| span.offset_s),
            Found::Rules(tail) => tail.rules.offset_at(unix_s),
        }
    }

    #[inline]
    fn find(&self, unix_s: i64) -> Found<'_> {
        match self.bucket(unix_s) {
            Some((number, step)) => Found::Span(number + step),
            None => self.find_far(unix_s),
        }
    }

    fn find_far(&self, unix_s: i64) -> Found<'_> {
        match &self.rules {
            Some(tail) if unix_s >= tail.from || unix_s < tail.until => Found::Rules(tail),
            _ => {
                let starts = self.spans.get(1..self.count).unwrap_or_default();
                Found::Span(starts.partition_point(|span| span.start <= unix_s))
            }
        }
    }

    /// Returns the local time type at a Unix time.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let local = table.at(1_720_000_000);
    /// assert_eq!((local.offset_s, local.is_dst), (-4 * 3600, true));
    /// assert_eq!(local.abbreviation, "EDT");
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn at(&self, unix_s: i64) -> LocalType<'_> {
        match self.find(unix_s) {
            Found::Span(number) => self.local_of_span(number),
            Found::Rules(tail) => self.local(tail.kind(tail.rules.is_dst(unix_s))),
        }
    }

    fn local_of_span(&self, number: usize) -> LocalType<'_> {
        self.local(self.span_kinds.get(number).copied().unwrap_or(0))
    }

    fn local(&self, kind: u16) -> LocalType<'_> {
        match self.kinds.get(usize::from(kind)) {
            Some(kind) => {
                let (start, end) = kind.abbreviation;
                let text = self.abbreviations.get(start as usize..end as usize);
                LocalType {
                    offset_s: kind.offset_s,
                    is_dst: kind.is_dst,
                    abbreviation: Abbreviation::text(text.unwrap_or_default()),
                }
            }
            None => {
                LocalType { offset_s: 0, is_dst: false, abbreviation: Abbreviation::text("UTC") }
            }
        }
    }

    /// Returns the local time type at a Unix time, and from when until when it
    /// holds.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let summer = table.interval_at(1_720_000_000);
    /// assert_eq!((summer.start, summer.end), (Some(1_710_054_000), Some(1_730_613_600)));
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[must_use]
    pub fn interval_at(&self, unix_s: i64) -> Interval<'_> {
        match self.find(unix_s) {
            Found::Span(number) => {
                let start = |number: usize| {
                    let real = number > 0 && number < self.count;
                    self.spans.get(number).filter(|_| real).map(|span| span.start)
                };
                let (mut begin, mut end) = (start(number), start(number + 1));
                // Odd rules may rest for years, longer than the array reaches.
                if let Some(tail) = &self.rules {
                    if end.is_none() {
                        end = tail.rules.around(unix_s).next.map(|change| change.at);
                    }
                    if begin.is_none() && tail.until > i64::MIN {
                        begin = tail.rules.around(unix_s).previous.map(|change| change.at);
                    }
                }
                Interval { start: begin, end, local: self.local_of_span(number) }
            }
            Found::Rules(tail) => {
                let Around { previous, is_dst, next } = tail.rules.around(unix_s);
                Interval {
                    start: previous.map(|change| change.at),
                    end: next.map(|change| change.at),
                    local: self.local(tail.kind(is_dst)),
                }
            }
        }
    }

    /// Returns the first transition after a Unix time.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let next = table.next_transition(1_720_000_000).unwrap();
    /// assert_eq!((next.at, &*next.after.abbreviation), (1_730_613_600, "EST"));
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[must_use]
    pub fn next_transition(&self, after: i64) -> Option<Transition<'_>> {
        let interval = self.interval_at(after);
        let at = interval.end?;
        Some(Transition { at, before: interval.local, after: self.at(at) })
    }

    /// Returns the last transition before a Unix time.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let last = table.previous_transition(1_710_054_001).unwrap();
    /// assert_eq!(last.at, 1_710_054_000);
    /// assert!(table.previous_transition(1_710_054_000).unwrap().at < last.at);
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    #[must_use]
    pub fn previous_transition(&self, before: i64) -> Option<Transition<'_>> {
        let interval = self.interval_at(before.checked_sub(1)?);
        let at = interval.start?;
        Some(Transition { at, before: self.at(at.checked_sub(1)?), after: interval.local })
    }

    /// Returns the transitions after a Unix time, in order. Where summer time
    /// comes every year they go on to the end of time.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::from_posix("EST5EDT,M3.2.0,M11.1.0")?;
    /// let year = 1_704_067_200..1_735_689_600; // 2024
    /// let in_year = table.transitions(year.start).take_while(|t| t.at < year.end);
    /// assert_eq!(in_year.count(), 2);
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    pub fn transitions(&self, after: i64) -> impl Iterator<Item = Transition<'_>> + use<'_> {
        let mut last = after;
        core::iter::from_fn(move || {
            let next = self.next_transition(last)?;
            last = next.at;
            Some(next)
        })
    }
}

impl Tail {
    #[inline]
    pub(crate) fn kind(&self, is_dst: bool) -> u16 {
        if is_dst { self.dst_kind } else { self.std_kind }
    }
}
