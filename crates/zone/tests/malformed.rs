//! What is refused, and the byte at which.

use instanter_zone::leap::LeapTable;
use instanter_zone::posix::PosixTz;
use instanter_zone::{Table, Zone};
use proptest::prelude::*;

/// A file of version 1 or more, made of its parts.
#[derive(Clone)]
struct File {
    version: u8,
    times: Vec<i64>,
    indices: Vec<u8>,
    types: Vec<(i32, u8, u8)>,
    text: Vec<u8>,
    leaps: Vec<(i64, i32)>,
    isstd: Vec<u8>,
    isut: Vec<u8>,
    footer: &'static str,
}

/// Where the parts of the second block begin in a file of version 2, of which the
/// first block is empty but for one type.
const SECOND: usize = 44 + 6 + 1;
const TIMES: usize = SECOND + 44;

fn file() -> File {
    File {
        version: b'2',
        times: vec![-100, 100],
        indices: vec![1, 0],
        types: vec![(3_600, 0, 0), (7_200, 1, 4)],
        text: b"CET\0CEST\0".to_vec(),
        leaps: vec![],
        isstd: vec![],
        isut: vec![],
        footer: "CET-1",
    }
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.version != 0 {
            bytes.extend(b"TZif");
            bytes.push(self.version);
            bytes.extend([0; 15]);
            for count in [0_u32, 0, 0, 0, 1, 1] {
                bytes.extend(count.to_be_bytes());
            }
            bytes.extend([0; 7]);
        }
        bytes.extend(b"TZif");
        bytes.push(self.version);
        bytes.extend([0; 15]);
        let counts = [
            self.isut.len(),
            self.isstd.len(),
            self.leaps.len(),
            self.times.len(),
            self.types.len(),
            self.text.len(),
        ];
        for count in counts {
            bytes.extend((count as u32).to_be_bytes());
        }
        let wide = self.version != 0;
        let number = |bytes: &mut Vec<u8>, value: i64| {
            if wide {
                bytes.extend(value.to_be_bytes());
            } else {
                bytes.extend((value as i32).to_be_bytes());
            }
        };
        for &time in &self.times {
            number(&mut bytes, time);
        }
        bytes.extend(&self.indices);
        for &(offset_s, is_dst, text) in &self.types {
            bytes.extend(offset_s.to_be_bytes());
            bytes.extend([is_dst, text]);
        }
        bytes.extend(&self.text);
        for &(at, correction) in &self.leaps {
            number(&mut bytes, at);
            bytes.extend(correction.to_be_bytes());
        }
        bytes.extend(&self.isstd);
        bytes.extend(&self.isut);
        if wide {
            bytes.extend(format!("\n{}\n", self.footer).bytes());
        }
        bytes
    }
}

