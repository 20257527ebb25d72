//! The links of Linux' chain, one after the other.

use instanter_clock::{Clock, Source};
use instanter_measure::{Subject, keep, subject};
use nix::time::{ClockId, clock_gettime};

use super::keep_one;

/// Reads a clock through the C library, which calls the vDSO.
#[inline(always)]
pub(crate) fn vdso_call(clock: ClockId) -> u64 {
    clock_gettime(clock).map_or(0, |time| keep((time.tv_sec(), time.tv_nsec())))
}

/// Both clocks through the C library: two calls, two moments.
#[inline(always)]
pub(crate) fn vdso_pair() -> u64 {
    vdso_call(ClockId::CLOCK_REALTIME) + vdso_call(ClockId::CLOCK_MONOTONIC)
}

/// Both clocks by system call: two calls, two moments.
pub(crate) fn syscall_pair() -> u64 {
    let read = |clock| keep_one(instanter_clock::via(Source::Syscall, clock).ok_or(()));
    read(Clock::REALTIME) + read(Clock::MONOTONIC)
}

/// The same pair by two calls of the vDSO.
pub(crate) fn pair_vdso() -> Subject<'static> {
    subject!("wall + monotonic, two vDSO calls", vdso_pair())
}

pub(super) const ARE_LINUX: bool = true;

/// What is measured beside our own readings.
pub(super) fn in_line() -> Vec<Subject<'static>> {
    vec![pair_vdso()]
}

/// What is measured after them.
pub(super) fn apart() -> Vec<Subject<'static>> {
    vec![subject!("wall + monotonic, two system calls", syscall_pair())]
}
