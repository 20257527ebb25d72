//! The proof: which pages it accepts and what gives the others away.

use crate::pages::{DataPages, LINE};
use std::sync::atomic::Ordering;

use instanter_page::linux::{
    Cpu, LAYOUTS, Layout, Mode, Place, Reader, Refusal, Trouble, base, prove,
};
use instanter_page::{Line, Timespec};
use proptest::prelude::*;

#[test]
fn an_honest_page_in_every_layout() {
    for layout in LAYOUTS {
        let pages = DataPages::new(layout);
        let reader = Reader::new();
        let proof = pages.prove(&reader, LINE.origin + 77).expect("an honest page");
        assert_eq!(proof.layout, layout);
        assert_eq!(proof.mode, Mode::Counter);
        assert!(proof.fine && reader.is_proved() && reader.has_page());
        // Five fine clocks and two coarse ones, several times over.
        assert_eq!(proof.comparisons, 3 * 7);
        assert_eq!(proof.narrowest_ns, 0, "this kernel's answers do not move");
    }
}

/// A page of one layout read as another must not pass, except where the two
/// read alike and `hrtimer_res` alone tells them apart.
#[test]
fn a_page_of_another_layout() {
    for written in LAYOUTS {
        for tried in LAYOUTS {
            let pages = DataPages::new(written);
            let place = Place { layout: tried, ..pages.place() };
            let reads = |row: &Layout| (row.record, row.stride, row.shape, row.hrtimer_res);
            if reads(tried) == reads(written) {
                continue;
            }
            let reader = Reader::new();
            let kernel = |index| Some(DataPages::answer(index, LINE.origin));
            // SAFETY: the pages outlive the reader and are longer than a layout.
            let proof = unsafe { prove(&reader, place, || LINE.origin, kernel, Some(1)) };
            assert!(proof.is_err(), "written as {written:?}, passed as {tried:?}");
            assert!(!reader.is_proved() && reader.place().is_none());
        }
    }
}

#[test]
fn each_clock_must_agree() {
    let pages = DataPages::new(&LAYOUTS[0]);
    let clocks = [
        base::REALTIME,
        base::MONOTONIC,
        base::MONOTONIC_RAW,
        base::BOOTTIME,
        base::TAI,
        base::REALTIME_COARSE,
        base::MONOTONIC_COARSE,
    ];
    for lying in clocks {
        for by in [-1, 1] {
            let reader = Reader::new();
            let kernel = |index| {
                let answer = DataPages::answer(index, LINE.origin);
                let offset = if index == lying { by } else { 0 };
                Some(Timespec::from_nanos(answer.as_nanos() + offset))
            };
            // SAFETY: the pages outlive the reader.
            let proof = unsafe { prove(&reader, pages.place(), || LINE.origin, kernel, None) };
            let Err(Refusal::Outside(outside)) = proof else {
                panic!("clock {lying} off by {by} ns: {proof:?}")
            };
            assert_eq!(outside.clock, lying);
            assert!(!reader.is_proved());
        }
    }
}

#[test]
fn a_lie_that_begins_late_is_found() {
    let pages = DataPages::new(&LAYOUTS[0]);
    // The kernel's answers run on; the page stands still from some moment on.
    for honest in 0..40u64 {
        let asked = std::cell::Cell::new(0u64);
        let counter = || LINE.origin + 1_000 * asked.get().min(honest);
        let kernel = |index| {
            asked.set(asked.get() + 1);
            Some(DataPages::answer(index, LINE.origin + 1_000 * asked.get()))
        };
        let reader = Reader::new();
        // SAFETY: the pages outlive the reader.
        let proof = unsafe { prove(&reader, pages.place(), counter, kernel, None) };
        assert!(proof.is_err(), "stood still after {honest} answers: {proof:?}");
    }
}

#[test]
fn a_step_of_the_clock_during_the_proof_is_forgiven() {
    let pages = DataPages::new(&LAYOUTS[0]);
    for when in 0..42 {
        let mut asked = 0;
        let kernel = |index| {
            asked += 1;
            let step = i128::from(asked == when && index == base::REALTIME) * 3_600_000_000_000;
            Some(Timespec::from_nanos(DataPages::answer(index, LINE.origin).as_nanos() + step))
        };
        let reader = Reader::new();
        // SAFETY: the pages outlive the reader.
        let proof = unsafe { prove(&reader, pages.place(), || LINE.origin, kernel, None) };
        assert!(proof.is_ok(), "stepped at answer {when}: {proof:?}");
    }
}

