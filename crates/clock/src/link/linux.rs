//! Linux: the page before the vDSO.

#[path = "afresh.rs"]
mod afresh;

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use instanter_counter::{Counter, Ordered};
use instanter_page::Timespec;
use instanter_page::linux::{Behind, Frame, Mode, Pair, Snapshot, Trouble, base, prove};

use crate::find::{NoPage, Oracle, Survey, Verdict};
use crate::source::WhyNot;
use crate::{Clock, Error, PAGE, chain, kernel};

/// The reader of the page behind [`PAGE`]'s in a time namespace.
static BEHIND: Behind = Behind::new();

/// The kind of line (see [`Reader::fingerprint`](instanter_page::linux::Reader::fingerprint))
/// whose fine clocks were refused.
static REFUSED: AtomicU64 = AtomicU64::new(NOTHING_REFUSED);
const NOTHING_REFUSED: u64 = u64::MAX;

/// Whether a page was there and refused, which a disturbance may have caused.
static WORTH_ANOTHER_LOOK: AtomicBool = AtomicBool::new(false);

#[inline(always)]
pub(crate) fn pair(counter: impl Counter) -> Option<Pair> {
    PAGE.pair(counter)
}

#[inline(always)]
pub(crate) fn monotonic_nanos(counter: impl Counter) -> Option<i64> {
    PAGE.nanos(base::MONOTONIC, counter)
}

#[inline(always)]
pub(crate) fn clock(clock: Clock, counter: impl Counter) -> Option<Timespec> {
    let index = clock.id() as usize;
    match index {
        base::REALTIME | base::MONOTONIC | base::BOOTTIME | base::TAI => PAGE.clock(index, counter),
        base::MONOTONIC_RAW => PAGE.raw(counter),
        base::REALTIME_COARSE | base::MONOTONIC_COARSE => PAGE.coarse(index),
        _ => None,
    }
}

#[inline(always)]
pub(crate) fn coarse_pair() -> Option<Pair> {
    PAGE.coarse_pair()
}

#[inline(always)]
pub(crate) fn snapshot(counter: impl Counter) -> Option<Snapshot> {
    PAGE.snapshot(counter)
}

#[inline(always)]
pub(crate) fn epoch() -> Option<u64> {
    PAGE.epoch()
}

/// What [`look_around`] does after the vDSO and the page were looked for.
pub(crate) fn look_around(survey: &Survey) {
    if let (false, Some(kind)) = (PAGE.is_proved(), kind_of_line()) {
        REFUSED.store(kind, Ordering::Relaxed);
    }
    WORTH_ANOTHER_LOOK.store(survey.page == Err(NoPage::Refused), Ordering::Relaxed);
}

pub(crate) fn forget() {
    PAGE.forget();
}

/// Returns the index of a clock on the page, if the page has it.
fn page_index(clock: Clock) -> Option<usize> {
    kernel::is_on_page(clock).then_some(clock.id() as usize)
}

/// Copies the page for reading `clock` from it. The coarse clocks may be read in
/// any clock mode.
fn frame_for(clock: Clock) -> Result<Frame, Trouble> {
    if [Clock::REALTIME_COARSE, Clock::MONOTONIC_COARSE].contains(&clock) {
        PAGE.coarse_frame(instanter_counter::ordered)
    } else {
        frame()
    }
}

/// Reads one clock when the hot path gave no answer. `None`: whoever is asked without
/// the page is to be asked.
pub(crate) fn again(clock: Clock) -> Option<Result<Timespec, Error>> {
    let index = page_index(clock)?;
    if let Some(time) = BEHIND.clock(&PAGE, index, Ordered) {
        return Some(Ok(time));
    }
    match frame_for(clock) {
        Ok(frame) => Some(Ok(frame.clock(index))),
        // The vDSO would wait for the same update.
        Err(Trouble::Busy { .. }) => Some(kernel::through_syscall(clock)),
        Err(_) => None,
    }
}

/// As [`again`], the realtime and the monotonic clock.
pub(crate) fn pair_again() -> Option<Result<Pair, Error>> {
    if let Some(pair) = BEHIND.pair(&PAGE, Ordered) {
        return Some(Ok(pair));
    }
    match frame() {
        Ok(frame) => Some(Ok(Pair {
            realtime: frame.clock(base::REALTIME),
            monotonic: frame.clock(base::MONOTONIC),
        })),
        Err(Trouble::Busy { .. }) => Some(pair_of_the_kernel()),
        Err(_) => None,
    }
}

