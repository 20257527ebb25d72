//! The time page: a straight line that a kernel keeps and every process reads.
//!
//! A kernel does not hand out time; it publishes, in memory that every process
//! can see, the line from which time is computed, under a sequence number:
//!
//! ```text
//! ns = (base + ((counter − origin) × mult)) >> shift
//! ```
//!
//! and moves the line's origin forward a few hundred times a second, bending
//! `mult` by a few parts in a million as NTP asks for. A reader takes the
//! counter once, evaluates the line, and checks that the sequence number has
//! not moved meanwhile. Nothing is calibrated, so nothing drifts: on the same
//! counter value the answer is the kernel's own, to the nanosecond.
//!
//! This crate holds that arithmetic ([`Line`]) and, a module a system, the
//! places where the numbers of the line lie. So far that is [`linux`].
//!
//! It does **not** find the page: that takes system calls, and is the clock
//! crate's work. Here a page is plain memory, so that each rule can be tested on
//! bytes that a test made.
#![no_std]

mod binary;
pub mod darwin;
pub mod freebsd;
mod line;
pub mod linux;
mod memory;
pub mod openbsd;
mod sequence;
mod timespec;
mod unreadable;
pub mod vmclock;
pub mod windows;

pub use binary::{BinaryLine, BinaryTime};
pub use line::Line;
pub use linux::{Cpu, Pair};
pub use timespec::Timespec;
pub use unreadable::Unreadable;
