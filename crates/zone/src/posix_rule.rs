//! The rules of a POSIX TZ string, computed for any year at once.
//!
//! A year of the Gregorian calendar is one of 14 kinds: leap or not, and the
//! weekday on which it begins. So the two transitions of a year, in seconds since
//! it began, are one of 14 pairs, made once. Then a lookup is: which year, which
//! kind, and two comparisons, in the year 2500 as in the year 250 billion.
//!
//! That holds where both transitions fall inside their own year, by UTC and by
//! local time, in every kind of year; all rules in use are so. Those that are not
//! (times of −167 hours in January, summer time all year round) take the slow way
//! below, which lines up the transitions of the years around.

use crate::calendar::{DAY_S, first_day, in_year, year_kind};
use crate::posix::{PosixDst, PosixTz};
use crate::{Change as WallChange, Resolved};

/// Years to either side that the slow way lines up. Rules may act in one kind of
/// year only, and one kind may be 40 years apart from the next (leap years that
/// begin on the same weekday, over 1900); the outermost year to either side lacks
/// a neighbour and is not believed.
const REACH: i64 = 42;

/// A day more than the 167 hours by which a time may be outside its day.
const WEEK_S: i128 = 8 * 86_400;

/// The rules of a zone that has summer time every year.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rules {
    /// Where summer time starts and ends: UTC seconds since the year began, for
    /// each kind of year.
    starts: [i32; 14],
    ends: [i32; 14],
    std_offset_s: i32,
    dst_offset_s: i32,
    /// Whether the start comes before the end in a calendar year.
    northern: bool,
    /// Whether the short way is right: see the head of this file.
    inside: bool,
}

/// A transition of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub at: i64,
    /// Whether summer time is what starts.
    pub to_dst: bool,
}

/// What the rules say of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Around {
    pub previous: Option<Change>,
    pub is_dst: bool,
    pub next: Option<Change>,
}

/// Rules as they turn out.
pub(crate) enum Outcome {
    /// One time for ever: standard or summer time.
    Always { is_dst: bool },
    /// Two a year.
    Yearly(Rules),
}

#[derive(Clone, Copy)]
struct Event {
    at: i128,
    start: bool,
}

impl Rules {
    pub(crate) fn of(tz: &PosixTz) -> Outcome {
        let Some(dst) = &tz.dst else { return Outcome::Always { is_dst: false } };
        let rules = Rules::with_dst(tz.std_offset_s, dst);
        if !rules.inside {
            // Years repeat after 400; if nothing changes in them nothing ever will.
            let mut year = 2_000;
            while year < 2_400 {
                let middle = first_day(year) * DAY_S;
                let around = rules.around(middle);
                if around.previous.is_some() || around.next.is_some() {
                    return Outcome::Yearly(rules);
                }
                year += REACH;
            }
            return Outcome::Always { is_dst: rules.is_dst(first_day(2_000) * DAY_S) };
        }
        Outcome::Yearly(rules)
    }

    fn with_dst(std_offset_s: i32, dst: &PosixDst) -> Rules {
        let second = |kind: usize, date: crate::posix::PosixDate, offset_s: i32| {
            date.second_of_year(kind >= 7, kind as u32 % 7) - offset_s
        };
        let starts = core::array::from_fn(|kind| second(kind, dst.start, std_offset_s));
        let ends = core::array::from_fn(|kind| second(kind, dst.end, dst.offset_s));
        let mut rules = Rules {
            starts,
            ends,
            std_offset_s,
            dst_offset_s: dst.offset_s,
            northern: starts[0] <= ends[0],
            inside: false,
        };
        rules.inside = (0..14).all(|kind| {
            let year_s = (if kind >= 7 { 366 } else { 365 }) * DAY_S as i32;
            let (first, second) = rules.in_order(kind);
            let (low, high) = (rules.low_offset_s(), rules.high_offset_s());
            first.min(first + low) > 0
                && second.max(second + high) < year_s
                && first + high <= second + low
                && first < second
        });
        rules
    }

    pub(crate) fn low_offset_s(&self) -> i32 {
        self.std_offset_s.min(self.dst_offset_s)
    }

    pub(crate) fn high_offset_s(&self) -> i32 {
        self.std_offset_s.max(self.dst_offset_s)
    }

    #[inline]
    fn in_order(&self, kind: usize) -> (i32, i32) {
        let (starts, ends) = (self.starts[kind], self.ends[kind]);
        if self.northern { (starts, ends) } else { (ends, starts) }
    }

