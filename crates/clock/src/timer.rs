//! Timers that a program waits for as it waits for files: `timerfd`.
//!
//! A [`TimerFd`] counts a clock and becomes readable when it expires; reading
//! tells how often it has. So one call of `epoll` or `poll` waits for timers,
//! sockets and children alike.
//!
//! It is never inherited across `exec`, and reading never waits:
//! [`wait`](TimerFd::wait) does that.
//!
//! # A stepped wall clock
//!
//! A timer for a time of day expires when the wall clock shows it, also because
//! somebody set the clock. Who computed that time from the clock (the next full
//! hour, say) may want to compute it again after a step:
//! [`Start::AtUnlessStepped`] makes the step an outcome of its own,
//! [`Expiry::ClockStepped`].
//!
//! Linux has these, and other systems do not: there making one is an error that says so
//! ([`Error::is_unsupported`]).
//!
//! With the feature `std` a timer converts to and from `std::os::fd::OwnedFd`.

use instanter_page::Timespec;

use crate::sys::{self, Descriptor, Errno, KernelTimespec, TimerSpec, errno};
use crate::{Clock, DynamicClock, Error};

/// A timer behind a file descriptor, which is closed when this is dropped.
///
/// ```
/// use instanter_clock::timer::{Expiry, Setting, Start, TimerFd};
/// use instanter_clock::{Clock, Timespec};
///
/// let timer = TimerFd::new(Clock::MONOTONIC)?;
/// let ms = |ms: u32| Timespec::new(0, ms * 1_000_000);
/// timer.set(Start::After, Setting { first: ms(2), period: ms(1) })?;
/// let Expiry::Times(times) = timer.wait()? else { unreachable!("nobody steps this clock") };
/// assert!(times >= 1);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[derive(Debug)]
pub struct TimerFd {
    pub(crate) descriptor: Descriptor,
}

/// When a timer expires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// The first time: a length of time or a time of the clock, as [`Start`] says.
    /// Zero stops the timer.
    pub first: Timespec,
    /// Between that and the next, and so on; zero for a timer that expires once.
    pub period: Timespec,
}

/// What a timer's first time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A length of time from now on.
    After,
    /// A time of the clock. One that has passed expires at once.
    At,
    /// A time of the wall clock, and whoever waits is told when that is stepped.
    /// On other clocks, which nobody can step, the same as `At`.
    AtUnlessStepped,
}

/// What a timer has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Not yet, since it was last read or set.
    NotYet,
    /// So many times, at least once.
    Times(u64),
    /// Somebody stepped the wall clock. The timer goes on by the new time; what
    /// it may have expired by before is not counted.
    ClockStepped,
}

impl TimerFd {
    /// `timerfd_create(clock)` — Makes a timer that is not set.
    ///
    /// # Errors
    /// [`Error::is_unsupported`] for a clock other than the wall clock, the
    /// monotonic clock, the boot time and their alarms; [`Error::is_denied`]
    /// without `CAP_WAKE_ALARM` for the latter; where there is no descriptor
    /// left, `EMFILE` or `ENFILE`.
    ///
    /// # References
    /// [`timerfd_create(2)`](https://man7.org/linux/man-pages/man2/timerfd_create.2.html)
    ///
    /// ```
    /// use instanter_clock::{Clock, timer::{Expiry, TimerFd}};
    /// let timer = TimerFd::new(Clock::BOOTTIME)?;
    /// assert_eq!(timer.read()?, Expiry::NotYet);
    /// assert!(TimerFd::new(Clock::MONOTONIC_RAW).unwrap_err().is_unsupported());
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn new(clock: Clock) -> Result<TimerFd, Error> {
        sys::timerfd_create(clock.id())
            .map(|descriptor| TimerFd { descriptor })
            .map_err(|errno| Error::new("timerfd_create", clock, errno))
    }

