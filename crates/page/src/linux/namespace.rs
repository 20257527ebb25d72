//! The page of a process in a time namespace.
//!
//! There the kernel exchanges two pages: the first, where the clocks' page was,
//! holds what the namespace adds to each clock, under a clock mode of its own, and
//! the clocks' page lies behind it. So the hot path declines, and this takes over.

use instanter_counter::Counter;

use super::reader::{MODE_NAMESPACE, load};
use super::{Frame, Pair, Reader, Snapshot, base};
use crate::Timespec;

/// Reads the page behind a time namespace's, and adds what the namespace adds.
///
/// Stands beside the [`Reader`] of the process, which has proved the page. Whether
/// the process is in a namespace is looked up at each read, for it may enter or
/// leave one, and the page behind is there in a namespace only.
#[derive(Debug, Default)]
pub struct Behind {
    reader: Reader,
}

/// What a namespace adds to its clocks.
#[derive(Clone, Copy)]
struct Offsets {
    /// The record's `mult`, after which the offsets lie where bases else do.
    tail: *const u64,
}

impl Offsets {
    /// Returns the offsets, if `outer` is the reader of a process in a namespace.
    #[inline]
    fn of(outer: &Reader) -> Option<Offsets> {
        let (head, tail) = outer.record();
        // SAFETY: a reader's record is always readable.
        let mode = (unsafe { load(head) } >> 32) as u32;
        (mode == MODE_NAMESPACE).then_some(Offsets { tail })
    }

    /// Adds the offset of one clock.
    #[inline]
    fn shift(self, index: usize, time: Timespec) -> Timespec {
        // SAFETY: a record has its offsets after `tail`; the callers pass an index
        // of one. The kernel writes them once, before the first process enters.
        let (sec, nsec) =
            unsafe { (load(self.tail.add(1 + 2 * index)), load(self.tail.add(2 + 2 * index))) };
        time.shifted_by(Timespec::new(sec as i64, nsec as u32))
    }
}

impl Behind {
    /// Makes one that knows no page.
    #[must_use]
    pub const fn new() -> Behind {
        Behind { reader: Reader::new() }
    }

    /// `trust(outer, frame)` — Uses the page behind `outer`'s from now on, after a
    /// frame that `outer` has read and checked.
    pub fn trust(&self, outer: &Reader, frame: &Frame) {
        if frame.namespace.is_none() || self.reader.check(frame).is_ok() {
            return;
        }
        if let Some(place) = outer.place().and_then(|place| place.behind_namespace()) {
            // SAFETY: `outer` was given its place for good, of which this is the
            // other half; it is read in a namespace only, where it is mapped.
            unsafe { self.reader.adopt(place, Some(frame)) };
        }
    }

    /// `pair(outer, counter)` — Returns what [`Reader::pair`] does, in a namespace.
    ///
    /// `None`: outside, or a check failed.
    #[inline]
    pub fn pair(&self, outer: &Reader, counter: impl Counter) -> Option<Pair> {
        let offsets = Offsets::of(outer)?;
        let Pair { realtime, monotonic } = self.reader.pair(counter)?;
        Some(Pair {
            realtime: offsets.shift(base::REALTIME, realtime),
            monotonic: offsets.shift(base::MONOTONIC, monotonic),
        })
    }

    /// `clock(outer, index, counter)` — Returns any clock of the page (see
    /// [`base`]), in a namespace.
    ///
    /// `None`: outside, a check failed, or there is no such clock.
    #[inline]
    pub fn clock(&self, outer: &Reader, index: usize, counter: impl Counter) -> Option<Timespec> {
        let offsets = Offsets::of(outer)?;
        let time = match index {
            base::MONOTONIC_RAW => self.reader.raw(counter),
            base::REALTIME_COARSE | base::MONOTONIC_COARSE => self.reader.coarse(index),
            _ => self.reader.clock(index, counter),
        }?;
        Some(offsets.shift(index, time))
    }

    /// `snapshot(outer, counter)` — Returns what [`Reader::snapshot`] does, in a
    /// namespace.
    ///
    /// `None`: outside, or a check failed.
    pub fn snapshot(&self, outer: &Reader, counter: impl Counter) -> Option<Snapshot> {
        let offsets = Offsets::of(outer)?;
        let here = self.reader.snapshot(counter)?;
        Some(Snapshot {
            realtime: offsets.shift(base::REALTIME, here.realtime),
            monotonic: offsets.shift(base::MONOTONIC, here.monotonic),
            monotonic_raw: offsets.shift(base::MONOTONIC_RAW, here.monotonic_raw),
            boottime: offsets.shift(base::BOOTTIME, here.boottime),
            tai: offsets.shift(base::TAI, here.tai),
            realtime_coarse: offsets.shift(base::REALTIME_COARSE, here.realtime_coarse),
            monotonic_coarse: offsets.shift(base::MONOTONIC_COARSE, here.monotonic_coarse),
            counter: here.counter,
        })
    }

    /// `fingerprint(outer)` — Returns what [`Reader::fingerprint`] does, of the page behind:
    /// `outer`'s own says the same whatever becomes of the clocks.
    ///
    /// `None`: outside, or no page is known behind.
    #[must_use]
    pub fn fingerprint(&self, outer: &Reader) -> Option<u64> {
        Offsets::of(outer)?;
        self.reader.fingerprint()
    }

    /// `epoch(outer)` — Returns what [`Reader::epoch`] does, in a namespace, whose
    /// offsets never change.
    ///
    /// `None`: outside, or a check failed.
    #[inline]
    pub fn epoch(&self, outer: &Reader) -> Option<u64> {
        Offsets::of(outer)?;
        self.reader.epoch()
    }
}
