//! What the clocks of a tree show: lines through moments of the true clocks, and the way
//! back from a time that a program waits for to the moment at which the true clock has it.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::fence;
use std::time::{Duration, Instant};

use instanter_clock::Timespec;
use instanter_vdso::layout::VIEWS;
use instanter_vdso::line::{self, Line, RATE_BITS, RATE_ONE};
use nix::libc;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::tracer::Memory;

/// Clocks that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Group {
    /// The date: CLOCK_REALTIME, its coarse and alarm relatives, CLOCK_TAI
    Realtime,
    /// CLOCK_MONOTONIC, _COARSE and _RAW
    Monotonic,
    /// CLOCK_BOOTTIME and its alarm relative
    Boottime,
}

impl Group {
    pub(crate) const ALL: [Group; 3] = [Group::Realtime, Group::Monotonic, Group::Boottime];

    /// Clock ids, with the fine clock that stands in for each.
    fn members(self) -> &'static [(i32, i32)] {
        match self {
            Group::Realtime => &[(0, 0), (5, 0), (8, 0), (11, 11)],
            Group::Monotonic => &[(1, 1), (6, 1), (4, 4)],
            Group::Boottime => &[(7, 7), (9, 7)],
        }
    }

    /// The group of a clock id; nothing for clocks of CPU time and devices.
    pub(crate) fn of(clock: i32) -> Option<Group> {
        Group::ALL.into_iter().find(|group| group.members().iter().any(|(id, _)| *id == clock))
    }

    /// The clock that waits are on.
    pub(super) fn fine(self) -> i32 {
        self.members()[0].0
    }
}

/// A slope, times 2⁵².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Rate(pub(crate) i64);

impl Rate {
    pub(crate) const ONE: Rate = Rate(RATE_ONE);
    pub(crate) const FROZEN: Rate = Rate(0);
}

/// A rate for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bend {
    /// They stand still.
    Still,
    /// So much faster, in true time, whatever their rate is: a [`Rate`]'s units.
    By(i64),
    /// On as before.
    Back,
}

/// What is to become different, all of it at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// Which clocks jump or show `at`; empty: realtime.
    #[serde(default)]
    pub(crate) clocks: Vec<Group>,
    /// What they show from now on: nanoseconds since their zero.
    pub(crate) at: Option<(i64, u32)>,
    /// How far they jump, in nanoseconds.
    pub(crate) jump: Option<i64>,
    /// How fast they go; without `clocks` all of them.
    pub(crate) rate: Option<Rate>,
    /// How fast they go for a while; without `clocks` all of them.
    #[serde(skip)]
    pub(super) bend: Option<Bend>,
    /// How far they go at each read, in nanoseconds, and not otherwise.
    pub(crate) step: Option<i64>,
    /// How far CLOCK_TAI jumps beyond what the date jumps, in seconds: what a leap second
    /// takes from the date, it does not take from this.
    #[serde(default)]
    pub(crate) tai: i32,
    /// Nothing but where sloped lines begin: what has passed since must fit.
    #[serde(skip)]
    pub(super) anchor: bool,
    /// Somebody has set the machine's clock.
    #[serde(skip)]
    pub(super) beneath: bool,
}

impl Change {
    /// One that is inserted (-1) or deleted (1).
    pub(super) fn leap_second(by: i8) -> Change {
        let jump = Some(i64::from(by) * 1_000_000_000);
        Change { jump, tai: -i32::from(by), ..Change::default() }
    }

    /// Whether the date is set; a leap second does not set it.
    pub(super) fn sets_the_date(&self) -> bool {
        let jumps = self.at.is_some() || self.jump.is_some();
        jumps && self.tai == 0 && self.moves(Group::Realtime)
    }

    fn moves(&self, group: Group) -> bool {
        if self.clocks.is_empty() { group == Group::Realtime } else { self.clocks.contains(&group) }
    }

    fn bends(&self, group: Group) -> bool {
        self.clocks.is_empty() || self.clocks.contains(&group)
    }
}

/// How much faster the clocks go than was asked for, because the programs of the tree steer
/// them: a ratio near 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) length: i128,
    pub(super) of: i128,
}

impl Pace {
    const ONE: Pace = Pace { length: 1, of: 1 };

    /// A rate at this pace. Twice a rate must fit, for whoever follows it.
    fn of(self, rate: i64) -> i64 {
        const MOST: i128 = RATE_ONE as i128 * 1024 - 1;
        (i128::from(rate) * self.length / self.of).clamp(0, MOST) as i64
    }
}

