//! A program that sets or steers the clock: the clock of its tree moves, the machine's does
//! not.
//!
//! Whoever may not do it (`CAP_SYS_TIME`) is told so, as by the kernel.

use nix::libc;

use super::clocks::{Change, Clocks, Group};
use super::waits::{from_pair, signed};
use crate::tracer::{Stop, When};

/// `struct timex` of 64-bit Linux: its length, and where its fields are.
const LENGTH: usize = 208;
const MODES: usize = 0;
const OFFSET: usize = 8;
const FREQUENCY: usize = 16;
const STATUS: usize = 40;
const CONSTANT: usize = 48;
const TIME: usize = 72;
const TICK: usize = 88;
const TAI: usize = 160;

const ADJ_OFFSET: u32 = 0x0001;
const ADJ_FREQUENCY: u32 = 0x0002;
const ADJ_STATUS: u32 = 0x0010;
const ADJ_TAI: u32 = 0x0080;
const ADJ_SETOFFSET: u32 = 0x0100;
const ADJ_MICRO: u32 = 0x1000;
const ADJ_NANO: u32 = 0x2000;
const ADJ_TICK: u32 = 0x4000;
/// `adjtime`: modes of their own.
const SINGLE_SHOT: u32 = 0x8001;
const SINGLE_SHOT_READ: u32 = 0xa001;

const STA_NANO: i32 = 0x2000;
/// Bits of the status that are the kernel's.
const READ_ONLY: i32 = 0xff00;

/// A second of a tick in 2⁻¹⁶ parts per million: what is not adjusted has 10 000.
const EACH_TICK: i128 = 65_536_000_000 / 10_000;
/// 500 parts per million, as far as the kernel goes.
const MOST: i64 = 500 << 16;
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

/// `struct timex`.
#[derive(Clone, Copy, Debug)]
struct Timex([u8; LENGTH]);

impl Timex {
    fn word(&self, at: usize) -> i64 {
        i64::from_ne_bytes(self.0[at..at + 8].try_into().unwrap_or_default())
    }

    fn set_word(&mut self, at: usize, value: i64) {
        self.0[at..at + 8].copy_from_slice(&value.to_ne_bytes());
    }

    fn half(&self, at: usize) -> i32 {
        i32::from_ne_bytes(self.0[at..at + 4].try_into().unwrap_or_default())
    }

    fn set_half(&mut self, at: usize, value: i32) {
        self.0[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }

    fn modes(&self) -> u32 {
        self.half(MODES).cast_unsigned()
    }

    /// How fast the clock goes.
    fn speed(&self) -> i128 {
        i128::from(self.word(TICK)) * EACH_TICK + i128::from(self.word(FREQUENCY))
    }
}

/// A call of `adjtimex` that the kernel is asked to answer without changing anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    given: Timex,
    at: u64,
    scratch: u64,
}

/// What follows from a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Nothing.
    Same,
    /// The clocks are to change.
    Move(Change),
    /// They are to go by so much faster: a numerator and a denominator.
    Scale(i128, i128),
}

/// What programs have set of what the kernel keeps for its own clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Adjusted {
    /// Bits of `modes` that were set, and the values.
    modes: u32,
    set: Option<Timex>,
}

/// Whether a process may set clocks.
fn may(pid: i32) -> bool {
    const CAP_SYS_TIME: u32 = 25;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .is_some_and(|set| set >> CAP_SYS_TIME & 1 != 0)
}

/// A jump to what a clock is set to.
fn to(clocks: &Clocks, view: usize, wanted: i128) -> Result<Change, i32> {
    let jump = wanted - clocks.peek(view, Group::Realtime);
    let jump = i64::try_from(jump).map_err(|_| libc::EINVAL)?;
    Ok(Change { clocks: vec![Group::Realtime], jump: Some(jump), ..Change::default() })
}

/// A call that sets the clock; its error is a number.
fn set(stop: &Stop<'_>, clocks: &Clocks) -> Result<Outcome, i32> {
    let view = stop.space.view as usize;
    let (at, unit) = match stop.call.number {
        libc::SYS_clock_settime => (stop.call.arguments[1], 1),
        // The zone alone would be the machine's, and warp its clock.
        _ if stop.call.arguments[0] == 0 => {
            return if may(stop.tid) { Ok(Outcome::Same) } else { Err(libc::EPERM) };
        }
        _ => (stop.call.arguments[0], 1000),
    };
    let bytes = stop.read(at).map_err(|_| libc::EFAULT)?;
    let wanted = from_pair(bytes, unit).ok_or(libc::EINVAL)?;
    if !may(stop.tid) {
        return Err(libc::EPERM);
    }
    Ok(Outcome::Move(to(clocks, view, wanted)?))
}

