//! `instanter fake`, beside the counter.

use crate::readings::Reading;
use crate::report::Seen;
use crate::run::instanter;
use crate::truth::{Change, Truth};
use crate::{path, trace};
use serde_json::Value;

/// A second of 32 bits' last one; 2038 has begun.
pub const AT: &str = "2038-01-19T03:14:07Z";
const AT_NANOSECONDS: i128 = 0x7fff_ffff * SECOND;
/// 2039-01-01T00:00:00Z
const NEXT_YEAR: i128 = 2_177_452_800 * SECOND;

pub const SECOND: i128 = 1_000_000_000;
/// What the program sleeps, at a rate of a thousand; true, it is a tenth.
const SLEEP: i128 = 100 * SECOND;
/// Of the true time: above this, the sleep was not shortened. A machine so busy that the
/// tenth took so long is asked again.
const TOO_LONG: i128 = 60 * SECOND;
const TRIES: u32 = 3;

/// A shifted wall clock, and all others true: every reading is where the kernel's line is.
pub fn shift(program: &str) -> Seen {
    let change = Change { ahead: 3600 * SECOND, at: None, rate: 1 };
    let (truth, readings) = seen(&["--offset", "1h"], program, "sleep", 1_000_000)?;
    truth.compare(&readings, change)?;
    let narrowest = readings.iter().map(Reading::width).min().unwrap_or_default();
    let bounds = truth.between(0, narrowest);
    Ok(format!("{} readings, the best within {bounds} ns", readings.len()))
}

/// Ten seconds pass in one, from a moment on.
pub fn pace(program: &str) -> Seen {
    let change = Change { ahead: 0, at: Some(AT_NANOSECONDS), rate: 10 };
    let (truth, readings) = seen(&["--at", AT, "--rate", "10"], program, "pace", 10 * SECOND)?;
    truth.compare(&readings, change)?;
    let is_other_year = |reading: &&Reading| {
        reading.clock == "REALTIME" && !(AT_NANOSECONDS..NEXT_YEAR).contains(&reading.shown)
    };
    if let Some(reading) = readings.iter().find(is_other_year) {
        return Err(format!("{reading} is not in 2038"));
    }
    let (shown, true_time) = passed(&truth, &readings)?;
    if shown < 10 * SECOND {
        return Err(format!("the program has waited for {} only", seconds(shown)));
    }
    Ok(format!("in 2038, {} in {}", seconds(shown), seconds(true_time)))
}

/// Packets come after they were sent and before they are received, whoever does that: their times
/// are the kernel's.
pub fn arrivals(program: &str) -> Seen {
    let program = path(program).to_string_lossy().into_owned();
    let mut looks = 0;
    for options in [["--offset", "-1d"], ["--rate", "100"]] {
        for how in ["here", "thread", "child", "exec"] {
            let words = [&["fake"], &options[..], &["--", &program, how]].concat();
            let ended = instanter(&words)?.well()?;
            let is_in_order = |line: &str| line.ends_with(" 1");
            if ended.output.is_empty() || !ended.output.lines().all(is_in_order) {
                return Err(ended.described(&format!("{options:?} {how}")));
            }
            looks += ended.output.lines().count();
        }
    }
    Ok(format!("{looks} times of packets in order"))
}

/// A sleep is as much shorter as the clocks are faster.
pub fn sleep(program: &str) -> Seen {
    let change = Change { ahead: 0, at: None, rate: 1000 };
    let mut last = 0;
    for _ in 0..TRIES {
        let (truth, readings) = seen(&["--rate", "1000"], program, "sleep", SLEEP)?;
        truth.compare(&readings, change)?;
        let (shown, true_time) = passed(&truth, &readings)?;
        if shown < SLEEP {
            return Err(format!("a sleep of {} ended after {}", seconds(SLEEP), seconds(shown)));
        }
        if true_time < TOO_LONG {
            return Ok(format!("{} in {}", seconds(shown), seconds(true_time)));
        }
        last = true_time;
    }
    Err(format!("a sleep of {} lasted {}", seconds(SLEEP), seconds(last)))
}

/// The image reads the kernel's data page itself.
pub fn page(program: &str) -> Seen {
    let program = path(program);
    let words = ["fake", "--offset", "1h", "--", &program.to_string_lossy(), "page", "0"];
    let ended = instanter(&words)?.well()?;
    match ended.output.trim() {
        "page known" => Ok("the image knows where it is".to_owned()),
        _ => Err(ended.described("the image does not know where it is")),
    }
}

/// Signals come while the image is at work, and few in the kernel's own vDSO: the image calls
/// that where the page is just being written. Where it read none, it would be about as many.
pub fn signals(program: &str) -> Seen {
    let program = path(program);
    let words = ["fake", "--rate", "10", "--", &program.to_string_lossy(), "signals", "20"];
    let ended = instanter(&words)?.well()?;
    let signals = trace::Signals::of(&ended)?;
    if signals.kernels * 3 > signals.inside {
        return Err(ended.described("the image calls the kernel's function and reads no page"));
    }
    Ok(signals.described())
}

/// What `fake --verify` says by itself.
pub fn verify(change: &[&str]) -> Seen {
    let words: Vec<&str> = ["fake", "--verify", "--json"].iter().chain(change).copied().collect();
    let ended = instanter(&words)?.well()?;
    let report: Value =
        serde_json::from_str(&ended.output).map_err(|error| ended.described(&error.to_string()))?;
    let checks = report["checks"].as_array().map_or(&[][..], Vec::as_slice);
    let escaped = checks.iter().filter(|check| check["off_ns"] != "0").count();
    // Three clocks in three ways, by itself and in a shell's child.
    if checks.len() != 18 || escaped > 0 || report["escaped"] != 0 {
        return Err(ended.described("something escapes"));
    }
    Ok(format!("{} readings, none escapes", checks.len()))
}

/// Runs a program that prints readings, and returns what was true before, and those.
pub fn seen(
    change: &[&str],
    program: &str,
    word: &str,
    nanoseconds: i128,
) -> Result<(Truth, Vec<Reading>), String> {
    let (program, number) = (path(program), nanoseconds.to_string());
    let program = program.to_string_lossy();
    let words = ["--", &program, word, &number];
    let words: Vec<&str> = ["fake"].iter().chain(change).chain(&words).copied().collect();
    let truth = Truth::now()?;
    let ended = instanter(&words)?.well()?;
    let readings = Reading::all(&ended.output)?;
    // Each clock before and after.
    let twice = readings
        .iter()
        .all(|reading| readings.iter().filter(|other| other.clock == reading.clock).count() == 2);
    if !twice {
        return Err(ended.described("not two readings of each clock"));
    }
    Ok((truth, readings))
}

/// What the monotonic clock shows from its first reading to its second, and what truly passed.
pub fn passed(truth: &Truth, readings: &[Reading]) -> Result<(i128, i128), String> {
    let of = |reading: &&Reading| matches!(reading.clock.as_str(), "MONOTONIC" | "SINCE");
    let mut of = readings.iter().filter(of);
    let (Some(first), Some(last)) = (of.next(), of.next()) else {
        return Err("no readings of a monotonic clock".to_owned());
    };
    Ok((last.shown - first.shown, truth.between(first.before, last.after)))
}

pub fn seconds(nanoseconds: i128) -> String {
    let milliseconds = nanoseconds / 1_000_000;
    format!("{}.{:03} s", milliseconds / 1000, milliseconds % 1000)
}
