//! Where Windows' page is: at a fixed address, as long as programs of 32 bits run.
//!
//! # References
//! `ntddk.h` (`MM_SHARED_USER_DATA_VA`);
//! <https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualquery>. The
//! address of the hypervisor's page is told by a class of `NtQuerySystemInformation` that no
//! header names (`SystemHypervisorSharedPageInformation`), and that the system's own
//! `RtlQueryPerformanceCounter` asks.

use core::ffi::c_void;

use instanter_page::Cpu;
use instanter_page::windows::{ADDRESS, HYPERVISOR_LENGTH, LENGTH, Reader, bypass};

use crate::find::NoPage;
use crate::systems::Place;
pub(crate) use crate::systems::windows::Page;

/// `MEMORY_BASIC_INFORMATION`.
#[repr(C)]
struct MemoryInformation {
    base: *const c_void,
    allocation: *const c_void,
    allocation_protection: u32,
    partition: u16,
    region_size: usize,
    state: u32,
    protection: u32,
    kind: u32,
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn VirtualQuery(address: usize, into: *mut MemoryInformation, length: usize) -> usize;
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtQuerySystemInformation(
        class: u32,
        into: *mut *const u8,
        length: u32,
        returned: *mut u32,
    ) -> i32;
}

/// Whether memory can be read, found out without touching it.
fn can_be_read(address: usize, length: usize) -> bool {
    const COMMITTED: u32 = 0x1000;
    /// `PAGE_READONLY`, `PAGE_READWRITE`, `PAGE_WRITECOPY`, and the same with `EXECUTE`.
    const READABLE: u32 = 0x02 | 0x04 | 0x08 | 0x20 | 0x40 | 0x80;
    const GUARD: u32 = 0x100;
    let mut memory = MemoryInformation {
        base: core::ptr::null(),
        allocation: core::ptr::null(),
        allocation_protection: 0,
        partition: 0,
        region_size: 0,
        state: 0,
        protection: 0,
        kind: 0,
    };
    let size = size_of_val(&memory);
    // SAFETY: one structure is written.
    if unsafe { VirtualQuery(address, &mut memory, size) } == 0 {
        return false;
    }
    let end = memory.base.addr().checked_add(memory.region_size);
    memory.state == COMMITTED
        && memory.protection & READABLE != 0
        && memory.protection & GUARD == 0
        && address.checked_add(length).zip(end).is_some_and(|(last, end)| last <= end)
}

/// The hypervisor's page, where there is one.
fn hypervisor() -> *const u8 {
    const HYPERVISOR_SHARED_PAGE: u32 = 197;
    let mut start: *const u8 = core::ptr::null();
    let size = size_of_val(&start) as u32;
    // SAFETY: one pointer is written.
    let status = unsafe {
        NtQuerySystemInformation(HYPERVISOR_SHARED_PAGE, &mut start, size, core::ptr::null_mut())
    };
    let found = status >= 0
        && !start.is_null()
        && start.cast::<u64>().is_aligned()
        && can_be_read(start.addr(), HYPERVISOR_LENGTH);
    if found { start } else { core::ptr::null() }
}

/// Finds the page, which the system never unmaps.
pub(crate) fn find() -> Result<Place, NoPage> {
    let cpu = Cpu::this().ok_or(NoPage::UnknownCpu)?;
    if !can_be_read(ADDRESS, LENGTH) {
        return Err(NoPage::Unreadable);
    }
    let start = core::ptr::with_exposed_provenance(ADDRESS);
    // SAFETY: readable just now.
    let flags = unsafe { Reader::new(start, None) }.qpc_bypass();
    let wanted = bypass::ENABLED | bypass::HYPERVISOR_PAGE;
    let behind = if flags & wanted == wanted { hypervisor() } else { core::ptr::null() };
    Ok(Place { start, behind, cpu })
}
