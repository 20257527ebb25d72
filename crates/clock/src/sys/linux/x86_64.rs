//! Entering the kernel on x86-64.

use core::arch::asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    let returned;
    // SAFETY: the caller's; the kernel clobbers rcx and r11.
    unsafe {
        asm!("syscall", inlateout("rax") number => returned,
             in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
             lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    returned
}
