//! The atomics that the protocols are made of: the machine's, or a model's.

use core::sync::atomic::{AtomicU64, Ordering, fence};

/// Words that several CPUs read and write.
///
/// A trait only so that the protocols can be run on a model of memory, in which
/// every order of loads and stores that the language allows is tried.
pub(crate) trait Memory {
    type Word;
    fn load(word: &Self::Word, ordering: Ordering) -> u64;
    fn store(word: &Self::Word, value: u64, ordering: Ordering);
    fn fence(ordering: Ordering);
}

/// The memory of this machine.
#[derive(Debug)]
pub(crate) struct Machine;

impl Memory for Machine {
    type Word = AtomicU64;

    #[inline]
    fn load(word: &AtomicU64, ordering: Ordering) -> u64 {
        word.load(ordering)
    }

    #[inline]
    fn store(word: &AtomicU64, value: u64, ordering: Ordering) {
        word.store(value, ordering);
    }

    #[inline]
    fn fence(ordering: Ordering) {
        fence(ordering);
    }
}
