//! Reading the clocks: the line and where each clock stands on it.
//!
//! A kernel has some forty functions that return the time. They are one function
//! with three arguments, which here they are again: the clock, the type, the grain.
//!
//! | Linux | here |
//! |---|---|
//! | `ktime_get_ts64`, `ktime_get_real_ts64`, `ktime_get_boottime_ts64`, `ktime_get_clocktai_ts64`, `ktime_get_raw_ts64` | [`time`](Clocks::time) |
//! | `ktime_get`, `ktime_get_real`, `ktime_get_boottime`, `ktime_get_clocktai`, `ktime_get_raw` and their `_ns` | [`nanos`](Clocks::nanos) |
//! | `ktime_get_seconds`, `ktime_get_real_seconds`, `ktime_get_boottime_seconds`, … | [`seconds`](Clocks::seconds) |
//! | `ktime_get_coarse_ts64`, `ktime_get_coarse_real_ts64`, … | [`coarse`](Clocks::coarse) |
//! | `ktime_get_coarse`, `ktime_get_coarse_real_ns`, … | [`coarse_nanos`](Clocks::coarse_nanos) |
//! | `ktime_get_snapshot`, `getnstime_raw_and_real` | one [`Clocks`], asked twice at one counter value |
//! | `ktime_get_mono_fast_ns`, `ktime_get_real_fast_ns`, … | the same, of [`Latch::clocks`](crate::Latch::clocks) |

use instanter_page::{Line, Timespec};

use crate::ntp::PendingLeap;

/// The clocks that a keeper keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// `CLOCK_REALTIME`: UTC, since 1970. Set, stepped, and moved by leap seconds.
    Realtime,
    /// `CLOCK_MONOTONIC`: since boot, without suspended time. Steered, never set.
    Monotonic,
    /// `CLOCK_MONOTONIC_RAW`: since boot, without suspended time. Not even steered.
    Raw,
    /// `CLOCK_BOOTTIME`: since boot, with suspended time.
    Boottime,
    /// `CLOCK_TAI`: since 1970, without leap seconds.
    Tai,
}

impl Clock {
    /// Every one of them.
    pub const ALL: [Clock; 5] =
        [Clock::Realtime, Clock::Monotonic, Clock::Raw, Clock::Boottime, Clock::Tai];
}

/// All clocks, from one update of a keeper to the next: the line, and where each
/// clock stands at its origin.
///
/// A copy that is worth keeping only until the next tick. Get one from
/// [`Timekeeper::clocks`](crate::Timekeeper::clocks) where the keeper itself is at
/// hand, from [`Shared`](crate::Shared) or [`Latch`](crate::Latch) where another CPU
/// may be ticking it.
///
/// ```
/// use instanter_keeper::{Clock, ClockSource, Frequency, Timekeeper, Timespec};
/// let source = ClockSource::new("counter", Frequency::hertz(1_000_000_000).unwrap(), 64);
/// let keeper = Timekeeper::new(source, 500, Timespec::new(1_700_000_000, 0));
/// let clocks = keeper.clocks();
/// assert_eq!(clocks.nanos(Clock::Monotonic, 507), 7);
/// assert_eq!(clocks.time(Clock::Realtime, 507), Timespec::new(1_700_000_000, 7));
/// assert_eq!(clocks.coarse_nanos(Clock::Monotonic), 0); // no tick yet
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    pub(crate) line: Line,
    pub(crate) raw_mult: u32,
    /// How often the wall clock was set or stepped.
    pub(crate) steps: u32,
    pub(crate) monotonic: (i64, u64),
    pub(crate) raw: (i64, u64),
    pub(crate) offsets: Offsets,
    pub(crate) leap: Option<PendingLeap>,
}

/// What is added to the monotonic clock to get the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    pub(crate) realtime: Timespec,
    pub(crate) boottime: Timespec,
    pub(crate) tai: Timespec,
}

/// Words that hold a [`Clocks`].
pub(crate) const WORDS: usize = 15;

impl Clocks {
    /// `time(clock, counter)` — Returns a clock at a counter value.
    ///
    /// Exact for any counter value, however long ago the last tick was; a counter
    /// behind the last tick gives that tick's time. The wall clock's leap second is
    /// at midnight here, whether the tick has come by or not.
    #[inline]
    #[must_use]
    pub fn time(&self, clock: Clock, counter: u64) -> Timespec {
        if clock == Clock::Raw {
            let line = Line { mult: self.raw_mult, ..self.line };
            return line.at(counter, self.raw.0, self.raw.1);
        }
        let monotonic = self.line.at(counter, self.monotonic.0, self.monotonic.1);
        self.on(clock, monotonic)
    }

    /// `nanos(clock, counter)` — Returns a clock at a counter value in nanoseconds.
    /// 292 years fit, beyond which it stands still.
    #[inline]
    #[must_use]
    pub fn nanos(&self, clock: Clock, counter: u64) -> i64 {
        in_nanos(self.time(clock, counter))
    }

