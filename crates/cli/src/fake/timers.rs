//! Timers that a program sets: timerfds, POSIX timers, `setitimer` and `alarm`.
//!
//! Unlike a wait, a timer outlives the call that set it. What each was set to, in the
//! program's own time, is kept here, to answer what is left of it and to set it anew when
//! the clocks change.

use std::collections::HashMap;

use nix::libc;

use super::clocks::{Clocks, Group, real};
use super::waits::{NEVER, from_pair, from_timespec, timespec};
use crate::tracer::{Call, Stop, When};

/// Which timer of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Which {
    /// A timerfd, by its descriptor.
    Descriptor(i32),
    /// Of `timer_create`.
    Posix(i32),
    /// `ITIMER_REAL`, which `alarm` sets, too.
    Real,
}

/// What a timer was set to, in nanoseconds of the program's time.
#[derive(Clone, Copy, Debug)]
struct Set {
    group: Group,
    over: i128,
    interval: i128,
}

/// The timers of all processes.
#[derive(Debug, Default)]
pub(super) struct Timers {
    set: HashMap<(i32, Which), Set>,
}

/// What was found at the entry of a call, for its exit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    which: Which,
    new: Option<Set>,
    /// Where the call tells what the timer was set to.
    old_at: u64,
    /// Whether what is left is the result of the call, in seconds.
    is_alarm: bool,
    reads: bool,
}

pub(super) fn filtered() -> Vec<(i64, When)> {
    let real = || When::OneOf(0, vec![libc::ITIMER_REAL as u32]);
    vec![
        (libc::SYS_timerfd_settime, When::Always),
        (libc::SYS_timerfd_gettime, When::Always),
        (libc::SYS_timer_settime, When::Always),
        (libc::SYS_timer_gettime, When::Always),
        (libc::SYS_timer_delete, When::Always),
        (libc::SYS_setitimer, real()),
        (libc::SYS_getitimer, real()),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_alarm, When::Always),
    ]
}

const ABSOLUTE: u64 = 1;
const SECOND: i128 = 1_000_000_000;

/// The clock of a timer, as `/proc` tells it.
fn clock_of(pid: i32, which: Which) -> Option<Group> {
    let clock = match which {
        Which::Real => 1,
        Which::Descriptor(descriptor) => {
            let about = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")).ok()?;
            about.lines().find_map(|line| line.strip_prefix("clockid:"))?.trim().parse().ok()?
        }
        Which::Posix(id) => {
            let about = std::fs::read_to_string(format!("/proc/{pid}/timers")).ok()?;
            let mut lines = about.lines().skip_while(|line| *line != format!("ID: {id}"));
            lines.find_map(|line| line.strip_prefix("ClockID:"))?.trim().parse().ok()?
        }
    };
    Group::of(clock)
}

/// Interval and value.
fn read(stop: &Stop<'_>, at: u64, unit: i128) -> Option<(i128, i128)> {
    let bytes: [u8; 32] = stop.read(at).ok()?;
    let (interval, value) = bytes.split_at(16);
    Some((from_pair(interval.try_into().ok()?, unit)?, from_pair(value.try_into().ok()?, unit)?))
}

fn bytes(interval: i128, value: i128, unit: i128) -> [u8; 32] {
    let mut all = [0; 32];
    for (part, nanoseconds) in all.chunks_exact_mut(16).zip([interval, value]) {
        part.copy_from_slice(&timespec(nanoseconds));
        if unit != 1 {
            let rest = (nanoseconds.max(0) % SECOND / unit) as i64;
            part[8..].copy_from_slice(&rest.to_ne_bytes());
        }
    }
    all
}

impl Set {
    /// Interval, and value as a duration, of the true time.
    fn truly(&self, clocks: &Clocks, view: usize) -> (i128, i128) {
        let interval = match self.interval {
            0 => 0,
            interval => clocks.lasts(view, self.group, interval).unwrap_or(NEVER).max(1),
        };
        let value = clocks
            .when(view, self.group, self.over)
            .map_or(NEVER, |when| when - real_of(self.group));
        (interval, value.max(1))
    }

    /// What is left, in the program's time.
    fn left(&self, clocks: &Clocks, view: usize) -> i128 {
        let left = self.over - clocks.peek(view, self.group);
        if left > 0 || self.interval == 0 {
            return left.max(1);
        }
        self.interval - (-left).rem_euclid(self.interval)
    }
}

fn real_of(group: Group) -> i128 {
    real(group.fine())
}

