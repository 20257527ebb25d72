//! Keeping a commpage.

use core::cell::Cell;
use core::sync::atomic::Ordering::{Relaxed, Release};

use super::layout::{
    CONT_HW_TIMEBASE, CONT_HWCLOCK, LENGTH, NT_GENERATION, NT_NS_BASE, NT_SCALE, NT_SHIFT,
    NT_TSC_BASE, Places, TIMEBASE_OFFSET, USER_TIMEBASE,
};
use super::{Absolute, Contents, TimeOfDay};
use crate::memory::Kept;
use crate::sequence::{after, publish};
use crate::{BinaryLine, Cpu};

/// Keeps Darwin's commpage.
///
/// ```
/// use std::sync::atomic::AtomicU64;
/// use instanter_page::darwin::{Absolute, Contents, LENGTH, Reader, TimeOfDay, Writer};
/// use instanter_page::{BinaryTime, Cpu};
///
/// let memory = [const { AtomicU64::new(0) }; LENGTH / 8];
/// let start = memory.as_ptr().cast_mut().cast();
/// let cpu = Cpu::Aarch64;
/// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
/// let (mut writer, reader) = unsafe { (Writer::new(start, cpu), Reader::new(start, cpu)) };
/// writer.update(|| Contents {
///     absolute: Absolute::Aarch64 { offset: 1_000, user_timebase: 1, always_on: None },
///     continuous: 24_000_000,
///     boottime_us: 1_700_000_000_000_000,
///     approximate: None,
///     wall: Some(TimeOfDay {
///         tick: 24_000_000,
///         time: BinaryTime { sec: 1_700_000_001, frac: 0 },
///         scale: u64::MAX / 24_000_000,
///         ticks_per_sec: 24_000_000,
///     }),
/// });
///
/// let frame = reader.frame(|| 24_000_000)?;
/// assert_eq!(frame.uptime()?.to_string(), "1.000041666");
/// assert_eq!(frame.monotonic()?.to_string(), "2.000041666");
/// assert_eq!(frame.wall()?.to_timespec().to_string(), "1700000001.000041666");
/// # Ok::<(), instanter_page::Unreadable>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    kept: Kept,
    cpu: Cpu,
    generation: Cell<u32>,
    /// The wall clock's `tick` on the page, and the highest yet.
    tick: Cell<u64>,
    last_tick: Cell<u64>,
    /// The wall clock's line that was written last.
    last_wall: Cell<Option<TimeOfDay>>,
}

impl Writer {
    /// Takes over the page at `start`, whatever it holds, as a machine with this CPU
    /// keeps it.
    ///
    /// # Safety
    /// The first [`LENGTH`] bytes at `start` must be writable and aligned to eight bytes
    /// for as long as this writer lives, and nobody else may write them meanwhile.
    #[must_use]
    pub unsafe fn new(start: *mut u8, cpu: Cpu) -> Writer {
        // SAFETY: the caller's.
        let kept = unsafe { Kept::new(start, LENGTH) };
        let tick = kept.fields().u64(Places::of(cpu).tick, Relaxed);
        let generation = match cpu {
            Cpu::X86_64 => kept.fields().u32(NT_GENERATION, Relaxed),
            Cpu::Aarch64 => 0,
        };
        Writer {
            kept,
            cpu,
            generation: Cell::new(generation),
            tick: Cell::new(tick),
            last_tick: Cell::new(tick),
            last_wall: Cell::new(None),
        }
    }

