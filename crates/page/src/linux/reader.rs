//! The hot path: one counter read and a handful of loads.

use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};

use instanter_counter::Counter;

use super::{Frame, Layout, Place, Trouble, base};
use crate::Line;
pub(super) use crate::memory::load;
use crate::timespec::{NANOS, Timespec};

/// Realtime and monotonic clock at one moment: one counter read, one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// `CLOCK_REALTIME`: since 1970-01-01 00:00:00 UTC.
    pub realtime: Timespec,
    /// `CLOCK_MONOTONIC`: since boot, without suspended time.
    pub monotonic: Timespec,
}

/// Reads the clocks from a data page that was proved.
///
/// Starts out knowing no page: every read then returns `None`, as it does
/// whenever a check fails. A reader is meant to be a `static`. Its reads take no
/// lock, make no system call and may run in a signal handler, in any number of
/// threads, while another thread proves a page for it.
///
/// ```
/// use instanter_page::linux::Reader;
/// static READER: Reader = Reader::new();
/// assert_eq!(READER.pair(instanter_counter::ordered), None); // nothing proved yet
/// ```
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Reader {
    /// The first record: sequence, clock mode, `cycle_last`.
    head: AtomicPtr<u64>,
    /// Its `mult`, after which `shift` and the bases follow in every layout.
    tail: AtomicPtr<u64>,
    /// What [`EVEN_AND_MODE`] must leave of the first word.
    state: AtomicU64,
    /// Smallest trusted `mult`, and above it `shift`, as one word of the page.
    rate_floor: AtomicU64,
    /// How far `mult` may lie above the smallest.
    rate_span: AtomicU64,
    /// Counts proofs, so that a new one is seen.
    generation: AtomicU64,
    /// `mult` and `shift` of the raw clock, as one word of the page.
    raw_rate: AtomicU64,
    /// Words from the first record to the second; zero while none is known.
    stride: AtomicUsize,
    /// The rest says where the page is; null while none is known.
    layout: AtomicPtr<Layout>,
    start: AtomicPtr<u8>,
    page_size: AtomicUsize,
}

/// Keeps the clock mode and the sequence number's lowest bit. The two are
/// neighbours, so one comparison checks both: even, and the proved mode.
const EVEN_AND_MODE: u64 = 0xffff_ffff_0000_0001;

/// Ticks since the last update that the hot path handles: a second at 2 GHz.
const TICKS_BITS: u32 = 31;

/// No masked word equals it.
const NO_STATE: u64 = u64::MAX;

/// The clock mode of a page that holds a time namespace's offsets.
pub(super) const MODE_NAMESPACE: u32 = 0x7fff_ffff;

/// Where a reader points before a page is proved: an odd sequence number, so
/// that each read gives up at its first check, and no branch is spent on "is
/// there a page".
static NOWHERE: [u64; 96] = [u64::MAX; 96];

const fn nowhere() -> *mut u64 {
    (&raw const NOWHERE).cast_mut().cast()
}

/// Loads the less significant half of a word of a page.
///
/// # Safety
/// As for [`load`].
#[inline(always)]
unsafe fn load_low(word: *const u64) -> u32 {
    let half = word.cast::<u32>().wrapping_add(usize::from(cfg!(target_endian = "big")));
    // SAFETY: as for `load`.
    unsafe { AtomicU32::from_ptr(half.cast_mut()) }.load(Ordering::Relaxed)
}

/// A clock at one counter value: seconds, and the nanoseconds beyond them, which
/// may be more than a second.
type Uncarried = (i64, u64);

/// Rates that are trusted: words of the page, `mult` and above it `shift`, from
/// `floor` on and `span` further.
#[derive(Clone, Copy)]
struct Rates {
    floor: u64,
    span: u64,
}

/// Carries whole seconds out of the nanoseconds. Seldom needed: a base is below a
/// second, and a page rarely older than a tick.
#[inline(always)]
fn carried((sec, nanos): Uncarried) -> Timespec {
    if nanos < NANOS {
        return Timespec { sec, nsec: nanos as u32 };
    }
    core::hint::cold_path();
    Timespec { sec: sec.wrapping_add((nanos / NANOS) as i64), nsec: (nanos % NANOS) as u32 }
}

/// The clock in nanoseconds. 292 years fit.
#[inline(always)]
fn in_nanos((sec, nanos): Uncarried) -> i64 {
    sec.wrapping_mul(NANOS as i64).wrapping_add(nanos as i64)
}

