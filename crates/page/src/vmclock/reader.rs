//! Reading what the hypervisor says.

use core::sync::atomic::Ordering::Relaxed;

use instanter_counter::Counter;

use super::layout::{
    COUNTER, COUNTER_ID, DISRUPTION, FLAGS, FRAC, KNOWN, LEAP, LENGTH, MAGIC, PERIOD, PERIOD_EST,
    PERIOD_MAX, SEC, SEQ_COUNT, SHIFT, SIZE, SMEARING, STATUS, TAI_OFFSET, TIME_EST, TIME_MAX,
    TIME_TYPE, VCLK, VERSION, VM_GENERATION, WITH_TIME,
};
use crate::memory::Fields;
use crate::sequence::still;
use crate::{BinaryLine, BinaryTime, Unreadable};

/// Bits of [`Abi::flags`].
pub mod flag {
    /// `tai_offset_s` is valid.
    pub const TAI_OFFSET_VALID: u64 = 1 << 0;
    /// The machine will be disturbed within about a day.
    pub const DISRUPTION_SOON: u64 = 1 << 1;
    /// The machine will be disturbed within about an hour.
    pub const DISRUPTION_IMMINENT: u64 = 1 << 2;
    /// `period_estimated_error` is valid.
    pub const PERIOD_ESTIMATED_ERROR_VALID: u64 = 1 << 3;
    /// `period_maximum_error` is valid.
    pub const PERIOD_MAXIMUM_ERROR_VALID: u64 = 1 << 4;
    /// `time_estimated_error_ns` is valid.
    pub const TIME_ESTIMATED_ERROR_VALID: u64 = 1 << 5;
    /// `time_maximum_error_ns` is valid.
    pub const TIME_MAXIMUM_ERROR_VALID: u64 = 1 << 6;
    /// No later look yields an earlier time.
    pub const TIME_MONOTONIC: u64 = 1 << 7;
    /// `vm_generation` is there.
    pub const VM_GENERATION_PRESENT: u64 = 1 << 8;
}

/// Values of [`Abi::status`].
pub mod status {
    /// Nothing is known.
    pub const UNKNOWN: u8 = 0;
    /// The host's clock is being set.
    pub const INITIALIZING: u8 = 1;
    /// The host's clock follows a reference.
    pub const SYNCHRONIZED: u8 = 2;
    /// It followed one, which is gone.
    pub const FREERUNNING: u8 = 3;
    /// The counter or the clock is broken.
    pub const UNRELIABLE: u8 = 4;
}

/// Which counter is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterId {
    /// The virtual counter of an Arm CPU.
    ArmVirtual,
    /// The TSC.
    Tsc,
    /// One that is not known here; 255 stands for none.
    Other(u8),
}

impl CounterId {
    pub(super) const fn of(number: u8) -> CounterId {
        match number {
            0 => CounterId::ArmVirtual,
            1 => CounterId::Tsc,
            other => CounterId::Other(other),
        }
    }

    pub(super) const fn number(self) -> u8 {
        match self {
            CounterId::ArmVirtual => 0,
            CounterId::Tsc => 1,
            CounterId::Other(number) => number,
        }
    }
}

/// Which time is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeType {
    /// UTC, since 1970.
    Utc,
    /// TAI, since 1970.
    Tai,
    /// A clock that is never set, since some moment.
    Monotonic,
    /// Smeared, or perhaps smeared, or unknown.
    Other(u8),
}

impl TimeType {
    pub(super) const fn of(number: u8) -> TimeType {
        match number {
            0 => TimeType::Utc,
            1 => TimeType::Tai,
            2 => TimeType::Monotonic,
            other => TimeType::Other(other),
        }
    }

