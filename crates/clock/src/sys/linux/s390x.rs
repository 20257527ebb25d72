//! Entering the kernel on s390x.

use core::arch::asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    let returned;
    // SAFETY: the caller's.
    unsafe {
        asm!("svc 0",
             in("r1") number, inlateout("r2") a => returned,
             in("r3") b, in("r4") c, in("r5") d, in("r6") e, in("r7") f,
             options(nostack));
    }
    returned
}
