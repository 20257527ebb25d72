//! The calendar of 1901 to 2099, in which every fourth year is a leap year.
//!
//! Nearly all times that a program has are of these years, and a calendar without
//! centuries takes half of the steps. What is beyond goes the way of all years.

use libc::tm;

/// 1901-01-15 and 2099-11-15: whatever a zone adds to times between them, they are in
/// these years. In between are whole buckets of a zone's index.
pub(crate) const START: i64 = -2_176_243_200;
pub(crate) const END: i64 = START + ((BUCKETS as i64) << BUCKET_BITS);

/// Width of a bucket, in bits of seconds: 48 days.
const BUCKET_BITS: u32 = 22;
pub(crate) const BUCKETS: usize = 1_496;

/// Years less 1900 of which every moment is between the two in every zone.
const YEARS: core::ops::Range<u32> = 2..199;

/// Days from 1900-01-01 and from 1900-03-01 to 1970-01-01.
const JANUARY_1900: i64 = 25_567;
const MARCH_1900: i64 = JANUARY_1900 - 59;

/// Days of the year before a month: of other years, then of leap years. A multiple of
/// 16 a row, so that an index is a shift.
static DAYS_BEFORE: [[u16; 16]; 2] = [
    [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365, 0, 0, 0],
    [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366, 0, 0, 0],
];

/// Returns the days of the year before a month, 0 to 12.
#[inline(always)]
pub(crate) fn days_before(month: usize, leap: bool) -> u32 {
    let row = if leap { &DAYS_BEFORE[1] } else { &DAYS_BEFORE[0] };
    row[month & 15].into()
}

/// Returns the number of the bucket that a time is in; one that there is not, [`BUCKETS`]
/// or more, if it is not between [`START`] and [`END`].
#[inline(always)]
pub(crate) fn bucket(unix_s: i64) -> usize {
    (unix_s.wrapping_sub(START) as u64 >> BUCKET_BITS) as usize
}

/// Returns when a bucket begins.
pub(crate) fn begin(bucket: usize) -> i64 {
    START + ((bucket as i64) << BUCKET_BITS)
}

/// Writes the calendar's fields of a local time, which is one that a zone shows at a
/// time between [`START`] and [`END`]. Any other is written as some date or other.
#[inline(always)]
pub(crate) fn write_fields(local_s: i64, to: &mut tm) {
    let since_s = local_s.wrapping_add(MARCH_1900 * 86_400) as u64;
    // 86,400 is 128 times 675; what is left of 33 bits is divided by one product.
    let days = (since_s >> 7) as u32 / 675;
    let second = (since_s as u32).wrapping_sub(days.wrapping_mul(86_400));

    // Years from March, of 1,461 quarters of a day each: ⌈2^32 / 1461⌉ times them has the
    // year above 32 bits and below those the fraction of it that has passed.
    let quarters = 4 * days + 3;
    let product = u64::from(quarters) * 2_939_745;
    let (year, fraction) = ((product >> 32) as u32, product as u32);
    let day_of_year = fraction / 2_939_745 / 4;
    // 2141 / 2^16 months a day, of 30.6 days on average: 153 days in five of them.
    let months = 2_141 * day_of_year + 197_913;
    let (month, day) = (months >> 16, (months & 0xFFFF) / 2_141);
    let is_early = day_of_year >= 306;
    let leap = u32::from(year & 3 == 0);
    let (year, month, day_of_year) = if is_early {
        (year + 1, month - 13, day_of_year.wrapping_sub(306))
    } else {
        (year, month - 1, day_of_year + 59 + leap)
    };

    // As `civil` does: ⌈2^32 / 3600⌉, then what is left of an hour times 60, twice.
    let product = u64::from(second) * 1_193_047;
    let hour = (product >> 32) as i32;
    let product = u64::from(product as u32) * 60;
    let minute = (product >> 32) as i32;
    let product = u64::from(product as u32) * 60;
    to.tm_sec = (product >> 32) as i32;
    to.tm_min = minute;
    to.tm_hour = hour;
    to.tm_mday = day as i32 + 1;
    to.tm_mon = month as i32;
    to.tm_year = year as i32;
    // 1900-03-01 was a Thursday.
    to.tm_wday = seventh(days.wrapping_add(4)) as i32;
    to.tm_yday = day_of_year as i32;
}

/// Returns the remainder of a division by seven. The number is below 2^32 / 3.
#[inline(always)]
fn seventh(days: u32) -> u32 {
    // The remainder is the fraction of a seventh, times seven: ⌈2^32 / 7⌉ is too large by
    // 3/7.
    let sevenths = days.wrapping_mul(613_566_757);
    ((u64::from(sevenths) * 7) >> 32) as u32
}