/// What comes after the entry of a call.
#[derive(Clone, Debug)]
pub(super) enum Entered {
    /// It is not made.
    Answered(Outcome),
    /// [`Adjusted::leave`] at its exit.
    Asked(Asked),
}

/// At the entry of a call that [`filtered`] names.
pub(super) fn enter(stop: &mut Stop<'_>, clocks: &Clocks) -> Entered {
    let outcome = match stop.call.number {
        libc::SYS_adjtimex => ask(stop, 0).map(Entered::Asked),
        libc::SYS_clock_adjtime => ask(stop, 1).map(Entered::Asked),
        _ => set(stop, clocks).map(Entered::Answered),
    };
    match outcome {
        Ok(Entered::Asked(asked)) => return Entered::Asked(asked),
        Ok(_) => stop.skip(0),
        Err(error) => stop.skip(-i64::from(error)),
    }
    outcome.unwrap_or(Entered::Answered(Outcome::Same))
}

/// Has the kernel asked for what it has, and nothing changed.
fn ask(stop: &mut Stop<'_>, pointer: usize) -> Result<Asked, i32> {
    let at = stop.call.arguments[pointer];
    let given = Timex(stop.read(at).map_err(|_| libc::EFAULT)?);
    let modes = given.modes();
    let reads = modes == 0 || modes == SINGLE_SHOT_READ;
    if !reads && !may(stop.tid) {
        return Err(libc::EPERM);
    }
    let single = modes & 0x8000 != 0;
    if !single && modes & ADJ_TICK != 0 && !(9_000..=11_000).contains(&given.word(TICK)) {
        return Err(libc::EINVAL);
    }
    let mut question = given;
    question.set_half(MODES, if reads { modes.cast_signed() } else { 0 });
    let scratch = stop.scratch().ok_or(libc::ENOMEM)?;
    stop.write(scratch, &question.0).map_err(|_| libc::EFAULT)?;
    stop.set_argument(pointer, scratch);
    Ok(Asked { given, at, scratch })
}

impl Adjusted {
    /// At the exit of a call that was asked.
    pub(super) fn leave(&mut self, stop: &mut Stop<'_>, clocks: &Clocks, asked: Asked) -> Outcome {
        stop.restore_arguments();
        let view = stop.space.view as usize;
        let Ok(bytes) = stop.read(asked.scratch) else { return Outcome::Same };
        if stop.registers.result() < 0 {
            return Outcome::Same;
        }
        let mut answer = Timex(bytes);
        let now = clocks.peek(view, Group::Realtime);
        let outcome = self.answer(&asked.given, &mut answer, now);
        if stop.write(asked.at, &answer.0).is_err() {
            stop.set_result(-i64::from(libc::EFAULT));
        }
        outcome
    }

    /// Makes of what the kernel has answered what a program sees.
    fn answer(&mut self, given: &Timex, answer: &mut Timex, now: i128) -> Outcome {
        self.show(answer);
        let before = answer.speed();
        let mut outcome = Outcome::Same;
        let modes = given.modes();
        let jump = |by: i128| {
            let jump = i64::try_from(by).ok();
            Outcome::Move(Change { clocks: vec![Group::Realtime], jump, ..Change::default() })
        };
        if modes == SINGLE_SHOT {
            outcome = jump(i128::from(given.word(OFFSET)) * 1000);
        } else if modes & 0x8000 == 0 && modes != 0 {
            self.keep(given);
            self.show(answer);
            let nanoseconds = answer.half(STATUS) & STA_NANO != 0;
            if modes & ADJ_SETOFFSET != 0 {
                let unit = if modes & ADJ_NANO != 0 { 1 } else { 1000 };
                let [seconds, rest] = [TIME, TIME + 8].map(|at| i128::from(given.word(at)));
                outcome = jump(seconds * SECOND + rest * unit);
            } else if modes & ADJ_OFFSET != 0 {
                let unit = if nanoseconds { 1 } else { 1000 };
                outcome = jump(i128::from(given.word(OFFSET)) * unit);
            } else if answer.speed() != before {
                outcome = Outcome::Scale(answer.speed(), before);
            }
        }
        let moved = match &outcome {
            Outcome::Move(change) => i128::from(change.jump.unwrap_or(0)),
            _ => 0,
        };
        let unit = if answer.half(STATUS) & STA_NANO != 0 { 1 } else { 1000 };
        answer.0[TIME..TIME + 16].copy_from_slice(&signed(now + moved, unit));
        answer.set_half(MODES, given.half(MODES));
        outcome
    }

