//! Other CPUs: there is no image for them, so nothing is ever started and stopped here.

use std::io;

use nix::errno::Errno;

/// No system call has such a number.
pub(in crate::tracer) const ARCHITECTURE: u32 = 0;
/// No instruction.
pub(in crate::tracer) const SYSTEM_CALL: &[u8] = &[0; 4];
/// What names of functions in the kernel's vDSO begin with.
pub(in crate::tracer) const VDSO_PREFIX: &str = "__vdso_";

/// The registers of a stopped thread, which there is none of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers;

pub(in crate::tracer) fn get(_tid: i32) -> Result<Registers, Errno> {
    Err(Errno::ENOSYS)
}

pub(in crate::tracer) fn set(_tid: i32, _registers: &Registers) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}

pub(in crate::tracer) fn has_thread_pointer(_hwcap2: u64) -> bool {
    false
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
    pub(crate) fn number(&self) -> i64 {
        -1
    }

    pub(crate) fn set_number(&mut self, _number: i64) {}

    pub(crate) fn arguments(&self) -> [u64; 6] {
        [0; 6]
    }

    pub(crate) fn set_argument(&mut self, _index: usize, _value: u64) {}

    pub(crate) fn result(&self) -> i64 {
        0
    }

    pub(crate) fn set_result(&mut self, _result: i64) {}

    pub(crate) fn instruction(&self) -> u64 {
        0
    }

    pub(crate) fn stack(&self) -> u64 {
        0
    }

    pub(crate) fn thread_pointer(&self) -> u64 {
        0
    }

    pub(in crate::tracer) fn prepare(&mut self, _address: u64, _number: i64, _all: [u64; 6]) {}

    pub(in crate::tracer) fn repeat(&mut self, _number: i64, _arguments: [u64; 6]) {}
}
