//! FreeBSD's timehands.

use std::sync::atomic::AtomicU64;

use instanter_page::freebsd::{COUNTER, Contents, LENGTH, Reader, Timehands, Writer};
use instanter_page::{BinaryTime, Cpu, Unreadable};

use crate::harness::{NANOS, Reading, System, Truth, peek, poke};

const ENABLED: usize = 4;
const CURRENT: usize = 8;
const SLOT: usize = 16;
const SLOT_LENGTH: usize = 88;
const GEN: usize = 4;

/// `SHIFT` is `th_x86_shift`; on Arm there is none.
pub struct FreeBsd<const X86: bool> {
    memory: Vec<AtomicU64>,
    writer: Writer,
}

pub type X86_64 = FreeBsd<true>;
pub type Aarch64 = FreeBsd<false>;

impl<const X86: bool> FreeBsd<X86> {
    const SHIFT: u32 = if X86 { 2 } else { 0 };

    fn scale(truth: &Truth) -> u64 {
        ((1u128 << (64 + Self::SHIFT)) / u128::from(truth.hertz)) as u64
    }

    fn timehands(truth: &Truth) -> Timehands {
        Timehands {
            algorithm: COUNTER,
            scale: Self::scale(truth),
            offset_count: (truth.origin >> Self::SHIFT) as u32,
            counter_mask: u32::MAX,
            offset: BinaryTime { sec: truth.sec as i64, frac: truth.frac },
            boottime: BinaryTime { sec: truth.apart_s, frac: 0 },
            machine: Self::SHIFT,
        }
    }

    fn current(&self) -> usize {
        SLOT + peek(&self.memory, CURRENT, 4) as usize * SLOT_LENGTH
    }
}

/// The BSDs' nanoseconds of a time in units of 2^-64 s: by the upper half of the
/// fraction alone.
pub fn by_32_bits(units: u128) -> i128 {
    let (sec, upper) = (units >> 64, units >> 32 & 0xffff_ffff);
    sec as i128 * NANOS + (upper as i128 * NANOS).div_euclid(1 << 32)
}

impl<const X86: bool> System for FreeBsd<X86> {
    type Reader = Reader;
    const APART_S: i64 = 1_700_000_000;
    const STEERED: bool = true;

    fn on(memory: Vec<AtomicU64>) -> Self {
        // SAFETY: the memory lives as long as the writer, which alone writes it while
        // the writer does; moving a vector does not move what it holds.
        let writer = unsafe { Writer::new(memory.as_ptr().cast_mut().cast()) };
        FreeBsd { memory, writer }
    }

    fn length() -> usize {
        LENGTH
    }

    fn memory(&self) -> &[AtomicU64] {
        &self.memory
    }

    fn publish(&mut self, truth: impl FnOnce() -> Truth) {
        self.writer.update(|| Contents { enabled: true, timehands: Self::timehands(&truth()) });
    }

    fn reader(&self) -> Reader {
        let cpu = if X86 { Cpu::X86_64 } else { Cpu::Aarch64 };
        // SAFETY: the tests drop their readers before the page.
        unsafe { Reader::new(self.memory.as_ptr().cast(), cpu) }
    }

    fn read(reader: &Reader, counter: &dyn Fn() -> u64) -> Result<Reading, Unreadable> {
        let pair = reader.pair(counter)?;
        Ok(Reading { monotonic: pair.monotonic.as_nanos(), wall: pair.realtime.as_nanos() })
    }

    fn exact(truth: &Truth, counter: u64) -> Reading {
        let ticks = (counter >> Self::SHIFT) - (truth.origin >> Self::SHIFT);
        let start = u128::from(truth.sec) << 64 | u128::from(truth.frac);
        let units = start + u128::from(ticks) * u128::from(Self::scale(truth));
        let monotonic = by_32_bits(units);
        Reading { monotonic, wall: monotonic + i128::from(truth.apart_s) * NANOS }
    }

    fn resolution_ns(truth: &Truth, ticks: u64) -> i128 {
        // The conversion's nanosecond; the ticks that are shifted out; a scale that is
        // rounded down by less than a unit a tick.
        let shifted = ((NANOS - 1) << Self::SHIFT) / i128::from(truth.hertz) + 1;
        2 + shifted + ((i128::from(ticks) * NANOS) >> 64)
    }

    fn most_ticks(_: &Truth) -> (u64, Option<Unreadable>) {
        // Half a turn, after which the counter counts as one that is behind.
        ((1 << (31 + Self::SHIFT)) - 1, None)
    }

