//! Entering the kernel on x86 of 32 bits.

use core::arch::naked_asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e]: [usize; 5]) -> usize {
    // SAFETY: the caller's.
    unsafe { enter(number, a, b, c, d, e) }
}

/// The kernel takes five arguments in registers that the C convention gives back as
/// they were, and of which the compiler keeps one for itself: hence a function, and
/// not inline assembly.
///
/// # Safety
/// That of the system call.
#[unsafe(naked)]
unsafe extern "C" fn enter(
    number: usize,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
) -> usize {
    naked_asm!(
        "push ebx",
        "push esi",
        "push edi",
        // Behind three registers and the return address.
        "mov eax, [esp + 16]",
        "mov ebx, [esp + 20]",
        "mov ecx, [esp + 24]",
        "mov edx, [esp + 28]",
        "mov esi, [esp + 32]",
        "mov edi, [esp + 36]",
        "int 0x80",
        "pop edi",
        "pop esi",
        "pop ebx",
        "ret",
    )
}
