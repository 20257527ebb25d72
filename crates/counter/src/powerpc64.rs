//! The time base.
//!
//! # References
//! - Power ISA, book II, chapter 6 "Time Base"; book II, 4.6 for `sync` and `isync`.

use core::arch::asm;

pub(crate) const NAME: &str = "time base";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "mftb";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "sync; isync; mftb";

#[inline(always)]
pub(crate) fn relaxed() -> u64 {
    let ticks: u64;
    // SAFETY: the time base is readable from problem state. `mftb` is
    // `mfspr 268`.
    unsafe {
        asm!("mfspr {}, 268", out(reg) ticks, options(nostack, preserves_flags));
    }
    ticks
}

#[inline(always)]
pub(crate) fn order() {
    // SAFETY: `sync` waits for earlier loads, `isync` keeps what follows from
    // being prefetched before it.
    unsafe { asm!("sync", "isync", options(nostack, preserves_flags)) }
}

#[inline(always)]
pub(crate) fn read_after_order() -> u64 {
    relaxed()
}

/// The time base's rate is in the device tree, and in the vDSO's own page.
pub(crate) fn frequency() -> Option<u64> {
    None
}
