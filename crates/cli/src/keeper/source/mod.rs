//! What a shared clock follows.

mod chrony;
mod ptp;
mod realtime;

use instanter::Duration;
use instanter_clock::Leap;
use instanter_clock::page::Timespec;
use instanter_keeper::Clocks;

use crate::args::{Follow, ServeArgs};
use crate::failure::Failure;

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Comparison {
    /// How far the source is ahead of our clock, in nanoseconds.
    pub(super) ahead_ns: i128,
    /// How far that may be wrong, in nanoseconds.
    pub(super) uncertainty_ns: u64,
    /// The source's rate, where it is known: a frequency correction in units of 2^-16 ppm.
    pub(super) frequency: Option<i64>,
    /// How far the source itself may be from UTC, in nanoseconds; `u64::MAX` if unknown.
    pub(super) bound_ns: u64,
    pub(super) synchronized: bool,
    pub(super) leap: Leap,
    /// TAI minus UTC in seconds, where somebody knows.
    pub(super) tai_s: Option<i32>,
}

/// Something to follow.
pub(super) trait Source {
    /// Compares it with our clocks.
    ///
    /// # Errors
    /// Says in words what is missing.
    fn compare(&mut self, ours: &Clocks) -> Result<Comparison, String>;

    /// How often it is compared unless somebody says otherwise: `None` for each tick.
    fn poll(&self) -> Option<Duration>;

    /// What to say when the first comparison is this far off.
    fn hint(&self, _ahead_ns: i128) -> Option<String> {
        None
    }
}

/// Opens what `--from` names, and what it is called.
pub(super) fn open(args: &ServeArgs) -> Result<(Box<dyn Source>, String), Failure> {
    Ok(match args.from.as_ref().unwrap_or(&Follow::Realtime) {
        Follow::Realtime => (Box::new(realtime::Realtime), "realtime".to_owned()),
        Follow::Chrony => (Box::new(chrony::Chrony), "chrony".to_owned()),
        Follow::Ptp(device) => {
            let clock = ptp::Ptp::open(device, args.utc_offset)?;
            (Box::new(clock), format!("ptp={}", device.display()))
        }
    })
}

/// A reading of a clock between two of the counter.
#[derive(Clone, Copy, Debug)]
struct Bracketed {
    time: Timespec,
    /// The counter's value in the middle.
    counter: u64,
    /// Ticks from the first to the last.
    width: u64,
}

/// Reads a clock some times, and keeps the reading that took the shortest.
fn narrowest<E>(tries: u32, mut read: impl FnMut() -> Result<Timespec, E>) -> Result<Bracketed, E> {
    let mut best: Option<Bracketed> = None;
    for _ in 1..tries {
        let one = bracketed(&mut read)?;
        if best.is_none_or(|best| one.width < best.width) {
            best = Some(one);
        }
    }
    best.map_or_else(|| bracketed(&mut read), Ok)
}

fn bracketed<E>(read: &mut impl FnMut() -> Result<Timespec, E>) -> Result<Bracketed, E> {
    let before = instanter_counter::ordered();
    let time = read()?;
    let width = instanter_counter::ordered().wrapping_sub(before);
    Ok(Bracketed { time, counter: before.wrapping_add(width / 2), width })
}
