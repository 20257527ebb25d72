//! The image on pages that are kept here, and that say other things than the kernel's.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use instanter_counter::ordered;
use instanter_page::linux::{Contents, Cpu, LAYOUTS, Layout, Place, Record, Writer, base};
use instanter_page::{Line, Timespec};
use instanter_vdso::line::{RATE_ONE, SHIFTED, SLOPED};

use super::mapped::{Mapped, read};

const MODE: u32 = 1;
const FINE: [usize; 4] = [base::REALTIME, base::MONOTONIC, base::BOOTTIME, base::TAI];

/// A page of one layout, and its keeper.
struct Kept {
    writer: Writer,
    // Behind the writer's pointer.
    _memory: Box<[u64; 512]>,
}

impl Kept {
    fn new(layout: &'static Layout) -> Kept {
        let mut memory = Box::new([0; 512]);
        let place = Place { start: memory.as_mut_ptr().cast(), page_size: 4096, layout };
        // SAFETY: the memory is longer than any layout, and moves with the writer.
        Kept { writer: unsafe { Writer::new(place) }, _memory: memory }
    }

    fn update(&mut self, mode: u32, line: Line, bases: [(i64, u64); base::COUNT]) {
        let record = Record { line, bases };
        self.writer.update(|| Contents {
            mode,
            disciplined: record,
            // Nothing that the image should take.
            raw: Record { line: Line { mult: 1, ..line }, bases: [(-1, 7); base::COUNT] },
            max_cycles: u64::MAX,
            hrtimer_res: 1,
        });
    }
}

fn layouts() -> impl Iterator<Item = &'static Layout> {
    LAYOUTS.iter().filter(|layout| layout.cpu == Cpu::X86_64)
}

fn line(mult: u32, shift: u32) -> Line {
    Line { origin: ordered(), mult, shift, mask: u64::MAX }
}

fn in_nanos(time: Timespec) -> i128 {
    i128::from(time.sec) * 1_000_000_000 + i128::from(time.nsec)
}

fn second_of(nanoseconds: i128) -> i128 {
    nanoseconds.div_euclid(1_000_000_000)
}

/// Moments of clocks far from each other and from the true ones.
fn bases(shift: u32, nanoseconds: u64) -> [(i64, u64); base::COUNT] {
    std::array::from_fn(|clock| (1000 + 77 * clock as i64, (nanoseconds + clock as u64) << shift))
}

#[test]
fn every_layout_is_read_as_its_line_says() {
    let Some(mapped) = Mapped::new() else { return };
    // Slow, fast, and at rest; the last one is a second and more behind with its carrying.
    let rates = [(7, 8), (2_796_202, 23), (u32::MAX, 31), (0, 24), (0, 30)];
    for layout in layouts() {
        let mut kept = Kept::new(layout);
        mapped.look_at(kept.writer.place(), MODE);
        for (mult, shift) in rates {
            let nanoseconds = if shift == 30 { 2_999_999_990 } else { 999_999_000 };
            let (line, bases) = (line(mult, shift), bases(shift, nanoseconds));
            kept.update(MODE, line, bases);
            for clock in FINE {
                let (sec, nsec) = bases[clock];
                let before = in_nanos(line.at(ordered(), sec, nsec));
                let shown = mapped.read(clock as i32);
                let after = in_nanos(line.at(ordered(), sec, nsec));
                let context = format!("{} {mult} {shift}, clock {clock}", layout.kernels);
                assert!(before <= shown && shown <= after, "{before} {shown} {after}: {context}");
            }
            // Of the second record, which steering does not reach: the kernel's.
            let between = (read(mapped.kernel, 4), mapped.read(4), read(mapped.kernel, 4));
            assert!(between.0 <= between.1 && between.1 <= between.2, "{between:?}");
        }
    }
}

