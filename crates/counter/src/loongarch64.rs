//! The stable counter.
//!
//! # References
//! - LoongArch reference manual, volume 1: RDTIME.D, DBAR, and CPUCFG words 4
//!   and 5 (crystal frequency, multiplier, divider).

use core::arch::asm;

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = true;
pub(crate) const NAME: &str = "stable counter";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "rdtime.d";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "dbar 0; rdtime.d";

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        // SAFETY: RDTIME.D is unprivileged unless the kernel disabled it, which
        // Linux does not.
        unsafe {
            asm!("rdtime.d {}, $zero", out(reg) ticks, options(nostack, preserves_flags));
        }
        ticks
    }
}

impl Counter for Ordered {
    #[inline(always)]
    fn order(&self) {
        // SAFETY: DBAR 0 is a full barrier and touches no memory.
        unsafe { asm!("dbar 0", options(nostack, preserves_flags)) }
    }

    #[inline(always)]
    fn read(&self) -> u64 {
        Relaxed.read()
    }
}

pub(crate) fn frequency() -> Option<u64> {
    let crystal = u64::from(cpucfg(4));
    let ratio = cpucfg(5);
    let (multiplier, divider) = (u64::from(ratio & 0xffff), u64::from(ratio >> 16));
    if crystal == 0 || multiplier == 0 || divider == 0 {
        return None;
    }
    Some(crystal * multiplier / divider)
}

fn cpucfg(word: u32) -> u32 {
    let value: u32;
    // SAFETY: CPUCFG is unprivileged and reads zero for unknown words.
    unsafe {
        asm!("cpucfg {}, {}", out(reg) value, in(reg) word,
             options(nomem, nostack, preserves_flags));
    }
    value
}
