//! Time zones: from a Unix time to what clocks on the wall show, and back.
//!
//! # Concepts
//!
//! A **zone** is a list of **transitions**, moments at which its clocks were or
//! will be changed, each to a **local time type**: an **offset** from UTC, an
//! **abbreviation**, and whether it counts as summer time. After the last
//! transition **rules** may go on for ever, two transitions a year, as a **POSIX
//! TZ string** tells them: in a TZif file, that is its **footer**.
//!
//! A Unix time has exactly one local time. A local time mostly has one Unix time;
//! but clocks that are put forward skip some (a **gap**), and clocks that are put
//! back show some twice (a **fold**). [`Zone::resolve`] gives the full answer, a
//! [`Policy`] chooses.
//!
//! Times are seconds: Unix time in 64 bits, all of them, and local time as the
//! Unix time that it would be if it were UTC, which is what a calendar takes.
//!
//! ```
//! use instanter_zone::{Policy, Zone};
//!
//! let zone = Zone::posix("EST5EDT,M3.2.0,M11.1.0")?; // or Zone::get("America/New_York")
//! let unix_s = 1_720_000_000;
//! let local = zone.at(unix_s);
//! assert_eq!((local.offset_s, &*local.abbreviation), (-14_400, "EDT"));
//!
//! let local_s = unix_s + i64::from(local.offset_s);
//! assert_eq!(zone.to_unix(local_s, Policy::Compatible), Ok(unix_s));
//!
//! let next = zone.next_transition(unix_s).unwrap();
//! assert_eq!(next.after.abbreviation, "EST");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Zones and tables
//!
//! [`Zone`] is a handle of four bytes, free to copy: UTC, a fixed offset, or the
//! number of a table that lives as long as the program. [`Table`] is such a table
//! by itself, which owns its memory; it needs an allocator, but no operating
//! system.
//!
//! A lookup is a shift, a load and two comparisons, without a lock, an allocation
//! or a branch that depends on the time asked for; what lies beyond the year 2100
//! is computed from the rules as it is asked for, by the kind of year, and takes a
//! few nanoseconds more.
//!
//! # The local zone
//!
//! [`Local`] reads `TZ` and `/etc/localtime` as glibc or as Go does, tells how it
//! came to its answer, and follows changes of the file: by looking now and then, or
//! with the feature `notified` as they happen ([`Follow`]). Its documentation has
//! the table of cases.
//!
//! # The tz database
//!
//! Zones are read from the system's files; with the feature `tzdb` there is a copy
//! of all of them in the program, 43 KB, for systems without.
//!
//! # What it does not do
//!
//! It knows no calendar beyond what rules need: dates are the matter of
//! `instanter-civil`. It starts no thread unless told to ([`Follow::Notified`]). And it
//! does not guess: a file with leap seconds is refused where Unix time is meant
//! ([`leap`] reads it), and what is malformed is an error that names the byte.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod abbreviation;
#[cfg_attr(target_os = "android", path = "bundle/enabled.rs")]
#[cfg_attr(not(target_os = "android"), path = "bundle/disabled.rs")]
#[cfg(feature = "std")]
mod bundle;
mod calendar;
mod embedded;
mod error;
pub mod leap;
#[cfg(feature = "std")]
mod local;
mod local_type;
mod lookup;
pub mod posix;
mod posix_parse;
mod posix_rule;
mod register;
mod resolve;
#[cfg(feature = "std")]
mod search;
#[cfg(feature = "std")]
mod still;
mod table;
mod timeline;
#[cfg(all(feature = "std", any(target_os = "android", test)))]
mod tzdata_bundle;
mod tzif_read;
#[cfg(feature = "std")]
mod version;
mod wall;
mod zone;

pub use abbreviation::Abbreviation;
pub use embedded::{embedded_names, embedded_version};
pub use error::Error;
#[cfg(feature = "std")]
pub use local::{Follow, How, Local, Source, Tradition};
pub use local_type::{Interval, LocalType, Transition};
pub use resolve::{Change, Policy, Resolved, Unresolved};
#[cfg(feature = "std")]
pub use search::{Search, system_version};
#[cfg(feature = "std")]
pub use still::Still;
pub use table::Table;
pub use zone::{Origin, Zone};
