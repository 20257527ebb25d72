//! Why a hardware clock could not be read or set.

use core::fmt;

use instanter_clock::rtc::RtcTime;

/// A hardware clock that could not be read or set.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use instanter::rtc::Rtc;
/// let error = Rtc::open_at("/dev/no-such-clock").unwrap_err();
/// assert!(error.is_absent());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The machine has no hardware clock, or the kernel no driver for it.
    Absent,
    /// The kernel did not do what it was asked.
    Kernel(instanter_clock::Error),
    /// The clock shows what is no date: it was never set, or lost its power.
    NotADate(RtcTime),
    /// Unix seconds that are in no year which hardware clocks have.
    OutOfRange(i64),
    /// Its seconds do not change.
    Stopped,
    /// The machine is too busy to set the clock at the right moment.
    TooBusy,
    /// It can be read here, and not set.
    ReadOnly,
    /// A file of the clock's, or `/etc/adjtime`, could not be read or written.
    #[cfg(feature = "std")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why, in the system's words.
        reason: String,
    },
    /// `/etc/adjtime` is not as it should be.
    #[cfg(feature = "std")]
    Adjtime {
        /// In which line, from 1.
        line: usize,
        /// That line.
        text: String,
    },
}

impl Error {
    /// Whether the machine has no such clock.
    ///
    /// ```
    /// use instanter::rtc::Rtc;
    /// assert!(Rtc::open_at("/dev/no-such-clock").unwrap_err().is_absent());
    /// ```
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Error::Absent => true,
            Error::Kernel(error) => error.is_absent(),
            _ => false,
        }
    }

    /// Whether it takes more rights: to open the clock, or to set it or the
    /// system's (`CAP_SYS_TIME`).
    ///
    /// ```
    /// use instanter::rtc::Rtc;
    /// assert!(!Rtc::open_at("/dev/no-such-clock").unwrap_err().is_denied());
    /// ```
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Error::Kernel(error) if error.is_denied())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Absent => f.write_str(
                "there is no hardware clock: neither /dev/rtc, /dev/rtc0 nor /sys/class/rtc/rtc0",
            ),
            Error::Kernel(error) => error.fmt(f),
            Error::NotADate(RtcTime { year, month, day, hour, minute, second }) => write!(
                f,
                "the hardware clock shows {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}, which is no date: it was never set, or lost its power"
            ),
            Error::OutOfRange(seconds) => {
                write!(f, "hardware clocks have no year for {seconds} s since 1970")
            }
            Error::Stopped => f.write_str("the hardware clock stands still"),
            Error::TooBusy => {
                f.write_str("the machine is too busy to set the hardware clock at the right moment")
            }
            Error::ReadOnly => f.write_str("the hardware clock can be read here, and not set"),
            #[cfg(feature = "std")]
            Error::File { path, reason } => write!(f, "{}: {reason}", path.display()),
            #[cfg(feature = "std")]
            Error::Adjtime { line, text } => {
                let want = match line {
                    1 => "three numbers",
                    2 => "a number of seconds",
                    _ => "UTC or LOCAL",
                };
                write!(f, "/etc/adjtime, line {line}: {text:?} where there should be {want}")
            }
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Error::Kernel(error) => Some(error),
            _ => None,
        }
    }
}
