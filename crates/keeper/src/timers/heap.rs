//! A heap of slots, ordered by a time, from whose middle a slot can be taken.

/// Slots in the order of their times, at most `N`.
///
/// Each slot knows where it lies, so that cancelling a timer costs as little as
/// expiring one: the logarithm of their number.
#[derive(Clone, Debug)]
pub(super) struct Heap<const N: usize> {
    /// The time and the slot, the earliest first; a parent is not later than its
    /// two children.
    entries: [(i64, usize); N],
    /// Where each slot lies among the entries, of those that do.
    places: [usize; N],
    length: usize,
}

impl<const N: usize> Heap<N> {
    pub(super) const fn new() -> Heap<N> {
        Heap { entries: [(0, 0); N], places: [0; N], length: 0 }
    }

    /// The earliest time and its slot.
    pub(super) fn first(&self) -> Option<(i64, usize)> {
        (self.length > 0).then(|| self.entries[0])
    }

    /// Adds a slot, which must not be in it; there is room, for no slot is twice.
    pub(super) fn insert(&mut self, time: i64, slot: usize) {
        let place = self.length;
        self.length += 1;
        self.put(place, (time, slot));
        self.rise(place);
    }

    /// Takes a slot out, which must be in it.
    pub(super) fn remove(&mut self, slot: usize) {
        let place = self.places[slot];
        self.length -= 1;
        if place == self.length {
            return;
        }
        let moved = self.entries[self.length];
        self.put(place, moved);
        self.rise(place);
        self.sink(self.places[moved.1]);
    }

    fn put(&mut self, place: usize, entry: (i64, usize)) {
        self.entries[place] = entry;
        self.places[entry.1] = place;
    }

    fn exchange(&mut self, one: usize, other: usize) {
        let (first, second) = (self.entries[one], self.entries[other]);
        self.put(one, second);
        self.put(other, first);
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.entries[place] < self.entries[(place - 1) / 2] {
            self.exchange(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let children = (2 * place + 1..(2 * place + 3).min(self.length))
                .map(|child| (self.entries[child], child));
            match children.min() {
                Some((earliest, child)) if earliest < self.entries[place] => {
                    self.exchange(place, child);
                    place = child;
                }
                _ => return,
            }
        }
    }
}