    /// `timerfd_settime(start, setting)` — Sets the timer and forgets what it
    /// came to before. Returns what was left of the setting before.
    ///
    /// A time before the clock's origin has passed, and expires at once.
    ///
    /// # Errors
    /// [`Error::is_stepped`] where the wall clock was stepped before or
    /// while the timer was set [`AtUnlessStepped`](Start::AtUnlessStepped): it
    /// is set all the same. `EINVAL` for a negative period.
    ///
    /// # References
    /// [`timerfd_settime(2)`](https://man7.org/linux/man-pages/man2/timerfd_settime.2.html)
    ///
    /// ```
    /// use instanter_clock::timer::{Setting, Start, TimerFd};
    /// use instanter_clock::{Clock, Timespec};
    /// let timer = TimerFd::new(Clock::REALTIME)?;
    /// let hour = Setting { first: Timespec::new(3_600, 0), period: Timespec::default() };
    /// timer.set(Start::After, hour)?;
    /// let stop = Setting::default();
    /// assert!(timer.set(Start::After, stop)?.first <= hour.first);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn set(&self, start: Start, setting: Setting) -> Result<Setting, Error> {
        let flags = match start {
            Start::After => 0,
            Start::At => sys::TFD_TIMER_ABSTIME,
            Start::AtUnlessStepped => sys::TFD_TIMER_ABSTIME | sys::TFD_TIMER_CANCEL_ON_SET,
        };
        // Zero would stop the timer instead.
        let origin = Timespec { sec: 0, nsec: 1 };
        let first = if setting.first < Timespec::default() { origin } else { setting.first };
        let spec = TimerSpec { interval: setting.period.into(), value: first.into() };
        sys::timerfd_settime(&self.descriptor, flags, &spec)
            .map(Setting::from)
            .map_err(|errno| self.error("timerfd_settime", errno))
    }

    /// `timerfd_gettime()` — Returns how long it is until the timer expires next
    /// (zero where it is not set, or has expired for good), and its period.
    ///
    /// # Errors
    /// None on Linux.
    ///
    /// # References
    /// [`timerfd_gettime(2)`](https://man7.org/linux/man-pages/man2/timerfd_gettime.2.html)
    ///
    /// ```
    /// use instanter_clock::{Clock, timer::{Setting, TimerFd}};
    /// assert_eq!(TimerFd::new(Clock::MONOTONIC)?.setting()?, Setting::default());
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn setting(&self) -> Result<Setting, Error> {
        sys::timerfd_gettime(&self.descriptor)
            .map(Setting::from)
            .map_err(|errno| self.error("timerfd_gettime", errno))
    }

    /// `read()` — Returns what the timer has come to since it was last read or
    /// set, without waiting.
    ///
    /// # Errors
    /// None, unless somebody has closed the descriptor behind this timer's back.
    ///
    /// ```
    /// use instanter_clock::timer::{Expiry, Setting, Start, TimerFd};
    /// use instanter_clock::{Clock, Timespec};
    /// let timer = TimerFd::new(Clock::MONOTONIC)?;
    /// timer.set(Start::At, Setting { first: Timespec::new(0, 1), ..Setting::default() })?;
    /// assert_eq!(timer.read()?, Expiry::Times(1), "boot was a while ago");
    /// assert_eq!(timer.read()?, Expiry::NotYet);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn read(&self) -> Result<Expiry, Error> {
        let mut times = [0; 8];
        match self.descriptor.read(&mut times) {
            Ok(_) => Ok(Expiry::Times(u64::from_ne_bytes(times))),
            Err(Errno(error)) if error == errno::EAGAIN as i32 => Ok(Expiry::NotYet),
            Err(Errno(error)) if error == errno::ECANCELED as i32 => Ok(Expiry::ClockStepped),
            Err(errno) => Err(self.error("read", errno)),
        }
    }

    /// `wait()` — Waits until the timer expires, or the clock was stepped where
    /// that was asked for; resumed after signals. Never returns
    /// [`Expiry::NotYet`]. A timer that is not set is waited for until another
    /// thread sets it.
    ///
    /// # Errors
    /// Those of [`read`](TimerFd::read), and [`Error::is_denied`] where a sandbox
    /// forbids to wait.
    pub fn wait(&self) -> Result<Expiry, Error> {
        loop {
            match self.read()? {
                Expiry::NotYet => self
                    .descriptor
                    .wait_readable(None)
                    .map_err(|errno| self.error("ppoll", errno))?,
                expiry => return Ok(expiry),
            };
        }
    }

    /// Returns the number of the descriptor, which stays this timer's.
    ///
    /// ```
    /// use instanter_clock::{Clock, timer::TimerFd};
    /// assert!(TimerFd::new(Clock::MONOTONIC)?.number() >= 0);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    #[must_use]
    pub fn number(&self) -> i32 {
        self.descriptor.number()
    }

    fn error(&self, call: &'static str, errno: Errno) -> Error {
        Error::new(call, DynamicClock::from_fd(self.number()).as_clock(), errno)
    }
}

impl From<TimerSpec> for Setting {
    fn from(TimerSpec { interval, value }: TimerSpec) -> Setting {
        Setting { first: value.into(), period: interval.into() }
    }
}

const _: () = assert!(size_of::<TimerSpec>() == 2 * size_of::<KernelTimespec>());
