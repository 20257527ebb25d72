//! The reader, on pages that the test made: what it trusts and what it refuses.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::pages::{DataPages, LINE, NAMESPACE, proved};
use instanter_page::linux::{Behind, LAYOUTS, Trouble, base};
use instanter_page::{Line, Timespec};

const FINE: [usize; 4] = [base::REALTIME, base::MONOTONIC, base::BOOTTIME, base::TAI];

#[test]
fn every_layout_every_clock() {
    for layout in LAYOUTS {
        let (_pages, reader) = proved(layout);
        for ticks in [0, 1, 3, 2_100_000, 2_100_000_000] {
            let counter = LINE.origin + ticks;
            for index in FINE {
                let want = DataPages::answer(index, counter);
                assert_eq!(reader.clock(index, || counter), Some(want), "{layout:?} clock {index}");
            }
            let pair = reader.pair(|| counter).expect("a pair");
            assert_eq!(pair.realtime, DataPages::answer(base::REALTIME, counter));
            assert_eq!(pair.monotonic, DataPages::answer(base::MONOTONIC, counter));
            let nanos = pair.monotonic.as_nanos() as i64;
            assert_eq!(reader.wall_and_nanos(|| counter), Some((pair.realtime, nanos)));
            assert_eq!(reader.nanos(base::MONOTONIC, || counter), Some(nanos));
            let raw = DataPages::answer(base::MONOTONIC_RAW, counter);
            assert_eq!(reader.raw(|| counter), Some(raw), "{layout:?} raw");
            let frame = reader.frame(|| counter).expect("a frame");
            let all = reader.snapshot(|| counter).expect("a snapshot");
            assert_eq!(all, frame.into(), "{layout:?}");
            assert_eq!(all.counter, Some(counter));
            for index in 0..base::COUNT {
                assert_eq!(frame.clock(index), DataPages::answer(index, counter), "{layout:?}");
            }
            assert_eq!(frame.epoch(reader.generation()), reader.epoch().expect("an epoch"));
        }
        let coarse = reader.coarse_pair().expect("coarse clocks");
        assert_eq!(coarse.realtime, DataPages::answer(base::REALTIME_COARSE, 0));
        assert_eq!(reader.coarse(base::MONOTONIC_COARSE), Some(coarse.monotonic));
    }
}

#[test]
fn a_clock_that_is_not_there() {
    let (_pages, reader) = proved(&LAYOUTS[0]);
    for index in [2, 3, 8, 9, 10, 12, 1 << (usize::BITS - 24), usize::MAX] {
        assert_eq!(reader.clock(index, || LINE.origin), None, "clock {index}");
        assert_eq!(reader.coarse(index), None, "coarse clock {index}");
    }
}

/// Each row spoils the page in one way; the hot path must give no answer, and
/// the careful one must say why, or answer rightly.
#[test]
fn a_page_that_is_off() {
    type Spoil = fn(&DataPages);
    let rate = |mult, shift| Trouble::Rate { mult, shift };
    let rows: &[(&str, Spoil, Result<(), Trouble>)] = &[
        ("mode none", |p| p.set_head(0, 4), Err(Trouble::Mode(0))),
        ("mode of a hypervisor", |p| p.set_head(2, 4), Err(Trouble::Mode(2))),
        ("mode unknown", |p| p.set_head(0x8000_0001, 4), Err(Trouble::Mode(0x8000_0001))),
        ("shift +1", |p| p.set_line(0, 0, Line { shift: 25, ..LINE }), Err(rate(LINE.mult, 25))),
        ("shift 0", |p| p.set_line(0, 0, Line { shift: 0, ..LINE }), Err(rate(LINE.mult, 0))),
        (
            "mult 1.01 times",
            |p| p.set_line(0, 0, Line { mult: LINE.mult / 100 * 101, ..LINE }),
            Err(rate(LINE.mult / 100 * 101, 24)),
        ),
        (
            "mult 0.99 times",
            |p| p.set_line(0, 0, Line { mult: LINE.mult / 100 * 99, ..LINE }),
            Err(rate(LINE.mult / 100 * 99, 24)),
        ),
        ("mult 0", |p| p.set_line(0, 0, Line { mult: 0, ..LINE }), Err(rate(0, 24))),
        ("mult all ones", |p| p.set_line(0, 0, Line { mult: !0, ..LINE }), Err(rate(!0, 24))),
    ];
    for layout in LAYOUTS {
        for (name, spoil, want) in rows {
            let (pages, reader) = proved(layout);
            let counter = || LINE.origin + 5_000;
            let before = reader.pair(counter);
            assert!(before.is_some(), "{name}");
            spoil(&pages);
            assert_eq!(reader.pair(counter), None, "{name} on {layout:?}");
            assert_eq!(reader.snapshot(counter), None, "{name} on {layout:?}");
            assert_eq!(reader.nanos(base::BOOTTIME, counter), None, "{name} on {layout:?}");
            assert_eq!(reader.wall_and_nanos(counter), None, "{name} on {layout:?}");
            assert_eq!(reader.clock(base::TAI, counter), None, "{name} on {layout:?}");
            assert_eq!(reader.frame(counter).map(|_| ()), *want, "{name} on {layout:?}");
            pages.fill(0);
            assert_eq!(reader.pair(counter), before, "{name}, mended");
        }
    }
}

