//! From a count of days to a date and back: where the arithmetic of the calendar
//! lives, and why it is right.
//!
//! # The problem
//!
//! Day 0 is 1970-01-01. Which year, month and day is day *n*? The calendar has
//! three irregularities, each a rule within a rule: months of unequal length, a
//! leap day every fourth year, and no leap day in three of four centuries. A
//! direct way undoes them one by one, with a division and a multiplication back
//! for the remainder each time; these follow upon each other, so the CPU waits.
//!
//! The way taken here needs four multiplications, none of them to get a
//! remainder back. It is Ben Joffe's "very fast 64-bit date algorithm" (2025);
//! the fixed-point lines for year, month and day go back to Neri and Schneider,
//! "Euclidean affine functions and their application to calendar algorithms"
//! (Software: Practice and Experience, 2022). What follows derives it anew.
//!
//! # Two choices: the year begins in March, and days are counted backwards
//!
//! Let years begin on 1 March. Then the leap day is the last day of its year and
//! moves nothing but the end, and month lengths from March on are 31, 30, 31, 30,
//! 31 days, over and over, cut off at the end of February.
//!
//! Now stand at a far future leap day, 29 February of the year `400 × ERAS`, and
//! count *back*: `rev = 0` on that day, 1 on the 28th, and so on. Forwards, the
//! century rule comes out as `(4n + 3) / 146097` and the year as
//! `(4n + 3) / 1461`, because a long year *ends* its cycle. Backwards the long
//! year, and the long century, come *first*, and both `+ 3` disappear; with
//! them goes the splitting of the number into parts to which they could be added.
//!
//! # First line: the century, and from it the Julian calendar
//!
//! Four centuries have 146,097 days, the first of them (counted backwards) 36,525
//! and the others 36,524. So `cen = ⌊4 rev / 146097⌋`: it steps at
//! rev = 36525 (4 × 36524 = 146096 is below 146097, 4 × 36525 above), at 73049,
//! 109573 and 146097, as it must. The Julian calendar has a leap day in each
//! century: putting the missing ones back,
//!
//! ```text
//! jul = rev + cen − ⌊cen / 4⌋
//! ```
//!
//! is the same date's count in a calendar whose only rule is "every fourth year".
//!
//! `⌊4 rev / 146097⌋` is taken as the upper half of a product with
//! `C1 = ⌊2^66 / 146097⌋`. Rounded down, C1 misses the true factor by
//! `e = (2^66 mod 146097) / 146097 = 0.0914…`, so the product misses the true
//! quotient by `e × rev / 2^64`. Unless 146097 divides 4 rev, the quotient's
//! fraction is at least 1/146097, and the floor is right while
//! `rev < 2^64 / (146097 e) = 1.38e15`. If it does divide, the
//! floor comes out one too small, `4k − 1` in place of `4k`; but
//! `4k − k = 3k` and `(4k − 1) − (k − 1) = 3k` are the same, so `jul` is right
//! all the same.
//!
//! # Second line: the year, and the rest as a fraction
//!
//! Four Julian years have 1461 days, and backwards the leap year comes first:
//! `⌊4 jul / 1461⌋` steps at 366, 731, 1096, 1461. With `C2 = ⌈2^66 / 1461⌉` the
//! product `C2 × jul`, of 128 bits, holds the year in its upper half and in its
//! lower half the *fraction of the year*. No remainder needs computing: the
//! fraction is what the third line takes. C2 is rounded up so that an exact
//! multiple does not fall short; it exceeds the factor by `e = 0.2169…`, so that
//! the fraction is too large by `drift = e × jul / 2^64`. The largest fraction is
//! 1460/1461, so the year is right while `drift < 1/1461`, that is
//! `jul < 2^64 / (1461 e) = 5.8e16`.
//!
//! # Third line: month and day from the fraction
//!
//! Five months have 153 days, so a month 30.6. Let a line climb by 65536 a month:
//! the month is then what stands above bit 16, and the day what stands below,
//! divided by the climb of a day, about 65536 / 30.6 = 2141.7. The fraction of
//! the year runs over 365.25 days, and 782,432 is 2142.2 × 365.25. It runs
//! backwards, so it is subtracted:
//!
//! ```text
//! ypt = 782432 × fraction                     (upper half of the product)
//! N   = shift + 512 × (year mod 4) − ypt
//! month = ⌊N / 65536⌋          day − 1 = ⌊(N mod 65536) / 2140⌋
//! ```
//!
//! `512 × (year mod 4)`: in each year after the leap year the fractions lie
//! another quarter of a day (about 535) apart from those of the leap year, in
//! steps of 4/1461; a multiplication by a power of two is a shift and is
//! near enough. `shift` places 1 March at month 3: 977792 = 14 × 65536 + 60288, where
//! 14 is February of the following year. For January and February, which have the small
//! fractions (`ypt < 126464`), twelve months less: 191360 = 977792 − 12 × 65536;
//! and the calendar year is the next one.
//!
//! Why do these rounded numbers never give a wrong day? The result depends on
//! nothing but `jul mod 1461`, the year modulo 4 which follows from it, and the
//! drift of the fraction. `N` falls as the fraction grows. So if for each of the
//! 1461 cases the answer is right without drift *and* with the largest drift, it
//! is right for every drift between. The test `every_day_of_four_years_at_both_ends_of_the_drift`
//! does these 2922 comparisons: they are a proof, not a sample.
//!
//! # The range
//!
//! [`Date`](crate::Date) has the years ±299,999,999,999, which hold all `i64`
//! seconds (years ±292,277,026,596) in all offsets. `ERAS = 750,000,001` puts
//! the far leap day after them, and `rev` below 2.2e14: inside the 1.38e15
//! of the first line and the 5.8e16 of the second, and the drift is at most
//! 2.2e14 × e / 2^64. There is nothing outside this range to fall back for.
//!
//! # The usual years
//!
//! Nearly every date is of the years 0 to 9999, and for these the same three
//! lines fit into smaller numbers ([`date_from_reverse_usual`]): products of 64
//! bits in place of 128, whose constants are part of the instruction. That is a
//! third less to do. `ERAS` is 28 there, so `rev` is below 2^23, and the shifts
//! are 40, 36 and 32 in place of 64. No proof is needed: the test
//! `every_day_of_the_usual_years` tries each of the 4 million days.
//!
//! # The way back
//!
//! [`days_from_date`] counts forwards from 1 March of a far past year, so that
//! all numbers are positive: 365¼ days a year, less one a century, plus one each
//! fourth; and the days before a month, `⌊(979 m − 2919) / 32⌋` with m from 3 to
//! 14: a line through 30.6 days a month with a denominator that is a shift.

