//! `adjtimex`: what a program may do to the discipline.

use super::{Rate, Timekeeper};
use crate::ntp::{Discipline, adj};
use crate::{Error, TimeState, Timex};

impl Timekeeper {
    /// `adjust(counter, timex)` — Changes the discipline as `timex` asks, fills it
    /// in, and returns the clock's state: Linux's `adjtimex`.
    ///
    /// Whoever may not set the clock must be refused by the caller: see
    /// [`Timex::needs_privilege`].
    ///
    /// # Errors
    /// [`Error::Modes`], [`Error::Tick`], [`Error::Frequency`], [`Error::Fraction`],
    /// [`Error::Range`] (all `EINVAL` for a program), [`Error::Suspended`]. Nothing
    /// was changed then.
    ///
    /// # References
    /// [`adjtimex(2)`](https://man7.org/linux/man-pages/man2/adjtimex.2.html)
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, TimeState, Timekeeper, Timespec, Timex};
    /// use instanter_keeper::{adj, sta};
    /// let source = ClockSource::new("counter", Frequency::hertz(1_000_000).unwrap(), 64);
    /// let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// let mut request = Timex { modes: adj::STATUS, status: sta::PLL, ..Timex::default() };
    /// assert_eq!(keeper.adjust(0, &mut request), Ok(TimeState::Ok));
    /// assert_eq!(request.maxerror, 16_000_000); // nobody has told it better
    /// ```
    pub fn adjust(&mut self, counter: u64, timex: &mut Timex) -> Result<TimeState, Error> {
        if self.suspended.is_some() {
            return Err(Error::Suspended);
        }
        Discipline::validate(timex)?;
        self.accumulate(counter);
        if !timex.is_adjtime()
            && timex.modes & adj::SETOFFSET != 0
            && let Some(by) = timex.step()
        {
            self.step(by)?;
        }
        let single_shot_us = self.ntp.single_shot_us();
        let sec = self.realtime().sec;
        if let Some(tai_s) = self.ntp.change(timex, sec)
            && tai_s != self.tai_s
        {
            self.step_tai(tai_s);
        }
        self.rate = Rate::of(self.ntp.second_length(), self.source.frequency());
        self.steer(0);

        let state = self.ntp.report(timex);
        if timex.is_adjtime() {
            timex.offset = single_shot_us;
        }
        let now = self.realtime().floor();
        timex.time.sec = now.sec;
        timex.time.fraction = self.ntp.time_fraction(now.nsec);
        timex.tai = self.tai_s;
        Ok(state)
    }
}
