//! Keeping a page: the other side of the reader.
//!
//! One writer keeps a page that any number of readers read, in this process and
//! in others, while it is being written. What makes that sound is the order of
//! the stores:
//!
//! ```text
//! writer                          reader
//! sequence ← odd                  before ← sequence, even or start again
//! ── release fence ──             ── acquire fence ──
//! the fields, relaxed             the fields, relaxed
//! sequence ← even, release        ── acquire fence ──
//!                                 sequence = before, or start again
//! ```
//!
//! A reader that saw a field of the update also sees the odd number, or a later
//! one, at its second look; so it never keeps the fields of two updates.
//!
//! The sequence number becomes odd *before* the new fields are computed, and so
//! before the counter is read for them: [`Writer::update`] takes a function. A
//! reader whose look succeeds took its counter before that, hence not after the
//! counter value at which the new line takes over from the old one. Were the
//! counter read first, a reader could evaluate the old line beyond that value,
//! and the next one, on a slower new line, find itself a nanosecond earlier.

use core::cell::Cell;
use core::sync::atomic::{AtomicU64, Ordering};

use super::reader::{MODE_NAMESPACE, load};
use super::{Place, Record, Shape, base};
use crate::Timespec;
use crate::memory::store;
use crate::sequence::publish;

/// What a page says: everything but the sequence numbers.
///
/// Where a [`Frame`](super::Frame) is what a reader took from a page together with
/// a counter value, this is what its keeper puts there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The clock mode of both records: 0 where the counter cannot be read from
    /// user space, on x86-64 1 for the TSC.
    pub mode: u32,
    /// The clocks that are disciplined.
    pub disciplined: Record,
    /// The raw clock.
    pub raw: Record,
    /// The most ticks after the origin for which 64 bits hold the product, for
    /// the layouts that state it.
    pub max_cycles: u64,
    /// The timer resolution in nanoseconds.
    pub hrtimer_res: u32,
}

/// Keeps a page.
///
/// ```
/// use std::sync::atomic::AtomicU64;
/// use instanter_page::Line;
/// use instanter_page::linux::{Contents, LAYOUTS, Place, Reader, Record, Writer, prove};
///
/// let memory = [const { AtomicU64::new(0) }; 512];
/// let place = Place { start: memory.as_ptr().cast(), page_size: 4096, layout: &LAYOUTS[0] };
/// // A counter of nanoseconds, and every clock at 100 s when it stands at 7.
/// let line = Line { origin: 7, mult: 1 << 20, shift: 20, mask: u64::MAX };
/// let record = Record { line, bases: [(100, 0); 12] };
///
/// // SAFETY: the memory is long enough, nobody else writes it, and it outlives both.
/// let mut writer = unsafe { Writer::new(place) };
/// writer.update(|| Contents {
///     mode: 1,
///     disciplined: record,
///     raw: record,
///     max_cycles: u64::MAX >> 21,
///     hrtimer_res: 1,
/// });
///
/// let reader = Reader::new();
/// let kernel = |_clock| Some(instanter_page::Timespec::new(100, 0));
/// // SAFETY: as above.
/// unsafe { prove(&reader, place, || 7, kernel, Some(1)) }?;
/// assert_eq!(reader.pair(|| 1_007).expect("a proved page").monotonic.nsec, 1_000);
/// # Ok::<(), instanter_page::linux::Refusal>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    place: Place,
}

// SAFETY: a writer owns the right to write the memory at its place, which may be
// used from whichever thread the writer is moved to.
unsafe impl Send for Writer {}

impl Writer {
    /// Takes over the page at `place`, whatever it holds: zeros, or what a keeper
    /// left that is gone, even in the middle of an update.
    ///
    /// # Safety
    /// The first [`Layout::length`](super::Layout::length) bytes at `place.start`
    /// must be writable and aligned to eight bytes for as long as this writer
    /// lives, and nobody else may write them meanwhile.
    #[must_use]
    pub unsafe fn new(place: Place) -> Writer {
        Writer { place }
    }

