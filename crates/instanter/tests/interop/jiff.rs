use instanter::zone::Zone;
use instanter::{Duration, Time, Zoned};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::{assert_beyond, lengths, moments, offset_s, zones};

fn ends() -> (i64, i64) {
    (Timestamp::MIN.as_second(), Timestamp::MAX.as_second())
}

#[test]
fn moments_are_jiffs() {
    let (low, high) = ends();
    for ours in moments(low..=high) {
        let theirs = Timestamp::try_from(ours).expect("in range");
        assert_eq!(theirs.as_nanosecond(), ours.unix_nanos());
        assert_eq!(Time::from(theirs), ours);
        let day = SignedDuration::from_hours(24);
        if let Ok(later) = theirs.checked_add(day) {
            assert_eq!(Time::from(later), ours + Duration::try_from(day).unwrap());
        }
    }
    for beyond in [low - 1, high + 1, i64::MIN, i64::MAX] {
        let beyond = Time::from_unix_seconds(beyond);
        assert_beyond(Timestamp::try_from(beyond), &beyond.to_string(), "jiff::Timestamp");
    }
}

#[test]
fn lengths_are_jiffs() {
    let lengths = lengths();
    for (&ours, &other) in lengths.iter().zip(lengths.iter().rev()) {
        let theirs = SignedDuration::from(ours);
        assert_eq!(theirs.as_nanos(), i128::from(ours.as_nanos()));
        assert_eq!(Duration::try_from(theirs), Ok(ours));
        let sum = theirs + SignedDuration::from(other);
        assert_eq!(Duration::try_from(sum).ok(), ours.checked_add(other), "{ours} + {other}");
    }
    let nanosecond = SignedDuration::from_nanos(1);
    let ends = [SignedDuration::from_nanos(i64::MAX) + nanosecond, SignedDuration::MAX];
    for beyond in ends.into_iter().chain([SignedDuration::MIN]) {
        assert_beyond(Duration::try_from(beyond), &beyond.to_string(), "Duration");
    }
}

#[test]
fn zoned_keep_moment_and_zone() {
    let (low, high) = ends();
    for zone in zones() {
        for time in moments(low..=high).into_iter().step_by(17) {
            let ours = time.in_zone(zone);
            let theirs = jiff::Zoned::try_from(ours).expect("in range");
            assert_eq!(theirs.offset().seconds(), offset_s(ours), "{ours}");
            assert_eq!(theirs.datetime().to_string(), ours.date_time().to_string());
            let again = Zoned::try_from(&theirs).expect("the zone is known");
            assert_eq!(again, ours);
            // Jiff has one zone that is always at zero.
            let want = if zone == Zone::fixed(0).unwrap() { Zone::UTC } else { zone };
            assert_eq!(again.zone(), want);
        }
    }
}

#[test]
fn what_the_other_cannot_tell_is_an_error() {
    let time = Time::from_unix_seconds(1_720_000_000);
    let posix = Zone::posix("XST-1XDT,M3.5.0,M10.5.0/3").unwrap();
    let error = jiff::Zoned::try_from(time.in_zone(posix)).unwrap_err();
    assert!(error.is_zone());
    assert_eq!(error.to_string(), r#"zone "XST": it has no name in the tz database"#);

    let theirs = TimeZone::posix("XST-1XDT,M3.5.0,M10.5.0/3").unwrap();
    let theirs = Timestamp::try_from(time).unwrap().to_zoned(theirs);
    let error = Zoned::try_from(theirs).unwrap_err();
    assert!(error.is_zone());
    assert_eq!(error.to_string(), r#"zone "XDT": it has no name in the tz database"#);

    let unknown = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::unknown());
    let error = Zoned::try_from(unknown).unwrap_err();
    assert!(error.is_zone() && error.to_string().contains("Etc/Unknown"), "{error}");

    let limits = [(Offset::MAX.seconds(), true), (Offset::MAX.seconds() + 1, false)];
    for (offset_s, fits) in limits {
        let ours = time.in_zone(Zone::fixed(offset_s).unwrap());
        assert_eq!(jiff::Zoned::try_from(ours).is_ok(), fits);
        let theirs = jiff::Zoned::try_from(ours);
        assert!(theirs.is_ok() || theirs.unwrap_err().is_out_of_range());
    }
    let late = Time::MAX.utc();
    assert_beyond(jiff::Zoned::try_from(late), &late.to_string(), "jiff::Zoned");
}
