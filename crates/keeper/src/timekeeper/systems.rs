//! What the pages of other systems show of the clocks.
//!
//! Their lines are not Linux's, so a keeper's numbers are turned into theirs: bases are
//! rounded up to the next unit of 2^-64 s, which changes no nanosecond, and what a tick
//! lasts is rounded down. So an old line never reaches beyond the point where the next
//! one begins, and no reader sees time go back. Between two ticks a page is behind its
//! keeper by less than a unit for each cycle: far below a nanosecond; but where a cycle
//! is a whole number of them, what is read is the one before.

use instanter_page::vmclock::{CounterId, TimeType, flag, status};
use instanter_page::windows::{UNIX_EPOCH, bypass};
use instanter_page::{BinaryTime, Cpu, Timespec, darwin, freebsd, openbsd, vmclock, windows};

use super::Timekeeper;
use crate::phase::{FRACTION_BITS, NANOS, Phase, SECOND};
use crate::{TimeState, Timex, sta};

/// A phase in units of 2^-64 s, rounded up.
const fn binary(phase: Phase) -> BinaryTime {
    // Below 2^126; and a second is more than four units of a phase's, so the fraction
    // stays below one.
    let frac = ((phase.units as u128) << 64).div_ceil(SECOND as u128);
    BinaryTime { sec: phase.sec, frac: frac as u64 }
}

/// A phase in units of 100 ns, rounded down.
const fn hundreds(phase: Phase) -> i64 {
    let part = (phase.units >> FRACTION_BITS) / 100;
    phase.sec.saturating_mul(10_000_000).saturating_add(part as i64)
}

impl Timekeeper {
    /// What a cycle lasts, in units of 2^-(64 + `shift`) s, rounded down; `mult` is the
    /// line's or the raw clock's.
    const fn scale(&self, mult: u32, shift: u32) -> u64 {
        let of = (NANOS as u128) << self.source.conversion().shift;
        // `shift` is below 32, so this is below 2^127.
        let scale = ((mult as u128) << (64 + shift)) / of;
        if scale > u64::MAX as u128 { u64::MAX } else { scale as u64 }
    }

    /// Whether programs can read the counter, now.
    const fn is_readable(&self) -> bool {
        self.source.mode() != 0 && self.suspended.is_none()
    }

    /// The counter's bits that a 32-bit page counts, and its value at the origin.
    const fn in_32_bits(&self) -> (u32, u32) {
        let mask = self.source.mask();
        let mask = if mask > u32::MAX as u64 { u32::MAX } else { mask as u32 };
        (mask, self.origin as u32 & mask)
    }

    /// Whether the counter is one that never wraps, as pages without a mask need it: of
    /// 56 bits and more.
    const fn never_wraps(&self) -> bool {
        self.source.mask() >> 55 != 0
    }

    /// `freebsd_contents()` — Returns what FreeBSD's page shows of these clocks, for a
    /// [`freebsd::Writer`].
    ///
    /// The page counts 32 bits of the counter, so tick at least every half turn of them
    /// (a second, at 2 GHz), whatever [`due`](Timekeeper::due) says. The page is disabled
    /// while the machine is suspended, and where programs cannot read the counter.
    ///
    /// ```
    /// use std::sync::atomic::AtomicU64;
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// use instanter_page::Cpu;
    /// use instanter_page::freebsd::{LENGTH, Reader, Writer};
    ///
    /// let memory = [const { AtomicU64::new(0) }; LENGTH / 8];
    /// let start = memory.as_ptr().cast_mut().cast();
    /// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
    /// let (mut page, reader) = unsafe { (Writer::new(start), Reader::new(start, Cpu::X86_64)) };
    ///
    /// let hertz = Frequency::hertz(2_100_000_000).unwrap();
    /// let source = ClockSource::new("tsc", hertz, 64).readable_as(1);
    /// let mut keeper = Timekeeper::new(source, 7, Timespec::new(1_700_000_000, 5));
    /// page.update(|| {
    ///     keeper.tick(8_400_007); // 4 ms later
    ///     keeper.freebsd_contents()
    /// });
    /// let wall = reader.frame(|| 8_400_100)?.wall().to_timespec();
    /// assert_eq!(wall, keeper.clocks().time(Clock::Realtime, 8_400_100));
    /// # Ok::<(), instanter_page::Unreadable>(())
    /// ```
    #[must_use]
    pub fn freebsd_contents(&self) -> freebsd::Contents {
        let (counter_mask, offset_count) = self.in_32_bits();
        freebsd::Contents {
            enabled: self.is_readable(),
            timehands: freebsd::Timehands {
                algorithm: freebsd::COUNTER,
                scale: self.scale(self.mult, 0),
                offset_count,
                counter_mask,
                offset: binary(self.monotonic),
                boottime: BinaryTime::from_timespec(self.offsets.realtime),
                machine: 0,
            },
        }
    }