#[test]
fn the_raw_clocks_rate_is_exact() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    let counter = || LINE.origin + 5_000;
    pages.set_line(0, pages.layout.stride, Line { mult: LINE.mult + 1, ..LINE });
    assert_eq!(reader.raw(counter), None);
    assert!(matches!(reader.frame(counter), Err(Trouble::Rate { .. })));
}

#[test]
fn steering_within_the_window_is_followed() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    // NTP bends by up to 500 ppm; adjtimex's tick by up to ten percent, of
    // which the first 0.7 are within the window.
    for parts_per_million in [-7_000i64, -500, -1, 0, 1, 500, 7_000] {
        let mult = (i64::from(LINE.mult) * (1_000_000 + parts_per_million) / 1_000_000) as u32;
        let line = Line { mult, ..LINE };
        pages.set_line(0, 0, line);
        let counter = LINE.origin + 2_100_000;
        let (sec, nsec) = DataPages::base(base::MONOTONIC);
        let want = line.at(counter, sec, nsec);
        let got = reader.clock(base::MONOTONIC, || counter);
        assert_eq!(got, Some(want), "{parts_per_million} ppm");
    }
}

#[test]
fn a_counter_behind_the_origin_and_a_page_that_nobody_updates() {
    let (_pages, reader) = proved(&LAYOUTS[0]);
    let day = 86_400 * 2_100_000_000u64;
    // 2^63 / mult ticks are 550 s: later than that 64 bits overflow.
    for counter in [0, LINE.origin - 1, LINE.origin + day, LINE.origin + 300 * day] {
        // The hot path may decline, but not answer wrongly.
        for index in FINE {
            let want = DataPages::answer(index, counter);
            let got = reader.clock(index, || counter);
            assert!(got.is_none() || got == Some(want), "clock {index} at {counter}: {got:?}");
            assert_eq!(reader.frame(|| counter).expect("a frame").clock(index), want);
        }
    }
    let behind = reader.frame(|| LINE.origin - 100).expect("a frame").clock(base::MONOTONIC);
    assert_eq!(behind, DataPages::answer(base::MONOTONIC, LINE.origin), "stands still");
}

#[test]
fn an_odd_sequence_number_that_never_ends() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    pages.set_head(1, 7);
    assert_eq!(reader.pair(|| LINE.origin), None);
    assert_eq!(reader.coarse_pair(), None);
    assert_eq!(reader.epoch(), None);
    assert_eq!(reader.frame(|| LINE.origin), Err(Trouble::Busy { sequence: 7 }));
    assert_eq!(reader.coarse_frame(|| LINE.origin), Err(Trouble::Busy { sequence: 7 }));
}

#[test]
fn a_sequence_number_that_moves_during_the_read() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    // The counter is read in the middle of a read, so it can disturb it.
    let moving = || {
        pages.update(|_| {});
        LINE.origin
    };
    assert!(matches!(reader.frame(moving), Err(Trouble::Busy { .. })));
    assert_eq!(reader.pair(moving), None);
    assert_eq!(reader.snapshot(moving), None);
    // One disturbance is waited out.
    let moved = AtomicBool::new(false);
    let once = || {
        if !moved.swap(true, Ordering::Relaxed) {
            pages.update(|_| {});
        }
        LINE.origin
    };
    assert!(reader.frame(once).is_ok());
}

#[test]
fn coarse_clocks_outlive_the_fine_ones() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    pages.set_head(0, 4);
    assert_eq!(reader.pair(|| LINE.origin), None);
    assert!(reader.coarse_pair().is_some());
    reader.forget();
    assert_eq!(reader.coarse_pair(), None);
    assert_eq!(reader.epoch(), None);
    assert_eq!(reader.place(), None);
    assert_eq!(reader.frame(|| 0), Err(Trouble::NotProved));
}

