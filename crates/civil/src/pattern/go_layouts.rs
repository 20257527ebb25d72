//! The layouts that Go's `time` package has names for.
//!
//! ```
//! use instanter_civil::{DateTime, Offset, go_layout, pattern::go_layouts};
//! let text = go_layout!(go_layouts::KITCHEN).display(DateTime::UNIX_EPOCH, Offset::UTC, None);
//! assert_eq!(text.to_string(), "12:00AM");
//! ```

/// Go's `Layout`.
pub const LAYOUT: &str = "01/02 03:04:05PM '06 -0700";
/// Go's `ANSIC`, the C library's `asctime`.
pub const ANSIC: &str = "Mon Jan _2 15:04:05 2006";
/// Go's `UnixDate`, of the command `date`.
pub const UNIX_DATE: &str = "Mon Jan _2 15:04:05 MST 2006";
/// Go's `RubyDate`.
pub const RUBY_DATE: &str = "Mon Jan 02 15:04:05 -0700 2006";
/// Go's `RFC822`.
pub const RFC822: &str = "02 Jan 06 15:04 MST";
/// Go's `RFC822Z`.
pub const RFC822Z: &str = "02 Jan 06 15:04 -0700";
/// Go's `RFC850`.
pub const RFC850: &str = "Monday, 02-Jan-06 15:04:05 MST";
/// Go's `RFC1123`.
pub const RFC1123: &str = "Mon, 02 Jan 2006 15:04:05 MST";
/// Go's `RFC1123Z`.
pub const RFC1123Z: &str = "Mon, 02 Jan 2006 15:04:05 -0700";
/// Go's `RFC3339`.
pub const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
/// Go's `RFC3339Nano`.
pub const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";
/// Go's `Kitchen`.
pub const KITCHEN: &str = "3:04PM";
/// Go's `Stamp`.
pub const STAMP: &str = "Jan _2 15:04:05";
/// Go's `StampMilli`.
pub const STAMP_MILLI: &str = "Jan _2 15:04:05.000";
/// Go's `StampMicro`.
pub const STAMP_MICRO: &str = "Jan _2 15:04:05.000000";
/// Go's `StampNano`.
pub const STAMP_NANO: &str = "Jan _2 15:04:05.000000000";
/// Go's `DateTime`.
pub const DATE_TIME: &str = "2006-01-02 15:04:05";
/// Go's `DateOnly`.
pub const DATE_ONLY: &str = "2006-01-02";
/// Go's `TimeOnly`.
pub const TIME_ONLY: &str = "15:04:05";

/// All of them.
pub const ALL: [&str; 19] = [
    LAYOUT,
    ANSIC,
    UNIX_DATE,
    RUBY_DATE,
    RFC822,
    RFC822Z,
    RFC850,
    RFC1123,
    RFC1123Z,
    RFC3339,
    RFC3339_NANO,
    KITCHEN,
    STAMP,
    STAMP_MILLI,
    STAMP_MICRO,
    STAMP_NANO,
    DATE_TIME,
    DATE_ONLY,
    TIME_ONLY,
];
