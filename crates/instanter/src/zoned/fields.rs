//! What the clocks of the zone show.

use instanter_civil::{Date, DateTime, IsoWeek, Offset, TimeOfDay, Weekday};
use instanter_zone::{Abbreviation, LocalType};

use super::Zoned;

impl Zoned {
    /// Returns the difference to UTC.
    ///
    /// ```
    /// use instanter::{Time, zone::Zone};
    /// let zoned = Time::UNIX_EPOCH.in_zone(Zone::get("America/New_York")?);
    /// assert_eq!(zoned.offset().to_string(), "-05:00");
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn offset(self) -> Offset {
        // No zone has an offset that is not within a day or so.
        Offset::from_seconds(self.zone.offset_at(self.time.unix_seconds())).unwrap_or(Offset::UTC)
    }

    /// Returns the offset, what it is called, and whether it counts as summer time.
    ///
    /// ```
    /// use instanter::{Time, zone::Zone};
    /// let local = Time::UNIX_EPOCH.in_zone(Zone::get("Asia/Tokyo")?).local_type();
    /// assert_eq!((local.offset_s, &*local.abbreviation, local.is_dst), (32_400, "JST", false));
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[must_use]
    pub fn local_type(self) -> LocalType<'static> {
        self.zone.at(self.time.unix_seconds())
    }

    /// Returns what the zone calls its time then: `EST`, or `+03` where people have no name
    /// for it.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(&*Time::UNIX_EPOCH.utc().abbreviation(), "UTC");
    /// ```
    #[must_use]
    pub fn abbreviation(self) -> Abbreviation<'static> {
        self.local_type().abbreviation
    }

    /// Whether it counts as summer time.
    ///
    /// ```
    /// assert!(!instanter::Time::UNIX_EPOCH.utc().is_dst());
    /// ```
    #[must_use]
    pub fn is_dst(self) -> bool {
        self.local_type().is_dst
    }

    /// Returns the date and the time of day. Who needs several fields takes them from this:
    /// the zone is then asked once.
    ///
    /// A moment that was just read from the clock, as its monotonic reading tells, is mostly
    /// in the same minute as the one before, and takes a few nanoseconds.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix_seconds(90).utc().date_time().to_string(), "1970-01-01T00:01:30");
    /// ```
    #[inline]
    #[must_use]
    pub fn date_time(self) -> DateTime {
        #[cfg(feature = "std")]
        if self.time.monotonic_nanos().is_some() {
            return super::minute::date_time(self);
        }
        self.date_time_anew()
    }

    #[inline]
    pub(super) fn date_time_anew(self) -> DateTime {
        DateTime::from_unix(self.time.unix_seconds(), self.time.nanosecond(), self.offset())
    }

    /// Returns the date.
    ///
    /// ```
    /// use instanter::{Time, civil::Date};
    /// assert_eq!(Time::UNIX_EPOCH.utc().date(), Date::UNIX_EPOCH);
    /// ```
    #[inline]
    #[must_use]
    pub fn date(self) -> Date {
        self.date_time().date()
    }

    /// Returns the time of day.
    ///
    /// ```
    /// use instanter::{Time, civil::TimeOfDay};
    /// assert_eq!(Time::UNIX_EPOCH.utc().time_of_day(), TimeOfDay::MIDNIGHT);
    /// ```
    #[inline]
    #[must_use]
    pub fn time_of_day(self) -> TimeOfDay {
        self.date_time().time()
    }

    /// Returns the year; year 0 is 1 BC.
    ///
    /// ```
    /// assert_eq!(instanter::Time::UNIX_EPOCH.utc().year(), 1970);
    /// ```
    #[inline]
    #[must_use]
    pub fn year(self) -> i64 {
        self.date().year()
    }

    /// Returns the month, 1 to 12.
    ///
    /// ```
    /// assert_eq!(instanter::Time::UNIX_EPOCH.utc().month(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn month(self) -> u8 {
        self.date().month()
    }

    /// Returns the day of the month, 1 to 31.
    ///
    /// ```
    /// assert_eq!(instanter::Time::UNIX_EPOCH.utc().day(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn day(self) -> u8 {
        self.date().day()
    }

    /// Returns the hour, 0 to 23.
    ///
    /// ```
    /// assert_eq!(instanter::Time::from_unix_seconds(7_200).utc().hour(), 2);
    /// ```
    #[inline]
    #[must_use]
    pub fn hour(self) -> u8 {
        self.time_of_day().hour()
    }

    /// Returns the minute, 0 to 59.
    ///
    /// ```
    /// assert_eq!(instanter::Time::from_unix_seconds(90).utc().minute(), 1);
    /// ```
    #[inline]
    #[must_use]
    pub fn minute(self) -> u8 {
        self.time_of_day().minute()
    }

    /// Returns the second, 0 to 59.
    ///
    /// ```
    /// assert_eq!(instanter::Time::from_unix_seconds(90).utc().second(), 30);
    /// ```
    #[inline]
    #[must_use]
    pub fn second(self) -> u8 {
        self.time_of_day().second()
    }

    /// Returns the nanosecond within the second.
    ///
    /// ```
    /// assert_eq!(instanter::Time::from_unix(0, 5).utc().nanosecond(), 5);
    /// ```
    #[inline]
    #[must_use]
    pub const fn nanosecond(self) -> u32 {
        self.time.nanosecond()
    }

    /// Returns the day of the week.
    ///
    /// ```
    /// use instanter::{Time, civil::Weekday};
    /// assert_eq!(Time::UNIX_EPOCH.utc().weekday(), Weekday::Thursday);
    /// ```
    #[must_use]
    pub fn weekday(self) -> Weekday {
        self.date().weekday()
    }

    /// Returns the day of the year, 1 to 366.
    ///
    /// ```
    /// assert_eq!(instanter::Time::UNIX_EPOCH.utc().day_of_year(), 1);
    /// ```
    #[must_use]
    pub fn day_of_year(self) -> u16 {
        self.date().day_of_year()
    }

    /// Returns the week of ISO 8601, with its year.
    ///
    /// ```
    /// assert_eq!(instanter::Time::UNIX_EPOCH.utc().iso_week().to_string(), "1970-W01");
    /// ```
    #[must_use]
    pub fn iso_week(self) -> IsoWeek {
        self.date().iso_week()
    }
}