    /// Whoever asks for random times would mislead a branch half of the time.
    #[inline]
    fn offset(&self, is_dst: bool) -> i32 {
        self.std_offset_s + (self.dst_offset_s - self.std_offset_s) * i32::from(is_dst)
    }

    /// Whether it is summer time at a Unix time.
    #[inline]
    pub(crate) fn is_dst(&self, unix_s: i64) -> bool {
        if !self.inside {
            return self.around(unix_s).is_dst;
        }
        let now = in_year(unix_s);
        let (first, second) = self.in_order(now.kind);
        (first <= now.second) & (now.second < second) == self.northern
    }

    #[inline]
    pub(crate) fn offset_at(&self, unix_s: i64) -> i32 {
        self.offset(self.is_dst(unix_s))
    }

    /// Returns the offset in force before the transition in whose gap or fold a
    /// local time lies, or the offset that it has. `None` if that takes the slow
    /// way.
    #[inline]
    pub(crate) fn offset_before_wall(&self, local_s: i64) -> Option<i32> {
        if !self.inside {
            return None;
        }
        let now = in_year(local_s);
        let (first, second) = self.in_order(now.kind);
        let second_before = now.second - self.high_offset_s();
        let between = (first <= second_before) & (second_before < second);
        Some(self.offset(between == self.northern))
    }

    /// Returns how a local time relates to the rules. `None` if that takes the slow
    /// way.
    pub(crate) fn resolve(&self, local_s: i64) -> Option<Resolved> {
        if !self.inside {
            return None;
        }
        let now = in_year(local_s);
        let (first, second) = self.in_order(now.kind);
        let (low, high) = (self.low_offset_s(), self.high_offset_s());
        let (outer_s, inner_s) = if self.northern {
            (self.std_offset_s, self.dst_offset_s)
        } else {
            (self.dst_offset_s, self.std_offset_s)
        };
        let (transition, before_s, after_s) = if now.second >= second + low {
            (second, inner_s, outer_s)
        } else {
            (first, outer_s, inner_s)
        };
        if now.second < transition + low {
            return Some(Resolved::Unambiguous { offset_s: before_s });
        }
        if now.second >= transition + high {
            return Some(Resolved::Unambiguous { offset_s: after_s });
        }
        let at = local_s.checked_sub(i64::from(now.second))?.checked_add(i64::from(transition))?;
        let change = WallChange { at, before_s, after_s };
        Some(if before_s < after_s { Resolved::Gap(change) } else { Resolved::Fold(change) })
    }

    /// Returns the time at a moment, and the transitions before (or at) and after.
    pub(crate) fn around(&self, unix_s: i64) -> Around {
        if !self.inside {
            return self.around_slowly(unix_s);
        }
        let now = in_year(unix_s);
        let change = |year: i64, nth: usize| {
            let (first, second) = self.in_order(year_kind(year));
            let begin = i128::from(first_day(year)) * i128::from(DAY_S);
            let at = begin + i128::from(if nth == 0 { first } else { second });
            let to_dst = (nth == 0) == self.northern;
            i64::try_from(at).ok().map(|at| Change { at, to_dst })
        };
        let (first, second) = self.in_order(now.kind);
        let (year, outer) = (now.year, !self.northern);
        if now.second < first {
            Around { previous: change(year - 1, 1), is_dst: outer, next: change(year, 0) }
        } else if now.second < second {
            Around { previous: change(year, 0), is_dst: !outer, next: change(year, 1) }
        } else {
            Around { previous: change(year, 1), is_dst: outer, next: change(year + 1, 0) }
        }
    }

