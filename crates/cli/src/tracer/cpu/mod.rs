//! Registers, and what instructions look like.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod sys;

// Tested on every CPU.
#[cfg(any(target_arch = "aarch64", test))]
mod mrs;

use nix::libc;

pub(crate) use sys::Registers;
pub(super) use sys::{
    ARCHITECTURE, BREAKPOINT, CounterRead, LONGEST_READ, SHORTEST_READ, SYSTEM_CALL, TRAPS_SINCE,
    VDSO_PREFIX, are_instructions, get, has_thread_pointer, like_counter_reads, may_be_forwarded,
    set, watch, watchable,
};

/// Whether a stopped thread's program is one of 32 bits: it has fewer registers.
pub(super) fn is_narrow(tid: i32) -> bool {
    let mut registers = [0_u8; 1024];
    let (iov_base, iov_len) = (registers.as_mut_ptr().cast(), registers.len());
    let mut vector = libc::iovec { iov_base, iov_len };
    // SAFETY: the vector describes the array: no more is written.
    let done =
        unsafe { libc::ptrace(libc::PTRACE_GETREGSET, tid, libc::NT_PRSTATUS, &raw mut vector) };
    done == 0 && vector.iov_len < size_of::<libc::user_regs_struct>()
}
