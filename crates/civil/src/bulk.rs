//! Many at once: slices of seconds to columns of fields, and back.
//!
//! The conversions of [`DateTime`] wait for each other's multiplications; done for
//! many values side by side they do not, and several fit into one vector register. The
//! loops here have no branches and no calls, so that the compiler makes vectors of
//! them; how wide depends on the CPU it compiles for. Values before the year 1 or after
//! 9999 are right, too, but not fast: a block that has one goes value by value.

use crate::{Date, DateTime, Error, Offset, TimeOfDay};

/// Values of a block: what is kept of it on the way, 2 KB, stays in the first cache.
const BLOCK: usize = 128;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Columns for the fields of dates and times. All have the same length.
///
/// ```
/// use instanter_civil::{Offset, bulk::{self, Columns}};
/// let mut year = [0; 2];
/// let [mut month, mut day, mut hour, mut minute, mut second] = [[0; 2]; 5];
/// let mut columns = Columns {
///     year: &mut year,
///     month: &mut month,
///     day: &mut day,
///     hour: &mut hour,
///     minute: &mut minute,
///     second: &mut second,
/// };
/// bulk::split(&[0, 1_709_210_096], Offset::UTC, &mut columns)?;
/// let mut seconds = [0; 2];
/// bulk::join(&columns, Offset::UTC, &mut seconds)?;
/// assert_eq!(seconds, [0, 1_709_210_096]);
/// assert_eq!((year, month, day), ([1970, 2024], [1, 2], [1, 29]));
/// assert_eq!((hour, minute, second), ([0, 12], [0, 34], [0, 56]));
/// # Ok::<(), instanter_civil::Error>(())
/// ```
#[derive(Debug)]
pub struct Columns<'a> {
    /// Years, those of [`Date`].
    pub year: &'a mut [i64],
    /// Months, 1 to 12.
    pub month: &'a mut [u8],
    /// Days of the month, 1 to 31.
    pub day: &'a mut [u8],
    /// Hours, 0 to 23.
    pub hour: &'a mut [u8],
    /// Minutes, 0 to 59.
    pub minute: &'a mut [u8],
    /// Seconds, 0 to 59.
    pub second: &'a mut [u8],
}

impl Columns<'_> {
    fn check(&self, length: usize) -> Result<(), Error> {
        let lengths = [
            self.year.len(),
            self.month.len(),
            self.day.len(),
            self.hour.len(),
            self.minute.len(),
            self.second.len(),
        ];
        if lengths.iter().all(|&column| column == length) {
            return Ok(());
        }
        Err(Error::room("the columns are not all as long as the slice of seconds"))
    }
}

/// Splits seconds since 1970-01-01 00:00:00 UTC into the fields that a calendar and
/// a clock at `offset` show.
///
/// # Errors
/// No room if a column is not as long as `seconds`; then nothing is written.
///
/// ```
/// use instanter_civil::{Offset, bulk::{self, Columns}};
/// let mut columns = Columns {
///     year: &mut [],
///     month: &mut [],
///     day: &mut [],
///     hour: &mut [],
///     minute: &mut [],
///     second: &mut [],
/// };
/// assert!(bulk::split(&[0], Offset::UTC, &mut columns).unwrap_err().is_room());
/// ```
pub fn split(seconds: &[i64], offset: Offset, columns: &mut Columns<'_>) -> Result<(), Error> {
    columns.check(seconds.len())?;
    for (index, block) in seconds.chunks(BLOCK).enumerate() {
        let start = index * BLOCK;
        split_block(block, offset, start, columns);
    }
    Ok(())
}

