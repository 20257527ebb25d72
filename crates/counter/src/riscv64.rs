//! The `time` CSR.
//!
//! # References
//! - RISC-V unprivileged ISA, "Zicntr": `rdtime`; and "CSR access ordering":
//!   a FENCE orders the counter CSRs as device input.

use core::arch::asm;

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = true;
pub(crate) const NAME: &str = "time";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "rdtime";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "fence r, i; rdtime; fence i, r";

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        // SAFETY: Linux requires Zicntr's time CSR to be readable from user mode.
        unsafe {
            asm!("rdtime {}", out(reg) ticks, options(nostack, preserves_flags));
        }
        ticks
    }
}

impl Counter for Ordered {
    #[inline(always)]
    fn order(&self) {
        // SAFETY: a fence touches no memory.
        unsafe { asm!("fence r, i", options(nostack, preserves_flags)) }
    }

    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        // SAFETY: as in `relaxed`; the fence touches no memory.
        unsafe {
            asm!("rdtime {}", "fence i, r", out(reg) ticks, options(nostack, preserves_flags));
        }
        ticks
    }
}

/// The time base is in the device tree, which user space need not have.
pub(crate) fn frequency() -> Option<u64> {
    None
}
