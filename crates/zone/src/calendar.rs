//! The few facts of the calendar that rules of a zone are made of.

pub(crate) const DAY_S: i64 = 86_400;

/// Days of 400 Gregorian years: a whole number of weeks, so that years repeat
/// with it in every respect.
const ERA_DAYS: i64 = 146_097;

/// 1970-01-01 in days since 0001-01-01, on which this file counts because the
/// irregular years (4th, 100th, 400th) then end their periods.
const EPOCH_DAY: i64 = 719_162;

/// A moment as the second of its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InYear {
    pub year: i64,
    /// Seconds since the year began, below 366 days.
    pub second: i32,
    /// Which of the 14 kinds of year it is: see [`kind_of_year`].
    pub kind: usize,
}

/// Returns the kind of a year that begins on `weekday` (Sunday = 0).
pub(crate) const fn kind_of_year(leap: bool, weekday: u32) -> usize {
    weekday as usize + 7 * leap as usize
}

/// 400 years in seconds.
const ERA_S: i64 = ERA_DAYS * DAY_S;

/// The whole eras within half the range of 64 bits. Time is counted from so long
/// ago that no number is negative, because unsigned division is the cheaper one.
const ERAS: i64 = i64::MAX / ERA_S;

/// Splits seconds since 1970-01-01 into the year and the second in it.
#[inline]
pub(crate) const fn in_year(seconds: i64) -> InYear {
    let (shifted, eras) = if seconds >= -ERAS * ERA_S {
        (seconds.wrapping_add(ERAS * ERA_S) as u64, ERAS)
    } else {
        (seconds.wrapping_add((ERAS + 1).wrapping_mul(ERA_S)) as u64, ERAS + 1)
    };
    let all_days = shifted / DAY_S as u64;
    let second_of_day = (shifted - all_days * DAY_S as u64) as u32;
    let days = all_days + EPOCH_DAY as u64;
    let era = days / ERA_DAYS as u64;
    let day = (days - era * ERA_DAYS as u64) as u32;
    let century = (4 * day + 3) / 146_097;
    let day_of_century = day - 146_097 * century / 4;
    let year = (4 * day_of_century + 3) / 1461;
    let day_of_year = day_of_century - 1461 * year / 4;
    // Without a branch, as no processor can guess it.
    let leap = (year % 4 == 3) & ((year != 99) | (century == 3));
    // 0001-01-01 was a Monday.
    let weekday = (day - day_of_year + 1) % 7;
    InYear {
        year: (era as i64 - eras) * 400 + (century * 100 + year) as i64 + 1,
        second: (day_of_year * DAY_S as u32 + second_of_day) as i32,
        kind: kind_of_year(leap, weekday),
    }
}

/// Returns the days from 1970-01-01 to the first day of a year.
pub(crate) const fn first_day(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)
        - EPOCH_DAY
}

/// Returns the kind of a year: see [`kind_of_year`].
pub(crate) const fn year_kind(year: i64) -> usize {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    kind_of_year(leap, (first_day(year) + 4).rem_euclid(7) as u32)
}

/// Returns the day of the year (from 0) on which a month (1 to 12) begins.
pub(crate) const fn month_start(month: u8, leap: bool) -> u32 {
    const STARTS: [u16; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    let start = STARTS[(month - 1) as usize] as u32;
    if leap && month > 2 { start + 1 } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_counting() {
        let (mut day, mut weekday) = (first_day(-401), 5_u32);
        // -401 ≡ 2799 modulo 3200 (a multiple of 400): 2799-01-01 is a Friday.
        for year in -401_i64..2_500 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let kind = kind_of_year(leap, weekday);
            assert_eq!((first_day(year), year_kind(year)), (day, kind), "{year}");
            let days = if leap { 366 } else { 365 };
            for (in_day, second) in [(0, 0), (59, 1), (days - 1, 86_399)] {
                let got = in_year((day + in_day) * DAY_S + second);
                let want = InYear { year, second: (in_day * DAY_S + second) as i32, kind };
                assert_eq!(got, want);
            }
            day += days;
            weekday = (weekday + days as u32) % 7;
        }
        assert_eq!(in_year(0), InYear { year: 1970, second: 0, kind: 4 });
    }

    #[test]
    fn holds_for_all_seconds() {
        assert_eq!(in_year(i64::MAX).year, 292_277_026_596);
        assert_eq!(in_year(i64::MIN).year, -292_277_022_657);
        for seconds in [i64::MIN, i64::MIN + 1, -ERAS * ERA_S - 1, -ERAS * ERA_S, i64::MAX] {
            let got = in_year(seconds);
            let day = i128::from(first_day(got.year)) * i128::from(DAY_S);
            assert_eq!(day + i128::from(got.second), i128::from(seconds), "{seconds}");
            assert_eq!(got.kind, year_kind(got.year), "{seconds}");
        }
    }
}
