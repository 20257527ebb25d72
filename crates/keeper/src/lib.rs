//! Keeping time: the other side of the time page.
//!
//! A reader of the time has a straight line and a counter. Somebody must keep that
//! line: choose a counter, turn its cycles into nanoseconds without losing any,
//! bend the slope as a daemon asks for, insert leap seconds, stop and go on when the
//! machine sleeps, and show the result to everybody without ever showing half of
//! it. In most machines a kernel does it. This crate is that part of a kernel, for
//! those who write one in Rust, a hypervisor, a unikernel or a simulator, for
//! processes that share a clock, and for testing whoever reads one.
//!
//! ```text
//!  ClockSource ──▶ Registry ──▶ Timekeeper ──▶ Clocks ──▶ Shared, Latch   (this program's CPUs)
//!   mult, shift     Watchdog      ▲    │
//!                                 │    └─────▶ Contents ──▶ page::Writer   (other programs)
//!                    adjtimex ────┘
//! ```
//!
//! * A [`ClockSource`] describes a counter, and a [`Registry`] picks the best one,
//!   which a [`Watchdog`] verifies.
//! * A [`Timekeeper`] turns the counter into five [`Clock`]s, bent as its [`Discipline`]
//!   says.
//! * [`Clocks`] are read: from the keeper, from a [`Shared`] by other CPUs, from a
//!   [`Latch`] in a non-maskable interrupt, or from a page
//!   ([`instanter_page::linux::Writer`]) by programs that know Linux's layout.
//! * Programs that know another system's are served by the same [`Timekeeper`]: it makes
//!   the [contents](Timekeeper::freebsd_contents) of FreeBSD's, OpenBSD's, Darwin's,
//!   Windows' and vmclock's pages for their writers.
//! * [`POSIX_CLOCKS`] says what may be done with each clock, and a [`TimerQueue`]
//!   wakes whoever waits for one, in the [`DueOrder`].
//!
//! # What it does not do
//!
//! It does not read the counter, program a timer interrupt, take a lock, or decide
//! who may set the clock: those are the kernel's. It has no pulse-per-second input,
//! and no clock of a CPU's or a thread's running time.
//!
//! ```
//! use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec, Timex, adj};
//!
//! let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
//! let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
//!
//! // The oscillator is 100 ppm slow, so the clock is made that much faster.
//! let mut request = Timex { modes: adj::FREQUENCY, freq: 100 << 16, ..Timex::default() };
//! keeper.adjust(0, &mut request)?;
//! for tick in 1..=2_500 {
//!     keeper.tick(tick * 4_000_000);
//! }
//! let after_ten_seconds = keeper.clocks().coarse_nanos(Clock::Monotonic);
//! assert!((after_ten_seconds - 10_001_000_000).abs() <= 1);
//! # Ok::<(), instanter_keeper::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

mod clocks;
mod error;
mod frequency;
mod namespace;
mod ntp;
mod phase;
mod posix;
mod shared;
mod source;
mod timekeeper;
mod timers;

pub use clocks::{Clock, Clocks};
pub use error::Error;
pub use frequency::Frequency;
pub use instanter_page::Timespec;
pub use namespace::TimeNamespace;
pub use ntp::{Discipline, TimeState, Timex, TimexTime, adj, sta};
pub use posix::{POSIX_CLOCKS, PosixClock};
pub use shared::{Latch, Moment, Shared};
pub use source::{
    ClockSource, Comparison, Conversion, Flags, Registry, RegistryError, Sample, SourceId, Watchdog,
};
pub use timekeeper::{MeasuredBy, Sleep, Ticked, Timekeeper};
pub use timers::{Deadline, DueEntry, DueOrder, Expiry, Timer, TimerError, TimerId, TimerQueue};
