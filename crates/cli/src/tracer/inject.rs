//! A system call made by a stopped thread on our behalf.

use std::io;

use nix::errno::Errno;
use nix::libc;

use super::cpu;
use super::status::Status;

/// Waits until one thread stops or ends.
pub(super) fn wait_for(tid: i32) -> io::Result<i32> {
    loop {
        let mut status = 0;
        // SAFETY: the status is written.
        let got = unsafe { libc::waitpid(tid, &raw mut status, libc::__WALL) };
        if got == tid {
            return Ok(status);
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::EINTR) {
            return Err(error);
        }
    }
}

/// Lets a stopped thread go on to its next system call stop.
pub(super) fn to_next_call(tid: i32) -> io::Result<()> {
    resume(libc::PTRACE_SYSCALL, tid, 0)
}

pub(super) fn resume(request: libc::c_uint, tid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: no memory of ours is touched; the fourth argument is a number.
    let done = unsafe { libc::ptrace(request, tid, 0, i64::from(signal)) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What a system call stop is: `PTRACE_SYSCALL_INFO_EXIT` and its relatives.
pub(super) fn kind_of_stop(tid: i32) -> io::Result<u8> {
    // SAFETY: all fields are numbers.
    let mut about: libc::ptrace_syscall_info = unsafe { std::mem::zeroed() };
    let size = size_of_val(&about);
    // SAFETY: as many bytes are written at most.
    let got = unsafe { libc::ptrace(libc::PTRACE_GET_SYSCALL_INFO, tid, size, &raw mut about) };
    if got > 0 { Ok(about.op) } else { Err(io::Error::last_os_error()) }
}

const SIGNAL_SET: usize = 8;

fn signal_mask(request: libc::c_uint, tid: i32, set: &mut u64) -> io::Result<()> {
    // SAFETY: a set of signals is eight bytes on every CPU that this is for.
    let done = unsafe { libc::ptrace(request, tid, SIGNAL_SET, std::ptr::from_mut(set)) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Makes a system call in a thread that is stopped, at `gate`, and leaves registers and
/// signals as they were.
///
/// # Errors
/// What the call failed with, or that the thread has ended.
pub(super) fn call(tid: i32, gate: u64, number: i64, arguments: [u64; 6]) -> io::Result<u64> {
    let before = cpu::get(tid)?;
    let mut mask = 0;
    signal_mask(libc::PTRACE_GETSIGMASK, tid, &mut mask)?;
    signal_mask(libc::PTRACE_SETSIGMASK, tid, &mut u64::MAX.clone())?;
    let result = make(tid, before, gate, number, arguments);
    signal_mask(libc::PTRACE_SETSIGMASK, tid, &mut mask)?;
    cpu::set(tid, &resumed(tid, before))?;
    let result = result?;
    if (-4095..0).contains(&result) {
        return Err(Errno::from_raw(-result as i32).into());
    }
    Ok(result as u64)
}

/// Blocks a signal in a stopped thread.
pub(super) fn block(tid: i32, signal: i32) -> io::Result<()> {
    let mut mask = 0;
    signal_mask(libc::PTRACE_GETSIGMASK, tid, &mut mask)?;
    mask |= 1 << (signal - 1);
    signal_mask(libc::PTRACE_SETSIGMASK, tid, &mut mask)
}

/// The registers with which a thread goes on after our call.
///
/// A thread that we interrupted in a call of its own stands where the kernel is about to
/// make that call again. Ours has taken this moment away, so it is done here, by the same
/// rules (`arch_do_signal_or_restart`).
fn resumed(tid: i32, before: cpu::Registers) -> cpu::Registers {
    const RESTARTS: std::ops::RangeInclusive<i64> = -514..=-512;
    const RESTART_BLOCK: i64 = -516;
    let mut back = before;
    let (number, result) = (before.number(), before.result());
    if number < 0 || !(RESTARTS.contains(&result) || result == RESTART_BLOCK) {
        back.set_number(number);
    } else if cfg!(target_arch = "aarch64") || has_signal(tid) {
        // On AArch64 the result has taken the place of the first argument.
        back.set_number(-1);
        back.set_result(-i64::from(libc::EINTR));
    } else if result == RESTART_BLOCK {
        back.repeat(libc::SYS_restart_syscall, before.arguments());
    } else {
        back.repeat(number, before.arguments());
    }
    back
}

/// Whether a signal waits that a thread will handle.
pub(super) fn has_signal(tid: i32) -> bool {
    let status = Status::of(tid);
    (status.set("SigPnd") | status.set("ShdPnd")) & !status.set("SigBlk") != 0
}

fn make(
    tid: i32,
    before: cpu::Registers,
    gate: u64,
    number: i64,
    arguments: [u64; 6],
) -> io::Result<i64> {
    let mut registers = before;
    registers.prepare(gate, number, arguments);
    cpu::set(tid, &registers)?;
    loop {
        to_next_call(tid)?;
        let status = wait_for(tid)?;
        if !libc::WIFSTOPPED(status) {
            return Err(io::Error::other("the program ended meanwhile"));
        }
        let signal = libc::WSTOPSIG(status);
        let is_call = signal == libc::SIGTRAP | 0x80;
        let is_filter = status >> 8 == libc::SIGTRAP | (libc::PTRACE_EVENT_SECCOMP << 8);
        if is_call && kind_of_stop(tid)? == libc::PTRACE_SYSCALL_INFO_EXIT {
            return Ok(cpu::get(tid)?.result());
        }
        if !is_call && !is_filter && status >> 16 == 0 {
            return Err(io::Error::other(format!("signal {signal} came in between")));
        }
    }
}
