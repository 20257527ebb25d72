//! What the program says, line by line, for a reader at the other end.

use crate::kernel;
use core::fmt::{self, Write};

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        kernel::write(1, text.as_bytes()).map(drop).map_err(|_| fmt::Error)
    }
}

/// The lines so far, and whether one of them was bad.
pub struct Report {
    failed: bool,
}

impl Report {
    pub fn new() -> Report {
        Report { failed: false }
    }

    /// A fact.
    pub fn say(&mut self, fact: fmt::Arguments<'_>) {
        // A console that takes nothing ends without PASSED, which is noticed.
        let _ = writeln!(Console, "{fact}");
    }

    /// Something held.
    pub fn ok(&mut self, name: fmt::Arguments<'_>) {
        self.say(format_args!("ok {name}"));
    }

    /// Something did not hold: its name, a colon, and what was seen.
    pub fn not_ok(&mut self, what: fmt::Arguments<'_>) {
        self.failed = true;
        self.say(format_args!("not ok {what}"));
    }

    /// Something could not be tried: its name, a colon, and the reason.
    pub fn skipped(&mut self, what: fmt::Arguments<'_>) {
        self.say(format_args!("skipped {what}"));
    }

    /// The last line.
    pub fn close(&mut self) {
        self.say(format_args!("{}", if self.failed { "FAILED" } else { "PASSED" }));
    }
}