fn split_block(seconds: &[i64], offset: Offset, start: usize, columns: &mut Columns<'_>) {
    let range = start..start + seconds.len();
    let shift = i64::from(offset.seconds()) - START_DAY * DAY;
    let (mut days, mut rests) = ([0u32; BLOCK], [0u32; BLOCK]);
    let mut all = 0;
    for ((&second, day), rest) in seconds.iter().zip(&mut days).zip(&mut rests) {
        let shifted = second.wrapping_add(shift) as u64;
        all |= shifted;
        // 86,400 = 128 × 675, and without its low seven bits the number fits into 32.
        let whole = wide(shifted >> 7, BY_675) >> 41;
        let century = wide(4 * whole + 3, BY_146097) >> 42;
        let day_of_century = whole.wrapping_sub(wide(century, 36_524)).wrapping_sub(century >> 2);
        *day = (century << 16 | day_of_century) as u32;
        *rest = shifted.wrapping_sub(wide(whole, DAY as u64)) as u32;
    }
    if all >> USUAL_BITS != 0 {
        for (index, &second) in range.zip(seconds) {
            let local = DateTime::from_unix(second, 0, offset);
            columns.year[index] = local.date().year();
            columns.month[index] = local.date().month();
            columns.day[index] = local.date().day();
            columns.hour[index] = local.time().hour();
            columns.minute[index] = local.time().minute();
            columns.second[index] = local.time().second();
        }
        return;
    }
    // From here on 16 bits are enough; loops that have nothing wider use all of a vector.
    let (mut centuries, mut days_of_century) = ([0u16; BLOCK], [0u16; BLOCK]);
    narrow(&days, &mut days_of_century, 0);
    narrow(&days, &mut centuries, 16);
    let mut years = [0u16; BLOCK];
    let (month, day) = (&mut columns.month[range.clone()], &mut columns.day[range.clone()]);
    let out = years.iter_mut().zip(month.iter_mut().zip(day));
    for ((&century, &of_century), (year, (month, day))) in
        centuries.iter().zip(&days_of_century).zip(out)
    {
        let date = date_from_century(century, of_century);
        (*year, *month, *day) = (date.0, date.1 as u8, date.2 as u8);
    }
    for (out, &year) in columns.year[range.clone()].iter_mut().zip(&years) {
        *out = i64::from(year);
    }
    // In fours a second of the day fits, too.
    let (mut fours, mut lows, mut minutes) = ([0u16; BLOCK], [0u16; BLOCK], [0u16; BLOCK]);
    narrow(&rests, &mut fours, 2);
    narrow(&rests, &mut lows, 0);
    let second = columns.second[range.clone()].iter_mut();
    for ((&four, &low), (minute, second)) in
        fours.iter().zip(&lows).zip(minutes.iter_mut().zip(second))
    {
        *minute = upper(four, BY_15) >> 3;
        *second = low.wrapping_sub(minute.wrapping_mul(60)) as u8;
    }
    let hour_minute = columns.hour[range.clone()].iter_mut().zip(&mut columns.minute[range]);
    for (&minutes, (hour, minute)) in minutes.iter().zip(hour_minute) {
        let whole = upper(minutes, BY_60);
        *hour = whole as u8;
        *minute = minutes.wrapping_sub(whole.wrapping_mul(60)) as u8;
    }
}

/// Takes 16 bits, from bit `shift` on, out of each number.
#[inline(always)]
fn narrow(from: &[u32; BLOCK], into: &mut [u16; BLOCK], shift: u32) {
    for (&wide, narrow) in from.iter().zip(into) {
        *narrow = (wide >> shift) as u16;
    }
}

/// 0000-03-01 in days since 1970-01-01: splitting counts from here.
const START_DAY: i64 = Date::from_fields(0, 3, 1).to_unix_days();

/// Bits of the seconds that are split fast: some 17,000 years of them.
const USUAL_BITS: u32 = 39;

/// ⌈2^41 / 675⌉: divides numbers below 2^32.
const BY_675: u64 = 3_257_812_231;

/// ⌈2^42 / 146097⌉: divides four times the days that are split fast.
const BY_146097: u64 = 30_103_606;

/// ⌈2^25 / 1461⌉: divides the days of a century, and four times those of four years.
const BY_1461: u16 = 22_967;

/// ⌈2^18 / 153⌉: divides five times the days of a year.
const BY_153: u16 = 1_714;

/// ⌈2^19 / 15⌉: divides the seconds of a day in fours.
const BY_15: u16 = 34_953;

/// ⌈2^16 / 60⌉: divides the minutes of a day.
const BY_60: u16 = 1_093;

/// A product of two numbers below 2^32. The masks cost nothing: they show the compiler
/// that this is the one 64-bit multiplication that all vector units have.
#[inline(always)]
const fn wide(a: u64, b: u64) -> u64 {
    (a & 0xFFFF_FFFF) * (b & 0xFFFF_FFFF)
}

/// The upper half of a product: a multiplication by a fraction.
#[inline(always)]
const fn upper(a: u16, b: u16) -> u16 {
    ((a as u32 * b as u32) >> 16) as u16
}

