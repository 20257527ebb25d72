//! x86-64.

use iced_x86::{Decoder, DecoderOptions};
use instanter_vdso::layout::Function;
use memchr::memmem;
use nix::errno::Errno;
use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace;
use nix::unistd::Pid;

/// `AUDIT_ARCH_X86_64`: what seccomp filters call this CPU.
pub(in crate::tracer) const ARCHITECTURE: u32 = 0xc000_003e;
/// `syscall`
pub(in crate::tracer) const SYSTEM_CALL: &[u8] = &[0x0f, 0x05];
/// `int3`
pub(in crate::tracer) const BREAKPOINT: &[u8] = &[0xcc];
/// What names of functions in the kernel's vDSO begin with.
pub(in crate::tracer) const VDSO_PREFIX: &str = "__vdso_";

/// The registers of a stopped thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers(user_regs_struct);

pub(in crate::tracer) fn get(tid: i32) -> Result<Registers, Errno> {
    ptrace::getregs(Pid::from_raw(tid)).map(Registers)
}

pub(in crate::tracer) fn set(tid: i32, registers: &Registers) -> Result<(), Errno> {
    ptrace::setregs(Pid::from_raw(tid), registers.0)
}

/// Whether programs may read their thread pointer: the kernel says so in `AT_HWCAP2`.
pub(in crate::tracer) fn has_thread_pointer(hwcap2: u64) -> bool {
    const FSGSBASE: u64 = 2;
    hwcap2 & FSGSBASE != 0
}

/// Whether our image may lead to the kernel's function.
pub(in crate::tracer) fn may_be_forwarded(_: Function) -> bool {
    true
}

/// The first Linux that can trap reads of the counter (`PR_SET_TSC`).
pub(in crate::tracer) const TRAPS_SINCE: &str = "Linux 2.6.26 or newer";

const RDTSC: &[u8] = &[0x0f, 0x31];
const RDTSCP: &[u8] = &[0x0f, 0x01, 0xf9];
/// Bytes of the longer one.
pub(in crate::tracer) const LONGEST_READ: usize = RDTSCP.len();
pub(in crate::tracer) const SHORTEST_READ: usize = RDTSC.len();

/// How an instruction reads the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tracer) enum CounterRead {
    /// `rdtsc`
    Counter,
    /// `rdtscp`: and which CPU it is
    WithCpu,
}

impl CounterRead {
    /// What the instruction is that begins with these bytes.
    pub(in crate::tracer) fn at(code: &[u8]) -> Option<CounterRead> {
        if code.starts_with(RDTSC) {
            Some(CounterRead::Counter)
        } else if code.starts_with(RDTSCP) {
            Some(CounterRead::WithCpu)
        } else {
            None
        }
    }
}

/// Where the bytes of such instructions are, in their order. They may be parts of others.
pub(in crate::tracer) fn like_counter_reads(code: &[u8]) -> Vec<usize> {
    let mut places: Vec<usize> = memmem::find_iter(code, RDTSC).collect();
    places.extend(memmem::find_iter(code, RDTSCP));
    places.sort_unstable();
    places
}

/// At which of these places in code, which begins where a function does, instructions begin. The
/// places are in their order, and the code goes on behind the last one.
pub(in crate::tracer) fn are_instructions(code: Option<&[u8]>, places: &[usize]) -> Vec<bool> {
    let Some(code) = code else { return vec![false; places.len()] };
    let mut decoder = Decoder::new(64, code, DecoderOptions::NONE);
    let mut is_one = |place: &usize| {
        while decoder.position() < *place && decoder.can_decode() {
            let _ = decoder.decode();
        }
        decoder.position() == *place
    };
    places.iter().map(&mut is_one).collect()
}

/// At how many instructions a thread can be stopped.
pub(in crate::tracer) fn watchable(_: i32) -> usize {
    4
}

/// Stops a thread at these instructions, before they are executed, and at no others.
pub(in crate::tracer) fn watch(tid: i32, at: &[u64]) -> Result<(), Errno> {
    const CONTROL: usize = 7;
    let set = |register: usize, value: u64| {
        let place = std::mem::offset_of!(libc::user, u_debugreg) + 8 * register;
        // SAFETY: changes a register of the other thread only, which the kernel checks.
        let done = unsafe { libc::ptrace(libc::PTRACE_POKEUSER, tid, place, value) };
        Errno::result(done).map(drop)
    };
    set(CONTROL, 0)?;
    let mut control = 0;
    for (register, address) in at.iter().enumerate() {
        set(register, *address)?;
        // For this thread; the length and the kind of an instruction are 0.
        control |= 1 << (2 * register);
    }
    if control != 0 { set(CONTROL, control) } else { Ok(()) }
}

impl Registers {
    /// Whether the instruction there was a breakpoint that was executed; goes back to it.
    pub(in crate::tracer) fn is_behind_breakpoint(&mut self, at: u64) -> bool {
        let is_behind = self.0.rip == at + BREAKPOINT.len() as u64;
        if is_behind {
            self.0.rip = at;
        }
        is_behind
    }

