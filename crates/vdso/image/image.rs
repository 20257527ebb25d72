//! The image itself: what runs inside other people's programs.
//!
//! Compiled by the build script on its own, without `std`, at any address and
//! without relocations. It may be called on a small stack, in a signal handler, by a
//! runtime that is not C: it allocates nothing, locks nothing, and uses no thread
//! variable. Each exported function is a few instructions of `x86_64.rs` or
//! `aarch64.rs`, which pass on who called; the rest is here.
#![no_std]

#[path = "../src/layout.rs"]
pub mod layout;
#[path = "../src/line.rs"]
pub mod line;

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod cpu;

mod count;
mod page;
mod way;

use core::hint::{cold_path, spin_loop};
use core::sync::atomic::Ordering::{Acquire, Relaxed};
use core::sync::atomic::{AtomicI64, fence};

use count::Wanted;
use layout::{
    CLOCKS, CONTROL_BEFORE, COUNT, Control, Function, PRIVATE_BEFORE, Private, SHARED_BEFORE,
    Shared,
};
use line::{Line, SECOND, SHIFTED, SLOPED, STEPPED, TRUE};

/// `struct timespec` of 64-bit Linux.
#[repr(C)]
pub struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// `struct timeval` of 64-bit Linux.
#[repr(C)]
pub struct Timeval {
    seconds: i64,
    microseconds: i64,
}

/// `CLOCK_REALTIME`
const REALTIME: u32 = 0;
/// What a function of the kernel's returns that is not there (`-ENOSYS`).
const NO_FUNCTION: i32 = -38;

#[inline(always)]
fn control() -> &'static Control {
    // SAFETY: the launcher has mapped it there before the program ran, for as long as
    // the image is mapped.
    unsafe { &*cpu::image().wrapping_sub(CONTROL_BEFORE).cast() }
}

#[inline(always)]
fn private() -> &'static Private {
    // SAFETY: as above.
    unsafe { &*cpu::image().wrapping_sub(PRIVATE_BEFORE).cast() }
}

#[inline(always)]
fn shared() -> &'static Shared {
    // SAFETY: as above.
    unsafe { &*cpu::image().wrapping_sub(SHARED_BEFORE).cast() }
}

#[inline(always)]
fn kernel(function: Function) -> usize {
    private().kernel[function as usize].load(Relaxed) as usize
}

/// Who called: the return address, and the stack pointer and the frame pointer after the
/// return.
#[derive(Clone, Copy)]
pub struct Caller {
    address: usize,
    stack: usize,
    frame: usize,
    /// A register that functions preserve; 0 where none is of use.
    register: usize,
}

/// Clocks of which none stands in for another: those that the kernel's vDSO serves, but
/// for the coarse ones.
const PLAIN: u32 = 1 | 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11;

/// Reads a clock from the kernel's page and applies its line.
///
/// What the CPU does until it has the counter goes on beside nothing, and what is left behind
/// the counter is waited for by the next read: so there are few instructions in all, little is
/// kept across the counter, and behind it is one short chain of arithmetic.
///
/// # Safety
/// The launcher must have written where the kernel's function is, and `out` must be
/// memory for an answer.
#[inline(always)]
unsafe fn read(clock: u32, out: *mut Timespec) -> i32 {
    // SAFETY: the caller's promise.
    let otherwise = || unsafe { read_by_call(clock, out) };
    if !page::has(clock) {
        return otherwise();
    }
    // An odd number is not to be found again.
    let before = control().sequence.load(Acquire) & !1;
    let index = index(clock);
    let kind = line(index).kind.load(Relaxed);
    let Some((seconds, nanoseconds)) = page::now(clock) else { return otherwise() };
    let Some((seconds, nanoseconds)) = shown(index, kind, seconds, nanoseconds) else {
        return otherwise();
    };
    fence(Acquire);
    if control().sequence.load(Relaxed) != before {
        return otherwise();
    }
    // SAFETY: the caller's promise.
    unsafe { out.write(Timespec { seconds, nanoseconds }) };
    0
}

