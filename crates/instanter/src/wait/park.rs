//! The one place where threads of this crate wait, and where waiting asks what
//! time it is.

use instanter_clock::{Clock, Error, Timespec};

use super::Deadline;
use super::deadline::Scale;
use crate::hook;

/// Sleeps until a moment; resumed after signals.
pub(super) fn until(deadline: Deadline) -> Result<(), Error> {
    if hook::sleep_until(deadline.scale(), deadline.at()) {
        return Ok(());
    }
    deadline.clock().sleep_until(deadline.at())
}

/// Whether waking is exact, as on a test's clock, so that there is nothing to spin for.
#[inline]
pub(super) fn is_exact() -> bool {
    hook::is_in_force()
}

/// Lets a moment pass on the CPU.
#[inline(always)]
pub(super) fn spin() {
    core::hint::spin_loop();
}

/// Returns what time it is on a clock.
#[inline]
pub(super) fn now_on(scale: Scale) -> Timespec {
    match try_now_on(scale) {
        Ok(time) => time,
        Err(error) => panic!("no clock answers: {error}"),
    }
}

/// Returns what time it is on a clock, or why nobody tells it.
#[inline]
pub(super) fn try_now_on(scale: Scale) -> Result<Timespec, Error> {
    if let Some(time) = hook::now_on(scale) {
        return Ok(time);
    }
    match scale {
        Scale::Monotonic => Clock::MONOTONIC.now(),
        Scale::Wall => Clock::REALTIME.now(),
        Scale::Boot => Clock::BOOTTIME.now(),
    }
}

/// Returns how late the kernel may wake this thread on purpose.
pub(super) fn slack_ns() -> i64 {
    // What the kernel gives a thread unless told otherwise.
    const USUAL_NS: i64 = 50_000;
    instanter_clock::timer_slack_ns().map_or(USUAL_NS, |slack| slack.try_into().unwrap_or(i64::MAX))
}
