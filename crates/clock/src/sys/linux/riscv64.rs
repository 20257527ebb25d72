//! Entering the kernel on RISC-V 64.

use core::arch::asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    let returned;
    // SAFETY: the caller's.
    unsafe {
        asm!("ecall",
             in("a7") number, inlateout("a0") a => returned,
             in("a1") b, in("a2") c, in("a3") d, in("a4") e, in("a5") f,
             options(nostack));
    }
    returned
}