#[test]
fn tzif() {
    assert_eq!(Table::from_tzif(&file().bytes()).unwrap().offset_at(0), 7_200);
    type Change = fn(&mut File);
    let types = TIMES + 16 + 2;
    let leaps = TIMES + 18 + 12 + 9;
    #[rustfmt::skip]
    let table: &[(&str, Change, usize, &str)] = &[
        ("version", |f| f.version = 1, 4, "version is not 0 or 2 to 9"),
        ("letter", |f| f.version = b'x', 4, "version is not 0 or 2 to 9"),
        ("no types", |f| f.types.clear(), SECOND + 36, "number of local time types is not 1 to 256"),
        ("no text", |f| f.text.clear(), SECOND + 40, "no abbreviations"),
        ("odd isut", |f| f.isut = vec![0], SECOND + 20, "number of UT indicators is neither 0 nor that of types"),
        ("odd isstd", |f| f.isstd = vec![0], SECOND + 24, "number of standard indicators is neither 0 nor that of types"),
        ("indicator", |f| f.isstd = vec![0, 2], leaps + 1, "indicator is not 0 or 1"),
        ("same time", |f| f.times[1] = -100, TIMES + 8, "transition is not after the one before"),
        ("backwards", |f| f.times[1] = -101, TIMES + 8, "transition is not after the one before"),
        ("type number", |f| f.indices[1] = 2, TIMES + 17, "no local time type of that number"),
        ("offset", |f| f.types[1].0 = 93_600, types + 6, "offset is not within -24:59:59 and +25:59:59"),
        ("least offset", |f| f.types[0].0 = i32::MIN, types, "offset is not within -24:59:59 and +25:59:59"),
        ("is_dst", |f| f.types[0].1 = 2, types + 4, "summer time indicator is not 0 or 1"),
        ("text start", |f| f.types[0].2 = 9, types + 5, "abbreviation begins or ends outside the text"),
        ("text end", |f| f.text[8] = b'X', types + 11, "abbreviation begins or ends outside the text"),
        ("text bytes", |f| f.text[5] = 0x80, types + 11, "abbreviation has other than printable ASCII"),
        ("footer", |f| f.footer = "CET", leaps + 1 + 3, "footer is not a TZ string"),
        ("rules of old", |f| { f.times[1] = -5_000_000_000; f.times[0] = i64::MIN; f.footer = "CET-1CEST,M3.5.0,M10.5.0/3" }, leaps + 1, "footer's rules begin before 1840, as those of no zone do"),
        ("leap step", |f| f.leaps = vec![(78_796_800, 2)], leaps + 8, "leap second is not one second"),
        ("leap again", |f| f.leaps = vec![(78_796_800, 1), (94_694_401, 1)], leaps + 12 + 8, "leap second is not one second"),
        ("leap order", |f| f.leaps = vec![(94_694_401, 1), (78_796_800, 2)], leaps + 12, "leap second is not 28 days after the one before"),
        ("leap sign", |f| f.leaps = vec![(-1, 1)], leaps, "leap second is not 28 days after the one before"),
        ("leap after expiry", |f| { f.version = b'4'; f.leaps = vec![(78_796_800, 1), (94_694_401, 1), (126_230_402, 2)] }, leaps + 20, "leap seconds go on after they expired"),
    ];
    for &(name, change, at, what) in table {
        let mut changed = file();
        change(&mut changed);
        let error = Table::from_tzif(&changed.bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("TZif data, byte {at}: {what}"), "{name}");
        assert!(LeapTable::from_tzif(&changed.bytes()).is_err(), "{name}");
    }
}

#[test]
fn tzif_bytes() {
    let good = file().bytes();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        Table::from_tzif(&changed).unwrap_err().to_string()
    };
    assert_eq!(with(3, b"F"), "TZif data, byte 0: no header: expected TZif");
    assert_eq!(with(SECOND, b"t"), format!("TZif data, byte {SECOND}: no header: expected TZif"));
    let versions = format!("TZif data, byte {}: versions of the two headers differ", SECOND + 4);
    assert_eq!(with(SECOND + 4, b"3"), versions);
    // Counts that would take gigabytes.
    for count in 0..6 {
        let error = with(SECOND + 20 + 4 * count, &[0xff; 4]);
        assert!(error.ends_with("counts of more than the file holds"), "{error}");
        let error = with(20 + 4 * count, &[0xff; 4]);
        assert!(error.ends_with("counts of more than the file holds"), "{error}");
    }
    let end = good.len() - 7;
    assert_eq!(
        with(end, b"X"),
        format!("TZif data, byte {end}: footer does not begin with a new line")
    );
    let no_end = format!("TZif data, byte {}: ends within the footer", good.len());
    assert_eq!(with(good.len() - 1, b" "), no_end);
}

