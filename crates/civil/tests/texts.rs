//! The standard forms: written and read back, and what must not be read.

mod moments;

use instanter_civil::text::iso8601::{self, Form};
use instanter_civil::text::rfc3339::{self, MAX_LENGTH, Rfc3339};
use instanter_civil::text::rfc9557::{Annotated, Told};
use instanter_civil::text::{rfc2822, rfc9557};
use instanter_civil::{DateTime, Error, Offset};
use moments::Random;

#[test]
fn rfc3339_is_what_write_macros_would_write() {
    let mut random = Random(10);
    for _ in 0..20_000 {
        let (local, offset) = (random.date_time_in(0, 9999), random.offset());
        let (date, time) = (local.date(), local.time());
        let seconds = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        );
        let nine = format!("{:09}", time.nanosecond());
        let sign = if offset.seconds() < 0 { '-' } else { '+' };
        let minutes = offset.seconds().abs() / 60;
        let numeric = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        let zone = if minutes == 0 { "Z" } else { &numeric };
        for digits in 0..=9u8 {
            let fraction = match digits {
                0 => String::new(),
                _ => format!(".{}", &nine[..usize::from(digits)]),
            };
            let form = Rfc3339::new().digits(digits);
            assert_eq!(form.text(local, offset).as_str(), format!("{seconds}{fraction}{zone}"));
            let text = form.text(local, Offset::UTC);
            assert_eq!(text.as_str(), format!("{seconds}{fraction}Z"));
            let want = format!("{}{fraction}{numeric}", seconds.replace('T', " "));
            let spaced = form.numeric_utc().space();
            assert_eq!(spaced.text(local, offset).as_str(), want);
            for room in 0..=MAX_LENGTH {
                let mut buffer = [b'#'; MAX_LENGTH];
                let wrote = spaced.write(&mut buffer[..room], local, offset);
                assert_eq!(wrote.is_ok(), room >= want.len());
                let length = wrote.unwrap_or(0);
                assert_eq!(buffer[..length], want.as_bytes()[..length]);
                assert!(wrote.is_ok() || buffer == [b'#'; MAX_LENGTH]);
                if digits != 3 {
                    break;
                }
            }
        }
        let trimmed = nine.trim_end_matches('0');
        let point = if trimmed.is_empty() { "" } else { "." };
        let want = format!("{seconds}{point}{trimmed}{zone}");
        assert_eq!(Rfc3339::new().text(local, offset).as_str(), want);
        assert_eq!(local.to_string() + zone, want);
    }
}

#[test]
fn written_and_read_back_over_the_whole_range() {
    let mut random = Random(11);
    for _ in 0..50_000 {
        let local = random.date_time();
        let offset = Offset::from_seconds(random.within(-86_399, 86_399) as i32).unwrap();
        let text = Rfc3339::new().text(local, offset);
        assert_eq!(rfc3339::parse(&text), Ok((local, offset)), "{text}");
        let text = local.to_string();
        assert_eq!(iso8601::parse(&text), Ok((local, None)), "{text}");
        for form in [Form::Calendar, Form::Week, Form::Ordinal] {
            let text = form.text(local.date());
            assert_eq!(iso8601::parse_date(&text), Ok(local.date()), "{text}");
            if let Ok(text) = form.basic_text(local.date()) {
                assert_eq!(iso8601::parse_date(&text), Ok(local.date()), "{text}");
            }
        }
        let annotated = Annotated::new(local, offset, "America/Port-au-Prince").unwrap();
        assert_eq!(rfc9557::parse(&annotated.to_string()), Ok(annotated));
    }
    let hours = |hours| Offset::from_hms(hours, 0, 0).unwrap();
    for (offset, want) in [(99, "+99:00"), (100, "+100:00"), (-100, "-100:00")] {
        let text = Rfc3339::new().text(DateTime::UNIX_EPOCH, hours(offset));
        assert_eq!(text, format!("1970-01-01T00:00:00{want}").as_str());
    }
    let far = Offset::MAX;
    assert_eq!(Rfc3339::new().text(DateTime::MIN, far).len(), MAX_LENGTH - 10);
    let longest = Rfc3339::new().text(DateTime::MAX, Offset::MIN);
    assert_eq!(longest, "+299999999999-12-31T23:59:59.999999999-167:59:59");
}

