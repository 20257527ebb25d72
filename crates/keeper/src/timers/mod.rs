//! Timers: who is to be woken when a clock reaches a time.
//!
//! A timer waits for *its own clock*, and is kept in that clock's time. So a timer
//! on the wall clock needs no change when the wall clock is set: the distance from
//! the clock to the monotonic one, in which the hardware's timer is programmed, has
//! changed, and with it when the timer is due. [`TimerQueue::next_event`] is asked
//! again, that is all. A timer on boot time that the machine slept through is due at
//! once when it wakes, one on the monotonic clock goes on waiting.
//!
//! A *relative* timer waits for a time to pass, whatever the wall clock is set to
//! meanwhile; POSIX wants that, and so relative timers on the wall clock and on TAI
//! are kept on the monotonic clock.
//!
//! *Slack* is how late a timer may be, so that several can be served by one
//! interrupt. The hardware is programmed for the end of the earliest timer's slack;
//! when it fires, every timer whose time has come expires, also those that need not
//! yet.
//!
//! A program that waits for "nine o'clock" may want to know when somebody sets the
//! clock: its timer is cancelled by that if it asks for it.

mod heap;
mod order;

use core::fmt;

pub use self::heap::DueEntry;
pub use self::order::DueOrder;
use crate::clocks::{Clock, Clocks};

/// When a timer is to expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// When its clock shows so many nanoseconds.
    At(i64),
    /// When so many nanoseconds have passed.
    After(i64),
}

/// What a timer asks for.
///
/// ```
/// use instanter_keeper::{Clock, Deadline, Timer};
/// let every_second = Timer::new(Clock::Monotonic, Deadline::After(1_000_000_000))
///     .every_ns(1_000_000_000)
///     .slack_ns(50_000);
/// assert_eq!(every_second.clock, Clock::Monotonic);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The clock that it waits for.
    pub clock: Clock,
    /// When it is to expire.
    pub deadline: Deadline,
    /// How long after each expiry it is to expire again, in nanoseconds; zero for
    /// once.
    pub interval_ns: u64,
    /// How late it may be, in nanoseconds.
    pub slack_ns: u64,
    /// Whether it is cancelled when the wall clock is set or stepped (for absolute
    /// timers on the wall clock and on TAI).
    pub cancel_on_set: bool,
}

impl Timer {
    /// Makes one that expires once, without slack.
    #[must_use]
    pub const fn new(clock: Clock, deadline: Deadline) -> Timer {
        Timer { clock, deadline, interval_ns: 0, slack_ns: 0, cancel_on_set: false }
    }

    /// Lets it expire again and again.
    #[must_use]
    pub const fn every_ns(mut self, interval_ns: u64) -> Timer {
        self.interval_ns = interval_ns;
        self
    }

    /// Lets it be late by so much.
    #[must_use]
    pub const fn slack_ns(mut self, slack_ns: u64) -> Timer {
        self.slack_ns = slack_ns;
        self
    }

    /// Has it cancelled when the wall clock is set.
    #[must_use]
    pub const fn cancelled_by_set(mut self) -> Timer {
        self.cancel_on_set = true;
        self
    }
}

/// Which timer of a [`TimerQueue`]. Never that of another timer, even if its place
/// in the queue is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId {
    slot: usize,
    generation: u64,
}

/// What a timer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Its time has come.
    Expired {
        /// How often more, of one that expires again and again, it came while nobody
        /// looked.
        missed: u64,
    },
    /// Somebody set the wall clock, and it asked to be told.
    Cancelled,
}

/// Why a timer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerError {
    /// There are as many timers as the queue can hold.
    Full {
        /// How many that is.
        capacity: usize,
    },
    /// No timer can wait for the raw clock.
    NoTimers {
        /// The clock.
        clock: Clock,
    },
}

