//! What a stretch of code costs: wall time, CPU time, context switches.

use core::fmt;

use instanter_clock::Error;

use super::{Usage, Whose};
use crate::{Duration, Time};

/// Measures a stretch of code, in this thread or in the whole process.
///
/// It makes a few system calls at each end, some microseconds in all. To time
/// what is shorter use [`now`](crate::now).
///
/// ```
/// use instanter::{Duration, Stopwatch, sleep};
///
/// let watch = Stopwatch::thread()?;
/// sleep(Duration::from_millis(2));
/// let lap = watch.lap()?;
/// assert!(lap.wall >= Duration::from_millis(2));
/// assert!(lap.voluntary_switches >= 1, "who sleeps lets others run");
/// println!("{lap}"); // 2.1ms, 38µs of it computing (0 user, 38µs system); …
/// # Ok::<(), instanter::clock::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    whose: Whose,
    start: Reading,
}

/// Everything at one moment, more or less.
#[derive(Clone, Copy, Debug)]
struct Reading {
    time: Time,
    cpu: Duration,
    usage: Usage,
}

impl Reading {
    fn take(whose: Whose) -> Result<Reading, Error> {
        let cpu = match whose {
            Whose::Thread => super::thread()?,
            _ => super::process()?,
        };
        Ok(Reading { usage: super::rusage(whose)?, cpu, time: crate::now() })
    }
}

/// What a stretch of code cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lap {
    /// Time on the monotonic clock.
    pub wall: Duration,
    /// CPU time, exact. May exceed `wall` where several threads compute.
    pub cpu: Duration,
    /// CPU time in the program, as the kernel estimates it.
    pub user: Duration,
    /// CPU time in the kernel, as the kernel estimates it.
    pub system: Duration,
    /// Context switches because a thread waited for something.
    pub voluntary_switches: u64,
    /// Context switches because another thread's turn had come.
    pub involuntary_switches: u64,
    /// Page faults that were served from memory.
    pub minor_faults: u64,
    /// Page faults that had to wait for a device.
    pub major_faults: u64,
}

impl Stopwatch {
    /// Starts to measure the calling thread; [`lap`](Stopwatch::lap) then belongs
    /// to that same thread.
    ///
    /// # Errors
    /// [`Error::is_denied`] where a sandbox forbids to ask.
    ///
    /// ```
    /// use instanter::Stopwatch;
    /// println!("{}", Stopwatch::thread()?.lap()?);
    /// # Ok::<(), instanter::clock::Error>(())
    /// ```
    pub fn thread() -> Result<Stopwatch, Error> {
        Stopwatch::start(Whose::Thread)
    }

    /// Starts to measure the process, all its threads.
    ///
    /// # Errors
    /// [`Error::is_denied`] where a sandbox forbids to ask.
    ///
    /// ```
    /// use instanter::{Duration, Stopwatch};
    /// let lap = Stopwatch::process()?.lap()?;
    /// assert!(lap.cpu > Duration::ZERO);
    /// # Ok::<(), instanter::clock::Error>(())
    /// ```
    pub fn process() -> Result<Stopwatch, Error> {
        Stopwatch::start(Whose::Process)
    }

    fn start(whose: Whose) -> Result<Stopwatch, Error> {
        Ok(Stopwatch { whose, start: Reading::take(whose)? })
    }

    /// Returns what was used since the start. The watch goes on.
    ///
    /// # Errors
    /// [`Error::is_denied`] where a sandbox forbids to ask.
    ///
    /// ```
    /// use instanter::Stopwatch;
    /// let watch = Stopwatch::thread()?;
    /// let (first, both) = (watch.lap()?, watch.lap()?);
    /// assert!(both.wall >= first.wall);
    /// # Ok::<(), instanter::clock::Error>(())
    /// ```
    pub fn lap(&self) -> Result<Lap, Error> {
        Ok(Lap::between(&self.start, &Reading::take(self.whose)?))
    }

    /// Starts anew, and returns what was used until then: laps that follow each
    /// other without a gap.
    ///
    /// # Errors
    /// [`Error::is_denied`] where a sandbox forbids to ask.
    ///
    /// ```
    /// use instanter::{Duration, Stopwatch};
    /// let mut watch = Stopwatch::thread()?;
    /// let (first, second) = (watch.restart()?, watch.restart()?);
    /// assert!(first.wall >= Duration::ZERO && second.wall >= Duration::ZERO);
    /// # Ok::<(), instanter::clock::Error>(())
    /// ```
    pub fn restart(&mut self) -> Result<Lap, Error> {
        let end = Reading::take(self.whose)?;
        let lap = Lap::between(&self.start, &end);
        self.start = end;
        Ok(lap)
    }
}

impl Lap {
    fn between(start: &Reading, end: &Reading) -> Lap {
        let (from, to) = (&start.usage, &end.usage);
        Lap {
            wall: end.time.since(start.time),
            cpu: end.cpu - start.cpu,
            user: to.user - from.user,
            system: to.system - from.system,
            voluntary_switches: to.voluntary_switches.saturating_sub(from.voluntary_switches),
            involuntary_switches: to.involuntary_switches.saturating_sub(from.involuntary_switches),
            minor_faults: to.minor_faults.saturating_sub(from.minor_faults),
            major_faults: to.major_faults.saturating_sub(from.major_faults),
        }
    }
}

/// `12.5ms, 10ms of it computing (8ms user, 2ms system); context switches: 3
/// voluntary, 1 involuntary`
impl fmt::Display for Lap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {} of it computing ({} user, {} system); context switches: {} voluntary, {} involuntary",
            Short(self.wall),
            Short(self.cpu),
            Short(self.user),
            Short(self.system),
            self.voluntary_switches,
            self.involuntary_switches
        )
    }
}

/// A length of time to four digits or so: more than that differ from one run to
/// the next.
struct Short(Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let step = match nanos.unsigned_abs() {
            0..10_000 => 1,
            10_000..10_000_000 => 1_000,
            10_000_000..10_000_000_000 => 1_000_000,
            _ => 1_000_000_000,
        };
        Duration::from_nanos(nanos / step * step).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn laps_read_well() {
        let lap = Lap {
            wall: Duration::from_nanos(12_345_678_901),
            cpu: Duration::from_nanos(10_987_654),
            user: Duration::from_nanos(9_999),
            system: Duration::ZERO,
            voluntary_switches: 3,
            involuntary_switches: 1,
            minor_faults: 0,
            major_faults: 0,
        };
        assert_eq!(
            lap.to_string(),
            "12s, 10ms of it computing (9.999µs user, 0s system); context switches: 3 voluntary, 1 involuntary"
        );
    }

    #[test]
    fn computing_is_counted_and_sleeping_is_not() {
        let watch = Stopwatch::thread().expect("it answers");
        let computed = Duration::from_millis(20);
        let start = super::super::thread().expect("it answers");
        while super::super::thread().expect("it answers") - start < computed {}
        let lap = watch.lap().expect("it answers");
        assert!(lap.cpu >= computed && lap.wall >= computed, "{lap}");
        // The two accounts end a moment apart, and one is in microseconds.
        assert!(lap.user + lap.system >= computed - Duration::from_micros(2), "{lap}");
        let watch = Stopwatch::thread().expect("it answers");
        crate::sleep(Duration::from_millis(20));
        let lap = watch.lap().expect("it answers");
        assert!(lap.wall >= Duration::from_millis(20) && lap.voluntary_switches >= 1, "{lap}");
        assert!(lap.cpu < lap.wall, "{lap}");
    }
}