impl Reader {
    /// Makes a reader that knows no page.
    #[must_use]
    pub const fn new() -> Reader {
        Reader {
            head: AtomicPtr::new(nowhere()),
            tail: AtomicPtr::new(nowhere()),
            state: AtomicU64::new(NO_STATE),
            rate_floor: AtomicU64::new(0),
            rate_span: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            raw_rate: AtomicU64::new(0),
            stride: AtomicUsize::new(0),
            layout: AtomicPtr::new(core::ptr::null_mut()),
            start: AtomicPtr::new(core::ptr::null_mut()),
            page_size: AtomicUsize::new(0),
        }
    }

    /// `pair(counter)` — Returns the realtime and the monotonic clock at the
    /// value that `counter` returns.
    ///
    /// `None`: no page is proved, or this read failed a check.
    #[inline(always)]
    pub fn pair(&self, counter: impl Counter) -> Option<Pair> {
        let [realtime, monotonic] = self.clocks([base::REALTIME, base::MONOTONIC], counter)?;
        Some(Pair { realtime, monotonic })
    }

    /// `wall_and_nanos(counter)` — Returns the realtime clock, and the monotonic
    /// clock in nanoseconds, at the value that `counter` returns: [`pair`](Reader::pair)
    /// in the form that is cheapest to keep.
    ///
    /// `None`: no page is proved, or this read failed a check.
    #[inline(always)]
    pub fn wall_and_nanos(&self, counter: impl Counter) -> Option<(Timespec, i64)> {
        let [realtime, monotonic] =
            self.read(0, || self.steered(), [base::REALTIME, base::MONOTONIC], counter)?;
        Some((carried(realtime), in_nanos(monotonic)))
    }

    /// `nanos(index, counter)` — Returns one fine clock of the first record (see
    /// [`base`]) in nanoseconds, at the value that `counter` returns.
    ///
    /// `None`: as for [`clock`](Reader::clock).
    #[inline(always)]
    pub fn nanos(&self, index: usize, counter: impl Counter) -> Option<i64> {
        match index {
            base::REALTIME | base::MONOTONIC | base::BOOTTIME | base::TAI => {
                self.read(0, || self.steered(), [index], counter).map(|[clock]| in_nanos(clock))
            }
            _ => None,
        }
    }

    /// `clock(index, counter)` — Returns one fine clock of the first record
    /// (see [`base`]) at the value that `counter` returns.
    ///
    /// `None`: no page is proved, this read failed a check, or the clock is not
    /// a fine one of the first record.
    #[inline(always)]
    pub fn clock(&self, index: usize, counter: impl Counter) -> Option<Timespec> {
        match index {
            base::REALTIME | base::MONOTONIC | base::BOOTTIME | base::TAI => {
                self.clocks([index], counter).map(|[clock]| clock)
            }
            _ => None,
        }
    }

    /// Returns fine clocks of the first record at one counter value.
    #[inline(always)]
    pub(super) fn clocks<const N: usize>(
        &self,
        clocks: [usize; N],
        counter: impl Counter,
    ) -> Option<[Timespec; N]> {
        self.read(0, || self.steered(), clocks, counter).map(|read| read.map(carried))
    }

    /// Returns the first record, or [`NOWHERE`], and its `mult`.
    #[inline(always)]
    pub(super) fn record(&self) -> (*const u64, *const u64) {
        let head = self.head.load(Ordering::Acquire);
        (head, self.tail.load(Ordering::Relaxed))
    }

    /// `raw(counter)` — Returns the raw monotonic clock, which nothing
    /// disciplines, at the value that `counter` returns.
    ///
    /// `None`: no page is proved, or this read failed a check.
    #[inline(always)]
    pub fn raw(&self, counter: impl Counter) -> Option<Timespec> {
        let stride = self.stride.load(Ordering::Relaxed);
        // Nothing steers it, so its rate is the proved one or wrong.
        let exact = || Rates { floor: self.raw_rate.load(Ordering::Relaxed), span: 0 };
        let [raw] = self.read(stride, exact, [base::MONOTONIC_RAW], counter)?;
        Some(carried(raw))
    }

    /// The rates that the first record may have: NTP steers it.
    #[inline(always)]
    fn steered(&self) -> Rates {
        Rates {
            floor: self.rate_floor.load(Ordering::Relaxed),
            span: self.rate_span.load(Ordering::Relaxed),
        }
    }

