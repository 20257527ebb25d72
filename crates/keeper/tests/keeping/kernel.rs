//! Beside this machine's kernel: the keeper takes over the kernel's own page, and
//! is then asked for what the kernel computes.

use std::io::Write;

use instanter_clock::{Clock as KernelClock, Frame, PAGE, Source, source};
use instanter_keeper::{Clock, ClockSource, Conversion, Frequency, Timekeeper};
use instanter_page::linux::base;

const CLOCKS: [(Clock, usize); 5] = [
    (Clock::Realtime, base::REALTIME),
    (Clock::Monotonic, base::MONOTONIC),
    (Clock::Raw, base::MONOTONIC_RAW),
    (Clock::Boottime, base::BOOTTIME),
    (Clock::Tai, base::TAI),
];

fn skip(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {test}: {why}");
}

/// The page now, if this machine's can be read.
fn frame() -> Option<Frame> {
    if source(KernelClock::MONOTONIC) != Source::Page {
        return None;
    }
    PAGE.frame(instanter_counter::ordered).ok().filter(|frame| frame.namespace.is_none())
}

fn taken_over(frame: &Frame) -> Timekeeper {
    let raw = frame.raw.line;
    let bits = raw.mask.count_ones();
    let source = ClockSource::of_line("the kernel's", raw.mult, raw.shift, bits);
    let source = source.expect("a kernel's line").readable_as(frame.mode);
    let keeper = Timekeeper::take_over(source, &frame.disciplined, &frame.raw);
    keeper.expect("the kernel's clocks are whole nanoseconds apart")
}

/// On the same counter value the keeper says what the kernel computes, of every
/// clock, on the kernel's counter and long before and after it.
#[test]
fn the_same_time_on_the_same_counter() {
    let Some(first) = frame() else {
        return skip("the_same_time_on_the_same_counter", "no page is used on this machine");
    };
    let mut origins = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let Some(mut frame) = frame() else { return };
        origins.insert(frame.disciplined.line.origin);
        let clocks = taken_over(&frame).clocks();
        let now = frame.counter;
        let near = (0..40).flat_map(|bit| [now.wrapping_add(1 << bit), now.wrapping_sub(1 << bit)]);
        for counter in std::iter::once(now).chain(near) {
            frame.counter = counter;
            for (clock, index) in CLOCKS {
                assert_eq!(clocks.time(clock, counter), frame.clock(index), "{clock:?}");
            }
        }
        // Another tick, most likely.
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(origins.contains(&first.disciplined.line.origin) || !origins.is_empty());
}

/// For a counter of the kernel's frequency we choose the kernel's `mult` and `shift`.
#[test]
fn the_same_conversion() {
    let Some(frame) = frame() else {
        return skip("the_same_conversion", "no page is used on this machine");
    };
    let line = frame.raw.line;
    let frequency = Frequency::of_line(line.mult, line.shift).expect("a kernel's line");
    let got = Conversion::new(frequency, line.mask);
    assert_eq!((got.mult, got.shift, got.error_ppb), (line.mult, line.shift, 0), "{frequency}");
}

/// From one snapshot to a later one, the keeper's accumulation is the kernel's, to
/// the last fraction of a nanosecond.
///
/// The raw clock's slope never changes, so for it that holds over any number of
/// ticks. The disciplined one's does: at a tick the kernel puts the new slope
/// through the point of the counter's value then, which is less than a tick after
/// the new origin. The base then differs from the accumulated one by the change of
/// `mult` times that distance, so the difference must be a multiple of it, and not
/// a larger one than there are cycles between the two snapshots.
#[test]
fn the_same_accumulation_from_snapshot_to_snapshot() {
    let Some(first) = frame() else {
        return skip("the_same_accumulation…", "no page is used on this machine");
    };
    let mut from_first = taken_over(&first);
    let (mut last, mut ticks, mut same, mut bent) = (first, 0u32, 0u32, 0u32);
    for _ in 0..3_000 {
        let Some(now) = frame() else { break };
        let (line, last_line) = (now.disciplined.line, last.disciplined.line);
        if line.origin == last_line.origin && line.mult == last_line.mult {
            std::thread::sleep(std::time::Duration::from_micros(500));
            continue;
        }
        ticks += 1;
        // The raw clock, over everything since the first snapshot.
        from_first.tick(line.origin);
        let got = from_first.contents().raw.bases[base::MONOTONIC_RAW];
        let disturbed = now.epoch(0) != last.epoch(0) || now.raw.line.mult != last.raw.line.mult;
        if disturbed {
            // Somebody set a clock, or the machine slept.
            from_first = taken_over(&now);
            last = now;
            continue;
        }
        assert_eq!(got, now.raw.bases[base::MONOTONIC_RAW], "the raw clock after {ticks} ticks");

        let mut keeper = taken_over(&last);
        keeper.tick(line.origin);
        let contents = keeper.contents();
        let units = |(sec, nsec): (i64, u64)| {
            i128::from(sec) * (1_000_000_000i128 << line.shift) + i128::from(nsec)
        };
        let cycles = i128::from(line.origin.wrapping_sub(last_line.origin));
        for index in [base::REALTIME, base::MONOTONIC, base::BOOTTIME, base::TAI] {
            let off =
                units(now.disciplined.bases[index]) - units(contents.disciplined.bases[index]);
            let change = i128::from(line.mult) - i128::from(last_line.mult);
            if change == 0 {
                // Nothing bent the line at one end of this gap; if the slope went
                // and came back within it, it did so less than 64 units far.
                assert!(off.abs() <= 64 * cycles, "clock {index}: {off} units off");
                same += u32::from(off == 0);
            } else {
                let limit = (change.abs() + 64) * cycles;
                assert!(off.abs() <= limit, "clock {index}: {off} units off, limit {limit}");
                bent += u32::from(off % change == 0);
            }
        }
        last = now;
    }
    let _ = writeln!(
        std::io::stderr(),
        "{ticks} ticks: the disciplined clocks' bases equal in {same}, bent in {bent} comparisons"
    );
}