/// What one clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    /// A moment of the true clock …
    origin: i128,
    /// … and what is shown then, both in nanoseconds.
    base: i128,
    /// How fast it was asked to go …
    asked: i64,
    /// … and how fast it goes.
    rate: i64,
    step: Option<i64>,
    /// What is asked for when what is for a while is over: a rate, or a step.
    usual: (i64, Option<i64>),
}

impl Shown {
    const TRUE: Shown = Shown {
        origin: 0,
        base: 0,
        asked: RATE_ONE,
        rate: RATE_ONE,
        step: None,
        usual: (RATE_ONE, None),
    };

    fn at(&self, real: i128) -> i128 {
        self.base + (((real - self.origin) * i128::from(self.rate)) >> RATE_BITS)
    }

    /// When the true clock shows what this one shows at `shown`; nothing if it is frozen.
    fn when(&self, shown: i128) -> Option<i128> {
        if self.step.is_some() {
            return Some(self.origin + shown - self.base);
        }
        let rate = i128::from(self.rate);
        let behind = (shown - self.base) << RATE_BITS;
        // Rounded up: who waits for a time must find that it has come.
        (rate != 0).then(|| {
            self.origin + behind.div_euclid(rate) + i128::from(behind.rem_euclid(rate) != 0)
        })
    }
}

fn index(group: Group) -> usize {
    group as usize
}

/// The true clock, in nanoseconds.
pub(crate) fn real(clock: i32) -> i128 {
    // Every kernel has these clocks; the oldest lack one or another of the alarm clocks.
    clock_gettime(ClockId::from_raw(clock))
        .map_or(0, |now| i128::from(now.tv_sec()) * 1_000_000_000 + i128::from(now.tv_nsec()))
}

/// How far the date is from monotonic time, if anybody says. The greatest of several readings:
/// where no page has both of one moment, the date is read first.
fn apart() -> Option<i128> {
    let nanos = |time: Timespec| i128::from(time.sec) * SECOND + i128::from(time.nsec);
    let pairs = (0..50).filter_map(|_| instanter_clock::pair().ok());
    pairs.map(|pair| nanos(pair.realtime) - nanos(pair.monotonic)).max()
}

/// The clocks of a tree: by view, what each group shows.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    memory: Arc<Memory>,
    views: Vec<[Shown; 3]>,
    pace: Pace,
    tai_s: i32,
    /// How far the machine's date is from its monotonic time: what only a step changes.
    apart: Option<i128>,
}

impl Clocks {
    /// All show the true time.
    pub(crate) fn new(memory: Arc<Memory>, views: usize) -> Clocks {
        let views = vec![[Shown::TRUE; 3]; views.min(VIEWS - 1)];
        let mut clocks = Clocks { memory, views, pace: Pace::ONE, tai_s: 0, apart: apart() };
        clocks.write();
        clocks
    }

    /// What a clock shows now. A stepped clock goes on by this.
    pub(crate) fn now(&self, view: usize, clock: i32) -> Option<i128> {
        let group = Group::of(clock)?;
        let Some(shown) = self.views.get(view).map(|view| view[index(group)]) else {
            return Some(real(clock));
        };
        if let Some(step) = shown.step {
            let reads = self.memory.shared().reads[view][counter(group)].fetch_add(1, Relaxed);
            return Some(self.base_for(view, group, clock) + i128::from(reads) * i128::from(step));
        }
        let line = &self.memory.control().view(view)[clock as usize];
        let is_true = line.kind.load(Relaxed) == line::TRUE;
        let now = real(if is_true { clock } else { line.source.load(Relaxed) as i32 });
        Some(self.shows(view, clock, now))
    }

    /// What a clock shows when the true clock that it goes by shows this. One that is stepped
    /// does not go on by it.
    pub(super) fn shows(&self, view: usize, clock: i32, real: i128) -> i128 {
        let Some(group) = Group::of(clock) else { return real };
        let Some(shown) = self.views.get(view).map(|view| view[index(group)]) else { return real };
        if let Some(step) = shown.step {
            let reads = self.memory.shared().reads[view][counter(group)].load(Relaxed);
            return self.base_for(view, group, clock) + i128::from(reads) * i128::from(step);
        }
        // Other members of a group have bases of their own: their lines are the truth.
        let line = &self.memory.control().view(view)[clock as usize];
        let (seconds, nanoseconds) = (real.div_euclid(SECOND), real.rem_euclid(SECOND));
        let (seconds, nanoseconds) = line.shows(seconds as i64, nanoseconds as i64, 0);
        i128::from(seconds) * SECOND + i128::from(nanoseconds)
    }

