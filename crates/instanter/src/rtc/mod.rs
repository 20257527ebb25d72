//! The hardware clock: read, compared with the system's, set from it, and it
//! from there.
//!
//! The *hardware clock* (RTC) is the one that a battery keeps going while the
//! machine is off. When the machine starts, the kernel sets the *system clock*, the
//! one that [`now`](crate::now) reads, from it; from then on they go their ways.
//! [`Rtc::hctosys`] and [`Rtc::systohc`] do what `hwclock` does under these names,
//! and [`Rtc::drift`] tells how far they are apart.
//!
//! # To the second and better
//!
//! A hardware clock shows whole seconds. What it has beyond is the *moment* at
//! which they change: so it is read on the edge of a second, which takes up to one,
//! by its update interrupt or, where it has none, by looking again and again. In the
//! same way it is set at the right moment: most clocks start a new second when they
//! are set, so they are set on the edge of the system clock's second; that of PCs
//! (`rtc_cmos`) begins its next second half a second after it was set, so it is set
//! half a second late. (With processors of AMD's, Linux sets that clock without
//! restarting its second: its seconds then begin when they began before, up to half
//! a second off, whoever sets it and when. [`Rtc::drift`] tells.)
//!
//! # Whose time it shows
//!
//! It shows a date and a time of day, and not where: UTC, or local time on machines
//! that share it with a system which wants that ([`Reckoning`]). The third line of
//! `/etc/adjtime` says which; `Adjtime` reads and writes it.
//!
//! # What it does not do
//!
//! It does not compute with the drift that `hwclock --adjust` keeps in
//! `/etc/adjtime` (it keeps those lines as they are), nor does it tell the kernel
//! the local zone, which some file systems want to know at boot.

#[cfg(feature = "std")]
mod adjtime;
mod error;
mod hardware;
#[cfg(feature = "std")]
mod open;
mod reckoning;

#[cfg(feature = "std")]
pub use adjtime::Adjtime;
pub use error::Error;
pub use hardware::{Device, Edge, Hardware};
pub use instanter_clock::rtc::RtcTime;
#[cfg(feature = "std")]
pub use open::{Found, Sysfs};
pub use reckoning::Reckoning;

use instanter_clock::{Adjustment, Clock, Timespec};

use crate::wait::{Deadline, sleep_precise_until};
use crate::{Duration, Time};

/// A hardware clock, and whose time it shows.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use instanter::rtc::Rtc;
/// match Rtc::open() {
///     Ok(mut clock) => println!("{:?}", clock.read()),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Rtc<H> {
    hardware: H,
    reckoning: Reckoning,
}

/// How far a hardware clock is from the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// When a second of the hardware clock began, by the system clock.
    pub at: Time,
    /// What the hardware clock showed from that moment on.
    pub shows: RtcTime,
    /// The same as a moment.
    pub means: Time,
    /// How much the hardware clock is ahead of the system's; negative where it
    /// is behind.
    pub ahead: Duration,
}

/// How a hardware clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    /// What it was set to.
    pub to: RtcTime,
    /// How long after the right moment it took the time.
    pub late: Duration,
}

