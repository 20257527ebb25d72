//! What a hardware clock can do, and the kernel's.

use core::ffi::CStr;

use instanter_clock::rtc::{RtcDevice, RtcTime};

use super::Error;
use crate::wait::{Deadline, sleep};
use crate::{Duration, Time};

/// The moment at which a second of a hardware clock began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// When, by the system's clocks.
    pub at: Time,
    /// What the clock showed from then on.
    pub shows: RtcTime,
}

/// A hardware clock, or what stands in for one: the kernel's, a chip that a
/// program drives itself, a test's.
pub trait Hardware {
    /// Returns what the clock shows.
    ///
    /// # Errors
    /// Where it does not answer.
    fn read(&mut self) -> Result<RtcTime, Error>;

    /// Makes the clock show a time.
    ///
    /// # Errors
    /// Where it cannot.
    fn set(&mut self, time: RtcTime) -> Result<(), Error>;

    /// Waits until the clock's next second begins. Without an implementation of
    /// its own, by reading again and again.
    ///
    /// # Errors
    /// Those of [`read`](Hardware::read), and [`Error::Stopped`] where no second
    /// comes.
    fn wait_for_edge(&mut self) -> Result<Edge, Error> {
        // Reading a clock on a bus takes the bus from others, and the processor's
        // time; a little pause costs as little exactness.
        const PAUSE: Duration = Duration::from_micros(50);
        const LONGEST: Duration = Duration::from_seconds(3);
        let last = Deadline::after(LONGEST);
        let before = self.read()?;
        loop {
            let at = crate::now();
            let shows = self.read()?;
            if shows != before {
                return Ok(Edge { at, shows });
            }
            if last.has_passed() {
                return Err(Error::Stopped);
            }
            sleep(PAUSE);
        }
    }

    /// How long after a second began the clock is to be set to it, so that its
    /// next second begins with the next.
    fn set_delay(&self) -> Duration {
        Duration::ZERO
    }
}

/// The kernel's hardware clock: a device such as `/dev/rtc0`.
#[derive(Debug)]
pub struct Device {
    inner: RtcDevice,
    set_delay: Duration,
}

impl Device {
    /// How late the clock of PCs is to be set: its next second begins half a
    /// second after that (the divider chain of the MC146818 starts there).
    pub const CMOS_SET_DELAY: Duration = Duration::from_millis(500);

    /// Opens a device. Which driver serves it, and so how late it is to be set, the
    /// path does not tell: see [`with_set_delay`](Device::with_set_delay).
    ///
    /// # Errors
    /// [`Error::is_absent`] where there is none, [`Error::is_denied`] without the
    /// right to open it.
    ///
    /// ```
    /// use instanter::rtc::Device;
    /// assert!(Device::open(c"/dev/no-such-clock").unwrap_err().is_absent());
    /// ```
    pub fn open(path: &CStr) -> Result<Device, Error> {
        let inner = RtcDevice::open(path).map_err(Error::Kernel)?;
        Ok(Device { inner, set_delay: Duration::ZERO })
    }

    /// Returns the device with another delay between the beginning of a second and
    /// the moment to set the clock to it. Without this, none.
    #[must_use]
    pub fn with_set_delay(self, set_delay: Duration) -> Device {
        Device { set_delay, ..self }
    }
}

impl Hardware for Device {
    fn read(&mut self) -> Result<RtcTime, Error> {
        self.inner.read().map_err(Error::Kernel)
    }

    fn set(&mut self, time: RtcTime) -> Result<(), Error> {
        self.inner.set(time).map_err(Error::Kernel)
    }

    fn wait_for_edge(&mut self) -> Result<Edge, Error> {
        if let Ok(true) = self.inner.wait_for_update() {
            let at = crate::now();
            return Ok(Edge { at, shows: self.read()? });
        }
        // No such interrupt, or none that comes.
        Polled(self).wait_for_edge()
    }

    fn set_delay(&self) -> Duration {
        self.set_delay
    }
}

/// A device without its interrupt.
struct Polled<'a>(&'a mut Device);

impl Hardware for Polled<'_> {
    fn read(&mut self) -> Result<RtcTime, Error> {
        self.0.read()
    }

    fn set(&mut self, time: RtcTime) -> Result<(), Error> {
        self.0.set(time)
    }
}
