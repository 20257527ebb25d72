//! Darwin: the commpage of macOS and its relatives.
//!
//! A page at a fixed address ([`BASE_X86_64`], [`BASE_AARCH64`]) of every process. It
//! yields absolute time, which stands still while the machine sleeps, continuous time,
//! which does not, and the wall clock as a line over absolute time:
//!
//! ```text
//! x86-64    absolute = NT_NS_BASE + (((TSC − NT_TSC_BASE) << NT_SHIFT) × NT_SCALE) >> 32     in ns
//! AArch64   absolute = CNTVCT + TIMEBASE_OFFSET                                              in ticks
//!           continuous = absolute + CONT_TIMEBASE
//! wall = sec + frac + (absolute − tick) × scale                                  in units of 2^-64 s
//! ```
//!
//! On x86-64 the line of absolute time has a generation, which is zero during an update.
//! The line of the wall clock has its `tick` for that on both; it is zero, too, where the
//! kernel has switched the line off, and the C library asks the kernel then, as it does
//! when the line is a second old. An absolute tick on Arm is 1/24 µs on most machines:
//! [`Timespec::from_ticks`](crate::Timespec::from_ticks) is exact about it.
//!
//! The C library cuts the wall clock down to microseconds; the page has more, and here
//! it is kept.
//!
//! No interface promises any of this, and raw system calls are none there either: a
//! program's way is libSystem (`clock_gettime_nsec_np`, `mach_absolute_time`).
//!
//! # References
//! xnu `osfmk/i386/cpu_capabilities.h`, `osfmk/arm/cpu_capabilities.h`,
//! `osfmk/i386/commpage/commpage.c`, `libsyscall/wrappers/mach_absolute_time.s`,
//! `mach_continuous_time.c`, `__commpage_gettimeofday.c`.

mod layout;
mod reader;
mod writer;

pub use layout::{BASE_AARCH64, BASE_X86_64, LENGTH};
pub use reader::{Absolute, Contents, Frame, Reader, TimeOfDay};
pub use writer::Writer;