impl<H: Hardware> Rtc<H> {
    /// Takes any clock, be it a real one or a test's.
    ///
    /// ```
    /// use instanter::rtc::{Error, Hardware, Reckoning, Rtc, RtcTime};
    ///
    /// struct Stopped;
    ///
    /// impl Hardware for Stopped {
    ///     fn read(&mut self) -> Result<RtcTime, Error> {
    ///         Ok(RtcTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    ///     }
    ///     fn set(&mut self, _: RtcTime) -> Result<(), Error> {
    ///         Err(Error::ReadOnly)
    ///     }
    /// }
    ///
    /// let mut clock = Rtc::with(Stopped, Reckoning::Utc);
    /// assert_eq!(clock.read()?.unix_seconds(), 946_684_800);
    /// assert_eq!(clock.systohc(), Err(Error::ReadOnly));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn with(hardware: H, reckoning: Reckoning) -> Rtc<H> {
        Rtc { hardware, reckoning }
    }

    /// Returns the clock with another understanding of what it shows.
    ///
    /// ```
    /// # use instanter::rtc::{Error, Hardware, Reckoning, Rtc, RtcTime};
    /// # struct Stopped;
    /// # impl Hardware for Stopped {
    /// #     fn read(&mut self) -> Result<RtcTime, Error> {
    /// #         Ok(RtcTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    /// #     }
    /// #     fn set(&mut self, _: RtcTime) -> Result<(), Error> {
    /// #         Err(Error::ReadOnly)
    /// #     }
    /// # }
    /// let clock = Rtc::with(Stopped, Reckoning::Utc).reckoned(Reckoning::Utc);
    /// assert_eq!(clock.reckoning(), Reckoning::Utc);
    /// ```
    #[must_use]
    pub fn reckoned(self, reckoning: Reckoning) -> Rtc<H> {
        Rtc { reckoning, ..self }
    }

    /// Returns whose time it shows.
    ///
    /// ```
    /// # use instanter::rtc::{Error, Hardware, Reckoning, Rtc, RtcTime};
    /// # struct Stopped;
    /// # impl Hardware for Stopped {
    /// #     fn read(&mut self) -> Result<RtcTime, Error> {
    /// #         Ok(RtcTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    /// #     }
    /// #     fn set(&mut self, _: RtcTime) -> Result<(), Error> {
    /// #         Err(Error::ReadOnly)
    /// #     }
    /// # }
    /// assert_eq!(Rtc::with(Stopped, Reckoning::Utc).reckoning(), Reckoning::Utc);
    /// ```
    #[must_use]
    pub fn reckoning(&self) -> Reckoning {
        self.reckoning
    }

    /// Returns the clock itself.
    ///
    /// ```
    /// # use instanter::rtc::{Error, Hardware, Reckoning, Rtc, RtcTime};
    /// # struct Stopped;
    /// # impl Hardware for Stopped {
    /// #     fn read(&mut self) -> Result<RtcTime, Error> {
    /// #         Ok(RtcTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    /// #     }
    /// #     fn set(&mut self, _: RtcTime) -> Result<(), Error> {
    /// #         Err(Error::ReadOnly)
    /// #     }
    /// # }
    /// let mut clock = Rtc::with(Stopped, Reckoning::Utc);
    /// assert_eq!(clock.hardware().read()?.year, 2000);
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn hardware(&mut self) -> &mut H {
        &mut self.hardware
    }

    /// Returns the moment that the clock shows: the second that began last.
    ///
    /// # Errors
    /// [`Error::NotADate`] where it shows none, as after its battery was empty.
    ///
    /// ```
    /// # use instanter::rtc::{Error, Hardware, Reckoning, Rtc, RtcTime};
    /// # struct Stopped;
    /// # impl Hardware for Stopped {
    /// #     fn read(&mut self) -> Result<RtcTime, Error> {
    /// #         Ok(RtcTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    /// #     }
    /// #     fn set(&mut self, _: RtcTime) -> Result<(), Error> {
    /// #         Err(Error::ReadOnly)
    /// #     }
    /// # }
    /// let time = Rtc::with(Stopped, Reckoning::Utc).read()?;
    /// assert_eq!(time.to_string(), "2000-01-01T00:00:00Z");
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn read(&mut self) -> Result<Time, Error> {
        let shows = self.hardware.read()?;
        Ok(Time::from_unix(self.reckoning.unix_seconds(shows)?, 0))
    }

    /// Waits for the clock's next second, up to one, and returns how far it is from
    /// the system clock.
    ///
    /// # Errors
    /// Those of [`read`](Rtc::read), and [`Error::Stopped`] where no second comes.
    ///
    /// ```
    /// use instanter::rtc::Rtc;
    /// if let Ok(mut clock) = Rtc::open() {
    ///     println!("{:?}", clock.drift());
    /// }
    /// ```
    pub fn drift(&mut self) -> Result<Drift, Error> {
        let Edge { at, shows } = self.hardware.wait_for_edge()?;
        let means = Time::from_unix(self.reckoning.unix_seconds(shows)?, 0);
        // On the wall clock: `means` has no other reading.
        Ok(Drift { at, shows, means, ahead: means.since(at) })
    }

    /// Sets the hardware clock from the system clock, at the moment at which its
    /// seconds come to begin with the system's. Takes up to a second or two.
    ///
    /// # Errors
    /// [`Error::is_denied`] without `CAP_SYS_TIME`; [`Error::TooBusy`] where the
    /// machine is too busy to do it on time; [`Error::OutOfRange`] where the system
    /// clock shows a year that hardware clocks do not have.
    ///
    /// ```
    /// # use instanter::rtc::{Error, Hardware, Reckoning, Rtc, RtcTime};
    /// # struct Stopped;
    /// # impl Hardware for Stopped {
    /// #     fn read(&mut self) -> Result<RtcTime, Error> {
    /// #         Ok(RtcTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
    /// #     }
    /// #     fn set(&mut self, _: RtcTime) -> Result<(), Error> {
    /// #         Err(Error::ReadOnly)
    /// #     }
    /// # }
    /// assert_eq!(Rtc::with(Stopped, Reckoning::Utc).systohc(), Err(Error::ReadOnly));
    /// ```
    pub fn systohc(&mut self) -> Result<Set, Error> {
        // As `hwclock`: on time to the millisecond, and where the machine does not
        // manage, at the next second with half as high a demand.
        const TRIES: u32 = 9;
        let delay = self.hardware.set_delay();
        for attempt in 0..TRIES {
            let tolerance = Duration::from_millis(1 << attempt);
            let (second, due) = next_second(crate::now(), delay);
            let to = self.reckoning.shows(second)?;
            if sleep_precise_until(due).late <= tolerance {
                self.hardware.set(to)?;
                return Ok(Set { to, late: Duration::ZERO - due.left() });
            }
        }
        Err(Error::TooBusy)
    }

    /// Sets the system clock from the hardware clock, read on the edge of its
    /// second, which takes up to one. Returns how far the two were apart: by so
    /// much the system clock was stepped.
    ///
    /// # Errors
    /// Those of [`drift`](Rtc::drift); [`Error::is_denied`] without
    /// `CAP_SYS_TIME`.
    ///
    /// ```no_run
    /// use instanter::rtc::Rtc;
    /// println!("stepped by {}", Rtc::open()?.hctosys()?.ahead);
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn hctosys(&mut self) -> Result<Drift, Error> {
        let drift = self.drift()?;
        // The kernel adds it to whatever the time is by then, so nothing is lost
        // between reading and setting.
        let by = Timespec::from_nanos(drift.means.unix_nanos() - drift.at.unix_nanos());
        Clock::REALTIME.adjust(Adjustment::new().step(by)).map_err(Error::Kernel)?;
        Ok(drift)
    }
}