    /// The sequence protocol, once: loads, counter, line, and the checks.
    ///
    /// What makes a counter read ordered is done first, then the loads, then the
    /// read: so the loads need not wait for the counter, nor the counter for them,
    /// and what is left behind the counter is a chain of four short instructions.
    /// Should the counter be read before the page moves and the loads see it
    /// moved, the counter is behind the origin, which the careful path answers
    /// with the origin's time: a time within the call.
    #[inline(always)]
    fn read<const N: usize>(
        &self,
        stride: usize,
        rates: impl FnOnce() -> Rates,
        clocks: [usize; N],
        counter: impl Counter,
    ) -> Option<[Uncarried; N]> {
        counter.order();
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed).wrapping_add(stride);
        // SAFETY: `adopt` was promised that both point into readable records, and
        // `NOWHERE` is as long as two. A record has its twelve bases after `tail`;
        // the callers ask for no other.
        let before = unsafe { load(head) };
        // Before the counter, so that where no page serves none is read in vain.
        if before & EVEN_AND_MODE != self.state.load(Ordering::Relaxed) {
            return None;
        }
        fence(Ordering::Acquire);
        // SAFETY: as above.
        let (origin, origin_low, rate, bases) = unsafe {
            let origin = head.add(stride + 1);
            let bases =
                clocks.map(|index| (load(tail.add(1 + 2 * index)), load(tail.add(2 + 2 * index))));
            (load(origin), load_low(origin), load(tail), bases)
        };
        let counter = counter.read();
        fence(Ordering::Acquire);
        // SAFETY: as above.
        let after = unsafe { load(head) };
        // Ticks since the last update of the page: fewer than 2^31, or the careful
        // path takes over. The product stays below 2^63 then, and a base below
        // 2^62, so their sum fits. And 32 bits of the origin are enough: loaded on
        // their own, they spare the chain from the counter to the result the
        // joining of the counter's two halves.
        let ticks = (counter as u32).wrapping_sub(origin_low);
        let elapsed = u64::from(ticks).wrapping_mul(rate & 0xffff_ffff);
        let shift = (rate >> 32) as u32;
        let taken =
            bases.map(|(sec, nsec)| (sec as i64, elapsed.wrapping_add(nsec).wrapping_shr(shift)));
        let rates = rates();
        let trusted = after == before
            && rate.wrapping_sub(rates.floor) <= rates.span
            // Fails too where the counter is behind.
            && counter.wrapping_sub(origin) >> TICKS_BITS == 0;
        if trusted { Some(taken) } else { None }
    }

    /// `coarse_pair()` — Returns both coarse clocks: the values of the last
    /// tick, without a counter read.
    ///
    /// `None`: no page is proved, or this read failed a check.
    #[inline(always)]
    pub fn coarse_pair(&self) -> Option<Pair> {
        self.read_coarse(|tail| {
            // SAFETY: `read_coarse` passes a tail that the bases follow.
            unsafe {
                Pair {
                    realtime: coarse(tail, base::REALTIME_COARSE),
                    monotonic: coarse(tail, base::MONOTONIC_COARSE),
                }
            }
        })
    }

    /// `coarse(index)` — Returns one coarse clock (see [`base`]).
    ///
    /// `None`: no page is proved, this read failed a check, or the clock is not
    /// a coarse one.
    #[inline(always)]
    pub fn coarse(&self, index: usize) -> Option<Timespec> {
        match index {
            base::REALTIME_COARSE | base::MONOTONIC_COARSE => {
                // SAFETY: `read_coarse` passes a tail that the bases follow.
                self.read_coarse(|tail| unsafe { coarse(tail, index) })
            }
            _ => None,
        }
    }

    /// The kernel keeps the coarse clocks in every mode, also where the counter
    /// cannot be read from user space; only a time namespace hides them.
    #[inline(always)]
    fn read_coarse<T>(&self, take: impl FnOnce(*const u64) -> T) -> Option<T> {
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed);
        // SAFETY: as in `read`.
        let before = unsafe { load(head) };
        fence(Ordering::Acquire);
        let taken = take(tail);
        fence(Ordering::Acquire);
        // SAFETY: as in `read`.
        let after = unsafe { load(head) };
        let trusted =
            before & 1 == 0 && before >> 32 != u64::from(MODE_NAMESPACE) && after == before;
        if trusted { Some(taken) } else { None }
    }

    /// `epoch()` — Returns a number that stays the same while the clocks keep
    /// their relation to each other, and changes when one of them was disturbed.
    ///
    /// It is mixed from the distances between the wall, monotonic, boot and TAI
    /// clocks, which the page states exactly, from the line's `shift`, and from
    /// the count of proofs. A step of the wall clock, a leap second, a suspend, a
    /// change of the TAI offset and a new counter each change it; NTP's steering
    /// does not, because it bends all clocks alike.
    ///
    /// `None`: no page is proved, or this read failed a check.
    #[inline(always)]
    pub fn epoch(&self) -> Option<u64> {
        // No counter is needed: the bases all stand at the same origin.
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed);
        // SAFETY: as in `read`.
        let (before, rate) = unsafe { (load(head), load(tail)) };
        fence(Ordering::Acquire);
        let base = |index: usize| {
            // SAFETY: as in `read`.
            unsafe { (load(tail.add(1 + 2 * index)) as i64, load(tail.add(2 + 2 * index))) }
        };
        let mixed = mix_epoch(base, (rate >> 32) as u32, self.generation());
        fence(Ordering::Acquire);
        // SAFETY: as in `read`.
        let after = unsafe { load(head) };
        let trusted =
            before & EVEN_AND_MODE == self.state.load(Ordering::Relaxed) && after == before;
        if trusted { Some(mixed) } else { None }
    }

    /// `fingerprint()` — Returns what the page says now of the kind of its line:
    /// clock mode and shift, without waiting for a quiet moment.
    ///
    /// `None` while no page is known.
    #[must_use]
    pub fn fingerprint(&self) -> Option<u64> {
        self.place()?;
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Relaxed);
        // SAFETY: as in `read`.
        let (state, rate) = unsafe { (load(head), load(tail)) };
        Some((state >> 32) << 32 | rate >> 32)
    }

    /// `is_proved()` — Returns whether the fine clocks may be read.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.state.load(Ordering::Relaxed) != NO_STATE
    }

    /// `has_page()` — Returns whether a page is known, be it for the coarse
    /// clocks only.
    #[must_use]
    pub fn has_page(&self) -> bool {
        !self.layout.load(Ordering::Relaxed).is_null()
    }

    /// `generation()` — Returns how many proofs this reader has seen.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// `frame(counter)` — Returns the whole page, copied under one sequence
    /// number, and the value that `counter` returned meanwhile.
    ///
    /// Slower than the other reads and never in doubt: waits for the kernel to
    /// finish an update, follows a time namespace, and says what is wrong. On
    /// success the fine clocks of the frame are as trustworthy as [`pair`](Reader::pair)'s.
    ///
    /// # Errors
    /// [`Trouble`], for the check that failed.
    pub fn frame(&self, counter: impl Fn() -> u64) -> Result<Frame, Trouble> {
        let frame = self.coarse_frame(counter)?;
        self.check(&frame).map(|()| frame)
    }

    /// Compares a frame with what was proved.
    pub(super) fn check(&self, frame: &Frame) -> Result<(), Trouble> {
        let state = self.state.load(Ordering::Relaxed);
        if state == NO_STATE || u64::from(frame.mode) != state >> 32 {
            return Err(Trouble::Mode(frame.mode));
        }
        let rates = self.steered();
        let (line, raw) = (frame.disciplined.line, frame.raw.line);
        if rate_word(line).wrapping_sub(rates.floor) > rates.span
            || rate_word(raw) != self.raw_rate.load(Ordering::Relaxed)
        {
            return Err(Trouble::Rate { mult: line.mult, shift: line.shift });
        }
        Ok(())
    }

    /// `coarse_frame(counter)` — Returns the whole page as [`frame`](Reader::frame)
    /// does, in whatever clock mode it is. Only its coarse clocks may be trusted.
    ///
    /// # Errors
    /// [`Trouble::NotProved`], [`Trouble::Busy`], [`Trouble::Namespace`].
    pub fn coarse_frame(&self, counter: impl Fn() -> u64) -> Result<Frame, Trouble> {
        let place = self.place().ok_or(Trouble::NotProved)?;
        // SAFETY: `adopt` was promised that the place stays readable.
        unsafe { Frame::read(place, counter) }
    }

    /// `place()` — Returns where the page is that this reader uses.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let layout = self.layout.load(Ordering::Acquire);
        // SAFETY: null, or stored by `adopt` from a `&'static Layout`.
        let layout = unsafe { layout.as_ref() }?;
        Some(Place {
            start: self.start.load(Ordering::Relaxed),
            page_size: self.page_size.load(Ordering::Relaxed),
            layout,
        })
    }

    /// Starts to trust a page: the coarse clocks, and, with a proof of the fine
    /// ones, these as well.
    ///
    /// A thread that reads meanwhile may combine an old bound with a new one.
    /// Each was proved, and bounds guard only against nonsense: the numbers that
    /// make time come from the page, under its sequence number.
    ///
    /// # Safety
    /// The place must stay readable for as long as this reader is used, and a
    /// reader must be given one place only, ever.
    pub(super) unsafe fn adopt(&self, place: Place, fine: Option<&Frame>) {
        if fine.is_none() {
            self.state.store(NO_STATE, Ordering::Relaxed);
        }
        if let Some(frame) = fine {
            let line = frame.disciplined.line;
            let rates = rates_around(line);
            self.rate_floor.store(rates.floor, Ordering::Relaxed);
            self.rate_span.store(rates.span, Ordering::Relaxed);
            self.raw_rate.store(rate_word(frame.raw.line), Ordering::Relaxed);
        }
        self.stride.store(place.layout.stride / size_of::<u64>(), Ordering::Relaxed);
        self.start.store(place.start.cast_mut(), Ordering::Relaxed);
        self.page_size.store(place.page_size, Ordering::Relaxed);
        self.layout.store(core::ptr::from_ref(place.layout).cast_mut(), Ordering::Release);
        let (head, tail) = place.record();
        self.tail.store(tail.cast_mut(), Ordering::Relaxed);
        self.head.store(head.cast_mut(), Ordering::Release);
        if let Some(frame) = fine {
            self.state.store(u64::from(frame.mode) << 32, Ordering::Release);
        }
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// `doubt()` — Stops trusting the fine clocks, until the next proof.
    pub fn doubt(&self) {
        self.state.store(NO_STATE, Ordering::Relaxed);
    }

    /// `forget()` — Stops using the page, until the next proof.
    pub fn forget(&self) {
        self.state.store(NO_STATE, Ordering::Relaxed);
        self.layout.store(core::ptr::null_mut(), Ordering::Relaxed);
        // `tail` stays: a thread that has loaded the old `head` still needs it.
        self.head.store(nowhere(), Ordering::Release);
    }
}

