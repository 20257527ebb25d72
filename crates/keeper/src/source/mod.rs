//! A counter that a keeper may keep time with.

mod conversion;
mod registry;
mod watchdog;

pub use conversion::Conversion;
pub use registry::{Registry, RegistryError, SourceId};
pub use watchdog::{Comparison, Sample, Watchdog};

use crate::Frequency;

/// A counter that a keeper may keep time with: what it is, not how it is read.
///
/// Reading it is the kernel's affair: every function that needs the counter takes
/// its value.
///
/// ```
/// use instanter_keeper::{ClockSource, Frequency};
/// let timer = ClockSource::new("acpi_pm", Frequency::hertz(3_579_545).unwrap(), 24)
///     .rated(120)
///     .continuous();
/// assert_eq!(timer.mask(), 0xff_ffff);
/// assert!(timer.conversion().max_idle_ns < 2_400_000_000, "wraps every 4.7 s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSource {
    name: &'static str,
    frequency: Frequency,
    mask: u64,
    conversion: Conversion,
    rating: u32,
    mode: u32,
    uncertainty_ns: u64,
    flags: Flags,
}

/// What a clock source is fit for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// It never stops and is never written: without it, time between two ticks is
    /// whatever the tick says.
    pub continuous: bool,
    /// Fine enough, and trusted enough, for high-resolution timers. A source that
    /// must be verified gets this from its [`Watchdog`].
    pub high_resolution: bool,
    /// It must be verified against another one.
    pub must_verify: bool,
    /// It was verified and failed. Nothing takes this back but a new registration.
    pub unstable: bool,
    /// It counts while the machine is suspended.
    pub counts_in_suspend: bool,
}

/// What a source may be off, while it is compared with another, unless it says
/// otherwise: an eighth of a thousandth of a comparison's interval of 500 ms.
const UNCERTAINTY_NS: u64 = 62_500;

impl ClockSource {
    /// Describes a counter of `bits` valid bits (1 to 64), with the rating 1, as
    /// one that may stop and that nobody can vouch for.
    #[must_use]
    pub const fn new(name: &'static str, frequency: Frequency, bits: u32) -> ClockSource {
        let bits = if bits == 0 { 1 } else { bits };
        let mask = if bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
        ClockSource {
            name,
            frequency,
            mask,
            conversion: Conversion::new(frequency, mask),
            rating: 1,
            mode: 0,
            uncertainty_ns: UNCERTAINTY_NS,
            flags: Flags {
                continuous: false,
                high_resolution: false,
                must_verify: false,
                unstable: false,
                counts_in_suspend: false,
            },
        }
    }

    /// Describes a counter whose line is known, as from a kernel's page. `None`
    /// where `mult` is zero, `shift` above 32, or the frequency out of range.
    ///
    /// The line's own rate counts as the true one, so its error is zero.
    ///
    /// ```
    /// use instanter_keeper::ClockSource;
    /// let tsc = ClockSource::of_line("tsc", 7_988_915, 24, 64).unwrap();
    /// assert_eq!(tsc.frequency().to_hertz(), 2_100_061_898);
    /// assert_eq!(ClockSource::of_line("none", 0, 24, 64), None);
    /// ```
    #[must_use]
    pub const fn of_line(
        name: &'static str,
        mult: u32,
        shift: u32,
        bits: u32,
    ) -> Option<ClockSource> {
        let Some(frequency) = Frequency::of_line(mult, shift) else { return None };
        let mut source = ClockSource::new(name, frequency, bits);
        let Some(conversion) = Conversion::with(frequency, source.mask, mult, shift) else {
            return None;
        };
        source.conversion = conversion;
        Some(source)
    }

    /// Sets how good it is among others, the higher the better: 1 to 99 unfit but
    /// for booting, 100 usable, 200 good, 300 fast and right, 400 ideal.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// assert_eq!(source.rated(300).rating(), 300);
    /// ```
    #[must_use]
    pub const fn rated(mut self, rating: u32) -> ClockSource {
        self.rating = rating;
        self
    }

    /// Says that it never stops and is never written.
    #[must_use]
    pub const fn continuous(mut self) -> ClockSource {
        self.flags.continuous = true;
        self
    }

    /// Says that it is fit for high-resolution timers without being verified.
    #[must_use]
    pub const fn high_resolution(mut self) -> ClockSource {
        self.flags.high_resolution = true;
        self
    }

    /// Says that it must be verified against another one before it is trusted.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// assert!(source.must_verify().flags().must_verify);
    /// ```
    #[must_use]
    pub const fn must_verify(mut self) -> ClockSource {
        self.flags.must_verify = true;
        self
    }

    /// Says that it counts while the machine is suspended.
    #[must_use]
    pub const fn counts_in_suspend(mut self) -> ClockSource {
        self.flags.counts_in_suspend = true;
        self
    }

    /// Says that user space can read it, and as which clock mode of a page (see
    /// [`instanter_page::linux::Mode`]). Zero: it cannot.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// assert_eq!(source.readable_as(1).mode(), 1);
    /// ```
    #[must_use]
    pub const fn readable_as(mut self, mode: u32) -> ClockSource {
        self.mode = mode;
        self
    }

    /// Sets what it may be off by during one comparison, in nanoseconds.
    #[must_use]
    pub const fn uncertain_by_ns(mut self, ns: u64) -> ClockSource {
        self.uncertainty_ns = ns;
        self
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the frequency.
    #[must_use]
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Returns the bits that count, as a mask.
    #[must_use]
    pub const fn mask(&self) -> u64 {
        self.mask
    }

    /// Returns `mult` and `shift`, and what they are good for.
    #[must_use]
    pub const fn conversion(&self) -> Conversion {
        self.conversion
    }

    /// Returns the rating: zero for one that proved unstable.
    #[must_use]
    pub const fn rating(&self) -> u32 {
        if self.flags.unstable { 0 } else { self.rating }
    }

    /// Returns the clock mode that a page shows for it.
    #[must_use]
    pub const fn mode(&self) -> u32 {
        self.mode
    }

    /// Returns what it may be off by during one comparison, in nanoseconds.
    #[must_use]
    pub const fn uncertainty_ns(&self) -> u64 {
        self.uncertainty_ns
    }

    /// Returns what it is fit for.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// Returns the ticks from one counter value to another: zero where the second
    /// lies in the half of the ring that is the first one's past.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency};
    /// let byte = ClockSource::new("eight bits", Frequency::hertz(1_000).unwrap(), 8);
    /// assert_eq!(byte.ticks_between(250, 4), 10); // it wrapped
    /// assert_eq!(byte.ticks_between(250, 240), 0); // it went backwards
    /// ```
    #[must_use]
    pub const fn ticks_between(&self, from: u64, to: u64) -> u64 {
        let ticks = to.wrapping_sub(from) & self.mask;
        if ticks > self.mask >> 1 { 0 } else { ticks }
    }

    /// Returns the nanoseconds of a number of ticks, at the undisciplined rate.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// assert_eq!(source.ns_of_ticks(3), 3_000_000);
    /// ```
    #[must_use]
    pub const fn ns_of_ticks(&self, ticks: u64) -> u64 {
        let ns = (ticks as u128 * self.conversion.mult as u128) >> self.conversion.shift;
        if ns > u64::MAX as u128 { u64::MAX } else { ns as u64 }
    }
}
