//! Two copies and a number that says which: readers never wait.

use core::sync::atomic::Ordering;

use super::memory::Memory;

/// Words that one writes and many read, all of one update, even if the reader
/// interrupted the writer.
pub(super) struct LatchCell<M: Memory, const N: usize> {
    /// Even: the first copy is whole. Odd: the second is.
    pub(super) sequence: M::Word,
    pub(super) copies: [[M::Word; N]; 2],
}

impl<M: Memory, const N: usize> LatchCell<M, N> {
    /// Writes both copies, one after the other, each while readers are sent to the
    /// other. Only one may write at a time.
    pub(super) fn write(&self, values: [u64; N]) {
        let mut sequence = M::load(&self.sequence, Ordering::Relaxed);
        for copy in &self.copies {
            sequence = sequence.wrapping_add(1);
            // Release: whoever is sent to the other copy finds it whole. The fence:
            // whoever sees a word of this one also sees that it was sent away.
            M::store(&self.sequence, sequence, Ordering::Release);
            M::fence(Ordering::Release);
            for (word, value) in copy.iter().zip(values) {
                M::store(word, value, Ordering::Relaxed);
            }
        }
    }

    /// Reads the whole copy. `None` where the writer came by twice meanwhile, which
    /// it cannot if the reader interrupted it.
    #[inline]
    pub(super) fn try_read(&self) -> Option<[u64; N]> {
        let before = M::load(&self.sequence, Ordering::Acquire);
        let copy = &self.copies[(before & 1) as usize];
        let values = core::array::from_fn(|index| M::load(&copy[index], Ordering::Relaxed));
        M::fence(Ordering::Acquire);
        (M::load(&self.sequence, Ordering::Relaxed) == before).then_some(values)
    }
}
