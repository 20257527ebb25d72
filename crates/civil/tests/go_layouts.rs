//! Layouts against what Go printed and read: a table made by Go 1.27.3 with
//! `data/go_layouts.go`, 3,270 lines.

use instanter_civil::pattern::go_layouts;
use instanter_civil::{Date, DateTime, Fields, Offset, Pattern, TimeOfDay};

const TABLE: &str = include_str!("data/go_layouts.tsv");

/// Undoes Go's `%q`; the table has none but these.
fn unquote(text: &str) -> String {
    text[1..text.len() - 1].replace("\\\"", "\"").replace("\\\\", "\\")
}

#[test]
fn format_writes_what_go_writes() {
    let mut lines = 0;
    for line in TABLE.lines().filter(|line| line.starts_with("F\t")) {
        let parts: Vec<_> = line.split('\t').collect();
        let [_, layout, seconds, nanos, offset, zone, want] = parts[..] else { panic!("{line}") };
        let (layout, zone, want) = (unquote(layout), unquote(zone), unquote(want));
        let offset = Offset::from_seconds(offset.parse().unwrap()).unwrap();
        let local = DateTime::from_unix(seconds.parse().unwrap(), nanos.parse().unwrap(), offset);
        let zone = Some(zone.as_str()).filter(|zone| !zone.is_empty());
        let got = Pattern::go(&layout).unwrap().display(local, offset, zone).to_string();
        assert_eq!(got, want, "Format({layout:?}) of {local}{offset}");
        lines += 1;
    }
    assert!(lines > 300, "{lines}");
}

/// The moment as Go makes it of the fields: what is not there is the first.
fn as_go(fields: &Fields<'_>) -> Option<DateTime> {
    let mut fields = *fields;
    if fields.year_of_century.is_none() {
        fields.year.get_or_insert(0);
    }
    if fields.day_of_year.is_none() {
        fields.month.get_or_insert(1);
        fields.day.get_or_insert(1);
    }
    fields.weekday = None;
    let date: Date = fields.date().ok()?;
    if fields.hour_12.is_none() {
        fields.hour.get_or_insert(0);
    }
    fields.afternoon = fields.afternoon.or(fields.hour_12.map(|_| false));
    let time: TimeOfDay = fields.time().ok()?;
    Some(DateTime::new(date, time))
}

#[test]
fn parse_reads_what_go_reads() {
    let (mut read, mut refused, mut conflicts) = (0, 0, 0);
    for line in TABLE.lines().filter(|line| line.starts_with("P\t")) {
        let parts: Vec<_> = line.split('\t').collect();
        let (layout, text) = (unquote(parts[1]), unquote(parts[2]));
        let got = Pattern::go(&layout).unwrap().parse(&text);
        if parts[3] == "error" {
            let wrong = match got {
                Ok(fields) => as_go(&fields).is_none() || fields.second == Some(60),
                Err(_) => true,
            };
            assert!(wrong, "Parse({layout:?}, {text:?}) = {got:?}, want an error");
            refused += 1;
            continue;
        }
        let fields = match got {
            Ok(fields) => fields,
            // Go takes the last of two, or does not look at all.
            Err(error) if error.is_conflict() => {
                conflicts += 1;
                continue;
            }
            // Go reads two digits of a year, and digits of a fraction, as a number that
            // may have a sign: ".+12" is one. Not here.
            Err(error) if text.as_bytes()[error.offset().unwrap()] == b'+' => {
                conflicts += 1;
                continue;
            }
            Err(error) => {
                panic!("Parse({layout:?}, {text:?}): {error}");
            }
        };
        let Some(local) = as_go(&fields) else {
            conflicts += 1;
            continue;
        };
        if fields.zone.is_some_and(|zone| zone.len() > 3 && zone.starts_with("GMT")) {
            // Go shows the time read as UTC in the zone, three hours later for GMT+3.
            conflicts += 1;
            continue;
        }
        if fields.year.is_some() && fields.year_of_century.is_some() {
            // Go takes the last one, and 80 for 1980 though 2080 is there, too.
            conflicts += 1;
            continue;
        }
        let text_of = |local: DateTime| {
            let layout = Pattern::go("2006-01-02T15:04:05.000000000").unwrap();
            layout.display(local, Offset::UTC, None).to_string()
        };
        assert_eq!(text_of(local), parts[3], "Parse({layout:?}, {text:?})");
        if let Some(offset) = fields.offset {
            assert_eq!(offset.seconds().to_string(), parts[4], "Parse({layout:?}, {text:?})");
        }
        read += 1;
    }
    println!("{read} read, {refused} refused, {conflicts} conflicts");
    assert!(read > 800 && refused > 800 && conflicts < 400, "{read} {refused} {conflicts}");
}

#[test]
fn the_named_layouts_of_one_moment() {
    let offset = Offset::from_seconds(-25_200).unwrap();
    let local = DateTime::from_unix(1_136_239_445, 123_456_789, offset);
    // The moment that layouts are texts of; so each is its own text, but for the fraction.
    for layout in go_layouts::ALL {
        let text = Pattern::go(layout).unwrap().display(local, offset, Some("MST")).to_string();
        let want = match layout {
            go_layouts::RFC3339 => "2006-01-02T15:04:05-07:00".into(),
            go_layouts::RFC3339_NANO => "2006-01-02T15:04:05.123456789-07:00".into(),
            go_layouts::STAMP_MILLI => "Jan  2 15:04:05.123".into(),
            go_layouts::STAMP_MICRO => "Jan  2 15:04:05.123456".into(),
            go_layouts::STAMP_NANO => "Jan  2 15:04:05.123456789".into(),
            _ => layout.replace('_', " "),
        };
        assert_eq!(text, want);
    }
}
