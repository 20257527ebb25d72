//! What a program hands to `adjtimex` and gets back.

use instanter_page::Timespec;

/// What a [`Timex`] asks to be changed: bits of its `modes`.
pub mod adj {
    /// The remaining offset, which the loop slews.
    pub const OFFSET: u32 = 0x0001;
    /// The frequency correction.
    pub const FREQUENCY: u32 = 0x0002;
    /// The upper bound of the error.
    pub const MAXERROR: u32 = 0x0004;
    /// The estimated error.
    pub const ESTERROR: u32 = 0x0008;
    /// The status bits.
    pub const STATUS: u32 = 0x0010;
    /// The loop's time constant.
    pub const TIMECONST: u32 = 0x0020;
    /// TAI minus UTC, taken from `constant`.
    pub const TAI: u32 = 0x0080;
    /// Steps the clock by `time`.
    pub const SETOFFSET: u32 = 0x0100;
    /// Offsets and times are in microseconds from now on.
    pub const MICRO: u32 = 0x1000;
    /// Offsets and times are in nanoseconds from now on.
    pub const NANO: u32 = 0x2000;
    /// The length of a tick.
    pub const TICK: u32 = 0x4000;
    /// Slews by `offset` microseconds at 500 ppm, as the older `adjtime` does,
    /// and returns what was left of the last such slew.
    pub const OFFSET_SINGLESHOT: u32 = 0x8001;
    /// Returns what is left of that slew.
    pub const OFFSET_SS_READ: u32 = 0xa001;

    /// What tells the two `adjtime` calls from the rest.
    pub(crate) const ADJTIME: u32 = 0x8000;
    /// What tells the reading one of them from the writing one.
    pub(crate) const READ_ONLY: u32 = 0x2000;
}

/// The status of the discipline: bits of a [`Timex`]'s `status`.
pub mod sta {
    /// The loop is on: it takes offsets.
    pub const PLL: u32 = 0x0001;
    /// Pulse per second steers the frequency. Kept, but nothing here does it.
    pub const PPSFREQ: u32 = 0x0002;
    /// Pulse per second steers the time. Kept, but nothing here does it.
    pub const PPSTIME: u32 = 0x0004;
    /// The loop locks frequency rather than phase, however short the interval.
    pub const FLL: u32 = 0x0008;
    /// A leap second is to be inserted at the end of the UTC day.
    pub const INS: u32 = 0x0010;
    /// A leap second is to be deleted at the end of the UTC day.
    pub const DEL: u32 = 0x0020;
    /// The clock is not synchronised.
    pub const UNSYNC: u32 = 0x0040;
    /// Offsets leave the frequency alone.
    pub const FREQHOLD: u32 = 0x0080;
    /// A hardware fault of the clock.
    pub const CLOCKERR: u32 = 0x1000;
    /// Offsets and times are in nanoseconds. Read only.
    pub const NANO: u32 = 0x2000;
    /// The last offset was taken by the frequency loop. Read only.
    pub const MODE: u32 = 0x4000;

    /// What `adj::STATUS` cannot change: those of pulse per second as well.
    pub(crate) const READ_ONLY: u32 = 0x0100 | 0x0200 | 0x0400 | 0x0800 | CLOCKERR | NANO | MODE;
}

/// What a program hands to `adjtimex` and gets back, with Linux's meanings.
///
/// Which fields are taken is said by `modes`; all are filled in on return. What is
/// known of a pulse-per-second signal is left out, for there is none here.
///
/// ```
/// use instanter_keeper::{Timex, adj};
/// let slower = Timex { modes: adj::FREQUENCY, freq: -10 << 16, ..Timex::default() };
/// assert!(slower.needs_privilege());
/// assert!(!Timex::default().needs_privilege());
/// ```
///
/// # References
/// [`adjtimex(2)`](https://man7.org/linux/man-pages/man2/adjtimex.2.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timex {
    /// What to change: see [`adj`].
    pub modes: u32,
    /// What is left to be slewed, in nanoseconds where the status says
    /// [`sta::NANO`], else in microseconds. The `adjtime` calls: always microseconds.
    pub offset: i64,
    /// The frequency correction, in units of 2^-16 parts per million.
    pub freq: i64,
    /// The upper bound of the error, in microseconds.
    pub maxerror: i64,
    /// The estimated error, in microseconds.
    pub esterror: i64,
    /// The status: see [`sta`].
    pub status: u32,
    /// The loop's time constant, 0 to 10.
    pub constant: i64,
    /// The clock's precision, in microseconds. Read only.
    pub precision: i64,
    /// The largest frequency correction, in units of 2^-16 parts per million. Read
    /// only.
    pub tolerance: i64,
    /// With [`adj::SETOFFSET`]: by how much to step. On return: the wall clock.
    pub time: TimexTime,
    /// Microseconds between the ticks of a 100 Hz clock: 9,000 to 11,000.
    pub tick: i64,
    /// TAI minus UTC in seconds. Read only: set by [`adj::TAI`].
    pub tai: i32,
}

/// Seconds, and micro- or nanoseconds beyond them: a [`Timex`] says which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimexTime {
    /// Whole seconds, rounded towards the past.
    pub sec: i64,
    /// Micro- or nanoseconds, never negative.
    pub fraction: i64,
}

impl Timex {
    /// Returns whether a kernel should ask for the right to set the clock first.
    #[must_use]
    pub const fn needs_privilege(&self) -> bool {
        self.modes != 0 && self.modes != adj::OFFSET_SS_READ
    }

    /// Whether it is a call of the older `adjtime`.
    ///
    /// ```
    /// use instanter_keeper::{Timex, adj};
    /// assert!(Timex { modes: adj::OFFSET_SS_READ, ..Timex::default() }.is_adjtime());
    /// ```
    #[must_use]
    pub const fn is_adjtime(&self) -> bool {
        self.modes & adj::ADJTIME != 0
    }

    /// The step that [`adj::SETOFFSET`] asks for. `None` where the fraction is
    /// negative or a second and more.
    ///
    /// ```
    /// use instanter_keeper::{Timespec, Timex, TimexTime, adj};
    /// let time = TimexTime { sec: -1, fraction: 500_000 };
    /// let back = Timex { modes: adj::SETOFFSET, time, ..Timex::default() };
    /// assert_eq!(back.step(), Some(Timespec::new(-1, 500_000_000))); // half a second back
    /// ```
    #[must_use]
    pub fn step(&self) -> Option<Timespec> {
        let nanos_each = if self.modes & adj::NANO != 0 { 1 } else { 1_000 };
        let nsec = u32::try_from(self.time.fraction).ok()?.checked_mul(nanos_each)?;
        (nsec < 1_000_000_000).then_some(Timespec { sec: self.time.sec, nsec })
    }
}

/// The clock's state as `adjtimex` returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeState {
    /// Synchronised, no leap second near (`TIME_OK`).
    Ok = 0,
    /// A leap second will be inserted at the end of the UTC day (`TIME_INS`).
    Insert = 1,
    /// A leap second will be deleted at the end of the UTC day (`TIME_DEL`).
    Delete = 2,
    /// A leap second is being inserted (`TIME_OOP`).
    InProgress = 3,
    /// A leap second is over, and its flag still set (`TIME_WAIT`).
    Occurred = 4,
    /// Not synchronised (`TIME_ERROR`).
    Error = 5,
}
