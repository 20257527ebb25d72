//! Windows: `KUSER_SHARED_DATA`, the page at [`ADDRESS`] of every process.
//!
//! Time is there twice. System and interrupt time of the last clock interrupt, which is
//! 0.5 to 15.6 ms ago, as three words each, of which the first and the last must agree;
//! and the numbers to interpolate with, by the performance counter:
//!
//! ```text
//! QPC          = (TSC + QpcBias) >> QpcShift
//!   or, with a hypervisor's page:
//!              = ((TSC × scale) >> 64 + offset + QpcBias) >> QpcShift
//! precise time = SystemTime + (((QPC − Baseline − 1) << Shift) × Increment) >> 64
//! ```
//!
//! under `TimeUpdateLock`, which is odd during an update. Units are 100 ns, since 1601 or
//! since boot. `QpcBypassEnabled` says whether and how programs may read the counter
//! themselves ([`bypass`]); where they may not, only the coarse clocks are readable, and
//! the functions of the system (`GetSystemTimePreciseAsFileTime`,
//! `QueryPerformanceCounter`) are what there is.
//!
//! The offsets are in Microsoft's header, and cannot change as long as 32-bit programs
//! run. The arithmetic is in no header: it is known from the system's own code, and from
//! dumps of the page of running systems, which it explains.
//!
//! # References
//! `ntddk.h`, `KUSER_SHARED_DATA` and `SHARED_GLOBAL_FLAGS_QPC_BYPASS_…`;
//! Hypervisor Top-Level Functional Specification, "Partition Reference TSC Mechanism".

mod hypervisor;
mod layout;
mod reader;
mod writer;

pub use hypervisor::{HypervisorPage, HypervisorWriter, ReferenceTsc};
pub use layout::{ADDRESS, HYPERVISOR_LENGTH, LENGTH, UNIX_EPOCH};
pub use reader::{Coarse, Contents, Frame, Reader};
pub use writer::Writer;

/// Bits of `QpcBypassEnabled`: whether and how programs read the counter.
pub mod bypass {
    /// They may; without it no other bit is set.
    pub const ENABLED: u8 = 0x01;
    /// By way of the hypervisor's page.
    pub const HYPERVISOR_PAGE: u8 = 0x02;
    /// 32-bit programs may not.
    pub const NOT_IN_32_BIT: u8 = 0x04;
    /// After `mfence`.
    pub const MFENCE: u8 = 0x10;
    /// After `lfence`.
    pub const LFENCE: u8 = 0x20;
    /// In the way that Arm's Cortex-A73 needs.
    pub const A73_ERRATUM: u8 = 0x40;
    /// By `rdtscp`.
    pub const RDTSCP: u8 = 0x80;
}