/// Files that are unusual and right.
#[test]
fn accepted() {
    let mut first = file();
    first.version = 0;
    let table = Table::from_tzif(&first.bytes()).unwrap();
    assert_eq!((table.offset_at(0), table.offset_at(i64::MAX)), (7_200, 3_600));

    let mut none = file();
    (none.times, none.indices, none.footer) = (vec![], vec![], "");
    assert_eq!(Table::from_tzif(&none.bytes()).unwrap().offset_at(5), 3_600);
    // Without transitions the footer is all that counts.
    none.footer = "<-05>5";
    assert_eq!(Table::from_tzif(&none.bytes()).unwrap().offset_at(5), -18_000);

    // A change of name alone, and one to what was there already.
    let mut names = file();
    names.types = vec![(3_600, 0, 0), (3_600, 0, 4)];
    (names.times, names.indices) = (vec![0, 10, 20], vec![1, 1, 0]);
    let table = Table::from_tzif(&names.bytes()).unwrap();
    let all: Vec<i64> = table.transitions(i64::MIN).map(|t| t.at).collect();
    assert_eq!(all, [0, 20]);

    // The footer decides from the last transition on, as in glibc.
    let mut odd = file();
    odd.footer = "<+09>-9";
    let table = Table::from_tzif(&odd.bytes()).unwrap();
    assert_eq!((table.offset_at(99), table.offset_at(100)), (7_200, 32_400));

    // Far ends of time, and summer time in years far ahead.
    let mut far = file();
    (far.times, far.footer) = (vec![i64::MIN, i64::MAX], "CET-1CEST,M3.5.0,M10.5.0/3");
    let table = Table::from_tzif(&far.bytes()).unwrap();
    assert_eq!((table.offset_at(i64::MIN), table.offset_at(0)), (7_200, 7_200));
    far.times = vec![0, 9_000_000_000];
    let table = Table::from_tzif(&far.bytes()).unwrap();
    assert_eq!(table.interval_at(8_999_999_999).start, Some(0));
    assert!(table.next_transition(9_000_000_000).unwrap().at < 9_040_000_000);

    // A gap within a fold within a gap.
    let mut tangled = file();
    tangled.types = vec![(0, 0, 0), (36_000, 0, 4)];
    (tangled.times, tangled.indices, tangled.footer) = (vec![0, 100, 200], vec![1, 0, 1], "");
    let table = Table::from_tzif(&tangled.bytes()).unwrap();
    for (local_s, want) in
        [(50, "Gap"), (150, "Unamb"), (36_050, "Unamb"), (36_150, "Gap"), (36_250, "Unamb")]
    {
        let got = format!("{:?}", table.resolve(local_s));
        assert!(got.starts_with(want), "{local_s}: {got}");
        for policy in [instanter_zone::Policy::Compatible, instanter_zone::Policy::Later] {
            let unix_s = table.to_unix(local_s, policy).unwrap();
            let shown = unix_s + i64::from(table.offset_at(unix_s));
            assert_eq!(shown == local_s, !got.starts_with("Gap"), "{local_s}: {got}, {unix_s}");
        }
    }
}

