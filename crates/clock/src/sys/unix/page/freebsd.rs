//! Where FreeBSD's page is: the auxiliary vector says so, and the C library tells it.
//!
//! # References
//! <https://man.freebsd.org/elf_aux_info(3)>; `lib/libc/sys/__vdso_gettimeofday.c`.

use core::ffi::{c_int, c_void};

use instanter_page::Cpu;
use instanter_page::freebsd::AT_TIMEKEEP;

use crate::find::NoPage;
use crate::systems::Place;
pub(crate) use crate::systems::freebsd::Page;

unsafe extern "C" {
    fn elf_aux_info(tag: c_int, into: *mut c_void, length: c_int) -> c_int;
}

/// Finds the page, which the kernel never unmaps.
pub(crate) fn find() -> Result<Place, NoPage> {
    let cpu = Cpu::this().ok_or(NoPage::UnknownCpu)?;
    let mut start: *const u8 = core::ptr::null();
    let length = size_of_val(&start) as c_int;
    // SAFETY: one pointer is written.
    let error = unsafe { elf_aux_info(AT_TIMEKEEP as c_int, (&raw mut start).cast(), length) };
    if error != 0 || start.is_null() || !start.cast::<u64>().is_aligned() {
        return Err(NoPage::Absent);
    }
    Ok(Place { start, behind: core::ptr::null(), cpu })
}
