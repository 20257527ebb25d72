//! The properties, and what a layout must offer to be asked for them.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use instanter_page::Unreadable;
use proptest::prelude::*;

/// What a test's kernel knows: a counter of so many hertz, and where two clocks stood at
/// one of its values. The wall clock is whole seconds apart from the monotonic one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    pub origin: u64,
    pub hertz: u64,
    /// The monotonic clock at the origin, in units of 2^-64 s.
    pub sec: u64,
    pub frac: u64,
    pub apart_s: i64,
}

impl Truth {
    pub fn nanos_at_origin(&self) -> i128 {
        i128::from(self.sec) * NANOS + exact_nanos(0, self.frac)
    }

    /// Where the monotonic clock is after so many ticks, were every number exact.
    pub fn ideal(&self, ticks: u64) -> i128 {
        self.nanos_at_origin() + i128::from(ticks) * NANOS / i128::from(self.hertz)
    }

    /// The truth after so many ticks, in which the counter ran at the rate it has.
    fn after(self, ticks: u64) -> Truth {
        let passed = (u128::from(ticks) << 64) / u128::from(self.hertz) + u128::from(self.frac);
        Truth {
            origin: self.origin + ticks,
            sec: self.sec + (passed >> 64) as u64,
            frac: passed as u64,
            ..self
        }
    }
}

pub const NANOS: i128 = 1_000_000_000;

/// `sec + frac` in nanoseconds: the fraction by long multiplication in base 2^16, so by
/// another way than what is tested.
pub fn exact_nanos(sec: i128, frac: u64) -> i128 {
    let mut carry = 0u64;
    for digit in 0..4 {
        // From the least significant digit on; what leaves at the top is the answer.
        carry = (carry >> 16) + (frac >> (16 * digit) & 0xffff) * 1_000_000_000;
    }
    sec * NANOS + i128::from(carry >> 16)
}

/// Both clocks, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub monotonic: i128,
    pub wall: i128,
}

/// A layout, on memory of the test's own.
pub trait System: Sized {
    type Reader: Copy + Send + Sync;
    /// How far apart the two clocks are that are asked for here.
    const APART_S: i64;
    /// Whether the rate of the monotonic clock may change.
    const STEERED: bool;
    /// A page of zeros, or of what `memory` holds.
    fn on(memory: Vec<AtomicU64>) -> Self;
    /// Bytes of the page.
    fn length() -> usize;
    fn memory(&self) -> &[AtomicU64];
    /// Keeps the page, through the crate's writer.
    fn publish(&mut self, truth: impl FnOnce() -> Truth);
    fn reader(&self) -> Self::Reader;
    fn read(reader: &Self::Reader, counter: &dyn Fn() -> u64) -> Result<Reading, Unreadable>;
    /// What a page that was made of `truth` yields: computed by the test.
    fn exact(truth: &Truth, counter: u64) -> Reading;
    /// How far that may be from the ideal, in nanoseconds.
    fn resolution_ns(truth: &Truth, ticks: u64) -> i128;
    /// The most ticks after the origin for which there is an answer; and what is said
    /// after that, where anything is.
    fn most_ticks(truth: &Truth) -> (u64, Option<Unreadable>);
    /// Puts the page into the middle of an update, as a kernel would have left it, in
    /// each way that there is; `check` is called for each with what must be said.
    fn busy(&self, check: &mut dyn FnMut(&str, Unreadable));
    /// Switches the page off in each way that there is.
    fn off(&mut self, truth: Truth, check: &mut dyn FnMut(&Self, &str, Unreadable));

    fn new() -> Self {
        let words = Self::length().div_ceil(8);
        Self::on((0..words).map(|_| AtomicU64::new(0)).collect())
    }
    fn read_at(&self, counter: u64) -> Result<Reading, Unreadable> {
        Self::read(&self.reader(), &|| counter)
    }
}

/// A word of the page that is `width` bytes wide, for tests that spoil it.
pub fn poke(memory: &[AtomicU64], at: usize, width: usize, value: u64) {
    let word = &memory[at / 8];
    let mut bytes = word.load(Ordering::Relaxed).to_ne_bytes();
    let value = if cfg!(target_endian = "big") {
        value.to_be_bytes()[8 - width..].to_vec()
    } else {
        value.to_le_bytes()[..width].to_vec()
    };
    bytes[at % 8..at % 8 + width].copy_from_slice(&value);
    word.store(u64::from_ne_bytes(bytes), Ordering::Relaxed);
}

/// What [`poke`] wrote.
pub fn peek(memory: &[AtomicU64], at: usize, width: usize) -> u64 {
    let bytes = memory[at / 8].load(Ordering::Relaxed).to_ne_bytes();
    let mut wide = [0; 8];
    if cfg!(target_endian = "big") {
        wide[8 - width..].copy_from_slice(&bytes[at % 8..at % 8 + width]);
    } else {
        wide[..width].copy_from_slice(&bytes[at % 8..at % 8 + width]);
    }
    u64::from_ne_bytes(wide)
}

