//! FreeBSD's timehands, as its C library reads them.
//!
//! `CLOCK_UPTIME` and `CLOCK_MONOTONIC` are one clock there. The C library answers the
//! "fast" clocks from this page as precisely as the others, where the kernel would answer
//! with the last tick's time: here they are as the C library's, so that a reading is the
//! same whoever made it.

use instanter_counter::Counter;
use instanter_page::freebsd::{Frame, Reader};
use instanter_page::{Timespec, Unreadable};

use super::{Place, Rate, Served};
use crate::Clock;

#[derive(Clone, Copy)]
pub(crate) struct Page(Reader);

impl super::Page for Page {
    type Frame = Frame;

    const CLOCKS: &'static [Served] = &[
        Served::fine(Clock::REALTIME),
        Served::fine(Clock::MONOTONIC),
        Served::fine(Clock::BOOTTIME),
        Served::fine(Clock::REALTIME_COARSE),
        Served::fine(Clock::MONOTONIC_COARSE),
    ];

    #[inline]
    unsafe fn at(place: Place) -> Page {
        // SAFETY: the caller's.
        Page(unsafe { Reader::new(place.start, place.cpu) })
    }

    #[inline]
    fn frame(self, counter: impl Counter) -> Result<Frame, Unreadable> {
        self.0.frame(counter)
    }

    #[inline]
    fn clock(frame: &Frame, clock: Clock) -> Result<Timespec, Unreadable> {
        match clock {
            Clock::REALTIME | Clock::REALTIME_COARSE => Ok(frame.wall().to_timespec_by_32_bits()),
            Clock::MONOTONIC | Clock::MONOTONIC_COARSE | Clock::BOOTTIME => {
                Ok(frame.uptime().to_timespec_by_32_bits())
            }
            _ => Err(Unreadable::Missing),
        }
    }

    #[inline]
    fn rate(frame: &Frame) -> Rate {
        let timehands = &frame.timehands;
        Rate {
            kind: u64::from(timehands.machine) << 32 | u64::from(timehands.counter_mask),
            scales: [timehands.scale, 0],
        }
    }

    fn ticks(frame: &Frame) -> u64 {
        frame.counter
    }

    /// A step of the wall clock, a leap second and a sleep change the time of boot; steering
    /// bends both clocks.
    fn relation(frame: &Frame) -> Option<[u64; 4]> {
        let boottime = frame.timehands.boottime;
        Some([boottime.sec as u64, boottime.frac, 0, 0])
    }
}
