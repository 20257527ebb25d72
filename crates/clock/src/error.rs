//! The one error of this crate: the kernel did not do what was asked of a clock.

use core::fmt;

use crate::Clock;
use crate::sys::{self, Errno, errno as nr};

/// The call that has no descriptor yet by which its device could be named.
pub(crate) const OPEN: &str = "open";

/// A clock that could not be read, set, adjusted or waited for.
///
/// ```
/// use instanter_clock::Clock;
/// // No kernel knows a clock 12.
/// let error = Clock::from_id(12).now().unwrap_err();
/// assert!(error.is_unsupported());
/// assert_eq!(error.to_string(), "clock_gettime(clock 12): EINVAL, the kernel has no such clock");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    call: &'static str,
    clock: Clock,
    errno: i32,
}

impl Error {
    pub(crate) fn new(call: &'static str, clock: Clock, errno: Errno) -> Error {
        Error { call, clock, errno: errno.0 }
    }

    /// Returns the clock that it is about.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Returns the kernel's error number, as in `errno.h`.
    #[must_use]
    pub fn errno(&self) -> i32 {
        self.errno
    }

    /// Whether the kernel, or this machine, has no such clock, or the clock
    /// cannot do what was asked.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        [nr::EINVAL, nr::ENODEV, nr::EOPNOTSUPP, nr::EBADF, nr::ESRCH, nr::ENOTTY]
            .contains(&self.errno.unsigned_abs())
    }

    /// Whether the system has nothing of the kind, whatever its clock.
    #[cfg(feature = "std")]
    pub(crate) fn is_not_here(&self) -> bool {
        self.errno.unsigned_abs() == nr::EOPNOTSUPP
    }

    /// Whether something stands between the program and the clock: a missing
    /// privilege, or a sandbox. Some sandboxes answer a forbidden call with
    /// `EPERM`, others with `ENOSYS`.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        [nr::EPERM, nr::EACCES, nr::ENOSYS].contains(&self.errno.unsigned_abs())
    }

    /// Whether there is no such device.
    ///
    /// ```
    /// let error = instanter_clock::rtc::RtcDevice::open(c"/dev/no-such-clock").unwrap_err();
    /// assert!(error.is_absent());
    /// assert_eq!(error.to_string(), "open(hardware clock): ENOENT, there is no such device");
    /// ```
    #[must_use]
    pub fn is_absent(&self) -> bool {
        [nr::ENOENT, nr::ENXIO, nr::ENODEV].contains(&self.errno.unsigned_abs())
    }

    /// Whether another program has the device.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.errno.unsigned_abs() == nr::EBUSY
    }

    /// Whether the wall clock was stepped before a timer that is to tell of that
    /// was set. The timer is set all the same.
    #[must_use]
    pub fn is_stepped(&self) -> bool {
        self.errno.unsigned_abs() == nr::ECANCELED
    }

    /// What an error number means for this call, where that can be said.
    fn meaning(&self) -> Option<(&'static str, &'static str)> {
        let reading = self.call == "clock_gettime" || self.call == "clock_getres";
        let setting = self.call == "clock_settime" || self.call == "clock_adjtime";
        Some(match self.errno.unsigned_abs() {
            nr::EINVAL if reading => ("EINVAL", "the kernel has no such clock"),
            nr::EINVAL if self.call == "RTC_RD_TIME" => {
                ("EINVAL", "the hardware clock does not know the time")
            }
            nr::EINVAL => ("EINVAL", "the clock or the value is not valid for this"),
            nr::ENODEV => ("ENODEV", "the clock is not enabled"),
            nr::EOPNOTSUPP => ("EOPNOTSUPP", sys::UNSUPPORTED),
            nr::EBADF => ("EBADF", "the file descriptor is not open"),
            nr::ESRCH => ("ESRCH", "there is no such process or thread"),
            nr::EPERM if setting => ("EPERM", sys::SETTING_NEEDS),
            nr::EACCES if self.call == "RTC_SET_TIME" => ("EACCES", sys::SETTING_NEEDS),
            nr::EPERM if self.clock.is_alarm() => ("EPERM", "an alarm clock needs CAP_WAKE_ALARM"),
            nr::EPERM => ("EPERM", "a sandbox forbids the call"),
            nr::EACCES => ("EACCES", "not opened with the permission that this needs"),
            nr::ENOSYS => ("ENOSYS", "a sandbox or an old kernel lacks the call"),
            nr::ENOENT => ("ENOENT", "there is no such device"),
            nr::ENXIO => ("ENXIO", "there is no such device"),
            nr::EBUSY => ("EBUSY", "another program has the device"),
            nr::ENOTTY => ("ENOTTY", "the device cannot do this"),
            nr::ECANCELED => ("ECANCELED", "the clock was stepped; the timer is set all the same"),
            nr::EMFILE => ("EMFILE", "the process has no file descriptor left"),
            nr::ENFILE => ("ENFILE", "the machine has no file descriptor left"),
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.call == OPEN {
            f.write_str("open(hardware clock): ")?;
        } else {
            write!(f, "{}({}): ", self.call, self.clock)?;
        }
        match self.meaning() {
            Some((name, meaning)) => write!(f, "{}, {meaning}", sys::spelled(name)),
            None => write!(f, "error {}", self.errno),
        }
    }
}

impl core::error::Error for Error {}
