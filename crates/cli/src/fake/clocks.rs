//! What the clocks of a tree show: lines through moments of the true clocks, and the way
//! back from a time that a program waits for to the moment at which the true clock has it.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::fence;
use std::time::{Duration, Instant};

use instanter_vdso::layout::VIEWS;
use instanter_vdso::line::{self, Line, RATE_BITS, RATE_ONE};
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
    /// How far they go at each read, in nanoseconds, and not otherwise.
    pub(crate) step: Option<i64>,
    /// Nothing but where sloped lines begin: what has passed since must fit.
    #[serde(skip)]
    pub(super) anchor: bool,
}

impl Change {
    fn moves(&self, group: Group) -> bool {
        if self.clocks.is_empty() { group == Group::Realtime } else { self.clocks.contains(&group) }
    }

    fn bends(&self, group: Group) -> bool {
        self.clocks.is_empty() || self.clocks.contains(&group)
    }
}

/// What one clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    /// A moment of the true clock …
    origin: i128,
    /// … and what is shown then, both in nanoseconds.
    base: i128,
    rate: i64,
    step: Option<i64>,
}

impl Shown {
    const TRUE: Shown = Shown { origin: 0, base: 0, rate: RATE_ONE, step: None };

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

/// The clocks of a tree: by view, what each group shows.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    memory: Arc<Memory>,
    views: Vec<[Shown; 3]>,
}

impl Clocks {
    /// All show the true time.
    pub(crate) fn new(memory: Arc<Memory>, views: usize) -> Clocks {
        let mut clocks = Clocks { memory, views: vec![[Shown::TRUE; 3]; views.min(VIEWS - 1)] };
        clocks.write();
        clocks
    }

    /// What a clock shows now. A stepped clock goes on by this.
    pub(crate) fn now(&self, view: usize, clock: i32) -> Option<i128> {
        let group = Group::of(clock)?;
        let (_, fine) = *group.members().iter().find(|(id, _)| *id == clock)?;
        let Some(shown) = self.views.get(view).map(|view| view[index(group)]) else {
            return Some(real(clock));
        };
        if let Some(step) = shown.step {
            let reads = self.memory.shared().reads[view][counter(group)].fetch_add(1, Relaxed);
            return Some(self.base_for(view, group, clock) + i128::from(reads) * i128::from(step));
        }
        // Other members of a group have bases of their own: their lines are the truth.
        let line = &self.memory.control().view(view)[clock as usize];
        let source = if line.kind.load(Relaxed) == line::TRUE { clock } else { fine };
        let now = real(source);
        let (seconds, nanoseconds) = (now.div_euclid(SECOND), now.rem_euclid(SECOND));
        let (seconds, nanoseconds) = line.shows(seconds as i64, nanoseconds as i64, 0);
        Some(i128::from(seconds) * SECOND + i128::from(nanoseconds))
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

    /// Makes all clocks go faster by a ratio near 1, at one moment.
    pub(crate) fn scale(&mut self, by: i128, from: i128) {
        self.at_once(None, |clocks, view| {
            for group in Group::ALL {
                let rate = i128::from(clocks.views[view][index(group)].rate) * by / from.max(1);
                let rate = Rate(i64::try_from(rate).unwrap_or(i64::MAX).clamp(0, RATE_ONE * 1000));
                let clocks_of = vec![group];
                let change = Change { clocks: clocks_of, rate: Some(rate), ..Change::default() };
                if clocks.views[view][index(group)].step.is_none() {
                    clocks.change_view(view, &change);
                }
            }
        });
    }

    /// Changes all views, or one, at one moment.
    pub(crate) fn change(&mut self, change: &Change, only: Option<usize>) {
        self.at_once(only, |clocks, view| clocks.change_view(view, change));
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
                    (after.rate, after.step) = (rate.0, None);
                }
                if let Some(step) = change.step {
                    after.step = Some(step);
                }
            }
            let mut jump = 0;
            if moves {
                if let Some((seconds, nanoseconds)) = change.at {
                    let at = i128::from(seconds) * SECOND + i128::from(nanoseconds);
                    jump = at - after.base;
                }
                jump += i128::from(change.jump.unwrap_or(0));
            }
            after.base += jump;
            let touched = change.anchor && after.step.is_none() && after.rate != RATE_ONE
                || jump != 0
                || after.rate != before.rate
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
                fill(line, *clock, *fine, own_now, own + jump, &after, group);
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

fn fill(line: &Line, clock: i32, fine: i32, now: i128, shown: i128, after: &Shown, group: Group) {
    let plain = after.rate == RATE_ONE && after.step.is_none();
    // A coarse clock may stay coarse where it goes as fast as the true one.
    let source = if plain { clock } else { fine };
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
        (None, true) if base == 0 => line::TRUE,
        (None, true) => line::SHIFTED,
        (None, false) => line::SLOPED,
    };
    line.kind.store(kind, Relaxed);
}
