//! Patterns: what no other library has, what is wrong, and what must not panic.

mod moments;

use instanter_civil::{DateTime, Offset, Pattern, go_layout, pattern};
use moments::Random;

#[test]
fn fractions_and_offsets() {
    let time = |nanosecond| DateTime::from_unix(1_709_210_096, nanosecond, Offset::UTC);
    let table = [
        ("%N", 1_020_000, "001020000"),
        ("%f", 1_020_000, "001020000"),
        ("%3N", 1_020_000, "001"),
        ("%1N", 999_999_999, "9"),
        ("%.f", 1_020_000, ".00102"),
        ("%.f", 0, ""),
        ("%.3f", 0, ".000"),
        ("%.6f", 1_020_000, ".001020"),
        ("%.9f", 1_020_000, ".001020000"),
        ("%S%.f", 500_000_000, "56.5"),
        // Nearly the forms that are written at once.
        ("%Y-%-m-%d", 0, "2024-2-29"),
        ("%6Y-%m-%d", 0, "002024-02-29"),
        ("%5H:%M:%S", 0, "00012:34:56"),
        ("%Y-%m/%d %H:%M-%S", 0, "2024-02/29 12:34-56"),
        ("%q", 0, "1"),
        ("%s", 0, "1709210096"),
        ("%+", 0, "Thu Feb 29 12:34:56 TST 2024"),
        ("100%%%n%t", 0, "100%\n\t"),
        ("%^Bé%^A", 0, "FEBRUARYéTHURSDAY"),
    ];
    for (text, nanosecond, want) in table {
        let pattern = Pattern::strftime(text).unwrap();
        let got = pattern.display(time(nanosecond), Offset::UTC, Some("TST")).to_string();
        assert_eq!(got, want, "{text:?} of {}", time(nanosecond));
        let mut buffer = [0; 64];
        let length = pattern.write(&mut buffer, time(nanosecond), Offset::UTC, Some("TST"));
        assert_eq!(&buffer[..length.unwrap()], want.as_bytes());
        let short = want.len().saturating_sub(1);
        let written =
            pattern.write(&mut buffer[..short], time(nanosecond), Offset::UTC, Some("TST"));
        assert!(want.is_empty() || written.unwrap_err().is_room());
        let mut bytes = Vec::new();
        pattern.write_io(&mut bytes, time(nanosecond), Offset::UTC, Some("TST")).unwrap();
        assert_eq!(bytes, want.as_bytes());
    }
    let offsets = [
        (0, "+0000 +00:00 +00:00:00 +00"),
        (19_800, "+0530 +05:30 +05:30:00 +05:30"),
        (-12_600, "-0330 -03:30 -03:30:00 -03:30"),
        (-1, "-0000 -00:00 -00:00:01 -00:00:01"),
        (1_172, "+0019 +00:19 +00:19:32 +00:19:32"),
        (604_799, "+16759 +167:59 +167:59:59 +167:59:59"),
    ];
    for (seconds, want) in offsets {
        let offset = Offset::from_seconds(seconds).unwrap();
        let got = pattern!("%z %:z %::z %:::z").display(DateTime::UNIX_EPOCH, offset, None);
        assert_eq!(got.to_string(), want);
    }
    let far = pattern!("%s").write(&mut [0; 32], DateTime::MAX, Offset::UTC, None);
    assert!(far.unwrap_err().is_out_of_range());
}

#[test]
fn wrong_patterns() {
    let long = "%d".repeat(49);
    let table = [
        ("%", 1),
        ("%Q", 1),
        ("%Y-%J", 4),
        ("%-", 2),
        ("%5", 2),
        ("%256Y", 1),
        ("%99999999999999999999Y", 1),
        ("%5T", 2),
        ("%_F", 2),
        ("%Ed", 2),
        ("%OY", 2),
        ("%E", 2),
        ("%10N", 1),
        ("%:", 2),
        ("%::::z", 4),
        ("%:Z", 2),
        ("%5z", 1),
        ("%.", 2),
        ("%.0f", 2),
        ("%.12f", 3),
        ("%.3N", 3),
        ("%é", 1),
        (long.as_str(), 96),
    ];
    for (text, at) in table {
        let error = Pattern::strftime(text).unwrap_err();
        assert!(error.is_pattern());
        assert_eq!(error.offset(), Some(at), "{text:?}: {error}");
    }
    assert!(Pattern::strftime(&"x".repeat(65_536)).unwrap_err().is_pattern());
    assert!(Pattern::strftime(&"x".repeat(65_535)).is_ok());
    assert!(Pattern::go(&"02".repeat(49)).unwrap_err().is_pattern());
}

