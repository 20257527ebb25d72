//! The timekeeper: from a counter's cycles to five clocks.
//!
//! # One base
//!
//! There is one clock that is computed, the monotonic one, and a second for the
//! undisciplined rate. The others are the monotonic one plus an offset in whole
//! nanoseconds: setting the wall clock changes an offset, waking up changes two, a
//! leap second one. So whatever is done to the wall clock, the monotonic clock is
//! not touched.
//!
//! # Nothing is lost
//!
//! The clock's position is kept in units of 2^-32 ns, and a line of any `shift` up
//! to 32 advances it by whole units. A tick therefore moves the origin without
//! rounding: a million ticks of a cycle are one tick of a million cycles, to the
//! last bit.
//!
//! What the line cannot do is have the right slope: `mult` is a whole number. So
//! beside the position runs the *ideal*: how far the discipline wants the clock to
//! have got, as an exact fraction (the second's length, divided by the counter's
//! cycles a second, with the remainder carried). At each tick the two are
//! compared, and `mult` for the next stretch is the slope rounded down, or one more
//! where the clock is behind. The error stays below what one unit of `mult` makes
//! between two ticks; it does not add up, over years.
//!
//! An error that is larger (the discipline changed the second's length while ticks
//! were missing, so the line ran on with an old slope) is taken away by bending the
//! slope by up to 122 ppm, at most half of the error in the time of a gap as long
//! as the last one, so that it does not swing.
//!
//! # Continuity
//!
//! A new slope starts at the tick's counter value, where old and new line meet. A
//! reader that reads a later counter value uses the new one, if the keeper makes
//! readers wait while it reads the counter for a tick: see
//! [`Writer::update`](instanter_page::linux::Writer::update) and
//! [`Shared::update`](crate::Shared::update).

mod adjust;
mod change;
mod publish;
mod suspend;
mod systems;
mod take_over;

pub use suspend::{MeasuredBy, Sleep};

use instanter_page::{Line, Timespec};

use self::change::LATEST_SEC;
use crate::clocks::{Clocks, Offsets};
use crate::ntp::Discipline;
use crate::phase::{FRACTION_BITS, Phase, SECOND};
use crate::{ClockSource, Frequency, TimeState};

/// Keeps five clocks with one counter.
///
/// Plain data: it has no lock and reads no counter. Every function that needs the
/// counter takes its value. A value behind the last one counts as the last one.
///
/// ```
/// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
/// let source = ClockSource::new("counter", Frequency::hertz(2_100_000_000).unwrap(), 64);
/// let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
/// for tick in 1..=250 {
///     keeper.tick(tick * 8_400_000); // every 4 ms
/// }
/// let clocks = keeper.clocks();
/// let off_ns = clocks.coarse_nanos(Clock::Monotonic) - 1_000_000_000;
/// assert!((-1..=0).contains(&off_ns), "never more than a nanosecond");
/// // Nobody disciplined the raw clock, whose mult is 60 ppb too small.
/// assert_eq!(clocks.coarse(Clock::Raw), Timespec::new(0, 999_999_940));
/// ```
#[derive(Clone, Debug)]
pub struct Timekeeper {
    source: ClockSource,
    /// Counter value at which the line starts.
    origin: u64,
    mult: u32,
    monotonic: Phase,
    raw: Phase,
    offsets: Offsets,
    tai_s: i32,
    ntp: Discipline,
    rate: Rate,
    /// What the ideal has beyond whole units: so many parts of the frequency's
    /// cycles.
    remainder: u64,
    /// How far the clock is behind the ideal, in units.
    error: i128,
    steps: u32,
    suspended: Option<suspend::Before>,
    persistent: Option<suspend::Persistent>,
}

/// What one cycle should advance the clock by: whole units, and parts of a unit of
/// which the frequency's cycles make one.
#[derive(Clone, Copy, Debug)]
struct Rate {
    whole: u64,
    part: u64,
}

impl Rate {
    fn of(second_length: u64, frequency: Frequency) -> Rate {
        let seconds = u128::from(second_length) * u128::from(frequency.seconds());
        let cycles = u128::from(frequency.cycles());
        // A cycle lasts a second at most.
        Rate { whole: (seconds / cycles) as u64, part: (seconds % cycles) as u64 }
    }
}

/// What happened at a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// How many seconds began on the wall clock.
    pub seconds: u64,
    /// By how many seconds a leap second moved it.
    pub leap_s: i64,
}

/// Errors below this are left to the choice between two neighbouring slopes.
const BEND_FROM: i128 = 1_000 << FRACTION_BITS;

/// The slope is bent by at most this part of itself: 122 ppm.
const MOST_BEND: u32 = 13;

