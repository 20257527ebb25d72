//! Sleeping until a clock shows a time.
//!
//! A program that sleeps for a length of time, is woken by a signal and sleeps
//! for the rest sleeps too long: the time between the kernel's last look at its
//! clock and the next call is counted twice, once a signal. A sleep *until* a
//! time has no such error, however often it is resumed. So
//! [`Clock::sleep_until`] is the call to use, and [`sleep`] turns its length into
//! a time on the monotonic clock before it sleeps; [`Clock::nanosleep`] is the
//! kernel's other call, for who wants to be woken by signals.
//!
//! Which clock matters when somebody disturbs time. A sleep until a time of day
//! ([`Clock::REALTIME`]) ends when the clock shows it, also because somebody set
//! it: the kernel looks again after each step. One on [`Clock::MONOTONIC`] stands
//! still while the machine is suspended, one on [`Clock::BOOTTIME`] goes on and
//! is over when the machine wakes up late.
//!
//! The kernel never wakes a sleeper early, and may be late: by the time that the
//! machine needs to schedule it, and by the thread's *timer slack*
//! ([`timer_slack_ns`]; 50 µs unless changed), within which it gathers wake-ups.

use instanter_page::Timespec;

use crate::sys::errno::EINTR;
use crate::sys::{self, Errno};
use crate::{Clock, Error};

/// How a sleep ended that a signal may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// It was slept out.
    Complete,
    /// A signal was handled.
    Interrupted {
        /// What was left of the sleep.
        rest: Timespec,
    },
}

/// `sleep(length)` — Sleeps for a length of time on the monotonic clock: resumed
/// after signals, and not a nanosecond longer for them.
///
/// No length, or a negative one, is over at once. One that ends beyond the end
/// of the kernel's time, in 292 years, is that long.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids it.
///
/// ```
/// use instanter_clock::{Clock, Timespec, sleep};
/// let before = Clock::MONOTONIC.now()?;
/// sleep(Timespec::new(0, 2_000_000))?;
/// assert!(Clock::MONOTONIC.now()?.as_nanos() - before.as_nanos() >= 2_000_000);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
pub fn sleep(length: Timespec) -> Result<(), Error> {
    if length <= Timespec::default() {
        return Ok(());
    }
    Clock::MONOTONIC.sleep_until(Clock::MONOTONIC.now()?.shifted_by(length))
}

/// `timer_slack_ns()` — Returns how much later than asked for the kernel may wake
/// this thread, in nanoseconds, to do so together with others. 50,000 unless
/// somebody changed it; 0 for threads that are scheduled in real time.
///
/// # Errors
/// [`Error::is_denied`] where a sandbox forbids to ask.
///
/// # References
/// [`PR_GET_TIMERSLACK(2const)`](https://man7.org/linux/man-pages/man2/PR_SET_TIMERSLACK.2const.html)
///
/// ```
/// println!("up to {} ns late", instanter_clock::timer_slack_ns()?);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
pub fn timer_slack_ns() -> Result<u64, Error> {
    sys::timer_slack_ns()
        .map_err(|errno| Error::new("prctl(PR_GET_TIMERSLACK)", Clock::MONOTONIC, errno))
}

impl Clock {
    /// `sleep_until(time)` — Sleeps until this clock shows `time`, resumed after
    /// signals. A time that has passed is over at once.
    ///
    /// The wall clock may be stepped meanwhile: the sleep ends when the clock
    /// shows `time`, however it came to.
    ///
    /// # Errors
    /// [`Error::is_unsupported`] for a clock that cannot be slept on (the raw and
    /// the coarse ones, a thread's own CPU time), [`Error::is_denied`] where a
    /// sandbox forbids it, and without `CAP_WAKE_ALARM` for an alarm clock.
    ///
    /// # References
    /// [`clock_nanosleep(2)`](https://man7.org/linux/man-pages/man2/clock_nanosleep.2.html)
    ///
    /// ```
    /// use instanter_clock::{Clock, Timespec};
    /// let soon = Clock::BOOTTIME.now()?.shifted_by(Timespec::new(0, 1_000_000));
    /// Clock::BOOTTIME.sleep_until(soon)?;
    /// assert!(Clock::BOOTTIME.now()? >= soon);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn sleep_until(self, time: Timespec) -> Result<(), Error> {
        loop {
            match self.asleep(true, time, &mut Timespec::default()) {
                Err(Errno(errno)) if errno == EINTR as i32 => {}
                outcome => return outcome.map_err(|errno| self.sleepless(errno)),
            }
        }
    }

    /// `nanosleep_until(time)` — Sleeps until this clock shows `time`, or a signal
    /// has been handled.
    ///
    /// # Errors
    /// Those of [`sleep_until`](Clock::sleep_until), and of reading the clock
    /// after a signal.
    ///
    /// ```
    /// use instanter_clock::{Clock, Sleep, Timespec};
    /// let long_ago = Timespec::new(1, 0);
    /// assert_eq!(Clock::REALTIME.nanosleep_until(long_ago)?, Sleep::Complete);
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn nanosleep_until(self, time: Timespec) -> Result<Sleep, Error> {
        match self.asleep(true, time, &mut Timespec::default()) {
            Ok(()) => Ok(Sleep::Complete),
            Err(Errno(errno)) if errno == EINTR as i32 => {
                let rest = Timespec::from_nanos(time.as_nanos() - self.now()?.as_nanos());
                Ok(Sleep::Interrupted { rest: rest.max(Timespec::default()) })
            }
            Err(errno) => Err(self.sleepless(errno)),
        }
    }

    /// `nanosleep(length)` — Sleeps for a length of time of this clock, or until a
    /// signal has been handled.
    ///
    /// A length of the wall clock's is one of the monotonic clock's: the kernel
    /// lets no step change it.
    ///
    /// # Errors
    /// Those of [`sleep_until`](Clock::sleep_until).
    ///
    /// ```
    /// use instanter_clock::{Clock, Sleep, Timespec};
    /// let mut rest = Timespec::new(0, 1_000_000);
    /// // Each signal makes this a little longer: see `sleep`, which does not.
    /// while let Sleep::Interrupted { rest: left } = Clock::MONOTONIC.nanosleep(rest)? {
    ///     rest = left;
    /// }
    /// # Ok::<(), instanter_clock::Error>(())
    /// ```
    pub fn nanosleep(self, length: Timespec) -> Result<Sleep, Error> {
        let mut rest = Timespec::default();
        match self.asleep(false, length, &mut rest) {
            Ok(()) => Ok(Sleep::Complete),
            Err(Errno(errno)) if errno == EINTR as i32 => Ok(Sleep::Interrupted { rest }),
            Err(errno) => Err(self.sleepless(errno)),
        }
    }

    /// The kernel refuses what is before its clocks' origins; for a sleep it is as
    /// good as the origin.
    fn asleep(self, absolute: bool, time: Timespec, rest: &mut Timespec) -> Result<(), Errno> {
        sys::clock_nanosleep(self.id(), absolute, time.max(Timespec::default()), rest)
    }

    fn sleepless(self, errno: Errno) -> Error {
        Error::new("clock_nanosleep", self, errno)
    }
}
