//! OpenBSD: the `timekeep` page.
//!
//! The auxiliary vector says where it is (`AUX_openbsd_timekeep`, [`AUX_TIMEKEEP`]). One
//! copy, whose generation is zero while the kernel writes:
//!
//! ```text
//! delta   = (counter − tk_offset_count) & tk_counter_mask
//! uptime  = tk_offset + tk_scale × delta         wall = uptime + tk_boottime
//! runtime = uptime − tk_naptime
//! ```
//!
//! in units of 2^-64 s. `tk_user` says which counter is meant: zero for one that only
//! the kernel reads. The C library does not look at the page where `LIBC_NOUSERTC` is in
//! the environment, and asks the kernel: whoever finds the page should do the same.
//!
//! # References
//! OpenBSD `sys/sys/timetc.h`, `sys/kern/kern_tc.c` (`tc_update_timekeep`),
//! `lib/libc/sys/microtime.c`, `lib/libc/arch/amd64/gen/usertc.c`,
//! `lib/libc/arch/aarch64/gen/usertc.c`.

mod layout;
mod reader;
mod writer;

pub use layout::{AUX_TIMEKEEP, LENGTH};
pub use reader::{Clocks, Frame, Reader, Timekeep};
pub use writer::Writer;