#[test]
fn lines_are_applied_to_it() {
    let Some(mapped) = Mapped::new() else { return };
    let mut kept = Kept::new(layouts().next().expect("there are some"));
    mapped.look_at(kept.writer.place(), MODE);
    let own = line(2_796_202, 23);
    let bases = bases(23, 999_990_000);
    kept.update(MODE, own, bases);
    let at = |counter: u64, clock: usize| in_nanos(own.at(counter, bases[clock].0, bases[clock].1));

    let realtime = &mapped.control().view(0)[base::REALTIME];
    realtime.seconds.store(-5000, Relaxed);
    realtime.nanoseconds.store(999_999_999, Relaxed);
    realtime.kind.store(SHIFTED, SeqCst);
    let monotonic = &mapped.control().view(0)[base::MONOTONIC];
    let origin = at(ordered(), base::MONOTONIC);
    monotonic.origin.store(i64::try_from(origin).unwrap(), Relaxed);
    monotonic.rate.store(RATE_ONE * 1000, Relaxed);
    monotonic.seconds.store(70, Relaxed);
    monotonic.source.store(1, Relaxed);
    monotonic.kind.store(SLOPED, SeqCst);
    let mut from_the_page = 0;
    for _ in 0..1000 {
        let before = at(ordered(), base::REALTIME);
        let shown = mapped.read(0) + 5_000_000_000_000 - 999_999_999;
        assert!(before <= shown && shown <= at(ordered(), base::REALTIME));

        // In another second than the last one the kernel is asked, whose clock is another one
        // here; so it is told which one it is.
        let passed = |now: i128| (now - origin) * 1000 + 70_000_000_000;
        let before = passed(at(ordered(), base::MONOTONIC));
        let second = &mapped.shared().seconds[base::MONOTONIC];
        second.store((before / 1_000_000_000) as i64 - 70, Relaxed);
        let shown = mapped.read(1);
        let after = passed(at(ordered(), base::MONOTONIC));
        if second_of(before) == second_of(after) {
            assert!(before <= shown && shown <= after, "{before} {shown} {after}");
            from_the_page += 1;
        }
    }
    assert!(from_the_page > 0, "no sloped reading was the page's");
}

#[test]
fn what_it_cannot_answer_the_kernel_does() {
    let Some(mapped) = Mapped::new() else { return };
    let far = 1 << 40;
    for layout in layouts() {
        let plain = line(2_796_202, 23);
        // Another counter; a page of the past; one of the future; a page that is written for
        // ever, as that of a time namespace is.
        let old = Line { origin: plain.origin.wrapping_sub(far), ..plain };
        let new = Line { origin: plain.origin.wrapping_add(far), ..plain };
        let just_too_old = Line { origin: plain.origin.wrapping_sub(1 << 31), ..plain };
        for (mode, line) in [(0, plain), (2, plain), (MODE, old), (MODE, new), (MODE, just_too_old)]
        {
            let mut kept = Kept::new(layout);
            mapped.look_at(kept.writer.place(), MODE);
            kept.update(mode, line, bases(23, 0));
            is_the_kernels(&mapped);
        }
        let mut kept = Kept::new(layout);
        mapped.look_at(kept.writer.place(), MODE);
        kept.update(MODE, plain, bases(23, 0));
        assert!(mapped.read(0) < 3_000_000_000_000, "the page's");
        kept.writer.update_namespace(&[Timespec::default(); base::COUNT]);
        is_the_kernels(&mapped);
    }
}

fn is_the_kernels(mapped: &Mapped) {
    for clock in FINE.map(|clock| clock as i32) {
        let before = read(mapped.kernel, clock);
        let shown = mapped.read(clock);
        let after = read(mapped.kernel, clock);
        assert!(before <= shown && shown <= after, "{before} {shown} {after}: clock {clock}");
    }
}

#[test]
fn an_update_is_seen_whole() {
    let Some(mapped) = Mapped::new() else { return };
    let mut kept = Kept::new(layouts().next().expect("there are some"));
    mapped.look_at(kept.writer.place(), MODE);
    let stop = std::sync::atomic::AtomicBool::new(false);
    // A clock at rest whose nanoseconds say which second it is.
    let at_rest = |round: i64| [(round, (round as u64 % 1000) << 24); base::COUNT];
    kept.update(MODE, line(0, 24), at_rest(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200_000 {
                kept.update(MODE, line(0, 24), at_rest(round));
            }
            stop.store(true, SeqCst);
        });
        let mut last = 0;
        while !stop.load(SeqCst) {
            let shown = mapped.read(0);
            let (second, rest) = (shown / 1_000_000_000, shown % 1_000_000_000);
            // Or the kernel's, while the page is written.
            if second < 200_000 {
                assert_eq!(second % 1000, rest);
                assert!(second >= last, "{second} after {last}");
                last = second;
            }
        }
    });
}
