//! Timers among files: what `epoll` and its like can wait for.

use std::io;

use instanter_clock::timer::{self, Setting, Start, TimerFd};
use instanter_clock::{Clock, Timespec};

use super::Deadline;
use crate::{Duration, hook};

/// When a [`Timer`] expires.
///
/// ```
/// use instanter::{Deadline, Duration, Schedule, now};
/// let once = Schedule::after(Duration::from_seconds(1));
/// let often = Schedule::after(Duration::from_seconds(1)).every(Duration::from_millis(20));
/// let alarm = Schedule::at(Deadline::wall(now()) + Duration::from_seconds(60)).or_step();
/// # let _ = (once, often, alarm);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    first: Deadline,
    period: Duration,
    or_step: bool,
}

impl Schedule {
    /// Once, at a moment; at once if that has passed.
    ///
    /// ```
    /// use instanter::{Duration, Schedule, now};
    /// let soon = Schedule::at(now() + Duration::from_seconds(1));
    /// # let _ = soon;
    /// ```
    #[must_use]
    pub fn at(deadline: impl Into<Deadline>) -> Schedule {
        Schedule { first: deadline.into(), period: Duration::ZERO, or_step: false }
    }

    /// Once, after a length of time on the monotonic clock.
    ///
    /// ```
    /// use instanter::{Duration, Schedule};
    /// let soon = Schedule::after(Duration::from_seconds(1));
    /// # let _ = soon;
    /// ```
    #[must_use]
    pub fn after(length: Duration) -> Schedule {
        Schedule::at(Deadline::after(length))
    }

    /// And then again each `period`, on the beat. No period, or a negative one:
    /// once.
    ///
    /// ```
    /// use instanter::{Duration, Expiry, Schedule, Timer};
    /// let period = Duration::from_millis(1);
    /// let timer = Timer::new(Schedule::after(period).every(period))?;
    /// assert!(matches!(timer.wait()?, Expiry::Times(1..)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn every(self, period: Duration) -> Schedule {
        Schedule { period: period.max(Duration::ZERO), ..self }
    }

    /// And also when somebody steps the wall clock, which is then told as
    /// [`Expiry::ClockStepped`]: for who computed the moment from that clock and
    /// wants to do it again. Of meaning on the wall clock only.
    ///
    /// ```
    /// use instanter::{Deadline, Duration, Schedule, now};
    /// let alarm = Deadline::wall(now() + Duration::from_hours(8));
    /// let schedule = Schedule::at(alarm).or_step();
    /// # let _ = schedule;
    /// ```
    #[must_use]
    pub fn or_step(self) -> Schedule {
        Schedule { or_step: true, ..self }
    }

    fn start(self) -> (Start, Setting) {
        let start = if self.or_step { Start::AtUnlessStepped } else { Start::At };
        // To the kernel, zero means never.
        let first = self.first.at().max(Timespec { sec: 0, nsec: 1 });
        let period = Timespec::from_nanos(self.period.as_nanos().into());
        (start, Setting { first, period })
    }
}

/// What a [`Timer`] has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It expired, so many times since it was last asked.
    Times(u64),
    /// Somebody stepped the wall clock. The timer goes on by the new time.
    ClockStepped,
}

/// A timer that is waited for as a file is: readable once it has expired.
///
/// For [`sleep`](crate::sleep) and [`Ticker`](crate::Ticker) a thread waits for
/// time alone. A `Timer` goes into `epoll`, `poll` or `select` beside sockets (it
/// is `AsFd`), and with the feature `tokio` becomes an
#[cfg_attr(feature = "tokio", doc = "[`AsyncTimer`](crate::AsyncTimer).")]
#[cfg_attr(not(feature = "tokio"), doc = "`AsyncTimer`.")]
/// The kernel counts: no thread runs for it. The descriptor is closed when this
/// is dropped and is not inherited across `exec`.
///
/// Linux has such timers. On other systems making one is an error of the kind
/// [`Unsupported`](io::ErrorKind::Unsupported), and a [`Ticker`](crate::Ticker) in a thread
/// does the work.
///
/// ```
/// use instanter::{Duration, Expiry, Timer};
///
/// let timer = Timer::every(Duration::from_millis(1))?;
/// assert!(matches!(timer.wait()?, Expiry::Times(1..)));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Timer {
    pub(super) inner: TimerFd,
    clock: Clock,
}

