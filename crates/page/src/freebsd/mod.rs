//! FreeBSD: the timehands of the shared page.
//!
//! The auxiliary vector says where they are (`AT_TIMEKEEP`, [`AT_TIMEKEEP`]). There are
//! four timehands, which take turns: the kernel writes the next one, whose generation
//! is zero meanwhile, and then says that it is the current one. So a reader seldom has
//! to wait, and one that is put aside for a tick still finds its timehands whole.
//!
//! ```text
//! delta  = (counter − th_offset_count) & th_counter_mask
//! uptime = th_offset + th_scale × delta          wall = uptime + th_boottime
//! ```
//!
//! in units of 2^-64 s. The counter is 32 bits wide; `th_scale × delta` is more than 64
//! bits after a second without an update, so it is taken in 128. The kernel updates the
//! page at least three times in each turn of the counter (`tc_min_ticktock_freq`).
//!
//! The C library answers `ENOSYS`, and asks the kernel, where `tk_enabled` is zero or
//! the version is another. Algorithms other than 1 (the HPET, Hyper-V's page, KVM's
//! clock) read a device that has to be opened and mapped, which a process in capability
//! mode may not: [`Unreadable::Device`](crate::Unreadable::Device).
//!
//! # References
//! FreeBSD `sys/sys/vdso.h`, `sys/x86/include/vdso.h`, `sys/arm64/include/vdso.h`,
//! `sys/kern/kern_sharedpage.c` (`timehands_update`), `lib/libc/sys/__vdso_gettimeofday.c`,
//! `lib/libc/x86/sys/__vdso_gettc.c`.

mod layout;
mod reader;
mod writer;

pub use layout::{AT_TIMEKEEP, LENGTH, SLOTS};
pub use reader::{Frame, Reader, Timehands};
pub use writer::{Contents, Writer};

/// Number of the timecounter that is the CPU's own: the TSC, the generic timer
/// (`VDSO_TH_ALGO_1`).
pub const COUNTER: u32 = 1;
