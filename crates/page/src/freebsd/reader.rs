//! Reading the current timehands.

use core::sync::atomic::Ordering::{Acquire, Relaxed};

use instanter_counter::Counter;

use super::layout::{
    ALGO, BOOTTIME, COUNTER_MASK, CURRENT, ENABLED, GEN, LENGTH, MACHINE, OFFSET, OFFSET_COUNT,
    SCALE, SLOTS, VER, VERSION, slot,
};
use crate::memory::Fields;
use crate::sequence::still;
use crate::{BinaryLine, BinaryTime, Cpu, Pair, Unreadable};

/// One of the four timehands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timehands {
    /// What counts (`th_algo`): [`COUNTER`](super::COUNTER), or a device.
    pub algorithm: u32,
    /// What a tick lasts, in units of 2^-64 s (`th_scale`).
    pub scale: u64,
    /// The counter when the timehands were made (`th_offset_count`).
    pub offset_count: u32,
    /// Which bits of it count (`th_counter_mask`).
    pub counter_mask: u32,
    /// Time since boot then (`th_offset`).
    pub offset: BinaryTime,
    /// The wall clock at boot (`th_boottime`).
    pub boottime: BinaryTime,
    /// On x86-64 by how many bits the TSC is shifted to the right before its lower 32
    /// are used (`th_x86_shift`); on AArch64 whether the physical counter is meant
    /// (`th_physical`).
    pub machine: u32,
}

impl Timehands {
    /// Returns the line, and the part of a counter's value that it counts.
    fn line(&self, cpu: Cpu, counter: u64) -> (BinaryLine, u64) {
        let shift = if cpu == Cpu::X86_64 { self.machine & 31 } else { 0 };
        let line = BinaryLine {
            origin: u64::from(self.offset_count),
            scale: self.scale,
            shift: 0,
            mask: u64::from(self.counter_mask),
        };
        (line, counter >> shift)
    }

    /// Says what is wrong with numbers that a program cannot use.
    fn check(&self, cpu: Cpu) -> Result<(), Unreadable> {
        let wild = |field, value| Err(Unreadable::Wild { field, value });
        let mask = self.counter_mask;
        match cpu {
            _ if self.algorithm != super::COUNTER => {
                Err(Unreadable::Device { number: self.algorithm })
            }
            Cpu::X86_64 if self.machine > 31 => wild("th_x86_shift", self.machine.into()),
            // The counter that programs read elsewhere is the virtual one.
            Cpu::Aarch64 if self.machine != 0 => Err(Unreadable::Device { number: self.algorithm }),
            _ if mask == 0 || mask & mask.wrapping_add(1) != 0 => {
                wild("th_counter_mask", mask.into())
            }
            _ if self.scale == 0 => wild("th_scale", 0),
            _ => Ok(()),
        }
    }
}

/// The current timehands, and the counter while they were it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The timehands.
    pub timehands: Timehands,
    /// The CPU's counter, whole.
    pub counter: u64,
    cpu: Cpu,
}

impl Frame {
    /// `uptime()` — Returns the time since boot (`binuptime`).
    #[must_use]
    pub fn uptime(&self) -> BinaryTime {
        let (line, counter) = self.timehands.line(self.cpu, self.counter);
        line.at(counter, self.timehands.offset)
    }

    /// `wall()` — Returns the time since 1970 (`bintime`).
    #[must_use]
    pub fn wall(&self) -> BinaryTime {
        self.uptime().add(self.timehands.boottime)
    }

    /// `pair()` — Returns `CLOCK_REALTIME` and `CLOCK_MONOTONIC` (which is
    /// `CLOCK_UPTIME` there) to the nanosecond that the C library would answer.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair {
            realtime: self.wall().to_timespec_by_32_bits(),
            monotonic: self.uptime().to_timespec_by_32_bits(),
        }
    }
}

/// Reads the clocks from FreeBSD's shared page.
///
/// See [`Writer`](super::Writer) for an example.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    fields: Fields,
    cpu: Cpu,
}

impl Reader {
    /// Makes one for the page at `start`, as a machine with this CPU keeps it.
    ///
    /// # Safety
    /// The first [`LENGTH`] bytes at `start` must be readable for as long as this or a
    /// copy of it is used, and aligned to eight bytes.
    #[must_use]
    pub const unsafe fn new(start: *const u8, cpu: Cpu) -> Reader {
        // SAFETY: the caller's.
        Reader { fields: unsafe { Fields::new(start, LENGTH) }, cpu }
    }

    /// `frame(counter)` — Returns the current timehands and the value that `counter`
    /// returned meanwhile: the whole counter, of which the page takes its bits.
    ///
    /// # Errors
    /// [`Unreadable`]. It is `Disabled` where the C library has `ENOSYS`.
    #[inline]
    pub fn frame(&self, counter: impl Counter) -> Result<Frame, Unreadable> {
        let fields = self.fields;
        let found = fields.u32(VER, Relaxed);
        if found != VERSION {
            return Err(Unreadable::Version { found });
        }
        let number = || {
            if fields.u32(ENABLED, Relaxed) == 0 {
                return Err(Unreadable::Disabled);
            }
            // Before the timehands that it points to are looked at.
            let current = fields.u32(CURRENT, Acquire);
            if current >= SLOTS {
                return Err(Unreadable::Wild { field: "tk_current", value: current.into() });
            }
            let generation = fields.u32(slot(current) + GEN, Relaxed);
            Ok((generation != 0).then_some((current, generation)))
        };
        still(number, |(current, _)| {
            let at = slot(current);
            let time = |field| BinaryTime {
                sec: fields.u64(at + field, Relaxed) as i64,
                frac: fields.u64(at + field + 8, Relaxed),
            };
            let timehands = Timehands {
                algorithm: fields.u32(at + ALGO, Relaxed),
                scale: fields.u64(at + SCALE, Relaxed),
                offset_count: fields.u32(at + OFFSET_COUNT, Relaxed),
                counter_mask: fields.u32(at + COUNTER_MASK, Relaxed),
                offset: time(OFFSET),
                boottime: time(BOOTTIME),
                machine: fields.u32(at + MACHINE, Relaxed),
            };
            timehands.check(self.cpu)?;
            // After the loads: a counter from before them might lie behind the origin.
            counter.order();
            Ok(Frame { timehands, counter: counter.read(), cpu: self.cpu })
        })
    }

    /// `pair(counter)` — Returns both clocks: see [`Frame::pair`].
    ///
    /// # Errors
    /// As [`frame`](Reader::frame).
    #[inline]
    pub fn pair(&self, counter: impl Counter) -> Result<Pair, Unreadable> {
        self.frame(counter).map(|frame| frame.pair())
    }
}
