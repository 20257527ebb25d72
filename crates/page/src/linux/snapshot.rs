//! Every clock of the page at one moment.

use core::sync::atomic::{Ordering, fence};

use instanter_counter::Counter;

use super::reader::load;
use super::{Frame, Pair, Reader, base};
use crate::Timespec;

/// Every clock of the page at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// `CLOCK_REALTIME`.
    pub realtime: Timespec,
    /// `CLOCK_MONOTONIC`.
    pub monotonic: Timespec,
    /// `CLOCK_MONOTONIC_RAW`.
    pub monotonic_raw: Timespec,
    /// `CLOCK_BOOTTIME`.
    pub boottime: Timespec,
    /// `CLOCK_TAI`.
    pub tai: Timespec,
    /// `CLOCK_REALTIME_COARSE`.
    pub realtime_coarse: Timespec,
    /// `CLOCK_MONOTONIC_COARSE`.
    pub monotonic_coarse: Timespec,
    /// The counter that all of them were computed from, in ticks. `None` where
    /// the page did not serve, and the clocks were read one after the other.
    pub counter: Option<u64>,
}

impl Reader {
    /// `snapshot(counter)` — Returns every clock of the page at the value that
    /// `counter` returns, under one sequence number.
    ///
    /// `None`: no page is proved, or this read failed a check.
    #[inline]
    pub fn snapshot(&self, counter: impl Counter) -> Option<Snapshot> {
        counter.order();
        let (head, _) = self.record();
        // SAFETY: a reader's head is always readable.
        let before = unsafe { load(head) };
        fence(Ordering::Acquire);
        let ticks = counter.read();
        // Each of these checks the sequence number for itself; that it is the same
        // before and after all of them makes it one for all of them.
        let [realtime, monotonic, boottime, tai] =
            self.clocks([base::REALTIME, base::MONOTONIC, base::BOOTTIME, base::TAI], || ticks)?;
        let monotonic_raw = self.raw(|| ticks)?;
        let Pair { realtime: realtime_coarse, monotonic: monotonic_coarse } = self.coarse_pair()?;
        fence(Ordering::Acquire);
        // SAFETY: as above.
        if unsafe { load(head) } != before {
            return None;
        }
        Some(Snapshot {
            realtime,
            monotonic,
            monotonic_raw,
            boottime,
            tai,
            realtime_coarse,
            monotonic_coarse,
            counter: Some(ticks),
        })
    }
}

impl From<Frame> for Snapshot {
    fn from(frame: Frame) -> Snapshot {
        Snapshot {
            realtime: frame.clock(base::REALTIME),
            monotonic: frame.clock(base::MONOTONIC),
            monotonic_raw: frame.clock(base::MONOTONIC_RAW),
            boottime: frame.clock(base::BOOTTIME),
            tai: frame.clock(base::TAI),
            realtime_coarse: frame.clock(base::REALTIME_COARSE),
            monotonic_coarse: frame.clock(base::MONOTONIC_COARSE),
            counter: Some(frame.counter),
        }
    }
}
