//! The clocks, for other CPUs to read while one of them ticks.
//!
//! Two ways, by who reads.
//!
//! [`Shared`] is for all but a few: one copy under a sequence number, which is odd
//! while the keeper works. A reader that meets an update starts again. No reader
//! ever sees time go back: the number is odd *before* the keeper reads the counter
//! for its tick, so a reader that used the old line had read its counter by then.
//!
//! [`Latch`] is for readers that may have interrupted the keeper itself (a
//! non-maskable interrupt, a tracer, a crash handler) and would wait for ever. It has
//! two copies; while one is written, readers are sent to the other. The price: while
//! the keeper is between reading the counter and writing the first copy, a reader
//! still uses the old line, beyond the counter value where the new one begins. If
//! the new one is slower, the next reading may be earlier: by the time between the
//! two, times the change of the slope. Steering by 500 ppm, an update that takes
//! 10 µs costs 5 ns.
//!
//! Pages ([`Writer`](instanter_page::linux::Writer)) are `Shared`'s protocol in a
//! layout that other programs know.

mod latch;
mod memory;
#[cfg(all(test, target_pointer_width = "64", not(target_arch = "powerpc64")))]
mod model;
mod sequence;

use core::fmt;
use core::sync::atomic::AtomicU64;

use instanter_counter::Counter;
use instanter_page::Timespec;

use self::latch::LatchCell;
use self::memory::Machine;
use self::sequence::SequenceCell;
use crate::Timekeeper;
use crate::clocks::{Clock, Clocks, WORDS};

/// The clocks, for any number of CPUs to read while one ticks them.
///
/// Meant to be a `static`. Before the first update every clock stands at zero.
///
/// ```
/// use instanter_keeper::{Clock, ClockSource, Frequency, Shared, Timekeeper, Timespec};
/// static CLOCKS: Shared = Shared::new();
/// let counter = || 1_000; // in a kernel: instanter_counter::Ordered
///
/// let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
/// let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
/// CLOCKS.update(&mut keeper, |keeper| keeper.tick(counter()));
///
/// assert_eq!(CLOCKS.nanos(Clock::Monotonic, || 1_024), 1_024);
/// let moment = CLOCKS.moment(|| 2_000); // several clocks, one counter value
/// let between = moment.nanos(Clock::Realtime) - moment.nanos(Clock::Monotonic);
/// assert_eq!(between, 1_700_000_000_000_000_000);
/// ```
pub struct Shared {
    cell: SequenceCell<Machine, WORDS>,
}

/// The clocks, and the counter's value while they stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The clocks.
    pub clocks: Clocks,
    /// The counter.
    pub counter: u64,
}

impl Moment {
    /// `time(clock)` — Returns a clock at this moment.
    #[inline]
    #[must_use]
    pub fn time(&self, clock: Clock) -> Timespec {
        self.clocks.time(clock, self.counter)
    }

    /// `nanos(clock)` — Returns a clock at this moment in nanoseconds.
    #[inline]
    #[must_use]
    pub fn nanos(&self, clock: Clock) -> i64 {
        self.clocks.nanos(clock, self.counter)
    }
}

impl Shared {
    /// Makes one whose clocks stand at zero.
    #[must_use]
    pub const fn new() -> Shared {
        let sequence = AtomicU64::new(0);
        Shared { cell: SequenceCell { sequence, words: [const { AtomicU64::new(0) }; WORDS] } }
    }

    /// `update(keeper, change)` — Lets `change` do something with the keeper, and
    /// shows what came of it.
    ///
    /// Readers wait meanwhile. The counter must be read within `change`, not before
    /// it; and nothing that can interrupt it on this CPU may read this (see
    /// [`Latch`] for those that may). One keeper, one writer: two threads that update
    /// at once mix their clocks. Should `change` panic, readers go on with what was
    /// shown last.
    pub fn update<R>(
        &self,
        keeper: &mut Timekeeper,
        change: impl FnOnce(&mut Timekeeper) -> R,
    ) -> R {
        self.cell.write(|| {
            let result = change(keeper);
            (keeper.clocks().to_words(), result)
        })
    }

    /// `moment(counter)` — Returns the clocks and the counter's value, of one
    /// moment.
    #[inline]
    pub fn moment(&self, counter: impl Counter) -> Moment {
        loop {
            let read = || {
                counter.order();
                counter.read()
            };
            if let Some((words, counter)) = self.cell.try_read(read) {
                return Moment { clocks: Clocks::from_words(words), counter };
            }
            core::hint::spin_loop();
        }
    }

    /// `clocks()` — Returns the clocks, without a counter: for the coarse ones.
    #[inline]
    pub fn clocks(&self) -> Clocks {
        self.moment(|| 0).clocks
    }

    /// `time(clock, counter)` — Returns a clock now.
    #[inline]
    pub fn time(&self, clock: Clock, counter: impl Counter) -> Timespec {
        self.moment(counter).time(clock)
    }

    /// `nanos(clock, counter)` — Returns a clock now, in nanoseconds.
    #[inline]
    pub fn nanos(&self, clock: Clock, counter: impl Counter) -> i64 {
        self.moment(counter).nanos(clock)
    }
}

impl Default for Shared {
    fn default() -> Self {
        Shared::new()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("sequence", &self.cell.sequence).finish_non_exhaustive()
    }
}

/// The clocks, for readers that may have interrupted the keeper.
///
/// ```
/// use instanter_keeper::{Clock, ClockSource, Frequency, Latch, Timekeeper, Timespec};
/// static FAST: Latch = Latch::new();
/// let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
/// let keeper = Timekeeper::new(source, 0, Timespec::default());
/// FAST.update(&keeper);
/// assert_eq!(FAST.nanos(Clock::Monotonic, || 7), 7);
/// ```
pub struct Latch {
    cell: LatchCell<Machine, WORDS>,
}

impl Latch {
    /// Makes one whose clocks stand at zero.
    #[must_use]
    pub const fn new() -> Latch {
        let copies = [const { [const { AtomicU64::new(0) }; WORDS] }; 2];
        Latch { cell: LatchCell { sequence: AtomicU64::new(0), copies } }
    }

    /// `update(keeper)` — Shows a keeper's clocks from now on. One writer at a time.
    pub fn update(&self, keeper: &Timekeeper) {
        self.cell.write(keeper.clocks().to_words());
    }

    /// `clocks()` — Returns the clocks. Never waits for a writer that it
    /// interrupted.
    #[inline]
    pub fn clocks(&self) -> Clocks {
        loop {
            if let Some(words) = self.cell.try_read() {
                return Clocks::from_words(words);
            }
        }
    }

    /// `time(clock, counter)` — Returns a clock now.
    #[inline]
    pub fn time(&self, clock: Clock, counter: impl Counter) -> Timespec {
        let clocks = self.clocks();
        counter.order();
        clocks.time(clock, counter.read())
    }

    /// `nanos(clock, counter)` — Returns a clock now, in nanoseconds.
    #[inline]
    pub fn nanos(&self, clock: Clock, counter: impl Counter) -> i64 {
        let clocks = self.clocks();
        counter.order();
        clocks.nanos(clock, counter.read())
    }
}

impl Default for Latch {
    fn default() -> Self {
        Latch::new()
    }
}

impl fmt::Debug for Latch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch").field("sequence", &self.cell.sequence).finish_non_exhaustive()
    }
}