/// Carries a whole second out of the nanoseconds: seldom more than none, because the kernel
/// writes a page with less than a second, and many times in one.
#[inline(always)]
fn carried(seconds: i64, nanoseconds: i64) -> (i64, i64) {
    if nanoseconds < SECOND {
        return (seconds, nanoseconds);
    }
    cold_path();
    (seconds.wrapping_add(nanoseconds / SECOND), nanoseconds % SECOND)
}

/// What a line of a kind shows where the true clock shows this, if that is soon said: for one
/// that steps, or one that is in another second than the last time, it is not.
#[inline(always)]
fn shown(index: usize, kind: u32, seconds: i64, nanoseconds: i64) -> Option<(i64, i64)> {
    match kind {
        TRUE => Some(carried(seconds, nanoseconds)),
        SLOPED => line(index).slopes(seconds, nanoseconds, second(index).load(Relaxed)),
        SHIFTED => {
            let (seconds, nanoseconds) = carried(seconds, nanoseconds);
            Some(line(index).shifted(seconds, nanoseconds))
        }
        _ => None,
    }
}

/// Asks the kernel's vDSO for a clock and applies its line.
///
/// What is loaded in front of the call is waited for by the fence that the kernel's
/// function begins with, so it is only the sequence number, given by `before`, and the
/// function's address; the line's loads go on beside the kernel's arithmetic. What is kept
/// across the call has to be saved, so addresses are computed again after it.
///
/// # Safety
/// As for [`read`].
#[inline(never)]
unsafe extern "C" fn read_by_call(clock: u32, out: *mut Timespec) -> i32 {
    let before = control().sequence.load(Acquire);
    if before & 1 != 0 || clock >= 32 || PLAIN >> clock & 1 == 0 {
        // SAFETY: the caller's promise.
        return unsafe { read_other(clock, out) };
    }
    let function = kernel(Function::ClockGettime);
    // SAFETY: the caller's promise.
    let result = unsafe { cpu::call(function, clock as usize, out as usize) };
    if result != 0 {
        return result;
    }
    let index = index(cpu::opaque(clock));
    let kind = line(index).kind.load(Relaxed);
    if kind != TRUE {
        // SAFETY: the kernel's function has filled in the answer.
        unsafe {
            match shown(index, kind, (*out).seconds, (*out).nanoseconds) {
                Some((seconds, nanoseconds)) => out.write(Timespec { seconds, nanoseconds }),
                None => show_anew(index, out),
            }
        }
    }
    fence(Acquire);
    if control().sequence.load(Relaxed) == before {
        return 0;
    }
    // SAFETY: the caller's promise.
    unsafe { read_other(clock, out) }
}

/// The same while lines change, and for the other clocks: without a line, or with one that
/// another clock may stand in for.
///
/// # Safety
/// As for [`read`].
#[cold]
#[inline(never)]
unsafe fn read_other(clock: u32, out: *mut Timespec) -> i32 {
    let function = kernel(Function::ClockGettime);
    // SAFETY: the caller's promise.
    let ask = |clock: u32| unsafe { cpu::call(function, clock as usize, out as usize) };
    if clock as usize >= CLOCKS {
        return ask(clock);
    }
    loop {
        let before = control().sequence.load(Acquire);
        if before & 1 != 0 {
            spin_loop();
            continue;
        }
        let index = index(clock);
        let line = line(index);
        let is_true = line.kind.load(Relaxed) == TRUE;
        let result = ask(if is_true { clock } else { line.source.load(Relaxed) });
        if result != 0 {
            return result;
        }
        if !is_true {
            // SAFETY: the caller's promise; the kernel's function has filled it in.
            unsafe { show_anew(index, out) };
        }
        fence(Acquire);
        if control().sequence.load(Relaxed) == before {
            return 0;
        }
    }
}

/// Which line is a clock's, of those below [`CLOCKS`].
#[inline(always)]
fn index(clock: u32) -> usize {
    (private().lines.load(Relaxed) + clock) as usize
}

