//! Darwin's commpage.
//!
//! The wall clock's line on it is finer than what `clock_gettime(CLOCK_REALTIME)` makes of it,
//! which cuts it down to microseconds: here the nanoseconds stay. So a reading that comes by
//! the function after one that came by the page, because the line was being moved just then,
//! may be up to a microsecond earlier. The other clocks are those of the functions exactly.
//!
//! `CLOCK_UPTIME_RAW` counts what the wall clock is not bound to: nobody steers it. So their
//! distance changes all the time, and what tells a step is the time of boot, which the page
//! has in microseconds and steering leaves alone.

use instanter_counter::Counter;
use instanter_page::darwin::{Absolute, Frame, Reader};
use instanter_page::{Timespec, Unreadable};

use super::{Place, Rate, Served};
use crate::Clock;

#[derive(Clone, Copy)]
pub(crate) struct Page(Reader);

impl super::Page for Page {
    type Frame = Frame;

    const CLOCKS: &'static [Served] = &[
        Served { clock: Clock::REALTIME, coarse: false, grain_ns: 1_000 },
        Served::fine(Clock::MONOTONIC),
        Served::fine(Clock::BOOTTIME),
        Served::coarse(Clock::MONOTONIC_COARSE),
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
            Clock::REALTIME => frame.wall().map(|wall| wall.to_timespec()),
            Clock::MONOTONIC => frame.uptime(),
            Clock::BOOTTIME => frame.monotonic(),
            Clock::MONOTONIC_COARSE => frame.approximate(),
            _ => Err(Unreadable::Missing),
        }
    }

    /// On Arm it is kept in ticks, and only the frame says how many make a second.
    #[inline]
    fn coarse(self, clock: Clock) -> Result<Timespec, Unreadable> {
        Self::clock(&self.0.frame(|| 0)?, clock)
    }

    #[inline]
    fn rate(frame: &Frame) -> Rate {
        let wall = frame.contents.wall;
        let (kind, scale) = match frame.contents.absolute {
            Absolute::X86_64 { scale, shift, .. } => (u64::from(shift), u64::from(scale)),
            // The time since boot is the counter and an offset, so its rate is the one that
            // the wall clock's line states.
            Absolute::Aarch64 { user_timebase, always_on, .. } => (
                u64::from(user_timebase) << 1 | u64::from(always_on.is_some()),
                wall.map_or(0, |wall| wall.ticks_per_sec),
            ),
        };
        Rate { kind, scales: [scale, wall.map_or(0, |wall| wall.scale)] }
    }

    fn ticks(frame: &Frame) -> u64 {
        frame.counter
    }

    fn relation(frame: &Frame) -> Option<[u64; 4]> {
        Some([frame.contents.boottime_us, frame.contents.continuous, 0, 0])
    }
}
