//! The writer, read by the reader that was made for kernels.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::pages::{DataPages, LINE};
use instanter_page::linux::{Contents, LAYOUTS, Reader, Record, Trouble, Writer, base};
use instanter_page::{Line, Timespec};

/// What [`DataPages`] fills in by itself.
fn contents() -> Contents {
    let bases = std::array::from_fn(DataPages::base);
    let record = Record { line: LINE, bases };
    Contents { mode: 1, disciplined: record, raw: record, max_cycles: 1 << 40, hrtimer_res: 1 }
}

/// Pages of zeros with a writer.
fn blank(layout: &'static instanter_page::linux::Layout) -> (DataPages, Writer) {
    let pages = DataPages::zeroed(layout);
    // SAFETY: each test keeps the pages longer than the writer, and lets nobody
    // else write them.
    let writer = unsafe { Writer::new(pages.place()) };
    (pages, writer)
}

#[test]
fn every_layout_word_for_word() {
    for layout in LAYOUTS {
        let filled = DataPages::new(layout);
        let (pages, mut writer) = blank(layout);
        writer.update(contents);
        for offset in (0..layout.length() - layout.record).step_by(8) {
            let is_max_cycles = layout.shape == instanter_page::linux::Shape::WithMaxCycles
                && [16, layout.stride + 16].contains(&offset);
            let got = pages.word(0, offset).load(Ordering::Relaxed);
            let want = match filled.word(0, offset).load(Ordering::Relaxed) {
                _ if is_max_cycles => 1 << 40,
                word => word,
            };
            assert_eq!(got, want, "{layout:?} at {offset}");
        }
        let reader = Reader::new();
        pages.prove(&reader, LINE.origin).expect("an honest page");
        let want = DataPages::answer(base::MONOTONIC, LINE.origin + 5_000);
        let got = reader.clock(base::MONOTONIC, || LINE.origin + 5_000);
        assert_eq!(got, Some(want), "{layout:?}");
    }
}

#[test]
fn a_page_that_was_left_in_an_update() {
    let (pages, mut writer) = blank(&LAYOUTS[0]);
    for record in [0, LAYOUTS[0].stride] {
        pages.word(0, record).store(1 << 32 | 7, Ordering::Relaxed);
    }
    writer.update(contents);
    assert_eq!(pages.word(0, 0).load(Ordering::Relaxed), 1 << 32 | 8);
    // The number wraps without reaching into the mode.
    pages.word(0, 0).store(1 << 32 | 0xffff_fffe, Ordering::Relaxed);
    writer.update(contents);
    assert_eq!(pages.word(0, 0).load(Ordering::Relaxed), 1 << 32);
}

#[test]
fn an_update_that_panics_changes_nothing() {
    let (pages, mut writer) = blank(&LAYOUTS[0]);
    writer.update(contents);
    let reader = Reader::new();
    pages.prove(&reader, LINE.origin).expect("an honest page");
    let before = reader.pair(|| LINE.origin + 1);
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let panicked = catch_unwind(AssertUnwindSafe(|| writer.update(|| panic!("no counter"))));
    std::panic::set_hook(quiet);
    assert!(panicked.is_err());
    assert_eq!(reader.pair(|| LINE.origin + 1), before);
}

#[test]
fn while_the_contents_are_made_nobody_reads() {
    let (pages, mut writer) = blank(&LAYOUTS[0]);
    writer.update(contents);
    let reader = Reader::new();
    pages.prove(&reader, LINE.origin).expect("an honest page");
    writer.update(|| {
        assert_eq!(reader.pair(|| LINE.origin), None);
        assert_eq!(reader.coarse_pair(), None);
        assert!(matches!(reader.frame(|| LINE.origin), Err(Trouble::Busy { .. })));
        contents()
    });
    assert!(reader.pair(|| LINE.origin).is_some());
}

#[test]
fn a_namespace_in_front() {
    for layout in LAYOUTS {
        let Some(page) = layout.namespace_page else { continue };
        let pages = DataPages::zeroed(layout);
        let front = pages.place();
        let behind = instanter_page::linux::Place {
            start: front.start.wrapping_add(page * front.page_size),
            ..front
        };
        // SAFETY: two pages of memory that outlives both, written by nobody else.
        let [mut front, mut behind] = [front, behind].map(|place| unsafe { Writer::new(place) });
        let offset = Timespec::new(-5, 250_000_000);
        front.update_namespace(&[offset; base::COUNT]);
        behind.update(contents);
        let reader = Reader::new();
        let counter = LINE.origin + 99;
        let kernel = |index| Some(DataPages::answer(index, counter).shifted_by(offset));
        // SAFETY: as above.
        let proof = unsafe {
            instanter_page::linux::prove(&reader, pages.place(), || counter, kernel, Some(1))
        };
        proof.unwrap_or_else(|refusal| panic!("{layout:?}: {refusal}"));
        assert_eq!(reader.pair(|| counter), None, "left to the careful path");
        let frame = reader.frame(|| counter).expect("a frame");
        assert_eq!(frame.clock(base::BOOTTIME), kernel(base::BOOTTIME).expect("an answer"));
    }
}

/// As the kernel's page is read while it moves, so is the writer's: every clock
/// at the same multiple of a step, or the read was torn.
#[test]
fn a_page_that_keeps_being_written_is_read_whole() {
    let (pages, mut writer) = blank(&LAYOUTS[0]);
    writer.update(contents);
    let reader = Reader::new();
    pages.prove(&reader, LINE.origin).expect("an honest page");
    let now = AtomicU64::new(LINE.origin);
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for step in 1.. {
                let mut new = contents();
                for record in [&mut new.disciplined, &mut new.raw] {
                    record.line = Line { origin: LINE.origin + step * 1_000, ..LINE };
                    for index in [0, 1, 4, 7, 11] {
                        record.bases[index].1 += step * 1_000 * u64::from(LINE.mult);
                    }
                }
                writer.update(|| new);
                now.store(new.raw.line.origin, Ordering::Release);
                if enough.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let mut answered = 0;
        while answered < 20_000 {
            let counter = now.load(Ordering::Acquire);
            let Some(all) = reader.snapshot(|| counter) else { continue };
            answered += 1;
            let since = |time: Timespec, index| {
                time.as_nanos() - DataPages::answer(index, LINE.origin).as_nanos()
            };
            let elapsed = since(all.monotonic, base::MONOTONIC);
            for (time, index) in [
                (all.realtime, base::REALTIME),
                (all.boottime, base::BOOTTIME),
                (all.tai, base::TAI),
                (all.monotonic_raw, base::MONOTONIC_RAW),
            ] {
                assert_eq!(since(time, index), elapsed, "clock {index} of another update");
            }
        }
        enough.store(true, Ordering::Relaxed);
    });
}
