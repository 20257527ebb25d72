//! Suspend and resume: the monotonic clock stops, boot time does not.
//!
//! How long a machine slept is measured by whoever was awake: the counter itself
//! where it counts through suspend, else the persistent clock, a battery-backed one
//! that resolves a second at worst. With so coarse a clock each suspend would be
//! off by up to a second, in the same direction if firmware always wakes at a
//! second's edge. So the distance between wall clock and persistent clock is
//! remembered from one suspend to the next: as long as it changes by less than two
//! seconds, nobody has set either, and the change, which is the error of the last
//! measurement, is added to the next.

use instanter_page::Timespec;

use super::Timekeeper;
use super::change::LATEST_SEC;
use crate::Error;
use crate::phase::NANOS;

/// What is known from before a suspend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// The persistent clock, corrected.
    persistent: Option<Timespec>,
}

/// The wall clock minus the persistent one, at the last suspend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Persistent {
    distance_ns: i128,
}

/// A distance that changes by this much was changed by somebody.
const SET_BY_SOMEBODY_NS: u128 = 2 * NANOS as u128;

/// Who measured a sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasuredBy {
    /// The counter, which went on.
    Counter,
    /// The persistent clock.
    PersistentClock,
    /// Nobody: tell it with [`Timekeeper::inject_sleep`] when it is known.
    Nobody,
}

/// How long a machine slept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sleep {
    /// How long: zero where nobody knows.
    pub length: Timespec,
    /// Who knows.
    pub measured_by: MeasuredBy,
}

impl Timekeeper {
    /// `suspend(counter, persistent)` — Stops the clocks. `persistent` is what a
    /// clock shows that goes on while the machine sleeps, if there is one.
    ///
    /// # Errors
    /// [`Error::Suspended`]: it is already.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// keeper.suspend(10, None)?;
    /// let clocks = keeper.clocks();
    /// assert_eq!(clocks.time(Clock::Boottime, 10), clocks.time(Clock::Boottime, 999));
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn suspend(&mut self, counter: u64, persistent: Option<Timespec>) -> Result<(), Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        self.accumulate(counter);
        let corrected = persistent.map(|now| self.correct_persistent(now));
        self.suspended = Some(Before { persistent: corrected });
        Ok(())
    }

    /// The persistent clock, moved by how much the last sleep was measured wrongly.
    fn correct_persistent(&mut self, now: Timespec) -> Timespec {
        let distance_ns = self.realtime().floor().as_nanos() - now.as_nanos();
        match self.persistent {
            Some(last) if (distance_ns - last.distance_ns).unsigned_abs() < SET_BY_SOMEBODY_NS => {
                // The distance that is remembered stays, and the error with it
                // until it is made good.
                Timespec::from_nanos(now.as_nanos() + distance_ns - last.distance_ns)
            }
            _ => {
                self.persistent = Some(Persistent { distance_ns });
                now
            }
        }
    }

    /// `resume(counter, persistent)` — Lets the clocks go on, at the counter's value
    /// now: the monotonic ones from where they stood, boot time, wall clock and TAI
    /// later by the length of the sleep.
    ///
    /// # Errors
    /// [`Error::NotSuspended`].
    ///
    /// ```
    /// use instanter_keeper::{
    ///     Clock, ClockSource, Frequency, MeasuredBy, Timekeeper, Timespec,
    /// };
    /// let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_000, 0));
    /// keeper.suspend(7_000, Some(Timespec::new(2_000, 0)))?;
    /// // The counter was reset by the firmware; an hour has passed.
    /// let sleep = keeper.resume(12, Some(Timespec::new(5_600, 0)))?;
    /// assert_eq!(sleep.measured_by, MeasuredBy::PersistentClock);
    /// let clocks = keeper.clocks();
    /// assert_eq!(clocks.coarse(Clock::Monotonic), Timespec::new(7, 0));
    /// assert_eq!(clocks.coarse(Clock::Boottime), Timespec::new(3_607, 0));
    /// assert_eq!(clocks.coarse(Clock::Realtime), Timespec::new(4_607, 0));
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn resume(&mut self, counter: u64, persistent: Option<Timespec>) -> Result<Sleep, Error> {
        let before = self.suspended.take().ok_or(Error::NotSuspended)?;
        let sleep = self.measure_sleep(before, counter, persistent);
        self.origin = counter & self.source.mask();
        // A persistent clock that shows the end of time measured nothing.
        if self.pass_sleep(sleep.length).is_err() {
            return Ok(Sleep { length: Timespec::default(), measured_by: MeasuredBy::Nobody });
        }
        Ok(sleep)
    }

    fn measure_sleep(&self, before: Before, counter: u64, persistent: Option<Timespec>) -> Sleep {
        if self.source.flags().counts_in_suspend {
            let ticks = self.source.ticks_between(self.origin, counter);
            if ticks > 0 {
                let length = Timespec::from_nanos(i128::from(self.source.ns_of_ticks(ticks)));
                return Sleep { length, measured_by: MeasuredBy::Counter };
            }
        }
        if let (Some(before), Some(after)) = (before.persistent, persistent)
            && after > before
        {
            let length = Timespec::from_nanos(after.as_nanos() - before.as_nanos());
            return Sleep { length, measured_by: MeasuredBy::PersistentClock };
        }
        Sleep { length: Timespec::default(), measured_by: MeasuredBy::Nobody }
    }

    /// `inject_sleep(counter, length)` — Tells how long the machine slept, where
    /// that was not known at [`resume`](Timekeeper::resume): the clock that knows it
    /// may take longer to wake up.
    ///
    /// # Errors
    /// [`Error::Negative`], [`Error::Range`] where the wall clock would stand after
    /// 2232, [`Error::Suspended`].
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// keeper.inject_sleep(10, Timespec::new(60, 0))?;
    /// assert_eq!(keeper.clocks().seconds(Clock::Boottime), 60);
    /// assert_eq!(keeper.clocks().seconds(Clock::Monotonic), 0);
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn inject_sleep(&mut self, counter: u64, length: Timespec) -> Result<(), Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        if length < Timespec::default() {
            return Err(Error::Negative { length });
        }
        self.accumulate(counter);
        self.pass_sleep(length)
    }

    fn pass_sleep(&mut self, length: Timespec) -> Result<(), Error> {
        if length == Timespec::default() {
            return Ok(());
        }
        let realtime = self.realtime().floor().shifted_by(length);
        if realtime.sec > LATEST_SEC {
            return Err(Error::Range { realtime });
        }
        self.move_wall_clock(length);
        self.offsets.boottime = self.offsets.boottime.shifted_by(length);
        self.offsets.tai = self.offsets.tai.shifted_by(length);
        self.steps = self.steps.wrapping_add(1);
        Ok(())
    }
}