    /// `openbsd_contents()` — Returns what OpenBSD's page shows of these clocks, for an
    /// [`openbsd::Writer`].
    ///
    /// Its clock since boot is the boot time clock, its clock of time awake the monotonic
    /// one. To be ticked as for [`freebsd_contents`](Timekeeper::freebsd_contents).
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// # let hertz = Frequency::hertz(1_000_000_000).unwrap();
    /// # let source = ClockSource::new("tsc", hertz, 64).readable_as(1);
    /// let mut keeper = Timekeeper::new(source, 7, Timespec::new(1_700_000_000, 5));
    /// assert_eq!(keeper.openbsd_contents().user, 1);
    /// keeper.suspend(8, None)?;
    /// assert_eq!(keeper.openbsd_contents().user, 0, "the counter is not to be read");
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    #[must_use]
    pub fn openbsd_contents(&self) -> openbsd::Timekeep {
        let (counter_mask, offset_count) = self.in_32_bits();
        let asleep = self.offsets.boottime;
        // Rounded down, because it is taken away.
        let nap = (u128::from(asleep.nsec) << 64) / u128::from(NANOS);
        let at_boot = self.offsets.realtime.as_nanos() - asleep.as_nanos();
        openbsd::Timekeep {
            scale: self.scale(self.mult, 0),
            offset_count,
            offset: binary(self.monotonic.shifted_by(asleep)),
            naptime: BinaryTime { sec: asleep.sec, frac: nap as u64 },
            boottime: BinaryTime::from_timespec(Timespec::from_nanos(at_boot)),
            user: i32::from(self.is_readable()),
            counter_mask,
        }
    }

