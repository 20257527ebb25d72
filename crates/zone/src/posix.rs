//! POSIX TZ strings, such as `EST5EDT,M3.2.0,M11.1.0`: the rules of a zone for
//! any year, and the footer of a TZif file.
//!
//! # References
//! [POSIX.1-2024, section 8.3](https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html),
//! [RFC 9636, section 3.3](https://www.rfc-editor.org/rfc/rfc9636#section-3.3)
//! for times from −167 to 167 hours.

use alloc::boxed::Box;
use core::fmt;

use crate::calendar::{DAY_S, month_start};
use crate::{Error, posix_parse};

/// The rules of a POSIX TZ string.
///
/// ```
/// use instanter_zone::posix::{PosixDay, PosixTz};
/// let tz = PosixTz::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")?;
/// assert_eq!((&*tz.std_abbreviation, tz.std_offset_s), ("-02", -7_200));
/// let dst = tz.dst.unwrap();
/// assert_eq!(dst.start.day, PosixDay::Weekday { month: 3, week: 5, weekday: 0 });
/// assert_eq!(dst.start.time_s, -3_600);
/// # Ok::<(), instanter_zone::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PosixTz {
    /// What standard time is called, 3 to 255 bytes.
    pub std_abbreviation: Box<str>,
    /// Offset of standard time in seconds **east** of UTC: the string has the
    /// opposite sign. Within ±24:59:59.
    pub std_offset_s: i32,
    /// Summer time, if there is any.
    pub dst: Option<PosixDst>,
}

/// Summer time of a [`PosixTz`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PosixDst {
    /// What summer time is called, 3 to 255 bytes.
    pub abbreviation: Box<str>,
    /// Its offset in seconds east of UTC; one hour more than standard time where
    /// the string does not say.
    pub offset_s: i32,
    /// When it begins, in standard time.
    pub start: PosixDate,
    /// When it ends, in summer time.
    pub end: PosixDate,
}

/// A day of every year and a time on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PosixDate {
    /// The day.
    pub day: PosixDay,
    /// Seconds after the day began: 7200 where the string does not say, and from
    /// −167:59:59 to 167:59:59, so not always on that day.
    pub time_s: i32,
}

/// A day of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PosixDay {
    /// `Jn`: 1 to 365, where February 29 is never counted: 60 is March 1.
    WithoutLeapDay(u16),
    /// `n`: 0 to 365, where February 29 is counted. 365 is January 1 of the next
    /// year where the year has no such day.
    WithLeapDay(u16),
    /// `Mm.w.d`: a weekday of a month.
    Weekday {
        /// 1 to 12.
        month: u8,
        /// The how manieth one, 1 to 4; 5 is the last.
        week: u8,
        /// 0 (Sunday) to 6.
        weekday: u8,
    },
}

impl PosixTz {
    /// Reads a TZ string: `std offset [dst [offset] [, start [/time], end [/time]]]`.
    ///
    /// Where summer time has no dates they are `,M3.2.0,M11.1.0`, as in glibc and
    /// in the tz project's code. A leading `:` belongs to the environment
    /// variable, not to this.
    ///
    /// # Errors
    /// [`Error::is_malformed`], with the byte at which it is wrong.
    ///
    /// ```
    /// use instanter_zone::posix::PosixTz;
    /// assert_eq!(PosixTz::parse("EST5EDT")?, PosixTz::parse("EST5EDT4,M3.2.0/2,M11.1.0/2")?);
    /// assert_eq!(PosixTz::parse("EST").unwrap_err().byte_offset(), Some(3));
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<PosixTz, Error> {
        posix_parse::parse(text.as_bytes())
    }
}

impl PosixDate {
    /// Returns the seconds from the beginning of a year to this, in the time that
    /// the date is written in.
    ///
    /// The year is told by whether it is a leap year and by the weekday (Sunday
    /// is 0) of its first day.
    #[must_use]
    pub(crate) fn second_of_year(self, leap: bool, first_weekday: u32) -> i32 {
        let day = match self.day {
            PosixDay::WithoutLeapDay(day) => u32::from(day) - u32::from(!(leap && day >= 60)),
            PosixDay::WithLeapDay(day) => u32::from(day),
            PosixDay::Weekday { month, week, weekday } => {
                let start = month_start(month, leap);
                let end = if month == 12 { start + 31 } else { month_start(month + 1, leap) };
                let first = (u32::from(weekday) + 7 - (first_weekday + start) % 7) % 7;
                let day = start + first + 7 * (u32::from(week) - 1);
                if day < end { day } else { day - 7 }
            }
        };
        day as i32 * DAY_S as i32 + self.time_s
    }
}

impl fmt::Display for PosixTz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |f: &mut fmt::Formatter<'_>, name: &str| {
            let plain = name.bytes().all(|byte| byte.is_ascii_alphabetic());
            if plain { f.write_str(name) } else { write!(f, "<{name}>") }
        };
        name(f, &self.std_abbreviation)?;
        time(f, -self.std_offset_s)?;
        if let Some(dst) = &self.dst {
            name(f, &dst.abbreviation)?;
            if dst.offset_s != self.std_offset_s + 3_600 {
                time(f, -dst.offset_s)?;
            }
            for date in [dst.start, dst.end] {
                match date.day {
                    PosixDay::WithoutLeapDay(day) => write!(f, ",J{day}")?,
                    PosixDay::WithLeapDay(day) => write!(f, ",{day}")?,
                    PosixDay::Weekday { month, week, weekday } => {
                        write!(f, ",M{month}.{week}.{weekday}")?;
                    }
                }
                if date.time_s != 7_200 {
                    f.write_str("/")?;
                    time(f, date.time_s)?;
                }
            }
        }
        Ok(())
    }
}

/// `[-]h[:mm[:ss]]`.
fn time(f: &mut fmt::Formatter<'_>, seconds: i32) -> fmt::Result {
    let size = seconds.unsigned_abs();
    let (h, m, s) = (size / 3_600, size / 60 % 60, size % 60);
    write!(f, "{}{h}", if seconds < 0 { "-" } else { "" })?;
    if m != 0 || s != 0 {
        write!(f, ":{m:02}")?;
    }
    if s != 0 {
        write!(f, ":{s:02}")?;
    }
    Ok(())
}