impl fmt::Display for TimerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimerError::Full { capacity } => {
                write!(f, "there are {capacity} timers, and no room for another")
            }
            TimerError::NoTimers { clock } => {
                write!(f, "the {clock:?} clock has no timers")
            }
        }
    }
}

impl core::error::Error for TimerError {}

/// The clocks that timers are kept on.
const KEPT: [Clock; 4] = [Clock::Monotonic, Clock::Realtime, Clock::Boottime, Clock::Tai];

/// A timer that waits.
#[derive(Clone, Copy, Debug)]
struct Armed {
    /// Index of its clock among [`KEPT`].
    kept_on: usize,
    /// When it is due, on that clock.
    due_ns: i64,
    interval_ns: u64,
    slack_ns: u64,
    /// The count of steps at which it was armed, if it wants to know of the next.
    cancel_after: Option<u32>,
}

impl Armed {
    /// When it is due at the latest.
    fn latest_ns(&self) -> i64 {
        self.due_ns.saturating_add_unsigned(self.slack_ns)
    }
}

/// Timers, at most `N`, in the order in which they are due.
///
/// Reads no clock: each function that needs the time takes [`Clocks`] and the
/// counter's value.
///
/// ```
/// use instanter_keeper::{Clock, ClockSource, Deadline, Expiry, Frequency};
/// use instanter_keeper::{Timekeeper, Timer, TimerQueue, Timespec};
/// let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
/// let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
/// let mut timers = TimerQueue::<16>::new();
///
/// let noon = Timer::new(Clock::Realtime, Deadline::At(1_700_049_600_000_000_000));
/// let id = timers.arm(noon, &keeper.clocks(), 0)?;
/// assert_eq!(timers.next_event(&keeper.clocks()), Some(49_600_000_000_000));
///
/// // Somebody sets the wall clock to a second after noon.
/// keeper.set_realtime(1_000, Timespec::new(1_700_049_601, 0)).unwrap();
/// assert_eq!(timers.next_event(&keeper.clocks()), Some(-999_999_000), "overdue");
/// let mut expired = Vec::new();
/// timers.expire(&keeper.clocks(), 1_000, |timer, expiry| expired.push((timer, expiry)));
/// assert_eq!(expired, [(id, Expiry::Expired { missed: 0 })]);
/// # Ok::<(), instanter_keeper::TimerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TimerQueue<const N: usize> {
    slots: [Option<Armed>; N],
    generations: [u64; N],
    /// By when timers are due at the latest, on each of the clocks.
    order: DueOrder<{ KEPT.len() }, i64, [DueEntry<i64>; N], [usize; N]>,
    /// The count of steps that was last looked at.
    steps_seen: u32,
}

impl<const N: usize> Default for TimerQueue<N> {
    fn default() -> Self {
        TimerQueue::new()
    }
}

impl<const N: usize> TimerQueue<N> {
    /// Makes an empty one.
    #[must_use]
    pub const fn new() -> TimerQueue<N> {
        TimerQueue {
            slots: [None; N],
            generations: [0; N],
            order: DueOrder::of_arrays(0),
            steps_seen: 0,
        }
    }

