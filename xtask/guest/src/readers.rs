//! Another process that reads every clock while this one disturbs them.

use crate::agreement;
use crate::console::Report;
use crate::kernel;
use crate::library::{self, CLOCKS, Clock};

/// A process that reads until it is told to stop.
pub struct Reader {
    process: usize,
    /// A byte here stops it.
    stop: usize,
}

/// Starts one. It has this process's memory as it is now, so whatever the
/// library knows of the page.
pub fn start(report: &mut Report) -> Option<Reader> {
    let started = kernel::pipe().and_then(|(stopped, stop)| {
        let process = kernel::fork()?;
        if process == 0 {
            kernel::exit(i32::from(!read_until(stopped)));
        }
        Ok(Reader { process, stop })
    });
    match started {
        Ok(reader) => Some(reader),
        Err(error) => {
            report.not_ok(format_args!("readers: {error}"));
            None
        }
    }
}

/// Stops it; what it saw is on the console by then.
pub fn stop(report: &mut Report, reader: Option<Reader>) {
    let Some(reader) = reader else { return };
    let ended = kernel::write(reader.stop, b".").and_then(|_| kernel::wait(reader.process));
    match ended {
        Ok(0) => {}
        // The reader itself has said which.
        ended => report.not_ok(format_args!("readers: ended with {ended:?}")),
    }
}

/// Compares all clocks in turn. Returns whether all was well.
fn read_until(stopped: usize) -> bool {
    let mut report = Report::new();
    let mut readings = 0u64;
    let mut last = 0;
    while !kernel::has_byte(stopped) {
        for clock in CLOCKS {
            if let Err(error) = agreement::once(clock) {
                report.not_ok(format_args!(
                    "reader, {} after {readings} readings: {error}",
                    library::name(clock)
                ));
                return false;
            }
            readings += 1;
        }
        match library::now(Clock::MONOTONIC) {
            Ok(now) if now >= last => last = now,
            now => {
                report.not_ok(format_args!("reader, monotonic: {now:?} after {last}"));
                return false;
            }
        }
    }
    report.ok(format_args!("another process meanwhile, {readings} readings"));
    true
}
