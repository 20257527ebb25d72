//! Where the fields of `struct timekeep` lie, on 64-bit CPUs.

use core::mem::offset_of;

/// Tag of the auxiliary vector's entry that holds the address.
pub const AUX_TIMEKEEP: usize = 4000;

/// Bytes that a reader touches.
pub const LENGTH: usize = size_of::<Timekeep>();

/// `TK_VERSION`.
pub(super) const VERSION: u32 = 0;

/// Aligned as a 64-bit CPU aligns it, on whichever this is compiled for.
#[repr(C, align(8))]
struct Word(u64);

#[repr(C)]
struct Timekeep {
    tk_version: u32,
    tk_scale: Word,
    tk_offset_count: u32,
    tk_offset: [Word; 2],
    tk_naptime: [Word; 2],
    tk_boottime: [Word; 2],
    tk_generation: u32,
    tk_user: i32,
    tk_counter_mask: u32,
}

pub(super) const VER: usize = offset_of!(Timekeep, tk_version);
pub(super) const SCALE: usize = offset_of!(Timekeep, tk_scale);
pub(super) const OFFSET_COUNT: usize = offset_of!(Timekeep, tk_offset_count);
pub(super) const OFFSET: usize = offset_of!(Timekeep, tk_offset);
pub(super) const NAPTIME: usize = offset_of!(Timekeep, tk_naptime);
pub(super) const BOOTTIME: usize = offset_of!(Timekeep, tk_boottime);
pub(super) const GENERATION: usize = offset_of!(Timekeep, tk_generation);
pub(super) const USER: usize = offset_of!(Timekeep, tk_user);
pub(super) const COUNTER_MASK: usize = offset_of!(Timekeep, tk_counter_mask);

// As the compilers of OpenBSD lay them out.
const _: () = {
    assert!(VER == 0 && SCALE == 8 && OFFSET_COUNT == 16 && OFFSET == 24 && NAPTIME == 40);
    assert!(BOOTTIME == 56 && GENERATION == 72 && USER == 76 && COUNTER_MASK == 80);
    assert!(LENGTH == 88);
};