/// Year, month and day of a day of a century, both counted from 0000-03-01.
///
/// The textbook's way, forwards and one cycle after the other, because all its numbers
/// fit into 16 bits, of which even the smallest vectors hold eight: four years, the year
/// of them (`(4r + 3) / 1461`, as the long one is the last), the month from March
/// (`(5n + 2) / 153`, five months having 153 days) and the days before it.
#[inline(always)]
const fn date_from_century(century: u16, day: u16) -> (u16, u16, u16) {
    let fours = upper(day, BY_1461) >> 9;
    let rest = day.wrapping_sub(fours.wrapping_mul(1_461));
    let year = upper(rest.wrapping_mul(4).wrapping_add(3), BY_1461) >> 9;
    let rest = rest.wrapping_sub(year.wrapping_mul(365));
    let month = upper(rest.wrapping_mul(5).wrapping_add(2), BY_153) >> 2;
    // ⌊(153 m + 2) / 5⌋ with a denominator that is a shift.
    let day = rest.wrapping_sub(month.wrapping_mul(979).wrapping_add(15) >> 5).wrapping_add(1);
    let early = (month >= 10) as u16;
    let years = century.wrapping_mul(100).wrapping_add(fours.wrapping_mul(4)).wrapping_add(year);
    let month = month.wrapping_add(3).wrapping_sub(early.wrapping_mul(12));
    (years.wrapping_add(early), month, day)
}

/// Joins fields to seconds since 1970-01-01 00:00:00 UTC.
///
/// # Errors
/// No room if a column is not as long as `seconds`. Out of range if some fields are no
/// date and time, or not of 64-bit seconds; then `seconds` is written up to the
/// block in which they are, at most.
///
/// ```
/// use instanter_civil::{Offset, bulk::{self, Columns}};
/// let columns = Columns {
///     year: &mut [2023],
///     month: &mut [2],
///     day: &mut [29],
///     hour: &mut [0],
///     minute: &mut [0],
///     second: &mut [0],
/// };
/// let error = bulk::join(&columns, Offset::UTC, &mut [0]).unwrap_err();
/// assert_eq!(error.to_string(), "day 29 is outside 1 to 28");
/// ```
pub fn join(columns: &Columns<'_>, offset: Offset, seconds: &mut [i64]) -> Result<(), Error> {
    columns.check(seconds.len())?;
    for (index, block) in seconds.chunks_mut(BLOCK).enumerate() {
        let start = index * BLOCK;
        join_block(columns, offset, start, block)?;
    }
    Ok(())
}

fn join_block(
    columns: &Columns<'_>,
    offset: Offset,
    start: usize,
    seconds: &mut [i64],
) -> Result<(), Error> {
    let range = start..start + seconds.len();
    let mut years = [0u16; BLOCK];
    let mut outside = 0;
    for (out, &year) in years.iter_mut().zip(&columns.year[range.clone()]) {
        outside |= year | 9999i64.wrapping_sub(year);
        *out = year as u16;
    }
    let dates = columns.month[range.clone()].iter().zip(&columns.day[range.clone()]);
    let (mut centuries, mut days_of_century) = ([0u16; BLOCK], [0u16; BLOCK]);
    let mut wrong = 0;
    let out = centuries.iter_mut().zip(&mut days_of_century);
    for (((&month, &day), &year), (century, of_century)) in dates.zip(&years).zip(out) {
        let split = century_from_date(year, u16::from(month), u16::from(day));
        (*century, *of_century) = (split.0, split.1);
        wrong |= split.2;
    }
    let clocks = columns.hour[range.clone()].iter().zip(&columns.minute[range.clone()]);
    let mut minutes = [0u16; BLOCK];
    for ((&hour, &minute), out) in clocks.zip(&mut minutes) {
        wrong |= u16::from(hour > 23) | u16::from(minute > 59);
        *out = u16::from(hour) * 60 + u16::from(minute);
    }
    let mut rests = [0u32; BLOCK];
    for ((&minutes, &second), out) in
        minutes.iter().zip(&columns.second[range.clone()]).zip(&mut rests)
    {
        wrong |= u16::from(second > 59);
        *out = u32::from(minutes) * 60 + u32::from(second);
    }
    let wrong = wrong != 0 || outside < 0;
    if wrong {
        for (index, out) in range.zip(seconds) {
            let (hour, minute) = (columns.hour[index], columns.minute[index]);
            let time = TimeOfDay::new(hour, minute, columns.second[index], 0)?;
            let date = Date::new(columns.year[index], columns.month[index], columns.day[index])?;
            *out = DateTime::new(date, time).to_unix(offset)?.0;
        }
        return Ok(());
    }
    let mut days = [0u32; BLOCK];
    for ((&century, &of_century), day) in centuries.iter().zip(&days_of_century).zip(&mut days) {
        *day = u32::from(century) * 36_524 + u32::from(of_century);
    }
    let shift = JOIN_START_DAY * DAY - i64::from(offset.seconds());
    for ((out, &day), &rest) in seconds.iter_mut().zip(&days).zip(&rests) {
        *out = wide(u64::from(day), DAY as u64) as i64 + (i64::from(rest) + shift);
    }
    Ok(())
}

