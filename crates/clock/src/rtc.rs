//! The hardware clock, which goes on while the machine is off: `/dev/rtc`.
//!
//! It counts whole seconds as a date and a time of day, and does not say in which
//! zone: `/etc/adjtime` does, and making Unix time of it is a calendar's business.
//! What it can do besides counting is to tell the moment at which a second
//! begins, its *update interrupt*: that is how it is read more exactly than to the
//! second.

use core::ffi::CStr;

use crate::error::OPEN;
use crate::sys::{Descriptor, Errno, KernelTimespec, O_RDONLY};
use crate::sys::{RTC_RD_TIME, RTC_SET_TIME, RTC_UIE_OFF, RTC_UIE_ON};
use crate::{DynamicClock, Error};

/// What a hardware clock shows.
///
/// No promise that it is a date: a clock whose battery is empty may show
/// anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtcTime {
    /// Year of our era.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

/// The kernel's `struct rtc_time`: that of `tm` in C without the zone.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Tm {
    second: i32,
    minute: i32,
    hour: i32,
    day: i32,
    /// From 0.
    month: i32,
    /// From 1900.
    year: i32,
    /// Day of the week, of the year, and summer time: drivers need not fill
    /// them, and take no notice of them.
    _rest: [i32; 3],
}

// The size is a part of the requests' numbers.
const _: () = assert!(size_of::<Tm>() == 0x24);

impl From<Tm> for RtcTime {
    fn from(tm: Tm) -> RtcTime {
        // What is beyond its type's range is no date, and stays none.
        let field = |value: i32| u8::try_from(value).unwrap_or(u8::MAX);
        RtcTime {
            year: tm.year.saturating_add(1900),
            month: field(tm.month.saturating_add(1)),
            day: field(tm.day),
            hour: field(tm.hour),
            minute: field(tm.minute),
            second: field(tm.second),
        }
    }
}

impl From<RtcTime> for Tm {
    fn from(time: RtcTime) -> Tm {
        Tm {
            second: time.second.into(),
            minute: time.minute.into(),
            hour: time.hour.into(),
            day: time.day.into(),
            month: i32::from(time.month) - 1,
            year: time.year.saturating_sub(1900),
            _rest: [0; 3],
        }
    }
}

/// A hardware clock's device, open. Closed when dropped; the kernel lets one
/// program at a time have it.
///
/// ```
/// use instanter_clock::rtc::RtcDevice;
/// match RtcDevice::open(c"/dev/rtc0") {
///     Ok(clock) => println!("{:?}", clock.read()?),
///     Err(error) => println!("{error}"),
/// }
/// # Ok::<(), instanter_clock::Error>(())
/// ```
#[derive(Debug)]
pub struct RtcDevice {
    descriptor: Descriptor,
}

impl RtcDevice {
    /// `open(path)` — Opens a hardware clock's device, mostly `/dev/rtc0`.
    ///
    /// # Errors
    /// [`Error::is_absent`] where there is none, [`Error::is_denied`] without the
    /// right to open it, [`Error::is_busy`] while another program has it.
    pub fn open(path: &CStr) -> Result<RtcDevice, Error> {
        Descriptor::open(path, O_RDONLY)
            .map(|descriptor| RtcDevice { descriptor })
            .map_err(|errno| Error::new(OPEN, DynamicClock::from_fd(-1).as_clock(), errno))
    }

    /// `ioctl(RTC_RD_TIME)` — Returns what the clock shows.
    ///
    /// # Errors
    /// `EINVAL` where the clock says itself that it does not know the time;
    /// `ENOTTY` for a file that is no hardware clock.
    ///
    /// # References
    /// [`rtc(4)`](https://man7.org/linux/man-pages/man4/rtc.4.html)
    pub fn read(&self) -> Result<RtcTime, Error> {
        let mut tm = Tm::default();
        // SAFETY: the kernel writes one `struct rtc_time`.
        unsafe { self.descriptor.ioctl(RTC_RD_TIME, (&raw mut tm).addr()) }
            .map(|_| tm.into())
            .map_err(|errno| self.error("RTC_RD_TIME", errno))
    }

