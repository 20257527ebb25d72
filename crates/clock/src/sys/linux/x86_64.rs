//! Entering the kernel on x86-64.

use core::arch::asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e]: [usize; 5]) -> usize {
    let returned;
    // SAFETY: the caller's; the kernel clobbers rcx and r11.
    unsafe {
        asm!("syscall", inlateout("rax") number => returned,
             in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e,
             lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    returned
}