    /// `update(contents)` — Writes what `contents` returns, as one update.
    ///
    /// Readers wait, or go elsewhere, from before `contents` is called. Should it panic,
    /// the page stays as it was. An [`Absolute`] of the other CPU is not written.
    ///
    /// The wall clock's `tick` is also its sequence number, so no two updates may have
    /// the same one: where it is not higher than the last, the line is made to start
    /// later, by as many ticks as it takes. It is the same line: until the counter gets
    /// there, Apple's library asks its kernel, and [`Frame::wall`](super::Frame::wall)
    /// follows the line backwards.
    ///
    /// A line that begins less than 15 ps behind where the last one leads is made to begin
    /// there: absolute time on x86-64 is whole nanoseconds, and between two of them the
    /// slope has changed. So what is read does not go back by that.
    pub fn update(&mut self, contents: impl FnOnce() -> Contents) {
        let (kept, at) = (&self.kept, Places::of(self.cpu));
        publish(
            || {
                if self.cpu == Cpu::X86_64 {
                    kept.u32(NT_GENERATION, 0, Relaxed);
                }
                kept.u64(at.tick, 0, Relaxed);
            },
            contents,
            |new| {
                match new.absolute {
                    Absolute::X86_64 { tsc_base, scale, shift, ns_base }
                        if self.cpu == Cpu::X86_64 =>
                    {
                        kept.u64(NT_TSC_BASE, tsc_base, Relaxed);
                        kept.u32(NT_SCALE, scale, Relaxed);
                        kept.u32(NT_SHIFT, shift, Relaxed);
                        kept.u64(NT_NS_BASE, ns_base, Relaxed);
                    }
                    Absolute::Aarch64 { offset, user_timebase, always_on }
                        if self.cpu == Cpu::Aarch64 =>
                    {
                        kept.u64(TIMEBASE_OFFSET, offset, Relaxed);
                        kept.u8(USER_TIMEBASE, user_timebase, Relaxed);
                        kept.u8(CONT_HWCLOCK, u8::from(always_on.is_some()), Relaxed);
                        kept.u64(CONT_HW_TIMEBASE, always_on.unwrap_or(0), Relaxed);
                    }
                    _ => {}
                }
                kept.u64(at.continuous, new.continuous, Relaxed);
                kept.u64(at.boottime_us, new.boottime_us, Relaxed);
                kept.u64(at.approximate, new.approximate.unwrap_or(0), Relaxed);
                kept.u8(at.has_approximate, u8::from(new.approximate.is_some()), Relaxed);
                let wall =
                    new.wall.map(|wall| wall.not_before(self.last_tick.get().saturating_add(1)));
                let last = self.last_wall.get();
                let wall = wall.map(|wall| last.map_or(wall, |last| wall.not_behind(last)));
                if let Some(wall) = wall {
                    kept.u64(at.sec(), wall.time.sec as u64, Relaxed);
                    kept.u64(at.frac(), wall.time.frac, Relaxed);
                    kept.u64(at.scale(), wall.scale, Relaxed);
                    kept.u64(at.ticks_per_sec(), wall.ticks_per_sec, Relaxed);
                    self.last_tick.set(wall.tick);
                    self.last_wall.set(Some(wall));
                }
                self.tick.set(wall.map_or(0, |wall| wall.tick));
            },
            || {
                kept.u64(at.tick, self.tick.get(), Release);
                if self.cpu == Cpu::X86_64 {
                    self.generation.set(after(self.generation.get()));
                    kept.u32(NT_GENERATION, self.generation.get(), Release);
                }
            },
        );
    }
}

impl TimeOfDay {
    /// The same line, started at `tick` or later.
    fn not_before(self, tick: u64) -> TimeOfDay {
        let later = tick.saturating_sub(self.tick);
        let line = BinaryLine { origin: 0, scale: self.scale, shift: 0, mask: u64::MAX };
        TimeOfDay { tick: self.tick + later, time: self.time.add(line.after(later)), ..self }
    }

    /// The same line, begun where `last` leads if it lies hardly behind that.
    fn not_behind(self, last: TimeOfDay) -> TimeOfDay {
        /// 2^-36 s, in units of 2^-64 s. A wall clock that is set moves farther.
        const HARDLY: u64 = 1 << 28;
        let due = last.not_before(self.tick).time;
        let behind = due.sub(self.time);
        let hardly = behind.sec == 0 && (1..HARDLY).contains(&behind.frac);
        if hardly { TimeOfDay { time: due, ..self } } else { self }
    }
}
