//! Moments in zones, beside jiff's, which has its own calendar, tz reader and arithmetic.

mod random;

use instanter::civil::{DateTime, Difference, Offset, Overflow, Rounding, Unit, pattern};
use instanter::zone::{Policy, Resolved, Zone};
use instanter::{Duration, Time, Zoned};
use jiff::tz::TimeZone;
use jiff::{RoundMode, ToSpan, ZonedRound};
use random::Random;

const ZONES: [&str; 8] = [
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
];

/// A zone as both know it.
struct Zones {
    ours: Zone,
    theirs: TimeZone,
}

fn zones() -> Vec<Zones> {
    let zone = |name: &&str| Zones {
        ours: Zone::get(name).expect(name),
        theirs: TimeZone::get(name).expect(name),
    };
    ZONES.iter().map(zone).collect()
}

/// Moments of 1900 to 2100, half of them within a few hours of a transition.
fn moment(random: &mut Random, zone: Zone) -> Time {
    let mut second = random.within(-2_208_988_800, 4_102_444_800);
    if random.next().is_multiple_of(2)
        && let Some(change) = zone.next_transition(second)
    {
        second = change.at + random.within(-100_000, 100_000);
    }
    Time::from_unix(second, random.within(0, 999_999_999) as u32)
}

fn jiffs(zoned: Zoned, zones: &Zones) -> jiff::Zoned {
    let time = zoned.time();
    let stamp = jiff::Timestamp::new(time.unix_seconds(), time.nanosecond() as i32);
    stamp.expect("in range").to_zoned(zones.theirs.clone())
}

fn same(ours: Zoned, theirs: &jiff::Zoned, what: &dyn std::fmt::Debug) {
    assert_eq!(ours.time().unix_nanos(), theirs.timestamp().as_nanosecond(), "{what:?}");
    let shown = ours.date_time().to_string();
    assert_eq!(shown, theirs.datetime().to_string(), "{what:?}");
}

#[test]
fn fields_and_text_are_jiffs() {
    let mut random = Random(1);
    for zones in zones() {
        for _ in 0..400 {
            let ours = moment(&mut random, zones.ours).in_zone(zones.ours);
            let theirs = jiffs(ours, &zones);
            same(ours, &theirs, &ours);
            assert_eq!(ours.offset().seconds(), theirs.offset().seconds(), "{ours}");
            assert_eq!(
                &*ours.abbreviation(),
                theirs.time_zone().to_offset_info(theirs.timestamp()).abbreviation()
            );
            assert_eq!(ours.day_of_year() as i16, theirs.day_of_year(), "{ours}");
            // jiff rounds offsets with seconds to minutes; ours writes them in full and reads
            // both.
            let text = theirs.to_string();
            assert_eq!(text.parse::<Zoned>().map_err(|e| e.to_string()), Ok(ours), "{text}");
            assert_eq!(ours.to_string().parse::<Zoned>(), Ok(ours), "{ours}");
            if ours.offset().seconds() % 60 == 0 {
                assert_eq!(ours.to_string(), text);
            }
        }
    }
}

#[test]
fn adding_and_the_difference_are_jiffs() {
    let mut random = Random(2);
    for zones in zones() {
        for _ in 0..400 {
            let ours = moment(&mut random, zones.ours).in_zone(zones.ours);
            let theirs = jiffs(ours, &zones);
            let length = Difference {
                years: random.within(-3, 3),
                months: random.within(-20, 20),
                weeks: random.within(-5, 5),
                days: random.within(-40, 40),
                hours: random.within(-50, 50),
                minutes: random.within(-70, 70),
                ..Difference::ZERO
            };
            // jiff's spans have one sign for all their units.
            let sign = if random.next().is_multiple_of(2) { 1 } else { -1 };
            let length = Difference {
                years: sign * length.years.abs(),
                months: sign * length.months.abs(),
                weeks: sign * length.weeks.abs(),
                days: sign * length.days.abs(),
                hours: sign * length.hours.abs(),
                minutes: sign * length.minutes.abs(),
                ..length
            };
            let span = length.years.years().months(length.months).weeks(length.weeks);
            let span = span.days(length.days).hours(length.hours).minutes(length.minutes);
            let sum = ours.add(length, Overflow::Constrain, Policy::Compatible).unwrap();
            same(sum, &theirs.checked_add(span).unwrap(), &(ours, length));

            let days = random.within(-400, 400);
            let sum = ours.add_days(days, Policy::Compatible).unwrap();
            same(sum, &theirs.checked_add(days.days()).unwrap(), &(ours, days));

            let other = moment(&mut random, zones.ours).in_zone(zones.ours);
            let near = ours + Duration::from_seconds(random.within(-400_000, 400_000));
            for other in [other, near] {
                for (unit, jiff_unit) in [
                    (Unit::Year, jiff::Unit::Year),
                    (Unit::Month, jiff::Unit::Month),
                    (Unit::Week, jiff::Unit::Week),
                    (Unit::Day, jiff::Unit::Day),
                    (Unit::Hour, jiff::Unit::Hour),
                    (Unit::Minute, jiff::Unit::Minute),
                ] {
                    let got = other.since(ours, unit).unwrap();
                    let back = ours.add(got, Overflow::Constrain, Policy::Compatible).unwrap();
                    assert_eq!(back, other, "{ours} + {got:?}");
                    let want = theirs.until((jiff_unit, &jiffs(other, &zones))).unwrap();
                    let want = [
                        i64::from(want.get_years()),
                        i64::from(want.get_months()),
                        i64::from(want.get_weeks()),
                        i64::from(want.get_days()),
                        i64::from(want.get_hours()),
                        want.get_minutes(),
                        want.get_seconds(),
                        want.get_milliseconds() * 1_000_000
                            + want.get_microseconds() * 1_000
                            + want.get_nanoseconds(),
                    ];
                    let got = [
                        got.years,
                        got.months,
                        got.weeks,
                        got.days,
                        got.hours,
                        got.minutes,
                        got.seconds,
                        got.nanoseconds,
                    ];
                    assert_eq!(got, want, "{unit:?} from {ours} to {other}");
                }
            }
        }
    }
}

