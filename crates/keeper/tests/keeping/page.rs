//! The page that a keeper keeps, read by the reader that was made for kernels.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::simulated::{Counter, cases};
use instanter_keeper::{Clock, TimeNamespace, Timekeeper, Timespec, Timex, adj};
use instanter_page::linux::{LAYOUTS, Layout, Place, Reader, Trouble, Writer, base, prove};

const PAGE_SIZE: usize = 4096;
const HOUR: Timespec = Timespec { sec: 3_600, nsec: 0 };

/// Memory for one page, aligned as a page's words must be.
fn memory() -> Vec<AtomicU64> {
    (0..PAGE_SIZE / 8).map(|_| AtomicU64::new(0)).collect()
}

fn place(memory: &[AtomicU64], layout: &'static Layout) -> Place {
    Place { start: memory.as_ptr().cast(), page_size: PAGE_SIZE, layout }
}

/// What the keeper itself says of a page's clock.
fn answer(keeper: &Timekeeper, index: usize, counter: u64) -> Option<Timespec> {
    let clocks = keeper.clocks();
    Some(match index {
        base::REALTIME => clocks.time(Clock::Realtime, counter),
        base::MONOTONIC => clocks.time(Clock::Monotonic, counter),
        base::MONOTONIC_RAW => clocks.time(Clock::Raw, counter),
        base::REALTIME_COARSE => clocks.coarse(Clock::Realtime),
        base::MONOTONIC_COARSE => clocks.coarse(Clock::Monotonic),
        base::BOOTTIME => clocks.time(Clock::Boottime, counter),
        base::TAI => clocks.time(Clock::Tai, counter),
        _ => return None,
    })
}

/// A reader that has proved a page by its keeper's word.
pub fn proved(place: Place, keeper: &Timekeeper, counter: u64) -> Reader {
    let reader = Reader::new();
    let kernel = |index| answer(keeper, index, counter);
    // SAFETY: the memory outlives the reader in each test.
    let proof = unsafe { prove(&reader, place, || counter, kernel, Some(1)) };
    assert!(proof.expect("an honest keeper").fine);
    reader
}

/// Lets the keeper do something while readers wait, and shows what came of it.
pub fn update(writer: &mut Writer, keeper: &mut Timekeeper, change: impl FnOnce(&mut Timekeeper)) {
    writer.update(|| {
        change(keeper);
        keeper.contents()
    });
}

#[test]
fn every_layout_is_proved_and_read() {
    for layout in LAYOUTS {
        let memory = memory();
        let place = place(&memory, layout);
        let mut counter = Counter::new(2_100_000_000, 64);
        let mut keeper = counter.keeper();
        // SAFETY: nobody else writes the memory, which outlives the writer.
        let mut writer = unsafe { Writer::new(place) };
        keeper.set_tai(counter.read(), 37).expect("awake");
        writer.update(|| keeper.contents());
        let reader = proved(place, &keeper, counter.read());
        let mut frequency = Timex { modes: adj::FREQUENCY, freq: -77 << 16, ..Timex::default() };
        keeper.adjust(counter.read(), &mut frequency).expect("a valid request");
        for step in 0..2_000u64 {
            let now = counter.pass(step * 31 % 9_000_000);
            if step % 3 == 0 {
                update(&mut writer, &mut keeper, |keeper| {
                    keeper.tick(now);
                });
            }
            if step == 1_000 {
                let later = Timespec::new(1_800_000_000, 7);
                keeper.set_realtime(now, later).expect("a time");
                writer.update(|| keeper.contents());
            }
            let all = reader.snapshot(|| now).expect("a page that is proved");
            let own = |index| answer(&keeper, index, now).expect("a clock");
            assert_eq!(all.realtime, own(base::REALTIME), "{layout:?} step {step}");
            assert_eq!(all.monotonic, own(base::MONOTONIC), "{layout:?} step {step}");
            assert_eq!(all.monotonic_raw, own(base::MONOTONIC_RAW), "{layout:?} step {step}");
            assert_eq!(all.boottime, own(base::BOOTTIME), "{layout:?} step {step}");
            assert_eq!(all.tai, own(base::TAI), "{layout:?} step {step}");
            assert_eq!(all.realtime_coarse, own(base::REALTIME_COARSE), "{layout:?}");
            assert_eq!(all.monotonic_coarse, own(base::MONOTONIC_COARSE), "{layout:?}");
        }
        // Before the tick, and an hour after it.
        for now in [counter.read().wrapping_sub(99), counter.pass_ns(3_600_000_000_000)] {
            let frame = reader.frame(|| now).expect("a frame");
            for index in [0, 1, 4, 5, 6, 7, 11] {
                assert_eq!(Some(frame.clock(index)), answer(&keeper, index, now), "{layout:?}");
            }
        }
    }
}