#[test]
fn in_a_time_namespace() {
    for layout in LAYOUTS {
        let pages = DataPages::new(layout);
        let offsets = [
            (base::MONOTONIC, -3, 7),
            (base::MONOTONIC_RAW, -3, 7),
            (base::BOOTTIME, 1_000, 999_999_999),
            (base::MONOTONIC_COARSE, -3, 7),
        ];
        // The kernel exchanges the pages: offsets first, the clocks behind.
        if let Some(page) = layout.namespace_page {
            pages.fill(page);
        }
        pages.set_head(NAMESPACE, 1);
        for index in 0..base::COUNT {
            pages.set_base(0, 0, index, (0, 0));
        }
        for (index, sec, nsec) in offsets {
            pages.set_base(0, 0, index, (sec, nsec));
        }
        let reader = instanter_page::linux::Reader::new();
        let counter = LINE.origin + 12_345;
        let answer = |index| {
            let offset = offsets.iter().find(|row| row.0 == index);
            let offset = offset
                .map_or(Timespec::default(), |&(_, sec, nsec)| Timespec::new(sec, nsec as u32));
            DataPages::answer(index, counter).shifted_by(offset)
        };
        // SAFETY: the pages outlive the reader.
        let proof = unsafe {
            instanter_page::linux::prove(
                &reader,
                pages.place(),
                || counter,
                |index| Some(answer(index)),
                Some(1),
            )
        };
        if layout.namespace_page.is_none() {
            assert!(proof.is_err(), "{layout:?}");
            continue;
        }
        proof.expect("an honest namespace");
        assert_eq!(reader.pair(|| counter), None, "the hot path leaves it to the careful one");
        assert_eq!(reader.coarse_pair(), None);
        pages.set_head(NAMESPACE, 2);
        assert_eq!(reader.coarse_pair(), None, "whatever its sequence number");
        let frame = reader.frame(|| counter).expect("a frame");
        for index in 0..base::COUNT {
            assert_eq!(frame.clock(index), answer(index), "{layout:?} clock {index}");
        }
        let behind = Behind::new();
        assert_eq!(behind.pair(&reader, || counter), None, "nothing is trusted yet");
        behind.trust(&reader, &frame);
        let pair = behind.pair(&reader, || counter).expect("a pair");
        assert_eq!((pair.realtime, pair.monotonic), (answer(0), answer(1)), "{layout:?}");
        assert_eq!(behind.snapshot(&reader, || counter), Some(frame.into()), "{layout:?}");
        for index in FINE.into_iter().chain([4, 5, 6]) {
            let got = behind.clock(&reader, index, || counter);
            assert_eq!(got, Some(answer(index)), "{layout:?} clock {index}");
        }
        let epoch = behind.epoch(&reader).expect("an epoch");
        behind.trust(&reader, &frame);
        assert_eq!(behind.epoch(&reader), Some(epoch), "trusted already");
        // Out of the namespace the page behind is not there, and not touched.
        pages.set_head(1, 2);
        assert_eq!(behind.pair(&reader, || counter), None);
        assert_eq!(behind.epoch(&reader), None);
    }
}

/// The page moves as fast as a thread can move it, each time as a whole: base
/// and origin belong together. A reader that mixed two of them would be off by
/// far more than a tick.
#[test]
fn a_page_that_keeps_moving_is_read_whole() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    let now = AtomicU64::new(LINE.origin);
    let enough = AtomicBool::new(false);
    let distance =
        |realtime: Timespec, monotonic: Timespec| realtime.as_nanos() - monotonic.as_nanos();
    let at_origin = |index| DataPages::answer(index, LINE.origin);
    let constant = distance(at_origin(base::REALTIME), at_origin(base::MONOTONIC));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for step in 1.. {
                let origin = LINE.origin + step * 1_000;
                pages.update(|pages| {
                    pages.set_line(0, 0, Line { origin, ..LINE });
                    for index in FINE {
                        let (sec, nsec) = DataPages::base(index);
                        let moved = step * 1_000 * u64::from(LINE.mult);
                        pages.set_base(0, 0, index, (sec, nsec + moved));
                    }
                });
                now.store(origin, Ordering::Release);
                if enough.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let mut last = Timespec::default();
        let mut answered = 0;
        while answered < 20_000 {
            let counter = now.load(Ordering::Acquire);
            let Some(pair) = reader.pair(|| counter) else { continue };
            answered += 1;
            // At or after the counter's own time, for a page that moved on
            // answers with its base; and never before what was read last.
            assert!(pair.monotonic >= DataPages::answer(base::MONOTONIC, counter));
            assert!(pair.monotonic >= last, "{} after {last}", pair.monotonic);
            let between = distance(pair.realtime, pair.monotonic);
            assert_eq!(between, constant, "two halves of different pages");
            last = pair.monotonic;
        }
        enough.store(true, Ordering::Relaxed);
    });
}

#[test]
fn the_epoch_changes_when_time_is_disturbed_and_only_then() {
    let (pages, reader) = proved(&LAYOUTS[0]);
    let first = reader.epoch().expect("an epoch");
    // A tick: all clocks move on together.
    for index in FINE {
        let (sec, nsec) = DataPages::base(index);
        pages.set_base(0, 0, index, (sec, nsec + 4_000_000 * u64::from(LINE.mult)));
    }
    pages.set_line(0, 0, Line { origin: LINE.origin + 4_000_000, mult: LINE.mult + 3, ..LINE });
    assert_eq!(reader.epoch(), Some(first), "a tick, and NTP's steering");
    for index in [base::REALTIME, base::BOOTTIME, base::TAI, base::MONOTONIC] {
        pages.fill(0);
        let (sec, nsec) = DataPages::base(index);
        for moved in [(sec + 1, nsec), (sec - 1, nsec), (sec, nsec + (1 << LINE.shift))] {
            pages.set_base(0, 0, index, moved);
            assert_ne!(reader.epoch(), Some(first), "clock {index} moved to {moved:?}");
        }
    }
    pages.fill(0);
    assert_eq!(reader.epoch(), Some(first), "a step back leaves no trace");
    pages.prove(&reader, LINE.origin).expect("an honest page");
    assert_ne!(reader.epoch(), Some(first), "a new proof");
}