fn pair_of_the_kernel() -> Result<Pair, Error> {
    Ok(Pair {
        realtime: kernel::through_syscall(Clock::REALTIME)?,
        monotonic: kernel::through_syscall(Clock::MONOTONIC)?,
    })
}

/// As [`again`], every clock of the page.
pub(crate) fn snapshot_again() -> Option<Snapshot> {
    BEHIND.snapshot(&PAGE, Ordered).or_else(|| frame().ok().map(Snapshot::from))
}

/// As [`again`], the epoch.
pub(crate) fn epoch_again() -> Option<u64> {
    if let Some(epoch) = PAGE.epoch().or_else(|| BEHIND.epoch(&PAGE)) {
        return Some(epoch);
    }
    let frame = frame().ok()?;
    // In a namespace the reader behind counts proofs of its own.
    BEHIND.epoch(&PAGE).or_else(|| Some(frame.epoch(PAGE.generation())))
}

/// Reads a clock from the page and from nowhere else.
pub(crate) fn via_page(clock: Clock) -> Option<Timespec> {
    let index = page_index(clock)?;
    frame_for(clock).ok().map(|frame| frame.clock(index))
}

/// Returns the kind of line that is on the page, or behind it.
fn kind_of_line() -> Option<u64> {
    BEHIND.fingerprint(&PAGE).or_else(|| PAGE.fingerprint())
}

/// Copies the page for reading any clock from it and, where its line is no longer the proved one, proves it
/// again.
fn frame() -> Result<Frame, Trouble> {
    let Some(kind) = kind_of_line() else {
        if WORTH_ANOTHER_LOOK.load(Ordering::Relaxed) {
            look_afresh_now_and_then();
        }
        return Err(Trouble::NotProved);
    };
    if !PAGE.is_proved() && kind == REFUSED.load(Ordering::Relaxed) {
        look_afresh_now_and_then();
        return Err(Trouble::Mode((kind >> 32) as u32));
    }
    let outcome = match PAGE.frame(instanter_counter::ordered) {
        Err(Trouble::Mode(_) | Trouble::Rate { .. }) if prove_again(kind) => {
            PAGE.frame(instanter_counter::ordered)
        }
        outcome => outcome,
    };
    if let Ok(frame) = &outcome {
        BEHIND.trust(&PAGE, frame);
    }
    outcome
}

fn look_afresh_now_and_then() {
    if afresh::is_time() {
        REFUSED.store(NOTHING_REFUSED, Ordering::Relaxed);
        if WORTH_ANOTHER_LOOK.load(Ordering::Relaxed) {
            chain::look_around();
        }
    }
}

/// Returns whether the fine clocks are proved now.
fn prove_again(kind: u64) -> bool {
    let Some(place) = PAGE.place() else { return false };
    let oracle = Oracle { functions: chain::functions() };
    // SAFETY: the place that the reader has been using, which stays mapped.
    let proved = unsafe {
        prove(
            &PAGE,
            place,
            instanter_counter::ordered,
            |clock| oracle.now(clock),
            oracle.resolution(),
        )
    };
    let fine = proved.is_ok_and(|proof| proof.fine);
    if !fine {
        PAGE.doubt();
        REFUSED.store(kind, Ordering::Relaxed);
    }
    fine
}

/// Says why the page does not serve a clock that it has, if it does not.
pub(crate) fn why_not(clock: Clock) -> Option<WhyNot> {
    if frame_for(clock).is_ok() {
        return None;
    }
    if let Some(place) = PAGE.place() {
        let kind = kind_of_line().unwrap_or(0);
        let mode = Mode::of((kind >> 32) as u32, place.layout.cpu);
        if matches!(mode, Mode::Unreadable | Mode::Hypervisor(_)) {
            return Some(WhyNot::Mode(mode));
        }
    }
    let survey = crate::survey();
    match survey.page {
        Ok(proof) if !proof.fine => Some(WhyNot::Mode(proof.mode)),
        Ok(_) => Some(WhyNot::Trouble(Trouble::NotProved)),
        Err(NoPage::Refused) => {
            // The refusal of the candidate that came furthest.
            let refusal = survey.candidates().find_map(|candidate| match candidate.verdict {
                Verdict::Refused(refusal) => Some(refusal),
                _ => None,
            });
            Some(refusal.map_or(WhyNot::NoPage(NoPage::Refused), WhyNot::Refused))
        }
        Err(why) => Some(WhyNot::NoPage(why)),
    }
}
