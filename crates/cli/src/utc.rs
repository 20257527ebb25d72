//! Unix seconds as a date and time in UTC.
//!
//! A stopgap of one function: the civil crate takes this over when it comes.

use instanter_clock::Timespec;

const DAY: i64 = 86_400;

/// Returns a wall clock reading in RFC 3339 with nine digits. Years outside
/// 0000 to 9999, which RFC 3339 does not have, get a sign and six digits as in
/// ISO 8601's expanded form.
pub(crate) fn rfc3339(time: Timespec) -> String {
    let (days, second) = (time.sec.div_euclid(DAY), time.sec.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{year:+07}"),
    };
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:09}Z", time.nsec)
}

/// Returns year, month and day of the Gregorian calendar for a number of days
/// since 1970-01-01.
///
/// Counts in years that begin on 1 March, so that the leap day is the last day
/// of a year, and in eras of 400 years, after which the calendar repeats
/// (146,097 days). See Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    // 0000-03-01 is 719,468 days before 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March on have 31, 30, 31, 30, 31 days, over and over: 153 in five.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text is what `date -u -d @N +%Y-%m-%dT%H:%M:%S.%NZ` prints.
    #[test]
    fn as_date_prints_it() {
        let table = [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.000000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000000Z"),
            (951_868_800, "2000-03-01T00:00:00.000000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000000Z"),
            (2_147_483_648, "2038-01-19T03:14:08.000000000Z"),
            (-2_208_988_800, "1900-01-01T00:00:00.000000000Z"),
            (-62_135_596_800, "0001-01-01T00:00:00.000000000Z"),
            (-62_167_219_200, "0000-01-01T00:00:00.000000000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000000000Z"),
        ];
        for (sec, want) in table {
            assert_eq!(rfc3339(Timespec { sec, nsec: 0 }), want, "rfc3339({sec})");
        }
        let nine = Timespec { sec: 1, nsec: 23_456_789 };
        assert_eq!(rfc3339(nine), "1970-01-01T00:00:01.023456789Z");
    }

    #[test]
    fn years_that_rfc_3339_lacks() {
        assert_eq!(
            rfc3339(Timespec { sec: 253_402_300_800, nsec: 0 }),
            "+010000-01-01T00:00:00.000000000Z"
        );
        assert_eq!(
            rfc3339(Timespec { sec: -62_167_219_201, nsec: 0 }),
            "-000001-12-31T23:59:59.000000000Z"
        );
        for sec in [i64::MIN, i64::MAX] {
            assert!(rfc3339(Timespec { sec, nsec: 0 }).ends_with('Z'));
        }
    }

    #[test]
    fn every_day_of_an_era_follows_the_one_before() {
        let mut before = date(-719_469);
        for days in -719_468..=-719_468 + 146_097 {
            let (year, month, day) = date(days);
            let follows = match before {
                (y, 12, 31) => (year, month, day) == (y + 1, 1, 1),
                (y, m, d) => {
                    (year, month, day) == (y, m, d + 1) || (year, month, day) == (y, m + 1, 1)
                }
            };
            assert!(follows, "{before:?}, then {:?}", (year, month, day));
            before = (year, month, day);
        }
    }
}