/// Eras of 400 years from the year 0 to the day from which we count backwards.
const ERAS: i64 = 750_000_001;

/// Days in 400 years: 400 × 365, and 97 leap days.
const DAYS_IN_ERA: i64 = 146_097;

/// Days from 0000-02-29 to 1970-01-01.
const UNIX_EPOCH: i64 = 719_469;

/// The number, since 1970-01-01, of the day from which we count backwards.
pub(crate) const FAR_DAY: i64 = ERAS * DAYS_IN_ERA - UNIX_EPOCH;

/// The last March-based year, which ends on the far day.
const FAR_YEAR: i64 = ERAS * 400 - 1;

/// ⌊2^66 / 146097⌋
const C1: u64 = 505_054_698_555_331;

/// ⌈2^66 / 1461⌉
const C2: u64 = 50_504_432_782_230_121;

/// ⌈2^64 / 2140⌉: a division of numbers below 2^16. The test tries them all.
const C3: u64 = 8_619_973_866_219_417;

/// Climb of the month line over 365.25 days.
const YEAR_CLIMB: u64 = 782_432;

/// Below this climb, counted back from the end of February, it is January or
/// February.
const MARCH: u64 = 126_464;

/// Where the month line stands at the end of a March-based year, if that is
/// counted as month 14.
const SHIFT: u64 = 977_792;

/// The same, counted as month 2.
const SHIFT_BUMPED: u64 = SHIFT - 12 * 65_536;

#[inline(always)]
const fn upper(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 64) as u64
}

/// Returns year, month and day of the day that is `rev` days before the far day.
/// See the module's text. `rev` below 2^50.
#[inline(always)]
#[must_use]
pub(crate) const fn date_from_reverse(rev: u64) -> (i64, u32, u32) {
    let cen = upper(C1, rev);
    let jul = rev + cen - cen / 4;
    let product = C2 as u128 * jul as u128;
    let (years, fraction) = ((product >> 64) as i64, product as u64);
    let year = FAR_YEAR - years;
    let climb = upper(YEAR_CLIMB, fraction);
    let bump = climb < MARCH;
    let shift = if bump { SHIFT_BUMPED } else { SHIFT };
    // The year is not negative modulo 4: two's complement.
    let line = ((year as u64 & 3) * 512 + shift - climb) as u32;
    let day = upper(line as u64 & 0xFFFF, C3) as u32 + 1;
    (year + bump as i64, line >> 16, day)
}

/// Eras of 400 years from the year 0 to the leap day from which the usual days
/// are counted back, that of 11200.
const USUAL_ERAS: i64 = 28;

/// The number of that day, since 1970-01-01.
pub(crate) const USUAL_FAR_DAY: i64 = USUAL_ERAS * DAYS_IN_ERA - UNIX_EPOCH;

