//! Watching as lines: for a pipe, a log, a terminal without a screen.

use std::io::Write;
use std::time::Duration;

use super::feed::{Feed, Next};
use super::model::{Mark, Model};
use super::record::Which;
use super::recorder::Recorder;
use super::terminal::Stop;
use crate::failure::Failure;
use crate::quantity;
use crate::screen::Screen;

/// Narrower than this, columns go.
const WIDE: usize = 76;

/// A signal is noticed within this.
const PATIENCE: Duration = Duration::from_millis(50);

pub(super) fn run(
    feed: &mut dyn Feed,
    model: &mut Model,
    clock: Which,
    recorder: &mut Option<Recorder>,
    screen: &Screen,
    stop: &Stop,
) -> Result<(), Failure> {
    let is_wide = screen.width().is_none_or(|width| width >= WIDE);
    let mut failed = None;
    screen.stream(|out| {
        if screen.is_json() {
            write_json(out, feed.head())?;
        } else {
            writeln!(out, "{}", heading(is_wide, clock, model.reference))?;
        }
        out.flush()?;
        while !stop.is_asked() {
            let sample = match feed.next() {
                Ok(Next::Sample(sample)) => *sample,
                Ok(Next::In(wait)) => {
                    std::thread::sleep(wait.min(PATIENCE));
                    continue;
                }
                Ok(Next::End) => break,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            if let Some(Err(error)) = recorder.as_mut().map(|recorder| recorder.write(&sample)) {
                failed = Some(error);
                break;
            }
            if screen.is_json() {
                write_json(out, &sample)?;
                model.push(sample);
            } else {
                for mark in model.push(sample) {
                    writeln!(out, "{}", happened(&mark))?;
                }
                writeln!(out, "{}", line(model, clock, is_wide))?;
            }
            // Whoever reads the lines waits for them.
            out.flush()?;
        }
        Ok(())
    })?;
    failed.map_or(Ok(()), Err)
}

fn write_json<T: serde::Serialize>(out: &mut dyn Write, line: &T) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn heading(is_wide: bool, clock: Which, reference: Which) -> String {
    let apart = format!("{}−{} ns", clock.word(), reference.word());
    if is_wide {
        format!("{:>9} {:30} {apart:>22} {:>9} {:>9}  source", "s", "UTC", "ppm", "cost")
    } else {
        format!("{:>7} {:>14} {:>8} {:>8}", "s", "apart, ns", "ppm", "cost")
    }
}

fn line(model: &Model, clock: Which, is_wide: bool) -> String {
    let (Some(sample), Some(point)) = (&model.last, model.points.back()) else {
        return String::new();
    };
    let offset = model.offset_ns(clock, point).map_or("?".to_owned(), |ns| format!("{ns:+.0}"));
    let ppm = model.frequency_ppm(clock, model.points.len() - 1);
    let ppm = ppm.map_or("?".to_owned(), |ppm| format!("{ppm:+.3}"));
    let cost = quantity::nanos(sample.cost_ns);
    if !is_wide {
        return format!("{:>7.1} {offset:>14} {ppm:>8} {cost:>8}", point.at_s);
    }
    let time = instanter_clock::Timespec::from_nanos(i128::from(sample.clocks.realtime));
    let utc = crate::utc::rfc3339(time);
    let source = sample.clock_source.as_deref().unwrap_or("?");
    format!(
        "{:>9.3} {utc:30} {offset:>22} {ppm:>9} {cost:>9}  {source} by {}",
        point.at_s, sample.source
    )
}

fn happened(mark: &Mark) -> String {
    format!("* {:.3} s  {}: {}", mark.at_s, mark.kind.word(), mark.text)
}

#[cfg(test)]
mod tests {
    use super::super::pretend;
    use super::*;

    #[test]
    fn lines_fit_their_headings() {
        let mut model = Model::new(Which::Raw);
        for sample in pretend::samples() {
            model.push(sample);
            for (is_wide, most) in [(true, 110), (false, 40)] {
                let line = line(&model, Which::Realtime, is_wide);
                assert!(line.chars().count() <= most, "{line:?}");
            }
        }
        assert_eq!(
            line(&model, Which::Realtime, true),
            "   29.500 2026-11-22T05:18:11.000354000Z                +354000   +12.000   36.0 ns  tsc by page"
        );
        assert_eq!(
            line(&model, Which::Realtime, false),
            "   29.5        +354000  +12.000  36.0 ns"
        );
    }
}
