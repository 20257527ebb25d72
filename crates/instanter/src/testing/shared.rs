//! What the handles, the scopes and the sleeping threads of a test's clock have in common.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use instanter_clock::Timespec;
use instanter_keeper::{DueEntry, DueOrder};

use crate::wait::Scale;
use crate::{Duration, Time};

/// What makes the clock go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing but [`advance`](super::TestClock::advance).
    Manual,
    /// Each look at it.
    Stepping { nanos: i64 },
    /// That all threads which take part sleep.
    Auto,
}

pub(crate) struct Shared {
    kind: Kind,
    state: Mutex<State>,
    /// Told of everything that may end a sleep, or begin one.
    changed: Condvar,
}

struct State {
    /// Nanoseconds of the three clocks, since their origins.
    wall: i128,
    monotonic: i128,
    boot: i128,
    /// Threads that take part and do not sleep.
    running: usize,
    /// Who sleeps, and was not woken.
    order: DueOrder<3, i128, Vec<DueEntry<i128>>, Vec<usize>>,
    /// Those that sleep, by the slot that each has taken.
    slots: Vec<Sleeper>,
}

/// What a slot is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sleeper {
    /// Nobody has it.
    Free,
    Asleep,
    /// An automatic clock has woken it, and counts it as running.
    Woken,
}

/// The clocks by their numbers in the order.
const SCALES: [Scale; 3] = [Scale::Wall, Scale::Monotonic, Scale::Boot];

fn number_of(scale: Scale) -> usize {
    match scale {
        Scale::Wall => 0,
        Scale::Monotonic => 1,
        Scale::Boot => 2,
    }
}

impl State {
    /// Takes a slot, and lets it wait.
    fn fall_asleep(&mut self, scale: Scale, at: i128) -> usize {
        let free = self.slots.iter().position(|&slot| slot == Sleeper::Free);
        let slot = free.unwrap_or_else(|| {
            self.slots.push(Sleeper::Free);
            self.slots.len() - 1
        });
        self.slots[slot] = Sleeper::Asleep;
        self.order.make_room(self.slots.len(), 0);
        self.order.insert(number_of(scale), at, slot);
        slot
    }

    fn on(&self, scale: Scale) -> i128 {
        match scale {
            Scale::Wall => self.wall,
            Scale::Monotonic => self.monotonic,
            Scale::Boot => self.boot,
        }
    }

    fn advance(&mut self, nanos: i128) {
        for clock in [&mut self.wall, &mut self.monotonic, &mut self.boot] {
            *clock = clock.saturating_add(nanos);
        }
    }

    fn time(&self) -> Time {
        let (wall, monotonic) = (Timespec::from_nanos(self.wall), self.monotonic);
        Time::from_readings(wall, Timespec::from_nanos(monotonic))
    }

    /// Where nobody runs, goes to the next moment at which somebody is to wake up, and
    /// wakes that one. Returns whether it did.
    fn wake_next(&mut self) -> bool {
        if self.running > 0 {
            return false;
        }
        let now = |clock: usize| self.on(SCALES[clock]);
        let Some((away, clock, slot)) = self.order.earliest(now) else { return false };
        self.order.remove(clock, slot);
        self.slots[slot] = Sleeper::Woken;
        self.running += 1;
        self.advance(away.max(0));
        true
    }
}

impl Shared {
    pub(crate) fn new(kind: Kind, start: Time) -> Shared {
        let monotonic = i128::from(start.monotonic_nanos().unwrap_or(0));
        let state = State {
            wall: start.unix_nanos(),
            monotonic,
            boot: monotonic,
            running: 0,
            order: DueOrder::default(),
            slots: Vec::new(),
        };
        Shared { kind, state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// A test that fails in one thread must not hide why by failing in the others.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// A look at the time, which makes a stepping clock step.
    pub(crate) fn read(&self) -> Time {
        let mut state = self.state();
        let time = state.time();
        self.step(&mut state);
        time
    }

    pub(crate) fn read_on(&self, scale: Scale) -> Timespec {
        let mut state = self.state();
        let time = Timespec::from_nanos(state.on(scale));
        self.step(&mut state);
        time
    }

    fn step(&self, state: &mut State) {
        if let Kind::Stepping { nanos } = self.kind {
            state.advance(i128::from(nanos));
        }
    }

    /// The time without a step.
    pub(crate) fn peek(&self) -> Time {
        self.state().time()
    }

    /// Moves each clock by so much.
    pub(crate) fn advance(&self, [wall, monotonic, boot]: [Duration; 3]) {
        let mut state = self.state();
        for (clock, length) in [
            (Scale::Wall, wall),
            (Scale::Monotonic, monotonic.max(Duration::ZERO)),
            (Scale::Boot, boot.max(Duration::ZERO)),
        ] {
            let nanos = i128::from(length.as_nanos());
            let clock = match clock {
                Scale::Wall => &mut state.wall,
                Scale::Monotonic => &mut state.monotonic,
                Scale::Boot => &mut state.boot,
            };
            *clock = clock.saturating_add(nanos);
        }
        self.changed.notify_all();
    }

    pub(crate) fn set_wall(&self, time: Time) {
        self.state().wall = time.unix_nanos();
        self.changed.notify_all();
    }

    /// One more thread takes part, and runs.
    pub(crate) fn join(&self) {
        self.state().running += 1;
    }

    /// A running thread takes part no more.
    pub(crate) fn leave(&self) {
        let mut state = self.state();
        state.running = state.running.saturating_sub(1);
        self.wake_next(&mut state);
    }

    fn wake_next(&self, state: &mut State) {
        if self.kind == Kind::Auto && state.wake_next() {
            self.changed.notify_all();
        }
    }

    pub(crate) fn sleep_until(&self, scale: Scale, at: Timespec) {
        let at = at.as_nanos();
        let mut state = self.state();
        if state.on(scale) >= at {
            return;
        }
        if let Kind::Stepping { .. } = self.kind {
            let left = at - state.on(scale);
            state.advance(left);
            return;
        }
        let slot = state.fall_asleep(scale, at);
        state.running = state.running.saturating_sub(1);
        self.changed.notify_all();
        self.wake_next(&mut state);
        loop {
            // An automatic clock wakes one after the other, and has counted it as running.
            let woken = state.slots[slot] == Sleeper::Woken;
            let due = self.kind == Kind::Manual && state.on(scale) >= at;
            if woken || due {
                if !woken {
                    state.order.remove(number_of(scale), slot);
                    state.running += 1;
                }
                state.slots[slot] = Sleeper::Free;
                self.changed.notify_all();
                return;
            }
            state = self.wait(state);
        }
    }

    pub(crate) fn sleepers(&self) -> usize {
        self.state().order.len()
    }

    pub(crate) fn wait_for_sleepers(&self, count: usize) {
        let mut state = self.state();
        while state.order.len() < count {
            state = self.wait(state);
        }
    }
}
