//! Reading the shared data.

use core::sync::atomic::Ordering::{Acquire, Relaxed};

use instanter_counter::Counter;

use super::layout::{
    BASELINE_INTERRUPT_QPC, BASELINE_SYSTEM_QPC, INTERRUPT_BIAS, INTERRUPT_INCREMENT,
    INTERRUPT_SHIFT, INTERRUPT_TIME, LENGTH, NT_MAJOR_VERSION, QPC_BIAS, QPC_BYPASS, QPC_FREQUENCY,
    QPC_SHIFT, SYSTEM_INCREMENT, SYSTEM_SHIFT, SYSTEM_TIME, TIME_UPDATE_LOCK, UNIX_EPOCH,
};
use super::{HypervisorPage, bypass};
use crate::memory::Fields;
use crate::sequence::still;
use crate::{Timespec, Unreadable};

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Time since boot at the last clock interrupt, in units of 100 ns, with suspended
    /// time (`InterruptTime`).
    pub interrupt_time: i64,
    /// The wall clock then, in units of 100 ns since 1601 (`SystemTime`).
    pub system_time: i64,
    /// Ticks of the performance counter a second (`QpcFrequency`).
    pub qpc_frequency: u64,
    /// The performance counter at `system_time` (`BaselineSystemTimeQpc`).
    pub baseline_system_qpc: u64,
    /// The performance counter at `interrupt_time` (`BaselineInterruptTimeQpc`).
    pub baseline_interrupt_qpc: u64,
    /// Units of 100 ns a (shifted) tick, times 2^64, as the wall clock is steered
    /// (`QpcSystemTimeIncrement`).
    pub system_increment: u64,
    /// The same, undisciplined (`QpcInterruptTimeIncrement`).
    pub interrupt_increment: u64,
    /// By how many bits ticks are shifted to the left before they are multiplied.
    pub system_shift: u8,
    /// The same for interrupt time.
    pub interrupt_shift: u8,
    /// How much of interrupt time the machine was suspended, in units of 100 ns.
    pub interrupt_bias: u64,
    /// What is added to the CPU's counter (`QpcBias`).
    pub qpc_bias: u64,
    /// Whether and how programs read the counter: see [`bypass`].
    pub bypass: u8,
    /// By how many bits the performance counter is coarser than the CPU's.
    pub qpc_shift: u8,
}

/// The page, and the performance counter while it stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The page.
    pub contents: Contents,
    /// The CPU's counter.
    pub counter: u64,
    /// The performance counter (`QueryPerformanceCounter`).
    pub qpc: u64,
}

/// The clocks at the last clock interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coarse {
    /// Since 1970 (`GetSystemTimeAsFileTime`).
    pub system_time: Timespec,
    /// Since boot (`QueryInterruptTime`).
    pub interrupt_time: Timespec,
}

/// Hundreds of nanoseconds since 1601, as time since 1970.
fn since_1970(hundreds: i128) -> Timespec {
    Timespec::from_nanos((hundreds - i128::from(UNIX_EPOCH)) * 100)
}

/// Interrupt time without the time that the machine was suspended.
fn unbiased(interrupt_time: i64, bias: u64) -> Timespec {
    Timespec::from_nanos((i128::from(interrupt_time) - i128::from(bias)) * 100)
}

/// Units of 100 ns that have passed since a baseline.
fn passed(qpc: u64, baseline: u64, shift: u8, increment: u64) -> Result<i128, Unreadable> {
    let Some(ticks) = qpc.checked_sub(baseline).and_then(|ticks| ticks.checked_sub(1)) else {
        return Ok(0);
    };
    if shift > 63 {
        let value = shift.into();
        return Err(Unreadable::Wild { field: "QpcSystemTimeIncrementShift", value });
    }
    // The system loses these bits, and its answer is wrong from here on.
    if u32::from(shift) > ticks.leading_zeros() {
        return Err(Unreadable::Stale);
    }
    let passed = (u128::from(ticks << shift) * u128::from(increment)) >> 64;
    Ok(passed as i128)
}

impl Frame {
    /// `performance_time()` — Returns the performance counter in seconds and
    /// nanoseconds, exactly.
    ///
    /// # Errors
    /// [`Unreadable::Wild`] for a frequency of zero.
    pub fn performance_time(&self) -> Result<Timespec, Unreadable> {
        Timespec::from_ticks(self.qpc, self.contents.qpc_frequency)
            .ok_or(Unreadable::Wild { field: "QpcFrequency", value: 0 })
    }

