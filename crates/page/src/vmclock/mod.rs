//! vmclock: what a hypervisor tells its guests of the time.
//!
//! A page that a virtual machine finds by an ACPI device (`AMZNC10C`; Linux shows it as
//! `/dev/vmclock0`), and that programs of the guest may map. It relates the CPU's
//! counter to UTC or TAI as the host measures them, with bounds of the error, and its
//! disruption marker changes when the machine was moved to another host:
//!
//! ```text
//! time = time_sec + time_frac_sec + (counter − counter_value) × period / 2^shift
//! ```
//!
//! with the period in units of 2^-64 s. All fields are little-endian, on every CPU. A
//! host need not offer time at all: then the marker is all there is.
//!
//! UTC is TAI plus `tai_offset_sec` here, as Linux's driver has it; the header does not
//! say.
//!
//! # References
//! Linux `include/uapi/linux/vmclock-abi.h`, `drivers/ptp/ptp_vmclock.c`.

mod layout;
mod reader;
mod writer;

pub use layout::LENGTH;
pub use reader::{Abi, CounterId, Frame, Reader, TimeType, flag, status};
pub use writer::Writer;
