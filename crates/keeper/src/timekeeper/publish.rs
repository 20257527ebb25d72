//! What a page shows of the clocks.

use instanter_page::Line;
use instanter_page::linux::{Contents, Record, base};

use super::Timekeeper;
use crate::phase::Phase;

impl Timekeeper {
    /// `contents()` — Returns what a page shows of these clocks, for a
    /// [`Writer`](instanter_page::linux::Writer).
    ///
    /// On a page a leap second happens at the tick, since a line has no bend: tick
    /// at [`due`](Timekeeper::due) to have it at midnight. While the machine is
    /// suspended the clock mode says that the counter cannot be read. A tick length
    /// more than 0.78 % off makes [`Reader`](instanter_page::linux::Reader)s doubt the
    /// page, as a kernel's own would.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// use instanter_page::linux::base;
    /// let hertz = Frequency::hertz(1_000_000_000).unwrap();
    /// let source = ClockSource::new("counter", hertz, 64).readable_as(1);
    /// let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 5));
    /// let contents = keeper.contents();
    /// let line = contents.disciplined.line;
    /// let (sec, nsec) = contents.disciplined.bases[base::REALTIME];
    /// assert_eq!(line.at(1_000, sec, nsec), Timespec::new(1_700_000_000, 1_005));
    /// ```
    #[must_use]
    pub fn contents(&self) -> Contents {
        let conversion = self.source.conversion();
        let shift = conversion.shift;
        let line = Line { origin: self.origin, mult: self.mult, shift, mask: self.source.mask() };
        let fine = |phase: Phase| phase.base(shift);
        let coarse = |phase: Phase| {
            let time = phase.floor();
            (time.sec, u64::from(time.nsec))
        };
        let (monotonic, realtime) = (self.monotonic, self.realtime());
        let mut bases = [(0, 0); base::COUNT];
        bases[base::REALTIME] = fine(realtime);
        bases[base::MONOTONIC] = fine(monotonic);
        bases[base::BOOTTIME] = fine(monotonic.shifted_by(self.offsets.boottime));
        bases[base::TAI] = fine(monotonic.shifted_by(self.offsets.tai));
        bases[base::REALTIME_COARSE] = coarse(realtime);
        bases[base::MONOTONIC_COARSE] = coarse(monotonic);
        let mut raw_bases = [(0, 0); base::COUNT];
        raw_bases[base::MONOTONIC_RAW] = fine(self.raw);
        Contents {
            mode: if self.suspended.is_some() { 0 } else { self.source.mode() },
            disciplined: Record { line, bases },
            raw: Record { line: Line { mult: conversion.mult, ..line }, bases: raw_bases },
            max_cycles: conversion.max_cycles,
            hrtimer_res: 1,
        }
    }
}