    fn keep(&mut self, given: &Timex) {
        let mut set = self.set.unwrap_or(Timex([0; LENGTH]));
        for (mode, at, length) in FIELDS {
            if given.modes() & mode != 0 {
                set.0[at..at + length].copy_from_slice(&given.0[at..at + length]);
            }
        }
        let frequency = set.word(FREQUENCY).clamp(-MOST, MOST);
        set.set_word(FREQUENCY, frequency);
        if given.modes() & ADJ_TAI != 0 {
            set.set_half(TAI, given.word(CONSTANT) as i32);
        }
        // Of these two the later one holds.
        if given.modes() & (ADJ_NANO | ADJ_MICRO) != 0 {
            self.modes &= !(ADJ_NANO | ADJ_MICRO);
        }
        self.modes |= given.modes();
        self.set = Some(set);
    }

    /// Puts what was set in the place of what the kernel has.
    fn show(&self, answer: &mut Timex) {
        let Some(set) = self.set else { return };
        let kernels = answer.half(STATUS);
        for (mode, at, length) in FIELDS {
            if self.modes & mode != 0 {
                answer.0[at..at + length].copy_from_slice(&set.0[at..at + length]);
            }
        }
        if self.modes & ADJ_TAI != 0 {
            answer.set_half(TAI, set.half(TAI));
        }
        let mut status = answer.half(STATUS) & !READ_ONLY | kernels & READ_ONLY;
        if self.modes & ADJ_NANO != 0 {
            status |= STA_NANO;
        } else if self.modes & ADJ_MICRO != 0 {
            status &= !STA_NANO;
        }
        answer.set_half(STATUS, status);
    }
}

/// Fields that are kept as they were set: the bit of `modes`, where, how long.
const FIELDS: [(u32, usize, usize); 6] = [
    (ADJ_FREQUENCY, FREQUENCY, 8),
    (0x0004, 24, 8),
    (0x0008, 32, 8),
    (ADJ_STATUS, STATUS, 4),
    (0x0020, CONSTANT, 8),
    (ADJ_TICK, TICK, 8),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn timex(fields: &[(usize, i64)]) -> Timex {
        let mut all = Timex([0; LENGTH]);
        all.set_word(TICK, 10_000);
        for (at, value) in fields {
            all.set_word(*at, *value);
        }
        all
    }

    /// What a program is answered after one call and another, at 5.25 s.
    fn calls(calls: &[Timex]) -> (Vec<Outcome>, Timex) {
        let mut adjusted = Adjusted::default();
        let mut outcomes = Vec::new();
        let mut last = timex(&[]);
        for given in calls {
            last = timex(&[(STATUS, 0x40)]);
            outcomes.push(adjusted.answer(given, &mut last, 5_250_000_000));
        }
        (outcomes, last)
    }

    #[test]
    fn what_was_set_is_read() {
        let reading = timex(&[]);
        let (outcomes, last) = calls(&[reading]);
        assert_eq!(outcomes, [Outcome::Same]);
        let read = [TIME, TIME + 8, FREQUENCY, TICK, STATUS].map(|at| last.word(at));
        assert_eq!(read, [5, 250_000, 0, 10_000, 0x40]);

        let faster = timex(&[(MODES, i64::from(ADJ_FREQUENCY | ADJ_NANO)), (FREQUENCY, 65_536)]);
        let (outcomes, last) = calls(&[faster, reading]);
        assert_eq!(outcomes[0], Outcome::Scale(65_536_065_536, 65_536_000_000));
        assert_eq!(outcomes[1], Outcome::Same);
        assert_eq!([TIME + 8, FREQUENCY].map(|at| last.word(at)), [250_000_000, 65_536]);
        assert_eq!(last.half(STATUS), 0x40 | STA_NANO);

        let much = timex(&[(MODES, i64::from(ADJ_FREQUENCY)), (FREQUENCY, 1 << 40)]);
        assert_eq!(calls(&[much]).1.word(FREQUENCY), MOST, "as the kernel limits it");
    }

    #[test]
    fn offsets_are_jumps() {
        let jump = |outcome: &Outcome| match outcome {
            Outcome::Move(change) => change.jump,
            _ => None,
        };
        let step = |modes: u32| {
            let modes = i64::from(modes);
            timex(&[(MODES, modes), (TIME, -2), (TIME + 8, 500_000), (OFFSET, 7)])
        };
        let table = [
            (ADJ_SETOFFSET, -1_500_000_000),
            (ADJ_SETOFFSET | ADJ_NANO, -1_999_500_000),
            (SINGLE_SHOT, 7_000),
            (ADJ_OFFSET, 7_000),
            (ADJ_OFFSET | ADJ_NANO, 7),
        ];
        for (modes, want) in table {
            assert_eq!(jump(&calls(&[step(modes)]).0[0]), Some(want), "{modes:#x}");
        }
        let (_, last) = calls(&[step(ADJ_SETOFFSET)]);
        assert_eq!([TIME, TIME + 8].map(|at| last.word(at)), [3, 750_000], "after the jump");
    }
}
