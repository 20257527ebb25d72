//! A program that sets or steers the clock: the clock of its tree moves, the machine's does
//! not.
//!
//! Whoever may not do it (`CAP_SYS_TIME`) is told so, as by the kernel.

use instanter_clock::{Clock, Discipline, Leap};
use instanter_keeper::{self as keeper, TimeState, Timex, TimexTime, adj, sta};
use nix::libc;

use super::clocks::{Change, Clocks, Group};
use super::discipline::Steering;
use super::waits::from_pair;
use crate::tracer::status::Status;
use crate::tracer::{Stop, When};

const SECOND: i128 = 1_000_000_000;

pub(super) fn filtered() -> Vec<(i64, When)> {
    let realtime = || When::OneOf(0, vec![libc::CLOCK_REALTIME as u32]);
    vec![
        (libc::SYS_clock_settime, realtime()),
        (libc::SYS_settimeofday, When::Always),
        (libc::SYS_adjtimex, When::Always),
        (libc::SYS_clock_adjtime, realtime()),
    ]
}

/// Whether a system call is one of these.
pub(super) fn is_about(number: i64) -> bool {
    matches!(
        number,
        libc::SYS_clock_settime
            | libc::SYS_settimeofday
            | libc::SYS_adjtimex
            | libc::SYS_clock_adjtime
    )
}

/// `struct timex` of 64-bit Linux.
#[derive(Clone, Copy, Debug)]
struct Block([u8; Block::LENGTH]);

impl Block {
    const LENGTH: usize = 208;
    const MODES: usize = 0;
    const STATUS: usize = 40;
    const TAI: usize = 160;

    fn word(&self, at: usize) -> i64 {
        i64::from_ne_bytes(self.0[at..at + 8].try_into().unwrap_or_default())
    }

    fn half(&self, at: usize) -> u32 {
        u32::from_ne_bytes(self.0[at..at + 4].try_into().unwrap_or_default())
    }

    fn timex(&self) -> Timex {
        Timex {
            modes: self.half(Block::MODES),
            offset: self.word(8),
            freq: self.word(16),
            maxerror: self.word(24),
            esterror: self.word(32),
            status: self.half(Block::STATUS),
            constant: self.word(48),
            precision: self.word(56),
            tolerance: self.word(64),
            time: TimexTime { sec: self.word(72), fraction: self.word(80) },
            tick: self.word(88),
            tai: self.half(Block::TAI).cast_signed(),
        }
    }

    /// What a program gets back. Of a pulse-per-second signal, which there is none of, it
    /// gets zeros.
    fn of(timex: &Timex) -> Block {
        let mut all = [0; Block::LENGTH];
        let words = [
            (8, timex.offset),
            (16, timex.freq),
            (24, timex.maxerror),
            (32, timex.esterror),
            (48, timex.constant),
            (56, timex.precision),
            (64, timex.tolerance),
            (72, timex.time.sec),
            (80, timex.time.fraction),
            (88, timex.tick),
        ];
        let halves = [
            (Block::MODES, timex.modes),
            (Block::STATUS, timex.status),
            (Block::TAI, timex.tai.cast_unsigned()),
        ];
        for (at, value) in words {
            all[at..at + 8].copy_from_slice(&value.to_ne_bytes());
        }
        for (at, value) in halves {
            all[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        }
        Block(all)
    }
}

/// What the machine's kernel tells of its clock.
#[derive(Clone, Copy, Debug)]
struct Machine {
    timex: Timex,
    state: TimeState,
}

impl Machine {
    /// The error is the one with which the program's own call would fail.
    fn asked() -> Result<Machine, i32> {
        let told = Clock::REALTIME.discipline().map_err(|error| error.errno())?;
        Ok(Machine::of(&told))
    }

