//! OpenBSD's `timekeep`, as its C library reads it.
//!
//! `CLOCK_MONOTONIC` and `CLOCK_BOOTTIME` are one clock there, which goes on while the machine
//! is suspended.

use instanter_counter::Counter;
use instanter_page::openbsd::{AUX_TIMEKEEP, Frame, Reader};
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
            Clock::REALTIME => Ok(frame.wall().to_timespec_by_32_bits()),
            Clock::MONOTONIC | Clock::BOOTTIME => Ok(frame.since_boot().to_timespec_by_32_bits()),
            _ => Err(Unreadable::Missing),
        }
    }

    #[inline]
    fn rate(frame: &Frame) -> Rate {
        let timekeep = &frame.timekeep;
        Rate {
            kind: u64::from(timekeep.user as u32) << 32 | u64::from(timekeep.counter_mask),
            scales: [timekeep.scale, 0],
        }
    }

    fn ticks(frame: &Frame) -> u64 {
        frame.counter
    }

    /// A step of the wall clock changes the time of boot, a sleep the time that was slept
    /// through; steering bends all clocks.
    fn relation(frame: &Frame) -> Option<[u64; 4]> {
        let (boottime, naptime) = (frame.timekeep.boottime, frame.timekeep.naptime);
        Some([boottime.sec as u64, boottime.frac, naptime.sec as u64, naptime.frac])
    }
}

/// Finds the entry for the page in the auxiliary vector, which lies behind the pointers of the
/// environment that the program was started with.
///
/// # Safety
/// `environment` must point at `count` words and what follows them on the stack.
pub(crate) unsafe fn timekeep_behind(environment: *const usize, count: usize) -> Option<*const u8> {
    /// There are some fifteen.
    const MOST_ENTRIES: usize = 32;
    const AUX_NULL: u32 = 0;
    // SAFETY: the caller's; the vector ends with AUX_NULL, and a program that was not given one
    // has its strings there.
    unsafe {
        if environment.add(count).read() != 0 {
            return None;
        }
        let vector = environment.add(count + 1);
        for index in 0..MOST_ENTRIES {
            let (tag, value) = (vector.add(2 * index).read(), vector.add(2 * index + 1).read());
            match tag as u32 {
                AUX_NULL => return None,
                tag if tag as usize == AUX_TIMEKEEP => {
                    let aligned = value.is_multiple_of(align_of::<u64>());
                    return (value != 0 && aligned)
                        .then(|| core::ptr::with_exposed_provenance(value));
                }
                _ => {}
            }
        }
    }
    None
}