#[test]
fn a_suspended_page_and_an_exchanged_source() {
    let memory = memory();
    let place = place(&memory, &LAYOUTS[0]);
    let counter = Counter::new(2_100_000_000, 64);
    let mut keeper = counter.keeper();
    // SAFETY: as above.
    let mut writer = unsafe { Writer::new(place) };
    writer.update(|| keeper.contents());
    let reader = proved(place, &keeper, counter.read());

    keeper.suspend(counter.read(), None).expect("it was awake");
    writer.update(|| keeper.contents());
    assert_eq!(reader.pair(|| counter.read()), None);
    assert_eq!(reader.frame(|| counter.read()), Err(Trouble::Mode(0)));
    assert!(reader.coarse_pair().is_some(), "the coarse clocks are still there");
    keeper.resume(counter.read(), None).expect("it slept");
    writer.update(|| keeper.contents());
    assert!(reader.pair(|| counter.read()).is_some());

    let other = Counter::new(1_000_000_000, 64);
    keeper.change_source(counter.read(), other.source, other.read()).expect("awake");
    writer.update(|| keeper.contents());
    assert!(matches!(reader.frame(|| other.read()), Err(Trouble::Rate { .. })), "another rate");
    let again = proved(place, &keeper, other.read());
    assert_eq!(
        again.pair(|| other.read()).map(|pair| pair.monotonic),
        Some(keeper.clocks().time(Clock::Monotonic, other.read()))
    );
}

/// One thread keeps the time, steering wildly, and others read the page: no reader
/// sees the monotonic clock go back, nor an update that is half another.
#[test]
fn readers_never_see_time_go_back() {
    let memory = memory();
    let place = place(&memory, &LAYOUTS[0]);
    let start = Counter::new(1_000_000_000, 64);
    let mut keeper = start.keeper();
    // SAFETY: as above; only the keeping thread has the writer.
    let mut writer = unsafe { Writer::new(place) };
    writer.update(|| keeper.contents());
    let reader = proved(place, &keeper, start.read());
    // One counter for all threads: each look at it is later than the last.
    let counter = AtomicU64::new(start.read());
    let count = |by: u64| counter.fetch_add(by, Ordering::AcqRel);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut last, mut answered) = (Timespec::default(), 0u64);
                    while !done.load(Ordering::Relaxed) {
                        let Some(all) = reader.snapshot(|| count(3)) else { continue };
                        assert!(all.monotonic >= last, "{} after {last}", all.monotonic);
                        let wall = all.realtime.as_nanos() - all.monotonic.as_nanos();
                        assert_eq!(wall, 1_700_000_000_000_000_000, "of two updates");
                        (last, answered) = (all.monotonic, answered + 1);
                    }
                    answered
                })
            })
            .collect();
        for turn in 0..cases(20_000, 2_000_000) {
            let freq = if turn % 2 == 0 { 500 << 16 } else { -(500 << 16) };
            let mut timex = Timex { modes: adj::FREQUENCY, freq, ..Timex::default() };
            update(&mut writer, &mut keeper, |keeper| {
                keeper.adjust(count(100_000), &mut timex).expect("a valid request");
            });
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("a reader");
        }
    });
}

#[test]
fn a_time_namespace_in_front() {
    let space = TimeNamespace { monotonic: Timespec::new(-7, 250_000_000), boottime: HOUR };
    for layout in LAYOUTS {
        let Some(page) = layout.namespace_page else { continue };
        let words = (layout.pages_before_vdso) * PAGE_SIZE / 8;
        let memory: Vec<_> = (0..words).map(|_| AtomicU64::new(0)).collect();
        let front = place(&memory, layout);
        let behind = Place { start: front.start.wrapping_add(page * PAGE_SIZE), ..front };
        let mut counter = Counter::new(1_000_000_000, 64);
        let mut keeper = counter.keeper();
        // SAFETY: as above, and two pages that do not overlap.
        let [mut front_writer, mut writer] =
            [front, behind].map(|place| unsafe { Writer::new(place) });
        front_writer.update_namespace(&space.offsets());
        update(&mut writer, &mut keeper, |keeper| {
            keeper.tick(counter.pass_ns(10_000_000_000));
        });
        let now = counter.pass_ns(1_000);
        let reader = Reader::new();
        let outside = |index| answer(&keeper, index, now);
        let inside = |index| {
            let clock = match index {
                base::MONOTONIC | base::MONOTONIC_COARSE => Clock::Monotonic,
                base::MONOTONIC_RAW => Clock::Raw,
                base::BOOTTIME => Clock::Boottime,
                _ => Clock::Realtime,
            };
            outside(index).map(|time| space.inside(clock, time))
        };
        // SAFETY: as above.
        let proof = unsafe { prove(&reader, front, || now, inside, Some(1)) };
        proof.unwrap_or_else(|refusal| panic!("{layout:?}: {refusal}"));
        let frame = reader.frame(|| now).expect("a frame");
        assert_eq!(frame.clock(base::MONOTONIC).to_string(), "3.250001000");
        assert_eq!(frame.clock(base::BOOTTIME).to_string(), "3610.000001000");
        assert_eq!(Some(frame.clock(base::TAI)), outside(base::TAI));
        let there = space.inside(Clock::Monotonic, Timespec::new(10, 1_000));
        assert_eq!(space.outside(Clock::Monotonic, there), Timespec::new(10, 1_000));
    }
}
