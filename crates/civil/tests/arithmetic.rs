//! Adding and taking differences: laws, and a table.

mod moments;

use instanter_civil::{Date, DateTime, Difference, Overflow, TimeOfDay, Unit};
use moments::Random;

fn date(text: &str) -> Date {
    instanter_civil::text::iso8601::parse_date(text).unwrap()
}

#[test]
fn months_and_years() {
    let table = [
        ("2024-01-31", 1, "2024-02-29", false),
        ("2023-01-31", 1, "2023-02-28", false),
        ("2024-01-29", 1, "2024-02-29", true),
        ("2024-01-31", 13, "2025-02-28", false),
        ("2024-03-31", -1, "2024-02-29", false),
        ("2024-12-31", 1, "2025-01-31", true),
        ("2024-01-01", -1, "2023-12-01", true),
        ("2024-01-31", 3, "2024-04-30", false),
        ("2024-02-29", 12, "2025-02-28", false),
        ("2024-02-29", 48, "2028-02-29", true),
        ("0000-01-31", -11, "-000001-02-28", false),
        ("2024-05-31", 0, "2024-05-31", true),
    ];
    for (from, months, want, exists) in table {
        let got = date(from).add_months(months, Overflow::Constrain);
        assert_eq!(got, Ok(date(want)), "{from} + {months} months");
        let rejected = date(from).add_months(months, Overflow::Reject);
        assert_eq!(rejected.is_ok(), exists, "{from} + {months} months");
    }
}

#[test]
fn the_ends_are_errors() {
    for months in [i64::MIN, i64::MIN / 12, -1, i64::MAX / 12, i64::MAX] {
        let from = if months < 0 { Date::MIN } else { Date::MAX };
        assert!(from.add_months(months, Overflow::Constrain).unwrap_err().is_out_of_range());
        assert!(from.add_years(months, Overflow::Constrain).unwrap_err().is_out_of_range());
        assert!(from.add_days(months).unwrap_err().is_out_of_range());
        assert!(from.add_weeks(months).unwrap_err().is_out_of_range());
        let length = Difference { years: months, days: months, ..Difference::ZERO };
        assert!(from.add(length, Overflow::Constrain).unwrap_err().is_out_of_range());
        let hours = Difference { hours: months, ..Difference::ZERO };
        let end = DateTime::new(from, TimeOfDay::MIDNIGHT);
        let _ = end.add(hours, Overflow::Constrain);
        let _ = end.add_seconds(months);
        assert!(end.add_nanoseconds(i128::MIN).is_err());
        assert!(end.add_nanoseconds(i128::MAX).is_err());
    }
    assert!(DateTime::MAX.add_nanoseconds(1).is_err());
    assert!(DateTime::MIN.add_nanoseconds(-1).is_err());
    assert!(DateTime::MAX.since(DateTime::MIN, Unit::Nanosecond).is_err());
    assert!(DateTime::MAX.since(DateTime::MIN, Unit::Second).is_err());
    assert!(DateTime::MAX.since(DateTime::MIN, Unit::Minute).is_ok());
    let whole = DateTime::MAX.since(DateTime::MIN, Unit::Year).unwrap();
    assert_eq!((whole.years, whole.months, whole.days, whole.hours), (599_999_999_998, 11, 30, 23));
}

#[test]
fn a_difference_added_gives_the_other_back() {
    let mut random = Random(3);
    for round in 0..60_000 {
        let (a, b) = match round % 3 {
            0 => (random.date_time(), random.date_time()),
            1 => (random.date_time_in(1999, 2001), random.date_time_in(1999, 2001)),
            _ => (random.date_time_in(2024, 2024), random.date_time_in(2024, 2024)),
        };
        for largest in [Unit::Year, Unit::Month, Unit::Week, Unit::Day, Unit::Hour, Unit::Minute] {
            let d = b.since(a, largest).unwrap();
            assert_eq!(a.add(d, Overflow::Constrain), Ok(b), "{b} since {a}: {d:?}");
            let fields =
                [d.years, d.months, d.weeks, d.days, d.hours, d.minutes, d.seconds, d.nanoseconds];
            let backwards = b < a;
            assert!(
                fields.iter().all(|&field| field == 0 || (field < 0) == backwards),
                "{b} since {a}: {d:?}"
            );
            if largest == Unit::Year {
                assert!(d.months.abs() < 12 && d.days.abs() <= 31 && d.hours.abs() < 24);
                // One month more would be too many.
                let one = if backwards { -1 } else { 1 };
                let months = d.years * 12 + d.months + one;
                let Ok(more) = a.date().add_months(months, Overflow::Constrain) else { continue };
                let more = a.with_date(more);
                assert!(if backwards { more < b } else { more > b }, "{b} since {a}: {d:?}");
            }
        }
        let d = b.date().since(a.date(), Unit::Month);
        assert_eq!(a.date().add(d, Overflow::Constrain), Ok(b.date()));
    }
}

#[test]
fn a_nanosecond_decides_about_a_day() {
    let noon = DateTime::UNIX_EPOCH.add_seconds(43_200).unwrap();
    for days in [-40, -2, -1, 0, 1, 2, 40] {
        for nanoseconds in [-1, 0, 1] {
            let there = noon.add_seconds(days * 86_400).unwrap();
            let there = there.add_nanoseconds(nanoseconds).unwrap();
            let got = there.since(noon, Unit::Day).unwrap();
            let total = i128::from(days) * 86_400_000_000_000 + nanoseconds;
            assert_eq!(i128::from(got.days), total / 86_400_000_000_000, "{there} since {noon}");
            assert_eq!(noon.add(got, Overflow::Reject), Ok(there));
        }
    }
}

#[test]
fn rounding_goes_to_a_neighbour() {
    use instanter_civil::Rounding::{Down, HalfDown, HalfEven, HalfUp, Up};
    let units = [
        Unit::Nanosecond,
        Unit::Microsecond,
        Unit::Millisecond,
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
        Unit::Week,
        Unit::Month,
        Unit::Year,
    ];
    let mut random = Random(4);
    for _ in 0..5_000 {
        let time = random.date_time_in(-3000, 3000);
        for unit in units {
            let floor = time.truncate(unit);
            let ceiling = time.round(unit, Up).unwrap();
            assert!(floor <= time && time <= ceiling, "{time} to {unit:?}");
            assert_eq!(floor.truncate(unit), floor);
            assert_eq!(ceiling.truncate(unit), ceiling, "{time} to {unit:?}");
            assert_eq!(time.round(unit, Down), Ok(floor));
            let (before, after) = (time.nanoseconds_since(floor), ceiling.nanoseconds_since(time));
            for rounding in [HalfUp, HalfDown, HalfEven] {
                let got = time.round(unit, rounding).unwrap();
                match before.cmp(&after) {
                    std::cmp::Ordering::Less => assert_eq!(got, floor, "{time} to {unit:?}"),
                    std::cmp::Ordering::Greater => assert_eq!(got, ceiling, "{time} to {unit:?}"),
                    std::cmp::Ordering::Equal => {
                        assert!(rounding != HalfUp || got == ceiling);
                        assert!(rounding != HalfDown || got == floor);
                        assert!(got == floor || got == ceiling);
                    }
                }
            }
        }
    }
}
