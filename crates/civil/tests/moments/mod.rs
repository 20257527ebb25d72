//! Numbers that look random and are the same in every run.
#![allow(dead_code)]

use instanter_civil::{Date, DateTime, Offset, TimeOfDay};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = high.wrapping_sub(low) as u64;
        let step = if span == u64::MAX { self.next() } else { self.below(span + 1) };
        low.wrapping_add(step as i64)
    }

    /// Any 64-bit number, the small ones as likely as the large.
    pub fn any_size(&mut self) -> i64 {
        let shift = self.below(64);
        (self.next() as i64) >> shift
    }

    pub fn date(&mut self) -> Date {
        loop {
            let days = self.any_size();
            if let Ok(date) = Date::from_unix_days(days) {
                return date;
            }
        }
    }

    /// A fraction that more often than not ends in zeros.
    pub fn nanosecond(&mut self) -> u32 {
        let unit = 10u64.pow(self.below(10) as u32);
        (self.below(1_000_000_000) / unit * unit) as u32
    }

    pub fn time(&mut self) -> TimeOfDay {
        let nanosecond = self.nanosecond();
        TimeOfDay::from_second_of_day(self.below(86_400) as u32, nanosecond).unwrap()
    }

    pub fn date_time(&mut self) -> DateTime {
        DateTime::new(self.date(), self.time())
    }

    /// A date and time of the years `low` to `high`.
    pub fn date_time_in(&mut self, low: i64, high: i64) -> DateTime {
        let first = Date::new(low, 1, 1).unwrap().to_unix_days();
        let last = Date::new(high, 12, 31).unwrap().to_unix_days();
        DateTime::new(Date::from_unix_days(self.within(first, last)).unwrap(), self.time())
    }

    /// In whole minutes, and below a day.
    pub fn offset(&mut self) -> Offset {
        Offset::from_seconds(self.within(-1439, 1439) as i32 * 60).unwrap()
    }
}
