//! When to look afresh at a page that was refused, for the case that a disturbance was why.

use core::sync::atomic::{AtomicU32, Ordering};

/// Reads that found no page to serve them.
static SLOW_READS: AtomicU32 = AtomicU32::new(0);
const EVERY: u32 = 4096;

/// Whether this read is the one among many that looks.
pub(super) fn is_time() -> bool {
    SLOW_READS.fetch_add(1, Ordering::Relaxed) % EVERY == EVERY - 1
}