impl Timers {
    /// At the entry of a call about timers.
    pub(super) fn enter(&mut self, stop: &mut Stop<'_>, clocks: &Clocks) -> Option<Pending> {
        let Call { number, arguments: at, .. } = stop.call;
        let view = stop.space.view as usize;
        let pending =
            |which, new, old_at| Pending { which, new, old_at, is_alarm: false, reads: false };
        let (which, unit) = match number {
            libc::SYS_timerfd_settime | libc::SYS_timerfd_gettime => {
                (Which::Descriptor(at[0] as i32), 1)
            }
            libc::SYS_timer_settime | libc::SYS_timer_gettime => (Which::Posix(at[0] as i32), 1),
            libc::SYS_timer_delete => {
                self.set.remove(&(stop.pid, Which::Posix(at[0] as i32)));
                return None;
            }
            libc::SYS_setitimer | libc::SYS_getitimer => (Which::Real, 1000),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_alarm => (Which::Real, 1000),
            _ => return None,
        };
        match number {
            libc::SYS_timerfd_gettime | libc::SYS_timer_gettime | libc::SYS_getitimer => {
                return Some(Pending { reads: true, ..pending(which, None, at[1]) });
            }
            _ => {}
        }
        #[cfg(target_arch = "x86_64")]
        if number == libc::SYS_alarm {
            let value = i128::from(at[0] as u32) * SECOND;
            let new = Set {
                group: Group::Monotonic,
                over: clocks.peek(view, Group::Monotonic) + value,
                interval: 0,
            };
            let scratch = stop.scratch()?;
            let truly = if value == 0 { 0 } else { new.truly(clocks, view).1 + 999 };
            stop.write(scratch, &bytes(0, truly, 1000)).ok()?;
            stop.set_number(libc::SYS_setitimer);
            stop.set_argument(0, libc::ITIMER_REAL as u64);
            stop.set_argument(1, scratch);
            stop.set_argument(2, scratch + 64);
            let new = (value != 0).then_some(new);
            return Some(Pending { is_alarm: true, ..pending(which, new, scratch + 64) });
        }
        let group = clock_of(stop.pid, which)?;
        let (flags, new_at, old_at, argument) = match which {
            Which::Real => (0, at[1], at[2], 1),
            _ => (at[1], at[2], at[3], 2),
        };
        let (interval, value) = if new_at == 0 { (0, 0) } else { read(stop, new_at, unit)? };
        if value == 0 {
            return Some(pending(which, None, old_at));
        }
        let absolute = flags & ABSOLUTE != 0;
        let over = if absolute { value } else { clocks.peek(view, group) + value };
        let new = Set { group, over, interval };
        let (real_interval, real_value) = new.truly(clocks, view);
        let value = if absolute {
            clocks.when(view, group, over).unwrap_or(real_of(group) + NEVER).max(1)
        } else {
            real_value
        };
        let round = unit - 1;
        let interval = if real_interval == 0 { 0 } else { real_interval + round };
        let scratch = stop.scratch()?;
        stop.write(scratch, &bytes(interval, value + round, unit)).ok()?;
        stop.set_argument(argument, scratch);
        Some(pending(which, Some(new), old_at))
    }

    /// At its exit.
    pub(super) fn leave(&mut self, stop: &mut Stop<'_>, clocks: &Clocks, pending: Pending) {
        stop.restore_arguments();
        if stop.registers.result() < 0 {
            return;
        }
        let view = stop.space.view as usize;
        let key = (stop.pid, pending.which);
        let unit = if pending.which == Which::Real { 1000 } else { 1 };
        let before = self.set.get(&key).copied();
        // Where it was armed in truth, it is in the program's time.
        let armed = |stop: &Stop<'_>| {
            pending.old_at != 0
                && read(stop, pending.old_at, unit).is_some_and(|(_, value)| value != 0)
        };
        let mut left_s = 0;
        if armed(stop)
            && let Some(before) = before
        {
            let left = before.left(clocks, view);
            let round = unit - 1;
            let _ = stop.write(pending.old_at, &bytes(before.interval, left + round, unit));
            left_s = ((left + SECOND / 2) / SECOND).max(1);
        }
        if pending.is_alarm {
            stop.set_result(left_s as i64);
        }
        if !pending.reads {
            match pending.new {
                Some(new) => self.set.insert(key, new),
                None => self.set.remove(&key),
            };
        }
    }

    /// Whether a process has timers that a change of the clocks concerns.
    pub(super) fn has(&self, pid: i32) -> bool {
        self.set.keys().any(|(of, _)| *of == pid)
    }

    pub(super) fn forget(&mut self, pid: i32) {
        self.set.retain(|(of, _), _| *of != pid);
    }

    /// The clocks have changed: sets all timers of a process anew, by its own hand.
    pub(super) fn again(&mut self, stop: &mut Stop<'_>, clocks: &Clocks) {
        let pid = stop.pid;
        let view = stop.space.view as usize;
        let Some(scratch) = stop.scratch() else { return };
        let keys: Vec<Which> =
            self.set.keys().filter(|(of, _)| *of == pid).map(|(_, which)| *which).collect();
        for which in keys {
            let Some(set) = self.set.get_mut(&(pid, which)) else { continue };
            let (query, change, id) = match which {
                Which::Descriptor(descriptor) => {
                    (libc::SYS_timerfd_gettime, libc::SYS_timerfd_settime, descriptor)
                }
                Which::Posix(id) => (libc::SYS_timer_gettime, libc::SYS_timer_settime, id),
                Which::Real => (libc::SYS_getitimer, libc::SYS_setitimer, libc::ITIMER_REAL),
            };
            let id = id as u64;
            let asked = stop.inject(query, [id, scratch, 0, 0, 0, 0]).is_ok();
            let now: [u8; 32] = stop.read(scratch).unwrap_or_default();
            let value = from_timespec(now[16..].try_into().unwrap_or_default());
            if !asked || value.is_none_or(|value| value == 0) {
                // Closed, deleted, or it has fired.
                self.set.remove(&(pid, which));
                continue;
            }
            let shown = clocks.peek(view, set.group);
            let (interval, value) = set.truly(clocks, view);
            if set.interval != 0 && set.over < shown {
                let missed = (shown - set.over).div_euclid(set.interval);
                set.over += missed * set.interval;
            }
            let unit = if which == Which::Real { 1000 } else { 1 };
            let round = unit - 1;
            let interval = if interval == 0 { 0 } else { interval + round };
            if stop.write(scratch, &bytes(interval, value + round, unit)).is_err() {
                continue;
            }
            let arguments = match which {
                Which::Real => [id, scratch, 0, 0, 0, 0],
                _ => [id, 0, scratch, 0, 0, 0],
            };
            let _ = stop.inject(change, arguments);
        }
    }
}
