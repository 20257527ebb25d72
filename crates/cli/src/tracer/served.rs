//! Which clocks the kernel's vDSO answers without a system call.
//!
//! A process that may make none of these system calls asks for every clock: what it is
//! told came from the vDSO.

use std::io::{self, Read, Write};
use std::os::fd::FromRawFd;

use instanter_vdso::layout::{CLOCKS, Function};
use nix::libc;

use super::Filter;

/// The bits of [`Control::served`](instanter_vdso::layout::Control).
///
/// # Errors
/// No process could be started for it, or it was not allowed to limit itself.
pub(crate) fn served() -> io::Result<[u64; 8]> {
    let mut ends = [0; 2];
    // SAFETY: two descriptors are written.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both were just opened, and nobody else owns them.
    let (mut from, mut to) =
        unsafe { (std::fs::File::from_raw_fd(ends[0]), std::fs::File::from_raw_fd(ends[1])) };
    let filter = Filter::refuse_reads();
    // SAFETY: the child makes system calls only, and ends.
    let child = unsafe { libc::fork() };
    if child < 0 {
        return Err(io::Error::last_os_error());
    }
    if child == 0 {
        let mut bytes = [0; 64];
        if filter.apply().is_ok() {
            for (word, served) in bytes.as_chunks_mut().0.iter_mut().zip(ask()) {
                *word = served.to_ne_bytes();
            }
            let _ = to.write_all(&bytes);
        }
        // SAFETY: ends this process at once.
        unsafe { libc::_exit(0) };
    }
    drop(to);
    let mut bytes = [0; 64];
    let got = from.read_exact(&mut bytes);
    // SAFETY: waits for the child made above.
    unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    got?;
    Ok(std::array::from_fn(|index| u64::from_ne_bytes(bytes.as_chunks().0[index])))
}

fn ask() -> [u64; 8] {
    let mut served = [0; 8];
    let mut moment = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    for clock in 0..CLOCKS as i32 {
        // SAFETY: memory for each answer.
        let (time, resolution) = unsafe {
            let time = libc::clock_gettime(clock, &raw mut moment) == 0;
            (time, libc::clock_getres(clock, &raw mut moment) == 0)
        };
        served[Function::ClockGettime as usize] |= u64::from(time) << clock;
        served[Function::ClockGetres as usize] |= u64::from(resolution) << clock;
    }
    let mut day = libc::timeval { tv_sec: 0, tv_usec: 0 };
    // SAFETY: memory for the answer; null where none is wanted.
    let day = unsafe { libc::gettimeofday(&raw mut day, std::ptr::null_mut()) == 0 };
    served[Function::Gettimeofday as usize] = u64::from(day);
    // Our image's `time` takes the same clock.
    served[Function::Time as usize] = u64::from(day);
    served[Function::Getcpu as usize] = 1;
    served
}
