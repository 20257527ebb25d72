//! Where Darwin's page is: at a fixed address, which the kernel's headers and the C library
//! were compiled with.
//!
//! That nothing else is there, and not nothing, is asked of the kernel, without touching
//! it: `sigprocmask` copies its argument before it finds that it was not told what to do with it,
//! and says which of the two was wrong. The question is tried first where the answer is known,
//! and a kernel that answers otherwise has the page left alone.

use core::ffi::c_int;

use instanter_page::Cpu;
use instanter_page::darwin::{BASE_AARCH64, BASE_X86_64, LENGTH};

use super::{errno, errno_now};
use crate::find::NoPage;
use crate::systems::Place;
pub(crate) use crate::systems::darwin::Page;

/// In no process can it be read: the kernel's, on both CPUs.
const NEVER: usize = usize::MAX & !0xfff;

const EFAULT: u32 = 14;

/// Asks the kernel to copy four bytes, and to do nothing with them.
fn probe(address: usize) -> u32 {
    unsafe extern "C" {
        fn sigprocmask(how: c_int, set: *const u32, old: *mut u32) -> c_int;
    }
    const NO_SUCH_HOW: c_int = 0x7fff;
    let set = core::ptr::with_exposed_provenance(address);
    // SAFETY: the kernel copies the set, refuses `how`, and so changes nothing.
    match unsafe { sigprocmask(NO_SUCH_HOW, set, core::ptr::null_mut()) } {
        -1 => errno_now().unsigned_abs(),
        _ => 0,
    }
}

/// Finds the page, which the kernel never unmaps.
pub(crate) fn find() -> Result<Place, NoPage> {
    let (cpu, base) = match Cpu::this() {
        Some(Cpu::X86_64) => (Cpu::X86_64, BASE_X86_64),
        Some(Cpu::Aarch64) => (Cpu::Aarch64, BASE_AARCH64),
        None => return Err(NoPage::UnknownCpu),
    };
    let here = 0u32;
    if probe(NEVER) != EFAULT || probe((&raw const here).expose_provenance()) != errno::EINVAL {
        return Err(NoPage::NoProbe);
    }
    // On one page of memory, so that its ends speak for all of it.
    let base = base as usize;
    let ends = [base, base + LENGTH - size_of::<u32>()];
    if ends.into_iter().any(|address| probe(address) != errno::EINVAL) {
        return Err(NoPage::Unreadable);
    }
    let start = core::ptr::with_exposed_provenance(base);
    Ok(Place { start, behind: core::ptr::null(), cpu })
}