    /// `arm(timer, clocks, counter)` — Lets a timer wait.
    ///
    /// # Errors
    /// [`TimerError::Full`], [`TimerError::NoTimers`].
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Deadline, Frequency, Timekeeper, Timer};
    /// use instanter_keeper::{TimerQueue, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
    /// # let keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// # let clocks = keeper.clocks();
    /// let mut timers = TimerQueue::<4>::new();
    /// let id = timers.arm(Timer::new(Clock::Monotonic, Deadline::After(50)), &clocks, 7)?;
    /// assert_eq!(timers.remaining_ns(id, &clocks, 7), Some(50));
    /// # Ok::<(), instanter_keeper::TimerError>(())
    /// ```
    pub fn arm(
        &mut self,
        timer: Timer,
        clocks: &Clocks,
        counter: u64,
    ) -> Result<TimerId, TimerError> {
        let clock = match timer.deadline {
            // Setting the wall clock does not make more time pass.
            Deadline::After(_) if matches!(timer.clock, Clock::Realtime | Clock::Tai) => {
                Clock::Monotonic
            }
            _ => timer.clock,
        };
        let kept_on = KEPT.iter().position(|kept| *kept == clock);
        let kept_on = kept_on.ok_or(TimerError::NoTimers { clock })?;
        let slot = self.slots.iter().position(Option::is_none);
        let slot = slot.ok_or(TimerError::Full { capacity: N })?;
        let due_ns = match timer.deadline {
            Deadline::At(due_ns) => due_ns,
            Deadline::After(ns) => clocks.nanos(clock, counter).saturating_add(ns),
        };
        let is_set_with_the_wall = matches!(clock, Clock::Realtime | Clock::Tai);
        let armed = Armed {
            kept_on,
            due_ns,
            interval_ns: timer.interval_ns,
            slack_ns: timer.slack_ns,
            cancel_after: (timer.cancel_on_set && is_set_with_the_wall).then_some(clocks.steps()),
        };
        self.generations[slot] += 1;
        self.insert(slot, armed);
        Ok(TimerId { slot, generation: self.generations[slot] })
    }

    fn insert(&mut self, slot: usize, armed: Armed) {
        self.order.insert(armed.kept_on, armed.latest_ns(), slot);
        self.slots[slot] = Some(armed);
    }

    fn remove(&mut self, slot: usize) -> Option<Armed> {
        let armed = self.slots[slot].take()?;
        self.order.remove(armed.kept_on, slot);
        Some(armed)
    }

    /// `cancel(id)` — Takes a timer back. Returns whether it was still waiting.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Deadline, Frequency, Timekeeper, Timer};
    /// use instanter_keeper::{TimerQueue, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
    /// # let keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// # let clocks = keeper.clocks();
    /// let mut timers = TimerQueue::<4>::new();
    /// let id = timers.arm(Timer::new(Clock::Monotonic, Deadline::After(50)), &clocks, 7)?;
    /// assert!(timers.cancel(id));
    /// assert!(!timers.is_armed(id));
    /// # Ok::<(), instanter_keeper::TimerError>(())
    /// ```
    pub fn cancel(&mut self, id: TimerId) -> bool {
        self.is_armed(id) && self.remove(id.slot).is_some()
    }

    /// `is_armed(id)` — Returns whether a timer still waits.
    #[must_use]
    pub fn is_armed(&self, id: TimerId) -> bool {
        self.generations.get(id.slot) == Some(&id.generation) && self.slots[id.slot].is_some()
    }

    /// `remaining_ns(id, clocks, counter)` — Returns how long a timer has still to
    /// wait: zero and less if its time has come. `None` if it does not wait.
    #[must_use]
    pub fn remaining_ns(&self, id: TimerId, clocks: &Clocks, counter: u64) -> Option<i64> {
        if !self.is_armed(id) {
            return None;
        }
        let armed = self.slots[id.slot].as_ref()?;
        let now = clocks.nanos(KEPT[armed.kept_on], counter);
        Some(armed.due_ns.saturating_sub(now))
    }

    /// `next_event(clocks)` — Returns when [`expire`](TimerQueue::expire) is to be
    /// called at the latest, as a time of the monotonic clock in nanoseconds: what
    /// the hardware's timer is to be programmed for. `None` if nobody waits.
    ///
    /// To be asked again after each change of the keeper that
    /// [`Clocks::steps`] tells of.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Deadline, Frequency, Timekeeper, Timer};
    /// use instanter_keeper::{TimerQueue, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
    /// # let keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// # let clocks = keeper.clocks();
    /// let mut timers = TimerQueue::<4>::new();
    /// let id = timers.arm(Timer::new(Clock::Monotonic, Deadline::After(50)), &clocks, 7)?;
    /// assert_eq!(timers.next_event(&clocks), Some(57));
    /// # Ok::<(), instanter_keeper::TimerError>(())
    /// ```
    #[must_use]
    pub fn next_event(&self, clocks: &Clocks) -> Option<i64> {
        let stepped = self
            .slots
            .iter()
            .flatten()
            .any(|armed| armed.cancel_after.is_some_and(|steps| steps != clocks.steps()));
        if stepped {
            return Some(clocks.coarse_nanos(Clock::Monotonic));
        }
        // How far a time is away from a clock that shows the offset is when the monotonic
        // clock is there.
        let offset =
            |kept_on: usize| clocks.offset_of(KEPT[kept_on]).map_or(0, |offset| offset.as_nanos());
        let (event, ..) = self.order.earliest(offset)?;
        Some(event.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// `expire(clocks, counter, wake)` — Calls `wake` for each timer whose time has
    /// come, or that a step of the wall clock cancels. Timers that expire again and
    /// again are armed again first.
    ///
    /// Never early. On each clock in the order of when they were due at the latest, those
    /// that were due together in the order in which they were armed.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Deadline, Frequency, Timekeeper, Timer};
    /// use instanter_keeper::{Expiry, TimerQueue, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
    /// # let keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// # let clocks = keeper.clocks();
    /// let mut timers = TimerQueue::<4>::new();
    /// let id = timers.arm(Timer::new(Clock::Monotonic, Deadline::After(50)), &clocks, 7)?;
    /// timers.expire(&clocks, 56, |_, _| panic!("too early"));
    /// let mut woken = 0;
    /// timers.expire(&clocks, 57, |timer, expiry| {
    ///     assert_eq!((timer, expiry), (id, Expiry::Expired { missed: 0 }));
    ///     woken += 1;
    /// });
    /// assert_eq!(woken, 1);
    /// # Ok::<(), instanter_keeper::TimerError>(())
    /// ```
    pub fn expire(&mut self, clocks: &Clocks, counter: u64, mut wake: impl FnMut(TimerId, Expiry)) {
        if clocks.steps() != self.steps_seen {
            self.steps_seen = clocks.steps();
            self.cancel_stepped(clocks.steps(), &mut wake);
        }
        for (kept_on, clock) in KEPT.into_iter().enumerate() {
            let now = clocks.nanos(clock, counter);
            while let Some((_, slot)) = self.order.first(kept_on) {
                let due = self.slots[slot].is_some_and(|armed| armed.due_ns <= now);
                // Those behind it may be due as well, but need not be served yet.
                if !due {
                    break;
                }
                let Some(armed) = self.remove(slot) else { break };
                let missed = now.abs_diff(armed.due_ns).checked_div(armed.interval_ns);
                if let Some(missed) = missed {
                    let passed = u128::from(armed.interval_ns) * (u128::from(missed) + 1);
                    let passed = u64::try_from(passed).unwrap_or(u64::MAX);
                    let due_ns = armed.due_ns.saturating_add_unsigned(passed);
                    // At the end of time it would be due for ever.
                    if due_ns > now {
                        self.insert(slot, Armed { due_ns, ..armed });
                    }
                }
                let missed = missed.unwrap_or(0);
                let id = TimerId { slot, generation: self.generations[slot] };
                wake(id, Expiry::Expired { missed });
            }
        }
    }

    fn cancel_stepped(&mut self, steps: u32, wake: &mut impl FnMut(TimerId, Expiry)) {
        for slot in 0..N {
            let cancelled = self.slots[slot]
                .is_some_and(|armed| armed.cancel_after.is_some_and(|armed_at| armed_at != steps));
            if cancelled && self.remove(slot).is_some() {
                let id = TimerId { slot, generation: self.generations[slot] };
                wake(id, Expiry::Cancelled);
            }
        }
    }
}