    fn busy(&self, check: &mut dyn FnMut(&str, Unreadable)) {
        poke(&self.memory, self.current() + GEN, 4, 0);
        check("the current timehands are being written", Unreadable::Busy);
    }

    fn off(&mut self, truth: Truth, check: &mut dyn FnMut(&Self, &str, Unreadable)) {
        let timehands = Self::timehands(&truth);
        self.writer.update(|| Contents { enabled: false, timehands });
        check(self, "tk_enabled", Unreadable::Disabled);
        for (algorithm, name) in [(2, "HPET"), (3, "Hyper-V"), (4, "pvclock"), (0, "none")] {
            let timehands = Timehands { algorithm, ..timehands };
            self.writer.update(|| Contents { enabled: true, timehands });
            check(self, name, Unreadable::Device { number: algorithm });
        }
        self.publish(|| truth);
        poke(&self.memory, 0, 4, 2);
        check(self, "another version", Unreadable::Version { found: 2 });
        poke(&self.memory, 0, 4, 1);
        poke(&self.memory, CURRENT, 4, 4);
        let wild = Unreadable::Wild { field: "tk_current", value: 4 };
        check(self, "a fifth of four", wild);
        poke(&self.memory, CURRENT, 4, u64::from(u32::MAX));
        let wild = Unreadable::Wild { field: "tk_current", value: u64::from(u32::MAX) };
        check(self, "VDSO_TK_CURRENT_BUSY", wild);
    }
}

/// The kernel makes the next timehands while the current ones can be read.
#[test]
fn the_other_timehands_do_not_matter() {
    let truth = Truth { origin: 77, hertz: 1 << 30, sec: 5, frac: 0, apart_s: 9 };
    let mut page = Aarch64::new();
    for _ in 0..9 {
        page.publish(|| truth);
        let current = page.current();
        for slot in (0..4).map(|slot| SLOT + slot * SLOT_LENGTH).filter(|slot| *slot != current) {
            for at in (slot..slot + SLOT_LENGTH).step_by(8) {
                poke(&page.memory, at, 8, u64::MAX);
            }
        }
        assert_eq!(page.read_at(77), Ok(Aarch64::exact(&truth, 77)));
    }
}

#[test]
fn numbers_that_no_kernel_writes() {
    let truth = Truth { origin: 77, hertz: 1 << 30, sec: 5, frac: 0, apart_s: 9 };
    let good = X86_64::timehands(&truth);
    let wild = |field, value| Unreadable::Wild { field, value };
    let rows = [
        (Timehands { machine: 32, ..good }, wild("th_x86_shift", 32)),
        (Timehands { counter_mask: 0, ..good }, wild("th_counter_mask", 0)),
        (Timehands { counter_mask: 0xff0f, ..good }, wild("th_counter_mask", 0xff0f)),
        (Timehands { scale: 0, ..good }, wild("th_scale", 0)),
    ];
    let mut page = X86_64::new();
    for (timehands, want) in rows {
        page.writer.update(|| Contents { enabled: true, timehands });
        assert_eq!(page.read_at(77), Err(want), "{timehands:?}");
    }
    // Arm's physical counter is another one than programs read elsewhere.
    let mut page = Aarch64::new();
    let timehands = Timehands { machine: 1, ..good };
    page.writer.update(|| Contents { enabled: true, timehands });
    assert_eq!(page.read_at(77), Err(Unreadable::Device { number: COUNTER }));
    poke(&page.memory, ENABLED, 4, 0);
    assert_eq!(page.read_at(77), Err(Unreadable::Disabled));
}

/// A narrow counter: what lies beyond the mask does not count.
#[test]
fn a_counter_of_16_bits() {
    let mut page = Aarch64::new();
    let timehands = Timehands {
        scale: 1 << 54, // 1,024 Hz
        offset_count: 0xfff0,
        counter_mask: 0xffff,
        ..Aarch64::timehands(&Truth { origin: 0, hertz: 1 << 30, sec: 5, frac: 0, apart_s: 9 })
    };
    page.writer.update(|| Contents { enabled: true, timehands });
    let at = |counter| page.read_at(counter).expect("an answer").monotonic;
    assert_eq!(at(0xfff0), 5 * NANOS);
    assert_eq!(at(0xabcd_0000_0010), 5 * NANOS + 32 * NANOS / 1_024);
    assert_eq!(at(0xffef), 5 * NANOS, "behind");
}
