//! Timers as futures of tokio's.

use std::io;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Expiry, Timer};

/// A [`Timer`] whose ticks are awaited, in tokio's reactor.
///
/// tokio's own timers are rounded up to milliseconds and know the monotonic
/// clock only; this one is as exact as the kernel, on each of its clocks.
///
/// ```
/// use instanter::{AsyncTimer, Duration, Expiry, Timer};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
/// # runtime.block_on(async {
/// let mut timer = AsyncTimer::new(Timer::every(Duration::from_micros(500))?)?;
/// assert!(matches!(timer.tick().await?, Expiry::Times(1..)));
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct AsyncTimer {
    inner: AsyncFd<Timer>,
}

impl AsyncTimer {
    /// Hands a timer to the reactor of the runtime that this is called in.
    ///
    /// # Errors
    /// Where the reactor cannot take another descriptor.
    ///
    /// # Panics
    /// Outside a runtime, or in one without I/O, as all of tokio's do.
    // A timer keeps its descriptor, open, for as long as it lives: all that the
    // newer function, which is unsafe, asks for.
    #[allow(deprecated)]
    pub fn new(timer: Timer) -> io::Result<AsyncTimer> {
        Ok(AsyncTimer { inner: AsyncFd::with_interest(timer, Interest::READABLE)? })
    }

    /// Waits until the timer has come to something. Nothing is lost where the
    /// future is dropped before.
    ///
    /// # Errors
    /// Where the runtime is shut down.
    pub async fn tick(&mut self) -> io::Result<Expiry> {
        loop {
            let mut ready = self.inner.readable().await?;
            match ready.get_inner().try_wait()? {
                Some(expiry) => return Ok(expiry),
                None => ready.clear_ready(),
            }
        }
    }

    /// Returns the timer, to set it anew or ask it.
    ///
    /// ```
    /// use instanter::{AsyncTimer, Duration, Schedule, Timer};
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    /// # runtime.block_on(async {
    /// let timer = AsyncTimer::new(Timer::after(Duration::from_seconds(3_600))?)?;
    /// timer.get_ref().set(Schedule::after(Duration::from_seconds(60)))?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn get_ref(&self) -> &Timer {
        self.inner.get_ref()
    }
}
