//! Keeping such a page, as a hypervisor does.

use core::sync::atomic::Ordering::{Relaxed, Release};

use super::Abi;
use super::layout::{
    COUNTER, COUNTER_ID, DISRUPTION, FLAGS, FRAC, KNOWN, LEAP, LENGTH, MAGIC, PERIOD, PERIOD_EST,
    PERIOD_MAX, SEC, SEQ_COUNT, SHIFT, SIZE, SMEARING, STATUS, TAI_OFFSET, TIME_EST, TIME_MAX,
    TIME_TYPE, VCLK, VERSION, VM_GENERATION,
};
use crate::memory::Kept;
use crate::sequence::publish;

/// Keeps a page for guests.
///
/// ```
/// use std::sync::atomic::AtomicU64;
/// use instanter_page::BinaryTime;
/// use instanter_page::vmclock::{Abi, CounterId, LENGTH, Reader, TimeType, Writer, flag, status};
///
/// let memory = [const { AtomicU64::new(0) }; LENGTH / 8];
/// let start = memory.as_ptr().cast_mut().cast();
/// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
/// let (mut writer, reader) = unsafe { (Writer::new(start), Reader::new(start)) };
/// writer.update(|| Abi {
///     counter_id: CounterId::Tsc,
///     time_type: TimeType::Tai,
///     disruption_marker: 1,
///     flags: flag::TAI_OFFSET_VALID,
///     status: status::SYNCHRONIZED,
///     smearing_hint: 0,
///     tai_offset_s: -37,
///     leap_indicator: 0,
///     period_shift: 20,
///     counter_value: 500,
///     period: 1 << 63, // 2^-21 s
///     period_estimated_error: 0,
///     period_maximum_error: 0,
///     time: BinaryTime { sec: 1_700_000_037, frac: 0 },
///     time_estimated_error_ns: 0,
///     time_maximum_error_ns: 0,
///     vm_generation: 0,
/// });
///
/// let utc = reader.utc(|| 500 + (1 << 20))?;
/// assert_eq!(utc.to_timespec().to_string(), "1700000000.500000000");
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
    /// Readers wait from before `contents` is called. Should it panic, the page stays
    /// as it was. The page says that it is as long as it is known here; where that is
    /// mapped to user space, make it a whole page with [`set_size`](Writer::set_size).
    pub fn update(&mut self, contents: impl FnOnce() -> Abi) {
        let kept = &self.kept;
        let word = |at, value: u64| kept.u64(at, value.to_le(), Relaxed);
        let odd = u32::from_le(kept.fields().u32(SEQ_COUNT, Relaxed)) | 1;
        publish(
            || kept.u32(SEQ_COUNT, odd.to_le(), Relaxed),
            contents,
            |new| {
                kept.u32(MAGIC, VCLK.to_le(), Relaxed);
                if kept.fields().u32(SIZE, Relaxed) == 0 {
                    kept.u32(SIZE, (LENGTH as u32).to_le(), Relaxed);
                }
                kept.u16(VERSION, KNOWN.to_le(), Relaxed);
                kept.u8(COUNTER_ID, new.counter_id.number(), Relaxed);
                kept.u8(TIME_TYPE, new.time_type.number(), Relaxed);
                word(DISRUPTION, new.disruption_marker);
                word(FLAGS, new.flags);
                kept.u8(STATUS, new.status, Relaxed);
                kept.u8(SMEARING, new.smearing_hint, Relaxed);
                kept.u16(TAI_OFFSET, (new.tai_offset_s as u16).to_le(), Relaxed);
                kept.u8(LEAP, new.leap_indicator, Relaxed);
                kept.u8(SHIFT, new.period_shift, Relaxed);
                word(COUNTER, new.counter_value);
                word(PERIOD, new.period);
                word(PERIOD_EST, new.period_estimated_error);
                word(PERIOD_MAX, new.period_maximum_error);
                word(SEC, new.time.sec as u64);
                word(FRAC, new.time.frac);
                word(TIME_EST, new.time_estimated_error_ns);
                word(TIME_MAX, new.time_maximum_error_ns);
                word(VM_GENERATION, new.vm_generation);
            },
            || kept.u32(SEQ_COUNT, odd.wrapping_add(1).to_le(), Release),
        );
    }

    /// `set_size(bytes)` — Says how long the region is that holds the structure
    /// ([`LENGTH`] where nothing else was said). To be called before the first guest
    /// sees it.
    pub fn set_size(&mut self, bytes: u32) {
        self.kept.u32(SIZE, bytes.to_le(), Relaxed);
    }
}
