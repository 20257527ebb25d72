//! The types in JSON: what is written, what is read, and what is refused with which words.

mod random;

use instanter::civil::text::rfc3339::Rfc3339;
use instanter::zone::Zone;
use instanter::{Duration, Time, Zoned};
use random::Random;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn texts() {
    let times = [
        ("1970-01-01T00:00:00Z", Time::UNIX_EPOCH),
        ("2023-11-14T22:13:20.5Z", Time::from_unix(1_700_000_000, 500_000_000)),
        ("-292277022657-01-27T08:29:52Z", Time::MIN),
        ("+292277026596-12-04T15:30:07.999999999Z", Time::MAX),
    ];
    for (text, time) in times {
        let json = format!("{text:?}");
        assert_eq!(serde_json::to_string(&time).unwrap(), json);
        assert_eq!(read(&json), Ok(time), "{text}");
    }
    let lengths = [
        ("0s", Duration::ZERO),
        ("1.5µs", Duration::from_nanos(1_500)),
        ("2562047h47m16.854775807s", Duration::MAX),
        ("-2562047h47m16.854775808s", Duration::MIN),
    ];
    for (text, length) in lengths {
        let json = format!("\"{text}\"");
        assert_eq!(serde_json::to_string(&length).unwrap(), json);
        assert_eq!(read(&json), Ok(length), "{text}");
    }
    let zones = [
        "2024-11-03T01:30:00-05:00[America/New_York]",
        "1970-01-01T00:00:00+00:00[UTC]",
        "2024-07-01T12:00:00.000000001+05:30[+05:30]",
        "1900-01-01T00:00:00-00:43:08[Africa/Monrovia]",
    ];
    for text in zones {
        let json = format!("{text:?}");
        let zoned: Zoned = read(&json).unwrap();
        assert_eq!(serde_json::to_string(&zoned).unwrap(), json);
    }
    // What is read and not written.
    assert_eq!(read(r#""2023-11-14T23:13:20.50+01:00""#), Ok(times[1].1));
    assert_eq!(read(r#""90m""#), Ok(Duration::from_minutes(90)));
    let escaped = r#""\u0031970-01-01T00:00:00Z""#;
    assert_eq!(read(escaped), Ok(Time::UNIX_EPOCH));
}

#[test]
fn random_values_as_text() {
    let mut random = Random(3);
    let zones = ["Europe/Dublin", "America/St_Johns", "Pacific/Apia"];
    let zones = zones.map(|name| Zone::get(name).unwrap());
    for step in 0..3_000 {
        let second = (random.next() as i64) >> (step % 40);
        let time = Time::from_unix(second, random.within(0, 999_999_999) as u32);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(
            json,
            format!(
                "\"{}\"",
                Rfc3339::new().text_unix(
                    time.unix_seconds(),
                    time.nanosecond(),
                    instanter::civil::Offset::UTC
                )
            )
        );
        assert_eq!(read(&json), Ok(time));
        let length = Duration::from_nanos(second);
        assert_eq!(read(&serde_json::to_string(&length).unwrap()), Ok(length));
        let zoned = Time::from_unix_seconds(random.within(-2_000_000_000, 9_000_000_000))
            .in_zone(zones[step % 3]);
        let again: Zoned = read(&serde_json::to_string(&zoned).unwrap()).unwrap();
        assert_eq!((again, again.zone()), (zoned, zoned.zone()));
    }
}

#[test]
fn a_zone_without_a_name_is_refused() {
    let zone = Zone::posix("XST5XDT,M3.2.0,M11.1.0").unwrap();
    let error = serde_json::to_string(&Time::UNIX_EPOCH.in_zone(zone)).unwrap_err();
    let want = "1969-12-31T19:00:00-05:00 in XST: its zone has no name in the tz database";
    assert_eq!(error.to_string(), want);
}

/// Puts a wrong character in the place of each byte in turn. The message must quote what is
/// there then, or at least the part of it that is wrong.
fn one_byte_wrong<T: DeserializeOwned + std::fmt::Debug>(text: &str, wrong: char) {
    assert!(read::<T>(&format!("\"{text}\"")).is_ok(), "{text}");
    for at in 0..text.len() {
        let mut broken: Vec<char> = text.chars().collect();
        broken[at] = wrong;
        let broken: String = broken.into_iter().collect();
        let error = read::<T>(&serde_json::to_string(&broken).unwrap()).expect_err(&broken);
        let from = at.saturating_sub(4);
        let part = &broken[from..(at + 1)];
        assert!(error.contains(part), "{broken}: {error}");
    }
}

#[test]
fn one_byte_wrong_everywhere_is_an_error_that_quotes_it() {
    for wrong in ['!', 'x', '/'] {
        one_byte_wrong::<Time>("2023-11-14T22:13:20.5Z", wrong);
        one_byte_wrong::<Time>("2023-11-14T22:13:20.123456789+01:00", wrong);
        one_byte_wrong::<Duration>("1h15m30.918273645s", wrong);
        one_byte_wrong::<Duration>("-250ms", wrong);
    }
    // Not `!`, which stands before what is critical.
    for wrong in ['*', '?', '#'] {
        one_byte_wrong::<Zoned>("2024-07-01T12:00:00+02:00[Europe/Berlin]", wrong);
        one_byte_wrong::<Zoned>("2024-07-01T12:00:00.25+05:30[+05:30]", wrong);
    }
}

#[test]
fn wrong_types_are_named() {
    let table = [
        (
            read::<Time>("1700000000").unwrap_err(),
            "integer `1700000000`, expected a text as in RFC",
        ),
        (read::<Duration>("1.5").unwrap_err(), "floating point `1.5`, expected a text of a length"),
        (read::<Zoned>("null").unwrap_err(), "null, expected a text as in RFC 9557"),
        (read::<Time>("[]").unwrap_err(), "sequence, expected a text as in RFC 3339"),
    ];
    for (error, want) in table {
        assert!(error.starts_with(&format!("invalid type: {want}")), "{error}");
    }
}

/// Every form of a number.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Numbers {
    #[serde(with = "instanter::serde::unix_seconds")]
    s: Time,
    #[serde(with = "instanter::serde::unix_millis")]
    ms: Time,
    #[serde(with = "instanter::serde::unix_micros")]
    us: Time,
    #[serde(with = "instanter::serde::unix_nanos")]
    ns: Time,
    #[serde(with = "instanter::serde::unix_nanos::option")]
    perhaps: Option<Time>,
    #[serde(with = "instanter::serde::nanos")]
    length: Duration,
    #[serde(with = "instanter::serde::seconds_f64")]
    float: Duration,
}

fn numbers(nanos: i64) -> Numbers {
    let time = Time::from_unix_nanos(nanos.into());
    Numbers {
        s: time,
        ms: time,
        us: time,
        ns: time,
        perhaps: (nanos % 2 == 0).then_some(time),
        length: Duration::from_nanos(nanos),
        float: Duration::from_nanos(nanos),
    }
}

#[test]
fn numbers_there_and_back() {
    let mut random = Random(4);
    let edges = [i64::MIN, -1_500_000_001, -1, 0, 1, 1_700_000_000_123_456_789, i64::MAX];
    let any = (0..3_000).map(|step| (random.next() as i64) >> (step % 60));
    for nanos in edges.into_iter().chain(any) {
        let json = serde_json::to_value(numbers(nanos)).unwrap();
        assert_eq!(json["s"], nanos.div_euclid(1_000_000_000));
        assert_eq!(json["ms"], nanos.div_euclid(1_000_000));
        assert_eq!(json["us"], nanos.div_euclid(1_000));
        assert_eq!(json["ns"], nanos);
        assert_eq!(json["perhaps"].as_i64(), (nanos % 2 == 0).then_some(nanos));
        assert_eq!(json["length"], nanos);
        assert_eq!(json["float"], nanos as f64 / 1e9);
        let again: Numbers = match serde_json::from_str(&json.to_string()) {
            Ok(again) => again,
            // The nearest `f64` of the two ends is beyond them.
            Err(error) => {
                assert!(nanos.unsigned_abs() > (1 << 63) - 1_024, "{nanos}: {error}");
                continue;
            }
        };
        let time = |unit: i64| Time::from_unix_nanos(i128::from(nanos.div_euclid(unit) * unit));
        assert_eq!(again.us, time(1_000), "{nanos}");
        assert_eq!(again.ms.unix_nanos(), i128::from(nanos.div_euclid(1_000_000)) * 1_000_000);
        assert_eq!(again.s.unix_seconds(), nanos.div_euclid(1_000_000_000));
        assert_eq!((again.ns, again.length), (numbers(nanos).ns, numbers(nanos).length));
        let off = (again.float - again.length).abs();
        // 97 days in nanoseconds.
        let most = if nanos.unsigned_abs() < 97 * 86_400_000_000_000 { 0 } else { 2_000 };
        assert!(off <= Duration::from_nanos(most), "{nanos}: off by {off}");
    }
}

#[test]
fn numbers_beyond_are_errors() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Nanos(#[serde(with = "instanter::serde::unix_nanos")] Time);
    #[derive(Debug, Serialize, Deserialize)]
    struct Millis(#[serde(with = "instanter::serde::unix_millis")] Time);
    #[derive(Debug, Deserialize)]
    struct Float(#[serde(with = "instanter::serde::seconds_f64")] Duration);
    #[derive(Debug, Deserialize)]
    struct Perhaps(#[serde(with = "instanter::serde::unix_millis::option")] Option<Time>);

    let error = serde_json::to_string(&Nanos(Time::from_unix_seconds(9_223_372_037))).unwrap_err();
    let want =
        "2262-04-11T23:47:17Z does not fit into an integer, nanoseconds since 1970, of 64 bits";
    assert_eq!(error.to_string(), want);
    assert!(serde_json::to_string(&Millis(Time::MAX)).is_err());
    assert!(serde_json::to_string(&Millis(Time::from_unix_millis(i64::MIN))).is_ok());

    let told = read::<Millis>("18446744073709551615").unwrap_err();
    let want = "18446744073709551615 is out of range: expected an integer, milliseconds since 1970";
    assert!(told.starts_with(want), "{told}");
    for (json, want) in [
        ("1.5", "invalid type: floating point `1.5`, expected an integer, milliseconds"),
        ("18446744073709551616", "invalid type: floating point `1.8446744073709552e+19`"),
        ("true", "invalid type: boolean `true`, expected an integer, milliseconds since 1970"),
    ] {
        let error = read::<Millis>(json).unwrap_err();
        assert!(error.starts_with(want), "{error}");
        let error = read::<Perhaps>(json).unwrap_err();
        assert!(error.starts_with(want), "{error}");
    }
    assert_eq!(read::<Perhaps>("null").unwrap().0, None);
    assert_eq!(read::<Float>("5").unwrap().0, Duration::from_seconds(5));
    for json in ["9223372037", "-9223372037", "9223372036.855", "1e300", "-1e300"] {
        let error = read::<Float>(json).unwrap_err();
        assert!(error.contains(json.trim_end_matches("e300")), "{json}: {error}");
    }
}

#[test]
fn no_number_and_infinity_are_errors() {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, F64Deserializer};
    for number in [f64::NAN, f64::INFINITY, -f64::INFINITY] {
        let from: F64Deserializer<Error> = number.into_deserializer();
        let error = instanter::serde::seconds_f64::deserialize(from).unwrap_err();
        let want = format!("{number} s is no number of nanoseconds within 64 bits");
        assert_eq!(error.to_string(), want);
    }
}
