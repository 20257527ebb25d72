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
#[cfg(feature = "std")]
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
#[cfg(feature = "tokio")]
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
