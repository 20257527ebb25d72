//! The side that reads.

use core::cell::Cell;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering, fence};

use instanter_counter::{Counter, Ordered};
use instanter_page::linux::{self, Frame, Pair, Snapshot, Trouble, base, trust};
use linux_raw_sys::general as nr;

use super::file::{WARY, Words, boot, check, check_length};
use super::{Error, LAYOUT, LENGTH, NotOurFile, SharedPath, State, Status, live, spare};
use crate::sys::{Descriptor, Mapping};

/// Reads a clock that another process publishes.
///
/// Its reads take no lock, make no system call and may run in any number of threads. When
/// the publisher ends, is killed or hangs, they give an error instead of going on by
/// themselves; when a successor goes on in the same file, so do they.
///
/// See the [module](super) for an example.
#[derive(Debug)]
pub struct Reader {
    page: linux::Reader,
    /// Ticks since the last update up to which the clock is kept.
    fresh_ticks: AtomicU64,
    words: Words,
    mapping: Mapping,
}

// SAFETY: what it points to is its own mapping, which it only loads from, by atomics, and
// which stays until it is dropped.
unsafe impl Send for Reader {}
// SAFETY: as above.
unsafe impl Sync for Reader {}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is kept.
    Kept,
    /// Its publisher has ended and said so.
    Ended,
    /// Its publisher has not updated it for longer than it said it would.
    Stale,
    /// Its publisher stopped in the middle of an update.
    Stuck,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Condition::Kept => "it is kept",
            Condition::Ended => "its keeper has ended",
            Condition::Stale => "its keeper does not update it",
            Condition::Stuck => "its keeper stopped in the middle of an update",
        })
    }
}

/// A clock at one moment, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The page and the counter's value.
    pub frame: Frame,
    /// What the publisher said at its last update. Of one that is [`Condition::Stuck`] it
    /// may be that of two updates, in part.
    pub status: Status,
    /// How the clock stands.
    pub condition: Condition,
    /// Nanoseconds since the last update, by the clock's own monotonic clock.
    pub age_ns: u64,
}

impl Reading {
    /// Returns every clock of this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.frame.into()
    }

    /// Returns the wall clock and the monotonic clock of this moment.
    #[must_use]
    pub fn pair(&self) -> Pair {
        Pair {
            realtime: self.frame.clock(base::REALTIME),
            monotonic: self.frame.clock(base::MONOTONIC),
        }
    }

    /// Returns how far the clock may be from what it follows, in nanoseconds, if its
    /// publisher knew at its last update. It grows with the age.
    #[must_use]
    pub fn bound_ns(&self) -> Option<u64> {
        self.status.bound_at(self.age_ns)
    }
}

/// The counter, and a note of its value.
struct Noted<'a>(&'a Cell<u64>);

impl Counter for Noted<'_> {
    #[inline(always)]
    fn order(&self) {
        Ordered.order();
    }

    #[inline(always)]
    fn read(&self) -> u64 {
        let ticks = Ordered.read();
        self.0.set(ticks);
        ticks
    }
}

impl Reader {
    /// `open(path)` — Maps the clock at `path`, if it can be trusted: a file of this user
    /// or of root that nobody else may write, of this boot of the machine.
    ///
    /// Its publisher need not live any more: then reads tell.
    ///
    /// # Errors
    /// [`Error::is_absent`]; [`Error::File`], [`Error::Page`], [`Error::Refused`] for what
    /// is no clock of ours; [`Error::Kernel`].
    pub fn open(path: &SharedPath) -> Result<Reader, Error> {
        let opened = Descriptor::open(path.as_c_str(), WARY | nr::O_RDONLY);
        Reader::of(&opened.map_err(Error::kernel("open"))?, true)
    }

    /// `open_of(path, owner)` — The same for a file of another user, who is trusted with
    /// the time.
    ///
    /// # Errors
    /// As [`open`](Reader::open).
    ///
    /// ```
    /// use instanter_clock::shared::{Reader, SharedPath};
    /// assert!(Reader::open_of(&SharedPath::of("/no/such/clock")?, 1_000).is_err());
    /// # Ok::<(), instanter_clock::shared::Error>(())
    /// ```
    pub fn open_of(path: &SharedPath, owner: u32) -> Result<Reader, Error> {
        let opened = Descriptor::open(path.as_c_str(), WARY | nr::O_RDONLY);
        let descriptor = opened.map_err(Error::kernel("open"))?;
        match check(&descriptor, true) {
            Err(Error::File(NotOurFile::Owner { owner: found })) if found == owner => {
                Reader::of(&descriptor, false)
            }
            Err(error) => Err(error),
            Ok(_) => Reader::of(&descriptor, true),
        }
    }

    pub(crate) fn of(descriptor: &Descriptor, checked: bool) -> Result<Reader, Error> {
        if checked {
            check_length(check(descriptor, true)?)?;
        } else {
            let file = crate::sys::File::of(descriptor).map_err(Error::kernel("statx"))?;
            if file.mode & 0o022 != 0 {
                return Err(Error::File(NotOurFile::Writable { mode: file.mode }));
            }
            check_length(file.size)?;
        }
        let boot = boot()?;
        let mapping = Mapping::of(descriptor, LENGTH, false).map_err(Error::kernel("mmap"))?;
        // SAFETY: as long as that, kept by the reader, which only loads.
        let words = unsafe { Words::of(&mapping) };
        words.check(boot).map_err(Error::Page)?;
        let page = linux::Reader::new();
        let reader = Reader { page, fresh_ticks: AtomicU64::new(0), words, mapping };
        let reading = reader.reading()?;
        if reading.condition == Condition::Kept {
            reader.adopt(&reading)?;
        }
        Ok(reader)
    }

