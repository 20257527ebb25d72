//! What `{}` shows, which is ISO 8601 in its extended form.

use core::fmt;

use super::rfc3339::{MAX_LENGTH, put_date, put_fraction, put_offset};
use super::{Text, digits};
use crate::{Date, DateTime, IsoWeek, Offset, TimeOfDay, Weekday};

fn put_time(out: &mut [u8; MAX_LENGTH], at: usize, time: TimeOfDay) -> usize {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(u32::from);
    out[at..at + 8].copy_from_slice(&digits::clock(hour, minute, second).to_le_bytes());
    put_fraction(out, at + 8, time.nanosecond(), 255)
}

/// `2024-02-29`; years outside 0000 to 9999 with a sign and at least six digits.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text::with(|out| put_date(out, *self)).fmt(f)
    }
}

/// `12:34:56`, and as many digits of a fraction as needed.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text::with(|out| put_time(out, 0, *self)).fmt(f)
    }
}

/// `2024-02-29T12:34:56`, as the date and the time of day are shown.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text::with(|out| {
            let at = put_date(out, self.date());
            out[at] = b'T';
            put_time(out, at + 1, self.time())
        })
        .fmt(f)
    }
}

/// `+02:00`, and `:ss` if it is not in whole minutes.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text::with(|out| put_offset(out, 0, *self)).fmt(f)
    }
}

/// `2024-W09`
impl fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text::with(|out| {
            let at = super::rfc3339::put_year(out, self.year());
            out[at..at + 2].copy_from_slice(b"-W");
            let week = digits::two(u32::from(self.week()));
            out[at + 2..at + 4].copy_from_slice(&week.to_le_bytes());
            at + 4
        })
        .fmt(f)
    }
}

/// `Monday`
impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
