//! Keeping the timekeep page.

use core::cell::Cell;
use core::sync::atomic::Ordering::{Relaxed, Release};

use super::Timekeep;
use super::layout::{
    BOOTTIME, COUNTER_MASK, GENERATION, LENGTH, NAPTIME, OFFSET, OFFSET_COUNT, SCALE, USER, VER,
    VERSION,
};
use crate::BinaryTime;
use crate::memory::Kept;
use crate::sequence::{after, publish};

/// Keeps OpenBSD's page.
///
/// ```
/// use std::sync::atomic::AtomicU64;
/// use instanter_page::openbsd::{LENGTH, Reader, Timekeep, Writer};
/// use instanter_page::{BinaryTime, Cpu};
///
/// let memory = [const { AtomicU64::new(0) }; LENGTH / 8];
/// let start = memory.as_ptr().cast_mut().cast();
/// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
/// let (mut writer, reader) = unsafe { (Writer::new(start), Reader::new(start, Cpu::X86_64)) };
/// writer.update(|| Timekeep {
///     scale: 1 << 54, // a counter of 1,024 Hz
///     offset_count: 0,
///     offset: BinaryTime { sec: 60, frac: 0 },
///     naptime: BinaryTime { sec: 50, frac: 0 },
///     boottime: BinaryTime { sec: 1_700_000_000, frac: 0 },
///     user: 1,
///     counter_mask: u32::MAX,
/// });
///
/// let clocks = reader.clocks(|| 512)?;
/// assert_eq!(clocks.monotonic.to_string(), "60.500000000");
/// assert_eq!(clocks.uptime.to_string(), "10.500000000");
/// assert_eq!(clocks.realtime.to_string(), "1700000060.500000000");
/// # Ok::<(), instanter_page::Unreadable>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    kept: Kept,
    generation: Cell<u32>,
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
        let generation = Cell::new(kept.fields().u32(GENERATION, Relaxed));
        Writer { kept, generation }
    }

    /// `update(contents)` — Writes what `contents` returns, as one update.
    ///
    /// Readers wait from before `contents` is called. Should it panic, the page stays
    /// as it was.
    pub fn update(&mut self, contents: impl FnOnce() -> Timekeep) {
        let kept = &self.kept;
        publish(
            || kept.u32(GENERATION, 0, Relaxed),
            contents,
            |new| {
                kept.u32(VER, VERSION, Relaxed);
                kept.u64(SCALE, new.scale, Relaxed);
                kept.u32(OFFSET_COUNT, new.offset_count, Relaxed);
                for (field, BinaryTime { sec, frac }) in
                    [(OFFSET, new.offset), (NAPTIME, new.naptime), (BOOTTIME, new.boottime)]
                {
                    kept.u64(field, sec as u64, Relaxed);
                    kept.u64(field + 8, frac, Relaxed);
                }
                kept.u32(USER, new.user as u32, Relaxed);
                kept.u32(COUNTER_MASK, new.counter_mask, Relaxed);
            },
            || {
                self.generation.set(after(self.generation.get()));
                kept.u32(GENERATION, self.generation.get(), Release);
            },
        );
    }
}
