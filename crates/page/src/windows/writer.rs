//! Keeping the shared data.

use core::sync::atomic::Ordering::{Relaxed, Release};

use super::Contents;
use super::layout::{
    BASELINE_INTERRUPT_QPC, BASELINE_SYSTEM_QPC, INTERRUPT_BIAS, INTERRUPT_INCREMENT,
    INTERRUPT_SHIFT, INTERRUPT_TIME, LENGTH, QPC_BIAS, QPC_BYPASS, QPC_FREQUENCY, QPC_SHIFT,
    SYSTEM_INCREMENT, SYSTEM_SHIFT, SYSTEM_TIME, TIME_UPDATE_LOCK,
};
use crate::memory::Kept;
use crate::sequence::publish;

/// Keeps the clocks of `KUSER_SHARED_DATA`, and leaves the rest of the page as it is.
///
/// ```
/// use std::sync::atomic::AtomicU64;
/// use instanter_page::windows::{Contents, LENGTH, Reader, UNIX_EPOCH, Writer, bypass};
///
/// let memory = [const { AtomicU64::new(0) }; LENGTH / 8];
/// let start = memory.as_ptr().cast_mut().cast();
/// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
/// let (mut writer, reader) = unsafe { (Writer::new(start), Reader::new(start, None)) };
/// writer.update(|| Contents {
///     interrupt_time: 600_000_000, // a minute
///     system_time: UNIX_EPOCH + 17_000_000_000_000_000,
///     qpc_frequency: 10_000_000,
///     baseline_system_qpc: 1_000,
///     baseline_interrupt_qpc: 1_000,
///     system_increment: 1 << 63, // 100 ns a tick, for ticks that are doubled first
///     interrupt_increment: 1 << 63,
///     system_shift: 1,
///     interrupt_shift: 1,
///     interrupt_bias: 0,
///     qpc_bias: 0,
///     bypass: bypass::ENABLED | bypass::RDTSCP,
///     qpc_shift: 0,
/// });
///
/// assert_eq!(reader.coarse()?.system_time.to_string(), "1700000000.000000000");
/// let frame = reader.frame(|| 1_000 + 5_000_001)?;
/// assert_eq!(frame.system_time()?.to_string(), "1700000000.500000000");
/// assert_eq!(frame.interrupt_time()?.to_string(), "60.500000000");
/// # Ok::<(), instanter_page::Unreadable>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    kept: Kept,
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
        Writer { kept: unsafe { Kept::new(start, LENGTH) } }
    }

    /// `update(contents)` — Writes what `contents` returns, as one update.
    ///
    /// Those who interpolate wait from before `contents` is called; the coarse clocks
    /// stay readable. Should it panic, the page stays as it was.
    pub fn update(&mut self, contents: impl FnOnce() -> Contents) {
        let kept = &self.kept;
        let odd = kept.fields().u64(TIME_UPDATE_LOCK, Relaxed) | 1;
        let word = |at, value| kept.u64(at, value, Relaxed);
        let byte = |at, value| kept.u8(at, value, Relaxed);
        // Each part behind the one before: see the reader.
        let triple = |at: usize, value: i64| {
            let (high, low) = ((value as u64 >> 32) as u32, value as u32);
            kept.u32(at + 8, high, Release);
            kept.u32(at, low, Release);
            kept.u32(at + 4, high, Release);
        };
        publish(
            || kept.u64(TIME_UPDATE_LOCK, odd, Relaxed),
            contents,
            |new| {
                triple(INTERRUPT_TIME, new.interrupt_time);
                triple(SYSTEM_TIME, new.system_time);
                word(QPC_FREQUENCY, new.qpc_frequency);
                word(BASELINE_SYSTEM_QPC, new.baseline_system_qpc);
                word(BASELINE_INTERRUPT_QPC, new.baseline_interrupt_qpc);
                word(SYSTEM_INCREMENT, new.system_increment);
                word(INTERRUPT_INCREMENT, new.interrupt_increment);
                byte(SYSTEM_SHIFT, new.system_shift);
                byte(INTERRUPT_SHIFT, new.interrupt_shift);
                word(INTERRUPT_BIAS, new.interrupt_bias);
                word(QPC_BIAS, new.qpc_bias);
                byte(QPC_BYPASS, new.bypass);
                byte(QPC_SHIFT, new.qpc_shift);
            },
            || kept.u64(TIME_UPDATE_LOCK, odd.wrapping_add(1), Release),
        );
    }
}