#[inline(always)]
fn line(index: usize) -> &'static Line {
    // SAFETY: the callers have compared the clock's number, and the launcher writes the index
    // of a whole view.
    unsafe { control().lines.get_unchecked(index) }
}

/// The second after its base in which a sloped clock was read last.
#[inline(always)]
fn second(index: usize) -> &'static AtomicI64 {
    // SAFETY: as for `line`.
    unsafe { shared().seconds.get_unchecked(index) }
}

/// Puts what the line shows in the place of the true time, whatever kind it is of.
///
/// # Safety
/// `out` must hold the true time, and the clock must have a line.
#[cold]
#[inline(never)]
unsafe extern "C" fn show_anew(index: usize, out: *mut Timespec) {
    let line = line(index);
    let mut reads = 0;
    if line.kind.load(Relaxed) == STEPPED {
        let counter = line.counter.load(Relaxed) as usize % 2;
        // SAFETY: a view's index is as many times smaller.
        let of_view = unsafe { shared().reads.get_unchecked(index / CLOCKS) };
        reads = of_view[counter].fetch_add(1, Relaxed);
    }
    // SAFETY: the caller's promise.
    unsafe {
        let (seconds, nanoseconds) = line.shows((*out).seconds, (*out).nanoseconds, reads);
        out.write(Timespec { seconds, nanoseconds });
        second(index).store(line.second(seconds), Relaxed);
    }
}

/// Answers what is answered in one way, and counts it if that was asked for.
#[inline(always)]
fn answered(function: Function, clock: i32, caller: Caller, answer: impl FnOnce() -> i32) -> i32 {
    if control().flags.load(Relaxed) & COUNT == 0 {
        return answer();
    }
    counted(function, clock, caller, answer)
}

#[cold]
#[inline(never)]
fn counted(function: Function, clock: i32, caller: Caller, answer: impl FnOnce() -> i32) -> i32 {
    let wanted = Wanted::of(function as u32, clock);
    let known = way::any(&wanted, caller);
    if count::quickly(known) {
        return answer();
    }
    count::slowly(&wanted, caller, known, answer)
}

/// Reads a clock in true time.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
unsafe fn read_true(clock: u32, out: *mut Timespec) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        if page::has(clock)
            && let Some((seconds, nanoseconds)) = page::now(clock)
        {
            let (seconds, nanoseconds) = carried(seconds, nanoseconds);
            out.write(Timespec { seconds, nanoseconds });
            return 0;
        }
        cpu::call(kernel(Function::ClockGettime), clock as usize, out as usize)
    }
}

