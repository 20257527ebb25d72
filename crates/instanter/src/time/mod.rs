//! A moment on two clocks, in sixteen bytes.

mod arithmetic;
mod rounding;
mod text;
mod unix;

use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use instanter_clock::{Error, PAGE, Timespec};
use instanter_counter::{Ordered, Relaxed};

use crate::hook;

/// Seconds from 1885-01-01 to 1970-01-01: 85 years, 21 of them leap years.
const SECONDS_1885_TO_1970: i64 = (85 * 365 + 21) * 86_400;

/// The bit that says that a monotonic reading is there.
const HAS_MONOTONIC: u64 = 1 << 63;

/// Bits for the nanoseconds: 2^30 is a little more than a second of them.
const NSEC_BITS: u32 = 30;
const NSEC_MASK: u64 = (1 << NSEC_BITS) - 1;

/// First second that does not fit into 33 bits since 1885: in the year 2157.
const SECONDS_END: u64 = 1 << 33;

/// A moment: a reading of the wall clock and, mostly, one of the monotonic
/// clock at the same instant.
///
/// Sixteen bytes, `Copy`:
///
/// ```text
///  wall   │1│ 33 bits: seconds since 1885 │ 30 bits: nanoseconds │
///  ext    │ 64 bits: monotonic nanoseconds since boot            │
///
///  wall   │0│ 33 bits: zero               │ 30 bits: nanoseconds │
///  ext    │ 64 bits: seconds since 1970                          │
/// ```
///
/// The second form is for moments without a monotonic reading: those outside
/// 1885 to 2157, those made from a number, and those that were
/// [stripped](Time::strip_monotonic). All `i64` seconds are valid.
///
/// What reports uses the wall reading; [`elapsed`](Time::elapsed) and
/// [`since`](Time::since) measure with the monotonic ones where both sides have
/// one. Comparing, ordering and hashing use the wall reading alone, so that equal
/// moments are equal however they were made.
///
/// ```
/// use instanter::{Time, now};
/// let now = now();
/// assert_eq!(size_of::<Time>(), 16);
/// assert_eq!(now, now.strip_monotonic());
/// assert_eq!(Time::from_unix(now.unix_seconds(), now.nanosecond()), now);
/// ```
#[derive(Clone, Copy)]
pub struct Time {
    wall: u64,
    ext: i64,
}

/// `now()` — Returns the current time, ordered: wall and monotonic clock from
/// one counter read.
///
/// # Panics
/// Where no clock answers at all, which takes a sandbox that forbids
/// `clock_gettime` and a process without vDSO. [`try_now`] returns the error
/// instead.
///
/// ```
/// let start = instanter::now();
/// assert!(instanter::now().since(start) >= instanter::Duration::ZERO);
/// ```
#[inline(always)]
#[must_use]
pub fn now() -> Time {
    if let Some(time) = hook::now() {
        return time;
    }
    match PAGE.wall_and_nanos(Ordered) {
        Some((wall, monotonic)) => Time::pack(wall, monotonic),
        None => ask_kernel(),
    }
}

/// `now_relaxed()` — Returns the current time, unordered with the instructions
/// around it: the fastest read.
///
/// # Panics
/// As [`now`] does.
///
/// ```
/// println!("{}", instanter::now_relaxed().unix_seconds());
/// ```
#[inline(always)]
#[must_use]
pub fn now_relaxed() -> Time {
    if let Some(time) = hook::now() {
        return time;
    }
    match PAGE.wall_and_nanos(Relaxed) {
        Some((wall, monotonic)) => Time::pack(wall, monotonic),
        None => ask_kernel(),
    }
}

/// `try_now()` — Returns the current time as [`now`] does, or why nobody tells it.
///
/// # Errors
/// [`clock::Error`](Error) where no clock answers.
///
/// ```
/// let now = instanter::try_now()?;
/// # let _ = now;
/// # Ok::<(), instanter::clock::Error>(())
/// ```
#[inline]
pub fn try_now() -> Result<Time, Error> {
    if let Some(time) = hook::now() {
        return Ok(time);
    }
    instanter_clock::pair().map(|pair| Time::from_readings(pair.realtime, pair.monotonic))
}

#[cold]
#[inline(never)]
fn ask_kernel() -> Time {
    match try_now() {
        Ok(time) => time,
        Err(error) => panic!("no clock answers: {error}"),
    }
}

impl Time {
    /// 1970-01-01 00:00:00 UTC.
    pub const UNIX_EPOCH: Time = Time { wall: 0, ext: 0 };
    /// The earliest: 2^63 seconds before 1970, some 292 billion years.
    pub const MIN: Time = Time { wall: 0, ext: i64::MIN };
    /// The latest: the last nanosecond of `i64` seconds.
    pub const MAX: Time = Time { wall: 999_999_999, ext: i64::MAX };

    #[inline(always)]
    const fn pack(wall: Timespec, monotonic_ns: i64) -> Time {
        let seconds = (wall.sec.wrapping_add(SECONDS_1885_TO_1970)) as u64;
        if seconds >= SECONDS_END {
            return Time { wall: wall.nsec as u64, ext: wall.sec };
        }
        Time { wall: HAS_MONOTONIC | seconds << NSEC_BITS | wall.nsec as u64, ext: monotonic_ns }
    }

