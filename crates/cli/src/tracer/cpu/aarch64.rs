//! AArch64.

pub(in crate::tracer) use super::mrs::CounterRead;
use super::mrs::What;
use instanter_vdso::layout::Function;
use nix::errno::Errno;
use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace;
use nix::unistd::Pid;

/// `AUDIT_ARCH_AARCH64`: what seccomp filters call this CPU.
pub(in crate::tracer) const ARCHITECTURE: u32 = 0xc000_00b7;
/// `svc #0`
pub(in crate::tracer) const SYSTEM_CALL: &[u8] = &[0x01, 0x00, 0x00, 0xd4];
/// `brk #0`
pub(in crate::tracer) const BREAKPOINT: &[u8] = &[0x00, 0x00, 0x20, 0xd4];
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
    part_of_set(request, tid, which, value, size_of::<T>())
}

/// The first bytes of it.
fn part_of_set<T>(
    request: libc::c_uint,
    tid: i32,
    which: usize,
    value: &mut T,
    bytes: usize,
) -> Result<(), Errno> {
    let iov_len = bytes.min(size_of::<T>());
    let mut vector = libc::iovec { iov_base: (&raw mut *value).cast(), iov_len };
    // SAFETY: the vector describes `value` or its beginning: no more is read or written.
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

/// Bytes of an instruction.
pub(in crate::tracer) const LONGEST_READ: usize = 4;
pub(in crate::tracer) const SHORTEST_READ: usize = LONGEST_READ;

/// Where such instructions are, in their order.
pub(in crate::tracer) fn like_counter_reads(code: &[u8]) -> Vec<usize> {
    let is_read =
        |word: &[u8]| CounterRead::at(word).is_some_and(|read| read.what == What::Counter);
    let words = code.chunks_exact(4).enumerate();
    words.filter(|(_, word)| is_read(word)).map(|(index, _)| 4 * index).collect()
}

/// At which of these places instructions begin: all are of one length.
pub(in crate::tracer) fn are_instructions(_: Option<&[u8]>, places: &[usize]) -> Vec<bool> {
    vec![true; places.len()]
}

/// `NT_ARM_HW_BREAK`: how many breakpoints the CPU has, and what they are (`struct
/// user_hwdebug_state`, ptrace.h).
const BREAKPOINTS: usize = 0x402;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Breakpoint {
    address: u64,
    control: u32,
    unused: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Breakpoints {
    /// The lowest byte is their number.
    about: u32,
    unused: u32,
    all: [Breakpoint; 16],
}

impl Breakpoints {
    fn of(tid: i32) -> Result<(Breakpoints, usize), Errno> {
        let mut them = Breakpoints::default();
        set_of(libc::PTRACE_GETREGSET, tid, BREAKPOINTS, &mut them)?;
        let count = them.about as usize & 0xff;
        Ok((them, count.min(them.all.len())))
    }
}

/// At how many instructions a thread can be stopped.
pub(in crate::tracer) fn watchable(tid: i32) -> usize {
    Breakpoints::of(tid).map_or(0, |(_, count)| count)
}

/// Stops a thread at these instructions, before they are executed, and at no others.
pub(in crate::tracer) fn watch(tid: i32, at: &[u64]) -> Result<(), Errno> {
    /// On, for programs, at all four bytes of the instruction.
    const CONTROL: u32 = 0xf << 5 | 2 << 1 | 1;
    let (mut them, count) = Breakpoints::of(tid)?;
    if at.len() > count {
        return Err(Errno::ENOSPC);
    }
    let addresses = at.iter().copied().map(Some).chain(std::iter::repeat(None));
    for (breakpoint, address) in them.all.iter_mut().zip(addresses) {
        let control = if address.is_some() { CONTROL } else { breakpoint.control & !1 };
        let address = address.unwrap_or(breakpoint.address);
        *breakpoint = Breakpoint { address, control, unused: 0 };
    }
    // More than there are would be refused.
    let bytes = std::mem::offset_of!(Breakpoints, all) + count * size_of::<Breakpoint>();
    part_of_set(libc::PTRACE_SETREGSET, tid, BREAKPOINTS, &mut them, bytes)
}

/// Every program may read its thread pointer.
pub(in crate::tracer) fn has_thread_pointer(_hwcap2: u64) -> bool {
    true
}

/// Whether our image may lead to the kernel's function. The kernel's `getrandom` uses `x28`,
/// where Go keeps its goroutine: in a signal that comes there Go looks for it elsewhere only if
/// the code is in the vDSO that it has found, which is ours. So programs make the system call.
pub(in crate::tracer) fn may_be_forwarded(function: Function) -> bool {
    !matches!(function, Function::Getrandom)
}

/// The first Linux that can trap reads of the counter (`PR_SET_TSC`: 3e9e67e12943, "arm64:
/// Implement prctl(PR_{G,S}ET_TSC)").
pub(in crate::tracer) const TRAPS_SINCE: &str = "Linux 6.12 or newer on AArch64";

impl Registers {
    /// Whether the instruction there was a breakpoint that was executed; goes back to it.
    pub(in crate::tracer) fn is_behind_breakpoint(&mut self, at: u64) -> bool {
        self.general.pc == at
    }
}

impl Registers {
    /// Goes over an instruction as if it had read this.
    pub(in crate::tracer) fn counter_was_read(
        &mut self,
        how: CounterRead,
        counter: impl FnOnce() -> u64,
        _: impl FnOnce() -> u32,
    ) {
        /// `PSR_BTYPE_MASK`: that the instruction was jumped to, which is no longer so.
        const JUMPED_TO: u64 = 0xc00;
        let value = match how.what {
            What::Counter => counter(),
            // The register's own value; 0 is what is in it where firmware forgot it.
            What::Frequency => instanter_counter::frequency().unwrap_or(0),
        };
        if let Some(register) = self.general.regs.get_mut(usize::from(how.to)) {
            *register = value;
        }
        self.general.pc += 4;
        self.general.pstate &= !JUMPED_TO;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn registers() -> Registers {
        // SAFETY: all fields are numbers.
        let mut general: user_regs_struct = unsafe { std::mem::zeroed() };
        general.regs = std::array::from_fn(|index| index as u64);
        (general.pc, general.sp, general.pstate) = (0x1000, 0x2000, 0x6000_0c00);
        Registers { general, number: -1, thread_pointer: 0, renumbered: false }
    }

    #[test]
    fn a_read_fills_its_register_and_is_gone_over() {
        for to in 0..32 {
            let mut after = registers();
            let how = CounterRead { what: What::Counter, to };
            after.counter_was_read(how, || 0x0123_4567_89ab_cdef, || panic!("no CPU is asked for"));
            let mut want = registers();
            if to < 31 {
                want.general.regs[usize::from(to)] = 0x0123_4567_89ab_cdef;
            }
            want.general.pc = 0x1004;
            // Flags stay, and nothing says any more that it was jumped to.
            want.general.pstate = 0x6000_0000;
            assert_eq!(after.general, want.general, "register {to}");
            assert_eq!(after.number(), -1);
        }
    }

    #[test]
    fn the_frequency_is_the_cpus_and_no_read_of_the_counter() {
        let mut after = registers();
        let how = CounterRead { what: What::Frequency, to: 7 };
        after.counter_was_read(how, || panic!("the counter is not read"), || 0);
        assert_eq!(after.general.regs[7], instanter_counter::frequency().unwrap_or(0));
        assert_eq!(after.instruction(), 0x1004);
    }
}