    /// `system_time()` — Returns the time since 1970
    /// (`GetSystemTimePreciseAsFileTime`), in steps of 100 ns.
    ///
    /// # Errors
    /// [`Unreadable::Stale`] where the page is so old that its arithmetic overflows,
    /// `Wild`.
    pub fn system_time(&self) -> Result<Timespec, Unreadable> {
        let Contents { baseline_system_qpc, system_shift, system_increment, .. } = self.contents;
        let since = passed(self.qpc, baseline_system_qpc, system_shift, system_increment)?;
        Ok(since_1970(i128::from(self.contents.system_time) + since))
    }

    /// `interrupt_time()` — Returns the time since boot, with suspended time
    /// (`QueryInterruptTimePrecise`), in steps of 100 ns.
    ///
    /// # Errors
    /// As [`system_time`](Frame::system_time).
    pub fn interrupt_time(&self) -> Result<Timespec, Unreadable> {
        self.interrupt_hundreds().map(|hundreds| Timespec::from_nanos(hundreds * 100))
    }

    /// `unbiased_interrupt_time()` — Returns the time since boot, without suspended time
    /// (`QueryUnbiasedInterruptTimePrecise`), in steps of 100 ns.
    ///
    /// # Errors
    /// As [`system_time`](Frame::system_time).
    pub fn unbiased_interrupt_time(&self) -> Result<Timespec, Unreadable> {
        let bias = i128::from(self.contents.interrupt_bias);
        self.interrupt_hundreds().map(|hundreds| Timespec::from_nanos((hundreds - bias) * 100))
    }

    /// `coarse()` — Returns the clocks at the last clock interrupt, both of one update.
    #[must_use]
    pub fn coarse(&self) -> Coarse {
        Coarse {
            system_time: since_1970(self.contents.system_time.into()),
            interrupt_time: Timespec::from_nanos(i128::from(self.contents.interrupt_time) * 100),
        }
    }

    /// `unbiased_coarse()` — Returns the time since boot at the last clock interrupt, without
    /// suspended time (`QueryUnbiasedInterruptTime`).
    #[must_use]
    pub fn unbiased_coarse(&self) -> Timespec {
        unbiased(self.contents.interrupt_time, self.contents.interrupt_bias)
    }

    fn interrupt_hundreds(&self) -> Result<i128, Unreadable> {
        let Contents { baseline_interrupt_qpc, interrupt_shift, interrupt_increment, .. } =
            self.contents;
        let since = passed(self.qpc, baseline_interrupt_qpc, interrupt_shift, interrupt_increment)?;
        Ok(i128::from(self.contents.interrupt_time) + since)
    }
}

/// Reads the clocks from Windows' shared data.
///
/// See [`Writer`](super::Writer) for an example.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    fields: Fields,
    hypervisor: Option<HypervisorPage>,
}

impl Reader {
    /// Makes one for the page at `start`, and the hypervisor's where there is one.
    ///
    /// # Safety
    /// The first [`LENGTH`] bytes at `start` must be readable for as long as this or a
    /// copy of it is used, and aligned to eight bytes.
    #[must_use]
    pub const unsafe fn new(start: *const u8, hypervisor: Option<HypervisorPage>) -> Reader {
        // SAFETY: the caller's.
        Reader { fields: unsafe { Fields::new(start, LENGTH) }, hypervisor }
    }

    /// A `KSYSTEM_TIME`: its keeper writes the second high part first and the first one
    /// last, so where the two agree, the low part belongs to them.
    fn triple(&self, at: usize) -> Option<i64> {
        let high1 = self.fields.u32(at + 4, Acquire);
        let low = self.fields.u32(at, Acquire);
        let high2 = self.fields.u32(at + 8, Relaxed);
        (high1 == high2).then_some((u64::from(high1) << 32 | u64::from(low)) as i64)
    }

    /// `coarse()` — Returns the clocks at the last clock interrupt, without a counter.
    ///
    /// Each is whole, but the two may be of different interrupts.
    ///
    /// # Errors
    /// [`Unreadable::Busy`].
    pub fn coarse(&self) -> Result<Coarse, Unreadable> {
        let whole = |at| still(|| Ok(self.triple(at)), |time| Ok(i128::from(time)));
        Ok(Coarse {
            system_time: since_1970(whole(SYSTEM_TIME)?),
            interrupt_time: Timespec::from_nanos(whole(INTERRUPT_TIME)? * 100),
        })
    }

