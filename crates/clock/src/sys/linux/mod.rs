//! Linux, and Android above it: the system calls that clocks, timers and sleeping
//! need, made without a C library.
//!
//! Numbers come from `linux-raw-sys`; the instruction that enters the kernel is
//! one file a CPU, and the calls beyond reading a clock one file a subject.

pub(crate) mod clocks;
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "loongarch64", path = "loongarch64.rs")]
#[cfg_attr(target_arch = "powerpc64", path = "powerpc64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "s390x.rs")]
#[cfg_attr(target_arch = "x86", path = "x86.rs")]
#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
mod cpu;
mod descriptor;
mod mapping;
mod number;
mod sleep;
mod timerfd;
mod usage;

pub(crate) use descriptor::Descriptor;
pub(crate) use linux_raw_sys::errno;
pub(crate) use linux_raw_sys::general::{O_RDONLY, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET};
pub(crate) use linux_raw_sys::ioctl::{RTC_RD_TIME, RTC_SET_TIME, RTC_UIE_OFF, RTC_UIE_ON};
pub(crate) use mapping::{File, Mapping, effective_user, process_id};
pub(crate) use sleep::{clock_nanosleep, timer_slack_ns};
pub(crate) use timerfd::{timerfd_create, timerfd_gettime, timerfd_settime};
pub(crate) use usage::{Rusage, getrusage, times};

use instanter_page::Timespec;
use linux_raw_sys::general as nr;

use super::{Errno, KernelTimespec, TimerSpec, Timex};

#[cfg(target_arch = "powerpc64")]
pub(crate) use cpu::vdso_call;

/// Calls a vDSO function that takes a clock id and a timespec.
///
/// # Safety
/// `function` must be the address of one.
#[cfg(not(target_arch = "powerpc64"))]
#[inline]
pub(crate) unsafe fn vdso_call(function: *const (), id: i32, into: *mut KernelTimespec) -> i32 {
    // SAFETY: the caller says what it is; the vDSO follows the C convention.
    unsafe {
        let function: unsafe extern "C" fn(i32, *mut KernelTimespec) -> i32 =
            core::mem::transmute(function);
        function(id, into)
    }
}

/// Makes a system call of up to five arguments.
///
/// # Safety
/// That of the call.
#[inline]
unsafe fn call(number: u32, [a, b, c, d, e]: [usize; 5]) -> Result<usize, Errno> {
    // SAFETY: the caller's.
    unsafe { call_with_six(number, [a, b, c, d, e, 0]) }
}

/// Makes a system call of six arguments.
///
/// # Safety
/// That of the call.
#[inline]
unsafe fn call_with_six(number: u32, arguments: [usize; 6]) -> Result<usize, Errno> {
    // SAFETY: the caller's.
    let returned = unsafe { cpu::syscall(number as usize, arguments) };
    // The kernel returns −4095 to −1 for an error.
    if returned > usize::MAX - 4096 {
        Err(Errno((returned as isize).wrapping_neg() as i32))
    } else {
        Ok(returned)
    }
}

pub(crate) fn clock_gettime(id: i32) -> Result<Timespec, Errno> {
    let mut time = KernelTimespec::default();
    // SAFETY: the kernel writes one timespec.
    unsafe { call(number::CLOCK_GETTIME, [id as usize, (&raw mut time).addr(), 0, 0, 0]) }?;
    Ok(time.into())
}

pub(crate) fn clock_getres(id: i32) -> Result<Timespec, Errno> {
    let mut time = KernelTimespec::default();
    // SAFETY: the kernel writes one timespec.
    unsafe { call(number::CLOCK_GETRES, [id as usize, (&raw mut time).addr(), 0, 0, 0]) }?;
    Ok(time.into())
}

pub(crate) fn clock_settime(id: i32, to: Timespec) -> Result<(), Errno> {
    let time = KernelTimespec::from(to);
    // SAFETY: the kernel reads one timespec.
    unsafe { call(number::CLOCK_SETTIME, [id as usize, (&raw const time).addr(), 0, 0, 0]) }?;
    Ok(())
}

/// Returns the clock's state (`TIME_OK` and so on).
pub(crate) fn clock_adjtime(id: i32, timex: &mut Timex) -> Result<u32, Errno> {
    let timex: *mut Timex = timex;
    // SAFETY: the kernel reads and writes one `struct __kernel_timex`.
    unsafe { call(number::CLOCK_ADJTIME, [id as usize, timex.addr(), 0, 0, 0]) }
        .map(|state| state as u32)
}

/// Copies the auxiliary vector into `into`. Returns the bytes that there are.
pub(crate) fn get_auxv(into: &mut [usize]) -> Result<usize, Errno> {
    let size = size_of_val(into);
    let to = into.as_mut_ptr().addr();
    let option = linux_raw_sys::prctl::PR_GET_AUXV as usize;
    // SAFETY: the kernel writes at most `size` bytes.
    unsafe { call(nr::__NR_prctl, [option, to, size, 0, 0]) }
}

/// Reads the start of a file. `path` ends in a zero byte. Returns the bytes
/// read, at most `into.len()`.
pub(crate) fn read_file(path: &core::ffi::CStr, into: &mut [u8]) -> Result<usize, Errno> {
    let file = Descriptor::open(path, O_RDONLY)?;
    let mut length = 0;
    while length < into.len() {
        match file.read(&mut into[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// Asks the kernel to read eight bytes at `address`, and to do nothing with
/// them. Returns its answer: `EFAULT` where they cannot be read, `EINVAL` for
/// the `how` that does not exist where they can.
pub(crate) fn probe(address: usize) -> Errno {
    const NO_SUCH_HOW: usize = 0x7fff;
    // SAFETY: the kernel copies the set before it looks at `how`, refuses `how`,
    // and so changes nothing.
    match unsafe { call(nr::__NR_rt_sigprocmask, [NO_SUCH_HOW, address, 0, 8, 0]) } {
        Ok(_) => Errno(0),
        Err(errno) => errno,
    }
}

/// Whether what is behind the page is a kernel that is asked by the vDSO and by system calls.
pub(crate) const IS_LINUX: bool = true;

/// What a clock is called that the kernel gives no id: there is none such.
pub(crate) const fn name_without_id(_: i32) -> Option<&'static str> {
    None
}

/// What error texts say beyond the number.
pub(crate) const SETTING_NEEDS: &str = "setting a clock needs CAP_SYS_TIME";
pub(crate) const UNSUPPORTED: &str = "the clock cannot do this";

/// The name of an error number, as this system spells it.
pub(crate) const fn spelled(name: &'static str) -> &'static str {
    name
}