    /// `ioctl(RTC_SET_TIME)` — Makes the clock show a time.
    ///
    /// # Errors
    /// [`Error::is_denied`] without `CAP_SYS_TIME`; `EINVAL` for what is no date,
    /// or none that the clock can show.
    pub fn set(&self, time: RtcTime) -> Result<(), Error> {
        let tm = Tm::from(time);
        // SAFETY: the kernel reads one `struct rtc_time`.
        unsafe { self.descriptor.ioctl(RTC_SET_TIME, (&raw const tm).addr()) }
            .map(drop)
            .map_err(|errno| self.error("RTC_SET_TIME", errno))
    }

    /// `ioctl(RTC_UIE_ON)`, `read`, `ioctl(RTC_UIE_OFF)` — Waits until the clock's
    /// next second begins, for at most two seconds. Returns whether it was told
    /// so; a clock may have no such interrupt, or lose it.
    ///
    /// # Errors
    /// [`Error::is_unsupported`] for a clock that has none, [`Error::is_busy`]
    /// while another program uses it.
    pub fn wait_for_update(&self) -> Result<bool, Error> {
        // SAFETY: the request has no argument.
        unsafe { self.descriptor.ioctl(RTC_UIE_ON, 0) }
            .map_err(|errno| self.error("RTC_UIE_ON", errno))?;
        let told = self.await_interrupt();
        // SAFETY: the request has no argument. An interrupt that stays on is
        // switched off when the device is closed.
        let _ = unsafe { self.descriptor.ioctl(RTC_UIE_OFF, 0) };
        told
    }

    fn await_interrupt(&self) -> Result<bool, Error> {
        const LONGEST: KernelTimespec = KernelTimespec { sec: 2, nsec: 0 };
        let ready = self
            .descriptor
            .wait_readable(Some(LONGEST))
            .map_err(|errno| self.error("ppoll", errno))?;
        if ready {
            // The count of interrupts and their kind, in a `long`.
            let mut interrupts = [0; size_of::<usize>()];
            self.descriptor.read(&mut interrupts).map_err(|errno| self.error("read", errno))?;
        }
        Ok(ready)
    }

    fn error(&self, call: &'static str, errno: Errno) -> Error {
        Error::new(call, DynamicClock::from_fd(self.descriptor.number()).as_clock(), errno)
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::*;

    #[test]
    fn request_numbers_are_made_of_their_parts() {
        // `include/uapi/asm-generic/ioctl.h`, and POWER's own of the same name.
        let (none, read, write) = if cfg!(target_arch = "powerpc64") {
            (1 << 29, 1 << 30, 1 << 31)
        } else {
            (0, 1 << 31, 1 << 30)
        };
        let kind = u32::from(b'p') << 8;
        let size = (size_of::<Tm>() as u32) << 16;
        assert_eq!(RTC_RD_TIME, read | size | kind | 0x09);
        assert_eq!(RTC_SET_TIME, write | size | kind | 0x0a);
        assert_eq!(RTC_UIE_ON, none | kind | 0x03);
        assert_eq!(RTC_UIE_OFF, none | kind | 0x04);
    }

    #[test]
    fn times_there_and_back() {
        let table = [
            ([0, 0, 0, 1, 0, 70], (1970, 1, 1, 0, 0, 0)),
            ([59, 58, 23, 31, 11, 126], (2026, 12, 31, 23, 58, 59)),
            ([7, 6, 5, 29, 1, 124], (2024, 2, 29, 5, 6, 7)),
        ];
        for ([second, minute, hour, day, month, year], want) in table {
            let tm = Tm { second, minute, hour, day, month, year, _rest: [0; 3] };
            let got = RtcTime::from(tm);
            let parts = (got.year, got.month, got.day, got.hour, got.minute, got.second);
            assert_eq!(parts, want);
            let back = Tm::from(got);
            assert_eq!((back.year, back.month, back.day), (year, month, day));
            assert_eq!((back.hour, back.minute, back.second), (hour, minute, second));
        }
        let broken = Tm { second: -1, month: 300, year: i32::MAX, ..Tm::default() };
        let got = RtcTime::from(broken);
        assert_eq!((got.second, got.month, got.year), (255, 255, i32::MAX));
    }
}
