//! Reading the commpage.

use core::sync::atomic::Ordering::Relaxed;

use instanter_counter::Counter;

use super::layout::{
    CONT_HW_TIMEBASE, CONT_HWCLOCK, LENGTH, NT_GENERATION, NT_NS_BASE, NT_SCALE, NT_SHIFT,
    NT_TSC_BASE, Places, TIMEBASE_OFFSET, USER_TIMEBASE,
};
use crate::line::ticks_since;
use crate::memory::Fields;
use crate::sequence::still;
use crate::{BinaryLine, BinaryTime, Cpu, Timespec, Unreadable};

/// How absolute time comes from the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absolute {
    /// A line, in nanoseconds.
    X86_64 {
        /// The TSC at the last update.
        tsc_base: u64,
        /// Nanoseconds a (shifted) tick, times 2^32.
        scale: u32,
        /// By how many bits ticks are shifted to the left first, modulo 32: not zero
        /// for a TSC below 1 GHz only.
        shift: u32,
        /// Nanoseconds at the last update.
        ns_base: u64,
    },
    /// An offset, in ticks.
    Aarch64 {
        /// What is added to the counter (`TIMEBASE_OFFSET`).
        offset: u64,
        /// How programs read the counter (`USER_TIMEBASE`): 0 not at all, 1 by
        /// `isb; CNTVCT_EL0`, 2 by `CNTVCTSS_EL0`, 3 by Apple's own register.
        user_timebase: u8,
        /// What is added to the counter for continuous time, where the counter goes on
        /// while the machine sleeps (`CONT_HW_TIMEBASE`).
        always_on: Option<u64>,
    },
}

/// The line of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    /// Absolute time at the last update, not zero.
    pub tick: u64,
    /// The wall clock then.
    pub time: BinaryTime,
    /// What a unit of absolute time lasts, in units of 2^-64 s.
    pub scale: u64,
    /// Units of absolute time in a second: 10^9 on x86-64.
    pub ticks_per_sec: u64,
}

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// How absolute time comes from the counter.
    pub absolute: Absolute,
    /// What is added to absolute time for continuous time (`CONT_TIMEBASE`).
    pub continuous: u64,
    /// The wall clock at boot, in microseconds since 1970.
    pub boottime_us: u64,
    /// Absolute time at the last tick, where the kernel keeps it (`APPROX_TIME`).
    pub approximate: Option<u64>,
    /// The wall clock, unless the kernel has switched its line off.
    pub wall: Option<TimeOfDay>,
}

/// The page, and absolute time while it stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The page.
    pub contents: Contents,
    /// The counter.
    pub counter: u64,
    /// Absolute time (`mach_absolute_time`): nanoseconds on x86-64, ticks on AArch64.
    pub absolute: u64,
}

impl Frame {
    /// `continuous()` — Returns continuous time (`mach_continuous_time`), in units of
    /// absolute time.
    #[must_use]
    pub fn continuous(&self) -> u64 {
        match self.contents.absolute {
            Absolute::Aarch64 { always_on: Some(base), .. } => self.counter.wrapping_add(base),
            _ => self.absolute.wrapping_add(self.contents.continuous),
        }
    }

    /// `uptime()` — Returns absolute time in seconds and nanoseconds
    /// (`CLOCK_UPTIME_RAW`).
    ///
    /// # Errors
    /// [`Unreadable::Missing`] on AArch64 while the page does not say how many ticks make
    /// a second.
    pub fn uptime(&self) -> Result<Timespec, Unreadable> {
        self.in_time(self.absolute)
    }

    /// `monotonic()` — Returns continuous time in seconds and nanoseconds
    /// (`CLOCK_MONOTONIC_RAW`).
    ///
    /// # Errors
    /// As [`uptime`](Frame::uptime).
    pub fn monotonic(&self) -> Result<Timespec, Unreadable> {
        self.in_time(self.continuous())
    }

    /// `approximate()` — Returns absolute time at the last tick, in seconds and
    /// nanoseconds (`CLOCK_UPTIME_RAW_APPROX`).
    ///
    /// # Errors
    /// [`Unreadable::Missing`] where the kernel does not keep it, or as
    /// [`uptime`](Frame::uptime).
    pub fn approximate(&self) -> Result<Timespec, Unreadable> {
        self.in_time(self.contents.approximate.ok_or(Unreadable::Missing)?)
    }

    fn in_time(&self, units: u64) -> Result<Timespec, Unreadable> {
        let hertz = match (self.contents.absolute, self.contents.wall) {
            (Absolute::X86_64 { .. }, _) => 1_000_000_000,
            (_, Some(wall)) => wall.ticks_per_sec,
            (_, None) => return Err(Unreadable::Missing),
        };
        Timespec::from_ticks(units, hertz).ok_or(Unreadable::Missing)
    }