    /// `place()` — Returns where the page is.
    ///
    /// ```
    /// # use instanter_page::linux::{LAYOUTS, Place, Writer};
    /// let memory = [0u64; 512];
    /// let place = Place { start: memory.as_ptr().cast(), page_size: 4096, layout: &LAYOUTS[0] };
    /// // SAFETY: nothing is written.
    /// let writer = unsafe { Writer::new(place) };
    /// assert_eq!(writer.place(), place);
    /// ```
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// `update(contents)` — Writes what `contents` returns, as one update.
    ///
    /// Readers wait, or go elsewhere, from before `contents` is called until its
    /// result is on the page; so it should read the counter, do its arithmetic,
    /// and nothing else. Should it panic, the page stays as it was.
    pub fn update(&mut self, contents: impl FnOnce() -> Contents) {
        let records = [self.place.word(0), self.place.word(self.place.layout.stride)];
        // The clock mode that the page has from now on; `None`: the one that it had.
        let mode = Cell::new(None);
        publish(
            || {
                for record in records {
                    // SAFETY: `new` was promised it. Nobody else writes, so a load and a
                    // store are as good as one operation; a page that was left odd stays
                    // odd.
                    unsafe { store(record, load(record) | 1) };
                }
            },
            contents,
            |new| {
                // SAFETY: as `new` was promised.
                unsafe { self.store_all(&new) };
                mode.set(Some(new.mode));
            },
            || {
                for record in records {
                    // SAFETY: as above.
                    unsafe {
                        let odd = load(record);
                        let mode = mode.get().unwrap_or((odd >> 32) as u32);
                        let even = head((odd as u32).wrapping_add(1), mode);
                        AtomicU64::from_ptr(record.cast_mut()).store(even, Ordering::Release);
                    }
                }
            },
        );
    }

    /// # Safety
    /// As for `new`.
    unsafe fn store_all(&self, new: &Contents) {
        let place = self.place;
        let shape = place.layout.shape;
        for (at, record) in [(0, &new.disciplined), (place.layout.stride, &new.raw)] {
            // SAFETY: `new` was promised both records and the resolution; these
            // offsets are the layout's.
            unsafe {
                store(place.word(at + 8), record.line.origin);
                if shape == Shape::WithMaxCycles {
                    store(place.word(at + 16), new.max_cycles);
                }
                store(place.word(at + shape.mask()), record.line.mask);
                let rate = u64::from(record.line.shift) << 32 | u64::from(record.line.mult);
                store(place.word(at + shape.mult()), rate);
                store_bases(place, at, &record.bases);
            }
        }
        // SAFETY: as above.
        unsafe { store(place.word(place.layout.hrtimer_res), u64::from(new.hrtimer_res)) };
    }

    /// `update_namespace(offsets)` — Makes the page one of a time namespace: it
    /// holds what each clock is moved by there, and no clock.
    ///
    /// In a namespace the pages of a layout are exchanged: this one comes first,
    /// and the clocks' page where [`Layout::namespace_page`](super::Layout::namespace_page)
    /// says. Its sequence number is odd for good, so a reader that does not know
    /// namespaces never believes it.
    ///
    /// To be called before the first reader sees the page: offsets do not change.
    pub fn update_namespace(&mut self, offsets: &[Timespec; base::COUNT]) {
        let bases = offsets.map(|offset| (offset.sec, u64::from(offset.nsec)));
        for at in [0, self.place.layout.stride] {
            // SAFETY: as `new` was promised.
            unsafe {
                store_bases(self.place, at, &bases);
                store(self.place.word(at), head(1, MODE_NAMESPACE));
            }
        }
    }
}

/// The first word of a record. The two halves are always stored together, as the
/// reader loads them.
const fn head(sequence: u32, mode: u32) -> u64 {
    (mode as u64) << 32 | sequence as u64
}

/// # Safety
/// `place` must be writable, and have a record at `record`.
unsafe fn store_bases(place: Place, record: usize, bases: &[(i64, u64); base::COUNT]) {
    let first = record + place.layout.shape.bases();
    for (index, &(sec, nsec)) in bases.iter().enumerate() {
        // SAFETY: the caller's; a record has COUNT bases.
        unsafe {
            store(place.word(first + 16 * index), sec as u64);
            store(place.word(first + 16 * index + 8), nsec);
        }
    }
}