#[test]
fn days_are_jiffs() {
    let mut random = Random(3);
    for zones in zones() {
        for _ in 0..400 {
            let ours = moment(&mut random, zones.ours).in_zone(zones.ours);
            let theirs = jiffs(ours, &zones);
            same(ours.start_of_day().unwrap(), &theirs.start_of_day().unwrap(), &ours);
            let next = theirs.tomorrow().unwrap().start_of_day().unwrap();
            let length = theirs.start_of_day().unwrap().duration_until(&next);
            assert_eq!(
                i128::from(ours.day_length().unwrap().as_nanos()),
                length.as_nanos(),
                "{ours}"
            );
            if theirs >= next {
                // Clocks were put back over midnight: after the next day's first minute it
                // is this day again. What nearest means then, everybody says otherwise.
                assert_eq!(ours.round(Unit::Day, Rounding::Down), ours.start_of_day());
                continue;
            }
            for (rounding, mode) in [
                (Rounding::Down, RoundMode::Floor),
                (Rounding::Up, RoundMode::Ceil),
                (Rounding::HalfUp, RoundMode::HalfCeil),
                (Rounding::HalfDown, RoundMode::HalfFloor),
            ] {
                let how = ZonedRound::new().smallest(jiff::Unit::Day).mode(mode);
                let mut want = theirs.round(how).unwrap();
                // jiff takes the end of a day that begins after midnight to be as late.
                let start = theirs.start_of_day().unwrap();
                if start.time() != jiff::civil::Time::midnight() {
                    let (past, rest) =
                        (start.duration_until(&theirs), theirs.duration_until(&next));
                    let up = match rounding {
                        Rounding::Down => false,
                        Rounding::Up => !past.is_zero(),
                        Rounding::HalfUp => past >= rest,
                        _ => past > rest,
                    };
                    want = if up { next.clone() } else { start };
                }
                same(ours.round(Unit::Day, rounding).unwrap(), &want, &(ours, rounding));
            }
        }
    }
}

#[test]
fn hours_begin_where_the_clocks_say() {
    let at = |text: &str| text.parse::<Zoned>().unwrap();
    let table = [
        // The second of two hours that there are.
        (
            "2024-11-03T01:40:00-05:00[America/New_York]",
            "2024-11-03T01:00:00-05:00[America/New_York]",
        ),
        (
            "2024-11-03T01:40:00-04:00[America/New_York]",
            "2024-11-03T01:00:00-04:00[America/New_York]",
        ),
        // Clocks are put forward from 02:00 to 02:30, so that hour begins then.
        (
            "2024-10-06T02:40:00+11:00[Australia/Lord_Howe]",
            "2024-10-06T02:30:00+11:00[Australia/Lord_Howe]",
        ),
        ("2024-07-01T12:59:59.9+05:30[Asia/Kolkata]", "2024-07-01T12:00:00+05:30[Asia/Kolkata]"),
    ];
    for (zoned, want) in table {
        assert_eq!(at(zoned).truncate(Unit::Hour).unwrap().to_string(), want);
    }
    let half = at("2024-07-01T12:30:00+05:30[Asia/Kolkata]");
    assert_eq!(half.round(Unit::Hour, Rounding::HalfEven).unwrap().hour(), 12);
    assert_eq!(half.round(Unit::Hour, Rounding::HalfUp).unwrap().hour(), 13);
    let noon = at("2024-01-16T12:00:00+00:00[UTC]");
    assert_eq!(noon.round(Unit::Month, Rounding::HalfUp).unwrap().month(), 2);
    assert_eq!(noon.truncate(Unit::Week).unwrap().day(), 15);
}