    /// Makes a moment from a reading of the wall clock and one of the monotonic
    /// clock. The latter is dropped where the former is outside 1885 to 2157.
    ///
    /// ```
    /// use instanter::{Time, clock};
    /// let all = clock::snapshot()?;
    /// let time = Time::from_readings(all.realtime, all.monotonic);
    /// assert_eq!(time.monotonic_nanos().map(i128::from), Some(all.monotonic.as_nanos()));
    /// # Ok::<(), clock::Error>(())
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn from_readings(wall: Timespec, monotonic: Timespec) -> Time {
        // 292 years of uptime fit.
        let nanos = monotonic.sec.wrapping_mul(1_000_000_000);
        Time::pack(wall, nanos.wrapping_add(i64::from(monotonic.nsec)))
    }

    /// Returns the monotonic reading: nanoseconds since boot. `None` where there
    /// is none.
    ///
    /// ```
    /// use instanter::{Time, now};
    /// assert!(now().monotonic_nanos().is_some());
    /// assert_eq!(Time::UNIX_EPOCH.monotonic_nanos(), None);
    /// ```
    #[inline]
    #[must_use]
    pub const fn monotonic_nanos(self) -> Option<i64> {
        if self.wall & HAS_MONOTONIC == 0 { None } else { Some(self.ext) }
    }

    /// Returns the moment without its monotonic reading.
    ///
    /// ```
    /// use instanter::now;
    /// let now = now();
    /// assert_eq!(now.strip_monotonic().monotonic_nanos(), None);
    /// assert_eq!(now.strip_monotonic(), now);
    /// ```
    #[must_use]
    pub const fn strip_monotonic(self) -> Time {
        Time { wall: self.wall & NSEC_MASK, ext: self.unix_seconds() }
    }

    /// Returns the wall reading.
    ///
    /// ```
    /// use instanter::Time;
    /// assert_eq!(Time::from_unix(1, 5).wall_reading().to_string(), "1.000000005");
    /// ```
    #[inline]
    #[must_use]
    pub const fn wall_reading(self) -> Timespec {
        Timespec { sec: self.unix_seconds(), nsec: self.nanosecond() }
    }
}

impl Default for Time {
    /// The Unix epoch.
    fn default() -> Time {
        Time::UNIX_EPOCH
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Time) -> bool {
        self.wall_reading() == other.wall_reading()
    }
}

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Time) -> Ordering {
        self.wall_reading().cmp(&other.wall_reading())
    }
}

impl Hash for Time {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.wall_reading().hash(state);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::Duration;
    use std::collections::HashSet;
    use std::format;

    const START_OF_1885: i64 = -SECONDS_1885_TO_1970;
    const END: i64 = START_OF_1885 + SECONDS_END as i64;

    #[test]
    fn both_forms_hold_every_second() {
        // 1885-01-01 is -2682374400 and 2157-03-16 12:56:32 is the end, by `date -u`.
        assert_eq!(START_OF_1885, -2_682_374_400);
        assert_eq!(END, 5_907_560_192);
        let table = [
            (i64::MIN, false),
            (START_OF_1885 - 1, false),
            (START_OF_1885, true),
            (-1, true),
            (0, true),
            (END - 1, true),
            (END, false),
            (i64::MAX, false),
        ];
        for (sec, keeps_monotonic) in table {
            for nsec in [0, 999_999_999] {
                let wall = Timespec { sec, nsec };
                let time = Time::from_readings(wall, Timespec { sec: 12, nsec: 5 });
                assert_eq!(time.wall_reading(), wall, "{time:?}");
                let monotonic = keeps_monotonic.then_some(12_000_000_005);
                assert_eq!(time.monotonic_nanos(), monotonic, "{time:?}");
                assert_eq!(time.strip_monotonic().wall_reading(), wall, "{time:?}");
                assert_eq!(time.strip_monotonic().monotonic_nanos(), None, "{time:?}");
                assert_eq!(Time::from_unix(sec, nsec), time);
                assert_eq!(Time::from_unix_nanos(wall.as_nanos()), time);
            }
        }
    }

    #[test]
    fn equality_is_the_walls_and_measuring_the_monotonics() {
        let wall = Timespec { sec: 100, nsec: 0 };
        let first = Time::from_readings(wall, Timespec { sec: 1, nsec: 0 });
        let second = Time::from_readings(wall, Timespec { sec: 3, nsec: 0 });
        assert_eq!(first, second);
        assert_eq!(HashSet::from([first, second, first.strip_monotonic()]).len(), 1);
        assert_eq!(second.since(first), Duration::from_seconds(2));
        assert_eq!(second.since(first.strip_monotonic()), Duration::ZERO);
        assert!(Time::from_unix(100, 1) > second);
        assert_eq!(Time::from_unix(i64::MAX, 0).since(Time::from_unix(i64::MIN, 0)), Duration::MAX);
        assert_eq!(format!("{second:?}"), "100.000000000 m=+3.000000000");
    }
}
