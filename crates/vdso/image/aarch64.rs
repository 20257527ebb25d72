//! AArch64: the exported functions, and what only instructions can do.

use core::arch::{asm, global_asm};
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

use crate::count::Counter;
use crate::layout::{Function, NOTICE};

// As on x86-64; `bti c` is `hint 34`, which older assemblers and CPUs take, too.
global_asm!(
    ".macro entry name, to, plain",
    ".globl __kernel_\\name",
    ".type __kernel_\\name, %function",
    ".p2align 4",
    "__kernel_\\name:",
    ".cfi_startproc",
    "hint 34",
    ".ifnb \\plain",
    "adrp x2, __ehdr_start - {control}",
    "ldr w2, [x2, #{flags}]",
    "tst w2, #{count}",
    "b.eq \\plain",
    ".endif",
    "mov x2, x30",
    "mov x3, sp",
    "mov x4, x29",
    "mov x5, xzr",
    "b \\to",
    ".cfi_endproc",
    ".size __kernel_\\name, . - __kernel_\\name",
    ".endm",
    ".text",
    ".hidden __ehdr_start",
    // As on x86-64: the system call, with a word in an argument of no meaning.
    ".globl instanter_system_call",
    ".hidden instanter_system_call",
    ".type instanter_system_call, %function",
    ".p2align 4",
    "instanter_system_call:",
    ".cfi_startproc",
    "hint 34",
    "adrp x5, __ehdr_start - {control}",
    "ldr x5, [x5, #{password}]",
    "mov x8, #113",
    "svc #0",
    "ret",
    ".cfi_endproc",
    ".size instanter_system_call, . - instanter_system_call",
    "entry clock_gettime, instanter_counted_clock_gettime, instanter_clock_gettime",
    "entry gettimeofday, instanter_gettimeofday",
    "entry clock_getres, instanter_clock_getres",
    ".globl __kernel_getrandom",
    ".type __kernel_getrandom, %function",
    ".p2align 4",
    "__kernel_getrandom:",
    ".cfi_startproc",
    "hint 34",
    "adrp x16, __ehdr_start - {private}",
    "ldr x16, [x16, #8 * {getrandom}]",
    "br x16",
    ".cfi_endproc",
    ".size __kernel_getrandom, . - __kernel_getrandom",
    // The kernel returns from handlers through its own; debuggers look for the name.
    ".p2align 4",
    "nop",
    ".globl __kernel_rt_sigreturn",
    ".type __kernel_rt_sigreturn, %function",
    "__kernel_rt_sigreturn:",
    "mov x8, #139",
    "svc #0",
    ".size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn",
    private = const crate::layout::PRIVATE_BEFORE,
    control = const crate::layout::CONTROL_BEFORE,
    password = const core::mem::offset_of!(crate::layout::Control, password),
    flags = const core::mem::offset_of!(crate::layout::Control, flags),
    count = const crate::layout::COUNT,
    getrandom = const Function::Getrandom as u32,
);

/// The address of the image's first byte, which begins a page.
#[inline(always)]
pub fn image() -> *const u8 {
    let address: *const u8;
    // SAFETY: an address is computed.
    unsafe {
        asm!("adrp {}, __ehdr_start", out(reg) address,
            options(nomem, nostack, preserves_flags));
    }
    address
}

/// A number of which the compiler knows nothing, so that it computes nothing from it
/// beforehand.
#[inline(always)]
pub fn opaque(mut number: u32) -> u32 {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0:w} */", inout(reg) number, options(nomem, nostack, preserves_flags)) };
    number
}

/// Calls a function of two arguments.
///
/// # Safety
/// `function` must be one of the kernel's vDSO, the arguments what it expects.
#[inline(always)]
pub unsafe fn call(function: usize, first: usize, second: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let function: extern "C" fn(usize, usize) -> i32 = core::mem::transmute(function);
        function(first, second)
    }
}

/// The counter, unordered.
#[inline(always)]
pub fn ticks() -> u64 {
    let ticks: u64;
    // SAFETY: a program that may not read it may not call the kernel's function either.
    unsafe { asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
    ticks
}

/// The counter, and before all loads that follow: a load whose address depends on it cannot
/// start before it is known, and no later one overtakes that.
#[inline(always)]
pub fn counter() -> u64 {
    let ticks: u64;
    // SAFETY: as for `ticks`; the barrier keeps it from being read before its place; the
    // address is the stack pointer plus zero, which is readable.
    unsafe {
        asm!(
            "isb",
            "mrs {ticks}, cntvct_el0",
            "eor {zero}, {ticks}, {ticks}",
            "add {zero}, sp, {zero}",
            "ldr xzr, [{zero}]",
            zero = out(reg) _,
            ticks = out(reg) ticks,
            options(nostack, preserves_flags),
        );
    }
    ticks
}

/// The thread pointer.
#[inline(always)]
pub fn thread() -> usize {
    let thread: usize;
    // SAFETY: a register that every program may read.
    unsafe {
        asm!("mrs {}, tpidr_el0", out(reg) thread, options(pure, nomem, nostack));
    }
    thread
}

/// A return address as it was before it was stored: pointer authentication signs it in the
/// bits above those of an address.
#[inline(always)]
pub fn unsigned(address: usize) -> usize {
    address & ((1 << 48) - 1)
}

/// Whether [`thread`] takes long.
pub const ASKING_TAKES_LONG: bool = false;

/// Not used here.
///
/// # Safety
/// As for [`thread`].
#[inline(always)]
pub unsafe fn thread_from_itself() -> usize {
    thread()
}

/// Adds one, as [`add`] does.
#[inline(always)]
pub fn count(counter: &Counter) {
    add(counter, 1);
}

/// Adds, exclusively: no single instruction of the oldest of these CPUs does it.
#[inline(always)]
pub fn add(counter: &Counter, value: u64) {
    // SAFETY: the memory is a counter in the writable table.
    unsafe {
        asm!("2:", "ldxr {old}, [{at}]", "add {old}, {old}, {value}",
            "stxr {failed:w}, {old}, [{at}]", "cbnz {failed:w}, 2b",
            at = in(reg) counter.as_ptr(), value = in(reg) value,
            old = out(reg) _, failed = out(reg) _, options(nostack));
    }
}

/// Adds to a counter of 32 bits.
#[inline(always)]
pub fn add_small(counter: &AtomicU32, value: u32) {
    counter.store(counter.load(Relaxed).wrapping_add(value), Relaxed);
}

/// Tells the tracer something.
#[cold]
#[inline(never)]
pub fn notice(reason: u64, first: usize, second: usize, third: usize, fourth: usize) {
    // SAFETY: a system call that no kernel has, so without a tracer it fails.
    unsafe {
        asm!("svc #0", in("x8") NOTICE as u64, inout("x0") reason => _, in("x1") first,
            in("x2") second, in("x3") third, in("x4") fourth, options(nostack));
    }
}
