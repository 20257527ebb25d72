//! Any text as a POSIX TZ string: no panic, an error that names a byte of it, the
//! same again after it has been written, and a table that agrees with itself.
#![no_main]

mod instants;

use instanter_zone::Table;
use instanter_zone::posix::PosixTz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let rules = match PosixTz::parse(text) {
        Ok(rules) => rules,
        Err(error) => {
            assert!(error.byte_offset().is_some_and(|at| at <= text.len()), "{error}");
            return;
        }
    };
    assert_eq!(PosixTz::parse(&rules.to_string()).as_ref(), Ok(&rules), "{rules}");
    let table = Table::from_posix(text).expect("what the rules are made of");
    instants::explore(&table, &instants::of(text.as_bytes()));
});