pub fn truths<S: System>() -> impl Strategy<Value = Truth> {
    let hertz = prop_oneof![
        Just(24_000_000u64),
        Just(1_000_000_000),
        Just(2_100_000_000),
        20_000_000u64..5_000_000_000,
    ];
    let origin = prop_oneof![0u64..1 << 20, (1u64 << 32) - 1_000..(1 << 32) + 1_000, 0..1u64 << 62];
    // Up to 30 years: so much that each system's own units still hold it.
    (origin, hertz, 1..1_000_000_000u64, any::<u64>()).prop_map(|(origin, hertz, sec, frac)| {
        Truth { origin: (origin & !0xfff) + 0x1000, hertz, sec, frac, apart_s: S::APART_S }
    })
}

/// A truth for the tests that need no particular one.
fn some<S: System>() -> Truth {
    Truth {
        origin: 0xffff_f000,
        hertz: 1_000_000_000,
        sec: 1_000,
        frac: 1 << 62,
        apart_s: S::APART_S,
    }
}

pub fn the_value_is_the_exact_one<S: System>() {
    proptest!(|(truth in truths::<S>(), part in 0.0..=1.0f64)| {
        let mut page = S::new();
        page.publish(|| truth);
        let most = S::most_ticks(&truth).0;
        let ticks = ((most as f64 * part * part * part) as u64).min(most);
        for ticks in [0, 1, 2, 3, ticks, most] {
            let got = page.read_at(truth.origin + ticks);
            let want = S::exact(&truth, truth.origin + ticks);
            prop_assert_eq!(got, Ok(want), "{} ticks after {:?}", ticks, truth);
            let off = want.monotonic - truth.ideal(ticks);
            prop_assert!(
                off.abs() <= S::resolution_ns(&truth, ticks),
                "{} ns from the ideal {} ticks after {:?}", off, ticks, truth
            );
            let apart = want.wall - want.monotonic - i128::from(truth.apart_s) * NANOS;
            prop_assert!(apart.abs() <= S::resolution_ns(&truth, ticks), "{} ns apart", apart);
        }
        // Behind the origin: the clock stands still there.
        let base = page.read_at(truth.origin).expect("an answer");
        for behind in [1, 100, 0xfff] {
            let got = page.read_at(truth.origin.wrapping_sub(behind)).map(|read| read.wall);
            let off = got.map(|wall| base.wall - wall);
            prop_assert!(
                off.is_ok_and(|off| (0..=S::resolution_ns(&truth, behind)
                    + i128::from(behind) * NANOS / i128::from(truth.hertz) + 1).contains(&off)),
                "{:?} at {} ticks behind {:?}", off, behind, truth
            );
        }
    });
}

pub fn it_never_goes_back_while_its_keeper_ticks<S: System>() {
    let steps = proptest::collection::vec((1u64..2_000_000, -500i64..=500), 1..200);
    proptest!(|(truth in truths::<S>(), steps in steps)| {
        let mut page = S::new();
        let nominal = truth.hertz as i64;
        let mut truth = truth;
        page.publish(|| truth);
        let mut last = page.read_at(truth.origin).expect("an answer");
        for (ticks, ppm) in steps {
            for part in [ticks / 3, ticks] {
                let now = page.read_at(truth.origin + part).expect("an answer");
                prop_assert!(now.monotonic >= last.monotonic, "{:?} after {:?}", now, last);
                last = now;
            }
            truth = truth.after(ticks);
            if S::STEERED {
                truth.hertz = (nominal + nominal / 1_000_000 * ppm) as u64;
            }
            page.publish(|| truth);
            let now = page.read_at(truth.origin).expect("an answer");
            // A keeper whose own arithmetic is finer than the page's may put the new
            // line's start below where the old one's rounding got to: by a unit.
            let back = last.monotonic - now.monotonic;
            prop_assert!(back <= S::resolution_ns(&truth, ticks), "{} ns back at a tick", back);
            last = now;
        }
    });
}

pub fn a_page_in_an_update_is_not_read<S: System>() {
    let truth = some::<S>();
    let mut page = S::new();
    page.publish(|| truth);
    let before: Vec<_> = page.memory().iter().map(|word| word.load(Ordering::Relaxed)).collect();
    let mut ways = 0;
    page.busy(&mut |name, want| {
        assert_eq!(page.read_at(truth.origin), Err(want), "{name}");
        for (word, value) in page.memory().iter().zip(&before) {
            word.store(*value, Ordering::Relaxed);
        }
        assert!(page.read_at(truth.origin).is_ok(), "after {name}");
        ways += 1;
    });
    assert!(ways > 0);
    // And through the writer itself.
    let reader = page.reader();
    page.publish(|| {
        assert!(S::read(&reader, &|| truth.origin).is_err(), "while the contents are made");
        truth.after(5)
    });
    assert!(page.read_at(truth.origin + 5).is_ok());
}

