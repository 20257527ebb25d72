//! Entering the kernel on x86 of 32 bits.

use core::arch::naked_asm;

/// # Safety
/// That of the system call.
#[inline]
pub(super) unsafe fn syscall(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> usize {
    // SAFETY: the caller's.
    unsafe { enter(number, a, b, c, d, e, f) }
}

/// The kernel takes arguments in registers that the C convention gives back as they
/// were, and of which the compiler keeps two for itself: hence a function, and not
/// inline assembly.
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
    f: usize,
) -> usize {
    naked_asm!(
        "push ebx",
        "push esi",
        "push edi",
        "push ebp",
        // Behind four registers and the return address.
        "mov eax, [esp + 20]",
        "mov ebx, [esp + 24]",
        "mov ecx, [esp + 28]",
        "mov edx, [esp + 32]",
        "mov esi, [esp + 36]",
        "mov edi, [esp + 40]",
        "mov ebp, [esp + 44]",
        "int 0x80",
        "pop ebp",
        "pop edi",
        "pop esi",
        "pop ebx",
        "ret",
    )
}