    pub(super) const fn number(self) -> u8 {
        match self {
            TimeType::Utc => 0,
            TimeType::Tai => 1,
            TimeType::Monotonic => 2,
            TimeType::Other(number) => number,
        }
    }
}

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abi {
    /// Which counter is meant.
    pub counter_id: CounterId,
    /// Which time is told.
    pub time_type: TimeType,
    /// Changes when the counter was disturbed, as by a move to another host.
    pub disruption_marker: u64,
    /// What is valid, and more: see [`flag`].
    pub flags: u64,
    /// How good the clock is: see [`status`].
    pub status: u8,
    /// How leap seconds are smeared by others nearby; never here.
    pub smearing_hint: u8,
    /// UTC minus TAI in seconds, if valid.
    pub tai_offset_s: i16,
    /// Where a leap second stands.
    pub leap_indicator: u8,
    /// Further fraction bits of the period and its errors (`counter_period_shift`).
    pub period_shift: u8,
    /// The counter at the moment that `time` belongs to.
    pub counter_value: u64,
    /// What a tick lasts, in units of 2^-(64 + shift) s.
    pub period: u64,
    /// By how much it may be wrong, as estimated.
    pub period_estimated_error: u64,
    /// By how much it is wrong at most.
    pub period_maximum_error: u64,
    /// The time when the counter stood at `counter_value`.
    pub time: BinaryTime,
    /// By how much it may be wrong, as estimated, in nanoseconds.
    pub time_estimated_error_ns: u64,
    /// By how much it is wrong at most, in nanoseconds.
    pub time_maximum_error_ns: u64,
    /// Changes when the machine was restored from a snapshot.
    pub vm_generation: u64,
}

/// The page, and the counter while it stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The page.
    pub abi: Abi,
    /// The counter.
    pub counter: u64,
    /// How many bytes of the structure the host says that it has.
    pub size: u32,
}

impl Frame {
    fn line(&self, scale: u64) -> BinaryLine {
        let shift = u32::from(self.abi.period_shift);
        BinaryLine { origin: self.abi.counter_value, scale, shift, mask: u64::MAX }
    }

    /// `time()` — Returns the time, of the kind that the page tells.
    ///
    /// # Errors
    /// [`Unreadable::Missing`] where the host tells none; `Device` where it counts by
    /// another counter; `Untrusted` where it knows no time or has given up on it.
    pub fn time(&self) -> Result<BinaryTime, Unreadable> {
        let wild = |field, value| Err(Unreadable::Wild { field, value });
        let abi = &self.abi;
        match abi.counter_id {
            _ if (self.size as usize) < WITH_TIME => return Err(Unreadable::Missing),
            CounterId::Other(255) => return Err(Unreadable::Missing),
            CounterId::Other(number) => return Err(Unreadable::Device { number: number.into() }),
            CounterId::ArmVirtual | CounterId::Tsc => {}
        }
        match abi.status {
            status::SYNCHRONIZED | status::FREERUNNING => {}
            other => return Err(Unreadable::Untrusted { status: other.into() }),
        }
        if abi.period_shift > 63 {
            return wild("counter_period_shift", abi.period_shift.into());
        }
        if abi.period == 0 {
            return wild("counter_period_frac_sec", 0);
        }
        Ok(self.line(abi.period).at(self.counter, abi.time))
    }

    /// `utc()` — Returns the time since 1970, UTC.
    ///
    /// # Errors
    /// As [`time`](Frame::time), and [`Unreadable::Missing`] where the page tells
    /// another time and not how far that is from UTC.
    pub fn utc(&self) -> Result<BinaryTime, Unreadable> {
        let time = self.time()?;
        let offset = BinaryTime { sec: self.abi.tai_offset_s.into(), frac: 0 };
        match self.abi.time_type {
            TimeType::Utc => Ok(time),
            TimeType::Tai if self.abi.flags & flag::TAI_OFFSET_VALID != 0 => Ok(time.add(offset)),
            _ => Err(Unreadable::Missing),
        }
    }

