//! How long the next second is to be: the discipline that `adjtimex` controls.
//!
//! The discipline knows no counter. It answers one question, once a second: how
//! many nanoseconds shall the clock advance while the counter says that a second
//! passes? A second is a thousand million of them, give or take
//!
//! * the *tick*: up to ten percent, for a counter whose frequency is badly known;
//! * the *frequency*: up to 500 ppm, what the daemon or the loop has learnt of the
//!   oscillator's error;
//! * a part of the *offset* that is left to be slewed: the loop takes away
//!   `1 / 2^(2 + constant)` of it in each second, so it decays exponentially;
//! * up to 500 µs of a *single shot*, as `adjtime` asks for.
//!
//! The second is the clock's own: while it is slewed by 500 ppm it is that much
//! shorter, and what is slewed in it too. A single shot of a millisecond moves the
//! clock by 999.5 µs, here as in a Linux kernel.
//!
//! The loop learns the frequency from the offsets that it is given. Where they come
//! often it locks phase: each offset changes the frequency in proportion to the
//! offset and to the time since the last (a PLL). Where they come seldom, or the
//! daemon asks for it, it locks frequency: the offset, divided by the time in which
//! it built up, *is* the frequency error (an FLL), of which a quarter is believed.
//!
//! The discipline also keeps what a program may want to know of the clock's error
//! (the upper bound grows by 500 µs a second, until the clock counts as
//! unsynchronised at 16 s), and the state of a leap second.
//!
//! Left out is the pulse-per-second signal, whose status bits are kept and mean
//! nothing.
//!
//! # References
//! - RFC 1589, *A Kernel Model for Precision Timekeeping*; RFC 5905, section 11.
//! - Linux `kernel/time/ntp.c`, `include/linux/timex.h`.
//! - [`adjtimex(2)`](https://man7.org/linux/man-pages/man2/adjtimex.2.html)

mod timex;

pub use timex::{TimeState, Timex, TimexTime, adj, sta};

use crate::Error;
use crate::phase::{FRACTION_BITS, NANOS};

/// Microseconds by which a single shot lengthens a second, at most: 500 ppm.
const SINGLE_SHOT_US: i64 = 500;

/// The largest frequency correction, in nanoseconds a second: 500 ppm.
const MOST_FREQUENCY_NS: i64 = 500_000;

/// The largest offset that the loop takes, in nanoseconds: half a second.
const MOST_OFFSET_NS: i64 = 500_000_000;

/// The error beyond which the clock is unsynchronised, in microseconds: 32 times
/// the largest offset, 16 s.
const ERROR_LIMIT_US: i64 = MOST_OFFSET_NS / 1_000 * 32;

/// What one unit of [`Timex::freq`] is, 2^-16 ppm, in units of 2^-32 ns a second:
/// a ppm is 1,000 ns a second.
const FREQUENCY_UNIT: i64 = 1_000 << (FRACTION_BITS - 16);

/// The loop takes away `1 / 2^(this + constant)` of the offset in each second.
const PLL_SHIFT: u32 = 2;

/// The frequency loop believes `1 / 2^this` of an error.
const FLL_SHIFT: u32 = 2;

/// Seconds between offsets below which the frequency loop is off...
const FLL_FROM_S: i64 = 256;

/// ... and above which it is on whether asked for or not.
const FLL_ALWAYS_FROM_S: i64 = 2_048;

const MOST_CONSTANT: i64 = 10;

/// What microsecond daemons leave out of the time constant.
const MICRO_CONSTANT: i64 = 4;

/// Ticks of 100 Hz, in which [`Timex::tick`] is measured.
const USER_HZ: i64 = 100;

/// What the tick may be, in microseconds: ten percent more or less.
const TICK_US: core::ops::RangeInclusive<i64> = 900_000 / USER_HZ..=1_100_000 / USER_HZ;

const MOST_TAI_S: i64 = 100_000;

const DAY_S: i64 = 86_400;

