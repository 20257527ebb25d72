//! Entering the kernel on RISC-V 64.

use core::arch::asm;

use super::KernelTimespec;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e]: [usize; 5]) -> usize {
    let returned;
    // SAFETY: the caller's.
    unsafe {
        asm!("ecall",
             in("a7") number, inlateout("a0") a => returned,
             in("a1") b, in("a2") c, in("a3") d, in("a4") e,
             options(nostack));
    }
    returned
}

/// Calls a vDSO function that takes a clock id and a timespec.
///
/// # Safety
/// `function` must be the address of one.
#[inline]
pub(crate) unsafe fn vdso_call(function: *const (), id: i32, into: *mut KernelTimespec) -> i32 {
    // SAFETY: the caller says what it is; the vDSO follows the C convention.
    unsafe {
        let function: unsafe extern "C" fn(i32, *mut KernelTimespec) -> i32 =
            core::mem::transmute(function);
        function(id, into)
    }
}
