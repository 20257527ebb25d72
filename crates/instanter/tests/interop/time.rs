use ::time::{Duration as Length, OffsetDateTime, PrimitiveDateTime};
use instanter::zone::Zone;
use instanter::{Duration, Time, Zoned};

use super::{assert_beyond, lengths, moments, offset_s, zones};

const HOLDER: &str = "time::OffsetDateTime";

fn ends() -> (i64, i64) {
    let second = |time: PrimitiveDateTime| time.assume_utc().unix_timestamp();
    (second(PrimitiveDateTime::MIN), second(PrimitiveDateTime::MAX))
}

#[test]
fn moments_are_times() {
    let (low, high) = ends();
    for ours in moments(low..=high) {
        let theirs = OffsetDateTime::try_from(ours).expect("in range");
        assert_eq!(theirs.unix_timestamp_nanos(), ours.unix_nanos());
        assert_eq!(i64::from(theirs.year()), ours.utc().year());
        assert_eq!(theirs.ordinal(), ours.utc().day_of_year());
        assert_eq!(Time::from(theirs), ours);
        if let Some(later) = theirs.checked_add(Length::DAY) {
            assert_eq!(Time::from(later), ours + Duration::from_hours(24));
        }
    }
    for beyond in [low - 1, high + 1, i64::MIN, i64::MAX] {
        let beyond = Time::from_unix_seconds(beyond);
        assert_beyond(OffsetDateTime::try_from(beyond), &beyond.to_string(), HOLDER);
    }
}

#[test]
fn lengths_are_times() {
    let lengths = lengths();
    for (&ours, &other) in lengths.iter().zip(lengths.iter().rev()) {
        let theirs = Length::from(ours);
        assert_eq!(theirs.whole_nanoseconds(), i128::from(ours.as_nanos()));
        assert_eq!(Duration::try_from(theirs), Ok(ours));
        let sum = theirs + Length::from(other);
        assert_eq!(Duration::try_from(sum).ok(), ours.checked_add(other), "{ours} + {other}");
    }
    let nanosecond = Length::nanoseconds(1);
    for beyond in [Length::nanoseconds(i64::MAX) + nanosecond, Length::MAX, Length::MIN] {
        assert_beyond(Duration::try_from(beyond), &beyond.to_string(), "Duration");
    }
}

#[test]
fn zoned_keep_moment_and_offset() {
    let (low, high) = ends();
    for zone in zones() {
        for time in moments(low..=high).into_iter().step_by(17) {
            let ours = time.in_zone(zone);
            let Ok(theirs) = OffsetDateTime::try_from(ours) else {
                assert!(!(-9_999..=9_999).contains(&ours.year()), "{ours}");
                continue;
            };
            assert_eq!(theirs.offset().whole_seconds(), offset_s(ours));
            let (hour, minute, second) = theirs.to_hms();
            assert_eq!((hour, minute, second), (ours.hour(), ours.minute(), ours.second()));
            let again = Zoned::from(theirs);
            assert_eq!((again, offset_s(again)), (ours, offset_s(ours)));
            assert!(again.zone().table().is_none(), "{again}");
        }
    }
    for offset_s in [-93_600, 93_600] {
        let ours = Time::UNIX_EPOCH.in_zone(Zone::fixed(offset_s).unwrap());
        assert_beyond(OffsetDateTime::try_from(ours), &ours.to_string(), HOLDER);
    }
}