    fn base_for(&self, view: usize, _group: Group, clock: i32) -> i128 {
        let line = &self.memory.control().view(view)[clock as usize];
        i128::from(line.seconds.load(Relaxed)) * SECOND + i128::from(line.nanoseconds.load(Relaxed))
    }

    /// What the clock that waits are on shows, without going on by it.
    pub(crate) fn peek(&self, view: usize, group: Group) -> i128 {
        let now = real(group.fine());
        match self.views.get(view) {
            Some(view) => match view[index(group)] {
                // A stepped clock stands still between reads; waits pass as they are.
                shown @ Shown { step: Some(_), .. } => shown.base + now - shown.origin,
                shown => shown.at(now),
            },
            None => now,
        }
    }

    /// When the true clock of a group shows what the tree's shows at `shown`: nothing if
    /// the tree's is frozen.
    pub(crate) fn when(&self, view: usize, group: Group, shown: i128) -> Option<i128> {
        match self.views.get(view) {
            Some(view) => view[index(group)].when(shown),
            None => Some(shown),
        }
    }

    /// How long a duration of the tree's takes in truth, on a group's clock.
    pub(crate) fn lasts(&self, view: usize, group: Group, shown: i128) -> Option<i128> {
        let rate = self.views.get(view).map_or(RATE_ONE, |view| match view[index(group)] {
            Shown { step: Some(_), .. } => RATE_ONE,
            shown => shown.rate,
        });
        let rate = i128::from(rate);
        (rate != 0).then(|| ((shown << RATE_BITS) + rate - 1).div_euclid(rate))
    }

    /// How many seconds CLOCK_TAI is further from the date than the machine's.
    pub(super) fn tai_s(&self) -> i32 {
        self.tai_s
    }

    /// Makes all clocks go at a pace, at one moment. Returns whether they went at another.
    pub(super) fn set_pace(&mut self, pace: Pace) -> bool {
        let other = pace != self.pace;
        if other {
            self.pace = pace;
            self.at_once(None, |clocks, view| clocks.change_view(view, &Change::default()));
        }
        other
    }

    /// Changes all views, or one, at one moment.
    pub(crate) fn change(&mut self, change: &Change, only: Option<usize>) {
        let beneath = if change.beneath { self.stepped_beneath() } else { 0 };
        self.at_once(only, |clocks, view| {
            if beneath != 0 {
                clocks.follow_step(view, beneath);
            }
            clocks.change_view(view, change);
        });
        self.tai_s = self.tai_s.saturating_add(change.tai);
    }

    /// By how much the machine's clock was set since this was asked last.
    fn stepped_beneath(&mut self) -> i128 {
        let before = std::mem::replace(&mut self.apart, apart());
        self.apart.zip(before).map_or(0, |(now, before)| now - before)
    }

    /// A line that goes faster than the true clock made more of a step of that, or less: the
    /// date is moved as far as the machine's. One that stands still stays.
    fn follow_step(&mut self, view: usize, by: i128) {
        let Shown { rate, step, .. } = self.views[view][index(Group::Realtime)];
        if rate == 0 || step.is_some() {
            return;
        }
        let moved = (by * i128::from(rate)) >> RATE_BITS;
        let jump = i64::try_from(by - moved).ok();
        self.change_view(view, &Change { jump, ..Change::default() });
    }

    fn at_once(&mut self, only: Option<usize>, what: impl Fn(&mut Clocks, usize)) {
        let control = &self.memory.clone();
        let control = control.control();
        control.sequence.fetch_add(1, SeqCst);
        fence(SeqCst);
        // Whoever found the number even has read his counter by the time that this has
        // passed: a reading and the loads around it overlap by some ten nanoseconds. So no
        // reading by the old line is later than the new one's origin.
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(1) {
            std::hint::spin_loop();
        }
        for view in 0..self.views.len() {
            if only.is_none_or(|only| only == view) {
                what(self, view);
            }
        }
        fence(SeqCst);
        control.sequence.fetch_add(1, SeqCst);
    }

