//! The chain: page, then vDSO, then system call. Everything here is off the hot
//! path, which is [`PAGE`]'s.

use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, Ordering};

use instanter_page::Timespec;
use instanter_page::linux::{Pair, Reader, Snapshot};

use crate::find::{Functions, Survey};
use crate::{Clock, Error, Source, kernel, link, sys};

/// The reader of this process's time page on Linux: the hot path.
///
/// Its reads return `None` until the first call of a function of this crate has
/// proved a page, and whenever a read fails a check; that is when
/// [`pair`](crate::pair) and the others ask the vDSO or the kernel instead. On systems other
/// than Linux they always do; [`pair`](crate::pair) knows the pages of those.
pub static PAGE: Reader = Reader::new();

/// Addresses of the vDSO's functions; null where there are none.
static CLOCK_GETTIME: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());
static CLOCK_GETRES: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Whether the page and the functions were looked for.
static PREPARED: AtomicBool = AtomicBool::new(false);

/// The first link, as set by [`pin`]: zero while nobody has, else a [`Source`].
static PINNED: AtomicU8 = AtomicU8::new(0);

/// The first link that is in force: as pinned, or as the environment says.
static FIRST: AtomicU8 = AtomicU8::new(Source::Page as u8);

/// `prepare()` — Finds and proves the page now rather than at the first read.
///
/// Worth calling before the program enters a sandbox: the search makes a few
/// system calls that a strict one may forbid (`prctl`, `rt_sigprocmask`), the
/// reads that follow make none. Does nothing the second time.
///
/// ```
/// instanter_clock::prepare();
/// ```
#[inline]
pub fn prepare() {
    if !PREPARED.load(Ordering::Acquire) {
        look_around();
    }
}

#[cold]
pub(crate) fn look_around() {
    let survey = Survey::take(&PAGE, pinned());
    if let Ok(functions) = survey.functions {
        let to_ptr = core::ptr::with_exposed_provenance_mut;
        CLOCK_GETTIME.store(to_ptr(functions.clock_gettime), Ordering::Relaxed);
        CLOCK_GETRES.store(to_ptr(functions.clock_getres.unwrap_or(0)), Ordering::Relaxed);
    }
    FIRST.store(survey.first as u8, Ordering::Relaxed);
    link::look_around(&survey);
    PREPARED.store(true, Ordering::Release);
}

/// `pin(source)` — Makes the chain start at `source`, for the whole process: what
/// the environment variable `INSTANTER_SOURCE` does, and stronger.
///
/// [`Source::Page`] is where it starts unless pinned. [`Source::Vdso`] leaves the
/// page alone: for a program that will be checkpointed and restored on another
/// kernel, where the page would be another's. To be called before other threads
/// read the clock: one that is looking for the page just then may still find it. On systems
/// other than Linux every source but the page is the system's own function.
///
/// ```
/// use instanter_clock::{Clock, Source, pin, source};
/// pin(Source::Syscall);
/// assert_eq!(source(Clock::REALTIME), Source::Syscall);
/// pin(Source::Page);
/// ```
pub fn pin(source: Source) {
    PINNED.store(source as u8, Ordering::Relaxed);
    if source != Source::Page {
        link::forget();
    }
    PREPARED.store(false, Ordering::Release);
    prepare();
}

/// Returns the first link that [`pin`] set.
pub(crate) fn pinned() -> Option<Source> {
    match PINNED.load(Ordering::Relaxed) {
        0 => None,
        number => Some(source_of(number)),
    }
}

fn source_of(number: u8) -> Source {
    match number {
        1 => Source::Page,
        2 => Source::Vdso,
        3 => Source::Syscall,
        _ => Source::System,
    }
}

pub(crate) fn first() -> Source {
    source_of(FIRST.load(Ordering::Relaxed))
}