/// ⌊2^42 / 146097⌋
const USUAL_C1: u64 = 30_103_605;

/// ⌈2^38 / 1461⌉
const USUAL_C2: u64 = 188_143_674;

/// Returns year, month and day of the day that is `rev` days before 11200-02-29,
/// at most those to 0000-01-01. See "The usual years" in the module's text.
#[inline(always)]
#[must_use]
pub(crate) const fn date_from_reverse_usual(rev: u32) -> (u32, u32, u32) {
    let cen = ((rev as u64 * USUAL_C1) >> 40) as u32;
    let jul = rev + cen - cen / 4;
    let product = jul as u64 * USUAL_C2;
    // The upper 32 of the fraction's 36 bits.
    let (years, fraction) = ((product >> 36) as u32, (product >> 4) as u32);
    // January and February of the year 0 are in the March-based year before it.
    let year = ((USUAL_ERAS * 400 - 1) as u32).wrapping_sub(years);
    let climb = ((fraction as u64 * YEAR_CLIMB) >> 32) as u32;
    let bump = climb < MARCH as u32;
    let shift = if bump { SHIFT_BUMPED as u32 } else { SHIFT as u32 };
    let line = (year & 3) * 512 + shift - climb;
    (year.wrapping_add(bump as u32), (line >> 16) & 15, (line & 0xFFFF) / 2140 + 1)
}

/// Returns the number of days from 1970-01-01 to a date. The year must be within
/// ±300,000,000,000, the month and day valid.
#[inline(always)]
#[must_use]
pub(crate) const fn days_from_date(year: i64, month: u32, day: u32) -> i64 {
    let early = month <= 2;
    let year = (year + ERAS * 400 - early as i64) as u64;
    let month = if early { month + 12 } else { month };
    let cen = year / 100;
    let days =
        ((year * 1461) >> 2) - cen + (cen >> 2) + ((979 * month - 2919) >> 5) as u64 + day as u64;
    // `days` counts 1 March as 1: 0000-03-01 is 719,468 days before 1970.
    days as i64 - (ERAS * DAYS_IN_ERA + UNIX_EPOCH)
}

/// The same for a date of the years 0 to 9999, in 32 bits and without a branch. Other
/// months and days up to 255 give some number.
#[inline(always)]
#[must_use]
pub(crate) const fn days_from_usual(year: u32, month: u32, day: u32) -> i32 {
    // Counted from 1 March of the year −400, so that January of the year 0 is not negative.
    const START: i32 = (DAYS_IN_ERA + UNIX_EPOCH) as i32;
    let early = (month <= 2) as u32;
    let year = year + 400 - early;
    let month = month + early * 12;
    // 5243 / 2^19 is a hundredth rounded up, right below 43,699.
    let cen = (year * 5243) >> 19;
    let days = ((year * 1461) >> 2)
        .wrapping_sub(cen)
        .wrapping_add(cen >> 2)
        .wrapping_add(month.wrapping_mul(979).wrapping_sub(2919) >> 5)
        .wrapping_add(day);
    days.wrapping_sub(START as u32) as i32
}

/// Hours, minutes and seconds of a second of the day, below 86,400.
///
/// The hour is a product with ⌈2^32 / 3600⌉; the lower half of that product is
/// the fraction of the hour, 60 times which holds the minute and in its lower
/// half the fraction of that. The test tries all 86,400.
#[inline(always)]
#[must_use]
pub(crate) const fn clock_from_second(second: u32) -> (u32, u32, u32) {
    let product = second as u64 * 1_193_047;
    let hour = (product >> 32) as u32;
    let product = product as u32 as u64 * 60;
    let minute = (product >> 32) as u32;
    let product = product as u32 as u64 * 60;
    (hour, minute, (product >> 32) as u32)
}

/// Whether a year of the proleptic Gregorian calendar has 366 days.
///
/// A year that 100 divides is a leap year if 400 divides it; 25 and 16 together
/// say the same in one remainder and one mask.
///
/// ```
/// use instanter_civil::is_leap_year;
/// assert!(is_leap_year(2024) && is_leap_year(2000) && is_leap_year(0));
/// assert!(!is_leap_year(1900) && !is_leap_year(-1));
/// ```
#[inline]
#[must_use]
pub const fn is_leap_year(year: i64) -> bool {
    let mask = if year % 25 == 0 { 15 } else { 3 };
    year & mask == 0
}

