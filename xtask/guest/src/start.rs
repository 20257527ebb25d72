//! From the first instruction to `run`.
//!
//! A kernel starts a program with the arguments on the stack, and nothing else:
//! no frame, and no stack alignment that the calling convention could trust.

use crate::{kernel, run};
use core::arch::naked_asm;

extern "C" fn main() -> ! {
    run();
    kernel::restart()
}

#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    naked_asm!("xor ebp, ebp", "and rsp, -16", "call {main}", "ud2", main = sym main)
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    naked_asm!("mov x29, xzr", "mov x30, xzr", "b {main}", main = sym main)
}

#[cfg(target_arch = "riscv64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    naked_asm!(
        ".option push",
        ".option norelax",
        "lla gp, __global_pointer$",
        ".option pop",
        "andi sp, sp, -16",
        "tail {main}",
        main = sym main,
    )
}

#[cfg(target_arch = "loongarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    naked_asm!("move $fp, $zero", "bstrins.d $sp, $zero, 3, 0", "b {main}", main = sym main)
}

// The callee saves registers in the 160 bytes above its stack pointer.
#[cfg(target_arch = "s390x")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    naked_asm!("aghi %r15, -160", "xc 0(8,%r15), 0(%r15)", "brasl %r14, {main}", "j .+2", main = sym main)
}

// The kernel leaves the entry's address in r12; the table of contents is at a
// known distance from it.
#[cfg(all(target_arch = "powerpc64", target_endian = "little"))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    naked_asm!(
        "0: addis 2, 12, .TOC.-0b@ha",
        "addi 2, 2, .TOC.-0b@l",
        "clrrdi 1, 1, 4",
        "li 0, 0",
        "stdu 0, -32(1)",
        "bl {main}",
        "nop",
        "trap",
        main = sym main,
    )
}
