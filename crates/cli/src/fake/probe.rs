//! What a program sees here, by every way to read a clock.

use instanter_clock::{Clock, Source, Timespec, pin};
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;

/// One clock read one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// `libc`, `vdso` or `syscall`.
    pub(super) way: String,
    pub(super) clock: String,
    /// Nanoseconds since the clock's zero, as text: they do not fit into a float.
    pub(super) ns: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Readings {
    pub(super) readings: Vec<Reading>,
}

/// The clocks that are read, with their ids.
pub(super) const CLOCKS: [(&str, i32); 3] = [("realtime", 0), ("monotonic", 1), ("boottime", 7)];

pub(super) fn run(screen: &Screen) -> Outcome {
    let mut readings = Vec::new();
    let mut push = |way: &str, clock: &str, seconds: i64, nanoseconds: i64| {
        let ns = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        readings.push(Reading { way: way.into(), clock: clock.into(), ns: ns.to_string() });
    };
    for (name, id) in CLOCKS {
        let now = clock_gettime(ClockId::from_raw(id))
            .map_err(|error| Failure::new(format!("the C library has no {name}: {error}")))?;
        push("libc", name, now.tv_sec(), now.tv_nsec());
    }
    for (way, source) in [("vdso", Source::Vdso), ("syscall", Source::Syscall)] {
        pin(source);
        for (name, clock) in [
            ("realtime", Clock::REALTIME),
            ("monotonic", Clock::MONOTONIC),
            ("boottime", Clock::BOOTTIME),
        ] {
            let now = clock.now()?;
            push(way, name, now.sec, i64::from(now.nsec));
        }
    }
    let report = Readings { readings };
    screen.print(
        &report,
        |report, sheet| {
            for reading in &report.readings {
                let ns: i128 = reading.ns.parse().unwrap_or_default();
                let (seconds, rest) = (ns.div_euclid(1_000_000_000), ns.rem_euclid(1_000_000_000));
                let mut line =
                    format!("{:8} {:10} {seconds}.{rest:09}", reading.way, reading.clock);
                if reading.clock == "realtime" {
                    let date =
                        crate::utc::rfc3339(Timespec { sec: seconds as i64, nsec: rest as u32 });
                    line.push_str(&format!("  {date}"));
                }
                sheet.prose(0, &line);
            }
        },
        Status::Fine,
    )
}