/// Returns the days of a month, 28 to 31. The month is 1 to 12; for any other it
/// is 0.
///
/// ```
/// use instanter_civil::days_in_month;
/// assert_eq!(days_in_month(2024, 2), 29);
/// assert_eq!(days_in_month(2024, 13), 0);
/// ```
#[inline]
#[must_use]
pub const fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 => 28 + is_leap_year(year) as u8,
        // 31 in odd months up to July and in even ones from August on.
        1..=12 => 30 | (month ^ (month >> 3)),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the constants are said to be.
    #[test]
    fn constants_are_what_they_are_said_to_be() {
        assert_eq!(u128::from(C1), (1u128 << 66) / 146_097);
        assert_eq!(u128::from(C2), (1u128 << 66).div_ceil(1461));
        assert_eq!(u128::from(C3), (1u128 << 64).div_ceil(2140));
        assert_eq!(SHIFT, 14 * 65_536 + 60_288);
        assert_eq!(DAYS_IN_ERA, 400 * 365 + 97);
        // From 29 February of the year 0: the rest of that year, and 1969 more.
        let leap_days = (1..1970).filter(|&year| is_leap_year(year)).count() as i64;
        assert_eq!(UNIX_EPOCH, 366 - 59 + 1969 * 365 + leap_days);
    }

    #[test]
    fn day_of_the_line_is_a_division() {
        for line in 0..=0xFFFF_u64 {
            assert_eq!(upper(line, C3), line / 2140, "{line}");
        }
    }

    #[test]
    fn the_range_is_inside_the_bounds() {
        let largest = (FAR_DAY - days_from_date(-300_000_000_000, 1, 1)) as u128;
        assert!(largest < 1 << 50);
        assert!(FAR_DAY > days_from_date(300_000_000_000, 12, 31));
        // 2^64 / (146097 e), e = (2^66 mod 146097) / 146097
        assert!(largest < (1u128 << 64) / ((1u128 << 66) % 146_097));
        let error = 1461 - (1u128 << 66) % 1461;
        assert!(largest + largest / 36_524 < (1u128 << 64) / error);
    }

    /// The third line of the derivation, for each day of four years, with the
    /// fraction exact and with the largest drift that the range allows.
    #[test]
    fn every_day_of_four_years_at_both_ends_of_the_drift() {
        let largest = (FAR_DAY - days_from_date(-300_000_000_000, 1, 1)) as u128 * 101 / 100;
        let drift = (largest * (1461 - (1u128 << 66) % 1461) / 1461 + 1) as u64;
        let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut jul = 0u64;
        for year in [0u64, 3, 2, 1] {
            // Backwards from February: the calendar year is the next one.
            for back in 0..12usize {
                let month = [2, 1, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3][back];
                let length = if month == 2 && year != 0 { 28 } else { lengths[month - 1] };
                for day in (1..=length).rev() {
                    // The exact fraction of the year, in 2^-64, rounded down.
                    let exact = (u128::from(4 * jul % 1461) << 64) / 1461;
                    for drift in [0, 1, drift / 2, drift] {
                        let fraction = exact as u64 + drift;
                        let climb = upper(YEAR_CLIMB, fraction);
                        let bump = climb < MARCH;
                        let shift = if bump { SHIFT_BUMPED } else { SHIFT };
                        // The March-based year before the calendar's leap year is 3 modulo 4.
                        let line = ((year + 3) & 3) * 512 + shift - climb;
                        let got = (line >> 16, upper(line & 0xFFFF, C3) + 1, bump);
                        let want = (month as u64, day as u64, month <= 2);
                        assert_eq!(got, want, "jul {jul}, drift {drift}");
                    }
                    jul += 1;
                }
            }
        }
        assert_eq!(jul, 1461);
    }

    #[test]
    fn every_day_of_the_usual_years() {
        assert_eq!(u128::from(USUAL_C1), (1u128 << 42) / 146_097);
        assert_eq!(u128::from(USUAL_C2), (1u128 << 38).div_ceil(1461));
        let first = days_from_date(0, 1, 1);
        for days in first..=USUAL_FAR_DAY {
            let (year, month, day) = date_from_reverse((FAR_DAY - days) as u64);
            let got = date_from_reverse_usual((USUAL_FAR_DAY - days) as u32);
            assert_eq!(got, (year as u32, month, day), "day {days}");
        }
    }

    #[test]
    fn every_second_of_a_day() {
        for second in 0..86_400 {
            let want = (second / 3600, second / 60 % 60, second % 60);
            assert_eq!(clock_from_second(second), want, "second {second}");
        }
    }

    #[test]
    fn month_lengths_add_up() {
        for year in [1900, 2000, 2023, 2024, -4, -100] {
            let days: u32 = (1..=12).map(|month| u32::from(days_in_month(year, month))).sum();
            assert_eq!(days, 365 + u32::from(is_leap_year(year)), "{year}");
        }
        assert_eq!((days_in_month(2024, 0), days_in_month(2024, 255)), (0, 0));
    }
}
