//! Unix seconds as a date and time in UTC.

use instanter::Time;
use instanter_clock::Timespec;

/// Returns a wall clock reading in RFC 3339 with nine digits. Years outside
/// 0000 to 9999, which RFC 3339 does not have, get a sign and six digits as in
/// ISO 8601's expanded form.
pub(crate) fn rfc3339(time: Timespec) -> String {
    format!("{:.9}", Time::from_unix(time.sec, time.nsec))
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
}