pub fn a_page_that_was_left_in_an_update_is_taken_over<S: System>() {
    let truth = some::<S>();
    let mut page = S::new();
    page.publish(|| truth);
    page.publish(|| truth.after(7));
    let mut left = Vec::new();
    page.busy(&mut |_, _| {
        let words = page.memory().iter().map(|word| word.load(Ordering::Relaxed));
        left.push(words.collect::<Vec<_>>());
    });
    for words in left {
        let mut page = S::on(words.into_iter().map(AtomicU64::new).collect());
        page.publish(|| truth.after(9));
        let want = S::exact(&truth.after(9), truth.origin + 12);
        assert_eq!(page.read_at(truth.origin + 12), Ok(want));
    }
}

pub fn an_update_that_panics_changes_nothing<S: System>() {
    let truth = some::<S>();
    let mut page = S::new();
    for _ in 0..3 {
        page.publish(|| truth);
        let before = page.read_at(truth.origin + 1);
        assert!(before.is_ok());
        // Without the default hook's message: `resume_unwind` does not call it.
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            page.publish(|| std::panic::resume_unwind(Box::new("no counter")));
        }));
        assert!(panicked.is_err());
        assert_eq!(page.read_at(truth.origin + 1), before);
    }
}

pub fn a_page_that_is_switched_off_says_so<S: System>() {
    let mut ways = 0;
    let mut page = S::new();
    let truth = some::<S>();
    page.off(truth, &mut |page, name, want| {
        assert_eq!(page.read_at(truth.origin), Err(want), "{name}");
        assert!(!want.to_string().is_empty());
        ways += 1;
    });
    assert!(ways > 0);
    // And comes back.
    let truth = truth.after(4_096);
    page.publish(|| truth);
    assert_eq!(page.read_at(truth.origin), Ok(S::exact(&truth, truth.origin)));
}

pub fn an_old_page_is_exact_or_refused<S: System>() {
    for hertz in [24_000_000, 1_000_000_000, 4_999_999_999] {
        let truth = Truth { hertz, ..some::<S>() };
        let mut page = S::new();
        page.publish(|| truth);
        let (most, then) = S::most_ticks(&truth);
        let mut seconds = 0.5;
        while seconds * hertz as f64 <= most as f64 {
            let counter = truth.origin + (seconds * hertz as f64) as u64;
            assert_eq!(page.read_at(counter), Ok(S::exact(&truth, counter)), "{seconds} s");
            seconds *= 1.7;
        }
        if let Some(then) = then {
            assert_eq!(page.read_at(truth.origin + most + 1), Err(then), "at {hertz} Hz");
        }
    }
}

/// The counter is read between the fields and the second look at the number: so an
/// update can be made to come there, every time.
pub fn an_update_in_the_middle_of_a_read_is_noticed<S: System>() {
    let truth = some::<S>();
    let page = RefCell::new(S::new());
    page.borrow_mut().publish(|| truth);
    let reader = page.borrow().reader();
    let later = Truth { sec: truth.sec + 5_000, ..truth.after(4_096) };
    let looks = Cell::new(0);
    let counter = || {
        looks.set(looks.get() + 1);
        if looks.get() == 1 {
            page.borrow_mut().publish(|| later);
        }
        later.origin + 12
    };
    assert_eq!(S::read(&reader, &counter), Ok(S::exact(&later, later.origin + 12)));
    assert_eq!(looks.get(), 2, "looks at the counter");
}

/// One thread keeps the page, steering wildly, and others read it, until they have read
/// so often.
pub fn readers_beside_the_keeper_see_whole_updates<S: System>() {
    const READINGS: u32 = 3_000;
    let truth = some::<S>();
    let mut page = S::new();
    page.publish(|| truth);
    // One counter for all threads: each look at it is later than the last.
    let counter = AtomicU64::new(truth.origin);
    let count = |by: u64| counter.fetch_add(by, Ordering::AcqRel);
    let reading = AtomicU32::new(2);
    let reader = page.reader();
    let slack = S::resolution_ns(&truth, 1_000_000);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                /// Says that a reader is done, be it by a panic.
                struct Done<'a>(&'a AtomicU32);
                impl Drop for Done<'_> {
                    fn drop(&mut self) {
                        self.0.fetch_sub(1, Ordering::Relaxed);
                    }
                }
                let _done = Done(&reading);
                let (mut last, mut answered) = (0, 0);
                while answered < READINGS {
                    let Ok(read) = S::read(&reader, &|| count(3)) else { continue };
                    let back = last - read.monotonic;
                    assert!(back <= slack, "{back} ns back");
                    let apart = read.wall - read.monotonic - i128::from(S::APART_S) * NANOS;
                    assert!(apart.abs() <= slack, "{apart} ns: half of another update");
                    (last, answered) = (read.monotonic, answered + 1);
                }
            });
        }
        let mut now = truth;
        let mut step = 0;
        while reading.load(Ordering::Relaxed) > 0 {
            step += 1;
            page.publish(|| {
                now = now.after(count(100_000) + 100_000 - now.origin);
                // Jumps that no half of an update can hide.
                now.sec += 1_000;
                if S::STEERED {
                    now.hertz = truth.hertz + 500_000 * (step % 2);
                }
                now
            });
            for _ in 0..50 {
                std::hint::spin_loop();
            }
        }
    });
}
