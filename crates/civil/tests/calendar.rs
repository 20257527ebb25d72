//! Days to dates and back, against a reference that only knows how to take one
//! step.

mod moments;

use instanter_civil::{Date, DateTime, Offset, Weekday, days_in_month, is_leap_year};
use moments::Random;

/// The calendar as told to a child: no arithmetic but adding one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Walker {
    days: i64,
    year: i64,
    month: u8,
    day: u8,
    weekday: u8,
    day_of_year: u16,
}

const EPOCH: Walker = Walker { days: 0, year: 1970, month: 1, day: 1, weekday: 4, day_of_year: 1 };

fn length(year: i64, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

impl Walker {
    #[inline]
    fn forward(&mut self) {
        self.days += 1;
        self.weekday = if self.weekday == 7 { 1 } else { self.weekday + 1 };
        self.day_of_year += 1;
        self.day += 1;
        if self.day > 28 && self.day > length(self.year, self.month) {
            self.day = 1;
            self.month += 1;
            if self.month > 12 {
                (self.month, self.day_of_year) = (1, 1);
                self.year += 1;
            }
        }
    }

    #[inline]
    fn back(&mut self) {
        self.days -= 1;
        self.weekday = if self.weekday == 1 { 7 } else { self.weekday - 1 };
        self.day_of_year -= 1;
        self.day -= 1;
        if self.day == 0 {
            self.month -= 1;
            if self.month == 0 {
                self.month = 12;
                self.year -= 1;
                self.day_of_year = if length(self.year, 2) == 29 { 366 } else { 365 };
            }
            self.day = length(self.year, self.month);
        }
    }

    #[inline]
    fn check(&self) {
        let date = Date::from_unix_days(self.days).unwrap();
        assert_eq!((date.year(), date.month(), date.day()), (self.year, self.month, self.day));
        assert_eq!(date.to_unix_days(), self.days, "{date}");
        assert_eq!(date.weekday().monday_one(), self.weekday, "{date}");
        assert_eq!(date.day_of_year(), self.day_of_year, "{date}");
    }
}

/// What the reference and the calendar say of all days of `i32`.
fn walk(to: i64) {
    let mut walker = EPOCH;
    let step = if to < 0 { Walker::back } else { Walker::forward };
    while walker.days != to {
        step(&mut walker);
        walker.check();
    }
}

#[test]
fn a_thousand_years_around_1970_day_by_day() {
    walk(365_000);
    walk(-365_000);
}

/// All 2^32 of them. Takes a minute in a release build:
/// `cargo test --release -p instanter-civil --test calendar -- --ignored`
#[test]
#[ignore = "a minute in a release build, an hour in a debug build"]
fn all_days_of_32_bits_day_by_day() {
    let back = std::thread::spawn(|| walk(i64::from(i32::MIN)));
    walk(i64::from(i32::MAX));
    back.join().unwrap();
}

#[test]
fn the_32_bit_range_year_by_year() {
    // Every 37th year has its corners checked; the reference still counts all.
    let mut start = 0;
    for year in 1970..1_500_000i64 {
        let leap = i64::from(length(year, 2) == 29);
        if year % 37 == 0 || year % 100 == 0 {
            for (day, want) in [
                (0, (year, 1, 1)),
                (58, (year, 2, 28)),
                (59 + leap, (year, 3, 1)),
                (364 + leap, (year, 12, 31)),
            ] {
                let date = Date::from_unix_days(start + day).unwrap();
                assert_eq!((date.year(), date.month(), date.day()), want);
                assert_eq!(date.to_unix_days(), start + day);
            }
        }
        start += 365 + leap;
    }
}

#[test]
fn sampled_over_the_whole_range() {
    let mut random = Random(1);
    for _ in 0..200_000 {
        let date = random.date();
        let days = date.to_unix_days();
        assert_eq!(Date::from_unix_days(days), Ok(date));
        assert_eq!(Date::new(date.year(), date.month(), date.day()), Ok(date));
        // The same day in an era of which every day was checked.
        let near = Date::from_unix_days(days.rem_euclid(146_097)).unwrap();
        assert_eq!(date.year(), near.year() + days.div_euclid(146_097) * 400);
        assert_eq!((date.month(), date.day()), (near.month(), near.day()));
        assert_eq!((date.weekday(), date.day_of_year()), (near.weekday(), near.day_of_year()));
        assert_eq!(date.iso_week().week(), near.iso_week().week());
        assert_eq!(date.is_leap_year(), length(date.year(), 2) == 29);
        if let Ok(next) = Date::from_unix_days(days + 1) {
            assert!(next > date);
        }
    }
}

#[test]
fn seconds_of_64_bits_both_ways() {
    let mut random = Random(2);
    for _ in 0..200_000 {
        let (seconds, nanosecond) = (random.any_size(), random.nanosecond());
        let offset = Offset::from_seconds(random.within(-604_799, 604_799) as i32).unwrap();
        let local = DateTime::from_unix(seconds, nanosecond, offset);
        assert_eq!(local.to_unix(offset), Ok((seconds, nanosecond)));
        let sum = i128::from(seconds) + i128::from(offset.seconds());
        assert_eq!(i128::from(local.date().to_unix_days()), sum.div_euclid(86_400), "{seconds}");
        assert_eq!(i128::from(local.time().second_of_day()), sum.rem_euclid(86_400), "{seconds}");
    }
}

#[test]
fn iso_weeks_by_walking() {
    // 1 January 2001 is a Monday, and the first day of week 1.
    let (mut year, mut week) = (2001, 1);
    let start = Date::new(2001, 1, 1).unwrap().to_unix_days();
    for days in start..start + 2 * 146_097 {
        let date = Date::from_unix_days(days).unwrap();
        if date.weekday() == Weekday::Monday && days != start {
            week += 1;
            // The week is the next year's first if its Thursday is.
            if Date::from_unix_days(days + 3).unwrap().year() != year {
                (year, week) = (year + 1, 1);
            }
        }
        let got = date.iso_week();
        assert_eq!((got.year(), got.week()), (year, week), "{date}");
        assert_eq!(Date::from_iso_week(year, week, date.weekday()), Ok(date));
        assert_eq!(Date::from_day_of_year(date.year(), date.day_of_year()), Ok(date));
    }
}

#[test]
fn month_lengths() {
    for year in -500..500 {
        assert_eq!(is_leap_year(year), length(year, 2) == 29, "{year}");
        for month in 1..=12 {
            assert_eq!(days_in_month(year, month), length(year, month), "{year}-{month}");
            assert!(Date::new(year, month, length(year, month)).is_ok());
            assert!(Date::new(year, month, length(year, month) + 1).is_err());
            assert!(Date::new(year, month, 0).is_err());
        }
        assert!(Date::new(year, 0, 1).is_err() && Date::new(year, 13, 1).is_err());
    }
}
