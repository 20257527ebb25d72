//! The generic timer's virtual count (`CNTVCT_EL0`).
//!
//! # References
//! - Arm ARM, D12 "The Generic Timer in AArch64 state"; FEAT_ECV for the
//!   self-synchronised view `CNTVCTSS_EL0`.
//! - Linux, `arch/arm64/include/asm/vdso/gettimeofday.h` and
//!   `arch_counter_enforce_ordering`.

use core::arch::asm;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = true;
pub(crate) const NAME: &str = "CNTVCT_EL0";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "mrs cntvct_el0";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "isb; mrs cntvct_el0";

static SELF_SYNCHRONIZED: AtomicBool = AtomicBool::new(false);

/// `use_self_synchronized(yes)` — Makes [`ordered`](crate::ordered) read `CNTVCTSS_EL0`, which needs no `isb`.
///
/// # Safety
/// The CPU must have FEAT_ECV (`HWCAP2_ECV`, bit 19 of `AT_HWCAP2`): the read
/// raises SIGILL elsewhere.
pub unsafe fn use_self_synchronized(yes: bool) {
    SELF_SYNCHRONIZED.store(yes, Ordering::Relaxed);
}

/// `is_self_synchronized()` — Returns whether [`ordered`](crate::ordered) reads `CNTVCTSS_EL0`.
#[must_use]
pub fn is_self_synchronized() -> bool {
    SELF_SYNCHRONIZED.load(Ordering::Relaxed)
}

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        // SAFETY: Linux lets EL0 read CNTVCT_EL0, or emulates it where an erratum
        // forbids it.
        unsafe {
            asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nostack, preserves_flags));
        }
        ticks
    }
}

impl Counter for Ordered {
    #[inline(always)]
    fn order(&self) {
        if !SELF_SYNCHRONIZED.load(Ordering::Relaxed) {
            // SAFETY: ISB keeps what follows from being speculated before it.
            unsafe { asm!("isb", options(nostack, preserves_flags)) }
        }
    }

    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks: u64;
        if SELF_SYNCHRONIZED.load(Ordering::Relaxed) {
            // SAFETY: `use_self_synchronized` was promised FEAT_ECV. S3_3_C14_C0_6
            // is CNTVCTSS_EL0, by number so that older assemblers know it.
            unsafe {
                asm!("mrs {}, s3_3_c14_c0_6", out(reg) ticks, options(nostack, preserves_flags));
            }
        } else {
            ticks = Relaxed.read();
        }
        // A load whose address depends on the count cannot start before the count
        // is known, and no later load overtakes it.
        // SAFETY: the address is the stack pointer plus zero, which is readable.
        unsafe {
            asm!(
                "eor {zero}, {ticks}, {ticks}",
                "add {zero}, sp, {zero}",
                "ldr xzr, [{zero}]",
                zero = out(reg) _,
                ticks = in(reg) ticks,
                options(nostack, preserves_flags),
            );
        }
        ticks
    }
}

/// `CNTFRQ_EL0` holds what firmware wrote there, so zero means that it forgot.
pub(crate) fn frequency() -> Option<u64> {
    let hertz: u64;
    // SAFETY: Linux lets EL0 read CNTFRQ_EL0.
    unsafe {
        asm!("mrs {}, cntfrq_el0", out(reg) hertz, options(nomem, nostack, preserves_flags));
    }
    (hertz != 0).then_some(hertz)
}
