//! The kernel's discipline of a clock: `adjtimex`.

use core::fmt;

use instanter_page::Timespec;

use crate::sys::{self, Timex};
use crate::{Clock, Error};

/// Leap second state of a clock, as `adjtimex` returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leap {
    /// No leap second is near (`TIME_OK`).
    None,
    /// One will be inserted at the end of the UTC day (`TIME_INS`).
    Insert,
    /// One will be deleted at the end of the UTC day (`TIME_DEL`).
    Delete,
    /// One is being inserted now (`TIME_OOP`).
    InProgress,
    /// One has just occurred (`TIME_WAIT`).
    Occurred,
}

impl fmt::Display for Leap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Leap::None => "no leap second",
            Leap::Insert => "a leap second will be inserted at the end of the UTC day",
            Leap::Delete => "a leap second will be deleted at the end of the UTC day",
            Leap::InProgress => "a leap second is being inserted",
            Leap::Occurred => "a leap second has just occurred",
        })
    }
}

/// What the kernel knows of a clock's discipline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discipline {
    /// Remaining offset to be slewed, in nanoseconds.
    pub offset_ns: i64,
    /// Frequency correction in units of 2^-16 parts per million.
    pub frequency: i64,
    /// Upper bound of the error, in microseconds; grows by 500 µs a second
    /// while nobody steers.
    pub max_error_us: i64,
    /// Estimated error, in microseconds.
    pub estimated_error_us: i64,
    /// Status bits (`STA_PLL`, `STA_UNSYNC`, …), as the kernel keeps them.
    pub status: u32,
    /// Time constant of the phase-locked loop.
    pub constant: i64,
    /// Microseconds between ticks of a 100 Hz clock: 10,000 ± 10 %.
    pub tick_us: i64,
    /// TAI minus UTC in seconds; zero where nobody told the kernel.
    pub tai_s: i32,
    /// Leap second state.
    pub leap: Leap,
    /// Whether the kernel counts the clock as synchronised (`TIME_ERROR` not
    /// returned).
    pub synchronized: bool,
}

const STA_UNSYNC: u32 = 0x0040;
const STA_NANO: u32 = 0x2000;

impl Discipline {
    /// Returns the frequency correction in parts per million.
    ///
    /// ```
    /// use instanter_clock::Clock;
    /// if let Ok(state) = Clock::REALTIME.discipline() {
    ///     assert!(state.frequency_ppm().abs() <= 500.0);
    /// }
    /// ```
    #[must_use]
    pub fn frequency_ppm(&self) -> f64 {
        self.frequency as f64 / 65_536.0
    }

    /// Whether the status says that nobody synchronises the clock.
    ///
    /// The flag is set by whoever disciplines the clock; some forget. `max_error_us`
    /// that stays below 16 s is the better sign.
    #[must_use]
    pub fn is_flagged_unsynchronized(&self) -> bool {
        self.status & STA_UNSYNC != 0
    }

    fn from_kernel(timex: &Timex, state: u32) -> Discipline {
        let status = timex.status as u32;
        Discipline {
            offset_ns: if status & STA_NANO != 0 {
                timex.offset
            } else {
                timex.offset.saturating_mul(1_000)
            },
            frequency: timex.freq,
            max_error_us: timex.maxerror,
            estimated_error_us: timex.esterror,
            status,
            constant: timex.constant,
            tick_us: timex.tick,
            tai_s: timex.tai,
            leap: match state {
                1 => Leap::Insert,
                2 => Leap::Delete,
                3 => Leap::InProgress,
                4 => Leap::Occurred,
                // TIME_ERROR hides the leap state; the status bits have it.
                5 if status & 0x10 != 0 => Leap::Insert,
                5 if status & 0x20 != 0 => Leap::Delete,
                _ => Leap::None,
            },
            synchronized: state != 5,
        }
    }
}

/// A change to a clock's discipline, for [`Clock::adjust`].
///
/// Starts empty; each method adds one thing to be changed.
///
/// ```
/// use instanter_clock::Adjustment;
/// let _slower = Adjustment::new().frequency(-10 << 16); // 10 parts per million
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Adjustment(Timex);

const ADJ_OFFSET: u32 = 0x0001;
const ADJ_FREQUENCY: u32 = 0x0002;
const ADJ_MAXERROR: u32 = 0x0004;
const ADJ_ESTERROR: u32 = 0x0008;
const ADJ_STATUS: u32 = 0x0010;
const ADJ_TIMECONST: u32 = 0x0020;
const ADJ_TAI: u32 = 0x0080;
const ADJ_SETOFFSET: u32 = 0x0100;
const ADJ_NANO: u32 = 0x2000;
const ADJ_TICK: u32 = 0x4000;

