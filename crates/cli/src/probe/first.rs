//! What the first reading of a process costs: search and proof included.

use std::hint::black_box;
use std::io;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use super::{FIRST, myself};

/// How long a process looks at its counter's rate, once it has its figure.
const CALIBRATION: Duration = Duration::from_millis(2);

/// The hidden subcommand: times this process's first reading and prints it in
/// nanoseconds.
///
/// Only the bare counter is read before: any clock would fault in the very pages
/// that the first reading has to fault in.
pub(super) fn be_timed() -> ExitCode {
    let before = instanter_counter::ordered();
    black_box(instanter::now());
    let ticks = instanter_counter::ordered().wrapping_sub(before);

    let (start, start_ticks) = (Instant::now(), instanter_counter::ordered());
    while start.elapsed() < CALIBRATION {}
    let elapsed_ticks = instanter_counter::ordered().wrapping_sub(start_ticks).max(1);
    let nanos_a_tick = start.elapsed().as_nanos() as f64 / elapsed_ticks as f64;
    println!("{}", ticks as f64 * nanos_a_tick);
    ExitCode::SUCCESS
}

/// Returns what the first reading cost in each of some fresh processes, in
/// nanoseconds.
pub(crate) fn first_calls(processes: u32) -> io::Result<Vec<f64>> {
    (0..processes)
        .map(|_| {
            let output = myself().arg(FIRST).stderr(Stdio::null()).output()?;
            let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            text.parse().map_err(|_| {
                io::Error::other(format!(
                    "the timed process said {text:?} and ended: {}",
                    output.status
                ))
            })
        })
        .collect()
}
