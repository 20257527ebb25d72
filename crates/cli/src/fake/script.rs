//! Scripts: what happens to the clocks when, a line each.
//!
//! ```text
//! # after   what
//! 2s        jump -1h          all at once
//! 5s        at 2038-01-19T03:14:00Z
//! 10s       rate 2            or +100ppm
//! 20s       freeze 10s        stands still for 10 s, then goes on from there as fast as before
//! 40s       slew +50ms at 500ppm
//! 60s       leap insert       a leap second: the last second of a day once more
//! ```
//!
//! Times are of the true clock, since the program's start.

use std::time::Duration;

use instanter_vdso::line::RATE_ONE;

use super::clocks::{Bend, Change, Group, Rate};
use super::settings::{duration, length, moment, rate};

/// A change, and when.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) after: Duration,
    pub(super) change: Change,
}

pub(super) fn is_remark(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Reads a script; the error has the number of the line.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if is_remark(line) {
            continue;
        }
        let place = |error: String| format!("line {}: {error}", number + 1);
        let line = line.trim();
        let (when, what) = line
            .split_once(char::is_whitespace)
            .ok_or_else(|| place(format!("expected a time and what happens then, not {line:?}")))?;
        let start = length(when).map_err(place)?;
        for step in action(what).map_err(place)? {
            steps.push(Step { after: start + step.after, change: step.change });
        }
    }
    steps.sort_by_key(|step| step.after);
    Ok(steps)
}

/// What a few words ask for: changes, and how long after the first each comes.
pub(super) fn action(text: &str) -> Result<Vec<Step>, String> {
    let text = text.split('#').next().unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let at_once = |change: Change| Ok(vec![Step { after: Duration::ZERO, change }]);
    let for_a_while = |clocks: Vec<Group>, during: Bend, length: Duration| {
        let step = |after, bend| {
            let change = Change { clocks: clocks.clone(), bend: Some(bend), ..Change::default() };
            Step { after, change }
        };
        Ok(vec![step(Duration::ZERO, during), step(length, Bend::Back)])
    };
    match words[..] {
        ["jump" | "offset", by] => {
            at_once(Change { jump: Some(duration(by)?), ..Change::default() })
        }
        ["at", ref rest @ ..] if !rest.is_empty() => {
            at_once(Change { at: Some(moment(&rest.join(" "))?), ..Change::default() })
        }
        ["rate", value] => at_once(Change { rate: Some(rate(value)?), ..Change::default() }),
        ["step", value] => at_once(Change { step: Some(duration(value)?), ..Change::default() }),
        ["freeze"] => at_once(Change { rate: Some(Rate::FROZEN), ..Change::default() }),
        ["freeze", value] => for_a_while(Vec::new(), Bend::Still, length(value)?),
        ["leap", "insert"] => at_once(Change::leap_second(-1)),
        ["leap", "delete"] => at_once(Change::leap_second(1)),
        ["slew", by, "at", speed] => {
            let by = duration(by)?;
            let Rate(speed_rate) = rate(speed)?;
            let parts = (speed_rate - RATE_ONE).unsigned_abs();
            if !speed.ends_with("ppm") || parts == 0 {
                return Err(format!("{speed:?} is no speed to slew at; try 500ppm"));
            }
            let during = Bend::By(parts as i64 * by.signum());
            let seconds = by.unsigned_abs() as f64 / (parts as f64 / RATE_ONE as f64) / 1e9;
            for_a_while(vec![Group::Realtime], during, Duration::from_secs_f64(seconds))
        }
        _ => Err(format!(
            "{:?}: expected jump ±D, at T, rate X, step D, freeze [D], slew ±D at Nppm, \
             leap insert or leap delete",
            text.trim()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lines_mean() {
        let text = "# remark\n10s freeze 5s # so\n\n2s jump -1h\n 12s rate +100ppm\n";
        let steps = parse(text).unwrap();
        let at: Vec<u64> = steps.iter().map(|step| step.after.as_secs()).collect();
        assert_eq!(at, [2, 10, 12, 15]);
        assert_eq!(steps[0].change.jump, Some(-3_600_000_000_000));
        assert_eq!(steps[1].change.bend, Some(Bend::Still));
        assert!(steps[2].change.rate.unwrap().0 > RATE_ONE);
        assert_eq!(steps[3].change.bend, Some(Bend::Back));
        let slew = action("slew -50ms at 500ppm").unwrap();
        assert_eq!(slew[1].after.as_secs(), 100);
        assert_eq!(slew[0].change.bend, Some(Bend::By(-(RATE_ONE as f64 * 500e-6).round() as i64)));
        assert_eq!(slew[1].change.bend, Some(Bend::Back));
    }

    #[test]
    fn errors_name_the_line() {
        let table = [
            ("5s", "line 1: expected a time"),
            ("\n5s jmp 1h", "line 2: \"jmp 1h\": expected jump"),
            ("5x rate 1", "line 1: cannot read \"5x\""),
            ("-5s rate 1", "line 1: \"-5s\" is negative"),
            ("5s rate 5000", "line 1: cannot read the rate \"5000\""),
            ("5s slew 1s at 2", "line 1: \"2\" is no speed"),
        ];
        for (text, want) in table {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(want), "{text:?}: {error}");
        }
    }
}
