//! Entering the kernel on AArch64.

use core::arch::asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    let returned;
    // SAFETY: the caller's.
    unsafe {
        asm!("svc 0",
             in("x8") number, inlateout("x0") a => returned,
             in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
             options(nostack));
    }
    returned
}