#[test]
fn refusals() {
    type Spoil = fn(&DataPages);
    let rows: &[(&str, Spoil, Refusal)] = &[
        (
            "mult",
            |p| p.set_line(0, 0, Line { mult: 0, ..LINE }),
            Refusal::Nonsense { field: "mult", value: 0 },
        ),
        (
            "shift",
            |p| p.set_line(0, 0, Line { shift: 33, ..LINE }),
            Refusal::Nonsense { field: "shift", value: 33 },
        ),
        (
            "mask",
            |p| p.set_line(0, 0, Line { mask: 0xff0f, ..LINE }),
            Refusal::Nonsense { field: "mask", value: 0xff0f },
        ),
        ("odd", |p| p.set_head(1, 1), Refusal::Trouble(Trouble::Busy { sequence: 1 })),
        (
            "resolution",
            |p| p.word(0, p.layout.hrtimer_res).store(4_000_000, Ordering::Relaxed),
            Refusal::Resolution { page: 4_000_000, kernel: 1 },
        ),
    ];
    for (name, spoil, want) in rows {
        let pages = DataPages::new(&LAYOUTS[0]);
        spoil(&pages);
        let reader = Reader::new();
        assert_eq!(pages.prove(&reader, LINE.origin), Err(*want), "{name}");
        assert_eq!(reader.place(), None, "{name}");
    }
    // A kernel that does not answer proves nothing.
    let pages = DataPages::new(&LAYOUTS[0]);
    // SAFETY: the pages outlive the reader.
    let silent = unsafe { prove(&Reader::new(), pages.place(), || 0, |_| None, None) };
    assert_eq!(silent, Err(Refusal::NoAnswer { clock: base::REALTIME_COARSE }));
}

#[test]
fn a_clock_source_that_user_space_cannot_read() {
    let pages = DataPages::new(&LAYOUTS[0]);
    pages.set_head(0, 2);
    let reader = Reader::new();
    let proof = pages.prove(&reader, LINE.origin).expect("its coarse clocks agree");
    assert_eq!((proof.mode, proof.fine), (Mode::Unreadable, false));
    assert!(!reader.is_proved());
    assert_eq!(reader.pair(|| LINE.origin), None);
    assert!(reader.coarse_pair().is_some());
    // When the clock source comes back, a new proof opens the fine clocks.
    pages.set_head(1, 4);
    assert_eq!(reader.pair(|| LINE.origin), None, "not before it is proved");
    pages.prove(&reader, LINE.origin).expect("an honest page");
    assert!(reader.pair(|| LINE.origin).is_some());
}

#[test]
fn places_before_a_vdso() {
    let layout = LAYOUTS.iter().find(|row| row.cpu == Cpu::X86_64).expect("a row");
    let at = |vdso| Place::before_vdso(vdso, 4096, layout).map(|place| place.start.addr());
    assert_eq!(at(0x7fff_0000), Some(0x7fff_0000 - 6 * 4096));
    for too_low in [0, 4096, 6 * 4096] {
        assert_eq!(at(too_low), None, "{too_low:#x}");
    }
    assert_eq!(Place::before_vdso(1 << 30, usize::MAX, layout), None);
}

proptest! {
    /// Whatever lies in memory, a proof must not accept it, panic or hang.
    #[test]
    fn noise_is_refused(words in proptest::collection::vec(any::<u64>(), 512), layout in 0..LAYOUTS.len()) {
        let pages = DataPages::new(&LAYOUTS[layout]);
        for (offset, word) in (0..4096 - pages.layout.record).step_by(8).zip(words) {
            pages.word(0, offset).store(word, Ordering::Relaxed);
        }
        // An even number, so that the copy is not waited for.
        pages.word(0, 0).fetch_and(!1, Ordering::Relaxed);
        if pages.word(0, 0).load(Ordering::Relaxed) >> 32 == u64::from(crate::pages::NAMESPACE) {
            return Ok(());
        }
        prop_assert!(pages.prove(&Reader::new(), LINE.origin).is_err());
    }
}
