//! What chrony takes for the true time, as its client tells.
//!
//! `chronyc -c tracking` prints one line of 14 fields separated by commas. They are the
//! fields of the protocol's `RPY_Tracking`, in its order.

use std::process::{Command, Stdio};

use instanter::Duration;
use instanter_clock::Leap;
use instanter_keeper::Clocks;

use super::{Comparison, Source, realtime};

pub(super) struct Chrony;

/// What is wanted of the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tracking {
    /// What is to be added to the system's clock to have the true time, in nanoseconds.
    correction_ns: i64,
    /// Half of the way to the stratum-1 server and back, and what was lost on it.
    bound_ns: u64,
    leap: Leap,
    synchronized: bool,
}

impl Source for Chrony {
    fn compare(&mut self, ours: &Clocks) -> Result<Comparison, String> {
        let tracking = ask()?;
        let (ahead_ns, uncertainty_ns, _) = realtime::ahead(ours)?;
        Ok(Comparison {
            ahead_ns: ahead_ns + i128::from(tracking.correction_ns),
            // The correction was computed when the client asked, some milliseconds ago,
            // and is given in nanoseconds; it changes by parts in a million.
            uncertainty_ns: uncertainty_ns + 1_000,
            frequency: None,
            bound_ns: if tracking.synchronized { tracking.bound_ns } else { u64::MAX },
            synchronized: tracking.synchronized,
            leap: tracking.leap,
            tai_s: None,
        })
    }

    fn poll(&self) -> Option<Duration> {
        Some(Duration::from_seconds(4))
    }
}

fn ask() -> Result<Tracking, String> {
    let output = Command::new("chronyc")
        .args(["-c", "-n", "tracking"])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                "chrony's client \"chronyc\" is not installed, or not in PATH".to_owned()
            }
            _ => format!("cannot run \"chronyc\": {error}"),
        })?;
    let (told, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        // It complains of a daemon that does not answer on standard output.
        let why = if complaint.trim().is_empty() { told.trim() } else { complaint.trim() };
        return Err(format!("\"chronyc -c tracking\" says {why:?} ({})", output.status));
    }
    parse(told.trim_end())
}

fn parse(line: &str) -> Result<Tracking, String> {
    let fields: Vec<&str> = line.split(',').collect();
    let [_, _, _, _, correction, _, _, _, _, _, delay, dispersion, _, leap, ..] = fields[..] else {
        return Err(format!(
            "\"chronyc -c tracking\" printed {line:?}, which has {} fields and not 14",
            fields.len()
        ));
    };
    let number = |field: &str, what: &str| match field.parse::<f64>() {
        // A daemon that is a minute off has other worries; a century would not fit.
        Ok(seconds) if seconds.abs() < 3e9 => Ok(seconds),
        _ => Err(format!("\"chronyc -c tracking\" printed {field:?} as its {what}, in {line:?}")),
    };
    let correction = number(correction, "system time")?;
    let bound =
        number(delay, "root delay")?.abs() / 2.0 + number(dispersion, "root dispersion")?.abs();
    let (leap, synchronized) = match leap {
        "Normal" => (Leap::None, true),
        "Insert second" => (Leap::Insert, true),
        "Delete second" => (Leap::Delete, true),
        "Not synchronised" => (Leap::None, false),
        _ => {
            return Err(format!(
                "\"chronyc -c tracking\" printed {leap:?} as its leap status, in {line:?}"
            ));
        }
    };
    Ok(Tracking {
        correction_ns: (correction * 1e9).round() as i64,
        bound_ns: (bound * 1e9).ceil() as u64,
        leap,
        synchronized,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_client() {
        let line = "7F7F0101,127.127.1.1,10,1700000000.123456789,-0.000001500,0.0,0.0,-1.5,0.0,0.1,\
                    0.000200000,0.000050000,64.2,Insert second";
        assert_eq!(
            parse(line),
            Ok(Tracking {
                correction_ns: -1_500,
                bound_ns: 150_000,
                leap: Leap::Insert,
                synchronized: true
            })
        );
        let idle = "00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised";
        assert!(parse(idle).is_ok_and(|tracking| !tracking.synchronized));
    }

    #[test]
    fn other_lines_are_quoted() {
        for (line, quoted) in [
            ("", "has 1 fields"),
            ("506 Cannot talk to daemon", "506 Cannot talk"),
            ("a,b,1,0,soon,0,0,0,0,0,0,0,0,Normal", "\"soon\""),
            ("a,b,1,0,1e300,0,0,0,0,0,0,0,0,Normal", "\"1e300\""),
            ("a,b,1,0,0,0,0,0,0,0,NaN,0,0,Normal", "\"NaN\""),
            ("a,b,1,0,0,0,0,0,0,0,0,0,0,Perhaps", "\"Perhaps\""),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(quoted), "{error}");
        }
    }
}
