//! Many texts, one a line, from standard input.

use std::io::{self, BufRead, BufReader, Write};

use super::{Converter, progress};
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;

/// How many lines go by before the bar is told.
const LINES_A_STEP: u64 = 1_024;

pub(super) fn run(converter: &Converter<'_>, screen: &Screen) -> Outcome {
    let mut status = Status::Fine;
    let mut failed = None;
    let bar = progress::bar();
    screen.stream(|out| {
        let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
        let (mut line, mut number, mut bytes) = (Vec::new(), 0_u64, 0_u64);
        loop {
            // Whoever types the lines, or sends them one by one, waits for the answers.
            if input.buffer().is_empty() {
                out.flush()?;
            }
            line.clear();
            match input.read_until(b'\n', &mut line) {
                Ok(0) => return Ok(()),
                Ok(length) => bytes += length as u64,
                Err(error) => {
                    failed = Some(format!("cannot read standard input: {error}"));
                    return Ok(());
                }
            }
            number += 1;
            if number.is_multiple_of(LINES_A_STEP) {
                bar.set_position(bytes);
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            match convert(converter, text.strip_suffix(b"\r").unwrap_or(text)) {
                Ok(answer) => writeln!(out, "{answer}")?,
                Err(error) => {
                    status = Status::Degraded;
                    bar.suspend(|| {
                        // Nobody is left to tell if this cannot be written.
                        let _ = writeln!(io::stderr(), "instanter: line {number}: {error}");
                    });
                }
            }
        }
    })?;
    bar.finish_and_clear();
    match failed {
        Some(message) => Err(Failure::new(message)),
        None => Ok(status),
    }
}

fn convert(converter: &Converter<'_>, line: &[u8]) -> Result<String, String> {
    match str::from_utf8(line) {
        Ok(text) => converter.line(text),
        Err(error) => Err(format!(
            "cannot read \"{}\": byte {}: expected UTF-8",
            line[..line.len().min(60)].escape_ascii(),
            error.valid_up_to()
        )),
    }
}
