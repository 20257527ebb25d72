//! The time-of-day (TOD) clock.
//!
//! Bit 51 of the clock counts microseconds, so one unit is 1/4096 µs.
//!
//! # References
//! - z/Architecture Principles of Operation, "Time-of-Day Clock", STORE CLOCK
//!   (serialises, unique values) and STORE CLOCK FAST (neither).

use core::arch::asm;

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = true;
pub(crate) const NAME: &str = "TOD clock";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "stckf";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "stck";

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        let mut ticks = 0u64;
        // SAFETY: STCKF stores eight bytes at the address it is given and sets the
        // condition code, which inline assembly may.
        unsafe {
            asm!("stckf 0({})", in(reg_addr) &mut ticks, options(nostack));
        }
        ticks
    }
}

/// STCK serialises by itself, so there is nothing to do before.
impl Counter for Ordered {
    #[inline(always)]
    fn read(&self) -> u64 {
        let mut ticks = 0u64;
        // SAFETY: STCK stores eight bytes at the address it is given.
        unsafe {
            asm!("stck 0({})", in(reg_addr) &mut ticks, options(nostack));
        }
        ticks
    }
}

/// 4096 units a microsecond, by definition of the architecture.
pub(crate) fn frequency() -> Option<u64> {
    Some(4_096_000_000)
}