    /// `coarse(clock)` — Returns a clock at the last tick, without a counter.
    #[inline]
    #[must_use]
    pub fn coarse(&self, clock: Clock) -> Timespec {
        self.time(clock, self.line.origin)
    }

    /// `coarse_nanos(clock)` — Returns a clock at the last tick in nanoseconds.
    #[inline]
    #[must_use]
    pub fn coarse_nanos(&self, clock: Clock) -> i64 {
        in_nanos(self.coarse(clock))
    }

    /// `seconds(clock)` — Returns a clock's second at the last tick.
    #[inline]
    #[must_use]
    pub fn seconds(&self, clock: Clock) -> i64 {
        self.coarse(clock).sec
    }

    /// `steps()` — Returns a count that changes whenever the wall clock is set,
    /// stepped, moved by a leap second, or moved on after a suspend: what timers on
    /// the wall clock must be looked at again for.
    #[inline]
    #[must_use]
    pub const fn steps(&self) -> u32 {
        self.steps
    }

    /// The clock that belongs to a monotonic time.
    #[inline]
    fn on(&self, clock: Clock, monotonic: Timespec) -> Timespec {
        match clock {
            Clock::Monotonic | Clock::Raw => monotonic,
            Clock::Boottime => monotonic.shifted_by(self.offsets.boottime),
            Clock::Tai => monotonic.shifted_by(self.offsets.tai),
            Clock::Realtime => {
                let realtime = monotonic.shifted_by(self.offsets.realtime);
                match self.leap {
                    Some(leap) if realtime.sec >= leap.at => {
                        Timespec { sec: realtime.sec.saturating_add(leap.step), ..realtime }
                    }
                    _ => realtime,
                }
            }
        }
    }

    /// What must be added to the monotonic clock's nanoseconds to get a clock's,
    /// as it stands between two ticks. `None` for the raw clock, which runs at
    /// another rate.
    pub(crate) fn offset_of(&self, clock: Clock) -> Option<Timespec> {
        match clock {
            Clock::Monotonic => Some(Timespec::default()),
            Clock::Realtime => Some(self.offsets.realtime),
            Clock::Boottime => Some(self.offsets.boottime),
            Clock::Tai => Some(self.offsets.tai),
            Clock::Raw => None,
        }
    }

    pub(crate) fn to_words(self) -> [u64; WORDS] {
        let pair = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        let Offsets { realtime, boottime, tai } = self.offsets;
        let (leap_at, leap_step) = self.leap.map_or((0, 0), |leap| (leap.at, leap.step));
        [
            self.line.origin,
            self.line.mask,
            pair(self.line.mult, self.line.shift),
            pair(self.raw_mult, self.steps),
            self.monotonic.0 as u64,
            self.monotonic.1,
            self.raw.0 as u64,
            self.raw.1,
            realtime.sec as u64,
            boottime.sec as u64,
            tai.sec as u64,
            pair(realtime.nsec, boottime.nsec),
            u64::from(tai.nsec),
            leap_at as u64,
            leap_step as u64,
        ]
    }

    pub(crate) fn from_words(words: [u64; WORDS]) -> Clocks {
        let [origin, mask, rate, raw_rate, sec, nsec, raw_sec, raw_nsec, rest @ ..] = words;
        let [realtime, boottime, tai, nsecs, tai_nsec, leap_at, leap_step] = rest;
        let low = |word: u64| word as u32;
        let high = |word: u64| (word >> 32) as u32;
        let time = |sec: u64, nsec| Timespec { sec: sec as i64, nsec };
        Clocks {
            line: Line { origin, mult: low(rate), shift: high(rate), mask },
            raw_mult: low(raw_rate),
            steps: high(raw_rate),
            monotonic: (sec as i64, nsec),
            raw: (raw_sec as i64, raw_nsec),
            offsets: Offsets {
                realtime: time(realtime, low(nsecs)),
                boottime: time(boottime, high(nsecs)),
                tai: time(tai, low(tai_nsec)),
            },
            leap: (leap_step != 0)
                .then_some(PendingLeap { at: leap_at as i64, step: leap_step as i64 }),
        }
    }
}

fn in_nanos(time: Timespec) -> i64 {
    time.as_nanos().clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_back() {
        let clocks = Clocks {
            line: Line { origin: 1, mult: 2, shift: 3, mask: 4 },
            raw_mult: 5,
            steps: 6,
            monotonic: (-7, 8),
            raw: (9, 10),
            offsets: Offsets {
                realtime: Timespec { sec: 11, nsec: 12 },
                boottime: Timespec { sec: 13, nsec: 14 },
                tai: Timespec { sec: -15, nsec: 16 },
            },
            leap: Some(PendingLeap { at: 17, step: -1 }),
        };
        assert_eq!(Clocks::from_words(clocks.to_words()), clocks);
        let without = Clocks { leap: None, ..clocks };
        assert_eq!(Clocks::from_words(without.to_words()), without);
    }
}
