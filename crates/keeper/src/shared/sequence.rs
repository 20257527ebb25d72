//! One copy under a sequence number: readers wait for the writer.

use core::sync::atomic::Ordering;

use super::memory::Memory;

/// Words that one writes and many read, all of one update.
pub(super) struct SequenceCell<M: Memory, const N: usize> {
    /// Odd while the words are being written.
    pub(super) sequence: M::Word,
    pub(super) words: [M::Word; N],
}

impl<M: Memory, const N: usize> SequenceCell<M, N> {
    /// Writes what `new` returns. Only one may write at a time; readers wait from
    /// before `new` is called until its result is there. Should `new` panic, the
    /// words stay as they were.
    pub(super) fn write<R>(&self, new: impl FnOnce() -> ([u64; N], R)) -> R {
        let open = Open::<M>::new(&self.sequence);
        let (values, result) = new();
        for (word, value) in self.words.iter().zip(values) {
            M::store(word, value, Ordering::Relaxed);
        }
        drop(open);
        result
    }

    /// Reads the words, and what `between` returns while they stand still. `None`
    /// where they did not.
    #[inline]
    pub(super) fn try_read<R>(&self, between: impl FnOnce() -> R) -> Option<([u64; N], R)> {
        let before = M::load(&self.sequence, Ordering::Acquire);
        if before & 1 != 0 {
            return None;
        }
        let values = core::array::from_fn(|index| M::load(&self.words[index], Ordering::Relaxed));
        let result = between();
        M::fence(Ordering::Acquire);
        let after = M::load(&self.sequence, Ordering::Relaxed);
        (after == before).then_some((values, result))
    }
}

/// A sequence number that is odd until this goes.
struct Open<'a, M: Memory> {
    sequence: &'a M::Word,
    even: u64,
}

impl<'a, M: Memory> Open<'a, M> {
    fn new(sequence: &'a M::Word) -> Open<'a, M> {
        let even = M::load(sequence, Ordering::Relaxed) & !1;
        M::store(sequence, even | 1, Ordering::Relaxed);
        // No store after this is seen by anyone who does not see the odd number.
        M::fence(Ordering::Release);
        Open { sequence, even }
    }
}

impl<M: Memory> Drop for Open<'_, M> {
    fn drop(&mut self) {
        M::store(self.sequence, self.even.wrapping_add(2), Ordering::Release);
    }
}
