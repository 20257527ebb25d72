//! The calendar, and text: from seconds to a date on the wall, and from there to
//! something to read; and both ways back.
//!
//! # What is here
//!
//! * **Types**: [`Date`], [`TimeOfDay`], [`DateTime`], [`Weekday`], [`IsoWeek`] and
//!   [`Offset`]: the proleptic Gregorian calendar over *all* 64-bit Unix seconds, to the
//!   nanosecond. A date is 8 bytes, a date and time 16; each compares as an integer.
//! * **Arithmetic**: months and years with a policy for days that do not exist
//!   ([`Overflow`]), differences in chosen units ([`Difference`]), rounding ([`Unit`],
//!   [`Rounding`]), nth weekdays, ISO weeks, quarters.
//! * **Text**: RFC 3339, RFC 9557, RFC 2822 and ISO 8601 in [`text`]; the patterns of
//!   `strftime` and the layouts of Go, compiled once, in [`Pattern`].
//! * **Many**: [`Stamp`] for logs, whose timestamps are nearly the same each time;
//!   [`bulk`] for columns.
//!
//! Nothing allocates, nothing panics on any input, nothing is `unsafe`, and there is
//! no dependency. What fails gives an [`Error`] that quotes the input and points at
//! the byte.
//!
//! # What is not here
//!
//! Time zones: an offset is a number here, a zone's name a text. Which offset a zone
//! has at which moment is the zone crate's. Nor clocks: a moment is a number of seconds
//! that the caller has. Nor languages: names are English. Leap seconds are read (see
//! [`text::rfc3339`]) and never written, as Unix seconds do not have them.
//!
//! # Why it is fast
//!
//! The essay at the top of `gregorian.rs` derives the conversion of days to dates, of four
//! multiplications; every constant has a test that recomputes it. Text is written and read
//! several digits at a time.
//!
//! ```
//! use instanter_civil::{DateTime, Offset, Overflow, pattern, text::rfc3339::{self, Rfc3339}};
//!
//! let offset = Offset::from_hms(1, 0, 0)?;
//! let local = DateTime::from_unix(1_706_698_800, 0, offset);
//! assert_eq!(Rfc3339::new().text(local, offset), "2024-01-31T12:00:00+01:00");
//!
//! let due = local.with_date(local.date().add_months(1, Overflow::Constrain)?);
//! assert_eq!(pattern!("%a %-d %B").display(due, offset, None).to_string(), "Thu 29 February");
//!
//! let (seconds, _) = rfc3339::parse_unix("2024-01-31T12:00:00+01:00")?;
//! assert_eq!(seconds, 1_706_698_800);
//! # Ok::<(), instanter_civil::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

mod arithmetic;
pub mod bulk;
mod date;
mod date_time;
mod error;
mod gregorian;
mod iso_week;
mod month;
mod offset;
pub mod pattern;
mod rounding;
pub mod stamp;
pub mod text;
mod time_of_day;
mod weekday;

pub use arithmetic::{Difference, Overflow};
pub use date::Date;
pub use date_time::DateTime;
pub use error::Error;
pub use gregorian::{days_in_month, is_leap_year};
pub use iso_week::{IsoWeek, weeks_in_year};
pub use month::MONTH_NAMES;
pub use offset::Offset;
pub use pattern::{Fields, Pattern};
pub use rounding::{Rounding, Unit};
pub use stamp::Stamp;
pub use time_of_day::TimeOfDay;
pub use weekday::Weekday;
