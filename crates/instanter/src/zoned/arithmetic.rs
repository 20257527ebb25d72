//! Moving a moment by lengths of time and by the calendar, and the difference of two.

use core::ops::{Add, Sub};

use instanter_civil::{Date, DateTime, Difference, Overflow, Unit};
use instanter_zone::Policy;

use super::Zoned;
use crate::{Duration, Error};

impl Zoned {
    /// Returns the moment at which the same zone shows this date and time.
    ///
    /// # Errors
    /// As [`Zoned::from_local`].
    ///
    /// ```
    /// use instanter::{Time, civil::TimeOfDay, zone::Policy};
    /// let now = Time::UNIX_EPOCH.utc();
    /// let noon = now.date_time().with_time(TimeOfDay::new(12, 0, 0, 0)?);
    /// assert_eq!(now.with_date_time(noon, Policy::Compatible)?.hour(), 12);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn with_date_time(self, local: DateTime, policy: Policy) -> Result<Zoned, Error> {
        if local == self.date_time() {
            // Of two moments at which the zone shows it, the one that this is.
            return Ok(self);
        }
        Zoned::from_local(local, self.zone, policy)
    }

    fn with_date(self, date: Date, policy: Policy) -> Result<Zoned, Error> {
        self.with_date_time(self.date_time().with_date(date), policy)
    }

    /// Returns the moment so many days later, or earlier if negative, at which the clocks
    /// show the same time of day.
    ///
    /// # Errors
    /// As [`Zoned::from_local`].
    ///
    /// ```
    /// use instanter::{Zoned, zone::Policy};
    /// let zoned: Zoned = "2024-03-30T02:30:00+01:00[Europe/Berlin]".parse()?;
    /// let next = zoned.add_days(1, Policy::Compatible)?; // when 02:30 was skipped
    /// assert_eq!(next.to_string(), "2024-03-31T03:30:00+02:00[Europe/Berlin]");
    /// assert!(zoned.add_days(1, Policy::Reject).unwrap_err().rejected().is_some());
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn add_days(self, days: i64, policy: Policy) -> Result<Zoned, Error> {
        self.with_date(self.date().add_days(days)?, policy)
    }

    /// Returns the moment so many weeks later; see [`add_days`](Zoned::add_days).
    ///
    /// # Errors
    /// As [`Zoned::from_local`].
    ///
    /// ```
    /// use instanter::{Time, zone::Policy};
    /// assert_eq!(Time::UNIX_EPOCH.utc().add_weeks(2, Policy::Compatible)?.day(), 15);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn add_weeks(self, weeks: i64, policy: Policy) -> Result<Zoned, Error> {
        self.with_date(self.date().add_weeks(weeks)?, policy)
    }

    /// Returns the moment so many months later, on the same day of the month or, where that
    /// month is shorter, on its last; see [`add_days`](Zoned::add_days), and
    /// [`add`](Zoned::add) for the other answer to a day that does not exist.
    ///
    /// # Errors
    /// As [`Zoned::from_local`].
    ///
    /// ```
    /// use instanter::{Zoned, zone::Policy};
    /// let zoned: Zoned = "2024-01-31T12:00:00+00:00[UTC]".parse()?;
    /// assert_eq!(zoned.add_months(1, Policy::Compatible)?.day(), 29);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn add_months(self, months: i64, policy: Policy) -> Result<Zoned, Error> {
        self.with_date(self.date().add_months(months, Overflow::Constrain)?, policy)
    }

    /// Returns the moment so many years later; see [`add_months`](Zoned::add_months).
    ///
    /// # Errors
    /// As [`Zoned::from_local`].
    ///
    /// ```
    /// use instanter::{Zoned, zone::Policy};
    /// let zoned: Zoned = "2024-02-29T12:00:00+00:00[UTC]".parse()?;
    /// assert_eq!(zoned.add_years(1, Policy::Compatible)?.day(), 28);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn add_years(self, years: i64, policy: Policy) -> Result<Zoned, Error> {
        self.with_date(self.date().add_years(years, Overflow::Constrain)?, policy)
    }

    /// Returns the moment that is later by a length of calendar time: first years, months,
    /// weeks and days on the calendar, then hours and smaller as exact time, as RFC 5545 and
    /// ECMAScript's Temporal have it.
    ///
    /// # Errors
    /// As [`Zoned::from_local`]; [`Error::is_out_of_range`] also for a day that the month
    /// does not have, under [`Overflow::Reject`].
    ///
    /// ```
    /// use instanter::{Zoned, civil::{Difference, Overflow}, zone::Policy};
    /// let zoned: Zoned = "2024-03-30T12:00:00+01:00[Europe/Berlin]".parse()?;
    /// let length = Difference { days: 1, hours: 1, ..Difference::ZERO };
    /// let later = zoned.add(length, Overflow::Constrain, Policy::Compatible)?;
    /// assert_eq!(later.to_string(), "2024-03-31T13:00:00+02:00[Europe/Berlin]");
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn add(
        self,
        length: Difference,
        overflow: Overflow,
        policy: Policy,
    ) -> Result<Zoned, Error> {
        let Difference { hours, minutes, seconds, nanoseconds, .. } = length;
        let exact = ((i128::from(hours) * 60 + i128::from(minutes)) * 60 + i128::from(seconds))
            * 1_000_000_000
            + i128::from(nanoseconds);
        let on_calendar = Difference { hours: 0, minutes: 0, seconds: 0, nanoseconds: 0, ..length };
        let mut moved = self;
        if on_calendar != Difference::ZERO {
            moved = self.with_date(self.date().add(on_calendar, overflow)?, policy)?;
        }
        moved.moved_by(exact)
    }

    /// Moves the moment by nanoseconds, and drops its monotonic reading.
    fn moved_by(self, nanos: i128) -> Result<Zoned, Error> {
        let nanos = self.time.unix_nanos() + nanos;
        let time = crate::Time::from_unix_nanos(nanos);
        if time.unix_nanos() != nanos {
            return Err(Error::beyond(format_args!("{nanos} ns since 1970"), "Time"));
        }
        Ok(time.in_zone(self.zone))
    }

    /// Returns the exact time from `earlier` to this moment, as [`Time::since`](crate::Time::since).
    ///
    /// ```
    /// use instanter::{Duration, Time};
    /// let (from, to) = (Time::UNIX_EPOCH.utc(), Time::from_unix_seconds(90).utc());
    /// assert_eq!(to.duration_since(from), Duration::from_seconds(90));
    /// ```
    #[must_use]
    pub const fn duration_since(self, earlier: Zoned) -> Duration {
        self.time.since(earlier.time)
    }

    /// Returns the time from `earlier` to this moment in units up to `largest`. From the day
    /// upwards they are those of `earlier`'s calendar and clocks, so a day may have 23 or 25
    /// hours; hours and smaller are exact.
    ///
    /// Added to `earlier` with [`Overflow::Constrain`] and [`Policy::Compatible`] it gives this
    /// moment.
    ///
    /// # Errors
    /// [`Error::is_out_of_range`] if `largest` is below the second and the nanoseconds do not
    /// fit into `i64`.
    ///
    /// ```
    /// use instanter::{Zoned, civil::{Difference, Unit}};
    /// let from: Zoned = "2024-03-30T12:00:00+01:00[Europe/Berlin]".parse()?;
    /// let to: Zoned = "2024-03-31T13:00:00+02:00[Europe/Berlin]".parse()?;
    /// let days = to.since(from, Unit::Day)?;
    /// assert_eq!(days, Difference { days: 1, hours: 1, ..Difference::ZERO });
    /// assert_eq!(to.since(from, Unit::Hour)?.hours, 24);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn since(self, earlier: Zoned, largest: Unit) -> Result<Difference, Error> {
        let exact = |from: Zoned| {
            let at = |zoned: Zoned| DateTime::UNIX_EPOCH.add_nanoseconds(zoned.time.unix_nanos());
            Ok::<_, Error>(at(self)?.since(at(from)?, largest.min(Unit::Hour))?)
        };
        if largest < Unit::Day {
            return exact(earlier);
        }
        let here = self.with_zone(earlier.zone);
        // The date's difference, and from there the rest in exact time. If that would point
        // the other way, a day is taken back: once for the times of day, and once
        // more where the clocks were changed in between.
        let forward = here.time >= earlier.time;
        let step = if forward { -1 } else { 1 };
        let mut date = here.date();
        for _ in 0..3 {
            let reached = earlier.with_date(date, Policy::Compatible)?;
            let past = if forward { reached.time > here.time } else { reached.time < here.time };
            if !past {
                let whole = date.since(earlier.date(), largest);
                // Months are clipped at the end of a shorter one: what they lead to may lie
                // before the date that was meant; the days in `whole` make up for that.
                let reached = earlier.add(whole, Overflow::Constrain, Policy::Compatible)?;
                let rest = here.with_zone(earlier.zone).exact_since(reached)?;
                return Ok(Difference {
                    hours: rest.hours,
                    minutes: rest.minutes,
                    seconds: rest.seconds,
                    nanoseconds: rest.nanoseconds,
                    ..whole
                });
            }
            date = date.add_days(step)?;
        }
        exact(earlier)
    }

    /// The difference in hours and smaller.
    fn exact_since(self, earlier: Zoned) -> Result<Difference, Error> {
        let at = |zoned: Zoned| DateTime::UNIX_EPOCH.add_nanoseconds(zoned.time.unix_nanos());
        Ok(at(self)?.since(at(earlier)?, Unit::Hour)?)
    }

    /// Returns the time from this moment to `later`, as [`since`](Zoned::since) with the two
    /// exchanged.
    ///
    /// # Errors
    /// As [`since`](Zoned::since).
    ///
    /// ```
    /// use instanter::{Zoned, civil::Unit};
    /// let born: Zoned = "1990-08-15T06:00:00+02:00[Europe/Berlin]".parse()?;
    /// let today: Zoned = "2024-02-29T12:00:00+01:00[Europe/Berlin]".parse()?;
    /// assert_eq!(born.until(today, Unit::Year)?.years, 33);
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn until(self, later: Zoned, largest: Unit) -> Result<Difference, Error> {
        later.since(self, largest)
    }
}

/// Exactly so much later; saturates as [`Time::saturating_add`](crate::Time::saturating_add).
impl Add<Duration> for Zoned {
    type Output = Zoned;

    fn add(self, length: Duration) -> Zoned {
        Zoned { time: self.time + length, zone: self.zone }
    }
}

/// Exactly so much earlier; saturates.
impl Sub<Duration> for Zoned {
    type Output = Zoned;

    fn sub(self, length: Duration) -> Zoned {
        Zoned { time: self.time - length, zone: self.zone }
    }
}

/// The exact time from the right to the left, as [`Zoned::duration_since`].
impl Sub for Zoned {
    type Output = Duration;

    fn sub(self, earlier: Zoned) -> Duration {
        self.duration_since(earlier)
    }
}
