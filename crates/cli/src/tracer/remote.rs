//! The memory of a stopped process.

use std::io::{Error, IoSlice, IoSliceMut};

use nix::errno::Errno;
use nix::libc;
use nix::sys::uio::{RemoteIoVec, process_vm_readv, process_vm_writev};
use nix::unistd::Pid;

/// Reads `bytes.len()` bytes; fewer are an error.
pub(super) fn read(tid: i32, address: u64, bytes: &mut [u8]) -> Result<(), Errno> {
    let length = bytes.len();
    let remote = [RemoteIoVec { base: address as usize, len: length }];
    let got = process_vm_readv(Pid::from_raw(tid), &mut [IoSliceMut::new(bytes)], &remote)?;
    if got == length { Ok(()) } else { Err(Errno::EFAULT) }
}

/// As much as there is from `address` on, up to `bytes.len()`.
pub(super) fn read_some(tid: i32, address: u64, bytes: &mut [u8]) -> Result<usize, Errno> {
    let remote = [RemoteIoVec { base: address as usize, len: bytes.len() }];
    process_vm_readv(Pid::from_raw(tid), &mut [IoSliceMut::new(bytes)], &remote)
}

/// Writes where the process itself may write.
pub(super) fn write(tid: i32, address: u64, bytes: &[u8]) -> Result<(), Errno> {
    let remote = [RemoteIoVec { base: address as usize, len: bytes.len() }];
    let done = process_vm_writev(Pid::from_raw(tid), &[IoSlice::new(bytes)], &remote)?;
    if done == bytes.len() { Ok(()) } else { Err(Errno::EFAULT) }
}

/// Writes a word, also where the process may only read.
pub(super) fn force(tid: i32, address: u64, word: u64) -> Result<(), Errno> {
    // SAFETY: changes the memory of the other process only, which it refuses or does.
    let done = unsafe { libc::ptrace(libc::PTRACE_POKEDATA, tid, address, word) };
    if done == -1 {
        Err(Errno::from_raw(Error::last_os_error().raw_os_error().unwrap_or(0)))
    } else {
        Ok(())
    }
}
