//! Instanter for C, and for every language that calls C.
//!
//! What is here is a header, `instanter.h`, and two libraries of the same functions, one to
//! link when a program starts and one to link into it. The header is made of the doc
//! comments in this crate, and its own introduction (in `cbindgen.toml`) has the
//! conventions; what follows is why they are so.
//!
//! # The boundary
//!
//! A function of this crate takes what C has: numbers, pointers, texts that end in NUL. It
//! believes nothing but that a pointer which is not NULL points to what its type says.
//! Numbers that choose something are integers here, not Rust enums, which must not hold
//! any other value. Everything that goes in or out by a pointer is copied in
//! `boundary.rs`, byte by byte: so there is never a Rust reference to memory that C left
//! unset, gave twice, or did not align.
//!
//! # No unwinding
//!
//! A panic that reaches C would abort the program. So nothing here panics: what the
//! facade does by panicking has a relative that returns an error (`try_…`), and that is the one
//! that is called; an error becomes a number. There is no `catch_unwind`, which would
//! print a message that nobody asked for, and do nothing in a build that aborts.
//!
//! # An interface that can grow
//!
//! A structure that may get more members begins with its size, which the caller sets. The
//! library fills as much as both sides know, and tells how much that was. Structures
//! without a size are those of the hot path, and stay as they are. Handles are numbers, or
//! pointers to something that the header does not show.
//!
//! ```
//! use instanter_c::{Status, Time, instanter_now};
//!
//! let mut time = Time::default();
//! // SAFETY: a pointer to a `Time`.
//! assert_eq!(unsafe { instanter_now(&mut time) }, Status::Ok);
//! assert!(time.seconds > 1_700_000_000 && time.nanoseconds < 1_000_000_000);
//! ```

// In the order of the header.
mod boundary;
mod fork;
mod last_error;
mod status;
mod version;

mod clock;
mod sleep;

mod zone;

mod calendar;
mod columns;
mod local;

mod duration;
mod pattern;
mod stamp;
mod text;

pub use calendar::{Civil, instanter_civil_from_unix, instanter_civil_to_unix};
pub use clock::{
    INSTANTER_ONE_MOMENT, Link, Snapshot, Time, Timespec, instanter_clock, instanter_epoch,
    instanter_now, instanter_now_relaxed, instanter_pin, instanter_prepare, instanter_snapshot,
    instanter_source,
};
pub use columns::{Columns, instanter_columns_join, instanter_columns_split};
pub use duration::{instanter_duration_format, instanter_duration_parse};
pub use last_error::instanter_last_error;
pub use local::{
    Interval, Kind, Local, Policy, Resolved, instanter_from_local, instanter_to_local,
    instanter_zone_interval,
};
pub use pattern::{
    Dialect, Pattern, instanter_pattern_format, instanter_pattern_free, instanter_pattern_new,
    instanter_pattern_parse, instanter_strftime, instanter_strptime,
};
pub use sleep::{instanter_sleep_precise, instanter_sleep_precise_until, instanter_sleep_until};
pub use stamp::{
    Stamp, instanter_stamp_free, instanter_stamp_new, instanter_stamp_new_local,
    instanter_stamp_now, instanter_stamp_set_zone, instanter_stamp_write,
};
pub use status::{Status, instanter_status_text};
pub use text::{
    Parsed, instanter_format_rfc3339, instanter_format_rfc9557, instanter_parse_rfc3339,
    instanter_parse_rfc9557,
};
pub use version::{INSTANTER_ABI_VERSION, instanter_abi_version, instanter_version};
pub use zone::{
    INSTANTER_UTC, ZoneHandle, instanter_zone_by_name, instanter_zone_fixed, instanter_zone_local,
    instanter_zone_local_how, instanter_zone_local_refresh, instanter_zone_name,
    instanter_zone_path, instanter_zone_posix,
};
