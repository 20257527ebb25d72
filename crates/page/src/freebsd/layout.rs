//! Where the fields of `struct vdso_timekeep` lie, on 64-bit CPUs.

use core::mem::offset_of;

/// Tag of the auxiliary vector's entry that holds the address.
pub const AT_TIMEKEEP: usize = 22;

/// How many timehands take turns (`VDSO_TH_NUM`).
pub const SLOTS: u32 = 4;

/// Bytes that a reader touches.
pub const LENGTH: usize = size_of::<Timekeep>();

/// `VDSO_TK_VER_1`.
pub(super) const VERSION: u32 = 1;

#[repr(C)]
struct Timekeep {
    tk_ver: u32,
    tk_enabled: u32,
    tk_current: u32,
    tk_th: [Timehands; SLOTS as usize],
}

// Aligned by what a 64-bit CPU aligns a word by, on whichever this is compiled for.
#[repr(C, align(8))]
struct Timehands {
    th_algo: u32,
    th_gen: u32,
    th_scale: u64,
    th_offset_count: u32,
    th_counter_mask: u32,
    th_offset: [u64; 2],
    th_boottime: [u64; 2],
    /// `th_x86_shift`, or on Arm `th_physical`.
    machine: u32,
    rest: [u32; 7],
}

pub(super) const VER: usize = offset_of!(Timekeep, tk_ver);
pub(super) const ENABLED: usize = offset_of!(Timekeep, tk_enabled);
pub(super) const CURRENT: usize = offset_of!(Timekeep, tk_current);

pub(super) const ALGO: usize = offset_of!(Timehands, th_algo);
pub(super) const GEN: usize = offset_of!(Timehands, th_gen);
pub(super) const SCALE: usize = offset_of!(Timehands, th_scale);
pub(super) const OFFSET_COUNT: usize = offset_of!(Timehands, th_offset_count);
pub(super) const COUNTER_MASK: usize = offset_of!(Timehands, th_counter_mask);
pub(super) const OFFSET: usize = offset_of!(Timehands, th_offset);
pub(super) const BOOTTIME: usize = offset_of!(Timehands, th_boottime);
pub(super) const MACHINE: usize = offset_of!(Timehands, machine);

/// Where the timehands of a turn begin.
pub(super) const fn slot(index: u32) -> usize {
    offset_of!(Timekeep, tk_th) + index as usize * size_of::<Timehands>()
}

// As the compilers of FreeBSD lay them out.
const _: () = {
    assert!(VER == 0 && ENABLED == 4 && CURRENT == 8);
    assert!(slot(0) == 16 && slot(1) == 104 && LENGTH == 368);
    assert!(ALGO == 0 && GEN == 4 && SCALE == 8 && OFFSET_COUNT == 16 && COUNTER_MASK == 20);
    assert!(OFFSET == 24 && BOOTTIME == 40 && MACHINE == 56);
};