#[test]
fn gaps_and_folds_by_policy() {
    let zone = Zone::get("America/New_York").unwrap();
    let local = |text: &str| instanter::civil::text::iso8601::parse(text).unwrap().0;
    let (gap, fold) = (local("2024-03-10T02:30:00"), local("2024-11-03T01:30:00"));
    let table = [
        (gap, Policy::Compatible, "2024-03-10T03:30:00-04:00"),
        (gap, Policy::Earlier, "2024-03-10T01:30:00-05:00"),
        (gap, Policy::Later, "2024-03-10T03:30:00-04:00"),
        (fold, Policy::Compatible, "2024-11-03T01:30:00-04:00"),
        (fold, Policy::Earlier, "2024-11-03T01:30:00-04:00"),
        (fold, Policy::Later, "2024-11-03T01:30:00-05:00"),
    ];
    for (local, policy, want) in table {
        assert_eq!(Zoned::from_local(local, zone, policy).unwrap().rfc3339(), want, "{policy:?}");
    }
    let rejected = |local| Zoned::from_local(local, zone, Policy::Reject).unwrap_err().rejected();
    assert!(matches!(rejected(gap), Some(Resolved::Gap(_))));
    assert!(matches!(rejected(fold), Some(Resolved::Fold(_))));
    assert!(Zoned::from_local(DateTime::MAX, zone, Policy::Later).unwrap_err().is_out_of_range());
}

#[test]
fn the_ends_are_errors_and_not_panics() {
    for time in [Time::MIN, Time::MAX] {
        for zone in zones() {
            let zoned = time.in_zone(zone.ours);
            assert_eq!(zoned.to_string().parse::<Zoned>(), Ok(zoned));
            let _ = (zoned.start_of_day(), zoned.day_length(), zoned.iso_week());
            for unit in [Unit::Nanosecond, Unit::Hour, Unit::Day, Unit::Week, Unit::Year] {
                let _ = (zoned.truncate(unit), zoned.round(unit, Rounding::Up));
                let _ = (
                    zoned.since(Time::UNIX_EPOCH.utc(), unit),
                    Time::UNIX_EPOCH.utc().since(zoned, unit),
                );
            }
            for days in [i64::MIN, -1, 1, i64::MAX] {
                let _ = (
                    zoned.add_days(days, Policy::Compatible),
                    zoned.add_months(days, Policy::Later),
                );
                let _ =
                    (zoned.add_years(days, Policy::Earlier), zoned.add_weeks(days, Policy::Reject));
                let length = Difference { hours: days, nanoseconds: days, ..Difference::ZERO };
                let _ = zoned.add(length, Overflow::Constrain, Policy::Compatible);
            }
        }
    }
    let error = Time::MAX.utc().add_days(1, Policy::Compatible).unwrap_err();
    assert!(error.is_out_of_range(), "{error}");
}

