//! Waiting: for a length of time, until a moment, again and again.
//!
//! # Until when, on which clock
//!
//! A [`Deadline`] is a moment on one of three clocks, and the clock decides what
//! happens when time is disturbed:
//!
//! | clock | somebody steps the wall clock | the machine is suspended |
//! |---|---|---|
//! | monotonic | nothing | the wait stands still meanwhile |
//! | wall | the wait ends when the clock shows the moment, at once if it was stepped past it | is over on waking up, if the moment has passed |
//! | boot | nothing | is over on waking up, if the moment has passed |
//!
//! A [`Time`](crate::Time) that was read from the clocks waits on the monotonic
//! one, one that was made from a date on the wall clock: as everywhere, what
//! measures uses the monotonic reading where there is one. [`Deadline`]'s
//! constructors say otherwise.
//!
//! # Never early, and never later for being disturbed
//!
//! Every wait is for a moment, also [`sleep`]'s: it adds its length to the clock
//! once. So a signal that wakes the thread does not lengthen the wait, and a
//! [`Ticker`]'s thousandth tick is due a thousand periods after its start, to the
//! nanosecond. How *late* a thread wakes up is the machine's matter: some 50 µs
//! on Linux, where the kernel gathers wake-ups, and more where the CPUs are busy.
//! [`sleep_precise`] buys most of that back by spending CPU time.

mod deadline;
mod park;
mod precise;
mod ticker;
#[cfg(feature = "std")]
mod timer;
#[cfg(all(feature = "std", any(target_os = "linux", target_os = "android")))]
mod timer_descriptor;
#[cfg(all(feature = "tokio", any(target_os = "linux", target_os = "android")))]
mod timer_tokio;

pub use deadline::Deadline;
pub(crate) use deadline::Scale;
pub use precise::{Woken, sleep_precise, sleep_precise_until, try_sleep_precise_until};
pub use ticker::{Missed, Tick, Ticker};
#[cfg(feature = "std")]
pub use timer::{Expiry, Schedule, Timer};
#[cfg(all(feature = "tokio", any(target_os = "linux", target_os = "android")))]
pub use timer_tokio::AsyncTimer;

use instanter_clock::Error;

use crate::Duration;

/// `sleep(length)` — Sleeps for a length of time on the monotonic clock. Signals
/// do not lengthen it; no length, or a negative one, is over at once.
///
/// # Panics
/// Where a sandbox forbids to sleep; [`try_sleep_until`] returns the error
/// instead.
///
/// ```
/// use instanter::{Duration, now, sleep};
/// let start = now();
/// sleep(Duration::from_millis(2));
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// ```
pub fn sleep(length: Duration) {
    if length > Duration::ZERO {
        sleep_until(Deadline::after(length));
    }
}

/// `sleep_until(deadline)` — Sleeps until a moment, resumed after signals. One
/// that has passed is over at once.
///
/// # Panics
/// As [`sleep`] does.
///
/// ```
/// use instanter::{Deadline, Duration, Time, now, sleep_until};
///
/// let frame = Deadline::from(now()) + Duration::from_millis(2);
/// // … what must be done by then …
/// sleep_until(frame);
/// assert!(frame.has_passed());
///
/// // A moment of the wall clock, which somebody may set meanwhile.
/// sleep_until(Time::from_unix(1_000_000_000, 0));
/// ```
pub fn sleep_until(deadline: impl Into<Deadline>) {
    if let Err(error) = try_sleep_until(deadline) {
        panic!("cannot sleep: {error}");
    }
}

/// `try_sleep_until(deadline)` — Sleeps until a moment as [`sleep_until`] does, or
/// says why it cannot.
///
/// # Errors
/// [`clock::Error`](Error) where a sandbox forbids to sleep.
///
/// ```
/// use instanter::{Deadline, Duration, try_sleep_until};
/// try_sleep_until(Deadline::after(Duration::from_micros(10)))?;
/// # Ok::<(), instanter::clock::Error>(())
/// ```
pub fn try_sleep_until(deadline: impl Into<Deadline>) -> Result<(), Error> {
    park::until(deadline.into())
}