    /// `unbiased_coarse()` — Returns the time since boot at the last clock interrupt, without
    /// suspended time (`QueryUnbiasedInterruptTime`), without a counter.
    ///
    /// In contrast to [`coarse`](Reader::coarse) it waits for an update to end: what was
    /// slept through is another field, which an update after a sleep changes as well.
    ///
    /// # Errors
    /// [`Unreadable::Busy`].
    pub fn unbiased_coarse(&self) -> Result<Timespec, Unreadable> {
        let fields = self.fields;
        let number = || {
            let lock = fields.u64(TIME_UPDATE_LOCK, Relaxed);
            let bias = fields.u64(INTERRUPT_BIAS, Relaxed);
            Ok((lock & 1 == 0).then_some((lock, bias)))
        };
        still(number, |(_, bias)| {
            // High parts that differ under an even lock: whoever keeps this page does without
            // the lock, and is just then at it.
            self.triple(INTERRUPT_TIME).map(|time| unbiased(time, bias)).ok_or(Unreadable::Busy)
        })
    }

    /// `major_version()` — Returns the system's version: 10 for Windows 10 and 11, whose
    /// layout is the one known here.
    #[must_use]
    pub fn major_version(&self) -> u32 {
        self.fields.u32(NT_MAJOR_VERSION, Relaxed)
    }

    /// `qpc_bypass()` — Returns whether and how programs may read the counter: see
    /// [`bypass`].
    #[must_use]
    pub fn qpc_bypass(&self) -> u8 {
        self.fields.u8(QPC_BYPASS, Relaxed)
    }

    /// `frame(counter)` — Returns the page and the value that `counter` returned while
    /// it stood still.
    ///
    /// # Errors
    /// [`Unreadable::Disabled`] where programs are to ask the system for the counter;
    /// `Missing` where it takes a hypervisor's page that was not given; `Device` for an
    /// Arm CPU with an erratum; `Busy`, `Wild`.
    #[inline]
    pub fn frame(&self, counter: impl Counter) -> Result<Frame, Unreadable> {
        let fields = self.fields;
        let number = || {
            let lock = fields.u64(TIME_UPDATE_LOCK, Relaxed);
            if lock & 1 != 0 {
                return Ok(None);
            }
            let sequence = self.hypervisor()?.map(|page| page.sequence()).transpose()?;
            Ok(Some((lock, sequence)))
        };
        still(number, |_| {
            let contents = Contents {
                interrupt_time: self.triple(INTERRUPT_TIME).ok_or(Unreadable::Busy)?,
                system_time: self.triple(SYSTEM_TIME).ok_or(Unreadable::Busy)?,
                qpc_frequency: fields.u64(QPC_FREQUENCY, Relaxed),
                baseline_system_qpc: fields.u64(BASELINE_SYSTEM_QPC, Relaxed),
                baseline_interrupt_qpc: fields.u64(BASELINE_INTERRUPT_QPC, Relaxed),
                system_increment: fields.u64(SYSTEM_INCREMENT, Relaxed),
                interrupt_increment: fields.u64(INTERRUPT_INCREMENT, Relaxed),
                system_shift: fields.u8(SYSTEM_SHIFT, Relaxed),
                interrupt_shift: fields.u8(INTERRUPT_SHIFT, Relaxed),
                interrupt_bias: fields.u64(INTERRUPT_BIAS, Relaxed),
                qpc_bias: fields.u64(QPC_BIAS, Relaxed),
                bypass: fields.u8(QPC_BYPASS, Relaxed),
                qpc_shift: fields.u8(QPC_SHIFT, Relaxed),
            };
            if contents.qpc_shift > 63 {
                let value = contents.qpc_shift.into();
                return Err(Unreadable::Wild { field: "QpcShift", value });
            }
            let hypervisor = self.hypervisor()?.map(|page| page.line());
            // After the loads: a counter from before them might lie behind the baseline.
            counter.order();
            let counter = counter.read();
            let raw = hypervisor.map_or(counter, |line| line.at(counter));
            let qpc = raw.wrapping_add(contents.qpc_bias) >> contents.qpc_shift;
            Ok(Frame { contents, counter, qpc })
        })
    }

    /// The hypervisor's page, if it is needed; an error where programs cannot read the
    /// counter.
    fn hypervisor(&self) -> Result<Option<HypervisorPage>, Unreadable> {
        let flags = self.fields.u8(QPC_BYPASS, Relaxed);
        if flags & bypass::ENABLED == 0 {
            Err(Unreadable::Disabled)
        } else if flags & bypass::A73_ERRATUM != 0 {
            Err(Unreadable::Device { number: bypass::A73_ERRATUM.into() })
        } else if flags & bypass::HYPERVISOR_PAGE == 0 {
            Ok(None)
        } else {
            self.hypervisor.map(Some).ok_or(Unreadable::Missing)
        }
    }
}
