//! Where OpenBSD's page is: the auxiliary vector says so.
//!
//! The C library keeps the address to itself, and its `elf_aux_info` does not tell this entry.
//! But the system says where the environment lay when the program started, which
//! `setproctitle(3)` asks as well, so that pledges allow it; behind that lies the vector.
//!
//! # References
//! <https://man.openbsd.org/sysctl.2> (`VM_PSSTRINGS`), <https://man.openbsd.org/clock_gettime.2>;
//! `sys/sys/exec.h`, `lib/libc/dlfcn/init.c`.

use core::ffi::{c_int, c_uint, c_void};

use instanter_page::Cpu;

use crate::find::NoPage;
use crate::systems::Place;
pub(crate) use crate::systems::openbsd::Page;
use crate::systems::openbsd::timekeep_behind;

/// `struct ps_strings`.
#[repr(C)]
struct Strings {
    arguments: *const *const u8,
    argument_count: c_int,
    environment: *const usize,
    environment_count: c_int,
}

unsafe extern "C" {
    fn sysctl(
        name: *const c_int,
        name_length: c_uint,
        old: *mut c_void,
        old_length: *mut usize,
        new: *const c_void,
        new_length: usize,
    ) -> c_int;
}

fn strings() -> Option<*const Strings> {
    const CTL_VM: c_int = 2;
    const VM_PSSTRINGS: c_int = 3;
    let name = [CTL_VM, VM_PSSTRINGS];
    let mut strings: *const Strings = core::ptr::null();
    let mut length = size_of_val(&strings);
    // SAFETY: two numbers are read and one pointer is written (`struct _ps_strings`).
    let outcome = unsafe {
        sysctl(
            name.as_ptr(),
            name.len() as c_uint,
            (&raw mut strings).cast(),
            &mut length,
            core::ptr::null(),
            0,
        )
    };
    let told = outcome == 0 && length == size_of_val(&strings);
    (told && !strings.is_null() && strings.is_aligned()).then_some(strings)
}

/// Finds the page, which the kernel never unmaps.
pub(crate) fn find() -> Result<Place, NoPage> {
    let cpu = Cpu::this().ok_or(NoPage::UnknownCpu)?;
    // The C library looks at the name alone.
    if super::variable(c"LIBC_NOUSERTC", &mut []).is_some() {
        return Err(NoPage::SwitchedOff);
    }
    let strings = strings().ok_or(NoPage::Absent)?;
    // SAFETY: the system says that it is there.
    let Strings { environment, environment_count, .. } = unsafe { strings.read() };
    let count = usize::try_from(environment_count).map_err(|_| NoPage::Absent)?;
    if environment.is_null() || !environment.is_aligned() {
        return Err(NoPage::Absent);
    }
    // SAFETY: pointers to so many strings and a null, the vector behind them, and the strings
    // behind that.
    let start = unsafe { timekeep_behind(environment, count) }.ok_or(NoPage::Absent)?;
    Ok(Place { start, behind: core::ptr::null(), cpu })
}