/// Where a leap second stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeapState {
    None,
    /// To be inserted when the wall clock reaches `at`.
    Insert {
        at: i64,
    },
    /// To be deleted when the wall clock reaches `at`.
    Delete {
        at: i64,
    },
    InProgress,
    Occurred,
}

/// A leap second that is to come: when the wall clock reaches `at`, it is moved by
/// `step` seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PendingLeap {
    pub(crate) at: i64,
    pub(crate) step: i64,
}

/// How long the next second is to be: what `adjtimex` controls, by itself.
///
/// A [`Timekeeper`](crate::Timekeeper) has one. It stands alone for whoever bends a
/// clock that is kept in another way: a simulated clock, a clock made of another
/// clock, a servo under test. Whoever owns it tells it of each second that his clock
/// begins, and lets the clock advance by [`second_length`](Discipline::second_length)
/// until the next.
///
/// ```
/// use instanter_keeper::{Discipline, Timex, adj};
/// let mut discipline = Discipline::new();
/// // adjtime(2): a millisecond, to be slewed.
/// let slew = Timex { modes: adj::OFFSET_SINGLESHOT, offset: 1_000, ..Timex::default() };
/// Discipline::validate(&slew)?;
/// discipline.change(&slew, 0);
/// let lengths_ns = [1, 2, 3].map(|sec| {
///     discipline.begin_second(sec);
///     discipline.second_length() >> 32
/// });
/// assert_eq!(lengths_ns, [1_000_500_000, 1_000_500_000, 1_000_000_000]);
/// # Ok::<(), instanter_keeper::Error>(())
/// ```
///
/// # References
/// RFC 1589, *A Kernel Model for Precision Timekeeping*.
#[derive(Clone, Debug)]
pub struct Discipline {
    status: u32,
    leap: LeapState,
    tick_us: i64,
    /// Units of 2^-32 ns a second, like all that are not named otherwise.
    frequency: i64,
    offset: i64,
    single_shot_us: i64,
    constant: i64,
    /// The wall clock's second at the last offset.
    last_offset_at: i64,
    max_error_us: i64,
    estimated_error_us: i64,
    /// What is added to this second beyond tick and frequency.
    extra: i64,
}

impl Default for Discipline {
    fn default() -> Discipline {
        Discipline::new()
    }
}

impl Discipline {
    /// Of a clock that nobody has synchronised, and that goes as its counter goes.
    ///
    /// ```
    /// assert_eq!(instanter_keeper::Discipline::new().second_length() >> 32, 1_000_000_000);
    /// ```
    #[must_use]
    pub const fn new() -> Discipline {
        Discipline {
            status: sta::UNSYNC,
            leap: LeapState::None,
            tick_us: 1_000_000 / USER_HZ,
            frequency: 0,
            offset: 0,
            single_shot_us: 0,
            constant: 2,
            last_offset_at: 0,
            max_error_us: ERROR_LIMIT_US,
            estimated_error_us: ERROR_LIMIT_US,
            extra: 0,
        }
    }

    /// Goes on as another discipline has told that it goes: status, tick, frequency,
    /// constant and errors of what `adjtimex` had filled in. What that one had left to
    /// slew stays its own. A value that is out of range counts as the nearest within.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex};
    /// let told = Timex { freq: 100 << 16, tick: 10_000, ..Timex::default() };
    /// let discipline = Discipline::resumed(&told);
    /// assert_eq!(discipline.second_length() >> 32, 1_000_100_000);
    /// ```
    #[must_use]
    pub fn resumed(told: &Timex) -> Discipline {
        let mut discipline = Discipline::new();
        discipline.status = told.status;
        discipline.tick_us = told.tick.clamp(*TICK_US.start(), *TICK_US.end());
        discipline.set_frequency(told.freq.saturating_mul(FREQUENCY_UNIT));
        discipline.constant = told.constant.clamp(0, MOST_CONSTANT);
        discipline.max_error_us = told.maxerror.clamp(0, ERROR_LIMIT_US);
        discipline.estimated_error_us = told.esterror.clamp(0, ERROR_LIMIT_US);
        discipline
    }

