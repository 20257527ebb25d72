//! Setting the wall clock, and exchanging the counter.

use instanter_page::Timespec;

use super::{Rate, Timekeeper};
use crate::phase::NANOS;
use crate::{ClockSource, Error};

/// The latest second that the wall clock may be set to: 30 years before 64 bits
/// of nanoseconds end, so that a machine may run for 30 years after it.
pub(super) const LATEST_SEC: i64 = i64::MAX / NANOS as i64 - 30 * 365 * 86_400;

impl Timekeeper {
    /// `set_realtime(counter, realtime)` — Sets the wall clock, and TAI with it.
    ///
    /// What was being slewed is void, and the clock counts as unsynchronised.
    ///
    /// # Errors
    /// [`Error::Range`] for a time before 1970, one at which the monotonic clock is
    /// ahead of it, or one after 2232; [`Error::Suspended`].
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// let mut keeper = Timekeeper::new(source, 0, Timespec::default());
    /// keeper.set_realtime(5_000, Timespec::new(1_700_000_000, 5))?;
    /// let clocks = keeper.clocks();
    /// assert_eq!(clocks.time(Clock::Realtime, 6_000), Timespec::new(1_700_000_001, 5));
    /// assert_eq!(clocks.time(Clock::Monotonic, 6_000), Timespec::new(6, 0));
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn set_realtime(&mut self, counter: u64, realtime: Timespec) -> Result<(), Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        // The tick first: a leap second that is due belongs to the old time.
        self.accumulate(counter);
        let now = self.realtime().floor();
        self.step(Timespec::from_nanos(realtime.as_nanos() - now.as_nanos()))
    }

    /// `step_realtime(counter, by)` — Moves the wall clock, and TAI with it, by an
    /// amount.
    ///
    /// # Errors
    /// As [`set_realtime`](Timekeeper::set_realtime).
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// keeper.step_realtime(0, Timespec::new(-1, 500_000_000))?; // half a second back
    /// assert_eq!(keeper.clocks().coarse(Clock::Realtime).to_string(), "1699999999.500000000");
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn step_realtime(&mut self, counter: u64, by: Timespec) -> Result<(), Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        self.accumulate(counter);
        self.step(by)
    }

    /// Moves the wall clock at the origin.
    pub(super) fn step(&mut self, by: Timespec) -> Result<(), Error> {
        let realtime = self.realtime().floor().shifted_by(by);
        if realtime < self.monotonic.floor() || !(0..=LATEST_SEC).contains(&realtime.sec) {
            return Err(Error::Range { realtime });
        }
        self.move_wall_clock(by);
        self.offsets.tai = self.offsets.tai.shifted_by(by);
        self.steps = self.steps.wrapping_add(1);
        self.ntp.clear();
        self.rate = Rate::of(self.ntp.second_length(), self.source.frequency());
        self.steer(0);
        Ok(())
    }

    /// `set_tai(counter, tai_s)` — Sets TAI minus UTC, in seconds: TAI is stepped,
    /// the wall clock not.
    ///
    /// # Errors
    /// [`Error::Suspended`].
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// keeper.set_tai(0, 37)?;
    /// assert_eq!(keeper.clocks().seconds(Clock::Tai), 1_700_000_037);
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn set_tai(&mut self, counter: u64, tai_s: i32) -> Result<(), Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        self.accumulate(counter);
        self.step_tai(tai_s);
        Ok(())
    }

    pub(super) fn step_tai(&mut self, tai_s: i32) {
        self.tai_s = tai_s;
        let by = Timespec { sec: i64::from(tai_s), nsec: 0 };
        self.offsets.tai = self.offsets.realtime.shifted_by(by);
        self.steps = self.steps.wrapping_add(1);
    }

    /// `change_source(old_counter, source, new_counter)` — Keeps time with another
    /// clock source from now on. Both counters are to be read at one moment, as
    /// nearly as can be; the time between the two is lost.
    ///
    /// The clocks go on from where they stand, to the last 2^-32 ns, and the
    /// discipline with them: what it learnt of the old counter's frequency error is
    /// for whoever steers to unlearn.
    ///
    /// # Errors
    /// [`Error::Suspended`].
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// let hertz = |hertz| Frequency::hertz(hertz).unwrap();
    /// let mut keeper =
    ///     Timekeeper::new(ClockSource::new("timer", hertz(1_000), 32), 0, Timespec::default());
    /// keeper.change_source(4_000, ClockSource::new("tsc", hertz(1_000_000_000), 64), 77)?;
    /// assert_eq!(keeper.clocks().time(Clock::Monotonic, 87), Timespec::new(4, 10));
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    pub fn change_source(
        &mut self,
        old_counter: u64,
        source: ClockSource,
        new_counter: u64,
    ) -> Result<(), Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        self.accumulate(old_counter);
        let (old, new) = (self.source.frequency().cycles(), source.frequency().cycles());
        self.remainder = (u128::from(self.remainder) * u128::from(new) / u128::from(old)) as u64;
        self.source = source;
        self.origin = new_counter & source.mask();
        self.rate = Rate::of(self.ntp.second_length(), source.frequency());
        self.steer(0);
        Ok(())
    }
}
