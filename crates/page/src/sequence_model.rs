//! The protocol on a model of memory: every order of loads and stores that the language
//! allows, of every interleaving of the threads, is tried.
//!
//! The fields and numbers are loaded and stored here as the layouts do it. Each kind of
//! number has a twin without fences, which must be caught, or the model would prove
//! nothing.

extern crate std;
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};

use loom::sync::atomic::AtomicU64;

use super::{Fences, after, look, publish_with};
use crate::Unreadable;

struct Model;

impl Fences for Model {
    fn fence(ordering: Ordering) {
        loom::sync::atomic::fence(ordering);
    }
}

/// What must not pass.
struct Fenceless;

impl Fences for Fenceless {
    fn fence(_: Ordering) {}
}

type Looked = Option<Result<[u64; 2], Unreadable>>;

/// A page whose number shows an update in one of three ways.
trait Page: Send + Sync + 'static {
    fn new() -> Self;
    /// Writes the update of this number, whose two fields are it.
    fn write<F: Fences>(&self, update: u64);
    fn look<F: Fences>(&self) -> Looked;
}

fn zeros<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn store(fields: &[AtomicU64; 2], value: u64) {
    fields.iter().for_each(|field| field.store(value, Relaxed));
}

fn load(fields: &[AtomicU64; 2]) -> Result<[u64; 2], Unreadable> {
    Ok([fields[0].load(Relaxed), fields[1].load(Relaxed)])
}

/// Odd during an update: Windows, vmclock.
struct Odd {
    number: AtomicU64,
    fields: [AtomicU64; 2],
}

impl Page for Odd {
    fn new() -> Odd {
        Odd { number: AtomicU64::new(0), fields: zeros() }
    }

    fn write<F: Fences>(&self, update: u64) {
        let odd = 2 * update - 1;
        publish_with::<F, u64>(
            || self.number.store(odd, Relaxed),
            || update,
            |new| store(&self.fields, new),
            || self.number.store(odd + 1, Release),
        );
    }

    fn look<F: Fences>(&self) -> Looked {
        let number = || {
            let number = self.number.load(Relaxed);
            Ok((number & 1 == 0).then_some(number))
        };
        look::<F, _, _>(&number, &|_| load(&self.fields)).expect("no error")
    }
}

/// Zero during an update: OpenBSD, Darwin.
struct Zero {
    number: AtomicU64,
    fields: [AtomicU64; 2],
}

impl Page for Zero {
    fn new() -> Zero {
        Zero { number: AtomicU64::new(1), fields: zeros() }
    }

    fn write<F: Fences>(&self, update: u64) {
        let next = u64::from(after(update as u32));
        publish_with::<F, u64>(
            || self.number.store(0, Relaxed),
            || update,
            |new| store(&self.fields, new),
            || self.number.store(next, Release),
        );
    }

    fn look<F: Fences>(&self) -> Looked {
        let number = || {
            let number = self.number.load(Relaxed);
            Ok((number != 0).then_some(number))
        };
        look::<F, _, _>(&number, &|_| load(&self.fields)).expect("no error")
    }
}

/// Copies that take turns: FreeBSD, with two for four.
struct Turns {
    current: AtomicU64,
    generations: [AtomicU64; 2],
    fields: [[AtomicU64; 2]; 2],
}

impl Page for Turns {
    fn new() -> Turns {
        let generations = [AtomicU64::new(1), AtomicU64::new(0)];
        Turns { current: AtomicU64::new(0), generations, fields: [zeros(), zeros()] }
    }

    fn write<F: Fences>(&self, update: u64) {
        let (next, old) = (update as usize % 2, (update as usize + 1) % 2);
        publish_with::<F, u64>(
            || {
                self.generations[old].store(0, Relaxed);
                self.generations[next].store(0, Relaxed);
            },
            || update,
            |new| store(&self.fields[next], new),
            || {
                self.generations[next].store(update + 1, Release);
                self.current.store(next as u64, Release);
            },
        );
    }

    fn look<F: Fences>(&self) -> Looked {
        let number = || {
            let current = self.current.load(Acquire) as usize;
            let generation = self.generations[current].load(Relaxed);
            Ok((generation != 0).then_some((current, generation)))
        };
        look::<F, _, _>(&number, &|(current, _)| load(&self.fields[current])).expect("no error")
    }
}

