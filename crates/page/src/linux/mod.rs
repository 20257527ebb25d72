//! Linux: the vDSO's data page.
//!
//! The kernel maps a few read-only pages right before the vDSO's code. The
//! first holds two records, one for the clocks that NTP disciplines and one for
//! the raw clock, each under a sequence number that is odd while the kernel
//! writes. Where a record's fields lie changed with the kernel's version: the
//! [`LAYOUTS`] are all that there have been since 5.3.
//!
//! No interface promises these offsets. So a layout is never assumed: a
//! [`Reader`] starts out knowing no page at all, and [`prove`] lets it use one
//! only after every clock, computed from the page, came out between two of the
//! kernel's own answers, several times over. From then on each read checks again
//! what a change of the clock would change: that the sequence number is even and
//! did not move, that the clock mode is the proved one, that `shift` is the
//! proved one and `mult` is near it. A read that fails a check returns nothing,
//! and the caller asks the kernel instead.
//!
//! | file | subject |
//! |---|---|
//! | `layout` | where the fields lie, kernel by kernel |
//! | `reader` | the hot path: one counter read, a handful of loads |
//! | `snapshot` | all clocks at once, on the hot path's terms |
//! | `namespace` | the page behind a time namespace's |
//! | `frame` | the whole page copied under one sequence number, evaluated exactly |
//! | `proof` | comparing a candidate with the kernel's answers |
//! | `writer` | keeping such a page: the order of the stores |
//!
//! # References
//! Linux `include/vdso/datapage.h`, `kernel/time/vsyscall.c`,
//! `lib/vdso/gettimeofday.c`, `kernel/time/namespace.c`.

mod frame;
mod layout;
mod namespace;
mod proof;
mod reader;
mod snapshot;
mod writer;

pub use crate::proof::Outside;
pub use frame::{Frame, Mode, Record, Trouble};
pub use layout::{Cpu, LAYOUTS, Layout, Shape};
pub use namespace::Behind;
pub use proof::{Place, Proof, Refusal, prove, trust};
pub use reader::{Pair, Reader};
pub use snapshot::Snapshot;
pub use writer::{Contents, Writer};

/// Index of a clock in a record's table of bases; also its clock id.
pub mod base {
    /// `CLOCK_REALTIME`.
    pub const REALTIME: usize = 0;
    /// `CLOCK_MONOTONIC`.
    pub const MONOTONIC: usize = 1;
    /// `CLOCK_MONOTONIC_RAW`, in the second record.
    pub const MONOTONIC_RAW: usize = 4;
    /// `CLOCK_REALTIME_COARSE`: plain nanoseconds, not shifted.
    pub const REALTIME_COARSE: usize = 5;
    /// `CLOCK_MONOTONIC_COARSE`: plain nanoseconds, not shifted.
    pub const MONOTONIC_COARSE: usize = 6;
    /// `CLOCK_BOOTTIME`.
    pub const BOOTTIME: usize = 7;
    /// `CLOCK_TAI`.
    pub const TAI: usize = 11;
    /// Number of bases in a record (`VDSO_BASES`).
    pub const COUNT: usize = 12;
}