impl Default for Adjustment {
    fn default() -> Adjustment {
        Adjustment::new()
    }
}

impl Adjustment {
    /// Makes a change that changes nothing.
    #[must_use]
    pub const fn new() -> Adjustment {
        Adjustment(Timex::NOTHING)
    }

    /// Slews the clock by an offset in nanoseconds (±0.5 s) with the kernel's
    /// phase-locked loop. Not together with [`step`](Adjustment::step).
    #[must_use]
    pub const fn slew_ns(mut self, offset_ns: i64) -> Adjustment {
        self.0.modes |= ADJ_OFFSET | ADJ_NANO;
        self.0.offset = offset_ns;
        self
    }

    /// Sets the frequency correction, in units of 2^-16 parts per million.
    #[must_use]
    pub const fn frequency(mut self, frequency: i64) -> Adjustment {
        self.0.modes |= ADJ_FREQUENCY;
        self.0.freq = frequency;
        self
    }

    /// Sets the upper bound of the error, in microseconds.
    #[must_use]
    pub const fn max_error_us(mut self, max_error_us: i64) -> Adjustment {
        self.0.modes |= ADJ_MAXERROR;
        self.0.maxerror = max_error_us;
        self
    }

    /// Sets the estimated error, in microseconds.
    #[must_use]
    pub const fn estimated_error_us(mut self, estimated_error_us: i64) -> Adjustment {
        self.0.modes |= ADJ_ESTERROR;
        self.0.esterror = estimated_error_us;
        self
    }

    /// Sets the status bits (`STA_PLL`, `STA_INS`, …).
    #[must_use]
    pub const fn status(mut self, status: u32) -> Adjustment {
        self.0.modes |= ADJ_STATUS;
        self.0.status = status as i32;
        self
    }

    /// Sets the time constant of the phase-locked loop.
    #[must_use]
    pub const fn constant(mut self, constant: i64) -> Adjustment {
        self.0.modes |= ADJ_TIMECONST;
        self.0.constant = constant;
        self
    }

    /// Sets TAI minus UTC, in seconds. The kernel takes it in the place of the
    /// time constant, so not together with [`constant`](Adjustment::constant).
    #[must_use]
    pub const fn tai_s(mut self, tai_s: i32) -> Adjustment {
        self.0.modes |= ADJ_TAI;
        self.0.constant = tai_s as i64;
        self
    }

    /// Sets the microseconds between ticks, 9,000 to 11,000.
    #[must_use]
    pub const fn tick_us(mut self, tick_us: i64) -> Adjustment {
        self.0.modes |= ADJ_TICK;
        self.0.tick = tick_us;
        self
    }

    /// Steps the clock by an amount, at once and without a race: the kernel adds
    /// it to whatever the time is.
    #[must_use]
    pub const fn step(mut self, by: Timespec) -> Adjustment {
        self.0.modes |= ADJ_SETOFFSET | ADJ_NANO;
        self.0.time_sec = by.sec;
        self.0.time_usec = by.nsec as i64;
        self
    }
}

impl Clock {
    /// `clock_adjtime(id)` — Returns the state of the kernel's discipline of this
    /// clock. Needs no privilege.
    ///
    /// # Errors
    /// [`Error::is_unsupported`] for a clock that is not disciplined,
    /// [`Error::is_denied`] in a sandbox.
    ///
    /// # References
    /// [`adjtimex(2)`](https://man7.org/linux/man-pages/man2/adjtimex.2.html)
    ///
    /// ```
    /// use instanter_clock::Clock;
    /// match Clock::REALTIME.discipline() {
    ///     Ok(state) => println!("within {} µs, {}", state.max_error_us, state.leap),
    ///     Err(error) => println!("{error}"),
    /// }
    /// ```
    pub fn discipline(self) -> Result<Discipline, Error> {
        self.adjust(Adjustment::new())
    }

    /// `clock_adjtime(id, change)` — Changes the discipline of this clock and
    /// returns its state after that.
    ///
    /// # Errors
    /// [`Error::is_denied`] without `CAP_SYS_TIME`; `EINVAL` for a value that the
    /// kernel refuses.
    ///
    /// # References
    /// [`adjtimex(2)`](https://man7.org/linux/man-pages/man2/adjtimex.2.html)
    pub fn adjust(self, change: Adjustment) -> Result<Discipline, Error> {
        let mut timex = change.0;
        match sys::clock_adjtime(self.id(), &mut timex) {
            Ok(state) => Ok(Discipline::from_kernel(&timex, state)),
            Err(errno) => Err(Error::new("clock_adjtime", self, errno)),
        }
    }
}
