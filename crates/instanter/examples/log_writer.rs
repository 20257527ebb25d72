//! Writes many log lines with local timestamps, and tells how many it is a second.
//!
//! `cargo run --release --example log_writer -- 1000000 > /dev/null`

use std::io::{self, BufWriter, Write};

use instanter::{Stamp, now, now_relaxed};

fn main() -> io::Result<()> {
    let lines = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let start = now();
    let mut log = BufWriter::new(io::stdout().lock());
    write_log(&mut log, lines)?;
    // What a buffer still holds when it is dropped is lost without a word if that fails.
    log.flush()?;
    let took = start.elapsed();
    let rate = f64::from(lines) / took.as_seconds_f64();
    eprintln!("{lines} lines in {took}: {rate:.0} a second");
    Ok(())
}

/// Writes so many lines.
pub(crate) fn write_log(log: &mut impl Write, lines: u32) -> io::Result<()> {
    let mut stamp = Stamp::local(6);
    for number in 0..lines {
        log.write_all(stamp.write(now_relaxed()))?;
        writeln!(log, " request {number} served")?;
    }
    Ok(())
}
