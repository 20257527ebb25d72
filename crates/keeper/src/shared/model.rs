//! The protocols on a model of memory: every order of loads and stores that the
//! language allows, of every interleaving of the threads, is tried.
//!
//! Each test has a twin that breaks the protocol in one place and must be caught,
//! or the model would prove nothing.

extern crate std;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::latch::LatchCell;
use super::memory::Memory;
use super::sequence::SequenceCell;

/// Words in an update: two show a torn one.
const N: usize = 2;

/// Memory as the language promises it, and no better.
struct Model;

impl Memory for Model {
    type Word = loom::sync::atomic::AtomicU64;

    fn load(word: &Self::Word, ordering: Ordering) -> u64 {
        word.load(ordering)
    }

    fn store(word: &Self::Word, value: u64, ordering: Ordering) {
        word.store(value, ordering);
    }

    fn fence(ordering: Ordering) {
        loom::sync::atomic::fence(ordering);
    }
}

/// The same without fences: what must not pass.
struct Fenceless;

impl Memory for Fenceless {
    type Word = loom::sync::atomic::AtomicU64;

    fn load(word: &Self::Word, ordering: Ordering) -> u64 {
        word.load(ordering)
    }

    fn store(word: &Self::Word, value: u64, ordering: Ordering) {
        word.store(value, ordering);
    }

    fn fence(_: Ordering) {}
}

fn words<const COUNT: usize>() -> [loom::sync::atomic::AtomicU64; COUNT] {
    std::array::from_fn(|_| loom::sync::atomic::AtomicU64::new(0))
}

/// Tries every order, or every one with at most so many switches away from a thread
/// that could have gone on.
fn check(switches: Option<usize>, threads: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = switches;
    model.check(threads);
}

/// With `INSTANTER_TEST_ALL=1` one switch more, which takes minutes.
fn few_switches() -> Option<usize> {
    Some(2 + usize::from(std::env::var_os("INSTANTER_TEST_ALL").is_some()))
}

/// Two updates, and a reader that looks so many times.
fn sequence<M: Memory<Word = loom::sync::atomic::AtomicU64> + 'static>(
    looks: u32,
    switches: Option<usize>,
) {
    check(switches, move || {
        let cell = Arc::new(SequenceCell::<M, N> {
            sequence: loom::sync::atomic::AtomicU64::new(0),
            words: words(),
        });
        let writer = Arc::clone(&cell);
        let writer = loom::thread::spawn(move || {
            for update in 1..=2 {
                writer.write(|| ([update; N], ()));
            }
        });
        let mut last = 0;
        for _ in 0..looks {
            if let Some(([first, second], ())) = cell.try_read(|| ()) {
                assert_eq!(first, second, "torn");
                assert!(first >= last, "an older update after a newer one");
                last = first;
            }
        }
        writer.join().expect("the writer");
        let (values, ()) = cell.try_read(|| ()).expect("nobody writes any more");
        assert_eq!(values, [2; N]);
    });
}

fn latch<M: Memory<Word = loom::sync::atomic::AtomicU64> + 'static>(
    looks: u32,
    switches: Option<usize>,
) {
    check(switches, move || {
        let cell = Arc::new(LatchCell::<M, N> {
            sequence: loom::sync::atomic::AtomicU64::new(0),
            copies: [words(), words()],
        });
        let writer = Arc::clone(&cell);
        let writer = loom::thread::spawn(move || {
            for update in 1..=2 {
                writer.write([update; N]);
            }
        });
        let mut last = 0;
        for _ in 0..looks {
            if let Some([first, second]) = cell.try_read() {
                assert_eq!(first, second, "torn");
                assert!(first >= last, "an older update after a newer one");
                last = first;
            }
        }
        writer.join().expect("the writer");
        assert_eq!(cell.try_read(), Some([2; N]));
    });
}

/// A reader that used the old line read its counter before the keeper read its
/// own: so no reader is beyond the point where the new line takes over.
#[test]
fn the_counter_of_a_reader_is_not_beyond_the_tick() {
    check(None, || {
        let cell = Arc::new(SequenceCell::<Model, 1> {
            sequence: loom::sync::atomic::AtomicU64::new(0),
            words: words(),
        });
        // One counter for all, as the CPUs' synchronised ones: each look is later
        // than the last.
        let counter = Arc::new(loom::sync::atomic::AtomicU64::new(1));
        let count =
            |counter: &loom::sync::atomic::AtomicU64| counter.fetch_add(1, Ordering::AcqRel);
        let (writer, writers_counter) = (Arc::clone(&cell), Arc::clone(&counter));
        let writer = loom::thread::spawn(move || {
            writer.write(|| {
                let tick = count(&writers_counter);
                ([tick], tick)
            })
        });
        let read = cell.try_read(|| count(&counter));
        let tick = writer.join().expect("the writer");
        if let Some(([origin], read_at)) = read {
            if origin == 0 {
                assert!(read_at < tick, "the old line at {read_at}, the tick was at {tick}");
            } else {
                assert!(read_at > origin, "the new line before its origin");
            }
        }
    });
}

#[test]
fn a_sequence_is_never_torn() {
    sequence::<Model>(1, None);
    sequence::<Model>(2, few_switches());
}

#[test]
fn a_latch_is_never_torn() {
    latch::<Model>(1, None);
    latch::<Model>(2, few_switches());
}

#[test]
fn without_fences_the_model_finds_a_torn_read() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(std::boxed::Box::new(|_| {}));
    let torn = [
        std::panic::catch_unwind(|| sequence::<Fenceless>(1, None)),
        std::panic::catch_unwind(|| latch::<Fenceless>(1, None)),
    ];
    std::panic::set_hook(quiet);
    assert!(torn.iter().all(Result::is_err), "a broken protocol passed");
}

/// What an interrupt finds that stopped the writer after any of its stores: the
/// latch answers at once, with the update before or the one after.
#[test]
fn a_latch_answers_whoever_interrupts_its_writer() {
    use core::cell::Cell;
    std::thread_local! {
        static LOOK: Cell<Option<fn()>> = const { Cell::new(None) };
        static SEEN: Cell<u32> = const { Cell::new(0) };
        static LATCH: std::rc::Rc<LatchCell<Interrupted, N>> = std::rc::Rc::new(LatchCell {
            sequence: Cell::new(0),
            copies: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(0))),
        });
    }
    struct Interrupted;
    impl Memory for Interrupted {
        type Word = Cell<u64>;
        fn load(word: &Cell<u64>, _: Ordering) -> u64 {
            word.get()
        }
        fn store(word: &Cell<u64>, value: u64, _: Ordering) {
            word.set(value);
            if let Some(look) = LOOK.get() {
                look();
            }
        }
        fn fence(_: Ordering) {}
    }
    LOOK.set(Some(|| {
        let [first, second] = LATCH.with(|latch| latch.try_read()).expect("an answer at once");
        assert_eq!(first, second, "torn");
        SEEN.set(SEEN.get() + 1);
    }));
    LATCH.with(|latch| {
        for update in 1..=3 {
            latch.write([update; N]);
        }
    });
    // Per update two of the number and two of each copy's two words.
    assert_eq!(SEEN.get(), 3 * (2 + 4));
}