/// Returns the vDSO's `clock_gettime`, if the chain may use it.
pub(crate) fn vdso_gettime() -> Option<usize> {
    let function = CLOCK_GETTIME.load(Ordering::Relaxed).addr();
    (function != 0 && first() != Source::Syscall).then_some(function)
}

/// Reads one clock when the hot path gave no answer.
#[cold]
#[inline(never)]
pub(crate) fn clock(clock: Clock) -> Result<Timespec, Error> {
    prepare();
    link::again(clock).unwrap_or_else(|| without_page(clock))
}

/// Reads the realtime and the monotonic clock when the hot path gave no answer.
#[cold]
#[inline(never)]
pub(crate) fn pair() -> Result<Pair, Error> {
    prepare();
    link::pair_again().unwrap_or_else(|| {
        Ok(Pair {
            realtime: without_page(Clock::REALTIME)?,
            monotonic: without_page(Clock::MONOTONIC)?,
        })
    })
}

/// Reads the monotonic clock in nanoseconds when the hot path gave no answer.
#[cold]
#[inline(never)]
pub(crate) fn monotonic_nanos() -> i64 {
    match clock(Clock::MONOTONIC) {
        // 292 years of uptime fit.
        Ok(time) => time.as_nanos() as i64,
        Err(error) => panic!("no clock answers: {error}"),
    }
}

/// Reads both coarse clocks when the hot path gave no answer.
#[cold]
#[inline(never)]
pub(crate) fn coarse_pair() -> Result<Pair, Error> {
    Ok(Pair {
        realtime: nearest([Clock::REALTIME_COARSE, Clock::REALTIME])?,
        monotonic: nearest([Clock::MONOTONIC_COARSE, Clock::MONOTONIC])?,
    })
}

/// Reads every clock of the page when the hot path gave no answer.
#[cold]
#[inline(never)]
pub(crate) fn snapshot() -> Result<Snapshot, Error> {
    prepare();
    if let Some(snapshot) = link::snapshot_again() {
        return Ok(snapshot);
    }
    // The coarse clocks first: they must not be ahead of the fine ones.
    let coarse = coarse_pair()?;
    Ok(Snapshot {
        realtime_coarse: coarse.realtime,
        monotonic_coarse: coarse.monotonic,
        realtime: without_page(Clock::REALTIME)?,
        monotonic: without_page(Clock::MONOTONIC)?,
        monotonic_raw: nearest([Clock::MONOTONIC_RAW, Clock::MONOTONIC])?,
        boottime: nearest([Clock::BOOTTIME, Clock::MONOTONIC])?,
        tai: nearest([Clock::TAI, Clock::REALTIME])?,
        counter: None,
    })
}

/// Reads the first clock, or, where this is a system that does not have it, the second.
fn nearest([wanted, instead]: [Clock; 2]) -> Result<Timespec, Error> {
    match clock(wanted) {
        Err(error) if !sys::IS_LINUX && error.is_unsupported() => clock(instead),
        outcome => outcome,
    }
}

/// Returns the epoch when the hot path gave no answer, if the page has one.
pub(crate) fn epoch() -> Option<u64> {
    prepare();
    link::epoch_again()
}

/// Returns the vDSO's functions, as the chain uses them.
pub(crate) fn functions() -> Option<Functions> {
    let clock_gettime = CLOCK_GETTIME.load(Ordering::Relaxed).addr();
    let clock_getres = CLOCK_GETRES.load(Ordering::Relaxed).addr();
    (clock_gettime != 0).then_some(Functions {
        image: 0,
        clock_gettime,
        clock_getres: (clock_getres != 0).then_some(clock_getres),
    })
}

/// Reads a clock without the page.
pub(crate) fn without_page(clock: Clock) -> Result<Timespec, Error> {
    kernel::now_through(vdso_gettime(), clock)
}

pub(crate) fn resolution(clock: Clock) -> Result<Timespec, Error> {
    prepare();
    let function = functions().and_then(|found| found.clock_getres);
    kernel::resolution_through(function.filter(|_| first() != Source::Syscall), clock)
}
