//! x86-64: the exported functions, and what only instructions can do.

use core::arch::{asm, global_asm, x86_64::_rdtsc};
use core::sync::atomic::AtomicU32;

use crate::count::Counter;
use crate::layout::{Function, NOTICE};

// Each entry passes on its return address, the stack pointer and the frame pointer after the
// return, and a register that functions preserve, in the third to sixth register for arguments,
// and becomes the function in Rust: so every call is paired with one return, and shadow stacks
// and return predictors agree. The last two have more arguments than that, and go to the kernel
// as they came.
global_asm!(
    // With a third name, it becomes that one where nothing is counted, which has no use for all
    // this.
    ".macro entry name, to, plain",
    ".globl __vdso_\\name",
    ".type __vdso_\\name, @function",
    ".p2align 4",
    "__vdso_\\name:",
    ".cfi_startproc",
    "endbr64",
    ".ifnb \\plain",
    "test byte ptr [rip + __ehdr_start - {control} + {flags}], {count}",
    "jz \\plain",
    ".endif",
    "mov rdx, [rsp]",
    "lea rcx, [rsp + 8]",
    "mov r8, rbp",
    "mov r9, rbx",
    "jmp \\to",
    ".cfi_endproc",
    ".size __vdso_\\name, . - __vdso_\\name",
    ".weak \\name",
    ".set \\name, __vdso_\\name",
    ".endm",
    ".macro forward name, index",
    ".globl __vdso_\\name",
    ".type __vdso_\\name, @function",
    ".p2align 4",
    "__vdso_\\name:",
    ".cfi_startproc",
    "endbr64",
    "lea rax, [rip + __ehdr_start - {private}]",
    "jmp [rax + 8 * \\index]",
    ".cfi_endproc",
    ".size __vdso_\\name, . - __vdso_\\name",
    ".endm",
    ".text",
    ".hidden __ehdr_start",
    // The image's entry point, which stands in for the kernel's function where the counter is
    // trapped: the system call, with a word in an argument of no meaning by which the
    // launcher's filter knows whose it is.
    ".globl instanter_system_call",
    ".hidden instanter_system_call",
    ".type instanter_system_call, @function",
    ".p2align 4",
    "instanter_system_call:",
    ".cfi_startproc",
    "endbr64",
    "mov r9, [rip + __ehdr_start - {control} + {password}]",
    "mov eax, 228",
    "syscall",
    "ret",
    ".cfi_endproc",
    ".size instanter_system_call, . - instanter_system_call",
    "entry clock_gettime, instanter_counted_clock_gettime, instanter_clock_gettime",
    "entry gettimeofday, instanter_gettimeofday",
    "entry time, instanter_time",
    "entry clock_getres, instanter_clock_getres",
    "entry getcpu, instanter_getcpu",
    "forward getrandom, {getrandom}",
    ".weak getrandom",
    ".set getrandom, __vdso_getrandom",
    "forward sgx_enter_enclave, {sgx}",
    private = const crate::layout::PRIVATE_BEFORE,
    control = const crate::layout::CONTROL_BEFORE,
    password = const core::mem::offset_of!(crate::layout::Control, password),
    flags = const core::mem::offset_of!(crate::layout::Control, flags),
    count = const crate::layout::COUNT,
    getrandom = const Function::Getrandom as u32,
    sgx = const Function::SgxEnterEnclave as u32,
);

/// The address of the image's first byte.
#[inline(always)]
pub fn image() -> *const u8 {
    let address: *const u8;
    // SAFETY: an address is computed.
    unsafe {
        asm!("lea {}, [rip + __ehdr_start]", out(reg) address,
            options(nomem, nostack, preserves_flags));
    }
    address
}

/// A number of which the compiler knows nothing, so that it computes nothing from it
/// beforehand.
#[inline(always)]
pub fn opaque(mut number: u32) -> u32 {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0:e} */", inout(reg) number, options(nomem, nostack, preserves_flags)) };
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

/// The counter, unordered: it may be read a little before what precedes it is done.
#[inline(always)]
pub fn ticks() -> u64 {
    // SAFETY: a program that may not read it may not call the kernel's function either.
    unsafe { _rdtsc() }
}

/// The counter, after all loads before it and before all that depends on it. Only where the
/// launcher has seen that the CPU has this instruction.
///
/// It waits as `lfence` and `rdtsc` do and takes a nanosecond less.
#[inline(always)]
pub fn counter() -> u64 {
    let (low, high): (u64, u64);
    // SAFETY: as for `ticks`; who sees a page has seen the instruction.
    unsafe {
        asm!("rdtscp", out("rax") low, out("rdx") high, out("rcx") _,
            options(nostack, preserves_flags));
    }
    high << 32 | low
}

/// The thread pointer. Only where the launcher has seen that the CPU and kernel allow it.
#[inline(always)]
pub fn thread() -> usize {
    let thread: usize;
    // SAFETY: allowed, says the flag.
    unsafe {
        asm!("rdfsbase {}", out(reg) thread, options(pure, nomem, nostack, preserves_flags));
    }
    thread
}

/// A return address as it was before it was stored.
#[inline(always)]
pub fn unsigned(address: usize) -> usize {
    address
}

/// Whether [`thread`] takes long.
pub const ASKING_TAKES_LONG: bool = true;

/// The same, loaded from where it points to.
///
/// # Safety
/// It must point to itself.
#[inline(always)]
pub unsafe fn thread_from_itself() -> usize {
    let thread: usize;
    // SAFETY: the caller's promise.
    unsafe {
        asm!("mov {}, fs:[0]", out(reg) thread, options(readonly, nostack, preserves_flags));
    }
    thread
}

/// Adds one, as [`add`] does.
#[inline(always)]
pub fn count(counter: &Counter) {
    // SAFETY: the memory is a counter in the writable table.
    unsafe { asm!("inc qword ptr [{}]", in(reg) counter.as_ptr(), options(nostack)) };
}

/// Adds. One instruction, so that no signal handler of this thread comes between; not
/// locked, because the counter is this thread's.
#[inline(always)]
pub fn add(counter: &Counter, value: u64) {
    // SAFETY: the memory is a counter in the writable table.
    unsafe {
        asm!("add qword ptr [{}], {}", in(reg) counter.as_ptr(), in(reg) value,
            options(nostack));
    }
}

/// Adds to a counter of 32 bits.
#[inline(always)]
pub fn add_small(counter: &AtomicU32, value: u32) {
    // SAFETY: the memory is a counter in the writable table.
    unsafe {
        asm!("add dword ptr [{}], {:e}", in(reg) counter.as_ptr(), in(reg) value,
            options(nostack));
    }
}

/// Tells the tracer something.
#[cold]
#[inline(never)]
pub fn notice(reason: u64, first: usize, second: usize, third: usize, fourth: usize) {
    // SAFETY: a system call that no kernel has, so without a tracer it fails.
    unsafe {
        asm!("syscall", inout("rax") NOTICE as u64 => _, in("rdi") reason, in("rsi") first,
            in("rdx") second, in("r10") third, in("r8") fourth, out("rcx") _, out("r11") _, options(nostack));
    }
}