#[test]
fn text_of_a_moment_is_that_of_its_date_and_time() {
    let mut random = Random(52);
    for _ in 0..20_000 {
        let (second, nanosecond) = (random.any_size(), random.below(1_100_000_000) as u32);
        let offset = match random.below(3) {
            0 => Offset::from_seconds(random.within(-604_799, 604_799) as i32).unwrap(),
            _ => Offset::UTC,
        };
        let mut how = Rfc3339::new().digits(9);
        if random.below(3) == 0 {
            how = how.digits(random.below(10) as u8);
        }
        if random.below(3) == 0 {
            how = how.numeric_utc().space();
        }
        let want = how.text(DateTime::from_unix(second, nanosecond, offset), offset);
        let got = how.text_unix(second, nanosecond, offset);
        assert_eq!(got.as_str(), want.as_str(), "{second} {nanosecond}");
        let mut short = [0; 29];
        let written = how.write_unix(&mut short, second, nanosecond, offset);
        assert_eq!(written.is_err(), want.len() > short.len(), "{want}");
    }
}

#[test]
fn rfc2822_written_and_read_back() {
    let mut random = Random(12);
    for _ in 0..20_000 {
        let local = random.date_time_in(0, 9999).truncate(instanter_civil::Unit::Second);
        let offset = random.offset();
        let text = rfc2822::text(local, offset).unwrap();
        assert_eq!(text.len(), rfc2822::LENGTH);
        assert_eq!(rfc2822::parse(&text), Ok((local, offset)), "{text}");
    }
    let (epoch, utc) = (DateTime::UNIX_EPOCH, Offset::UTC);
    assert!(rfc2822::text(DateTime::MAX, utc).unwrap_err().is_out_of_range());
    assert!(rfc2822::text(epoch, Offset::from_seconds(1).unwrap()).unwrap_err().is_out_of_range());
    assert!(rfc2822::text(epoch, Offset::MAX).is_err());
    assert!(rfc2822::write(&mut [0; 30], epoch, utc).unwrap_err().is_room());
}