    /// `darwin_contents(cpu)` — Returns what Darwin's page shows of these clocks on a
    /// machine with this CPU, for a [`darwin::Writer`].
    ///
    /// `None` for a counter of fewer than 56 bits, since the page has no mask for it.
    ///
    /// On x86-64 absolute time is the raw clock. On AArch64 it is the counter itself (less
    /// the time of suspends through which it counts), so it has the counter's zero.
    /// Continuous time is longer by the suspended time. The wall clock's line holds for a
    /// second, so tick every second.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// use instanter_page::Cpu;
    /// let hertz = Frequency::hertz(24_000_000).unwrap();
    /// let source = ClockSource::new("arm", hertz, 64).readable_as(1);
    /// let keeper = Timekeeper::new(source, 24_000_000, Timespec::new(1_700_000_000, 0));
    /// let contents = keeper.darwin_contents(Cpu::Aarch64).unwrap();
    /// assert_eq!(contents.wall.unwrap().tick, 24_000_000);
    /// assert_eq!(contents.wall.unwrap().ticks_per_sec, 24_000_000);
    /// ```
    #[must_use]
    pub fn darwin_contents(&self, cpu: Cpu) -> Option<darwin::Contents> {
        if !self.never_wraps() {
            return None;
        }
        let hertz = self.source.frequency().to_hertz();
        let asleep_ns = self.offsets.boottime.as_nanos();
        let (absolute, tick, units_a_second, wall, scale) = match cpu {
            Cpu::X86_64 => {
                let raw = self.raw.floor();
                let ns = raw.as_nanos() as u64;
                let conversion = self.source.conversion();
                // 2^32 ns a tick, for ticks that are shifted until it fits.
                let wide = u64::from(conversion.mult) << (32 - conversion.shift);
                let shift = 32 - wide.leading_zeros().min(32);
                let (tsc_base, scale) = (self.origin, (wide >> shift) as u32);
                let line = darwin::Absolute::X86_64 { tsc_base, scale, shift, ns_base: ns };
                // The wall clock at the raw clock's last whole nanosecond.
                let part = self.raw.units & ((1 << FRACTION_BITS) - 1);
                let since = u128::from(part) * u128::from(self.mult) / u128::from(conversion.mult);
                let wall = self.realtime().before((since as u64).min(SECOND - 1));
                let of = u128::from(conversion.mult) * u128::from(NANOS);
                let scale = ((u128::from(self.mult) << 64) / of) as u64;
                (line, ns, NANOS, wall, scale)
            }
            Cpu::Aarch64 => {
                let counted = self.source.flags().counts_in_suspend;
                let asleep = if counted { ticks_in(asleep_ns, hertz) } else { 0 };
                let user_timebase = u8::from(self.is_readable());
                let offset = 0u64.wrapping_sub(asleep);
                let line = darwin::Absolute::Aarch64 { offset, user_timebase, always_on: None };
                let tick = self.origin.wrapping_sub(asleep);
                (line, tick, hertz, self.realtime(), self.scale(self.mult, 0))
            }
        };
        let boottime = self.offsets.realtime.as_nanos() - asleep_ns;
        let wall =
            darwin::TimeOfDay { tick, time: binary(wall), scale, ticks_per_sec: units_a_second };
        Some(darwin::Contents {
            absolute,
            continuous: ticks_in(asleep_ns, units_a_second),
            boottime_us: (boottime / 1_000) as u64,
            approximate: Some(tick),
            // Zero means that there is no line.
            wall: (self.is_readable() && tick != 0).then_some(wall),
        })
    }

    /// `windows_contents()` — Returns what Windows' page shows of these clocks, for a
    /// [`windows::Writer`].
    ///
    /// `None` for a counter of fewer than 56 bits, since the page has no mask for it.
    ///
    /// The performance counter is the counter itself; interrupt time is the boot time
    /// clock, unbiased interrupt time the monotonic one. The page's unit is 100 ns, and
    /// its readers leave out a tick: so it is behind its keeper by up to 200 ns and a
    /// tick, and unbiased interrupt time by 100 ns more.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// let hertz = Frequency::hertz(10_000_000).unwrap();
    /// let source = ClockSource::new("tsc", hertz, 64).readable_as(1);
    /// let keeper = Timekeeper::new(source, 7, Timespec::new(0, 0));
    /// let contents = keeper.windows_contents().unwrap();
    /// assert_eq!(contents.system_time, instanter_page::windows::UNIX_EPOCH);
    /// // 100 ns a tick, as a running system has it.
    /// assert_eq!((contents.system_shift, contents.system_increment), (1, 1 << 63));
    /// ```
    #[must_use]
    pub fn windows_contents(&self) -> Option<windows::Contents> {
        if !self.never_wraps() {
            return None;
        }
        // Units of 100 ns a tick: below 10^7, so a shift of 24 is enough.
        let of = 100u128 << self.source.conversion().shift;
        let unit = |shift: u32| (u128::from(self.mult) << (64 - shift)) / of;
        let shift = (0..24).find(|shift| unit(*shift) >> 64 == 0).unwrap_or(24);
        let increment = unit(shift) as u64;
        // Rounded up, because it is taken away.
        let bias = self.offsets.boottime.as_nanos().max(0).unsigned_abs().div_ceil(100);
        Some(windows::Contents {
            interrupt_time: hundreds(self.monotonic.shifted_by(self.offsets.boottime)),
            system_time: hundreds(self.realtime()).saturating_add(UNIX_EPOCH),
            qpc_frequency: self.source.frequency().to_hertz(),
            baseline_system_qpc: self.origin,
            baseline_interrupt_qpc: self.origin,
            system_increment: increment,
            interrupt_increment: increment,
            system_shift: shift as u8,
            interrupt_shift: shift as u8,
            interrupt_bias: bias as u64,
            qpc_bias: 0,
            bypass: if self.is_readable() { bypass::ENABLED } else { 0 },
            qpc_shift: 0,
        })
    }