/// The rates that are trusted after one was proved: from this word of the page
/// on, so many further. The shift, in the upper half, must be the same; `mult` may
/// be a 128th (0.78 %) less or more: wide enough for NTP (0.05 %) and most of
/// adjtimex's tick, far too narrow for the rate of another counter.
const fn rates_around(line: Line) -> Rates {
    let slack = (line.mult >> 7) as u64;
    Rates { floor: rate_word(line) - slack, span: 2 * slack }
}

/// `mult` and `shift` as they lie on the page.
const fn rate_word(line: Line) -> u64 {
    (line.shift as u64) << 32 | line.mult as u64
}

impl Default for Reader {
    fn default() -> Self {
        Reader::new()
    }
}

/// # Safety
/// The bases of a record must follow `tail`.
#[inline(always)]
unsafe fn coarse(tail: *const u64, index: usize) -> Timespec {
    // SAFETY: the caller says so.
    let (sec, nsec) = unsafe { (load(tail.add(1 + 2 * index)), load(tail.add(2 + 2 * index))) };
    Timespec { sec: sec as i64, nsec: nsec as u32 }
}

/// The distances between the clocks, the shift and the count of proofs, mixed
/// into one number (see [`Reader::epoch`]).
#[inline(always)]
pub(super) fn mix_epoch(base: impl Fn(usize) -> (i64, u64), shift: u32, generation: u64) -> u64 {
    let second = NANOS.wrapping_shl(shift);
    let total = |index| {
        let (sec, nsec) = base(index);
        (sec as u64).wrapping_mul(second).wrapping_add(nsec)
    };
    let monotonic = total(base::MONOTONIC);
    let mut mixed = u64::from(shift) ^ (generation << 8);
    // Multiply and fold, as SplitMix64 does: a change of any bit of any word
    // almost surely changes the result.
    for index in [base::REALTIME, base::BOOTTIME, base::TAI] {
        let distance = total(index).wrapping_sub(monotonic);
        mixed = (mixed ^ distance).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 31;
    }
    mixed
}