#[test]
fn posix() {
    let table = [
        ("", 0, "abbreviation of fewer than three letters"),
        ("ES5", 0, "abbreviation of fewer than three letters"),
        ("EST", 3, "offset is not [+-]hh[:mm[:ss]]"),
        ("EST+", 4, "offset is not [+-]hh[:mm[:ss]]"),
        ("EST25", 3, "hours are not 0 to 24"),
        ("EST99999999999", 3, "hours are not 0 to 24"),
        ("EST5:60", 5, "minutes are not 0 to 59"),
        ("EST5:00:60", 8, "seconds are not 0 to 59"),
        ("EST5:", 5, "offset is not [+-]hh[:mm[:ss]]"),
        ("<EST", 4, "abbreviation in <> has other than letters, digits, + and -"),
        ("<E T>5", 2, "abbreviation in <> has other than letters, digits, + and -"),
        ("<+1>5", 0, "abbreviation of fewer than three letters"),
        ("EST5ED", 4, "abbreviation of fewer than three letters"),
        ("EST5EDT,", 8, "date is not Jn, n or Mm.w.d"),
        ("EST5EDT,M3.2.0", 14, "no second date after a comma"),
        ("EST5EDT,M3.2.0,", 15, "date is not Jn, n or Mm.w.d"),
        ("EST5EDT,M0.2.0,M11.1.0", 9, "month is not 1 to 12"),
        ("EST5EDT,M13.2.0,M11.1.0", 9, "month is not 1 to 12"),
        ("EST5EDT,M3.0.0,M11.1.0", 11, "week is not 1 to 5"),
        ("EST5EDT,M3.6.0,M11.1.0", 11, "week is not 1 to 5"),
        ("EST5EDT,M3.2.7,M11.1.0", 13, "weekday is not 0 to 6"),
        ("EST5EDT,M3.2,M11.1.0", 12, "no weekday after a dot"),
        ("EST5EDT,M3,M11.1.0", 10, "no week after a dot"),
        ("EST5EDT,J0,J100", 9, "day is not 1 to 365"),
        ("EST5EDT,J366,J100", 9, "day is not 1 to 365"),
        ("EST5EDT,366,100", 8, "day is not 0 to 365"),
        ("EST5EDT,J,J100", 9, "no day after J"),
        ("EST5EDT,M3.2.0/168,M11.1.0", 15, "hours are not 0 to 167"),
        ("EST5EDT,M3.2.0/,M11.1.0", 15, "time is not [+-]hh[:mm[:ss]]"),
        ("EST5EDT,M3.2.0,M11.1.0 ", 22, "more than a TZ string"),
        ("EST5 ", 4, "abbreviation of fewer than three letters"),
        ("Ünd5", 0, "abbreviation of fewer than three letters"),
        (":EST5", 0, "abbreviation of fewer than three letters"),
    ];
    for (text, at, what) in table {
        let error = PosixTz::parse(text).unwrap_err();
        let shown = error.to_string();
        assert_eq!(error.byte_offset(), Some(at), "{shown}");
        assert!(shown.ends_with(what), "{shown}");
        assert!(shown.starts_with(&format!("TZ string {text:?}, byte")), "{shown}");
        assert!(Zone::posix(text).unwrap_err().is_malformed());
    }
    let long = format!("{}5", "A".repeat(256));
    assert!(PosixTz::parse(&long).unwrap_err().to_string().ends_with("more than 255 bytes"));
    assert!(PosixTz::parse(&long[1..]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Table::from_tzif(&bytes).is_err());
        let mut headed = b"TZif2".to_vec();
        headed.extend(&bytes);
        prop_assert!(Table::from_tzif(&headed).is_err());
    }

    #[test]
    fn posix_noise(text in "[A-Z<>+0-9:,./MJ-]{0,40}") {
        if let Ok(tz) = PosixTz::parse(&text) {
            prop_assert_eq!(PosixTz::parse(&tz.to_string()).unwrap(), tz);
        }
    }

    /// What is printed is read again as the same, and whatever the rules are,
    /// lookups agree with each other.
    #[test]
    fn posix_rules(
        std in -89_999..=89_999_i32, dst in -89_999..=89_999_i32,
        days in (0..=365_u16, 1..=365_u16), week in (1..=12_u8, 1..=5_u8, 0..=6_u8),
        times in (-604_799..=604_799_i32, -604_799..=604_799_i32), form in 0..3_u8,
        at in -10_000_000_000..20_000_000_000_i64,
    ) {
        use instanter_zone::posix::{PosixDate, PosixDay, PosixDst};
        let (a, b) = (PosixDay::WithLeapDay(days.0), PosixDay::WithoutLeapDay(days.1));
        let c = PosixDay::Weekday { month: week.0, week: week.1, weekday: week.2 };
        let (start, end) = match form { 0 => (a, b), 1 => (b, c), _ => (c, a) };
        let tz = PosixTz {
            std_abbreviation: "<+x>".trim_matches(['<', '>']).repeat(2).into(),
            std_offset_s: std,
            dst: Some(PosixDst {
                abbreviation: "DST".into(),
                offset_s: dst,
                start: PosixDate { day: start, time_s: times.0 },
                end: PosixDate { day: end, time_s: times.1 },
            }),
        };
        prop_assert_eq!(&PosixTz::parse(&tz.to_string()).unwrap(), &tz);
        let table = Table::from(tz);
        let interval = table.interval_at(at);
        prop_assert_eq!(interval.local, table.at(at));
        prop_assert_eq!(table.offset_at(at), table.at(at).offset_s);
        if let Some(start) = interval.start {
            prop_assert!(start <= at && table.at(start) == interval.local);
            prop_assert!(table.at(start - 1) != interval.local);
            prop_assert_eq!(table.interval_at(start), interval);
        }
        if let Some(end) = interval.end {
            prop_assert!(at < end && table.at(end) != interval.local);
            prop_assert_eq!(table.interval_at(end - 1), interval);
            prop_assert_eq!(table.interval_at(end).start, Some(end));
        }
        // A wall time that a clock showed is found again.
        let local_s = at + i64::from(table.offset_at(at));
        for policy in [instanter_zone::Policy::Compatible, instanter_zone::Policy::Later] {
            let unix_s = table.to_unix(local_s, policy).unwrap();
            prop_assert_eq!(unix_s + i64::from(table.offset_at(unix_s)), local_s);
        }
    }
}