/// Tries every order with at most so many switches away from a thread that could have
/// gone on, and with `INSTANTER_TEST_ALL=1` one switch more.
fn check(switches: usize, threads: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    let more = usize::from(std::env::var_os("INSTANTER_TEST_ALL").is_some());
    model.preemption_bound = Some(switches + more);
    model.check(threads);
}

/// Two updates, and a reader that looks twice.
fn never_torn<P: Page, F: Fences + 'static>() {
    check(2, || {
        let page = Arc::new(P::new());
        let writer = Arc::clone(&page);
        let writer = loom::thread::spawn(move || {
            writer.write::<F>(1);
            writer.write::<F>(2);
        });
        let mut last = 0;
        for _ in 0..2 {
            if let Some(Ok([first, second])) = page.look::<F>() {
                assert_eq!(first, second, "torn");
                assert!(first >= last, "an older update after a newer one");
                last = first;
            }
        }
        writer.join().expect("the writer");
        assert_eq!(page.look::<F>(), Some(Ok([2, 2])), "nobody writes any more");
    });
}

#[test]
fn no_kind_of_number_lets_a_torn_page_through() {
    never_torn::<Odd, Model>();
    never_torn::<Zero, Model>();
    never_torn::<Turns, Model>();
}

#[test]
fn without_fences_the_model_finds_a_torn_read() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(std::boxed::Box::new(|_| {}));
    let torn = [
        std::panic::catch_unwind(never_torn::<Odd, Fenceless>),
        std::panic::catch_unwind(never_torn::<Zero, Fenceless>),
        std::panic::catch_unwind(never_torn::<Turns, Fenceless>),
    ];
    std::panic::set_hook(quiet);
    assert!(torn.iter().all(Result::is_err), "a broken protocol passed");
}

/// Windows' three words have no number: the second high part is written first and read
/// last, and each store and load in between is ordered.
fn a_triple_is_whole(store_order: Ordering, load_order: Ordering) {
    check(3, move || {
        // Low, first high, second high; every part says which update it was.
        let words = Arc::new(zeros::<3>());
        let writer = Arc::clone(&words);
        let writer = loom::thread::spawn(move || {
            for update in 1..=2 {
                for part in [2, 0, 1] {
                    writer[part].store(update, store_order);
                }
            }
        });
        let high1 = words[1].load(load_order);
        let low = words[0].load(load_order);
        let high2 = words[2].load(Relaxed);
        if high1 == high2 {
            assert_eq!(low, high1, "half of another update");
        }
        writer.join().expect("the writer");
    });
}

#[test]
fn windows_triples_are_whole() {
    a_triple_is_whole(Release, Acquire);
    let quiet = std::panic::take_hook();
    std::panic::set_hook(std::boxed::Box::new(|_| {}));
    let torn = std::panic::catch_unwind(|| a_triple_is_whole(Relaxed, Relaxed));
    std::panic::set_hook(quiet);
    assert!(torn.is_err(), "the model did not find the unordered triple torn");
}

/// A reader that used the old line read its counter before the keeper read its own: so
/// no reader is beyond the point where the new line takes over.
#[test]
fn the_counter_of_a_reader_is_not_beyond_the_tick() {
    check(3, || {
        let page = Arc::new(Turns::new());
        let counter = Arc::new(AtomicU64::new(1));
        let (writer, writers_counter) = (Arc::clone(&page), Arc::clone(&counter));
        let writer = loom::thread::spawn(move || {
            let mut tick = 0;
            publish_with::<Model, u64>(
                || {
                    writer.generations[0].store(0, Relaxed);
                    writer.generations[1].store(0, Relaxed);
                },
                || {
                    tick = writers_counter.fetch_add(1, AcqRel);
                    tick
                },
                |new| store(&writer.fields[1], new),
                || {
                    writer.generations[1].store(2, Release);
                    writer.current.store(1, Release);
                },
            );
            tick
        });
        let number = || {
            let current = page.current.load(Acquire) as usize;
            let generation = page.generations[current].load(Relaxed);
            Ok((generation != 0).then_some((current, generation)))
        };
        let take = |(current, _): (usize, u64)| {
            let [origin, _] = load(&page.fields[current])?;
            Ok((origin, counter.fetch_add(1, AcqRel)))
        };
        let read = look::<Model, _, _>(&number, &take).expect("no error");
        let tick = writer.join().expect("the writer");
        match read {
            Some(Ok((0, at))) => assert!(at < tick, "the old line at {at}, the tick at {tick}"),
            Some(Ok((origin, at))) => assert!(at > origin, "the new line before its origin"),
            _ => {}
        }
    });
}
