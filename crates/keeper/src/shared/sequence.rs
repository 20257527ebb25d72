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
    /// before `new` is called until its result is there.
    pub(super) fn write<R>(&self, new: impl FnOnce() -> ([u64; N], R)) -> R {
        let even = M::load(&self.sequence, Ordering::Relaxed) & !1;
        M::store(&self.sequence, even | 1, Ordering::Relaxed);
        M::fence(Ordering::Release);
        let (values, result) = new();
        for (word, value) in self.words.iter().zip(values) {
            M::store(word, value, Ordering::Relaxed);
        }
        M::store(&self.sequence, even.wrapping_add(2), Ordering::Release);
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
