//! Entering the kernel on LoongArch 64.

use core::arch::asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    let returned;
    // SAFETY: the caller's. The kernel keeps no temporary register.
    unsafe {
        asm!("syscall 0",
             in("$a7") number, inlateout("$a0") a => returned,
             in("$a1") b, in("$a2") c, in("$a3") d, in("$a4") e, in("$a5") f,
             lateout("$t0") _, lateout("$t1") _, lateout("$t2") _, lateout("$t3") _,
             lateout("$t4") _, lateout("$t5") _, lateout("$t6") _, lateout("$t7") _, lateout("$t8") _,
             options(nostack));
    }
    returned
}
