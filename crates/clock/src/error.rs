//! The one error of this crate: the kernel did not do what was asked of a clock.

use core::fmt;

use linux_raw_sys::errno as nr;

use crate::Clock;
use crate::sys::Errno;

/// A clock that could not be read, set or adjusted.
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
        [nr::EINVAL, nr::ENODEV, nr::EOPNOTSUPP, nr::EBADF, nr::ESRCH]
            .contains(&self.errno.unsigned_abs())
    }

    /// Whether something stands between the program and the clock: a missing
    /// privilege, or a sandbox. Some sandboxes answer a forbidden call with
    /// `EPERM`, others with `ENOSYS`.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        [nr::EPERM, nr::EACCES, nr::ENOSYS].contains(&self.errno.unsigned_abs())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reading = self.call == "clock_gettime" || self.call == "clock_getres";
        let (name, meaning) = match self.errno.unsigned_abs() {
            nr::EINVAL if reading => ("EINVAL", "the kernel has no such clock"),
            nr::EINVAL => ("EINVAL", "the clock or the value is not valid for this"),
            nr::ENODEV => ("ENODEV", "the clock is not enabled"),
            nr::EOPNOTSUPP => ("EOPNOTSUPP", "the clock cannot do this"),
            nr::EBADF => ("EBADF", "the file descriptor is not open"),
            nr::ESRCH => ("ESRCH", "there is no such process or thread"),
            nr::EPERM if reading => ("EPERM", "a sandbox forbids the call"),
            nr::EPERM => ("EPERM", "setting a clock needs CAP_SYS_TIME"),
            nr::EACCES => ("EACCES", "not opened with the permission that this needs"),
            nr::ENOSYS => ("ENOSYS", "a sandbox or an old kernel lacks the call"),
            errno => return write!(f, "{}({}): error {errno}", self.call, self.clock),
        };
        write!(f, "{}({}): {name}, {meaning}", self.call, self.clock)
    }
}

impl core::error::Error for Error {}
