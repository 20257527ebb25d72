//! What a guest's console says, and whether that is what its row expects.
//!
//! The program writes one line a fact:
//!
//! ```text
//! kernel 6.1.0-50-amd64
//! layout 5.6 to 6.9
//! source REALTIME page
//! ok NAME …
//! not ok NAME: what was seen
//! skipped NAME: reason
//! PASSED                          or FAILED, the last line
//! ```

use super::report::Outcome;

/// Who answers for a clock.
pub(super) enum Served {
    By(&'static str),
    NotBy(&'static str),
}

/// What a row demands beside PASSED.
pub(super) struct Expected {
    /// The layout that the program names, or `none`.
    pub(super) layout: &'static str,
    /// Clocks and who serves them.
    pub(super) sources: &'static [(&'static str, Served)],
}

/// What the program on the console said.
pub(super) struct Said<'a> {
    pub(super) layout: Option<&'a str>,
    sources: Vec<(&'a str, &'a str)>,
    refused: Vec<&'a str>,
    /// Names and reasons.
    pub(super) skipped: Vec<&'a str>,
    /// Names, and what was seen.
    pub(super) ok: Vec<&'a str>,
    passed: bool,
    /// Every line from the program, the kernel's own left out.
    pub(super) lines: Vec<&'a str>,
}

