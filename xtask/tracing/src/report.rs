//! What the program says, line by line, for a reader at the other end: as the other guest does.

/// The lines so far, and whether one of them was bad.
pub struct Report {
    failed: bool,
}

/// What came of something that was tried: what was seen, or what was wrong with it.
pub type Seen = Result<String, String>;

impl Report {
    pub fn new() -> Report {
        Report { failed: false }
    }

    /// A fact.
    pub fn say(&mut self, fact: &str) {
        self.failed |= fact.starts_with("not ok");
        println!("{}", fact.replace(['\n', '\r'], " "));
    }

    /// Something was tried.
    pub fn tried(&mut self, name: &str, seen: Seen) {
        match seen {
            Ok(seen) => self.say(&format!("ok {name}: {seen}")),
            Err(wrong) => self.say(&format!("not ok {name}: {wrong}")),
        }
    }

    /// The last line.
    pub fn close(&mut self) {
        self.say(if self.failed { "FAILED" } else { "PASSED" });
    }
}