    /// `wall()` — Returns the time since 1970.
    ///
    /// # Errors
    /// [`Unreadable::Disabled`] while the line is switched off, or being updated;
    /// `Stale` where it is a second old, or starts in a second.
    pub fn wall(&self) -> Result<BinaryTime, Unreadable> {
        let TimeOfDay { tick, time, scale, ticks_per_sec } =
            self.contents.wall.ok_or(Unreadable::Disabled)?;
        if time.sec < 0 {
            return Err(Unreadable::Wild { field: "TimeStamp_sec", value: time.sec as u64 });
        }
        let units = self.absolute.abs_diff(tick);
        if units >= ticks_per_sec {
            return Err(Unreadable::Stale);
        }
        let apart = BinaryLine { origin: 0, scale, shift: 0, mask: u64::MAX }.after(units);
        // A line that starts later than the counter stands was moved there by its keeper
        // (see `Writer::update`), and holds before its start as well.
        Ok(if self.absolute < tick { time.sub(apart) } else { time.add(apart) })
    }
}

/// Reads the clocks from Darwin's commpage.
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

    /// `frame(counter)` — Returns the page and the value that `counter` returned while
    /// it stood still.
    ///
    /// # Errors
    /// [`Unreadable::Disabled`] where programs cannot read the counter, `Busy`, `Wild`,
    /// `Device`; `Stale` where absolute time does not fit in 64 bits.
    #[inline]
    pub fn frame(&self, counter: impl Counter) -> Result<Frame, Unreadable> {
        let fields = self.fields;
        let at = Places::of(self.cpu);
        let number = || {
            let (tick, continuous) =
                (fields.u64(at.tick, Relaxed), fields.u64(at.continuous, Relaxed));
            let absolute = match self.cpu {
                Cpu::X86_64 => match fields.u32(NT_GENERATION, Relaxed) {
                    0 => return Ok(None),
                    generation => u64::from(generation),
                },
                Cpu::Aarch64 => fields.u64(TIMEBASE_OFFSET, Relaxed),
            };
            Ok(Some((absolute, tick, continuous)))
        };
        still(number, |(number, tick, continuous)| {
            let contents = Contents {
                absolute: self.absolute(number)?,
                continuous,
                boottime_us: fields.u64(at.boottime_us, Relaxed),
                approximate: self.approximate().ok(),
                wall: (tick != 0).then(|| TimeOfDay {
                    tick,
                    time: BinaryTime {
                        sec: fields.u64(at.sec(), Relaxed) as i64,
                        frac: fields.u64(at.frac(), Relaxed),
                    },
                    scale: fields.u64(at.scale(), Relaxed),
                    ticks_per_sec: fields.u64(at.ticks_per_sec(), Relaxed),
                }),
            };
            // After the loads: a counter from before them might lie behind the origin.
            counter.order();
            let counter = counter.read();
            let absolute = contents.absolute.at(counter).ok_or(Unreadable::Stale)?;
            Ok(Frame { contents, counter, absolute })
        })
    }

    fn absolute(&self, offset: u64) -> Result<Absolute, Unreadable> {
        let fields = self.fields;
        match self.cpu {
            Cpu::X86_64 => {
                let scale = fields.u32(NT_SCALE, Relaxed);
                if scale == 0 {
                    return Err(Unreadable::Wild { field: "NT_SCALE", value: 0 });
                }
                Ok(Absolute::X86_64 {
                    tsc_base: fields.u64(NT_TSC_BASE, Relaxed),
                    scale,
                    shift: fields.u32(NT_SHIFT, Relaxed),
                    ns_base: fields.u64(NT_NS_BASE, Relaxed),
                })
            }
            Cpu::Aarch64 => {
                let always_on = (fields.u8(CONT_HWCLOCK, Relaxed) != 0)
                    .then(|| fields.u64(CONT_HW_TIMEBASE, Relaxed));
                match fields.u8(USER_TIMEBASE, Relaxed) {
                    0 => Err(Unreadable::Disabled),
                    user_timebase @ 1..=3 => {
                        Ok(Absolute::Aarch64 { offset, user_timebase, always_on })
                    }
                    other => Err(Unreadable::Device { number: other.into() }),
                }
            }
        }
    }

    /// `approximate()` — Returns absolute time at the last tick
    /// (`mach_approximate_time`), without a counter.
    ///
    /// # Errors
    /// [`Unreadable::Missing`] where the kernel does not keep it.
    pub fn approximate(&self) -> Result<u64, Unreadable> {
        let at = Places::of(self.cpu);
        match self.fields.u8(at.has_approximate, Relaxed) {
            0 => Err(Unreadable::Missing),
            _ => Ok(self.fields.u64(at.approximate, Relaxed)),
        }
    }

    /// `wall(counter)` — Returns the time since 1970: see [`Frame::wall`].
    ///
    /// # Errors
    /// As [`frame`](Reader::frame) and [`Frame::wall`].
    #[inline]
    pub fn wall(&self, counter: impl Counter) -> Result<BinaryTime, Unreadable> {
        self.frame(counter)?.wall()
    }
}

impl Absolute {
    /// Absolute time at a counter value; `None` where it does not fit in 64 bits.
    fn at(&self, counter: u64) -> Option<u64> {
        match *self {
            Absolute::X86_64 { tsc_base, scale, shift, ns_base } => {
                // Below 2^63, shifted by up to 31, times 32 bits: below 2^126.
                let ticks = u128::from(ticks_since(tsc_base, counter, u64::MAX)) << (shift & 31);
                let ns = (ticks * u128::from(scale)) >> 32;
                ns_base.checked_add(u64::try_from(ns).ok()?)
            }
            Absolute::Aarch64 { offset, .. } => Some(counter.wrapping_add(offset)),
        }
    }
}
