//! Where the days and other units of a zone begin, which is not always midnight, and how
//! long they are.

use instanter_civil::{DateTime, Rounding, TimeOfDay, Unit};
use instanter_zone::{Policy, Resolved};

use super::Zoned;
use crate::{Duration, Error};

impl Zoned {
    /// Returns the first moment of the day: midnight, or where clocks are put forward over
    /// midnight the moment at which they are.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] beyond `i64` seconds.
    ///
    /// ```
    /// use instanter::Zoned;
    /// // Clocks in São Paulo went from midnight to one o'clock.
    /// let zoned: Zoned = "2018-11-04T12:00:00-02:00[America/Sao_Paulo]".parse()?;
    /// assert_eq!(zoned.start_of_day()?.to_string(), "2018-11-04T01:00:00-02:00[America/Sao_Paulo]");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn start_of_day(self) -> Result<Zoned, Error> {
        self.first_at(self.date_time().with_time(TimeOfDay::MIDNIGHT))
    }

    /// Returns how long the day is: 24 hours, except where clocks are put forward or back.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] where the day does not end within `i64` seconds.
    ///
    /// ```
    /// use instanter::{Duration, Zoned};
    /// let zoned: Zoned = "2024-10-27T12:00:00+01:00[Europe/Berlin]".parse()?;
    /// assert_eq!(zoned.day_length()?, Duration::from_hours(25));
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn day_length(self) -> Result<Duration, Error> {
        let tomorrow = DateTime::new(self.date().add_days(1)?, TimeOfDay::MIDNIGHT);
        Ok(self.first_at(tomorrow)?.duration_since(self.start_of_day()?))
    }

    /// Returns the start of the unit that this moment is in: of its minute, its day, its
    /// week (from Monday), its year, as the zone's clocks and calendar count it.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] beyond `i64` seconds.
    ///
    /// ```
    /// use instanter::{Zoned, civil::Unit};
    /// let zoned: Zoned = "2024-07-03T12:34:56+02:00[Europe/Berlin]".parse()?;
    /// let month = zoned.truncate(Unit::Month)?;
    /// assert_eq!(month.to_string(), "2024-07-01T00:00:00+02:00[Europe/Berlin]");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn truncate(self, unit: Unit) -> Result<Zoned, Error> {
        let local = self.date_time();
        let start = local.truncate(unit);
        if unit >= Unit::Day {
            return self.first_at(start);
        }
        // Within an hour: by what has passed, which names the right one of an hour that
        // there is twice; unless clocks were changed in between.
        let past = local.nanoseconds_since(start);
        let time = crate::Time::from_unix_nanos(self.time().unix_nanos() - past);
        let zoned = time.in_zone(self.zone());
        if zoned.date_time() == start { Ok(zoned) } else { self.first_at(start) }
    }

    /// Returns the start of a unit that is nearest by a rule, as the zone's clocks and
    /// calendar count it. Half of a day is half of what that day has.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] beyond `i64` seconds.
    ///
    /// ```
    /// use instanter::{Zoned, civil::{Rounding, Unit}};
    /// let zoned: Zoned = "2024-07-03T12:34:56+02:00[Europe/Berlin]".parse()?;
    /// let day = zoned.round(Unit::Day, Rounding::HalfUp)?;
    /// assert_eq!(day.to_string(), "2024-07-04T00:00:00+02:00[Europe/Berlin]");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn round(self, unit: Unit, rounding: Rounding) -> Result<Zoned, Error> {
        let start = self.truncate(unit)?;
        let past = self.time().unix_nanos() - start.time().unix_nanos();
        if past == 0 || rounding == Rounding::Down {
            return Ok(start);
        }
        // Half of a unit on the calendar decides like half of one that is as long as this.
        let local = self.date_time().truncate(unit);
        let after = local.add_nanoseconds(1)?.round(unit, Rounding::Up)?;
        let end = if unit >= Unit::Day {
            self.first_at(after)?.time().unix_nanos()
        } else {
            start.time().unix_nanos() + after.nanoseconds_since(local)
        };
        let length = end - start.time().unix_nanos();
        let middle = DateTime::nanoseconds_since(after, local);
        // The rule for the middle is the calendar's, which knows which is even.
        let scaled = match (past * 2).cmp(&length) {
            core::cmp::Ordering::Less => 1,
            core::cmp::Ordering::Equal => middle / 2,
            core::cmp::Ordering::Greater => middle - 1,
        };
        let up = local.add_nanoseconds(scaled)?.round(unit, rounding)? == after;
        let nanos = if up { end } else { start.time().unix_nanos() };
        let time = crate::Time::from_unix_nanos(nanos);
        if time.unix_nanos() != nanos {
            return Err(Error::beyond(format_args!("{nanos} ns since 1970"), "Time"));
        }
        Ok(time.in_zone(self.zone()))
    }

    /// The first moment at which the zone shows this local time or a later one.
    fn first_at(self, local: DateTime) -> Result<Zoned, Error> {
        let (local_s, _) = local.to_unix(instanter_civil::Offset::UTC)?;
        if let Resolved::Gap(change) = self.zone().resolve(local_s) {
            return Ok(crate::Time::from_unix_seconds(change.at).in_zone(self.zone()));
        }
        Zoned::from_local(local, self.zone(), Policy::Earlier)
    }
}
