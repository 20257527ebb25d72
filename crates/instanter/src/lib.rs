//! Wall and monotonic time from one look at the CPU's counter.
//!
//! [`now`] reads both clocks at one moment: exact to the nanosecond that the
//! kernel itself would have answered, without a system call, without
//! calibration, without drift.
//!
//! ```
//! use instanter::{Duration, now};
//!
//! let start = now();
//! let squares: u64 = (0..1_000).map(|n| n * n).sum();
//! let took: Duration = start.elapsed();
//! assert!(took >= Duration::ZERO);
//! println!("{squares}, at {} s since 1970, took {took}", start.unix_seconds());
//! ```
//!
//! # Wall clock and monotonic clock
//!
//! An operating system keeps two kinds of clock, and programs need both. The
//! *wall clock* says what time it is: it can be set, it is steered towards other
//! clocks, it may jump. The *monotonic clock* says how long something took: it
//! starts at boot and only goes forward. Subtracting two readings of the wall
//! clock measures wrongly whenever somebody set it in between; printing a
//! monotonic reading tells nobody the date.
//!
//! A [`Time`] carries one reading of each, taken at the same moment. So a
//! program keeps one value and cannot use the wrong clock: what *reports* the
//! time uses the wall reading, what *measures* uses the monotonic one.
//!
//! # Ordered and relaxed
//!
//! [`now`] is ordered as the kernel's own functions are: if one thread publishes
//! a time with a release store and another sees it with an acquire load, the
//! second thread's next `now()` is not earlier. [`now_relaxed`] lets the CPU move
//! the counter read among the neighbouring instructions, which is cheaper by a
//! third and right for log stamps and for timing within one thread.
//!
//! # Which type for what
//!
//! | the question | the type |
//! |---|---|
//! | when was it? how long ago? | [`Time`]: a moment, the same everywhere |
//! | what did the clocks there show? | [`Zoned`]: a moment and a zone |
//! | how long? | [`Duration`]: nanoseconds, the same everywhere |
//! | what is in the calendar? "1 July, 9:00", wherever | [`civil::DateTime`], [`civil::Date`] |
//! | how much later on the calendar? "a month" | [`civil::Difference`] |
//! | by when must it be done? | [`Deadline`] |
//!
//! Keep and send a `Time`; make a `Zoned` of it where somebody reads it. An appointment is
//! the other way round: what was agreed on is a date, a time of day and a place, and when
//! that is may yet be changed by law. Keep a `civil::DateTime` and the zone's name.
//!
//! # Days, and 24 hours
//!
//! A day is what lies between two midnights on the wall, and its length is not fixed: where
//! clocks are put forward it has 23 hours, where they are put back 25. So there are two
//! ways to add, and a program must say which it means.
//!
//! ```
//! use instanter::{Duration, Zoned, zone::Policy};
//! let eve: Zoned = "2024-03-09T12:00:00-05:00[America/New_York]".parse()?;
//! let same_clock = eve.add_days(1, Policy::Compatible)?;
//! assert_eq!(same_clock.to_string(), "2024-03-10T12:00:00-04:00[America/New_York]");
//! assert_eq!(same_clock - eve, Duration::from_hours(23));
//! assert_eq!((eve + Duration::from_hours(24)).hour(), 13);
//! # Ok::<(), instanter::Error>(())
//! ```
//!
//! # Gaps and folds
//!
//! When clocks go from 02:00 to 03:00, half past two does not happen: a *gap*. When they go
//! back from 02:00 to 01:00, half past one happens twice: a *fold*. A moment always has one
//! local time, but a local time has none, one or two moments. Whoever turns one into a
//! moment has decided what to do about the others, knowingly or not; here a
//! [`Policy`](zone::Policy) says it.
//!
//! ```
//! use instanter::{Zoned, civil::DateTime, zone::{Policy, Resolved, Zone}};
//! let new_york = Zone::get("America/New_York")?;
//! let half_past_one = DateTime::UNIX_EPOCH.add_seconds(1_730_597_400)?; // 2024-11-03 01:30
//! let first = Zoned::from_local(half_past_one, new_york, Policy::Earlier)?;
//! let second = Zoned::from_local(half_past_one, new_york, Policy::Later)?;
//! assert_eq!((&*first.abbreviation(), &*second.abbreviation()), ("EDT", "EST"));
//! assert_eq!((second - first).to_string(), "1h0m0s");
//!
//! let error = Zoned::from_local(half_past_one, new_york, Policy::Reject).unwrap_err();
//! assert!(matches!(error.rejected(), Some(Resolved::Fold(_))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Leap seconds
//!
//! The earth turns a little unevenly, and now and then UTC lets a minute have 61 seconds, so
//! that noon stays noon. POSIX decided that Unix time does not count such a second: each day
//! has 86,400 numbers. So when a day has one second more, one number has to serve twice. At
//! the end of 2016 it was 1483228799:
//!
//! ```text
//!  UTC        23:59:58    23:59:59    23:59:60    00:00:00
//!  Unix time  1483228798  1483228799  1483228799  1483228800
//! ```
//!
//! A kernel that has been told of a leap second sets its wall clock back by one second as
//! the last one of the day ends. Two readings of it a second apart are then the same, or
//! even in the wrong order; the monotonic clock runs on, and what measures with it sees
//! nothing. Many time servers spare their clients the step: they *smear* the second, and let
//! their clocks run slow by eleven millionths for a day. That is gentle, and wrong: by up to
//! half a second against everybody who does not. Nothing on the machine tells which of the
//! two it was, and no program can repair it afterwards.
//!
//! So a text with the second 60 is read, as the last nanosecond of the second before, which
//! keeps its date and its place in the order; and none is ever written.
//!
//! ```
//! use instanter::Time;
//! let leap: Time = "2016-12-31T23:59:60Z".parse()?;
//! assert_eq!(leap.to_string(), "2016-12-31T23:59:59.999999999Z");
//! assert!("2016-12-30T23:59:60Z".parse::<Time>().is_err()); // there cannot be one
//! # Ok::<(), instanter::Error>(())
//! ```
//!
//! # Waiting, computing, and the clock that a battery keeps
//!
//! [`sleep`], [`sleep_until`] and [`Ticker`] wait without an error that adds up,
//! [`sleep_precise`] to the microsecond; [`wait`] says on which clock. [`cpu`] and
//! [`Stopwatch`] tell what threads and processes have computed, [`rtc`] reads and
//! sets the hardware clock.
//!
//! # Where the time comes from
//!
//! From the kernel's time page, proved at the first read and checked at each;
//! else from the vDSO; else from a system call. The [`clock`] crate underneath
//! tells which and why, has every other clock of the kernel, and is `no_std`.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` (on) | the local zone, zones by name, timers, the hardware clock, conversions to and from `std::time` |
//! | `tzdb` | a copy of the tz database in the program, 43 KB, for systems without one |
//! | `serde` | [`Time`], [`Duration`] and [`Zoned`] as text, and as numbers with the modules of `instanter::serde` |
//! | `chrono`, `jiff`, `time` | conversions to and from the types of these crates |
//! | `tracing` | `instanter::tracing`: timestamps for `tracing_subscriber::fmt` |
//! | `tokio` | timers whose ticks are awaited; on Linux |
//! | `testing` | `instanter::testing`: clocks for tests |
//!
//! Without any, the crate needs an allocator and no operating system but for its clocks; it
//! then knows UTC and fixed offsets.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod cpu;
mod duration;
mod error;
#[cfg_attr(feature = "testing", path = "hook/enabled.rs")]
#[cfg_attr(not(feature = "testing"), path = "hook/disabled.rs")]
mod hook;
mod interop;
pub mod rtc;
#[cfg(feature = "serde")]
pub mod serde;
mod stamp;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
#[cfg(feature = "tracing")]
pub mod tracing;
pub mod wait;
mod zoned;

pub use self::time::{Time, now, now_relaxed, try_now};
pub use cpu::Stopwatch;
pub use duration::Duration;
pub use error::Error;
pub use instanter_civil as civil;
pub use instanter_clock as clock;
pub use instanter_zone as zone;
pub use stamp::Stamp;
#[cfg(all(feature = "tokio", any(target_os = "linux", target_os = "android")))]
pub use wait::AsyncTimer;
pub use wait::{Deadline, Missed, Tick, Ticker, Woken};
#[cfg(feature = "std")]
pub use wait::{Expiry, Schedule, Timer};
pub use wait::{sleep, sleep_precise, sleep_precise_until, sleep_until, try_sleep_until};
pub use zoned::{Formatted, Zoned};

/// The README's examples, run by the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