    /// `pair()` — Returns the wall clock and the monotonic clock, from one look at the
    /// counter: ordered, as [`crate::pair`] is.
    ///
    /// # Errors
    /// [`Error::Gone`] where the clock is not kept any more. A publisher that stopped in the
    /// middle of an update costs a reader some milliseconds each time before it says so.
    #[inline]
    pub fn pair(&self) -> Result<Pair, Error> {
        let counter = Cell::new(0);
        match self.page.pair(Noted(&counter)) {
            Some(pair) if self.is_fresh(counter.get()) => Ok(pair),
            _ => self.careful_pair(),
        }
    }

    /// `monotonic_nanos()` — Returns the monotonic clock in nanoseconds.
    ///
    /// # Errors
    /// As [`pair`](Reader::pair).
    #[inline]
    pub fn monotonic_nanos(&self) -> Result<i64, Error> {
        let counter = Cell::new(0);
        match self.page.nanos(base::MONOTONIC, Noted(&counter)) {
            Some(nanos) if self.is_fresh(counter.get()) => Ok(nanos),
            _ => Ok(self.careful_pair()?.monotonic.as_nanos() as i64),
        }
    }

    /// Whether the last update was not long ago when the counter was read. The origin may
    /// be a later one than the reading's: then the counter is behind it, and the careful
    /// path decides.
    #[inline(always)]
    fn is_fresh(&self, counter: u64) -> bool {
        // SAFETY: a word of the mapped page, aligned, of which nobody makes a reference
        // that is not atomic.
        let origin = unsafe { AtomicU64::from_ptr(self.mapping.start().cast::<u64>().add(1)) };
        let age = counter.wrapping_sub(origin.load(Ordering::Relaxed));
        age <= self.fresh_ticks.load(Ordering::Relaxed)
    }

    #[cold]
    #[inline(never)]
    fn careful_pair(&self) -> Result<Pair, Error> {
        let reading = self.reading()?;
        match reading.condition {
            Condition::Kept => {
                // Another line than the last one's, as a successor may have.
                self.adopt(&reading)?;
                Ok(reading.pair())
            }
            condition => Err(Error::Gone { condition, age_ns: reading.age_ns }),
        }
    }

    /// `reading()` — Returns all that the page says, whether it is kept or not: who wants to
    /// go on with a clock that is not, knows by its age and its bound what that is worth.
    ///
    /// Slower than [`pair`](Reader::pair), and without a system call as well.
    ///
    /// # Errors
    /// [`Error::Gone`] where its publisher was stopped in the middle of its first update.
    pub fn reading(&self) -> Result<Reading, Error> {
        let start = self.mapping.start().cast_const();
        let (frame, status, stuck) = match self.copy() {
            Ok((frame, status)) => (frame, status, false),
            Err(_) => {
                // SAFETY: the second of the two pages that are mapped.
                let frame = unsafe { Frame::read(spare(start), instanter_counter::ordered) };
                let gone = |_| Error::Gone { condition: Condition::Stuck, age_ns: u64::MAX };
                (frame.map_err(gone)?, Status::of(&self.words.load_status()), true)
            }
        };
        let monotonic = frame.clock(base::MONOTONIC).as_nanos();
        let age = monotonic - frame.clock(base::MONOTONIC_COARSE).as_nanos();
        let age_ns = u64::try_from(age.max(0)).unwrap_or(u64::MAX);
        let condition = match status.state {
            _ if stuck => Condition::Stuck,
            State::Ended => Condition::Ended,
            State::Kept if age_ns > status.stale_after_ns => Condition::Stale,
            State::Kept => Condition::Kept,
        };
        Ok(Reading { frame, status, condition, age_ns })
    }

    /// The page and the status of one update.
    fn copy(&self) -> Result<(Frame, Status), Trouble> {
        const TRIES: u32 = 16;
        let mut sequence = 0;
        for _ in 0..TRIES {
            // SAFETY: the first of the two pages that are mapped.
            let frame = unsafe {
                Frame::read(live(self.mapping.start().cast_const()), instanter_counter::ordered)
            }?;
            let words = self.words.load_status();
            fence(Ordering::Acquire);
            // SAFETY: the page's first word, as in `is_fresh`.
            let head = unsafe { AtomicU64::from_ptr(self.mapping.start().cast()) };
            sequence = head.load(Ordering::Relaxed) as u32;
            if sequence == frame.sequence {
                return Ok((frame, Status::of(&words)));
            }
        }
        Err(Trouble::Busy { sequence })
    }

    /// Lets the hot path use the page's line.
    #[cold]
    fn adopt(&self, reading: &Reading) -> Result<(), Error> {
        let line = reading.frame.disciplined.line;
        let span = u128::from(reading.status.stale_after_ns) << line.shift.min(63);
        let ticks = span / u128::from(line.mult.max(1));
        self.fresh_ticks.store(u64::try_from(ticks).unwrap_or(u64::MAX), Ordering::Relaxed);
        let place = live(self.mapping.start().cast_const());
        debug_assert!(core::ptr::eq(place.layout, &raw const LAYOUT));
        // SAFETY: mapped for as long as the reader lives, and always this place.
        match unsafe { trust(&self.page, place, instanter_counter::ordered) } {
            Ok(_) => Ok(()),
            // It changes just now; this reading was good, and the next will see to it.
            Err(linux::Refusal::Trouble(Trouble::Busy { .. } | Trouble::Mode(0))) => Ok(()),
            Err(refusal) => Err(Error::Refused(refusal)),
        }
    }
}