impl<'a> Said<'a> {
    /// Reads a console.
    pub(super) fn read(console: &'a str) -> Said<'a> {
        let mut said = Said {
            layout: None,
            sources: Vec::new(),
            refused: Vec::new(),
            skipped: Vec::new(),
            ok: Vec::new(),
            passed: false,
            lines: Vec::new(),
        };
        for line in console.lines().map(str::trim) {
            let known = if let Some(layout) = line.strip_prefix("layout ") {
                said.layout = Some(layout);
                true
            } else if let Some(source) = line.strip_prefix("source ") {
                said.sources.extend(source.split_once(' '));
                true
            } else if let Some(reason) = line.strip_prefix("not ok ") {
                said.refused.push(reason);
                true
            } else if let Some(reason) = line.strip_prefix("skipped ") {
                said.skipped.push(reason);
                true
            } else if let Some(seen) = line.strip_prefix("ok ") {
                said.ok.push(seen);
                true
            } else if line == "PASSED" {
                said.passed = true;
                true
            } else {
                ["kernel ", "reason ", "clocksource ", "rtc ", "FAILED"]
                    .iter()
                    .any(|word| line.starts_with(word))
            };
            if known {
                said.lines.push(line);
            }
        }
        said
    }

    /// Compares with what the row expects.
    pub(super) fn judge(&self, expected: &Expected) -> Outcome {
        let mut against = self.complaints();
        let layout = expected.layout;
        if self.layout != Some(layout) && !self.skips("layout") {
            against
                .push(format!("layout {}, expected {layout}", self.layout.unwrap_or("not named")));
        }
        for (clock, served) in expected.sources {
            let source =
                self.sources.iter().find(|(name, _)| name == clock).map(|(_, source)| *source);
            let (right, demand) = match *served {
                Served::By(wanted) => (source == Some(wanted), format!("expected {wanted}")),
                Served::NotBy(unwanted) => (
                    source.is_some_and(|source| source != unwanted),
                    format!("expected anything but {unwanted}"),
                ),
            };
            if !right && !self.skips("source") {
                against.push(format!("{clock} from {}, {demand}", source.unwrap_or("nobody")));
            }
        }
        if against.is_empty() { Outcome::Passed } else { Outcome::Failed(against.join("; ")) }
    }

    /// Compares with the names of what must have held.
    pub(super) fn judge_names(&self, expected: &[String]) -> Outcome {
        let mut against = self.complaints();
        for name in expected {
            let is_it = |seen: &&str| seen.split_once(':').map_or(*seen, |(it, _)| it) == name;
            if !self.ok.iter().any(is_it) {
                against.push(format!("nothing said of {name}"));
            }
        }
        if against.is_empty() { Outcome::Passed } else { Outcome::Failed(against.join("; ")) }
    }

    /// What the program itself finds wrong.
    fn complaints(&self) -> Vec<String> {
        let mut against: Vec<String> =
            self.refused.iter().map(|reason| (*reason).to_owned()).collect();
        if !self.passed {
            against.push("no PASSED on the console".to_owned());
        }
        against
    }

    fn skips(&self, name: &str) -> bool {
        self.skipped
            .iter()
            .any(|reason| reason.split_once(':').is_some_and(|(skipped, _)| skipped == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: Expected = Expected {
        layout: "5.6 to 6.9",
        sources: &[("REALTIME", Served::By("page")), ("TAI", Served::NotBy("page"))],
    };

    /// Console, and the word that the failure must contain.
    const CONSOLES: &[(&str, Option<&str>)] = &[
        (
            "layout 5.6 to 6.9\r\nsource REALTIME page\r\nsource TAI vdso\r\nok x\r\nPASSED\r\n",
            None,
        ),
        ("layout 5.3 to 5.5\nsource REALTIME page\nsource TAI vdso\nPASSED", Some("layout")),
        (
            "layout 5.6 to 6.9\nsource REALTIME vdso\nsource TAI vdso\nPASSED",
            Some("REALTIME from vdso"),
        ),
        (
            "layout 5.6 to 6.9\nsource REALTIME page\nsource TAI page\nPASSED",
            Some("anything but page"),
        ),
        ("layout 5.6 to 6.9\nsource REALTIME page\nPASSED", Some("TAI from nobody")),
        ("layout 5.6 to 6.9\nsource REALTIME page\nsource TAI vdso\n", Some("no PASSED")),
        (
            "not ok step: 3 ns\nlayout 5.6 to 6.9\nsource REALTIME page\nsource TAI vdso\nPASSED",
            Some("step: 3 ns"),
        ),
        ("skipped layout: none\nskipped source: none\nPASSED", None),
        ("[    2.1] Kernel panic - not syncing", Some("no PASSED")),
    ];

    /// Whether a failure's reason contains these words; or, with none, that it is no failure.
    fn is_judged(console: &str, outcome: &Outcome, want: Option<&str>) {
        let got = match outcome {
            Outcome::Failed(reason) => Some(reason),
            _ => None,
        };
        match (got, want) {
            (None, None) => {}
            (Some(got), Some(want)) if got.contains(want) => {}
            _ => panic!("of {console:?}: {got:?}, want {want:?}"),
        }
    }

    #[test]
    fn consoles_are_judged() {
        for (console, want) in CONSOLES {
            is_judged(console, &Said::read(console).judge(&EXPECTED), *want);
        }
    }

    #[test]
    fn names_that_nothing_is_said_of_are_missed() {
        let expected = ["fake pace", "trace reads"].map(str::to_owned);
        let cases = [
            ("ok fake pace: 10 s\nok trace reads\nPASSED", None),
            ("ok fake pace: 10 s\nPASSED", Some("nothing said of trace reads")),
            ("ok fake pace of it: 10 s\nok trace reads\nPASSED", Some("of fake pace")),
            ("ok fake pace: 10 s\nok trace reads\n", Some("no PASSED")),
            ("ok fake pace: 1\nnot ok trace reads: 9 of 10\nFAILED", Some("trace reads: 9 of")),
        ];
        for (console, want) in cases {
            is_judged(console, &Said::read(console).judge_names(&expected), want);
        }
    }

    #[test]
    fn the_kernels_own_lines_are_left_out() {
        let said = Said::read(
            "[    0.1] tsc: marked reliable\nkernel 6.1\nok one\nskipped two: no such clock\nPASSED",
        );
        assert_eq!(said.lines, ["kernel 6.1", "ok one", "skipped two: no such clock", "PASSED"]);
        assert_eq!(said.ok, ["one"]);
        assert_eq!(said.skipped, ["two: no such clock"]);
    }
}