/// Reads a clock in true time and counts that for a function, by its number.
///
/// What this cannot do, it leaves to [`counted_elsewhere`], which it becomes: so it keeps
/// nothing for that, and needs no stack.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
unsafe extern "C" fn counted_read<const FUNCTION: u32>(
    clock: u32,
    out: *mut Timespec,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i32 {
    let wanted = Wanted::of(FUNCTION, clock as i32);
    let caller = Caller { address, stack, frame, register };
    // SAFETY: the caller's promise.
    unsafe {
        if count::quickly(way::nearest(&wanted, caller)) {
            return read_true(clock, out);
        }
        counted_elsewhere::<FUNCTION>(clock, out, address, stack, frame, register)
    }
}

/// The same where the way is not the nearest, or where the read is timed. What it costs the
/// program is what the kernel's function takes, so a read that is timed calls that.
///
/// # Safety
/// As for [`read`].
#[inline(never)]
unsafe extern "C" fn counted_elsewhere<const FUNCTION: u32>(
    clock: u32,
    out: *mut Timespec,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i32 {
    let wanted = Wanted::of(FUNCTION, clock as i32);
    let caller = Caller { address, stack, frame, register };
    let known = way::any(&wanted, caller);
    // SAFETY: the caller's promise.
    unsafe {
        if count::quickly(known) {
            return read_true(clock, out);
        }
        count::slowly(&wanted, caller, known, || {
            cpu::call(kernel(Function::ClockGettime), clock as usize, out as usize)
        })
    }
}

/// The realtime clock for a function that has a form of its own for it.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
unsafe fn realtime<const FUNCTION: u32>(caller: Caller, out: *mut Timespec) -> i32 {
    let Caller { address, stack, frame, register } = caller;
    // SAFETY: the caller's promise.
    unsafe {
        if control().flags.load(Relaxed) & COUNT == 0 {
            return read(REALTIME, out);
        }
        counted_read::<FUNCTION>(REALTIME, out, address, stack, frame, register)
    }
}

/// `clock_gettime(clock, out)`, not counted.
///
/// # Safety
/// `out` must be writable, as for the kernel's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn instanter_clock_gettime(clock: u32, out: *mut Timespec) -> i32 {
    // SAFETY: `out` is the caller's answer, as it would be for the kernel's function.
    unsafe { read(clock, out) }
}

/// `clock_gettime(clock, out)`, counted.
///
/// # Safety
/// As for the plain one.
#[unsafe(no_mangle)]
unsafe extern "C" fn instanter_counted_clock_gettime(
    clock: u32,
    out: *mut Timespec,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i32 {
    const FUNCTION: u32 = Function::ClockGettime as u32;
    // SAFETY: as above.
    unsafe { counted_read::<FUNCTION>(clock, out, address, stack, frame, register) }
}

/// `gettimeofday(out, zone)`
///
/// # Safety
/// Each pointer must be null or writable, as for the kernel's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn instanter_gettimeofday(
    out: *mut Timeval,
    zone: usize,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i32 {
    let caller = Caller { address, stack, frame, register };
    // SAFETY: pointers are the caller's, as they would be for the kernel's function.
    unsafe {
        if zone != 0 {
            let function = kernel(Function::Gettimeofday);
            let result = if function == 0 { NO_FUNCTION } else { cpu::call(function, 0, zone) };
            if result != 0 {
                return result;
            }
        }
        if out.is_null() {
            return 0;
        }
        let mut now = Timespec { seconds: 0, nanoseconds: 0 };
        let result = realtime::<{ Function::Gettimeofday as u32 }>(caller, &raw mut now);
        if result == 0 {
            out.write(Timeval { seconds: now.seconds, microseconds: now.nanoseconds / 1000 });
        }
        result
    }
}

/// `time(out)`: from the fine clock. The kernel's takes the coarse one, which at a
/// slope of 1000 would lag by seconds.
///
/// # Safety
/// `out` must be null or writable, as for the kernel's function.
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
unsafe extern "C" fn instanter_time(
    out: *mut i64,
    _unused: usize,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i64 {
    let caller = Caller { address, stack, frame, register };
    // SAFETY: `out` is the caller's answer, as it would be for the kernel's function.
    unsafe {
        let mut now = Timespec { seconds: 0, nanoseconds: 0 };
        let result = realtime::<{ Function::Time as u32 }>(caller, &raw mut now);
        if result != 0 {
            return i64::from(result);
        }
        if !out.is_null() {
            out.write(now.seconds);
        }
        now.seconds
    }
}

/// `clock_getres(clock, out)`: the kernel's.
///
/// # Safety
/// `out` must be null or writable, as for the kernel's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn instanter_clock_getres(
    clock: i32,
    out: usize,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i32 {
    let caller = Caller { address, stack, frame, register };
    let function = kernel(Function::ClockGetres);
    // SAFETY: the address is the kernel's function, the arguments are the caller's.
    unsafe {
        answered(Function::ClockGetres, clock, caller, || cpu::call(function, clock as usize, out))
    }
}

/// `getcpu(cpu, node)`: the kernel's.
///
/// # Safety
/// Each pointer must be null or writable, as for the kernel's function.
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
unsafe extern "C" fn instanter_getcpu(
    processor: usize,
    node: usize,
    address: usize,
    stack: usize,
    frame: usize,
    register: usize,
) -> i32 {
    let caller = Caller { address, stack, frame, register };
    let function = kernel(Function::Getcpu);
    // SAFETY: the address is the kernel's function, the arguments are the caller's.
    unsafe { answered(Function::Getcpu, 0, caller, || cpu::call(function, processor, node)) }
}