    /// Goes over an instruction as if it had read this; `cpu` is `IA32_TSC_AUX`.
    pub(in crate::tracer) fn counter_was_read(
        &mut self,
        how: CounterRead,
        counter: impl FnOnce() -> u64,
        cpu: impl FnOnce() -> u32,
    ) {
        let value = counter();
        self.0.rax = value & 0xffff_ffff;
        self.0.rdx = value >> 32;
        self.0.rip += match how {
            CounterRead::Counter => 2,
            CounterRead::WithCpu => 3,
        };
        if how == CounterRead::WithCpu {
            self.0.rcx = u64::from(cpu());
        }
    }
}

impl Registers {
    /// The number of the system call that the thread is in; -1: none.
    pub(crate) fn number(&self) -> i64 {
        self.0.orig_rax as i64
    }

    /// At the entry: makes it another call; -1 skips it.
    pub(crate) fn set_number(&mut self, number: i64) {
        self.0.orig_rax = number as u64;
    }

    pub(crate) fn arguments(&self) -> [u64; 6] {
        [self.0.rdi, self.0.rsi, self.0.rdx, self.0.r10, self.0.r8, self.0.r9]
    }

    pub(crate) fn set_argument(&mut self, index: usize, value: u64) {
        let place = match index {
            0 => &mut self.0.rdi,
            1 => &mut self.0.rsi,
            2 => &mut self.0.rdx,
            3 => &mut self.0.r10,
            4 => &mut self.0.r8,
            _ => &mut self.0.r9,
        };
        *place = value;
    }

    /// What the call has returned: negative numbers are errors.
    pub(crate) fn result(&self) -> i64 {
        self.0.rax as i64
    }

    pub(crate) fn set_result(&mut self, result: i64) {
        self.0.rax = result as u64;
    }

    /// The next instruction; in a system call the one after it.
    pub(crate) fn instruction(&self) -> u64 {
        self.0.rip
    }

    pub(crate) fn stack(&self) -> u64 {
        self.0.rsp
    }

    /// What [`Site::thread`](instanter_vdso::layout::Site) holds for this thread.
    pub(crate) fn thread_pointer(&self) -> u64 {
        self.0.fs_base
    }

    /// Makes the thread execute the system call instruction at `address`.
    pub(in crate::tracer) fn prepare(&mut self, address: u64, number: i64, arguments: [u64; 6]) {
        self.0.rip = address;
        self.0.rax = number as u64;
        // Not in a call: nothing to restart.
        self.0.orig_rax = u64::MAX;
        for (index, value) in arguments.into_iter().enumerate() {
            self.set_argument(index, value);
        }
    }

    /// At the exit: makes the thread enter the same call again, with `arguments`.
    pub(in crate::tracer) fn repeat(&mut self, number: i64, arguments: [u64; 6]) {
        let address = self.0.rip - SYSTEM_CALL.len() as u64;
        self.prepare(address, number, arguments);
    }
}

impl Registers {
    /// The frame pointer, where the program keeps one.
    pub(crate) fn frame(&self) -> u64 {
        self.0.rbp
    }

    /// The register for the return address, where there is one.
    #[expect(clippy::unused_self, reason = "other CPUs have one")]
    pub(crate) fn link(&self) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_other_instructions_are_no_reads() {
        let code = [
            0x90, // nop
            0x48, 0xb8, 0x0f, 0x31, 0x0f, 0x01, 0xf9, 0, 0, 0, // movabs rax, 0xf9010f310f
            0x0f, 0x31, // rdtsc
            0xe8, 0x0f, 0x31, 0, 0, // call
            0x0f, 0x01, 0xf9, // rdtscp
            0xc3, // ret
        ];
        let like = like_counter_reads(&code);
        assert_eq!(like, [3, 5, 11, 14, 18]);
        let are = |start: usize| -> Vec<usize> {
            let places: Vec<usize> =
                like.iter().filter_map(|place| place.checked_sub(start)).collect();
            let certain = are_instructions(code.get(start..), &places);
            let certain = places.iter().zip(certain).filter(|(_, certain)| *certain);
            certain.map(|(place, _)| place + start).collect()
        };
        assert_eq!(are(0), [11, 18]);
        assert_eq!(are(11), [11, 18]);
        assert_eq!(are(13), [18], "a function that begins after it");
        assert_eq!(are(code.len() + 1), [] as [usize; 0], "where functions begin is not known");
    }

    /// Bytes as an assembler makes them of the instruction beside them.
    #[test]
    fn instructions_that_read_the_counter() {
        let table: [(&[u8], &str, Option<CounterRead>); 6] = [
            (&[0x0f, 0x31], "rdtsc", Some(CounterRead::Counter)),
            (&[0x0f, 0x01, 0xf9], "rdtscp", Some(CounterRead::WithCpu)),
            (&[0x0f, 0x01, 0xd0], "xgetbv", None),
            (&[0x0f, 0x33], "rdpmc", None),
            (&[0x8b, 0x07], "mov eax, [rdi]", None),
            (&[0x0f], "the last byte that can be read", None),
        ];
        for (code, text, want) in table {
            assert_eq!(CounterRead::at(code), want, "{text}");
            let more = [code, &[0x90]].concat();
            assert_eq!(CounterRead::at(&more), want, "{text}");
        }
    }
}
