//! The machine's own wall clock.

use instanter::Duration;
use instanter_clock::page::linux::base;
use instanter_clock::{Clock, Discipline, Leap};
use instanter_keeper::{Clock as Kept, Clocks};

use super::super::begin::frame;
use super::{Comparison, Source, narrowest};

pub(super) struct Realtime;

impl Source for Realtime {
    fn compare(&mut self, ours: &Clocks) -> Result<Comparison, String> {
        let (ahead_ns, uncertainty_ns, frequency) = ahead(ours)?;
        // Where a sandbox keeps the kernel's knowledge from us, the clock can still be
        // followed.
        let state = Clock::REALTIME.discipline().ok();
        Ok(Comparison {
            ahead_ns,
            uncertainty_ns,
            frequency,
            bound_ns: state.map_or(u64::MAX, bound_ns),
            synchronized: state.is_some_and(|state| state.synchronized),
            leap: state.map_or(Leap::None, |state| state.leap),
            tai_s: state.map(|state| state.tai_s).filter(|&tai_s| tai_s != 0),
        })
    }

    fn poll(&self) -> Option<Duration> {
        None
    }
}

/// What the kernel says of its clock's error: nothing, while nobody synchronises it.
fn bound_ns(state: Discipline) -> u64 {
    match u64::try_from(state.max_error_us) {
        Ok(us) if state.synchronized => us.saturating_mul(1_000),
        _ => u64::MAX,
    }
}

/// How far the machine's wall clock is ahead of ours, how far that may be wrong, and its
/// frequency correction where that is known: in nanoseconds, and units of 2^-16 ppm.
pub(super) fn ahead(ours: &Clocks) -> Result<(i128, u64, Option<i64>), String> {
    if let Some(frame) = frame() {
        // Both lines at one value of the counter: nothing is left to be uncertain of.
        let theirs = frame.clock(base::REALTIME).as_nanos();
        let ours = ours.time(Kept::Realtime, frame.counter).as_nanos();
        let (mult, nominal) = (frame.disciplined.line.mult, frame.raw.line.mult.max(1));
        let bent = (i128::from(mult) - i128::from(nominal)) * (1_000_000 << 16);
        return Ok((theirs - ours, 1, Some((bent / i128::from(nominal)) as i64)));
    }
    let read = narrowest(5, || Clock::REALTIME.now()).map_err(|error| error.to_string())?;
    let ours_ns = ours.time(Kept::Realtime, read.counter).as_nanos();
    let width_ns = nanos_of(ours, read.counter, read.width);
    Ok((read.time.as_nanos() - ours_ns, width_ns / 2 + 1, None))
}

/// So many ticks before a value of the counter, in nanoseconds of our monotonic clock.
pub(super) fn nanos_of(ours: &Clocks, counter: u64, ticks: u64) -> u64 {
    let at = |counter| ours.nanos(Kept::Monotonic, counter);
    at(counter.wrapping_add(ticks)).abs_diff(at(counter))
}
