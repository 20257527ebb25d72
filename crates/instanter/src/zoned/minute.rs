//! What the clocks show now, from what they showed a moment ago.
//!
//! A program that looks at the wall clock looks again within the minute, nearly always. So
//! each thread remembers one minute of one zone: its date, hour and minute, and the Unix
//! seconds for which these hold. A moment inside needs a comparison and a subtraction. That
//! the comparison succeeds the CPU guesses while the counter is still being read; through
//! the zone's table and the calendar it would have to wait for each step in turn, which
//! takes as long again as the reading.
//!
//! A signal handler may ask, too, in the middle of another's question. A number that is odd
//! while the minute is exchanged, and different afterwards, tells the two apart.

use std::cell::Cell;
use std::sync::atomic::{Ordering, compiler_fence};

use instanter_civil::{Date, DateTime, TimeOfDay};
use instanter_zone::Zone;

use super::Zoned;

struct Minute {
    version: Cell<u32>,
    zone: Cell<Zone>,
    /// The Unix second at which the clocks began to show the minute; may be before `from`.
    start: Cell<i64>,
    /// The first Unix second for which the rest holds, and for how many it does.
    from: Cell<i64>,
    span: Cell<u64>,
    date: Cell<Date>,
    clock: Cell<(u8, u8)>,
}

thread_local! {
    static MINUTE: Minute = const {
        Minute {
            version: Cell::new(0),
            zone: Cell::new(Zone::UTC),
            start: Cell::new(0),
            from: Cell::new(0),
            span: Cell::new(0),
            date: Cell::new(Date::UNIX_EPOCH),
            clock: Cell::new((0, 0)),
        }
    };
}

/// Returns what [`Zoned::date_time`] does.
#[inline]
pub(super) fn date_time(zoned: Zoned) -> DateTime {
    MINUTE.with(|minute| minute.show(zoned).unwrap_or_else(|| minute.turn_to(zoned)))
}

impl Minute {
    #[inline]
    fn show(&self, zoned: Zoned) -> Option<DateTime> {
        let version = self.version.get();
        compiler_fence(Ordering::Acquire);
        let unix_s = zoned.time.unix_seconds();
        // Before the first of them the difference wraps to something large.
        let inside = (unix_s.wrapping_sub(self.from.get()) as u64) < self.span.get();
        let second = unix_s.wrapping_sub(self.start.get()) as u8;
        let (date, (hour, minute)) = (self.date.get(), self.clock.get());
        let same = inside && zoned.zone == self.zone.get();
        compiler_fence(Ordering::Acquire);
        if !same || version & 1 == 1 || self.version.get() != version {
            return None;
        }
        let clock = TimeOfDay::new(hour, minute, second, zoned.time.nanosecond()).ok()?;
        Some(DateTime::new(date, clock))
    }

    #[cold]
    #[inline(never)]
    fn turn_to(&self, zoned: Zoned) -> DateTime {
        let shown = zoned.date_time_anew();
        let version = self.version.get();
        if version & 1 == 1 {
            return shown;
        }
        let unix_s = zoned.time.unix_seconds();
        let interval = zoned.zone.interval_at(unix_s);
        let start = unix_s - i64::from(shown.time().second());
        let from = start.max(interval.start.unwrap_or(i64::MIN));
        let until = (start + 60).min(interval.end.unwrap_or(i64::MAX));
        self.version.set(version.wrapping_add(1));
        compiler_fence(Ordering::Release);
        self.zone.set(zoned.zone);
        self.start.set(start);
        self.from.set(from);
        self.span.set((until - from) as u64);
        self.date.set(shown.date());
        self.clock.set((shown.time().hour(), shown.time().minute()));
        compiler_fence(Ordering::Release);
        self.version.set(version.wrapping_add(2));
        shown
    }
}

#[cfg(test)]
mod tests {
    use crate::Time;
    use crate::zoned::Zoned;
    use instanter_clock::Timespec;
    use instanter_zone::Zone;

    /// With a monotonic reading, as `now()` gives it.
    fn now_at(unix_s: i64, nsec: u32, zone: Zone) -> Zoned {
        let wall = Timespec { sec: unix_s, nsec };
        Time::from_readings(wall, Timespec { sec: 1, nsec: 0 }).in_zone(zone)
    }

    #[test]
    fn every_walk_shows_what_the_calendar_shows() {
        let names = ["America/New_York", "Australia/Lord_Howe", "Africa/Monrovia", "UTC"];
        let zones = names.map(|name| Zone::get(name).unwrap());
        for &zone in &zones {
            // Those of the years in which there are monotonic readings.
            let changes = zone.transitions(-2_682_374_400).take_while(|c| c.at < 5_900_000_000);
            let edges = [0, -1, 59, 60, 1_795_295_730, -2_682_374_400, 5_907_560_191];
            for at in changes.map(|change| change.at).chain(edges) {
                for step in [-90_000, -61, -60, -59, -1, 0, 1, 59, 60, 61, 0, -1, -60, 90_000, -7] {
                    for other in [zone, zone, zones[0]] {
                        let zoned = now_at(at + step, (step + 90_000) as u32, other);
                        let want = zoned.time().strip_monotonic().in_zone(other).date_time();
                        assert_eq!(zoned.date_time(), want, "{at} {step} {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn half_an_exchange_is_not_looked_at() {
        let zoned = now_at(1_795_295_730, 5, Zone::UTC);
        let want = zoned.date_time();
        super::MINUTE.with(|minute| {
            minute.version.set(minute.version.get() + 1);
            minute.date.set(instanter_civil::Date::MIN);
            assert_eq!(zoned.date_time(), want);
            assert_eq!(minute.date.get(), instanter_civil::Date::MIN, "the exchange is another's");
            minute.version.set(minute.version.get() + 1);
            minute.span.set(0);
        });
        assert_eq!(zoned.date_time(), want);
    }
}