    fn change_view(&mut self, view: usize, change: &Change) {
        let memory = self.memory.clone();
        for group in Group::ALL {
            let before = self.views[view][index(group)];
            let mut after = before;
            let moves = change.moves(group);
            let now = real(group.fine());
            let reads = memory.shared().reads[view][counter(group)].load(Relaxed);
            after.base = match before.step {
                Some(step) => before.base + i128::from(reads) * i128::from(step),
                None => before.at(now),
            };
            after.origin = now;
            if change.bends(group) {
                if let Some(rate) = change.rate {
                    (after.asked, after.step) = (rate.0, None);
                }
                if let Some(step) = change.step {
                    after.step = Some(step);
                }
                if change.rate.is_some() || change.step.is_some() {
                    after.usual = (after.asked, after.step);
                }
                match change.bend {
                    Some(Bend::Still) => (after.asked, after.step) = (0, None),
                    // One that goes by its reads has no speed.
                    Some(Bend::By(faster)) => after.asked = (after.usual.0 + faster).max(0),
                    Some(Bend::Back) => (after.asked, after.step) = after.usual,
                    None => {}
                }
            }
            after.rate = self.pace.of(after.asked);
            let mut jump = 0;
            if moves {
                if let Some((seconds, nanoseconds)) = change.at {
                    let at = i128::from(seconds) * SECOND + i128::from(nanoseconds);
                    jump = at - after.base;
                }
                jump += i128::from(change.jump.unwrap_or(0));
            }
            after.base += jump;
            let tai = if group == Group::Realtime { i128::from(change.tai) * SECOND } else { 0 };
            let touched = change.anchor && after.step.is_none() && after.rate != RATE_ONE
                || jump != 0
                || tai != 0
                || (after.asked, after.rate) != (before.asked, before.rate)
                || after.step != before.step;
            if !touched {
                continue;
            }
            if after.step.is_some() {
                memory.shared().reads[view][counter(group)].store(0, Relaxed);
            }
            self.views[view][index(group)] = after;
            for (clock, fine) in group.members() {
                let line = &memory.control().view(view)[*clock as usize];
                // Each clock keeps its own distance from the others.
                let own_now = if *clock == group.fine() { now } else { real(*fine) };
                let own = match before.step {
                    Some(step) => {
                        self.base_for(view, group, *clock) + i128::from(reads) * i128::from(step)
                    }
                    None => {
                        let (seconds, rest) =
                            (own_now.div_euclid(SECOND) as i64, own_now.rem_euclid(SECOND) as i64);
                        let (seconds, rest) = line.shows(seconds, rest, 0);
                        i128::from(seconds) * SECOND + i128::from(rest)
                    }
                };
                let own = own + jump + if *clock == libc::CLOCK_TAI { tai } else { 0 };
                // Nobody steers the raw clock.
                let is_raw = *clock == libc::CLOCK_MONOTONIC_RAW;
                let rate = if is_raw { after.asked } else { after.rate };
                fill(line, (*clock, *fine), own_now, own, Shown { rate, ..after }, group);
            }
        }
    }

    fn write(&mut self) {
        for line in &self.memory.control().lines {
            line.kind.store(line::TRUE, Relaxed);
        }
    }
}

const SECOND: i128 = 1_000_000_000;

/// Which of the two counters of reads a group has: realtime one, the others one.
fn counter(group: Group) -> usize {
    usize::from(group != Group::Realtime)
}

fn fill(
    line: &Line,
    (clock, fine): (i32, i32),
    now: i128,
    shown: i128,
    after: Shown,
    group: Group,
) {
    let plain = after.rate == RATE_ONE && after.step.is_none();
    // A coarse clock may stay coarse where it goes as fast as the true one; but it would go
    // back if it became so again.
    let was_own =
        line.kind.load(Relaxed) == line::TRUE || line.source.load(Relaxed) as i32 == clock;
    let source = if plain && was_own { clock } else { fine };
    let base = if plain { shown - now } else { shown };
    line.source.store(source as u32, Relaxed);
    line.origin.store(now as i64, Relaxed);
    line.rate.store(after.rate, Relaxed);
    line.seconds.store(base.div_euclid(SECOND) as i64, Relaxed);
    line.nanoseconds.store(base.rem_euclid(SECOND) as i64, Relaxed);
    line.step.store(after.step.unwrap_or(0) as u64, Relaxed);
    line.counter.store(counter(group) as u32, Relaxed);
    let kind = match (after.step, plain) {
        (Some(_), _) => line::STEPPED,
        (None, true) if base == 0 && source == clock => line::TRUE,
        (None, true) => line::SHIFTED,
        (None, false) => line::SLOPED,
    };
    line.kind.store(kind, Relaxed);
}

#[cfg(test)]
mod tests;