/// A date and time of day whose fields are all in their ranges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date {
    /// The Unix time that it is in UTC.
    pub utc_s: i64,
    /// `tm_yday` and `tm_wday`.
    pub day_of_year: i32,
    pub weekday: i32,
}

/// Reads the fields that count. `None` where they are not of these years, or not all in
/// their ranges.
#[inline(always)]
pub(crate) fn read_fields(from: &tm) -> Option<Date> {
    let (year, month, day) = (from.tm_year as u32, from.tm_mon as u32, from.tm_mday as u32);
    let (hour, minute, second) = (from.tm_hour as u32, from.tm_min as u32, from.tm_sec as u32);
    if !(YEARS.contains(&year) && month < 12 && hour < 24 && minute < 60 && second < 60) {
        return None;
    }
    let leap = year & 3 == 0;
    let day_of_year = days_before(month as usize, leap).wrapping_add(day).wrapping_sub(1);
    if day == 0 || day > 31 || day_of_year >= days_before(month as usize + 1, leap) {
        return None;
    }
    // 1900 was none.
    let days = year * 365 + ((year - 1) >> 2) + day_of_year;
    let utc_s =
        (i64::from(days) - JANUARY_1900) * 86_400 + i64::from(hour * 3_600 + minute * 60 + second);
    // 1900-01-01 was a Monday.
    let weekday = seventh(days + 1) as i32;
    Some(Date { utc_s, day_of_year: day_of_year as i32, weekday })
}

#[cfg(test)]
mod tests {
    use super::*;
    use instanter_civil::{DateTime, Offset};

    fn empty() -> tm {
        crate::make::empty()
    }

    /// Every day there is, with another time of day each, there and back.
    #[test]
    fn each_day() {
        let (first, last) = (START / 86_400 - 8, END / 86_400 + 8);
        for day in first..=last {
            let local_s = day * 86_400 + (day * 52_361).rem_euclid(86_400);
            let mut fields = empty();
            write_fields(local_s, &mut fields);
            let expected = DateTime::from_unix(local_s, 0, Offset::UTC);
            let (date, time) = (expected.date(), expected.time());
            let shown = [
                fields.tm_year + 1900,
                fields.tm_mon + 1,
                fields.tm_mday,
                fields.tm_hour,
                fields.tm_min,
                fields.tm_sec,
                fields.tm_yday + 1,
            ];
            let expected = [
                date.year() as i32,
                date.month().into(),
                date.day().into(),
                time.hour().into(),
                time.minute().into(),
                time.second().into(),
                date.day_of_year().into(),
            ];
            assert_eq!(shown, expected, "{local_s}");
            assert_eq!(fields.tm_wday, (day + 4).rem_euclid(7) as i32, "{local_s}");
            match read_fields(&fields) {
                Some(date) => {
                    assert_eq!(date.utc_s, local_s);
                    assert_eq!(date.day_of_year, fields.tm_yday);
                    assert_eq!(date.weekday, fields.tm_wday);
                }
                None => assert!(!YEARS.contains(&(fields.tm_year as u32)), "{local_s}"),
            }
        }
    }

    #[test]
    fn each_second_of_a_day() {
        for second in 0..86_400 {
            let mut fields = empty();
            write_fields(1_709_164_800 + second, &mut fields);
            let shown = i64::from(fields.tm_hour * 3_600 + fields.tm_min * 60 + fields.tm_sec);
            assert_eq!(shown, second);
            assert_eq!(read_fields(&fields).map(|date| date.utc_s), Some(1_709_164_800 + second));
        }
    }

    #[test]
    fn what_is_out_of_its_range_is_not_read() {
        let mut fields = empty();
        write_fields(1_709_164_800, &mut fields); // 29 February 2024
        assert!(read_fields(&fields).is_some());
        let changes: [fn(&mut tm); 19] = [
            |fields| fields.tm_year = 123,
            |fields| fields.tm_year = 1,
            |fields| fields.tm_year = 199,
            |fields| fields.tm_year = i32::MIN,
            |fields| fields.tm_year = i32::MAX,
            |fields| fields.tm_mon = 12,
            |fields| fields.tm_mon = -1,
            |fields| fields.tm_mday = 0,
            |fields| fields.tm_mday = 30,
            |fields| fields.tm_mday = -1,
            |fields| fields.tm_mday = i32::MIN,
            |fields| fields.tm_mday = i32::MAX,
            |fields| fields.tm_hour = 24,
            |fields| fields.tm_hour = -1,
            |fields| fields.tm_min = 60,
            |fields| fields.tm_min = -1,
            |fields| fields.tm_sec = 60,
            |fields| fields.tm_sec = -1,
            |fields| fields.tm_sec = i32::MAX,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut fields = fields;
            change(&mut fields);
            assert!(read_fields(&fields).is_none(), "change {number}");
        }
    }
}
