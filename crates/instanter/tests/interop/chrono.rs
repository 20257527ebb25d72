use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use instanter::zone::Zone;
use instanter::{Duration, Time, Zoned};

use super::{assert_beyond, lengths, moments, offset_s, zones};

fn ends() -> (i64, i64) {
    (DateTime::<Utc>::MIN_UTC.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp())
}

#[test]
fn moments_are_chronos() {
    let (low, high) = ends();
    for ours in moments(low..=high) {
        let theirs = DateTime::<Utc>::try_from(ours).expect("in range");
        assert_eq!((theirs.timestamp(), theirs.timestamp_subsec_nanos()), {
            (ours.unix_seconds(), ours.nanosecond())
        });
        let shown = ours.utc().date_time();
        assert_eq!(i64::from(theirs.year()), shown.date().year(), "{ours}");
        assert_eq!(theirs.hour(), u32::from(shown.time().hour()), "{ours}");
        assert_eq!(Time::from(theirs), ours);
    }
    for beyond in [low - 1, high + 1, i64::MIN, i64::MAX] {
        let beyond = Time::from_unix_seconds(beyond);
        assert_beyond(DateTime::<Utc>::try_from(beyond), &beyond.to_string(), "chrono::DateTime");
    }
}

#[test]
fn a_leap_second_is_what_it_is_in_a_text() {
    let minute = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_opt(23, 59, 59).unwrap();
    let leap = minute.with_nanosecond(1_500_000_000).unwrap().and_utc();
    assert_eq!(Time::from(leap).to_string(), "2016-12-31T23:59:59.999999999Z");
    assert_eq!(Ok(Time::from(leap)), "2016-12-31T23:59:60.5Z".parse());
}

#[test]
fn lengths_are_chronos() {
    let lengths = lengths();
    for (&ours, &other) in lengths.iter().zip(lengths.iter().rev()) {
        let theirs = TimeDelta::from(ours);
        assert_eq!(theirs.num_nanoseconds(), Some(ours.as_nanos()));
        assert_eq!(Duration::try_from(theirs), Ok(ours));
        let sum = theirs + TimeDelta::from(other);
        assert_eq!(Duration::try_from(sum).ok(), ours.checked_add(other), "{ours} + {other}");
    }
    let beyond = TimeDelta::nanoseconds(i64::MAX) + TimeDelta::nanoseconds(1);
    assert_beyond(Duration::try_from(beyond), &beyond.to_string(), "Duration");
    let beyond = TimeDelta::nanoseconds(i64::MIN) - TimeDelta::nanoseconds(1);
    assert_beyond(Duration::try_from(beyond), &beyond.to_string(), "Duration");
    assert_beyond(Duration::try_from(TimeDelta::MIN), &TimeDelta::MIN.to_string(), "Duration");
}

#[test]
fn zoned_keep_moment_and_offset() {
    let (low, high) = ends();
    for zone in zones() {
        for time in moments(low..=high).into_iter().step_by(17) {
            let ours = time.in_zone(zone);
            let Ok(theirs) = DateTime::<FixedOffset>::try_from(ours) else {
                let near =
                    low + 86_400 >= time.unix_seconds() || high - 86_400 <= time.unix_seconds();
                assert!(near, "{ours}");
                continue;
            };
            assert_eq!(theirs.offset().local_minus_utc(), offset_s(ours));
            assert_eq!(i64::from(theirs.year()), ours.year(), "{ours}");
            assert_eq!(theirs.second(), u32::from(ours.second()), "{ours}");
            let again = Zoned::from(theirs);
            assert_eq!((again, offset_s(again)), (ours, offset_s(ours)));
            assert!(again.zone().table().is_none() && again.zone() != Zone::UTC, "{again}");
        }
    }
    for (second, offset) in [(low, -86_399), (high, 86_399)] {
        let ours = Time::from_unix_seconds(second).in_zone(Zone::fixed(offset).unwrap());
        if let Ok(theirs) = DateTime::<FixedOffset>::try_from(ours) {
            // Were its local time beyond chrono's years, this would panic.
            assert_eq!(i64::from(theirs.year()), ours.year());
        }
    }
    let week = Time::UNIX_EPOCH.in_zone(Zone::fixed(86_400).unwrap());
    let holder = "chrono::DateTime<FixedOffset>";
    assert_beyond(DateTime::<FixedOffset>::try_from(week), &week.to_string(), holder);
    let late = Time::MAX.utc();
    assert_beyond(DateTime::<FixedOffset>::try_from(late), &late.to_string(), holder);
}
