//! The time base.
//!
//! # References
//! - Power ISA, book II, chapter 6 "Time Base"; book II, 4.6 for `sync` and `isync`.

use core::arch::asm;

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = true;
pub(crate) const NAME: &str = "time base";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "mftb";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "sync; isync; mftb";

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        // SAFETY: the time base is readable from problem state. `mftb` is
        // `mfspr 268`.
        unsafe {
            asm!("mfspr {}, 268", out(reg) ticks, options(nostack, preserves_flags));
        }
        ticks
    }
}

impl Counter for Ordered {
    #[inline(always)]
    fn order(&self) {
        // SAFETY: `sync` waits for earlier loads, `isync` keeps what follows from
        // being prefetched before it.
        unsafe { asm!("sync", "isync", options(nostack, preserves_flags)) }
    }

    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        // SAFETY: the time base is readable from problem state. `mftb` is
        // `mfspr 268`.
        unsafe {
            asm!("mfspr {}, 268", out(reg) ticks, options(nostack, preserves_flags));
        }
        ticks
    }
}

/// The time base's rate is in the device tree, and in the vDSO's own page.
pub(crate) fn frequency() -> Option<u64> {
    None
}