    /// How long this second is, in units of 2^-32 ns.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex, adj};
    /// let mut discipline = Discipline::new();
    /// let faster = Timex { modes: adj::FREQUENCY, freq: 1 << 16, ..Timex::default() };
    /// discipline.change(&faster, 0);
    /// assert_eq!(discipline.second_length() >> 32, 1_000_001_000); // a ppm
    /// ```
    #[must_use]
    pub const fn second_length(&self) -> u64 {
        // At most 1.1 s, 500 ppm, an eighth of a second and 500 µs: below 2^63.
        let tick = (self.tick_us * 1_000 * USER_HZ) << FRACTION_BITS;
        (tick + self.frequency + self.extra) as u64
    }

    /// The leap second that is to come, unless the flag that announced it was taken
    /// back, which the next second will notice.
    pub(crate) const fn pending_leap(&self) -> Option<PendingLeap> {
        match self.leap {
            LeapState::Insert { at } if self.status & sta::INS != 0 => {
                Some(PendingLeap { at, step: -1 })
            }
            LeapState::Delete { at } if self.status & sta::DEL != 0 => {
                Some(PendingLeap { at, step: 1 })
            }
            _ => None,
        }
    }

    /// The wall clock was stepped: what was being slewed is void, nothing is known
    /// of the error, and a leap second is at the end of another day.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex, adj};
    /// let mut discipline = Discipline::new();
    /// let slew = Timex { modes: adj::OFFSET_SINGLESHOT, offset: 1_000, ..Timex::default() };
    /// discipline.change(&slew, 0);
    /// discipline.clear();
    /// assert_eq!(discipline.single_shot_us(), 0);
    /// ```
    pub fn clear(&mut self) {
        self.single_shot_us = 0;
        self.offset = 0;
        self.extra = 0;
        self.status |= sta::UNSYNC;
        self.max_error_us = ERROR_LIMIT_US;
        self.estimated_error_us = ERROR_LIMIT_US;
        if matches!(self.leap, LeapState::Insert { .. } | LeapState::Delete { .. }) {
            self.leap = LeapState::None;
        }
    }

    /// The wall clock has reached another second. Returns by how many seconds it
    /// is to be moved: the leap second. After it the clock shows another second, and
    /// that one has begun.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex, adj, sta};
    /// let mut discipline = Discipline::new();
    /// let announced = Timex { modes: adj::STATUS, status: sta::INS, ..Timex::default() };
    /// discipline.change(&announced, 86_398);
    /// assert_eq!(discipline.begin_second(86_399), 0);
    /// assert_eq!(discipline.begin_second(86_400), -1); // it is 86 399 once more
    /// assert_eq!(discipline.begin_second(86_400), 0);
    /// ```
    pub fn begin_second(&mut self, sec: i64) -> i64 {
        let step = self.begin_leap(sec);
        self.grow_error(1);
        let (extra, offset, single_shot_us) = self.next_extra();
        self.extra = extra;
        self.offset -= offset;
        self.single_shot_us -= single_shot_us;
        step
    }

    /// What the next second is longer by, and what that takes of the offset and of
    /// the single shot.
    fn next_extra(&self) -> (i64, i64, i64) {
        let offset = toward_zero(self.offset, PLL_SHIFT + self.constant as u32);
        let single_shot_us = self.single_shot_us.clamp(-SINGLE_SHOT_US, SINGLE_SHOT_US);
        (offset + ((single_shot_us * 1_000) << FRACTION_BITS), offset, single_shot_us)
    }

