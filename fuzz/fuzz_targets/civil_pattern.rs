//! Any text as a pattern of strftime and as a layout of Go: no panic, the same
//! text by all ways of writing it, and where it is read back, a date and time that
//! is written the same.
#![no_main]

use instanter_civil::{DateTime, Offset, Pattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (i64, u32, i32, &str, &str)| {
    let (unix_s, nanosecond, offset_s, text, other) = input;
    let offset = Offset::from_seconds(offset_s % 86_400).expect("below a day");
    // Mostly years that patterns are made for, and sometimes any.
    let unix_s = if unix_s % 8 == 0 { unix_s } else { unix_s % 100_000_000_000 };
    let local = DateTime::from_unix(unix_s, nanosecond % 1_000_000_000, offset);
    for pattern in [Pattern::strftime(text), Pattern::go(text)] {
        match pattern {
            Ok(pattern) => explore(&pattern, local, offset, other),
            Err(error) => assert!(error.is_pattern() && !error.to_string().is_empty()),
        }
    }
});

fn explore(pattern: &Pattern<'_>, local: DateTime, offset: Offset, other: &str) {
    let _ = pattern.parse(other).map(|fields| fields.date_time());
    let mut written = String::new();
    if pattern.write_to(&mut written, local, offset, None).is_err() {
        return;
    }
    let mut buffer = vec![0; written.len()];
    assert_eq!(pattern.write(&mut buffer, local, offset, None), Ok(written.len()));
    assert_eq!(buffer, written.as_bytes());
    if let Some(short) = written.len().checked_sub(1) {
        let error = pattern.write(&mut buffer[..short], local, offset, None);
        assert!(error.is_err_and(|error| error.is_room()));
    }
    if let Ok(fields) = pattern.parse(&written)
        && let Ok(read) = fields.date_time()
    {
        // Unix seconds by themselves are read as UTC's.
        let else_offset = if fields.unix_seconds.is_some() { Offset::UTC } else { offset };
        let offset = fields.offset.unwrap_or(else_offset);
        let again = pattern.display(read, offset, None).to_string();
        assert_eq!(again, written, "{pattern:?} of {local}, read as {read}");
    }
}
