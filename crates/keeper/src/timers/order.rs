//! Who is due first, of those that wait for several clocks.

use super::heap::{DueEntry, Heap};

/// The order in which slots are due, each on its own one of `CLOCKS` clocks; those that are
/// due together in the order in which they came.
///
/// A time is kept as its own clock has it, so nothing is to be done when a clock is set or
/// stepped: asked again, [`earliest`](DueOrder::earliest) gives another answer.
///
/// The numbers of slots are the user's. So is the memory: arrays with an entry and a place for
/// each slot, or vectors, for which [`make_room`](DueOrder::make_room) is called before a slot
/// is inserted that is beyond their end.
///
/// ```
/// use instanter_keeper::DueOrder;
/// // Two clocks, four slots, times as i64.
/// let mut order = DueOrder::<2, i64, [_; 4], [_; 4]>::of_arrays(0);
/// order.insert(0, 50, 0); // slot 0 waits for clock 0 to show 50
/// order.insert(1, 1_000, 1);
/// assert_eq!(order.earliest(|clock| [0, 0][clock]), Some((50, 0, 0)));
/// // Somebody sets clock 1: slot 1 is overdue.
/// assert_eq!(order.earliest(|clock| [0, 1_003][clock]), Some((-3, 1, 1)));
/// order.remove(1, 1);
/// assert_eq!(order.earliest(|clock| [0, 1_003][clock]), Some((50, 0, 0)));
/// ```
#[derive(Clone, Debug)]
pub struct DueOrder<const CLOCKS: usize, T, Entries, Places> {
    heaps: [Heap<T, Entries, Places>; CLOCKS],
    /// For the next that comes.
    arrivals: u64,
}

impl<const CLOCKS: usize, const N: usize, T: Copy>
    DueOrder<CLOCKS, T, [DueEntry<T>; N], [usize; N]>
{
    /// Makes one of arrays, in which `time` stands where nobody waits.
    #[must_use]
    pub const fn of_arrays(time: T) -> Self {
        let heap = Heap::of([DueEntry::nobody(time); N], [0; N]);
        DueOrder { heaps: [heap; CLOCKS], arrivals: 0 }
    }
}

impl<const CLOCKS: usize, T, Entries: Default, Places: Default> Default
    for DueOrder<CLOCKS, T, Entries, Places>
{
    /// Makes one of vectors, without room.
    fn default() -> Self {
        let heap = |_| Heap::of(Entries::default(), Places::default());
        DueOrder { heaps: core::array::from_fn(heap), arrivals: 0 }
    }
}

impl<const CLOCKS: usize, T, Entries, Places> DueOrder<CLOCKS, T, Entries, Places>
where
    T: Copy + Ord + Into<i128>,
    Entries: AsRef<[DueEntry<T>]> + AsMut<[DueEntry<T>]>,
    Places: AsRef<[usize]> + AsMut<[usize]>,
{
    /// Makes room for so many slots.
    ///
    /// ```
    /// use instanter_keeper::DueOrder;
    /// let mut order = DueOrder::<1, i128, Vec<_>, Vec<_>>::default();
    /// order.make_room(10, 0);
    /// order.insert(0, 5, 9);
    /// assert_eq!(order.len(), 1);
    /// ```
    pub fn make_room(&mut self, slots: usize, time: T)
    where
        Entries: Extend<DueEntry<T>>,
        Places: Extend<usize>,
    {
        for heap in &mut self.heaps {
            heap.make_room(slots, time);
        }
    }

    /// Lets a slot, which must not be in it, wait for a time of a clock.
    ///
    /// # Panics
    /// Where there is no such clock, or no room for the slot.
    pub fn insert(&mut self, clock: usize, time: T, slot: usize) {
        self.heaps[clock].insert(DueEntry::new(time, self.arrivals, slot));
        self.arrivals += 1;
    }

    /// Takes out a slot that waits for that clock.
    ///
    /// # Panics
    /// Where there is no such clock or slot.
    pub fn remove(&mut self, clock: usize, slot: usize) {
        self.heaps[clock].remove(slot);
    }

    /// Returns who of those that wait for one clock is due first, and when.
    #[must_use]
    pub fn first(&self, clock: usize) -> Option<(T, usize)> {
        self.heaps.get(clock)?.first().map(|entry| (entry.time, entry.slot))
    }

    /// Returns how long it is until somebody is due, on which clock, and which slot: less than
    /// nothing for one that is overdue. `now` says what each clock shows.
    #[must_use]
    pub fn earliest(&self, now: impl Fn(usize) -> i128) -> Option<(i128, usize, usize)> {
        let firsts = self.heaps.iter().enumerate().filter_map(|(clock, heap)| {
            let entry = heap.first()?;
            let away: i128 = entry.time.into();
            Some((away.saturating_sub(now(clock)), entry.number, clock, entry.slot))
        });
        firsts.min().map(|(away, _, clock, slot)| (away, clock, slot))
    }

    /// Returns how many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heaps.iter().map(Heap::len).sum()
    }

    /// Returns whether nobody waits.
    ///
    /// ```
    /// use instanter_keeper::DueOrder;
    /// assert!(DueOrder::<2, i64, [_; 4], [_; 4]>::of_arrays(0).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
