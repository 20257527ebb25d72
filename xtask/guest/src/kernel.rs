//! The system calls that the program makes itself.
//!
//! Each is a function of its own, never inlined: POWER's kernel changes the count
//! register, which `syscalls` does not tell the compiler, so that a loop around
//! an inlined call would never end.

use core::ffi::CStr;
use core::str;
use syscalls::{Errno, Sysno, syscall};

/// Bytes of each of the six names that `uname` returns.
pub const NAME_LENGTH: usize = 65;

const READ_ONLY: usize = 0;
const WRITE_ONLY: usize = 1;
const WORKING_FOLDER: isize = -100;

/// `clock_gettime(id)` — Returns the clock in nanoseconds, by a system call.
#[inline(never)]
pub fn clock(id: i32) -> Result<i128, Errno> {
    let mut time = [0i64; 2];
    // SAFETY: the kernel writes a timespec, two 64-bit numbers on these CPUs.
    unsafe { syscall!(Sysno::clock_gettime, id, time.as_mut_ptr()) }?;
    Ok(i128::from(time[0]) * 1_000_000_000 + i128::from(time[1]))
}

/// `clock_settime(id, to)` — Sets a clock, in nanoseconds.
#[inline(never)]
pub fn set_clock(id: i32, to: i128) -> Result<(), Errno> {
    let time = [to.div_euclid(1_000_000_000) as i64, to.rem_euclid(1_000_000_000) as i64];
    // SAFETY: the kernel reads a timespec.
    unsafe { syscall!(Sysno::clock_settime, id, time.as_ptr()) }.map(drop)
}

/// `uname` — Returns the kernel's release.
pub fn release(name: &mut [u8; NAME_LENGTH]) -> &str {
    let mut names = [[0; NAME_LENGTH]; 6];
    // SAFETY: the kernel writes six names of that length.
    if unsafe { syscall!(Sysno::uname, names.as_mut_ptr()) }.is_ok() {
        *name = names[2];
    }
    CStr::from_bytes_until_nul(name).ok().and_then(|name| name.to_str().ok()).unwrap_or("unknown")
}

/// `mount(kind, folder)` — Mounts a file system that has no device.
#[inline(never)]
pub fn mount(kind: &CStr, folder: &CStr) -> Result<(), Errno> {
    // SAFETY: three strings that end in a zero byte, and no data.
    unsafe { syscall!(Sysno::mount, kind.as_ptr(), folder.as_ptr(), kind.as_ptr(), 0, 0) }.map(drop)
}

/// Reads the start of a file as text, without white space around it.
#[inline(never)]
pub fn read_file<'a>(path: &CStr, into: &'a mut [u8]) -> Result<&'a str, Errno> {
    // SAFETY: a path that ends in a zero byte; the kernel writes at most the
    // length that is given.
    let length = unsafe {
        let file = syscall!(Sysno::openat, WORKING_FOLDER, path.as_ptr(), READ_ONLY, 0)?;
        let length = syscall!(Sysno::read, file, into.as_mut_ptr(), into.len());
        syscall!(Sysno::close, file)?;
        length?
    };
    Ok(str::from_utf8(&into[..length]).map_err(|_| Errno::EILSEQ)?.trim_ascii())
}

/// Writes text to a file that exists.
#[inline(never)]
pub fn write_file(path: &CStr, text: &str) -> Result<(), Errno> {
    // SAFETY: a path that ends in a zero byte.
    let file = unsafe { syscall!(Sysno::openat, WORKING_FOLDER, path.as_ptr(), WRITE_ONLY, 0) }?;
    let written = write(file, text.as_bytes());
    // SAFETY: closes what was opened above.
    unsafe { syscall!(Sysno::close, file) }?;
    written.map(drop)
}

/// `write(file, bytes)` — Writes to an open file.
#[inline(never)]
pub fn write(file: usize, bytes: &[u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel reads at most the length that is given.
    unsafe { syscall!(Sysno::write, file, bytes.as_ptr(), bytes.len()) }
}

/// `pipe2` — Returns the ends to read from and to write to; neither waits.
#[inline(never)]
pub fn pipe() -> Result<(usize, usize), Errno> {
    /// `O_NONBLOCK`, the same on these CPUs.
    const DO_NOT_WAIT: usize = 0x800;
    let mut ends = [0i32; 2];
    // SAFETY: the kernel writes two descriptors.
    unsafe { syscall!(Sysno::pipe2, ends.as_mut_ptr(), DO_NOT_WAIT) }?;
    Ok((ends[0] as usize, ends[1] as usize))
}

/// `read(file)` — Whether there is a byte to read, which is taken.
#[inline(never)]
pub fn has_byte(file: usize) -> bool {
    let mut byte = 0u8;
    // SAFETY: the kernel writes at most one byte.
    unsafe { syscall!(Sysno::read, file, &raw mut byte, 1) }.is_ok_and(|read| read == 1)
}

/// `fork` — Returns the child's number, and zero in the child.
///
/// Not inlined, but a child that returns to the caller has a copy of its stack.
#[inline(never)]
pub fn fork() -> Result<usize, Errno> {
    const SIGCHLD: usize = 17;
    // S/390 has the first two arguments the other way round.
    let (first, second) = if cfg!(target_arch = "s390x") { (0, SIGCHLD) } else { (SIGCHLD, 0) };
    // SAFETY: no memory is shared, and the stack stays where it is.
    unsafe { syscall!(Sysno::clone, first, second, 0, 0, 0) }
}

/// `exit_group` — Ends the process.
pub fn exit(status: i32) -> ! {
    // SAFETY: touches no memory of this program.
    let _ = unsafe { syscall!(Sysno::exit_group, status) };
    loop {
        core::hint::spin_loop();
    }
}

/// `wait4(child)` — Waits until the child ends and returns how: zero if well.
#[inline(never)]
pub fn wait(child: usize) -> Result<i32, Errno> {
    let mut status = 0i32;
    // SAFETY: the kernel writes one number, and no usage.
    unsafe { syscall!(Sysno::wait4, child, &raw mut status, 0, 0) }?;
    Ok(status)
}

/// `reboot` — Restarts the machine, which ends its emulator.
pub fn restart() -> ! {
    // LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2 and LINUX_REBOOT_CMD_RESTART.
    const MAGIC: (usize, usize) = (0xfee1_dead, 672_274_793);
    const RESTART: usize = 0x0123_4567;
    // SAFETY: touches no memory of this program.
    let _ = unsafe { syscall!(Sysno::reboot, MAGIC.0, MAGIC.1, RESTART, 0) };
    loop {
        core::hint::spin_loop();
    }
}