impl Timer {
    /// `timerfd_create`, `timerfd_settime` — Makes a timer on the clock of the
    /// schedule's first moment, and starts it.
    ///
    /// # Errors
    /// Where the process has no descriptor left, or a sandbox forbids timers.
    ///
    /// ```
    /// use instanter::{Deadline, Duration, Expiry, Schedule, Time, Timer};
    /// let long_ago = Timer::new(Schedule::at(Time::UNIX_EPOCH))?;
    /// assert_eq!(long_ago.try_wait()?, Some(Expiry::Times(1)));
    /// assert_eq!(long_ago.try_wait()?, None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(schedule: Schedule) -> io::Result<Timer> {
        let clock = schedule.first.clock();
        let timer = Timer { inner: TimerFd::new(clock)?, clock };
        timer.set(schedule)?;
        Ok(timer)
    }

    /// Makes a timer that expires once, after a length of time on the monotonic
    /// clock.
    ///
    /// # Errors
    /// Those of [`new`](Timer::new).
    ///
    /// ```
    /// use instanter::{Duration, Expiry, Timer};
    /// let timer = Timer::after(Duration::from_millis(1))?;
    /// assert_eq!(timer.wait()?, Expiry::Times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn after(length: Duration) -> io::Result<Timer> {
        Timer::new(Schedule::after(length))
    }

    /// Makes a timer that expires once, at a moment.
    ///
    /// # Errors
    /// Those of [`new`](Timer::new).
    ///
    /// ```
    /// use instanter::{Duration, Expiry, Timer, now};
    /// let timer = Timer::at(now() + Duration::from_millis(1))?;
    /// assert_eq!(timer.wait()?, Expiry::Times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn at(deadline: impl Into<Deadline>) -> io::Result<Timer> {
        Timer::new(Schedule::at(deadline))
    }

    /// Makes a timer that expires each `period` on the monotonic clock.
    ///
    /// # Errors
    /// Those of [`new`](Timer::new).
    ///
    /// ```
    /// use instanter::{Duration, Timer};
    /// let timer = Timer::every(Duration::from_seconds(1))?;
    /// assert!(timer.left()?.is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn every(period: Duration) -> io::Result<Timer> {
        Timer::new(Schedule::after(period).every(period))
    }

    /// `timerfd_settime` — Starts the timer anew, and forgets what it came to
    /// before.
    ///
    /// A wall clock that was stepped before a schedule with
    /// [`or_step`](Schedule::or_step) started is told at the next wait, as one that
    /// is stepped later is.
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a schedule on another
    /// clock than the timer's.
    ///
    /// ```
    /// use instanter::{Duration, Expiry, Schedule, Timer};
    /// let timer = Timer::after(Duration::from_seconds(3_600))?;
    /// timer.set(Schedule::after(Duration::from_millis(1)))?;
    /// assert_eq!(timer.wait()?, Expiry::Times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set(&self, schedule: Schedule) -> io::Result<()> {
        if hook::is_in_force() {
            let what = "the kernel's timers do not follow a test's clock";
            return Err(io::Error::new(io::ErrorKind::Unsupported, what));
        }
        let wanted = schedule.first.clock();
        if wanted != self.clock {
            let text = format!("the timer counts {}, the schedule {wanted}", self.clock);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let (start, setting) = schedule.start();
        match self.inner.set(start, setting) {
            Ok(_) => Ok(()),
            // The step was told, and the timer set.
            Err(error) if error.is_stepped() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Stops the timer: it does not expire until it is set again.
    ///
    /// # Errors
    /// None on Linux.
    ///
    /// ```
    /// use instanter::{Duration, Timer};
    /// let timer = Timer::every(Duration::from_nanos(100))?;
    /// timer.stop()?;
    /// assert_eq!((timer.left()?, timer.try_wait()?), (None, None));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&self) -> io::Result<()> {
        self.inner.set(Start::After, Setting::default())?;
        Ok(())
    }

    /// `timerfd_gettime` — Returns how long it is until the timer expires next;
    /// `None` where it is stopped, or has expired for good.
    ///
    /// # Errors
    /// None on Linux.
    ///
    /// ```
    /// use instanter::{Duration, Timer};
    /// let left = Timer::after(Duration::from_seconds(3_600))?.left()?;
    /// assert!(left.is_some_and(|left| left <= Duration::from_seconds(3_600)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.inner.setting()?.first;
        Ok((left != Timespec::default()).then(|| Duration::saturating_from_nanos(left.as_nanos())))
    }

    /// `read` — Returns what the timer has come to since it was last asked or set,
    /// without waiting: `None` for nothing.
    ///
    /// # Errors
    /// None, unless somebody has closed the descriptor behind this timer's back.
    ///
    /// ```
    /// use instanter::{Duration, Timer};
    /// assert_eq!(Timer::after(Duration::from_seconds(60))?.try_wait()?, None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_wait(&self) -> io::Result<Option<Expiry>> {
        Ok(match self.inner.read()? {
            timer::Expiry::NotYet => None,
            timer::Expiry::Times(times) => Some(Expiry::Times(times)),
            timer::Expiry::ClockStepped => Some(Expiry::ClockStepped),
        })
    }

    /// `ppoll`, `read` — Waits until the timer has come to something, resumed
    /// after signals.
    ///
    /// # Errors
    /// Where a sandbox forbids to wait.
    ///
    /// ```
    /// use instanter::{Duration, Expiry, Timer};
    /// assert_eq!(Timer::after(Duration::from_micros(10))?.wait()?, Expiry::Times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn wait(&self) -> io::Result<Expiry> {
        Ok(match self.inner.wait()? {
            timer::Expiry::ClockStepped => Expiry::ClockStepped,
            timer::Expiry::Times(times) => Expiry::Times(times),
            timer::Expiry::NotYet => Expiry::Times(0),
        })
    }

    /// Returns the clock that it counts.
    ///
    /// ```
    /// use instanter::{Deadline, Timer, now};
    /// let timer = Timer::at(Deadline::wall(now()))?;
    /// assert_eq!(timer.clock().name(), Some("CLOCK_REALTIME"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }
}
