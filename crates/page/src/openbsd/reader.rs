//! Reading the timekeep page.

use core::sync::atomic::Ordering::Relaxed;

use instanter_counter::Counter;

use super::layout::{
    BOOTTIME, COUNTER_MASK, GENERATION, LENGTH, NAPTIME, OFFSET, OFFSET_COUNT, SCALE, USER, VER,
    VERSION,
};
use crate::memory::Fields;
use crate::sequence::still;
use crate::{BinaryLine, BinaryTime, Cpu, Pair, Timespec, Unreadable};

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timekeep {
    /// What a tick lasts, in units of 2^-64 s (`tk_scale`).
    pub scale: u64,
    /// The counter at the last update (`tk_offset_count`).
    pub offset_count: u32,
    /// Time since boot then (`tk_offset`).
    pub offset: BinaryTime,
    /// How much of it the machine was suspended (`tk_naptime`).
    pub naptime: BinaryTime,
    /// The wall clock at boot (`tk_boottime`).
    pub boottime: BinaryTime,
    /// Which counter: 0 for one that programs cannot read. On amd64 1 and 2 are the
    /// TSC, by `lfence; rdtsc` and by `rdtscp`; on arm64 1 is the generic timer, and 2
    /// one that has to be read again and again because of an erratum.
    pub user: i32,
    /// Which bits of the counter count (`tk_counter_mask`).
    pub counter_mask: u32,
}

impl Timekeep {
    fn check(&self, cpu: Cpu) -> Result<(), Unreadable> {
        let mask = self.counter_mask;
        match (self.user, cpu) {
            (0, _) => Err(Unreadable::Disabled),
            (1, _) | (2, Cpu::X86_64) => {
                if mask == 0 || mask & mask.wrapping_add(1) != 0 {
                    Err(Unreadable::Wild { field: "tk_counter_mask", value: mask.into() })
                } else if self.scale == 0 {
                    Err(Unreadable::Wild { field: "tk_scale", value: 0 })
                } else {
                    Ok(())
                }
            }
            (user, _) => Err(Unreadable::Device { number: user as u32 }),
        }
    }
}

/// The page, and the counter while it stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The page.
    pub timekeep: Timekeep,
    /// The CPU's counter, whole.
    pub counter: u64,
}

/// The clocks of the page at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// `CLOCK_REALTIME`.
    pub realtime: Timespec,
    /// `CLOCK_MONOTONIC` and `CLOCK_BOOTTIME`: since boot, with suspended time.
    pub monotonic: Timespec,
    /// `CLOCK_UPTIME`: since boot, without suspended time.
    pub uptime: Timespec,
}

impl Frame {
    /// `since_boot()` — Returns the time since boot, with suspended time (`binuptime`).
    #[must_use]
    pub fn since_boot(&self) -> BinaryTime {
        let line = BinaryLine {
            origin: u64::from(self.timekeep.offset_count),
            scale: self.timekeep.scale,
            shift: 0,
            mask: u64::from(self.timekeep.counter_mask),
        };
        line.at(self.counter, self.timekeep.offset)
    }

    /// `awake()` — Returns the time since boot, without suspended time (`binruntime`).
    #[must_use]
    pub fn awake(&self) -> BinaryTime {
        self.since_boot().sub(self.timekeep.naptime)
    }

    /// `wall()` — Returns the time since 1970 (`bintime`).
    #[must_use]
    pub fn wall(&self) -> BinaryTime {
        self.since_boot().add(self.timekeep.boottime)
    }

    /// `clocks()` — Returns the clocks to the nanosecond that the C library would
    /// answer.
    #[must_use]
    pub fn clocks(&self) -> Clocks {
        Clocks {
            realtime: self.wall().to_timespec_by_32_bits(),
            monotonic: self.since_boot().to_timespec_by_32_bits(),
            uptime: self.awake().to_timespec_by_32_bits(),
        }
    }
}

/// Reads the clocks from OpenBSD's page.
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
    /// it stood still: the whole counter, of which the page takes its bits.
    ///
    /// # Errors
    /// [`Unreadable`]. It is `Disabled` where only the kernel reads the counter.
    #[inline]
    pub fn frame(&self, counter: impl Counter) -> Result<Frame, Unreadable> {
        let fields = self.fields;
        let found = fields.u32(VER, Relaxed);
        if found != VERSION {
            return Err(Unreadable::Version { found });
        }
        let number = || {
            let generation = fields.u32(GENERATION, Relaxed);
            Ok((generation != 0).then_some(generation))
        };
        still(number, |_| {
            let time = |field| BinaryTime {
                sec: fields.u64(field, Relaxed) as i64,
                frac: fields.u64(field + 8, Relaxed),
            };
            let timekeep = Timekeep {
                scale: fields.u64(SCALE, Relaxed),
                offset_count: fields.u32(OFFSET_COUNT, Relaxed),
                offset: time(OFFSET),
                naptime: time(NAPTIME),
                boottime: time(BOOTTIME),
                user: fields.u32(USER, Relaxed) as i32,
                counter_mask: fields.u32(COUNTER_MASK, Relaxed),
            };
            timekeep.check(self.cpu)?;
            // After the loads: a counter from before them might lie behind the origin.
            counter.order();
            Ok(Frame { timekeep, counter: counter.read() })
        })
    }

    /// `clocks(counter)` — Returns every clock of the page: see [`Frame::clocks`].
    ///
    /// # Errors
    /// As [`frame`](Reader::frame).
    #[inline]
    pub fn clocks(&self, counter: impl Counter) -> Result<Clocks, Unreadable> {
        self.frame(counter).map(|frame| frame.clocks())
    }

    /// `pair(counter)` — Returns `CLOCK_REALTIME` and `CLOCK_MONOTONIC`.
    ///
    /// # Errors
    /// As [`frame`](Reader::frame).
    #[inline]
    pub fn pair(&self, counter: impl Counter) -> Result<Pair, Unreadable> {
        let Clocks { realtime, monotonic, .. } = self.clocks(counter)?;
        Ok(Pair { realtime, monotonic })
    }
}
