//! The kernel's data page, read here: the line that the kernel's own function would
//! follow, at one counter read, without a call.
//!
//! As `instanter-page` does it, whose code is not here: the image is linked with nothing, and
//! what that crate checks at each read the launcher has made sure of.
//!
//! The launcher says where the page is, and only if its own process has compared such a
//! page with the kernel's answers. What a look at the page cannot answer, the kernel's
//! function is asked for, and both give the same time at the same counter value.

use core::sync::atomic::Ordering::{Acquire, Relaxed};
use core::sync::atomic::{AtomicU32, AtomicU64, fence};

use crate::layout::PAGE_STATE;
use crate::{cpu, private};

/// Clocks of the page's first record that are not coarse ones: realtime, monotonic,
/// boottime, TAI.
const FINE: u32 = 1 | 1 << 1 | 1 << 7 | 1 << 11;

/// Ticks since the page was written that are dealt with here: a second at 2 GHz. Their
/// product with the rate stays below 2⁶³ then.
const TICKS_BITS: u32 = 31;

/// Whether the page has a clock.
#[inline(always)]
pub fn has(clock: u32) -> bool {
    clock < 32 && FINE >> clock & 1 != 0
}

/// A clock now: seconds, and nanoseconds, which may be more than a second. Nothing, if the
/// page is not known, is being written, or says that the counter is not what it counts.
/// [`has`] must have agreed.
#[inline(always)]
pub fn now(clock: u32) -> Option<(i64, i64)> {
    let place = &private().page;
    let head = place.head.load(Relaxed) as *const AtomicU64;
    // SAFETY: the launcher has written where a record begins, and where its rate is, which
    // the bases of all clocks follow; where it knows none, `head` is a word that fails the
    // comparison.
    unsafe {
        let before = (*head).load(Acquire);
        if before & PAGE_STATE != place.state.load(Relaxed) {
            return None;
        }
        let tail = place.tail.load(Relaxed) as *const AtomicU64;
        let rate = tail.cast::<AtomicU32>();
        let base = tail.wrapping_add(1 + 2 * clock as usize);
        let origin = head.wrapping_add(1);
        let (mult, shift) = ((*rate).load(Relaxed), (*rate.wrapping_add(1)).load(Relaxed));
        let seconds = (*base).load(Relaxed);
        let start = (*base.wrapping_add(1)).load(Relaxed);
        let whole = (*origin).load(Relaxed);
        // Once more, so that the difference of 32 bits need not wait for all 64.
        let low = (*origin.cast::<AtomicU32>()).load(Relaxed);
        let counter = cpu::counter();
        fence(Acquire);
        let after = (*head).load(Relaxed);
        let ticks = u64::from((counter as u32).wrapping_sub(low));
        let scaled = ticks.wrapping_mul(u64::from(mult)).wrapping_add(start);
        let nanoseconds = scaled.wrapping_shr(shift);
        // The last one fails, too, where the counter is behind.
        if after == before && counter.wrapping_sub(whole) >> TICKS_BITS == 0 {
            Some((seconds as i64, nanoseconds as i64))
        } else {
            None
        }
    }
}
