//! Any text as RFC 3339, RFC 9557, RFC 2822 and ISO 8601: no panic, an error that
//! names a byte of it, and the same again after it has been written.
#![no_main]

use instanter_civil::Error;
use instanter_civil::text::iso8601::{self, Form};
use instanter_civil::text::rfc3339::{self, Rfc3339};
use instanter_civil::text::{rfc2822, rfc9557};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let numeric = Rfc3339::new().numeric_utc();
    if let Some((local, offset)) = read(text, rfc3339::parse(text)) {
        assert_eq!(rfc3339::parse(&numeric.text(local, offset)), Ok((local, offset)));
        assert_eq!(rfc3339::parse_unix(text), local.to_unix(offset));
        // The two readers, one the other's lesser part.
        let annotated = rfc9557::parse(text).expect("without annotations");
        assert_eq!((annotated.local, annotated.offset()), (local, Some(offset)));
    }
    if let Some(annotated) = read(text, rfc9557::parse(text)) {
        assert_eq!(rfc9557::parse(&annotated.to_string()), Ok(annotated));
    }
    if let Some((local, offset)) = read(text, rfc2822::parse(text)) {
        if let Ok(written) = rfc2822::text(local, offset) {
            // It has no fractions, and a leap second is read as one; so by the text.
            let (again, same) = rfc2822::parse(&written).expect("as it was written");
            let again = rfc2822::text(again, same).expect("as before");
            assert_eq!(again, written.as_str());
        }
    }
    if let Some(date) = read(text, iso8601::parse_date(text)) {
        for form in [Form::Calendar, Form::Week, Form::Ordinal] {
            assert_eq!(iso8601::parse_date(&form.text(date)), Ok(date));
            if let Ok(basic) = form.basic_text(date) {
                assert_eq!(iso8601::parse_date(&basic), Ok(date), "{basic}");
            }
        }
    }
    if let Some((local, offset)) = read(text, iso8601::parse(text)) {
        let written = match offset {
            Some(offset) => numeric.text(local, offset).to_string(),
            None => local.to_string(),
        };
        assert_eq!(iso8601::parse(&written), Ok((local, offset)), "{written}");
    }
});

fn read<T>(text: &str, answer: Result<T, Error>) -> Option<T> {
    if let Err(error) = &answer {
        assert!(error.offset().is_none_or(|at| at <= text.len()), "{error}");
        assert!(!error.to_string().is_empty());
    }
    answer.ok()
}