    /// Does the same for rules of any kind.
    fn around_slowly(&self, unix_s: i64) -> Around {
        let reach = REACH;
        let year = in_year(unix_s).year;
        let nothing = Event { at: 0, start: false };
        let mut events = [nothing; 2 * (2 * REACH as usize + 1)];
        let mut count = 0;
        for year in year - reach..=year + reach {
            let begin = i128::from(first_day(year)) * i128::from(DAY_S);
            let kind = year_kind(year);
            for (second, start) in [(self.starts[kind], true), (self.ends[kind], false)] {
                if let Some(event) = events.get_mut(count) {
                    *event = Event { at: begin + i128::from(second), start };
                    count += 1;
                }
            }
        }
        // A summer that reaches over the edge of what is lined up looks as if it
        // began or ended there.
        let day = |year: i64| i128::from(first_day(year)) * i128::from(DAY_S);
        let believed = day(year - reach + 1) + WEEK_S..day(year + reach) - WEEK_S;
        let events = events.get_mut(..count).unwrap_or_default();
        // A start goes before an end at the same moment: so one summer that ends
        // where the next begins is one, and a summer of no length is none.
        events.sort_unstable_by_key(|event| (event.at, !event.start));

        // Summers may overlap; it is summer time while any lasts.
        let mut summers = if self.northern { 0 } else { 1 };
        let mut around = Around { previous: None, is_dst: summers > 0, next: None };
        let mut index = 0;
        let mut is_dst = summers > 0;
        while let Some(event) = events.get(index) {
            let at = event.at;
            while let Some(event) = events.get(index).filter(|event| event.at == at) {
                summers += if event.start { 1 } else { -1 };
                index += 1;
            }
            if (summers > 0) == is_dst {
                continue;
            }
            is_dst = summers > 0;
            let real = i64::try_from(at).ok().filter(|_| believed.contains(&at));
            let change = real.map(|at| Change { at, to_dst: is_dst });
            if at > i128::from(unix_s) {
                around.next = change;
                break;
            }
            around.previous = change;
            around.is_dst = is_dst;
        }
        around
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Rules {
        match Rules::of(&PosixTz::parse(text).unwrap()) {
            Outcome::Yearly(rules) => rules,
            Outcome::Always { .. } => panic!("{text} never changes"),
        }
    }

    #[test]
    fn new_york() {
        let rules = rules("EST5EDT,M3.2.0,M11.1.0");
        assert!(rules.inside && rules.northern);
        // 2024-03-10 07:00 UTC and 2024-11-03 06:00 UTC.
        let (spring, autumn) = (1_710_054_000, 1_730_613_600);
        let table = [(spring - 1, false), (spring, true), (autumn - 1, true), (autumn, false)];
        for (at, want) in table {
            assert_eq!(rules.is_dst(at), want, "is_dst({at})");
            assert_eq!(rules.around(at).is_dst, want, "around({at})");
        }
        let around = rules.around(spring);
        assert_eq!(around.previous, Some(Change { at: spring, to_dst: true }));
        assert_eq!(around.next, Some(Change { at: autumn, to_dst: false }));
    }

    #[test]
    fn short_way_is_the_slow_way() {
        for text in [
            "EST5EDT,M3.2.0,M11.1.0",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "AEST-10AEDT,M10.1.0,M4.1.0/3",
            "IST-1GMT0,M10.5.0,M3.5.0/1",
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            "EET-2EEST,M3.4.4/50,M10.4.4/50",
            "XXX3YYY,J60,300/167",
        ] {
            let rules = rules(text);
            assert!(rules.inside, "{text}");
            let mut at = -70_000_000_000;
            while at < 70_000_000_000 {
                let slowly = rules.around_slowly(at);
                assert_eq!(rules.is_dst(at), slowly.is_dst, "{text} at {at}");
                assert_eq!(rules.around(at), slowly, "{text} at {at}");
                at += 86_400 * 91 + 1_234;
            }
        }
    }

    #[test]
    fn odd_rules() {
        let outcome = |text: &str| match Rules::of(&PosixTz::parse(text).unwrap()) {
            Outcome::Always { is_dst: true } => "summer",
            Outcome::Always { is_dst: false } => "winter",
            Outcome::Yearly(rules) if rules.inside => "inside",
            Outcome::Yearly(_) => "outside",
        };
        let table = [
            ("EST5EDT,0/0,J365/25", "summer"),
            ("XXX3EDT4,0/0,J365/23", "summer"),
            ("EST5EDT,0/0,J365/26", "summer"),
            ("EST5EDT,0/0,J365/24", "outside"),
            ("EST5EDT,J100/2,J100/3", "winter"),
            ("EST5EDT,J1/-167,J200", "outside"),
            ("EST5EDT,365,J100", "outside"),
            ("EST5", "winter"),
            ("EST5EDT", "inside"),
        ];
        for (text, want) in table {
            assert_eq!(outcome(text), want, "{text}");
        }
        // Summer time is on but for one hour of New Year: 04:00 to 05:00 UTC.
        let gap = rules("EST5EDT,0/0,J365/24");
        let new_year = 1_704_067_200;
        for (at, want) in [(4 * 3600 - 1, true), (4 * 3600, false), (5 * 3600, true)] {
            assert_eq!(gap.is_dst(new_year + at), want, "{at}");
        }
    }
}