#[test]
fn texts_that_are_refused_and_why() {
    let table = [
        ("2024-07-01T12:00:00+02:00", "malformed", "expected a zone in brackets"),
        (
            "2024-07-01T12:00:00+03:00[Europe/Berlin]",
            "conflict",
            "10800 s, the zone's then is 7200 s",
        ),
        ("2024-07-01T12:00:00+02:00[Europe/Atlantis]", "zone", "\"Europe/Atlantis\""),
        ("2024-07-01T12:00:00+02:00[!u-ca=hebrew]", "malformed", ""),
        (
            "2024-07-01T12:00:00+02:00[Europe/Berlin][!u-ca=hebrew]",
            "malformed",
            "\"u-ca\" is critical",
        ),
        ("2024-07-01T12:00:00+02:00[Europe/Berlin", "malformed", "bracket"),
        ("2024-07-01T12:00:00+02:00[/etc/passwd]", "", ""),
        ("2024-07-01T12:00:00+02:00[../../etc/passwd]", "", ""),
    ];
    for (text, kind, says) in table {
        let error = text.parse::<Zoned>().unwrap_err();
        let kinds = [
            ("malformed", error.is_malformed()),
            ("conflict", error.is_conflict()),
            ("zone", error.is_zone()),
        ];
        assert!(
            kinds.iter().all(|&(name, is)| kind.is_empty() || is == (name == kind)),
            "{text}: {error:?}"
        );
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
    let accepted = [
        ("2024-07-01T12:00:00Z[Europe/Berlin]", "2024-07-01T14:00:00+02:00[Europe/Berlin]"),
        ("2024-07-01T12:00:00[Europe/Berlin]", "2024-07-01T12:00:00+02:00[Europe/Berlin]"),
        ("2024-07-01T12:00:00+02:00[europe/berlin][u-ca=hebrew][!u-ca=gregory]", ""),
        ("2024-07-01T12:00:00+05:30[+05:30]", "2024-07-01T12:00:00+05:30[+05:30]"),
        // Local mean time, to the second and rounded to the minute.
        (
            "1880-01-01T12:00:00-04:56:02[America/New_York]",
            "1880-01-01T12:00:00-04:56:02[America/New_York]",
        ),
        (
            "1880-01-01T12:00:00-04:56[America/New_York]",
            "1880-01-01T12:00:00-04:56:02[America/New_York]",
        ),
    ];
    for (text, want) in accepted {
        match text.parse::<Zoned>() {
            Ok(zoned) => assert!(want.is_empty() || zoned.to_string() == want, "{text}: {zoned}"),
            Err(error) => assert!(want.is_empty(), "{text}: {error}"),
        }
    }
}

#[test]
fn one_byte_wrong_at_each_place() {
    let text = "2024-07-01T12:00:00.5+02:00[Europe/Berlin]";
    assert!(text.parse::<Zoned>().is_ok());
    for at in 0..text.len() {
        for wrong in ["!", "é", "\0", " "] {
            let broken = [&text[..at], wrong, &text[at + 1..]].concat();
            match broken.parse::<Zoned>() {
                // A space may stand in the place of the T.
                Ok(_) => assert_eq!((at, wrong), (10, " ")),
                // `[!` is how a zone is marked as critical: then it is the name that is wrong.
                Err(error) if error.is_zone() => assert_eq!((at, wrong), (28, "!"), "{error}"),
                Err(error) => {
                    assert!(error.is_malformed(), "{broken}: {error}");
                    assert!(error.byte_offset().is_some_and(|place| place <= at), "{error}");
                }
            }
        }
        assert!(text[..at].parse::<Zoned>().is_err(), "{}", &text[..at]);
        let cut = [&text[..at], &text[at + 1..]].concat();
        // Without the fraction's only digit, or any other byte, it is no such text; the
        // zone's name may be cut to another name, but not to that of a zone.
        assert!(cut.parse::<Zoned>().is_err(), "{cut}");
    }
    let text = "1h15m30.918273645s";
    for at in 0..text.len() {
        for wrong in ["!", "é", "\0", " "] {
            let broken = [&text[..at], wrong, &text[at + 1..]].concat();
            let error = broken.parse::<Duration>().unwrap_err();
            assert!(error.byte_offset().is_some_and(|place| place <= at), "{error}");
            assert!(error.to_string().contains(&format!("{broken:?}")), "{error}");
        }
    }
}

#[test]
fn patterns_in_and_out() {
    let zone = Zone::get("America/New_York").unwrap();
    let zoned: Zoned = "2024-11-03T01:30:00-05:00[America/New_York]".parse().unwrap();
    let pattern = pattern!("%A %-d %B %Y %H:%M:%S %Z");
    let text = zoned.format(pattern).to_string();
    assert_eq!(text, "Sunday 3 November 2024 01:30:00 EST");
    assert_eq!(Zoned::parse_as(pattern, &text, zone, Policy::Reject), Ok(zoned));
    let error =
        Zoned::parse_as(pattern, &text.replace("EST", "CET"), zone, Policy::Reject).unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("\"CET\""), "{error}");
    let with_offset = pattern!("%F %T %z");
    let text = zoned.format(with_offset).to_string();
    assert_eq!(Zoned::parse_as(with_offset, &text, Zone::UTC, Policy::Reject), Ok(zoned));
    let plain = pattern!("%F %H");
    assert!(
        Zoned::parse_as(plain, "2024-11-03 01", zone, Policy::Reject)
            .unwrap_err()
            .rejected()
            .is_some()
    );
    let later = Zoned::parse_as(plain, "2024-11-03 01", zone, Policy::Later).unwrap();
    assert_eq!(later.offset(), Offset::from_hms(-5, 0, 0).unwrap());
    assert_eq!(zoned.rfc2822().unwrap(), "Sun, 03 Nov 2024 01:30:00 -0500");
}
