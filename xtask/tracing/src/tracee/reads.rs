//! Reads of known numbers, from functions with names.

use super::readings::clock;
use std::hint::black_box;

/// So many, and half as many of another clock.
pub fn all(count: u64) {
    monotonic(count);
    realtime(count / 2);
}

#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn monotonic(count: u64) {
    for _ in 0..count {
        black_box(clock(libc::CLOCK_MONOTONIC));
    }
}

#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn realtime(count: u64) {
    for _ in 0..count {
        black_box(clock(libc::CLOCK_REALTIME));
    }
}
