//! Going on where another keeper left off.

use instanter_page::Timespec;
use instanter_page::linux::{Record, base};

use super::Timekeeper;
use super::change::LATEST_SEC;
use crate::ClockSource;
use crate::phase::{NANOS, Phase, SECOND};

impl Timekeeper {
    /// `take_over(source, disciplined, raw)` — Goes on with the clocks of a page, as
    /// they are on it: another keeper's, or a kernel's own.
    ///
    /// Until the first tick every clock is what the page's line says, to the last
    /// bit, whatever the counter. From then on this keeper steers, at first by the
    /// frequency that the page's line has relative to its raw one (where that is
    /// more than 500 ppm, by 500 ppm).
    ///
    /// `None` where the source is not the one that the page counts: another
    /// `shift`, mask, or raw `mult`; or where the page's clocks are not whole
    /// nanoseconds apart, or stand where no keeper lets them.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
    /// let first = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// let page = first.contents();
    /// let second = Timekeeper::take_over(source, &page.disciplined, &page.raw).unwrap();
    /// assert_eq!(second.clocks(), first.clocks());
    /// ```
    #[must_use]
    pub fn take_over(
        source: ClockSource,
        disciplined: &Record,
        raw: &Record,
    ) -> Option<Timekeeper> {
        let (line, shift) = (disciplined.line, source.conversion().shift);
        let same = line.shift == shift
            && (raw.line.mult, raw.line.shift) == (source.conversion().mult, shift)
            && (line.mask, raw.line.mask, raw.line.origin)
                == (source.mask(), source.mask(), line.origin);
        if !same || line.mult == 0 {
            return None;
        }
        let phase = |record: &Record, index: usize| {
            let (sec, nsec) = record.bases[index];
            Phase::of_base(sec, nsec, shift)
        };
        let monotonic = phase(disciplined, base::MONOTONIC);
        let apart = |index| {
            let clock = phase(disciplined, index);
            let by = clock.floor().as_nanos() - monotonic.floor().as_nanos();
            let by = Timespec::from_nanos(by);
            (monotonic.shifted_by(by) == clock).then_some(by)
        };
        let realtime = apart(base::REALTIME)?;
        let tai = apart(base::TAI)?;
        let stands = monotonic.shifted_by(realtime);
        if monotonic.sec < 0 || stands < monotonic || stands.sec > LATEST_SEC {
            return None;
        }
        let mut keeper = Timekeeper::new(source, line.origin, Timespec::default());
        keeper.monotonic = monotonic;
        keeper.raw = phase(raw, base::MONOTONIC_RAW);
        keeper.offsets.realtime = realtime;
        keeper.offsets.boottime = apart(base::BOOTTIME)?;
        keeper.offsets.tai = tai;
        let ahead_ns = tai.as_nanos() - realtime.as_nanos();
        keeper.tai_s = i32::try_from(ahead_ns / i128::from(NANOS)).ok()?;

        let (mult, nominal) = (i128::from(line.mult), i128::from(raw.line.mult));
        keeper.ntp.steer_by((i128::from(SECOND) * (mult - nominal) / nominal) as i64);
        keeper.rate = super::Rate::of(keeper.ntp.second_length(), source.frequency());
        keeper.mult = line.mult;
        Some(keeper)
    }
}