    fn begin_leap(&mut self, sec: i64) -> i64 {
        let wanted = self.status & (sta::INS | sta::DEL);
        let (leap, step) = match self.leap {
            // The end of the day is the second after its last; a deleted second
            // is the last.
            LeapState::None if wanted & sta::INS != 0 => {
                (LeapState::Insert { at: next_midnight(sec) }, 0)
            }
            LeapState::None if wanted & sta::DEL != 0 => {
                (LeapState::Delete { at: next_midnight(sec.saturating_add(1)) - 1 }, 0)
            }
            LeapState::Insert { .. } if wanted & sta::INS == 0 => (LeapState::None, 0),
            LeapState::Insert { at } if sec >= at => (LeapState::InProgress, -1),
            LeapState::Delete { .. } if wanted & sta::DEL == 0 => (LeapState::None, 0),
            LeapState::Delete { at } if sec >= at => (LeapState::Occurred, 1),
            LeapState::InProgress => (LeapState::Occurred, 0),
            LeapState::Occurred if wanted == 0 => (LeapState::None, 0),
            unchanged => (unchanged, 0),
        };
        self.leap = leap;
        step
    }

    fn grow_error(&mut self, seconds: i64) {
        let grown = seconds.saturating_mul(MOST_FREQUENCY_NS / 1_000);
        self.max_error_us = self.max_error_us.saturating_add(grown);
        if self.max_error_us > ERROR_LIMIT_US {
            self.max_error_us = ERROR_LIMIT_US;
            self.status |= sta::UNSYNC;
        }
    }

    /// How many seconds after `sec` begin just like this one: as long, and without
    /// a change of the leap second's state. So a clock that was left alone for long
    /// need not go through them one by one, and nobody need wake up for them.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex, adj};
    /// let mut discipline = Discipline::new();
    /// assert_eq!(discipline.steady_for(0), u64::MAX);
    /// let slew = Timex { modes: adj::OFFSET_SINGLESHOT, offset: 5_000, ..Timex::default() };
    /// discipline.change(&slew, 0);
    /// discipline.begin_second(1);
    /// assert_eq!(discipline.steady_for(1), 9); // ten seconds of 500 µs each
    /// ```
    #[must_use]
    pub fn steady_for(&self, sec: i64) -> u64 {
        let (extra, offset, single_shot_us) = self.next_extra();
        if extra != self.extra || offset != 0 {
            return 0;
        }
        let mut copy = self.clone();
        copy.begin_leap(sec.saturating_add(1));
        if copy.leap != self.leap {
            return 0;
        }
        let until_leap = match self.pending_leap() {
            Some(leap) => leap.at.saturating_sub(sec).saturating_sub(1).max(0) as u64,
            None => u64::MAX,
        };
        let until_shot = match single_shot_us.unsigned_abs() {
            0 => u64::MAX,
            each => self.single_shot_us.unsigned_abs() / each,
        };
        until_leap.min(until_shot)
    }

    /// Passes so many seconds of which [`steady_for`](Discipline::steady_for) said that
    /// they are all alike.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex};
    /// let mut discipline = Discipline::resumed(&Timex { maxerror: 7, ..Timex::default() });
    /// discipline.pass(100);
    /// let mut told = Timex::default();
    /// discipline.report(&mut told);
    /// assert_eq!(told.maxerror, 7 + 100 * 500);
    /// ```
    pub fn pass(&mut self, seconds: u64) {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let (_, _, single_shot_us) = self.next_extra();
        self.single_shot_us -= single_shot_us.saturating_mul(seconds);
        self.grow_error(seconds);
    }