/// What is read, and as what: RFC 3339 of it.
#[test]
fn what_is_read() {
    type Parse = fn(&str) -> Result<(DateTime, Offset), Error>;
    let in_utc: Parse =
        |text| iso8601::parse(text).map(|(time, offset)| (time, offset.unwrap_or_default()));
    let table: &[(Parse, &str, &str)] = &[
        (rfc3339::parse, "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z"),
        (rfc3339::parse, "1996-12-19T16:39:57-08:00", "1996-12-19T16:39:57-08:00"),
        (rfc3339::parse, "1990-12-31T23:59:60Z", "1990-12-31T23:59:59.999999999Z"),
        (rfc3339::parse, "1990-12-31T15:59:60.5-08:00", "1990-12-31T15:59:59.999999999-08:00"),
        (rfc3339::parse, "1937-01-01T12:00:27.87+00:20", "1937-01-01T12:00:27.87+00:20"),
        (rfc3339::parse, "2024-02-29t12:00:00z", "2024-02-29T12:00:00Z"),
        (rfc3339::parse, "2024-02-29 12:00:00-00:00", "2024-02-29T12:00:00Z"),
        (rfc3339::parse, "2024-02-29_12:00:00.1234567899Z", "2024-02-29T12:00:00.123456789Z"),
        (rfc3339::parse, "0000-02-29T12:00:00.000000001Z", "0000-02-29T12:00:00.000000001Z"),
        (rfc3339::parse, "+002024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
        (rfc3339::parse, "1892-05-01T00:00:00+00:17:30", "1892-05-01T00:00:00+00:17:30"),
        (rfc2822::parse, "Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
        (rfc2822::parse, "21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"),
        (
            rfc2822::parse,
            "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
            "1969-02-13T23:32:00-03:30",
        ),
        (
            rfc2822::parse,
            "(a (b\\)) c)fri (,) , 21(x)NOV 1997 09(comment):   55  :  06 -0600",
            "1997-11-21T09:55:06-06:00",
        ),
        (rfc2822::parse, "1 Jan 49 0:00 EDT", "2049-01-01T00:00:00-04:00"),
        (rfc2822::parse, "1 Jan 101 00:00 pst", "2001-01-01T00:00:00-08:00"),
        (rfc2822::parse, "1 Jan 2001 00:00 A", "2001-01-01T00:00:00Z"),
        (rfc2822::parse, "Sun, 31 Dec 2016 23:59:60 +0000", "!0"),
        (rfc2822::parse, "Sat, 31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59.999999999Z"),
        (in_utc, "20240229T123456.5", "2024-02-29T12:34:56.5Z"),
        (in_utc, "2024-02-29T12:34:56,5+01", "2024-02-29T12:34:56.5+01:00"),
        (in_utc, "2024060T12-0330", "2024-02-29T12:00:00-03:30"),
        (in_utc, "2024-W09-4T12.25Z", "2024-02-29T12:15:00Z"),
        (in_utc, "2024-12-31T24:00Z", "2025-01-01T00:00:00Z"),
        (in_utc, "+0020240229T12Z", "2024-02-29T12:00:00Z"),
        (in_utc, "+002024W094T12Z", "2024-02-29T12:00:00Z"),
        (in_utc, "+12024-02-29T12Z", "!6"),
        (in_utc, "2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999999Z"),
    ];
    for (parse, text, want) in table {
        let got = match parse(text) {
            Ok((local, offset)) => Rfc3339::new().text(local, offset).to_string(),
            Err(error) => format!("!{}", error.offset().unwrap()),
        };
        assert_eq!(got, *want, "parse({text:?})");
    }
}

/// What is not read, and at which byte that is said.
#[test]
fn what_is_not_read() {
    let rfc3339: fn(&str) -> Option<Error> = |text| rfc3339::parse(text).err();
    let rfc2822: fn(&str) -> Option<Error> = |text| rfc2822::parse(text).err();
    let rfc9557: fn(&str) -> Option<Error> = |text| rfc9557::parse(text).err();
    let iso: fn(&str) -> Option<Error> = |text| iso8601::parse(text).err();
    let iso_date: fn(&str) -> Option<Error> = |text| iso8601::parse_date(text).err();
    let table = [
        (rfc3339, "", 0),
        (rfc3339, "2024", 4),
        (rfc3339, "24-02-29T12:00:00Z", 2),
        (rfc3339, "2024-2-29T12:00:00Z", 6),
        (rfc3339, "2024-00-01T12:00:00Z", 5),
        (rfc3339, "2024-13-01T12:00:00Z", 5),
        (rfc3339, "2024-02-00T12:00:00Z", 8),
        (rfc3339, "2024-02-30T12:00:00Z", 8),
        (rfc3339, "2023-02-29T12:00:00Z", 8),
        (rfc3339, "1900-02-29T12:00:00Z", 8),
        (rfc3339, "2024-04-31T12:00:00Z", 8),
        (rfc3339, "2024-02-29T24:00:00Z", 11),
        (rfc3339, "2024-02-29T12:60:00Z", 14),
        (rfc3339, "2024-02-29T12:00:61Z", 17),
        (rfc3339, "2024-02-29T12:00:60Z", 17),
        (rfc3339, "2024-02-28T23:59:60Z", 17),
        (rfc3339, "2024-02-29T23:59:60+00:01", 17),
        (rfc3339, "2024-02-29T12:00:00", 19),
        (rfc3339, "2024-02-29T12:00Z", 16),
        (rfc3339, "2024-02-29T12:00:00.Z", 20),
        (rfc3339, "2024-02-29T12:00:00,5Z", 19),
        (rfc3339, "2024-02-29T12:00:00+24:00", 20),
        (rfc3339, "2024-02-29T12:00:00+23:60", 23),
        (rfc3339, "2024-02-29T12:00:00+0100", 22),
        (rfc3339, "2024-02-29T12:00:00+01:00:60", 26),
        (rfc3339, "2024-02-29T12:00:00Z ", 20),
        (rfc3339, " 2024-02-29T12:00:00Z", 0),
        (rfc3339, "2024-02-29T12:00:00.123456789012345678901234567890", 50),
        (rfc3339, "-000000-01-01T00:00:00Z", 0),
        (rfc3339, "-2024-01-01T00:00:00Z", 5),
        (rfc3339, "+1234567890123-01-01T00:00:00Z", 14),
        (rfc3339, "+300000000000-01-01T00:00:00Z", 0),
        (rfc3339, "２０２４-02-29T12:00:00Z", 0),
        (rfc2822, "", 0),
        (rfc2822, "Thu 29 Feb 2024 12:00:00 +0000", 4),
        (rfc2822, "Wed, 29 Feb 2024 12:00:00 +0000", 0),
        (rfc2822, "Thu, 30 Feb 2024 12:00:00 +0000", 5),
        (rfc2822, "Thu, 29 Feb 2024 24:00:00 +0000", 17),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00", 25),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00 +00", 29),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00 +0060", 29),
        (rfc2822, "Thu, 29 Fev 2024 12:00:00 +0000", 8),
        (rfc2822, "Thu, 29 Feb 20240 12:00:00 +0000", 16),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00 J", 26),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00 +0000 (", 32),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00 +0000 (\\", 32),
        (rfc2822, "Thu, 29 Feb 2024 12:00:00 +0000 x", 32),
        (rfc2822, "Thu, 29 Feb 2024 12:0:00 +0000", 21),
        (rfc2822, "Thu, 29Feb 2024 12:00:00 +0000", 7),
        (rfc9557, "2024-02-29T12:00:00", 19),
        (rfc9557, "2024-02-29T12:00:00[", 20),
        (rfc9557, "2024-02-29T12:00:00[u-ca=x]", 19),
        (rfc9557, "2024-02-29T12:00[Europe/Berlin]", 16),
        (rfc9557, "2024-02-29T12:00:00.[Europe/Berlin]", 20),
        (rfc9557, "2024-02-29[Europe/Berlin]", 10),
        (rfc9557, "2024-02-30T12:00:00[Europe/Berlin]", 8),
        (rfc9557, "2024-02-28T23:59:60[Europe/Berlin]", 17),
        (rfc9557, "2024-02-29T12:00:00 [Europe/Berlin]", 19),
        (rfc9557, "2024-02-29T12:00:00[Europe/Berlin]Z", 34),
        (rfc9557, "2024-02-29T12:00:00Z[", 21),
        (rfc9557, "2024-02-29T12:00:00Z[]", 21),
        (rfc9557, "2024-02-29T12:00:00Z[Europe/Berlin", 34),
        (rfc9557, "2024-02-29T12:00:00Z[Europe/]", 28),
        (rfc9557, "2024-02-29T12:00:00Z[../etc]", 21),
        (rfc9557, "2024-02-29T12:00:00Z[a/./b]", 23),
        (rfc9557, "2024-02-29T12:00:00Z[+25:00]", 22),
        (rfc9557, "2024-02-29T12:00:00Z[u-ca=]", 26),
        (rfc9557, "2024-02-29T12:00:00Z[U-ca=x]", 21),
        (rfc9557, "2024-02-29T12:00:00Z[u-ca=x][Europe/Berlin]", 29),
        (rfc9557, "2024-02-29T12:00:00Z[u-ca=x-]", 28),
        (rfc9557, "2024-02-29T12:00:00Z[!u-ca=x][u-ca=y]", 29),
        (rfc9557, "2024-02-29T12:00:00Z[u-ca=x] ", 28),
        (iso_date, "2024-02", 7),
        (iso_date, "202402", 6),
        (iso_date, "2024-0229", 7),
        (iso_date, "202402-29", 6),
        (iso_date, "2024-W094", 8),
        (iso_date, "2024W09-4", 7),
        (iso_date, "2024-W00-1", 6),
        (iso_date, "2024-W09-8", 9),
        (iso_date, "2024-000", 5),
        (iso_date, "2023-366", 5),
        (iso_date, "2024-02-29T", 10),
        (iso, "2024-02-29", 10),
        (iso, "2024-02-29T1234", 13),
        (iso, "20240229T12:34", 11),
        (iso, "20240229T24:01", 11),
        (iso, "20240229T2401", 9),
        (iso, "20240229T240000.000000001", 9),
        (iso, "20240229T12.", 12),
        (iso, "2024-02-29T12:34+0100", 19),
        (iso, "20240229T1234+01:00", 16),
        (iso, "+299999999999-12-31T24:00:00", 20),
    ];
    for (parse, text, want) in table {
        let error = parse(text).unwrap_or_else(|| panic!("{text:?} was read"));
        assert!(error.is_malformed());
        assert_eq!(error.offset(), Some(want), "{text:?}: {error}");
    }
}

/// No byte anywhere makes a panic, and no wrong byte goes unseen: what is read
/// after a change is written with that change again.
#[test]
fn each_byte_wrong_at_each_place() {
    let texts = [
        "2024-02-29T12:34:56.123456789Z",
        "2024-02-29T12:34:56.123456789+01:30[Europe/Berlin][!u-ca=gregory]",
        "2024-02-29T12:34:56.5[!Europe/Berlin][u-ca=gregory]",
        "-123456-12-31T23:59:59-23:59:59",
        "Thu, 29 Feb 2024 12:34:56 +0130",
        "2024-W09-4T12:34:56.5+01:30",
        "20240229T123456Z",
        "2024060",
    ];
    for text in texts {
        for place in 0..text.len() {
            if place < 19 {
                assert!(
                    rfc3339::parse_bytes(&text.as_bytes()[..place]).is_err(),
                    "{text} to {place}"
                );
            }
            for byte in 0..=255u8 {
                let mut changed = text.as_bytes().to_vec();
                changed[place] = byte;
                if let Ok((local, offset)) = rfc3339::parse_bytes(&changed) {
                    let digits = if changed.contains(&b'.') { 9 } else { 0 };
                    let form = Rfc3339::new().numeric_utc().digits(digits);
                    let again = form.text(local, offset);
                    let shown = String::from_utf8_lossy(&changed).to_uppercase();
                    let shown = shown.replace([' ', '_'], "T").replace('Z', "+00:00");
                    assert_eq!(again.replace("-00:00", "+00:00"), shown);
                }
                let Ok(changed) = String::from_utf8(changed) else { continue };
                for error in [
                    rfc3339::parse(&changed).err(),
                    rfc2822::parse(&changed).err(),
                    rfc9557::parse(&changed).err(),
                    iso8601::parse(&changed).err(),
                    iso8601::parse_date(&changed).err(),
                ]
                .into_iter()
                .flatten()
                {
                    assert!(error.offset().unwrap() <= changed.len());
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
}

#[test]
fn annotations() {
    let text = "2022-07-08T00:14:07Z[!Europe/Paris][!u-ca=japanese][_foo=bar-1][_foo=baz]";
    let annotated = rfc9557::parse(text).unwrap();
    assert_eq!(annotated.zone, Some(rfc9557::Zone { name: "Europe/Paris", critical: true }));
    assert_eq!(annotated.told, Told::Zulu);
    let tags: Vec<_> = annotated.tags().map(|tag| (tag.critical, tag.key, tag.value)).collect();
    assert_eq!(
        tags,
        [(true, "u-ca", "japanese"), (false, "_foo", "bar-1"), (false, "_foo", "baz")]
    );
    assert_eq!(annotated.to_string(), text);
    let hour = Offset::from_seconds(3_600).unwrap();
    for (text, told) in [
        ("2022-07-08T00:14:07Z", Told::Zulu),
        ("2022-07-08T00:14:07-00:00", Told::Zulu),
        ("2022-07-08T00:14:07+00:00", Told::Offset(Offset::UTC)),
        ("2022-07-08T00:14:07+01:00[Etc/GMT-1]", Told::Offset(hour)),
        ("2022-07-08T00:14:07+01:00[+01:00]", Told::Offset(hour)),
        ("2022-07-08T00:14:07[Europe/Paris]", Told::Nothing),
        ("2022-07-08T00:14:07.25[!Europe/Paris][_x=y][!u-ca=gregory]", Told::Nothing),
        ("2022-07-08T00:14:07[-00:00]", Told::Nothing),
        ("-000001-07-08T00:14:07[Europe/Paris]", Told::Nothing),
    ] {
        let annotated = rfc9557::parse(text).unwrap();
        assert_eq!(annotated.told, told, "{text}");
        assert_eq!(annotated.to_string().replace('Z', "-00:00"), text.replace('Z', "-00:00"));
    }
}

/// Where the offset is left out, its date and time are read as those with one.
#[test]
fn without_an_offset() {
    for local in [
        "2024-02-29T12:34:56",
        "2024-02-29t12:34:56.5",
        "2024-02-29 12:34:56.123456789",
        "2024-02-29_12:34:56.1234567899999999999999999999999999",
        "+299999999999-12-31T23:59:59",
        "-000001-01-01T00:00:00",
        "2016-12-31T23:59:60",
    ] {
        let (with, without) = (format!("{local}Z"), format!("{local}[Europe/Berlin]"));
        let got = rfc9557::parse(&without).unwrap();
        assert_eq!(got.local, rfc9557::parse(&with).unwrap().local, "{local}");
        assert_eq!(Annotated::without_offset(got.local, "Europe/Berlin"), Ok(got), "{local}");
        assert_eq!(rfc9557::parse(&got.to_string()), Ok(got), "{local}");
    }
    // The leap second at the end of 2016, as Berlin had it.
    let leap = rfc9557::parse("2017-01-01T00:59:60[Europe/Berlin]").unwrap();
    assert_eq!(leap.local.to_string(), "2017-01-01T00:59:59.999999999");
    let error = rfc9557::parse("2024-02-29T12:00:00[u-ca=x]").unwrap_err().to_string();
    assert!(error.contains("byte 19") && error.contains("[u-ca=x]"), "{error}");
}
