//! Many at once: slices of seconds to columns of fields, and back.
//!
//! The conversions of [`DateTime`] wait for each other's multiplications; done for
//! many values side by side they do not, and several fit into one vector register. The
//! loops here have no branches and no calls, so that the compiler makes vectors of
//! them; how wide depends on the CPU it compiles for. Values outside the years 0
//! to 9999 are right, too, but not fast: a block that has one goes value by value.

use crate::gregorian::{USUAL_FAR_DAY, date_from_reverse_usual, days_from_usual};
use crate::{Date, DateTime, Error, Offset, TimeOfDay};

/// Values of a block. Its columns are 7 KB: they stay in the first cache.
const BLOCK: usize = 256;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Days from 1970-01-01 to the first of the usual years.
const FIRST_DAY: i64 = Date::from_fields(0, 1, 1).to_unix_days();

/// The last day of them.
const LAST_DAY: i64 = Date::from_fields(9999, 12, 31).to_unix_days();

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
    // So that the offset, below eight days, cannot leave the usual years.
    const LOW: i64 = (FIRST_DAY + 8) * DAY;
    const HIGH: i64 = (LAST_DAY - 8) * DAY;
    let outside = seconds.iter().fold(0, |outside, &second| {
        outside | (second.wrapping_sub(LOW)) | HIGH.wrapping_sub(second)
    });
    let range = start..start + seconds.len();
    if outside < 0 {
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
    let shift = i64::from(offset.seconds()) - FIRST_DAY * DAY;
    let mut days = [0u32; BLOCK];
    let mut rests = [0u32; BLOCK];
    for ((&second, day), rest) in seconds.iter().zip(&mut days).zip(&mut rests) {
        let shifted = (second + shift) as u64;
        let whole = (shifted >> 7) as u32 / 675;
        *day = whole;
        *rest = (shifted as u32).wrapping_sub(whole.wrapping_mul(DAY as u32));
    }
    // A loop a column, over one or two others: that is what becomes vectors.
    let mut years = [0u32; BLOCK];
    let mut packed = [0u32; BLOCK];
    for ((&day, year), packed) in days.iter().zip(&mut years).zip(&mut packed) {
        let rev = ((USUAL_FAR_DAY - FIRST_DAY) as u32).wrapping_sub(day);
        let (whole, month, day) = date_from_reverse_usual(rev);
        *year = whole;
        *packed = month << 8 | day;
    }
    for (out, &year) in columns.year[range.clone()].iter_mut().zip(&years) {
        *out = i64::from(year);
    }
    for (out, &packed) in columns.month[range.clone()].iter_mut().zip(&packed) {
        *out = (packed >> 8) as u8;
    }
    for (out, &packed) in columns.day[range.clone()].iter_mut().zip(&packed) {
        *out = packed as u8;
    }
    for (&rest, packed) in rests.iter().zip(&mut packed) {
        let (hour, minute, second) = crate::gregorian::clock_from_second(rest);
        *packed = hour << 16 | minute << 8 | second;
    }
    for (out, &packed) in columns.hour[range.clone()].iter_mut().zip(&packed) {
        *out = (packed >> 16) as u8;
    }
    for (out, &packed) in columns.minute[range.clone()].iter_mut().zip(&packed) {
        *out = (packed >> 8) as u8;
    }
    for (out, &packed) in columns.second[range].iter_mut().zip(&packed) {
        *out = packed as u8;
    }
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
    let mut years = [0u32; BLOCK];
    let mut outside = 0;
    for (out, &year) in years.iter_mut().zip(&columns.year[range.clone()]) {
        outside |= year | 9999i64.wrapping_sub(year);
        // Other years only must not overflow until they are found.
        *out = year as u32 & 0x3FFF;
    }
    let mut wrong = outside < 0;
    let dates = columns.month[range.clone()].iter().zip(&columns.day[range.clone()]);
    let mut days = [0i32; BLOCK];
    let mut wrong_date = 0;
    for (((&month, &day), &year), out) in dates.zip(&years).zip(&mut days) {
        let (count, is_wrong) = days_of_usual(year, u32::from(month), u32::from(day));
        wrong_date |= is_wrong;
        *out = count;
    }
    let clocks = columns.hour[range.clone()].iter().zip(&columns.minute[range.clone()]);
    let clocks = clocks.zip(&columns.second[range.clone()]);
    let mut rests = [0u32; BLOCK];
    let mut wrong_time = false;
    for (((&hour, &minute), &second), out) in clocks.zip(&mut rests) {
        wrong_time |= hour > 23 || minute > 59 || second > 59;
        *out = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
    }
    wrong |= wrong_date != 0 || wrong_time;
    if wrong {
        for (index, out) in range.zip(seconds) {
            let (hour, minute) = (columns.hour[index], columns.minute[index]);
            let time = TimeOfDay::new(hour, minute, columns.second[index], 0)?;
            let date = Date::new(columns.year[index], columns.month[index], columns.day[index])?;
            *out = DateTime::new(date, time).to_unix(offset)?.0;
        }
        return Ok(());
    }
    let shift = -i64::from(offset.seconds());
    for ((out, &day), &rest) in seconds.iter_mut().zip(&days).zip(&rests) {
        *out = i64::from(day) * DAY + (i64::from(rest) + shift);
    }
    Ok(())
}

/// The days from 1970-01-01 to a date of the years 0 to 9999, and something other than
/// 0 if there is no such day.
#[inline(always)]
fn days_of_usual(year: u32, month: u32, day: u32) -> (i32, u32) {
    let days = days_from_usual(year, month, day);
    // Lengths of months as in `days_in_month`; a year that 100 divides must be
    // divided by 400, so its century by 4.
    let century = (year * 5243) >> 19;
    let mask = if century * 100 == year { 15 } else { 3 };
    let february = 28 + u32::from(year & mask == 0);
    let length = if month == 2 { february } else { 30 | (month ^ (month >> 3)) };
    let wrong = u32::from(month.wrapping_sub(1) > 11) | u32::from(day.wrapping_sub(1) >= length);
    (days, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_usual_years_and_no_other() {
        for year in 0..=9999u32 {
            for month in 0..=14u8 {
                for day in (0..=32u8).chain([255]) {
                    let (days, wrong) = days_of_usual(year, u32::from(month), u32::from(day));
                    let want = Date::new(i64::from(year), month, day);
                    assert_eq!(wrong == 0, want.is_ok(), "{year}-{month}-{day}");
                    if let Ok(date) = want {
                        assert_eq!(i64::from(days), date.to_unix_days(), "{date}");
                    }
                }
            }
        }
    }
}