    /// Checks everything of a request that can be checked without changing anything.
    ///
    /// # Errors
    /// [`Error::Modes`], [`Error::Tick`], [`Error::Frequency`], [`Error::Fraction`].
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Error, Timex, adj};
    /// let fast = Timex { modes: adj::TICK, tick: 20_000, ..Timex::default() };
    /// assert_eq!(Discipline::validate(&fast), Err(Error::Tick { tick_us: 20_000 }));
    /// ```
    pub fn validate(timex: &Timex) -> Result<(), Error> {
        if timex.is_adjtime() {
            let valid = [adj::OFFSET_SINGLESHOT, adj::OFFSET_SS_READ].contains(&timex.modes);
            return if valid { Ok(()) } else { Err(Error::Modes { modes: timex.modes }) };
        }
        if timex.modes & adj::TICK != 0 && !TICK_US.contains(&timex.tick) {
            return Err(Error::Tick { tick_us: timex.tick });
        }
        if timex.modes & adj::FREQUENCY != 0 && timex.freq.checked_mul(FREQUENCY_UNIT).is_none() {
            return Err(Error::Frequency { freq: timex.freq });
        }
        if timex.modes & adj::SETOFFSET != 0 && timex.step().is_none() {
            return Err(Error::Fraction { fraction: timex.time.fraction });
        }
        Ok(())
    }

    /// Makes the changes of a [valid](Discipline::validate) request while the clock
    /// shows second `sec`, but for the step, which is not the discipline's. Returns the
    /// new TAI offset where it asks for one, in seconds.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, Timex, adj};
    /// let tai = Timex { modes: adj::TAI, constant: 37, ..Timex::default() };
    /// assert_eq!(Discipline::new().change(&tai, 0), Some(37));
    /// ```
    pub fn change(&mut self, timex: &Timex, sec: i64) -> Option<i32> {
        if timex.is_adjtime() {
            if timex.modes & adj::READ_ONLY == 0 {
                self.single_shot_us = timex.offset;
            }
            return None;
        }
        let asks = |mode| timex.modes & mode != 0;
        if asks(adj::STATUS) {
            self.set_status(timex.status, sec);
        }
        if asks(adj::NANO) {
            self.status |= sta::NANO;
        }
        if asks(adj::MICRO) {
            self.status &= !sta::NANO;
        }
        if asks(adj::FREQUENCY) {
            self.set_frequency(timex.freq.saturating_mul(FREQUENCY_UNIT));
        }
        if asks(adj::MAXERROR) {
            self.max_error_us = timex.maxerror.clamp(0, ERROR_LIMIT_US);
        }
        if asks(adj::ESTERROR) {
            self.estimated_error_us = timex.esterror.clamp(0, ERROR_LIMIT_US);
        }
        if asks(adj::TIMECONST) {
            let micro = if self.is_nano() { 0 } else { MICRO_CONSTANT };
            self.constant = timex.constant.saturating_add(micro).clamp(0, MOST_CONSTANT);
        }
        let tai = (asks(adj::TAI) && (0..=MOST_TAI_S).contains(&timex.constant))
            .then_some(timex.constant as i32);
        if asks(adj::OFFSET) {
            self.take_offset(timex.offset, sec);
        }
        if asks(adj::TICK) {
            self.tick_us = timex.tick;
        }
        tai
    }

    fn is_nano(&self) -> bool {
        self.status & sta::NANO != 0
    }

    fn set_status(&mut self, status: u32, sec: i64) {
        let (was_on, is_on) = (self.status & sta::PLL != 0, status & sta::PLL != 0);
        if was_on && !is_on {
            self.leap = LeapState::None;
            self.status = sta::UNSYNC;
        }
        if !was_on && is_on {
            self.last_offset_at = sec;
        }
        self.status = self.status & sta::READ_ONLY | status & !sta::READ_ONLY;
    }

    /// Starts with a frequency that another keeper had learnt.
    pub(crate) fn steer_by(&mut self, frequency: i64) {
        self.set_frequency(frequency);
    }

    fn set_frequency(&mut self, frequency: i64) {
        let most = MOST_FREQUENCY_NS << FRACTION_BITS;
        self.frequency = frequency.clamp(-most, most);
    }

    /// Gives the loop an offset, in the status's unit.
    fn take_offset(&mut self, offset: i64, sec: i64) {
        if self.status & sta::PLL == 0 {
            return;
        }
        let offset_ns = if self.is_nano() { offset } else { offset.saturating_mul(1_000) };
        let offset_ns = offset_ns.clamp(-MOST_OFFSET_NS, MOST_OFFSET_NS);
        let hold = self.status & sta::FREQHOLD != 0;
        // A clock that was set back has no time between its offsets.
        let since_s = if hold { 0 } else { sec.saturating_sub(self.last_offset_at).max(0) };
        self.last_offset_at = sec;

        self.status &= !sta::MODE;
        let mut learnt = 0;
        if since_s >= FLL_FROM_S && (self.status & sta::FLL != 0 || since_s > FLL_ALWAYS_FROM_S) {
            self.status |= sta::MODE;
            learnt = (offset_ns << (FRACTION_BITS - FLL_SHIFT)) / since_s;
        }
        // The phase loop's gain falls with the square of the constant; offsets that
        // come too seldom for the constant would make it unstable.
        let constant = self.constant as u32;
        let counted_s = since_s.min(1 << (PLL_SHIFT + 1 + constant));
        learnt += (offset_ns * counted_s) << (FRACTION_BITS - 2 * (PLL_SHIFT + 2 + constant));
        self.set_frequency(self.frequency.saturating_add(learnt));
        self.offset = offset_ns << FRACTION_BITS;
    }

    /// Fills in what a program gets back, but for the time and TAI. The `offset` of an
    /// `adjtime` call is what is left of the slew now: such a call returns what
    /// [was left](Discipline::single_shot_us) before it.
    ///
    /// ```
    /// use instanter_keeper::{Discipline, TimeState, Timex};
    /// let mut told = Timex::default();
    /// assert_eq!(Discipline::new().report(&mut told), TimeState::Error); // unsynchronised
    /// assert_eq!((told.tick, told.maxerror), (10_000, 16_000_000));
    /// ```
    pub fn report(&self, timex: &mut Timex) -> TimeState {
        timex.offset = if timex.is_adjtime() {
            self.single_shot_us
        } else {
            let ns = toward_zero(self.offset, FRACTION_BITS);
            if self.is_nano() { ns } else { ns / 1_000 }
        };
        timex.freq = self.frequency / FREQUENCY_UNIT;
        timex.maxerror = self.max_error_us;
        timex.esterror = self.estimated_error_us;
        timex.status = self.status;
        timex.constant = self.constant;
        timex.precision = 1;
        timex.tolerance = (MOST_FREQUENCY_NS << FRACTION_BITS) / FREQUENCY_UNIT;
        timex.tick = self.tick_us;
        self.state()
    }

    /// What is left of the single shot, in microseconds.
    ///
    /// ```
    /// assert_eq!(instanter_keeper::Discipline::new().single_shot_us(), 0);
    /// ```
    #[must_use]
    pub const fn single_shot_us(&self) -> i64 {
        self.single_shot_us
    }

    /// Turns a time into what the status says that a program wants.
    pub(crate) fn time_fraction(&self, nsec: u32) -> i64 {
        i64::from(if self.is_nano() { nsec } else { nsec / 1_000 })
    }

    fn state(&self) -> TimeState {
        if self.status & (sta::UNSYNC | sta::CLOCKERR) != 0 {
            return TimeState::Error;
        }
        self.leap_state()
    }

    /// The state of the leap second, of a clock that is not synchronised too.
    pub(crate) fn leap_state(&self) -> TimeState {
        match self.leap {
            LeapState::None => TimeState::Ok,
            LeapState::Insert { .. } => TimeState::Insert,
            LeapState::Delete { .. } => TimeState::Delete,
            LeapState::InProgress => TimeState::InProgress,
            LeapState::Occurred => TimeState::Occurred,
        }
    }
}

/// `value / 2^bits`, towards zero, so that a positive and a negative offset decay
/// alike.
const fn toward_zero(value: i64, bits: u32) -> i64 {
    if value < 0 { -(-value >> bits) } else { value >> bits }
}

const fn next_midnight(sec: i64) -> i64 {
    (sec.div_euclid(DAY_S) + 1).saturating_mul(DAY_S)
}

const _: () = assert!(MOST_OFFSET_NS < i64::MAX >> FRACTION_BITS);
const _: () = assert!(NANOS as i64 / 10 * 11 < i64::MAX >> FRACTION_BITS);

#[cfg(test)]
mod tests;
