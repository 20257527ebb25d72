//! Why a keeper refused.

use core::fmt;

use instanter_page::Timespec;

/// Why a keeper refused to change its clocks. Nothing was changed then.
///
/// ```
/// use instanter_keeper::Error;
/// let error = Error::Tick { tick_us: 12_000 };
/// assert_eq!(error.to_string(), "a tick of 12000 µs is not between 9000 and 11000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// These modes do not go together.
    Modes {
        /// The modes.
        modes: u32,
    },
    /// The tick is more than ten percent off.
    Tick {
        /// The tick.
        tick_us: i64,
    },
    /// The frequency is out of any range (one that is merely too large is clamped).
    Frequency {
        /// The frequency, in units of 2^-16 ppm.
        freq: i64,
    },
    /// The fraction of a step is negative or a second and more.
    Fraction {
        /// The fraction, in micro- or nanoseconds.
        fraction: i64,
    },
    /// The wall clock cannot stand there: before 1970, before what the monotonic
    /// clock shows, or so late that 30 years on it would not fit.
    Range {
        /// Where it would stand.
        realtime: Timespec,
    },
    /// The machine is suspended, and its clocks with it.
    Suspended,
    /// The machine is not suspended.
    NotSuspended,
    /// A time cannot be moved back: sleep has no negative length.
    Negative {
        /// The length.
        length: Timespec,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Modes { modes } => write!(f, "the modes {modes:#x} do not go together"),
            Error::Tick { tick_us } => {
                write!(f, "a tick of {tick_us} µs is not between 9000 and 11000")
            }
            Error::Frequency { freq } => {
                write!(f, "a frequency of {freq} units of 2^-16 ppm is out of range")
            }
            Error::Fraction { fraction } => {
                write!(f, "{fraction} is no fraction of a second")
            }
            Error::Range { realtime } => {
                write!(f, "the wall clock cannot stand at {realtime} s")
            }
            Error::Suspended => f.write_str("the machine is suspended"),
            Error::NotSuspended => f.write_str("the machine is not suspended"),
            Error::Negative { length } => write!(f, "{length} s is no length of a sleep"),
        }
    }
}

impl core::error::Error for Error {}
