//! Keeping the timehands.

use core::sync::atomic::Ordering::{Relaxed, Release};

use super::Timehands;
use super::layout::{
    ALGO, BOOTTIME, COUNTER_MASK, CURRENT, ENABLED, GEN, LENGTH, MACHINE, OFFSET, OFFSET_COUNT,
    SCALE, SLOTS, VER, VERSION, slot,
};
use crate::BinaryTime;
use crate::memory::Kept;
use crate::sequence::{after, publish};

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Whether programs may use it (`tk_enabled`).
    pub enabled: bool,
    /// The timehands from now on.
    pub timehands: Timehands,
}

/// Keeps FreeBSD's page.
///
/// ```
/// use std::sync::atomic::AtomicU64;
/// use instanter_page::freebsd::{COUNTER, Contents, LENGTH, Reader, Timehands, Writer};
/// use instanter_page::{BinaryTime, Cpu};
///
/// let memory = [const { AtomicU64::new(0) }; LENGTH / 8];
/// let start = memory.as_ptr().cast_mut().cast();
/// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
/// let (mut writer, reader) = unsafe { (Writer::new(start), Reader::new(start, Cpu::Aarch64)) };
/// let timehands = Timehands {
///     algorithm: COUNTER,
///     scale: u64::MAX / 24_000_000, // a counter of 24 MHz
///     offset_count: 7,
///     counter_mask: u32::MAX,
///     offset: BinaryTime { sec: 60, frac: 0 },
///     boottime: BinaryTime { sec: 1_700_000_000, frac: 0 },
///     machine: 0,
/// };
/// writer.update(|| Contents { enabled: true, timehands });
///
/// let pair = reader.pair(|| 7 + 12_000_001)?;
/// assert_eq!(pair.monotonic.to_string(), "60.500000041");
/// assert_eq!(pair.realtime.to_string(), "1700000060.500000041");
/// # Ok::<(), instanter_page::Unreadable>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    kept: Kept,
    current: u32,
    generation: u32,
}

impl Writer {
    /// Takes over the page at `start`, whatever it holds.
    ///
    /// # Safety
    /// The first [`LENGTH`] bytes at `start` must be writable and aligned to eight bytes
    /// for as long as this writer lives, and nobody else may write them meanwhile.
    #[must_use]
    pub unsafe fn new(start: *mut u8) -> Writer {
        // SAFETY: the caller's.
        let kept = unsafe { Kept::new(start, LENGTH) };
        let fields = kept.fields();
        let current = fields.u32(CURRENT, Relaxed) % SLOTS;
        let generation = fields.u32(slot(current) + GEN, Relaxed);
        Writer { kept, current, generation }
    }

    /// `update(contents)` — Writes what `contents` returns into the next timehands, and
    /// makes them the current ones.
    ///
    /// The kernel's readers go on with the old ones until then. Here they wait from
    /// before `contents` is called, because the old ones become busy as well: so no
    /// reader can use the old line beyond the counter value at which the new one
    /// begins. Should `contents` panic, the page stays as it was.
    pub fn update(&mut self, contents: impl FnOnce() -> Contents) {
        let (kept, old) = (&self.kept, self.current);
        let (next, generation) = ((old + 1) % SLOTS, after(self.generation));
        let at = slot(next);
        let stored = core::cell::Cell::new(false);
        publish(
            || {
                kept.u32(slot(old) + GEN, 0, Relaxed);
                kept.u32(at + GEN, 0, Relaxed);
            },
            contents,
            |new| {
                let Timehands { offset, boottime, .. } = new.timehands;
                kept.u32(VER, VERSION, Relaxed);
                kept.u32(at + ALGO, new.timehands.algorithm, Relaxed);
                kept.u64(at + SCALE, new.timehands.scale, Relaxed);
                kept.u32(at + OFFSET_COUNT, new.timehands.offset_count, Relaxed);
                kept.u32(at + COUNTER_MASK, new.timehands.counter_mask, Relaxed);
                for (field, BinaryTime { sec, frac }) in [(OFFSET, offset), (BOOTTIME, boottime)] {
                    kept.u64(at + field, sec as u64, Relaxed);
                    kept.u64(at + field + 8, frac, Relaxed);
                }
                kept.u32(at + MACHINE, new.timehands.machine, Relaxed);
                kept.u32(ENABLED, u32::from(new.enabled), Relaxed);
                stored.set(true);
            },
            || {
                // The old timehands stay busy until their next turn: a reader that has
                // not seen which are current starts again.
                if stored.get() {
                    kept.u32(at + GEN, generation, Release);
                    kept.u32(CURRENT, next, Release);
                } else {
                    kept.u32(slot(old) + GEN, self.generation, Release);
                }
            },
        );
        if stored.get() {
            (self.current, self.generation) = (next, generation);
        }
    }
}