/// The day before −0400-03-01, from which [`century_from_date`] counts, so that January of the year 0
/// is not negative.
const JOIN_START_DAY: i64 = Date::from_fields(-400, 3, 1).to_unix_days() - 1;

/// ⌈2^19 / 100⌉: divides years.
const BY_100: u16 = 5_243;

/// Splits a date of the years 0 to 9999 into a century and the days after that many times
/// 36,524, counted from [`JOIN_START_DAY`]; and tells by something other than 0 if there is
/// no such day.
#[inline(always)]
const fn century_from_date(year: u16, month: u16, day: u16) -> (u16, u16, u16) {
    let century = upper(year, BY_100) >> 3;
    // Lengths of months as in `days_in_month`; a year that 100 divides must be
    // divided by 400, so its century by 4.
    let mask = if century.wrapping_mul(100) == year { 15 } else { 3 };
    let february = 28 + (year & mask == 0) as u16;
    let length = if month == 2 { february } else { 30 | (month ^ (month >> 3)) };
    let wrong = (month.wrapping_sub(1) > 11) as u16 | (day.wrapping_sub(1) >= length) as u16;

    let early = (month <= 2) as u16;
    let year = year.wrapping_add(400).wrapping_sub(early);
    let month = month.wrapping_add(early.wrapping_mul(12));
    let century = upper(year, BY_100) >> 3;
    let year = year.wrapping_sub(century.wrapping_mul(100));
    let before = month.wrapping_mul(979).wrapping_sub(2_919) >> 5;
    let days = year.wrapping_mul(365).wrapping_add(year >> 2).wrapping_add(century >> 2);
    (century, days.wrapping_add(before).wrapping_add(day), wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_usual_years_and_no_other() {
        for year in 0..=9999u16 {
            for month in 0..=14u8 {
                for day in (0..=32u8).chain([255]) {
                    let (century, of_century, wrong) =
                        century_from_date(year, u16::from(month), u16::from(day));
                    let want = Date::new(i64::from(year), month, day);
                    assert_eq!(wrong == 0, want.is_ok(), "{year}-{month}-{day}");
                    if let Ok(date) = want {
                        let days = i64::from(century) * 36_524 + i64::from(of_century);
                        assert_eq!(JOIN_START_DAY + days, date.to_unix_days(), "{date}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_day_of_every_century() {
        let last = Date::from_unix_days((1 << USUAL_BITS) / DAY + START_DAY).unwrap();
        let mut date = Date::from_unix_days(START_DAY).unwrap();
        let (mut century, mut of_century) = (0, 0);
        while date < last {
            let (year, month, day) = date_from_century(century, of_century);
            let want = (date.year() as u16, u16::from(date.month()), u16::from(date.day()));
            assert_eq!((year, month, day), want);
            date = Date::from_unix_days(date.to_unix_days() + 1).unwrap();
            of_century += 1;
            let length = 36_524 + u16::from(century % 4 == 3);
            (century, of_century) =
                if of_century == length { (century + 1, 0) } else { (century, of_century) };
        }
    }

    #[test]
    fn fractions_divide_in_their_range() {
        for seconds in (0..1u64 << USUAL_BITS).step_by(43_201) {
            let day = wide(seconds >> 7, BY_675) >> 41;
            assert_eq!(day, seconds / 86_400);
            assert_eq!(wide(4 * day + 3, BY_146097) >> 42, (4 * day + 3) / 146_097);
        }
        for second in 0..86_400u32 {
            assert_eq!(u32::from(upper((second >> 2) as u16, BY_15) >> 3), second / 60);
        }
        (0..1_440).for_each(|minute| assert_eq!(upper(minute, BY_60), minute / 60));
        (0..10_400).for_each(|year| assert_eq!(upper(year, BY_100) >> 3, year / 100));
    }
}
