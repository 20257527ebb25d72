//! Any text as a pattern of strftime and as a layout of Go: no panic, and the same
//! text by all ways of writing it. And patterns put together of conversions with
//! something between them, without which digits run into each other: what is
//! written is read, and written the same again.
#![no_main]

use instanter_civil::{DateTime, Offset, Pattern};
use libfuzzer_sys::fuzz_target;

const STRFTIME: [&str; 44] = [
    "%Y", "%C", "%y", "%m", "%B", "%b", "%d", "%e", "%H", "%I", "%k", "%l", "%M", "%S", "%f", "%N",
    "%3N", "%6f", "%p", "%P", "%A", "%a", "%u", "%w", "%j", "%U", "%W", "%G", "%g", "%V", "%q",
    "%z", "%:z", "%::z", "%s", "%F", "%T", "%D", "%R", "%c", "%-d", "%_m", "%010Y", "%^a",
];

const GO: [&str; 24] = [
    "2006", "06", "01", "1", "Jan", "January", "02", "2", "_2", "002", "__2", "15", "03", "3",
    "04", "4", "05", "5", "PM", "Mon", "Monday", "-0700", "Z07:00", "05.000",
];

fuzz_target!(|input: (i64, u32, i32, &str, &str, &[u8])| {
    let (unix_s, nanosecond, offset_s, text, other, picks) = input;
    let offset = Offset::from_seconds(offset_s % 86_400).expect("below a day");
    let local = DateTime::from_unix(unix_s, nanosecond % 1_000_000_000, offset);
    for pattern in [Pattern::strftime(text), Pattern::go(text)] {
        match pattern {
            Ok(pattern) => explore(&pattern, local, offset, other),
            Err(error) => assert!(error.is_pattern() && !error.to_string().is_empty()),
        }
    }
    // The years of four digits, 1000 to 9999, and offsets that all patterns tell.
    let unix_s = unix_s.rem_euclid(284_000_000_000) - 30_600_000_000;
    let offset = Offset::from_seconds(offset_s % 1_440 * 60).expect("below a day");
    let local = DateTime::from_unix(unix_s, nanosecond % 1_000_000_000, offset);
    let picks = &picks[..picks.len().min(12)];
    let join = |from: &[&'static str]| {
        let picked: Vec<&str> = picks.iter().map(|&n| from[usize::from(n) % from.len()]).collect();
        picked.join("|")
    };
    let (strftime, go) = (join(&STRFTIME), join(&GO));
    // Shorthands have many parts, of which a pattern has 48 at most.
    for pattern in [Pattern::strftime(&strftime), Pattern::go(&go)].into_iter().flatten() {
        read_back(&pattern, local, offset);
    }
});

fn explore(pattern: &Pattern<'_>, local: DateTime, offset: Offset, other: &str) {
    let _ = pattern.parse(other).map(|fields| fields.date_time());
    let mut written = String::new();
    if pattern.write_to(&mut written, local, offset, None).is_err() {
        return;
    }
    let _ = pattern.parse(&written).map(|fields| fields.date_time());
    let mut buffer = vec![0; written.len()];
    assert_eq!(pattern.write(&mut buffer, local, offset, None), Ok(written.len()));
    assert_eq!(buffer, written.as_bytes());
    if let Some(short) = written.len().checked_sub(1) {
        let error = pattern.write(&mut buffer[..short], local, offset, None);
        assert!(error.is_err_and(|error| error.is_room()));
    }
}

fn read_back(pattern: &Pattern<'_>, local: DateTime, offset: Offset) {
    let written = pattern.display(local, offset, None).to_string();
    // Two conversions may tell a fraction to different lengths, or a year with and
    // without its century, and then they contradict each other.
    let fields = match pattern.parse(&written) {
        Ok(fields) => fields,
        Err(error) => {
            assert!(error.is_conflict(), "{pattern:?} of {local}: {error}");
            return;
        }
    };
    // Unix seconds without an offset are read as UTC's.
    if fields.unix_seconds.is_some() && fields.offset.is_none() {
        return;
    }
    let offset = fields.offset.unwrap_or(offset);
    if let Ok(read) = fields.date_time() {
        let again = pattern.display(read, offset, None).to_string();
        assert_eq!(again, written, "{pattern:?} of {local}, read as {read}");
    }
}
