//! Looking again and again: a page on a terminal, lines in a pipe, a file.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::verdict::{Level, Verdict};
use super::{examine, status, text};
use crate::args::DoctorArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

/// Puts the cursor home and clears what is below.
const CLEAR: &str = "\x1b[H\x1b[J";

/// Looks every `interval` until nobody reads any more, which ends it with the last
/// verdict's status.
pub(super) fn run(args: &DoctorArgs, interval: Duration, screen: &Screen) -> Outcome {
    let mut before = BTreeMap::new();
    loop {
        let start = Instant::now();
        let verdict = examine(&args.only);
        let goes_on = match &args.output {
            Some(file) => {
                super::write_file(file, &super::shown(&verdict, args, screen)?)?;
                true
            }
            None => screen.put(&round(&verdict, &before, interval, screen)?)?,
        };
        if !goes_on {
            return Ok(status(verdict.level));
        }
        before = levels(&verdict);
        std::thread::sleep(interval.saturating_sub(start.elapsed()));
    }
}

fn levels(verdict: &Verdict) -> BTreeMap<String, Level> {
    verdict.checks.iter().map(|check| (check.name.clone(), check.level)).collect()
}

/// What is printed of one round.
fn round(
    verdict: &Verdict,
    before: &BTreeMap<String, Level>,
    interval: Duration,
    screen: &Screen,
) -> Result<String, Failure> {
    if screen.is_json() {
        return Ok(super::json(verdict, false)? + "\n");
    }
    if screen.is_terminal() {
        let mut sheet = screen.sheet();
        text::write(verdict, &mut sheet);
        let every = format!("{}, every {} s. Ctrl-C ends it.", verdict.at, interval.as_secs_f64());
        sheet.note(0, &every);
        return Ok(format!("{CLEAR}{}", sheet.finish()));
    }
    Ok(lines(verdict, before))
}

/// The verdict in a line, and a line for each check whose level has changed.
fn lines(verdict: &Verdict, before: &BTreeMap<String, Level>) -> String {
    let mut lines = format!("{} {}: {}\n", verdict.at, verdict.level.word(), verdict.summary);
    for check in &verdict.checks {
        if let Some(old) = before.get(&check.name)
            && *old != check.level
        {
            lines += &format!(
                "{}   {}: {} after {}: {}\n",
                verdict.at,
                check.name,
                check.level.word(),
                old.word(),
                check.summary
            );
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::finding::Finding;
    use super::*;

    #[test]
    fn changes_are_lines() {
        let look = |level, summary: &str| {
            let check = Finding::new(level, summary).into_check("clock-source", "Clock source", "");
            Verdict::of(vec![check], "T".to_owned(), 1.0)
        };
        let good = look(Level::Good, "tsc");
        assert_eq!(lines(&good, &BTreeMap::new()), "T good: tsc\n");
        assert_eq!(lines(&good, &levels(&good)), "T good: tsc\n");
        let bad = look(Level::Bad, "hpet costs more");
        assert_eq!(
            lines(&bad, &levels(&good)),
            "T bad: hpet costs more\nT   clock-source: bad after good: hpet costs more\n"
        );
    }
}