    fn of(told: &Discipline) -> Machine {
        let nanoseconds = told.status & sta::NANO != 0;
        let state = match told.leap {
            _ if !told.synchronized => TimeState::Error,
            Leap::None => TimeState::Ok,
            Leap::Insert => TimeState::Insert,
            Leap::Delete => TimeState::Delete,
            Leap::InProgress => TimeState::InProgress,
            Leap::Occurred => TimeState::Occurred,
        };
        let timex = Timex {
            offset: if nanoseconds { told.offset_ns } else { told.offset_ns / 1000 },
            freq: told.frequency,
            maxerror: told.max_error_us,
            esterror: told.estimated_error_us,
            status: told.status,
            constant: told.constant,
            precision: 1,
            tolerance: 500 << 16,
            tick: told.tick_us,
            tai: told.tai_s,
            ..Timex::default()
        };
        Machine { timex, state }
    }
}

/// Whether a process may set clocks.
fn may(pid: i32) -> bool {
    const CAP_SYS_TIME: u32 = 25;
    Status::of(pid).set("CapEff") >> CAP_SYS_TIME & 1 != 0
}

/// At the entry of a call that [`filtered`] names: it is not made, but answered. Returns what
/// it changes; the steering may go otherwise, too.
pub(super) fn enter(
    stop: &mut Stop<'_>,
    clocks: &Clocks,
    steering: &mut Option<Steering>,
) -> Option<Change> {
    let arguments = stop.call.arguments;
    let outcome = match stop.call.number {
        libc::SYS_adjtimex => adjust(stop, clocks, steering, arguments[0]),
        libc::SYS_clock_adjtime => adjust(stop, clocks, steering, arguments[1]),
        _ => set(stop, clocks, steering).map(|change| (0, change)),
    };
    let (result, change) = outcome.unwrap_or_else(|error| (-i64::from(error), None));
    stop.skip(result);
    change
}

/// A call that sets the clock; its error is a number.
fn set(
    stop: &Stop<'_>,
    clocks: &Clocks,
    steering: &mut Option<Steering>,
) -> Result<Option<Change>, i32> {
    let view = stop.space.view as usize;
    let (at, unit) = match stop.call.number {
        libc::SYS_clock_settime => (stop.call.arguments[1], 1),
        // The zone alone would be the machine's, and warp its clock.
        _ if stop.call.arguments[0] == 0 => {
            return if may(stop.tid) { Ok(None) } else { Err(libc::EPERM) };
        }
        _ => (stop.call.arguments[0], 1000),
    };
    let bytes = stop.read(at).map_err(|_| libc::EFAULT)?;
    let wanted = from_pair(bytes, unit).ok_or(libc::EINVAL)?;
    if !may(stop.tid) {
        return Err(libc::EPERM);
    }
    let jump = wanted - clocks.peek(view, Group::Realtime);
    let jump = Some(i64::try_from(jump).map_err(|_| libc::EINVAL)?);
    // What is known of its error is void, and so is what was left to slew.
    if let Ok(machine) = Machine::asked() {
        steered(steering, &machine, clocks).discipline().clear();
    }
    Ok(Some(Change { clocks: vec![Group::Realtime], jump, ..Change::default() }))
}

/// A call of `adjtimex`: what it returns, and what it changes.
fn adjust(
    stop: &Stop<'_>,
    clocks: &Clocks,
    steering: &mut Option<Steering>,
    at: u64,
) -> Result<(i64, Option<Change>), i32> {
    let mut timex = Block(stop.read(at).map_err(|_| libc::EFAULT)?).timex();
    if timex.needs_privilege() && !may(stop.tid) {
        return Err(libc::EPERM);
    }
    keeper::Discipline::validate(&timex).map_err(|_| libc::EINVAL)?;
    let machine = Machine::asked()?;
    if timex.needs_privilege() {
        steered(steering, &machine, clocks);
    }
    let now = clocks.peek(stop.space.view as usize, Group::Realtime);
    let (state, change) = answer(&mut timex, steering.as_mut(), &machine, clocks.tai_s(), now);
    // As in a kernel, what was asked for is done even if nobody can be told.
    let told = stop.write(at, &Block::of(&timex).0);
    let result = told.map_or(-i64::from(libc::EFAULT), |()| state as i64);
    Ok((result, change))
}

/// The tree's own steering, from now on.
fn steered<'a>(
    steering: &'a mut Option<Steering>,
    machine: &Machine,
    clocks: &Clocks,
) -> &'a mut Steering {
    let now = || clocks.peek(0, Group::Realtime);
    steering.get_or_insert_with(|| Steering::new(&machine.timex, now()))
}