impl Timekeeper {
    /// Starts to keep time: the monotonic clocks at zero and the wall clock at
    /// `realtime`, when the source's counter stands at `counter`.
    ///
    /// A `realtime` before 1970 is taken as 1970, one after 2232 as 2232.
    #[must_use]
    pub fn new(source: ClockSource, counter: u64, realtime: Timespec) -> Timekeeper {
        let latest = Timespec { sec: LATEST_SEC, nsec: 0 };
        let realtime = realtime.clamp(Timespec::default(), latest);
        let ntp = Discipline::new();
        let rate = Rate::of(ntp.second_length(), source.frequency());
        let mut keeper = Timekeeper {
            source,
            origin: counter & source.mask(),
            mult: 0,
            monotonic: Phase::default(),
            raw: Phase::default(),
            offsets: Offsets { realtime, boottime: Timespec::default(), tai: realtime },
            tai_s: 0,
            ntp,
            rate,
            remainder: 0,
            error: 0,
            steps: 0,
            suspended: None,
            persistent: None,
        };
        keeper.steer(0);
        keeper
    }

    /// `tick(counter)` — Brings the clocks up to a counter value.
    ///
    /// To be called as often as a machine ticks, and before [`due`](Timekeeper::due):
    /// a tick that comes late loses no time, but the discipline takes effect late.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// assert_eq!(keeper.tick(3_500).seconds, 3);
    /// assert_eq!(keeper.clocks().coarse(Clock::Monotonic), Timespec::new(3, 500_000_000));
    /// ```
    pub fn tick(&mut self, counter: u64) -> Ticked {
        if self.suspended.is_some() {
            return Ticked::default();
        }
        self.accumulate(counter)
    }

    /// `due()` — Returns the counter value at which the next tick should come at
    /// the latest.
    ///
    /// That is the next second of the wall clock, while the length of the second
    /// changes or a leap second is near; otherwise half the time, or less, that the
    /// counter takes to wrap.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// let source = ClockSource::new("timer", Frequency::hertz(1_000_000).unwrap(), 32);
    /// let keeper = Timekeeper::new(source, 0, Timespec::default());
    /// assert_eq!(keeper.due() / 1_000_000, 1_672, "of 4,294 seconds");
    /// ```
    #[must_use]
    pub fn due(&self) -> u64 {
        let idle = self.source.conversion().max_idle_ns;
        // Rounded up by less than a cycle, which the eighth that is spared holds.
        let mut ticks = self.source.frequency().cycles_in_ns(idle);
        if self.suspended.is_none() {
            let steady = if self.error.abs() > BEND_FROM { 0 } else { self.steady_seconds() };
            ticks = ticks.min(self.ticks_to_second(steady));
        }
        self.origin.wrapping_add(ticks.max(1)) & self.source.mask()
    }

    /// Seconds after this one that begin alike.
    fn steady_seconds(&self) -> u64 {
        self.ntp.steady_for(self.realtime().sec)
    }

    /// Cycles until the wall clock's next second begins, and `later` more seconds.
    fn ticks_to_second(&self, later: u64) -> u64 {
        let into = self.realtime().units;
        let units = u128::from(SECOND - into) + u128::from(later) * u128::from(SECOND);
        u64::try_from(units.div_ceil(self.units_a_cycle())).unwrap_or(u64::MAX)
    }

    /// What a cycle advances the clock by, under the present line.
    fn units_a_cycle(&self) -> u128 {
        u128::from(self.mult) << (FRACTION_BITS - self.source.conversion().shift)
    }

    fn realtime(&self) -> Phase {
        self.monotonic.shifted_by(self.offsets.realtime)
    }

    /// Brings the clocks up to a counter value, and chooses the slope from there.
    fn accumulate(&mut self, counter: u64) -> Ticked {
        let ticks = self.source.ticks_between(self.origin, counter);
        self.origin = self.origin.wrapping_add(ticks) & self.source.mask();
        let conversion = self.source.conversion();
        let raw_units = u128::from(conversion.mult) << (FRACTION_BITS - conversion.shift);
        self.raw.advance(u128::from(ticks) * raw_units);

        let mut ticked = Ticked::default();
        let mut left = ticks;
        while left > 0 {
            // The line that readers use has one slope all the way. The ideal has
            // another for each length of a second, so it is followed from the edge
            // of a second to the next.
            let steady = self.steady_seconds();
            let step = left.min(self.ticks_to_second(steady));
            let before = self.realtime().sec;
            self.advance(step);
            left -= step;
            let seconds = self.begin_seconds(before, steady);
            ticked.seconds += seconds.seconds;
            ticked.leap_s += seconds.leap_s;
        }
        self.steer(ticks);
        ticked
    }

