//! Entering the kernel on POWER.

use core::arch::asm;

use super::KernelTimespec;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    let returned;
    // SAFETY: the caller's. `sc` tells an error by the summary overflow bit and a
    // positive number; negated, it is what the other CPUs return.
    unsafe {
        asm!("sc", "bns+ 2f", "neg 3, 3", "2:",
             inlateout("r0") number => _, inlateout("r3") a => returned,
             inlateout("r4") b => _, inlateout("r5") c => _, inlateout("r6") d => _,
             inlateout("r7") e => _, inlateout("r8") f => _, lateout("r9") _, lateout("r10") _,
             lateout("r11") _, lateout("r12") _, lateout("cr0") _, lateout("ctr") _,
             lateout("xer") _, options(nostack));
    }
    returned
}

/// Calls a vDSO function that takes a clock id and a timespec.
///
/// The vDSO's symbols are entry points, not the descriptors that a function
/// pointer is on big-endian POWER, and an error is told as `sc` tells it.
///
/// # Safety
/// `function` must be the address of one.
#[inline]
pub(crate) unsafe fn vdso_call(function: *const (), id: i32, into: *mut KernelTimespec) -> i32 {
    let returned: i64;
    // SAFETY: the caller says what it is. The frame below the stack pointer gives
    // the callee its back chain and parameter save area.
    unsafe {
        asm!("stdu 1, -112(1)", "mtctr 12", "bctrl", "addi 1, 1, 112", "bns+ 2f", "neg 3, 3", "2:",
             inlateout("r12") function => _, inlateout("r3") i64::from(id) => returned,
             inlateout("r4") into => _, lateout("lr") _, clobber_abi("C"));
    }
    returned as i32
}