    /// `vmclock_contents(counter_id)` — Returns what a hypervisor's page shows of these
    /// clocks, for a [`vmclock::Writer`]: UTC by the counter as the guest reads it.
    ///
    /// `None` for a counter of fewer than 56 bits, since the page has no mask for it.
    ///
    /// The maximum error is `adjtimex`'s, and grows by 500 ppm as that does. The markers
    /// of a disruption and of a restored snapshot are zero: they are for whoever moves
    /// the guest to set.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// use instanter_page::vmclock::{CounterId, status};
    /// let hertz = Frequency::hertz(2_100_000_000).unwrap();
    /// let source = ClockSource::new("tsc", hertz, 64).readable_as(1);
    /// let keeper = Timekeeper::new(source, 7, Timespec::new(1_700_000_000, 5));
    /// let contents = keeper.vmclock_contents(CounterId::Tsc).unwrap();
    /// assert_eq!(contents.time.to_timespec(), Timespec::new(1_700_000_000, 5));
    /// assert_eq!(contents.status, status::FREERUNNING, "nobody has synchronised it yet");
    /// ```
    #[must_use]
    pub fn vmclock_contents(&self, counter_id: CounterId) -> Option<vmclock::Abi> {
        if !self.never_wraps() {
            return None;
        }
        // As many fraction bits as leave the period below a second's 2^64 units.
        let period_shift = self.source.frequency().to_hertz().ilog2().saturating_sub(1).min(31);
        let period = self.scale(self.mult, period_shift);
        let mut timex = Timex::default();
        self.ntp.report(&mut timex);
        let leap = match self.leap_state() {
            TimeState::Insert => 1,
            TimeState::Delete => 2,
            TimeState::InProgress => 3,
            TimeState::Occurred if timex.status & sta::DEL != 0 => 5,
            TimeState::Occurred => 4,
            TimeState::Ok | TimeState::Error => 0,
        };
        let has_tai = if self.tai_s == 0 { 0 } else { flag::TAI_OFFSET_VALID };
        let has_error = flag::TIME_MAXIMUM_ERROR_VALID
            | flag::TIME_ESTIMATED_ERROR_VALID
            | flag::PERIOD_MAXIMUM_ERROR_VALID;
        let microseconds = |us: i64| u64::try_from(us).unwrap_or(0).saturating_mul(1_000);
        Some(vmclock::Abi {
            counter_id,
            time_type: TimeType::Utc,
            disruption_marker: 0,
            flags: has_tai | has_error,
            status: if self.suspended.is_some() {
                status::UNRELIABLE
            } else if timex.status & sta::UNSYNC != 0 {
                status::FREERUNNING
            } else {
                status::SYNCHRONIZED
            },
            smearing_hint: 0,
            tai_offset_s: i16::try_from(-i64::from(self.tai_s)).unwrap_or(0),
            leap_indicator: leap,
            period_shift: period_shift as u8,
            counter_value: self.origin,
            period,
            period_estimated_error: 0,
            period_maximum_error: period / 2_000,
            time: binary(self.realtime()),
            time_estimated_error_ns: microseconds(timex.esterror),
            time_maximum_error_ns: microseconds(timex.maxerror),
            vm_generation: 0,
        })
    }
}

/// Ticks in a span that is not negative, rounded down.
fn ticks_in(nanos: i128, hertz: u64) -> u64 {
    (nanos.max(0) as u128 * u128::from(hertz) / u128::from(NANOS)) as u64
}
