//! A heap of slots, ordered by a time, from whose middle a slot can be taken.

use core::marker::PhantomData;

/// A slot that waits, in the memory of a [`DueOrder`](super::DueOrder).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueEntry<T> {
    pub(super) time: T,
    /// Counts those that came: of two that are due together, the first to come is first.
    pub(super) number: u64,
    pub(super) slot: usize,
}

impl<T> DueEntry<T> {
    pub(super) const fn new(time: T, number: u64, slot: usize) -> DueEntry<T> {
        DueEntry { time, number, slot }
    }

    /// What stands where nobody waits.
    pub(super) const fn nobody(time: T) -> DueEntry<T> {
        DueEntry::new(time, 0, 0)
    }
}

/// Slots in the order of their times.
///
/// Each slot knows where it lies, so that cancelling a timer costs as little as
/// expiring one: the logarithm of their number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heap<T, Entries, Places> {
    /// The earliest first; a parent is not later than its two children.
    entries: Entries,
    /// Where each slot lies among the entries, of those that do.
    places: Places,
    length: usize,
    _time: PhantomData<T>,
}

impl<T, Entries, Places> Heap<T, Entries, Places> {
    pub(super) const fn of(entries: Entries, places: Places) -> Heap<T, Entries, Places> {
        Heap { entries, places, length: 0, _time: PhantomData }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }
}

impl<T, Entries, Places> Heap<T, Entries, Places>
where
    T: Copy + Ord,
    Entries: AsRef<[DueEntry<T>]> + AsMut<[DueEntry<T>]>,
    Places: AsRef<[usize]> + AsMut<[usize]>,
{
    pub(super) fn make_room(&mut self, slots: usize, time: T)
    where
        Entries: Extend<DueEntry<T>>,
        Places: Extend<usize>,
    {
        let missing = slots.saturating_sub(self.entries.as_ref().len());
        self.entries.extend(core::iter::repeat_n(DueEntry::nobody(time), missing));
        self.places.extend(core::iter::repeat_n(0, missing));
    }

    fn entry(&self, place: usize) -> DueEntry<T> {
        self.entries.as_ref()[place]
    }

    /// The earliest.
    pub(super) fn first(&self) -> Option<DueEntry<T>> {
        (self.length > 0).then(|| self.entry(0))
    }

    /// Adds a slot, which must not be in it; there is room, for no slot is twice.
    pub(super) fn insert(&mut self, entry: DueEntry<T>) {
        let place = self.length;
        self.length += 1;
        self.put(place, entry);
        self.rise(place);
    }

    /// Takes a slot out, which must be in it.
    pub(super) fn remove(&mut self, slot: usize) {
        let place = self.places.as_ref()[slot];
        self.length -= 1;
        if place == self.length {
            return;
        }
        let moved = self.entry(self.length);
        self.put(place, moved);
        self.rise(place);
        self.sink(self.places.as_ref()[moved.slot]);
    }

    fn put(&mut self, place: usize, entry: DueEntry<T>) {
        self.entries.as_mut()[place] = entry;
        self.places.as_mut()[entry.slot] = place;
    }

    fn exchange(&mut self, one: usize, other: usize) {
        let (first, second) = (self.entry(one), self.entry(other));
        self.put(one, second);
        self.put(other, first);
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.entry(place) < self.entry((place - 1) / 2) {
            self.exchange(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children = (2 * place + 1..(2 * place + 3).min(self.length))
                .map(|child| (self.entry(child), child));
            match children.min() {
                Some((earliest, child)) if earliest < self.entry(place) => {
                    self.exchange(place, child);
                    place = child;
                }
                _ => return,
            }
        }
    }
}