/// Does what a valid request asks for, where a program's clock shows `now` and TAI is
/// `tai_s` further from it than the machine's, and makes of it what the program gets back.
fn answer(
    timex: &mut Timex,
    steering: Option<&mut Steering>,
    machine: &Machine,
    tai_s: i32,
    now: i128,
) -> (TimeState, Option<Change>) {
    let is_adjtime = timex.is_adjtime();
    let tai = machine.timex.tai.saturating_add(tai_s);
    let mut change = None;
    let mut moved = now;
    let state = if let Some(steering) = steering {
        let second = steering.second();
        let discipline = steering.discipline();
        let left = discipline.single_shot_us();
        if !is_adjtime
            && timex.modes & adj::SETOFFSET != 0
            && let Some(by) = timex.step()
        {
            let by = i128::from(by.sec) * SECOND + i128::from(by.nsec);
            let jump = i64::try_from(by).unwrap_or(if by < 0 { i64::MIN } else { i64::MAX });
            moved += i128::from(jump);
            discipline.clear();
            change = Some(Change { jump: Some(jump), ..Change::default() });
        }
        timex.tai = discipline.change(timex, second).unwrap_or(tai);
        if timex.tai != tai {
            change.get_or_insert_default().tai = timex.tai - tai;
        }
        let state = discipline.report(timex);
        if is_adjtime {
            timex.offset = left;
        }
        state
    } else {
        // Nobody in the tree has steered it.
        let offset = if is_adjtime { 0 } else { machine.timex.offset };
        *timex = Timex { modes: timex.modes, offset, tai, ..machine.timex };
        machine.state
    };
    let unit = if timex.status & sta::NANO != 0 { 1 } else { 1000 };
    timex.time.sec = moved.div_euclid(SECOND) as i64;
    timex.time.fraction = (moved.rem_euclid(SECOND) / unit) as i64;
    (state, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i128 = 5_250_000_000;

    fn machine() -> Machine {
        let timex =
            Timex { tick: 10_000, freq: 7, status: sta::UNSYNC, tai: 37, ..Timex::default() };
        Machine { timex, state: TimeState::Error }
    }

    fn request(modes: u32) -> Timex {
        Timex { modes, tick: 10_000, ..Timex::default() }
    }

    /// What a program is told after each call, at 5.25 s, and what changes.
    fn calls(requests: &[Timex]) -> Vec<(Timex, TimeState, Option<Change>)> {
        let machine = machine();
        let mut steering = None;
        let mut tai_s = 0;
        let one = |timex: &Timex| {
            let mut timex = *timex;
            if timex.needs_privilege() {
                steering.get_or_insert_with(|| Steering::new(&machine.timex, NOW));
            }
            let (state, change) = answer(&mut timex, steering.as_mut(), &machine, tai_s, NOW);
            tai_s += change.as_ref().map_or(0, |change| change.tai);
            (timex, state, change)
        };
        requests.iter().map(one).collect()
    }

    #[test]
    fn what_was_set_is_read() {
        let reading = request(0);
        let faster = Timex { freq: 65_536, ..request(adj::FREQUENCY | adj::NANO) };
        let told = calls(&[reading, faster, reading]);
        let (timex, state, change) = &told[0];
        assert_eq!((state, change), (&TimeState::Error, &None));
        assert_eq!((timex.freq, timex.tick, timex.status, timex.tai), (7, 10_000, 0x40, 37));
        assert_eq!(timex.time, TimexTime { sec: 5, fraction: 250_000 });
        assert_eq!((&told[1].1, &told[1].2), (&TimeState::Error, &None));
        let (timex, ..) = &told[2];
        assert_eq!((timex.freq, timex.status), (65_536, sta::UNSYNC | sta::NANO));
        assert_eq!(timex.time.fraction, 250_000_000);
        let synchronised = Timex { status: sta::PLL, ..request(adj::STATUS) };
        assert_eq!(calls(&[synchronised])[0].1, TimeState::Ok);
    }

    #[test]
    fn steps_are_made_at_once_and_slews_are_not() {
        let time = TimexTime { sec: -2, fraction: 500_000 };
        let step = |modes| Timex { time, ..request(modes) };
        let table = [
            (step(adj::SETOFFSET), -1_500_000_000),
            (step(adj::SETOFFSET | adj::NANO), -1_999_500_000),
        ];
        for (timex, want) in table {
            let told = calls(&[timex]);
            assert_eq!(told[0].2.as_ref().unwrap().jump, Some(want));
            let shows = told[0].0.time;
            let unit = if timex.modes & adj::NANO != 0 { 1 } else { 1000 };
            let shows = i128::from(shows.sec) * SECOND + i128::from(shows.fraction) * unit;
            assert_eq!(shows, NOW + i128::from(want), "after the step");
        }
        let slew = Timex { offset: 7_000, ..request(adj::OFFSET_SINGLESHOT) };
        let told = calls(&[slew, request(adj::OFFSET_SS_READ), slew]);
        assert!(told.iter().all(|(_, _, change)| change.is_none()));
        let offsets: Vec<_> = told.iter().map(|(timex, ..)| timex.offset).collect();
        assert_eq!(offsets, [0, 7_000, 7_000], "what was left before each");
    }

    #[test]
    fn tai_is_set_apart() {
        let set = |constant| Timex { constant, ..request(adj::TAI) };
        let told = calls(&[set(37), set(30), request(0), set(-1)]);
        let moved =
            told.iter().map(|(_, _, change)| change.as_ref().map_or(0, |change| change.tai));
        assert_eq!(moved.collect::<Vec<_>>(), [0, -7, 0, 0]);
        assert_eq!(told[2].0.tai, 30);
    }

    #[test]
    fn as_the_c_library_has_it() {
        // Each field is another number.
        let mut timex = Timex { modes: 0x2d3c_4b5a, status: 41, tai: -160, ..Timex::default() };
        (timex.offset, timex.freq, timex.maxerror, timex.esterror) = (-8, 16, 24, 32);
        (timex.constant, timex.precision, timex.tolerance, timex.tick) = (48, 56, 64, 88);
        timex.time = TimexTime { sec: -72, fraction: 80 };
        let block = Block::of(&timex);
        assert_eq!(block.timex(), timex);
        for at in [8, 16, 24, 32, 48, 56, 64, 72, 80, 88] {
            assert_eq!(block.word(at).abs(), at as i64);
        }
        assert_eq!(size_of::<libc::timex>(), Block::LENGTH);
        assert_eq!(std::mem::offset_of!(libc::timex, status), Block::STATUS);
        assert_eq!(std::mem::offset_of!(libc::timex, tick), 88);
        assert_eq!(std::mem::offset_of!(libc::timex, tai), Block::TAI);
    }
}
