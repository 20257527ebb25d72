//! Registers, and what instructions look like.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod sys;

pub(crate) use sys::Registers;
pub(super) use sys::{
    ARCHITECTURE, CounterRead, SYSTEM_CALL, VDSO_PREFIX, get, has_thread_pointer, set, trap_counter,
};
