//! The timekeeper at the start: which counter it counts, and where it goes on.

use instanter_clock::page::Line;
use instanter_clock::page::linux::{Record, base};
use instanter_clock::shared::MODE_COUNTER;
use instanter_clock::{Clock, Frame, PAGE, Source, Timespec, explain_source, snapshot, source};
use instanter_counter as counter;
use instanter_keeper::{ClockSource, Frequency, Timekeeper};

use crate::failure::Failure;

/// A timekeeper, and what is to be said about how it began.
pub(super) struct Beginning {
    pub(super) keeper: Timekeeper,
    /// Whether it goes on with the clocks of a predecessor.
    pub(super) goes_on: bool,
    /// What may be wrong with the counter, in words.
    pub(super) doubt: Option<String>,
}

/// Begins: with the clocks that a predecessor `left` or, where there are none that go on, with
/// the kernel's.
pub(super) fn begin(left: Option<&Frame>) -> Result<Beginning, Failure> {
    let kernel = kernel_records()?;
    if let Some(left) = left
        && let Some(keeper) = Timekeeper::take_over(kernel.counter, &left.disciplined, &left.raw)
    {
        return Ok(Beginning { keeper, goes_on: true, doubt: kernel.doubt });
    }
    let keeper = Timekeeper::take_over(kernel.counter, &kernel.disciplined, &kernel.raw)
        .ok_or_else(|| Failure::new("the kernel's clocks are not ones that can be kept: is the wall clock before the time since boot?"))?;
    Ok(Beginning { keeper, goes_on: false, doubt: kernel.doubt })
}

/// The kernel's clocks as records, and the counter that they count.
struct Kernel {
    counter: ClockSource,
    disciplined: Record,
    raw: Record,
    doubt: Option<String>,
}

/// The kernel's own page where it serves: its line is the best that is known of the counter.
pub(super) fn frame() -> Option<Frame> {
    if source(Clock::REALTIME) != Source::Page {
        return None;
    }
    PAGE.frame(counter::ordered).ok().filter(|frame| frame.namespace.is_none())
}

fn kernel_records() -> Result<Kernel, Failure> {
    if let Some(frame) = frame() {
        let line = frame.raw.line;
        let bits = line.mask.count_ones();
        if let Some(source) = ClockSource::of_line(counter::NAME, line.mult, line.shift, bits) {
            return Ok(Kernel {
                counter: source.readable_as(MODE_COUNTER),
                disciplined: frame.disciplined,
                raw: frame.raw,
                doubt: None,
            });
        }
    }
    let (hertz, how) = match counter::frequency() {
        Some(hertz) => (hertz, "as the CPU states it"),
        None => (measure()?, "as measured against CLOCK_MONOTONIC_RAW"),
    };
    let frequency = Frequency::hertz(hertz).ok_or_else(|| {
        Failure::new(format!("the counter ({}) cannot have {hertz} Hz", counter::NAME))
    })?;
    let source = ClockSource::new(counter::NAME, frequency, 64).readable_as(MODE_COUNTER);
    let conversion = source.conversion();
    let before = counter::ordered();
    let now = snapshot()?;
    let origin = before + (counter::ordered() - before) / 2;
    let line = Line { origin, mult: conversion.mult, shift: conversion.shift, mask: source.mask() };
    let base_of = |time: Timespec| (time.sec, u64::from(time.nsec) << conversion.shift);
    let mut disciplined = Record { line, bases: [(0, 0); base::COUNT] };
    for (index, time) in [
        (base::REALTIME, now.realtime),
        (base::MONOTONIC, now.monotonic),
        (base::BOOTTIME, now.boottime),
        (base::TAI, now.tai),
    ] {
        disciplined.bases[index] = base_of(time);
    }
    let mut raw = Record { line, bases: [(0, 0); base::COUNT] };
    raw.bases[base::MONOTONIC_RAW] = base_of(now.monotonic_raw);
    let (_, why, _) = explain_source(Clock::REALTIME);
    let why = why.map_or_else(|| "a time namespace".to_owned(), |why| why.to_string());
    let doubt = format!(
        "the kernel's own line for the CPU's counter ({}) is not known here ({why}): {hertz} Hz is \
         taken, {how}; if the kernel does not trust this counter, CPUs may disagree",
        counter::NAME
    );
    Ok(Kernel { counter: source, disciplined, raw, doubt: Some(doubt) })
}

/// Ticks a second, from two looks at both clocks, each with the narrowest of some pairs.
fn measure() -> Result<u64, Failure> {
    let look = || -> Result<(u64, i128), Failure> {
        let mut best: Option<(u64, u64, i128)> = None;
        for _ in 0..20 {
            let before = counter::ordered();
            let raw = Clock::MONOTONIC_RAW.now()?;
            let width = counter::ordered() - before;
            if best.is_none_or(|(narrowest, ..)| width < narrowest) {
                best = Some((width, before + width / 2, raw.as_nanos()));
            }
        }
        let (_, ticks, nanos) = best.unwrap_or_default();
        Ok((ticks, nanos))
    };
    let (first, first_ns) = look()?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    let (last, last_ns) = look()?;
    let nanos = (last_ns - first_ns).max(1).unsigned_abs();
    Ok((u128::from(last - first) * 1_000_000_000 / nanos) as u64)
}