    /// Advances clock and ideal by so many cycles.
    fn advance(&mut self, cycles: u64) {
        let cycles_wide = u128::from(cycles);
        let gone = cycles_wide * self.units_a_cycle();
        self.monotonic.advance(gone);
        let parts = cycles_wide * u128::from(self.rate.part) + u128::from(self.remainder);
        let of = u128::from(self.source.frequency().cycles());
        self.remainder = (parts % of) as u64;
        let ideal = cycles_wide * u128::from(self.rate.whole) + parts / of;
        self.error += ideal as i128 - gone as i128;
    }

    /// Begins the seconds that the wall clock has reached since `before`, of which
    /// the first `steady` are alike.
    fn begin_seconds(&mut self, before: i64, steady: u64) -> Ticked {
        let reached = self.realtime().sec;
        let mut ticked = Ticked::default();
        if reached <= before {
            return ticked;
        }
        let alike = steady.min(reached.abs_diff(before));
        self.ntp.pass(alike);
        ticked.seconds = alike;
        let mut sec = before + alike as i64;
        while sec < self.realtime().sec {
            sec += 1;
            ticked.seconds += 1;
            let leap_s = self.ntp.begin_second(sec);
            if leap_s != 0 {
                self.move_wall_clock(Timespec { sec: leap_s, nsec: 0 });
                self.tai_s = self.tai_s.saturating_sub(leap_s as i32);
                self.steps = self.steps.wrapping_add(1);
                ticked.leap_s += leap_s;
                sec += leap_s;
            }
        }
        self.rate = Rate::of(self.ntp.second_length(), self.source.frequency());
        ticked
    }

    fn move_wall_clock(&mut self, by: Timespec) {
        self.offsets.realtime = self.offsets.realtime.shifted_by(by);
    }

    /// Chooses the slope of the line, after a gap of so many cycles.
    fn steer(&mut self, gap: u64) {
        let lost_bits = FRACTION_BITS - self.source.conversion().shift;
        let floor = self.rate.whole >> lost_bits;
        let mut mult = i128::from(floor) + i128::from(self.error > 0);
        if self.error.abs() > BEND_FROM {
            let second = self.source.frequency().to_hertz();
            let over = 2 * i128::from(gap.max(second));
            let most = i128::from(floor >> MOST_BEND);
            mult += ((self.error >> lost_bits) / over).clamp(-most, most);
        }
        self.mult = mult.clamp(1, i128::from(u32::MAX)) as u32;
    }

    /// `clocks()` — Returns the line and where each clock stands, to be read at any
    /// counter value until the next tick.
    ///
    /// While the machine is suspended, the clocks stand still.
    ///
    /// ```
    /// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// let clocks = keeper.clocks();
    /// assert_eq!(clocks.time(Clock::Monotonic, 1), Timespec::new(0, 1_000_000));
    /// assert_eq!(clocks.time(Clock::Monotonic, 2), Timespec::new(0, 2_000_000));
    /// ```
    #[must_use]
    pub fn clocks(&self) -> Clocks {
        let conversion = self.source.conversion();
        let frozen = self.suspended.is_some();
        Clocks {
            line: Line {
                origin: self.origin,
                mult: if frozen { 0 } else { self.mult },
                shift: conversion.shift,
                mask: self.source.mask(),
            },
            raw_mult: if frozen { 0 } else { conversion.mult },
            steps: self.steps,
            monotonic: self.monotonic.base(conversion.shift),
            raw: self.raw.base(conversion.shift),
            offsets: self.offsets,
            leap: self.ntp.pending_leap(),
        }
    }

    /// `source()` — Returns the clock source in use.
    #[must_use]
    pub const fn source(&self) -> &ClockSource {
        &self.source
    }

    /// `error_ns()` — Returns how far the clock is behind where the discipline
    /// wants it to be, in nanoseconds, rounded towards zero.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// assert_eq!(keeper.error_ns(), 0);
    /// ```
    #[must_use]
    pub const fn error_ns(&self) -> i64 {
        (self.error / (1 << FRACTION_BITS)) as i64
    }

    /// `tai_s()` — Returns TAI minus UTC in seconds, zero until somebody told.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// assert_eq!(keeper.tai_s(), 0);
    /// ```
    #[must_use]
    pub const fn tai_s(&self) -> i32 {
        self.tai_s
    }

    /// `leap_state()` — Returns where a leap second stands, of an unsynchronised
    /// clock as well.
    #[must_use]
    pub fn leap_state(&self) -> TimeState {
        self.ntp.leap_state()
    }

    /// `is_suspended()` — Returns whether the clocks stand still.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};
    /// # let source = ClockSource::new("counter", Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut keeper = Timekeeper::new(source, 0, Timespec::new(1_700_000_000, 0));
    /// keeper.suspend(0, None)?;
    /// assert!(keeper.is_suspended());
    /// # Ok::<(), instanter_keeper::Error>(())
    /// ```
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        self.suspended.is_some()
    }
}
