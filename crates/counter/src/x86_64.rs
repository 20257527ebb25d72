//! The time stamp counter (TSC).
//!
//! # References
//! - Intel SDM volume 2B, RDTSC and RDTSCP; volume 3B, "Time-Stamp Counter".
//! - AMD APM volume 3, RDTSC; volume 2, MSR `DE_CFG` (LFENCE waits for all
//!   earlier instructions, which Linux switches on at boot).

use core::arch::asm;
#[cfg(target_arch = "x86")]
use core::arch::x86::{__cpuid_count, _mm_lfence, _rdtsc};
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::{__cpuid_count, _mm_lfence, _rdtsc};

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = true;
pub(crate) const NAME: &str = "TSC";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "rdtsc";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "lfence; rdtsc";

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        // SAFETY: every processor since the Pentium has RDTSC, which only reads a counter. A
        // process that asked the kernel to trap it (PR_SET_TSC) gets the signal
        // that it asked for.
        unsafe { _rdtsc() }
    }
}

impl Counter for Ordered {
    #[inline(always)]
    fn order(&self) {
        // SAFETY: LFENCE is part of SSE2, which x86-64 includes, and which the targets
        // of 32 bits that this is for demand.
        unsafe { _mm_lfence() }
    }

    #[inline(always)]
    fn read(&self) -> u64 {
        // SAFETY: every processor since the Pentium has RDTSC, which only reads a counter. A
        // process that asked the kernel to trap it (PR_SET_TSC) gets the signal
        // that it asked for.
        unsafe { _rdtsc() }
    }
}

/// `ordered_rdtscp()` — Returns the counter through `rdtscp`, and the value of `IA32_TSC_AUX`.
///
/// As ordered as [`ordered`](crate::ordered): the processor executes all
/// earlier instructions first. Linux keeps `node << 12 | cpu` in
/// `IA32_TSC_AUX`, so the second number tells which CPU answered.
///
/// The caller must know that the processor has the instruction (CPUID
/// 8000_0001h, EDX bit 27): see [`has_rdtscp`].
///
/// ```
/// use instanter_counter::x86_64;
/// if x86_64::has_rdtscp() {
///     let (ticks, _cpu) = x86_64::ordered_rdtscp();
///     assert!(x86_64::ordered_rdtscp().0 >= ticks);
/// }
/// ```
#[inline(always)]
#[must_use]
pub fn ordered_rdtscp() -> (u64, u32) {
    let (low, high, aux): (u32, u32, u32);
    // SAFETY: RDTSCP reads two registers of the processor and touches no
    // memory. Without `nomem` the compiler keeps loads on their side of it.
    unsafe {
        asm!("rdtscp", out("eax") low, out("edx") high, out("ecx") aux,
             options(nostack, preserves_flags));
    }
    (u64::from(high) << 32 | u64::from(low), aux)
}

/// `has_rdtscp()` — Returns whether the processor has `rdtscp`.
///
/// ```
/// let _ = instanter_counter::x86_64::has_rdtscp();
/// ```
#[must_use]
pub fn has_rdtscp() -> bool {
    const EXTENDED: u32 = 0x8000_0000;
    __cpuid_count(EXTENDED, 0).eax > EXTENDED && __cpuid_count(EXTENDED + 1, 0).edx & (1 << 27) != 0
}

/// Leaf 15h states the ratio of the TSC to the core crystal, and, on some
/// processors only, the crystal's frequency.
pub(crate) fn frequency() -> Option<u64> {
    const TSC_LEAF: u32 = 0x15;
    if __cpuid_count(0, 0).eax < TSC_LEAF {
        return None;
    }
    let leaf = __cpuid_count(TSC_LEAF, 0);
    frequency_from_leaf_15h(leaf.eax, leaf.ebx, leaf.ecx)
}

fn frequency_from_leaf_15h(denominator: u32, numerator: u32, crystal_hz: u32) -> Option<u64> {
    if denominator == 0 || numerator == 0 || crystal_hz == 0 {
        return None;
    }
    Some(u64::from(crystal_hz) * u64::from(numerator) / u64::from(denominator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaf_15h() {
        // (denominator, numerator, crystal) of a Skylake client part, of a
        // part that leaves the crystal out, and of none at all.
        let table = [
            ((2, 216, 24_000_000), Some(2_592_000_000)),
            ((2, 216, 0), None),
            ((0, 0, 0), None),
            ((1, u32::MAX, u32::MAX), Some(18_446_744_065_119_617_025)),
        ];
        for ((denominator, numerator, crystal), want) in table {
            let got = frequency_from_leaf_15h(denominator, numerator, crystal);
            assert_eq!(got, want, "leaf 15h of {denominator}, {numerator}, {crystal}");
        }
    }

    #[test]
    fn the_three_reads_are_one_counter() {
        for _ in 0..1_000 {
            let first = crate::ordered();
            let second = if has_rdtscp() { ordered_rdtscp().0 } else { crate::ordered() };
            let third = crate::ordered();
            assert!(first <= second && second <= third, "{first} {second} {third}");
        }
    }
}
