//! Registers, and what instructions look like.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod sys;

// Tested on every CPU.
#[cfg(any(target_arch = "aarch64", test))]
mod mrs;

pub(crate) use sys::Registers;
pub(super) use sys::{
    ARCHITECTURE, BREAKPOINT, CounterRead, LONGEST_READ, SHORTEST_READ, SYSTEM_CALL, TRAPS_SINCE,
    VDSO_PREFIX, are_instructions, get, has_thread_pointer, like_counter_reads, may_be_forwarded,
    set, watch, watchable,
};
