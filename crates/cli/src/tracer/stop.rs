//! One thread while it is stopped: its registers, its memory, the call it makes.

use std::io;

use super::cpu::{self, Registers};
use super::memory::Memory;
use super::space::Space;
use super::{inject, remote};

/// A system call as the thread made it, before anybody changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) number: i64,
    pub(crate) arguments: [u64; 6],
    /// The instruction after the one that made it.
    pub(crate) address: u64,
}

/// A stopped thread. Changes of registers reach it when it goes on.
#[derive(Debug)]
pub(crate) struct Stop<'a> {
    pub(crate) tid: i32,
    /// The process: the id of its first thread.
    pub(crate) pid: i32,
    pub(crate) registers: Registers,
    /// At the entry and exit of a system call: the call.
    pub(crate) call: Call,
    pub(crate) space: &'a mut Space,
    pub(crate) memory: &'a Memory,
    pub(super) changed: bool,
    pub(super) scratch: &'a mut Option<u64>,
}

impl Stop<'_> {
    /// Reads the thread's memory.
    ///
    /// # Errors
    /// It is not readable.
    pub(crate) fn read<const N: usize>(&self, address: u64) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        remote::read(self.tid, address, &mut bytes)?;
        Ok(bytes)
    }

    /// As much as is readable, up to `bytes.len()`.
    ///
    /// # Errors
    /// Nothing is.
    pub(crate) fn read_some(&self, address: u64, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(remote::read_some(self.tid, address, bytes)?)
    }

    /// Writes the thread's memory: what a call returns there, or scratch memory.
    ///
    /// # Errors
    /// The thread could not write there itself.
    pub(crate) fn write(&self, address: u64, bytes: &[u8]) -> io::Result<()> {
        Ok(remote::write(self.tid, address, bytes)?)
    }

    /// 256 bytes for this call, until its exit; nothing if there are none left.
    pub(crate) fn scratch(&mut self) -> Option<u64> {
        if self.scratch.is_none() {
            *self.scratch = self.space.borrow_scratch();
        }
        *self.scratch
    }

    /// At the entry: changes an argument.
    pub(crate) fn set_argument(&mut self, index: usize, value: u64) {
        self.registers.set_argument(index, value);
        self.changed = true;
    }

    /// At the entry: another call is made instead.
    pub(crate) fn set_number(&mut self, number: i64) {
        self.registers.set_number(number);
        self.changed = true;
    }

    /// At the entry: the call is not made, and returns `result`.
    pub(crate) fn skip(&mut self, result: i64) {
        self.registers.set_number(-1);
        self.registers.set_result(result);
        self.changed = true;
    }

    /// At the exit: changes what the call returns.
    pub(crate) fn set_result(&mut self, result: i64) {
        self.registers.set_result(result);
        self.changed = true;
    }

    /// At the exit: the call's number and arguments as the thread gave them, which is
    /// what the kernel repeats if it repeats the call. (The kernel promises that they
    /// are kept, except for the register of the result.)
    pub(crate) fn restore_arguments(&mut self) {
        let first = usize::from(cfg!(target_arch = "aarch64"));
        for index in first..6 {
            self.registers.set_argument(index, self.call.arguments[index]);
        }
        self.registers.set_number(self.call.number);
        self.changed = true;
    }

    /// At the exit: the thread makes the call again as it made it at first.
    pub(crate) fn repeat(&mut self) {
        self.registers.repeat(self.call.number, self.call.arguments);
        self.changed = true;
    }

    /// At the entry of `rt_sigaction`, for `SIGTRAP`: keeps what is asked for, as a breakpoint
    /// may have the kernel forget it.
    pub(crate) fn keep_action(&mut self) {
        let [_, action, ..] = self.call.arguments;
        if action != 0 {
            self.space.action = self.read(action).ok();
        }
    }

    /// Makes a system call in this thread. Not at the entry of one.
    ///
    /// # Errors
    /// What the call failed with.
    pub(crate) fn inject(&self, number: i64, arguments: [u64; 6]) -> io::Result<u64> {
        inject::call(self.tid, self.space.gate, number, arguments)
    }

    /// Whether a signal waits that this thread will handle.
    pub(crate) fn has_signal(&self) -> bool {
        inject::has_signal(self.tid)
    }

    pub(super) fn write_back(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.changed) {
            cpu::set(self.tid, &self.registers)?;
        }
        Ok(())
    }
}