/// Returns the next second that a clock can be set to, and when that must be
/// done: `delay` after it began.
fn next_second(now: Time, delay: Duration) -> (i64, Deadline) {
    let now_ns = now.unix_nanos() - i128::from(delay.as_nanos());
    let second = Timespec::from_nanos(now_ns).sec.saturating_add(1);
    (second, Deadline::wall(Time::from_unix(second, 0)) + delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_to_set() {
        const HALF: i64 = 500_000_000;
        // Now, delay, the second, and when.
        let table = [
            (0, 0, 1, 1_000_000_000),
            (999_999_999, 0, 1, 1_000_000_000),
            (0, HALF, 0, 500_000_000),
            (499_999_999, HALF, 0, 500_000_000),
            (500_000_000, HALF, 1, 1_500_000_000),
            (1_700_000_000_700_000_000, HALF, 1_700_000_001, 1_700_000_001_500_000_000),
            (-1, 0, 0, 0),
        ];
        for (now_ns, delay_ns, second, when_ns) in table {
            let (got, due) =
                next_second(Time::from_unix_nanos(now_ns), Duration::from_nanos(delay_ns));
            assert_eq!(
                (got, due.at().as_nanos()),
                (second, when_ns),
                "now {now_ns}, delay {delay_ns}"
            );
        }
    }
}
