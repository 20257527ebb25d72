//! AArch64.

use std::io;

use nix::errno::Errno;
use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace;
use nix::unistd::Pid;

/// `AUDIT_ARCH_AARCH64`: what seccomp filters call this CPU.
pub(in crate::tracer) const ARCHITECTURE: u32 = 0xc000_00b7;
/// `svc #0`
pub(in crate::tracer) const SYSTEM_CALL: &[u8] = &[0x01, 0x00, 0x00, 0xd4];
/// What names of functions in the kernel's vDSO begin with.
pub(in crate::tracer) const VDSO_PREFIX: &str = "__kernel_";

/// `NT_ARM_SYSTEM_CALL`: the number of the call is a register set of its own.
const NUMBER: usize = 0x404;
/// `NT_ARM_TLS`: the thread pointer as well.
const THREAD_POINTER: usize = 0x401;

/// The registers of a stopped thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers {
    general: user_regs_struct,
    number: i32,
    thread_pointer: u64,
    renumbered: bool,
}

fn set_of<T>(request: libc::c_uint, tid: i32, which: usize, value: &mut T) -> Result<(), Errno> {
    let mut vector = libc::iovec { iov_base: (&raw mut *value).cast(), iov_len: size_of::<T>() };
    // SAFETY: the vector describes `value`, and each set used is as long as its type.
    Errno::result(unsafe { libc::ptrace(request, tid, which, &raw mut vector) }).map(drop)
}

pub(in crate::tracer) fn get(tid: i32) -> Result<Registers, Errno> {
    let general = ptrace::getregs(Pid::from_raw(tid))?;
    let (mut number, mut thread_pointer) = (-1, 0);
    set_of(libc::PTRACE_GETREGSET, tid, NUMBER, &mut number)?;
    set_of(libc::PTRACE_GETREGSET, tid, THREAD_POINTER, &mut thread_pointer)?;
    Ok(Registers { general, number, thread_pointer, renumbered: false })
}

pub(in crate::tracer) fn set(tid: i32, registers: &Registers) -> Result<(), Errno> {
    ptrace::setregs(Pid::from_raw(tid), registers.general)?;
    if registers.renumbered {
        let mut number = registers.number;
        set_of(libc::PTRACE_SETREGSET, tid, NUMBER, &mut number)?;
    }
    Ok(())
}

/// Every program may read its thread pointer.
pub(in crate::tracer) fn has_thread_pointer(_hwcap2: u64) -> bool {
    true
}

/// Only x86-64 has instructions that are stepped over here.
pub(in crate::tracer) fn trap_counter(traps: bool) -> io::Result<()> {
    if traps { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
}

/// How an instruction reads the counter: none that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tracer) enum CounterRead {}

impl CounterRead {
    pub(in crate::tracer) fn at(_code: &[u8]) -> Option<CounterRead> {
        None
    }
}

impl Registers {
    pub(in crate::tracer) fn counter_was_read(
        &mut self,
        how: CounterRead,
        _: u64,
        _: impl FnOnce() -> u32,
    ) {
        match how {}
    }
}

impl Registers {
    /// The number of the system call that the thread is in; -1: none.
    pub(crate) fn number(&self) -> i64 {
        i64::from(self.number)
    }

    /// At the entry: makes it another call; -1 skips it.
    pub(crate) fn set_number(&mut self, number: i64) {
        self.number = number as i32;
        self.renumbered = true;
    }

    pub(crate) fn arguments(&self) -> [u64; 6] {
        std::array::from_fn(|index| self.general.regs[index])
    }

    pub(crate) fn set_argument(&mut self, index: usize, value: u64) {
        self.general.regs[index.min(5)] = value;
    }

    /// What the call has returned: negative numbers are errors.
    pub(crate) fn result(&self) -> i64 {
        self.general.regs[0] as i64
    }

    pub(crate) fn set_result(&mut self, result: i64) {
        self.general.regs[0] = result as u64;
    }

    /// The next instruction; in a system call the one after it.
    pub(crate) fn instruction(&self) -> u64 {
        self.general.pc
    }

    pub(crate) fn stack(&self) -> u64 {
        self.general.sp
    }

    /// What [`Site::thread`](instanter_vdso::layout::Site) holds for this thread.
    pub(crate) fn thread_pointer(&self) -> u64 {
        self.thread_pointer
    }

    /// Makes the thread execute the system call instruction at `address`.
    pub(in crate::tracer) fn prepare(&mut self, address: u64, number: i64, arguments: [u64; 6]) {
        self.general.pc = address;
        self.general.regs[8] = number as u64;
        // Not in a call: nothing to restart.
        self.set_number(-1);
        for (index, value) in arguments.into_iter().enumerate() {
            self.set_argument(index, value);
        }
    }

    /// At the exit: makes the thread enter the same call again, with `arguments`.
    pub(in crate::tracer) fn repeat(&mut self, number: i64, arguments: [u64; 6]) {
        let address = self.general.pc - SYSTEM_CALL.len() as u64;
        self.prepare(address, number, arguments);
    }
}

impl Registers {
    /// The frame pointer, where the program keeps one.
    pub(crate) fn frame(&self) -> u64 {
        self.general.regs[29]
    }

    /// The register for the return address.
    pub(crate) fn link(&self) -> Option<u64> {
        Some(self.general.regs[30])
    }
}