#[test]
fn what_is_written_is_read() {
    let patterns = [
        pattern!("%Y-%m-%dT%H:%M:%S%.f%::z"),
        pattern!("%G-W%V-%u %T.%N %::z"),
        pattern!("%s.%N %::z"),
        pattern!("%A %d %B %Y, %I:%M:%S%.9f %p %::z"),
        pattern!("%Y %j %H %M %S %f %::z"),
        pattern!("%Y %U %a %T%.f %::z"),
        pattern!("%Y %W %w %T%.f %::z"),
        pattern!("%C%y%m%d%H%M%S%N%::z"),
        go_layout!("2006-01-02T15:04:05.999999999Z07:00:00"),
        go_layout!("Monday, 2 January 2006 3:04:05.000000000 PM -070000"),
        go_layout!("2006__2 15.4.5,999999999 -07:00:00"),
    ];
    let mut random = Random(30);
    for _ in 0..3_000 {
        let local = random.date_time_in(1000, 9999);
        let offset = Offset::from_seconds(random.within(-86_399, 86_399) as i32).unwrap();
        for pattern in patterns {
            let text = pattern.display(local, offset, None).to_string();
            let fields =
                pattern.parse(&text).unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
            assert_eq!(fields.offset, Some(offset), "{text:?} by {pattern:?}");
            assert_eq!(fields.date_time(), Ok(local), "{text:?} by {pattern:?}");
        }
    }
    for (text, want) in [("68", 2068), ("69", 1969), ("99", 1999), ("00", 2000)] {
        let text = format!("{text}-001");
        assert_eq!(pattern!("%y-%j").parse(&text).unwrap().date().unwrap().year(), want, "{text}");
    }
    for year in [-299_999_999_999, -12_345, -1, 10_000, 299_999_999_999] {
        let date = instanter_civil::Date::new(year, 2, 3).unwrap();
        let local = DateTime::UNIX_EPOCH.with_date(date);
        let mut text = pattern!("%Y/%m/%d").display(local, Offset::UTC, None).to_string();
        if year > 9999 {
            text.insert(0, '+');
        }
        assert_eq!(pattern!("%Y/%m/%d").parse(&text).unwrap().date(), Ok(date), "{text}");
    }
}

#[test]
fn fields_that_contradict() {
    let table: &[(&Pattern<'_>, &str)] = &[
        (pattern!("%a %F"), "Mon 2024-02-29"),
        (pattern!("%F %j"), "2024-02-29 061"),
        (pattern!("%F %y"), "2024-02-29 25"),
        (pattern!("%F %C"), "2024-02-29 21"),
        (pattern!("%F %V"), "2024-02-29 10"),
        (pattern!("%F %G"), "2024-02-29 2023"),
        (pattern!("%F %g"), "2024-02-29 23"),
        (pattern!("%F %U"), "2024-02-29 10"),
        (pattern!("%F %W"), "2024-02-29 10"),
        (pattern!("%F %q"), "2024-02-29 2"),
        (pattern!("%F %s"), "2024-02-29 0"),
    ];
    for (pattern, text) in table {
        let date = pattern.parse(text).unwrap().date();
        assert!(date.unwrap_err().is_conflict(), "{text:?} by {pattern:?}");
    }
    let table: &[(&Pattern<'_>, &str)] = &[
        (pattern!("%H %I"), "13 02"),
        (pattern!("%H %p"), "13 AM"),
        (pattern!("%s %H"), "0 01"),
        (pattern!("%s %M"), "0 01"),
        (pattern!("%s %S"), "0 01"),
    ];
    for (pattern, text) in table {
        let time = pattern.parse(text).unwrap().time();
        assert!(time.unwrap_err().is_conflict(), "{text:?} by {pattern:?}");
    }
    let error = pattern!("%H %H").parse("12 13").unwrap_err();
    assert!(error.is_conflict());
    assert_eq!(error.offset(), Some(3));
    let leap = |text| pattern!("%F %T").parse(text).unwrap().date_time();
    assert!(leap("2016-12-31 23:59:60").is_ok());
    assert!(leap("2016-12-30 23:59:60").unwrap_err().is_conflict());
    for missing in [pattern!("%Y-%m"), pattern!("%U %a"), pattern!("%G %V"), pattern!("%M:%S")] {
        let text = missing.display(DateTime::UNIX_EPOCH, Offset::UTC, None).to_string();
        let fields = missing.parse(&text).unwrap();
        assert!(fields.date_time().unwrap_err().is_missing(), "{text:?} by {missing:?}");
    }
    assert!(pattern!("%I").parse("12").unwrap().time().unwrap_err().is_missing());
}

/// Random patterns, random moments, random texts: nothing panics, and an error
/// points into the text.
#[test]
fn nothing_panics() {
    let letters: Vec<char> =
        "%%%%%aAbBcCdDeFgGhHIjklmMnNpPqrRsStTuUVwWxXyYzZ+:.-_0^#3fEO é\n".chars().collect();
    let go = [
        "2006", "06", "Jan", "January", "01", "1", "_2", "2", "02", "002", "__2", "Mon", "Monday",
        "15", "3", "03", "PM", "pm", "04", "4", "05", "5", ".000", ",999", "MST", "Z07:00", "-07",
        "-070000", "x", " ", "é", "0", "_", ".",
    ];
    let mut random = Random(31);
    let mut buffer = [0; 4096];
    for round in 0..20_000 {
        let text: String = match round % 2 {
            0 => (0..random.below(12))
                .map(|_| letters[random.below(letters.len() as u64) as usize])
                .collect(),
            _ => (0..random.below(8)).map(|_| go[random.below(go.len() as u64) as usize]).collect(),
        };
        let pattern = if round % 2 == 0 { Pattern::strftime(&text) } else { Pattern::go(&text) };
        let Ok(pattern) = pattern else { continue };
        let local = random.date_time();
        let offset = Offset::from_seconds(random.within(-604_799, 604_799) as i32).unwrap();
        let Ok(length) = pattern.write(&mut buffer, local, offset, Some("Zoné")) else { continue };
        let mut written = String::from_utf8(buffer[..length].to_vec()).unwrap();
        assert_eq!(written, pattern.display(local, offset, Some("Zoné")).to_string());
        for _ in 0..3 {
            match pattern.parse(&written) {
                Ok(fields) => {
                    let _ = fields.date_time();
                }
                Err(error) => {
                    assert!(error.offset().is_none_or(|at| at <= written.len()), "{error}");
                }
            }
            let place = random.below(written.len() as u64 + 1) as usize;
            if written.is_char_boundary(place) {
                written.insert(place, letters[random.below(letters.len() as u64) as usize]);
            }
        }
    }
}
