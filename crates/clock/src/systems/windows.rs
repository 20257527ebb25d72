//! Windows' shared data.
//!
//! The coarse clocks are always there; the others where programs may read the counter
//! (`QpcBypassEnabled`), directly or by way of the hypervisor's page. How an ordered reading
//! of the counter is made there is for the processor that Windows found: where it says that
//! `mfence` is what takes, as on AMD's before 2018, ours would not be ordered, and the
//! functions are asked.

use instanter_counter::Counter;
use instanter_page::windows::{Frame, HypervisorPage, Reader, bypass};
use instanter_page::{Cpu, Timespec, Unreadable};

use super::{Place, Rate, Served};
use crate::Clock;

/// `NtMajorVersion` of the systems whose page has the layout that is known.
const MAJOR_VERSION: u32 = 10;

#[derive(Clone, Copy)]
pub(crate) struct Page {
    reader: Reader,
    cpu: Cpu,
}

impl Page {
    fn check(self) -> Result<(), Unreadable> {
        match self.reader.major_version() {
            MAJOR_VERSION => Ok(()),
            found => Err(Unreadable::Version { found }),
        }
    }
}

impl super::Page for Page {
    type Frame = Frame;

    const CLOCKS: &'static [Served] = &[
        Served::fine(Clock::REALTIME),
        Served::fine(Clock::MONOTONIC),
        Served::fine(Clock::MONOTONIC_RAW),
        Served::fine(Clock::BOOTTIME),
        Served::coarse(Clock::REALTIME_COARSE),
        Served::coarse(Clock::MONOTONIC_COARSE),
    ];

    #[inline]
    unsafe fn at(place: Place) -> Page {
        // SAFETY: the caller's.
        let hypervisor =
            (!place.behind.is_null()).then(|| unsafe { HypervisorPage::new(place.behind) });
        // SAFETY: the caller's.
        let reader = unsafe { Reader::new(place.start, hypervisor) };
        Page { reader, cpu: place.cpu }
    }

    #[inline]
    fn frame(self, counter: impl Counter) -> Result<Frame, Unreadable> {
        const BY_MFENCE_ALONE: u8 = bypass::MFENCE;
        const FENCES: u8 = bypass::MFENCE | bypass::LFENCE | bypass::RDTSCP;
        self.check()?;
        let frame = self.reader.frame(counter)?;
        let flags = frame.contents.bypass;
        if self.cpu == Cpu::X86_64 && flags & FENCES == BY_MFENCE_ALONE {
            return Err(Unreadable::Device { number: flags.into() });
        }
        Ok(frame)
    }

    // Tests compile this on Darwin, too, whose raw clock is the monotonic one.
    #[allow(unreachable_patterns)]
    #[inline]
    fn clock(frame: &Frame, clock: Clock) -> Result<Timespec, Unreadable> {
        match clock {
            Clock::REALTIME => frame.system_time(),
            Clock::MONOTONIC => frame.unbiased_interrupt_time(),
            Clock::MONOTONIC_RAW => frame.performance_time(),
            Clock::BOOTTIME => frame.interrupt_time(),
            Clock::REALTIME_COARSE => Ok(frame.coarse().system_time),
            Clock::MONOTONIC_COARSE => Ok(frame.unbiased_coarse()),
            _ => Err(Unreadable::Missing),
        }
    }

    #[inline]
    fn coarse(self, clock: Clock) -> Result<Timespec, Unreadable> {
        self.check()?;
        match clock {
            Clock::REALTIME_COARSE => self.reader.coarse().map(|coarse| coarse.system_time),
            Clock::MONOTONIC_COARSE => self.reader.unbiased_coarse(),
            _ => Err(Unreadable::Missing),
        }
    }

    #[inline]
    fn rate(frame: &Frame) -> Rate {
        let contents = &frame.contents;
        let bytes =
            [contents.bypass, contents.qpc_shift, contents.system_shift, contents.interrupt_shift];
        Rate {
            kind: u64::from(u32::from_ne_bytes(bytes)) ^ contents.qpc_frequency << 32,
            scales: [contents.interrupt_increment, contents.system_increment],
        }
    }

    fn ticks(frame: &Frame) -> u64 {
        frame.counter
    }

    /// The page states the wall clock and the time since boot, which run at different rates:
    /// their distance changes with each interrupt, and nothing else tells of a step.
    fn relation(_: &Frame) -> Option<[u64; 4]> {
        None
    }
}