    /// `maximum_error()` — Returns by how much [`time`](Frame::time) is wrong at most:
    /// what the page says, and more for each tick since.
    ///
    /// # Errors
    /// As [`time`](Frame::time), and [`Unreadable::Missing`] where the host does not
    /// say.
    pub fn maximum_error(&self) -> Result<BinaryTime, Unreadable> {
        let both = flag::TIME_MAXIMUM_ERROR_VALID | flag::PERIOD_MAXIMUM_ERROR_VALID;
        self.time()?;
        if self.abi.flags & both != both || (self.size as usize) < TIME_MAX + 8 {
            return Err(Unreadable::Missing);
        }
        let line = self.line(self.abi.period_maximum_error);
        let since = line.after(line.ticks_since_origin(self.counter));
        let then = crate::Timespec::from_nanos(i128::from(self.abi.time_maximum_error_ns));
        Ok(since.add(BinaryTime::from_timespec(then)))
    }
}

/// Reads a hypervisor's page.
///
/// See [`Writer`](super::Writer) for an example.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    fields: Fields,
}

impl Reader {
    /// Makes one for the page at `start`.
    ///
    /// # Safety
    /// The first [`LENGTH`] bytes at `start` must be readable for as long as this or a
    /// copy of it is used, and aligned to eight bytes.
    #[must_use]
    pub const unsafe fn new(start: *const u8) -> Reader {
        // SAFETY: the caller's.
        Reader { fields: unsafe { Fields::new(start, LENGTH) } }
    }

    /// `frame(counter)` — Returns the page and the value that `counter` returned while
    /// it stood still.
    ///
    /// # Errors
    /// [`Unreadable::Wild`] where this is no such page, `Version`, `Busy`.
    #[inline]
    pub fn frame(&self, counter: impl Counter) -> Result<Frame, Unreadable> {
        let fields = self.fields;
        let word = |at| u64::from_le(fields.u64(at, Relaxed));
        let magic = u32::from_le(fields.u32(MAGIC, Relaxed));
        if magic != VCLK {
            return Err(Unreadable::Wild { field: "magic", value: magic.into() });
        }
        let found = u16::from_le(fields.u16(VERSION, Relaxed));
        if found != KNOWN {
            return Err(Unreadable::Version { found: found.into() });
        }
        let size = u32::from_le(fields.u32(SIZE, Relaxed));
        if (size as usize) < FLAGS + 8 {
            return Err(Unreadable::Wild { field: "size", value: size.into() });
        }
        let number = || {
            let count = u32::from_le(fields.u32(SEQ_COUNT, Relaxed));
            Ok((count & 1 == 0).then_some(count))
        };
        still(number, |_| {
            let abi = Abi {
                counter_id: CounterId::of(fields.u8(COUNTER_ID, Relaxed)),
                time_type: TimeType::of(fields.u8(TIME_TYPE, Relaxed)),
                disruption_marker: word(DISRUPTION),
                flags: word(FLAGS),
                status: fields.u8(STATUS, Relaxed),
                smearing_hint: fields.u8(SMEARING, Relaxed),
                tai_offset_s: u16::from_le(fields.u16(TAI_OFFSET, Relaxed)) as i16,
                leap_indicator: fields.u8(LEAP, Relaxed),
                period_shift: fields.u8(SHIFT, Relaxed),
                counter_value: word(COUNTER),
                period: word(PERIOD),
                period_estimated_error: word(PERIOD_EST),
                period_maximum_error: word(PERIOD_MAX),
                time: BinaryTime { sec: word(SEC) as i64, frac: word(FRAC) },
                time_estimated_error_ns: word(TIME_EST),
                time_maximum_error_ns: word(TIME_MAX),
                vm_generation: word(VM_GENERATION),
            };
            // After the loads: a counter from before them might lie behind the origin.
            counter.order();
            Ok(Frame { abi, counter: counter.read(), size })
        })
    }

    /// `utc(counter)` — Returns the time since 1970, UTC: see [`Frame::utc`].
    ///
    /// # Errors
    /// As [`frame`](Reader::frame) and [`Frame::utc`].
    #[inline]
    pub fn utc(&self, counter: impl Counter) -> Result<BinaryTime, Unreadable> {
        self.frame(counter)?.utc()
    }
}
