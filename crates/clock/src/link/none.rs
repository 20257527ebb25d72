//! A system whose page is not read: none has ever been proved.

use instanter_counter::Counter;
use instanter_page::Timespec;
use instanter_page::linux::{Pair, Snapshot};

use crate::find::Survey;
use crate::source::WhyNot;
use crate::{Clock, Error};

#[inline(always)]
pub(crate) fn pair(_: impl Counter) -> Option<Pair> {
    None
}

#[inline(always)]
pub(crate) fn monotonic_nanos(_: impl Counter) -> Option<i64> {
    None
}

#[inline(always)]
pub(crate) fn clock(_: Clock, _: impl Counter) -> Option<Timespec> {
    None
}

#[inline(always)]
pub(crate) fn coarse_pair() -> Option<Pair> {
    None
}

#[inline(always)]
pub(crate) fn snapshot(_: impl Counter) -> Option<Snapshot> {
    None
}

#[inline(always)]
pub(crate) fn epoch() -> Option<u64> {
    None
}

pub(crate) fn look_around(_: &Survey) {}

pub(crate) fn forget() {}

pub(crate) fn again(_: Clock) -> Option<Result<Timespec, Error>> {
    None
}

pub(crate) fn pair_again() -> Option<Result<Pair, Error>> {
    None
}

pub(crate) fn snapshot_again() -> Option<Snapshot> {
    None
}

pub(crate) fn epoch_again() -> Option<u64> {
    None
}

pub(crate) fn via_page(_: Clock) -> Option<Timespec> {
    None
}

pub(crate) fn why_not(_: Clock) -> Option<WhyNot> {
    Some(WhyNot::OtherSystem)
}
