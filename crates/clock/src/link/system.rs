//! A system other than Linux whose page is read: see [`systems`](crate::systems).

#[path = "afresh.rs"]
mod afresh;

use instanter_counter::{Counter, Ordered};
use instanter_page::Timespec;
use instanter_page::linux::{Pair, Snapshot};
use instanter_page::proof::Disagreement;

use crate::find::{NoPage, Survey};
use crate::source::WhyNot;
use crate::sys::page::{Page, find};
use crate::systems::{Known, Page as _, compare, index_of};
use crate::{Clock, Error, Source, chain, kernel};

/// The page of this process.
static KNOWN: Known<Page> = Known::new();

#[inline(always)]
pub(crate) fn pair(counter: impl Counter) -> Option<Pair> {
    KNOWN.pair(counter)
}

#[inline(always)]
pub(crate) fn monotonic_nanos(counter: impl Counter) -> Option<i64> {
    // 292 years of uptime fit.
    KNOWN.clock(Clock::MONOTONIC, counter).map(|time| time.as_nanos() as i64)
}

#[inline(always)]
pub(crate) fn clock(clock: Clock, counter: impl Counter) -> Option<Timespec> {
    KNOWN.clock(clock, counter)
}

#[inline(always)]
pub(crate) fn coarse_pair() -> Option<Pair> {
    KNOWN.coarse_pair()
}

#[inline(always)]
pub(crate) fn snapshot(counter: impl Counter) -> Option<Snapshot> {
    KNOWN.snapshot(counter)
}

#[inline(always)]
pub(crate) fn epoch() -> Option<u64> {
    KNOWN.epoch()
}

/// Finds and proves the page, unless it is not to be used.
pub(crate) fn look_around(survey: &Survey) {
    if survey.first == Source::Page {
        prove();
    }
}

fn prove() {
    if let Ok(place) = find() {
        // SAFETY: `find` says that it is this system's page, which stays mapped; the same
        // each time.
        unsafe { KNOWN.prove(place, instanter_counter::ordered, ask) };
    }
}

/// The system's own answer.
fn ask(clock: Clock) -> Option<Timespec> {
    kernel::through_syscall(clock).ok()
}

pub(crate) fn forget() {
    KNOWN.forget();
}

/// Reads one clock when the hot path gave no answer. `None`: the system is to be asked.
pub(crate) fn again(clock: Clock) -> Option<Result<Timespec, Error>> {
    index_of::<Page>(clock)?;
    look_again();
    KNOWN.clock(clock, Ordered).map(Ok)
}

/// As [`again`], the realtime and the monotonic clock.
pub(crate) fn pair_again() -> Option<Result<Pair, Error>> {
    look_again();
    KNOWN.pair(Ordered).map(Ok)
}

/// As [`again`], every clock of the page.
pub(crate) fn snapshot_again() -> Option<Snapshot> {
    look_again();
    KNOWN.snapshot(Ordered)
}

/// As [`again`], the epoch.
pub(crate) fn epoch_again() -> Option<u64> {
    look_again();
    KNOWN.epoch()
}

/// Proves a page again that counts otherwise now, and every so often one that was refused, or
/// that was switched off.
fn look_again() {
    if chain::first() == Source::Page && (KNOWN.is_in_doubt() || afresh::is_time()) {
        prove();
    }
}

/// Reads a clock from the page and from nowhere else.
pub(crate) fn via_page(clock: Clock) -> Option<Timespec> {
    KNOWN.clock(clock, Ordered)
}

/// Says why the page does not serve a clock that it has, if it does not.
pub(crate) fn why_not(clock: Clock) -> Option<WhyNot> {
    if KNOWN.clock(clock, Ordered).is_some() {
        return None;
    }
    let place = match find() {
        Ok(place) => place,
        Err(why) => return Some(WhyNot::NoPage(why)),
    };
    // SAFETY: as in `prove`.
    let page = unsafe { Page::at(place) };
    let findings = compare(page, instanter_counter::ordered, ask);
    let index = index_of::<Page>(clock)?;
    Some(match findings.clocks[index] {
        Err(Disagreement::Page(why)) => WhyNot::Unreadable(why),
        Err(Disagreement::Outside(outside)) => WhyNot::Outside(outside),
        Err(Disagreement::NoAnswer { .. }) => WhyNot::NotThere,
        // It agrees now.
        Ok(()) => WhyNot::NoPage(NoPage::Refused),
    })
}
