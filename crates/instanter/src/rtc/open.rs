//! Finding the hardware clock: a device, or where that cannot be had, sysfs.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use instanter_clock::rtc::RtcTime;

use super::{Adjtime, Device, Edge, Error, Hardware, Reckoning, Rtc};
use crate::Duration;

/// Where the device is, the likeliest first, as `hwclock` looks for it.
const DEVICES: [&str; 3] = ["/dev/rtc", "/dev/rtc0", "/dev/misc/rtc"];

/// Where the kernel shows the first of its clocks.
const SYSFS: &str = "/sys/class/rtc/rtc0";

/// A hardware clock as the kernel shows it in sysfs: to be read by everybody,
/// and not set.
#[derive(Clone, Debug)]
pub struct Sysfs {
    folder: PathBuf,
}

impl Sysfs {
    /// Takes a folder such as `/sys/class/rtc/rtc0`.
    ///
    /// ```
    /// use instanter::rtc::{Reckoning, Rtc, Sysfs};
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// std::fs::write(folder.join("since_epoch"), "1720000000\n")?;
    /// let mut clock = Rtc::with(Sysfs::new(folder), Reckoning::Utc);
    /// assert_eq!(clock.read()?.unix_seconds(), 1_720_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Sysfs {
        Sysfs { folder: folder.into() }
    }

    /// Returns the driver's name, such as `rtc_cmos rtc_cmos`.
    ///
    /// ```
    /// use instanter::rtc::Sysfs;
    /// assert_eq!(Sysfs::new("/no/such/folder").name(), None);
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.file("name").ok()
    }

    /// Whether the kernel set the system clock from this one when it started.
    ///
    /// ```
    /// use instanter::rtc::Sysfs;
    /// assert_eq!(Sysfs::new("/no/such/folder").set_the_system(), None);
    /// ```
    #[must_use]
    pub fn set_the_system(&self) -> Option<bool> {
        Some(self.file("hctosys").ok()? == "1")
    }

    fn file(&self, name: &str) -> Result<String, Error> {
        let path = self.folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) => Err(Error::File { path, reason: error.to_string() }),
        }
    }

    /// How late a clock of this driver is to be set.
    fn set_delay(&self) -> Duration {
        let is_cmos = self.name().is_some_and(|name| name.starts_with("rtc_cmos"));
        if is_cmos { Device::CMOS_SET_DELAY } else { Duration::ZERO }
    }
}

impl Hardware for Sysfs {
    fn read(&mut self) -> Result<RtcTime, Error> {
        let text = self.file("since_epoch")?;
        let seconds = text.parse().map_err(|_| Error::File {
            path: self.folder.join("since_epoch"),
            reason: format!("{text:?} is no number of seconds"),
        })?;
        // The kernel counts what the clock shows as if it were UTC.
        Reckoning::Utc.shows(seconds)
    }

    fn set(&mut self, _: RtcTime) -> Result<(), Error> {
        Err(Error::ReadOnly)
    }
}

/// What [`Rtc::open`] found.
#[derive(Debug)]
pub enum Found {
    /// The device.
    Device(Device),
    /// What sysfs shows, as the device cannot be opened.
    Sysfs(Sysfs),
}

impl Hardware for Found {
    fn read(&mut self) -> Result<RtcTime, Error> {
        match self {
            Found::Device(device) => device.read(),
            Found::Sysfs(sysfs) => sysfs.read(),
        }
    }

    fn set(&mut self, time: RtcTime) -> Result<(), Error> {
        match self {
            Found::Device(device) => device.set(time),
            Found::Sysfs(sysfs) => sysfs.set(time),
        }
    }

    fn wait_for_edge(&mut self) -> Result<Edge, Error> {
        match self {
            Found::Device(device) => device.wait_for_edge(),
            Found::Sysfs(sysfs) => sysfs.wait_for_edge(),
        }
    }

    fn set_delay(&self) -> Duration {
        match self {
            Found::Device(device) => device.set_delay(),
            Found::Sysfs(_) => Duration::ZERO,
        }
    }
}

impl Rtc<Found> {
    /// Opens the machine's hardware clock: `/dev/rtc`, `/dev/rtc0` or
    /// `/dev/misc/rtc`; without the right to that, what `/sys/class/rtc/rtc0`
    /// shows, which cannot be set. Whose time it shows is read from
    /// `/etc/adjtime`.
    ///
    /// # Errors
    /// [`Error::Absent`] where there is none; [`Error::Adjtime`] where that file is
    /// damaged.
    ///
    /// ```
    /// use instanter::rtc::Rtc;
    /// if let Err(error) = Rtc::open() {
    ///     println!("{error}");
    /// }
    /// ```
    pub fn open() -> Result<Rtc<Found>, Error> {
        let reckoning = Adjtime::load(Adjtime::PATH)?.reckoning();
        let mut refused = Error::Absent;
        for path in DEVICES {
            match device(Path::new(path)) {
                Ok(device) => return Ok(Rtc::with(Found::Device(device), reckoning)),
                Err(error) if error.is_absent() => {}
                Err(error) => refused = error,
            }
        }
        let mut sysfs = Sysfs::new(SYSFS);
        match sysfs.read() {
            Ok(_) => Ok(Rtc::with(Found::Sysfs(sysfs), reckoning)),
            Err(_) => Err(refused),
        }
    }

    /// Opens a device, or, where the path is a folder, what it shows as those in
    /// `/sys/class/rtc` do. Whose time the clock shows is read from
    /// `/etc/adjtime`.
    ///
    /// # Errors
    /// [`Error::is_absent`] where there is none, [`Error::is_denied`] without the
    /// right to open it.
    ///
    /// ```
    /// use instanter::rtc::Rtc;
    /// let error = Rtc::open_at("/dev/no-such-clock").unwrap_err();
    /// assert!(error.is_absent());
    /// ```
    pub fn open_at(path: impl AsRef<Path>) -> Result<Rtc<Found>, Error> {
        let path = path.as_ref();
        let found = if path.is_dir() {
            Found::Sysfs(Sysfs::new(path))
        } else {
            Found::Device(device(path)?)
        };
        Ok(Rtc::with(found, Adjtime::load(Adjtime::PATH)?.reckoning()))
    }
}

/// Opens a device, and asks sysfs for its driver.
fn device(path: &Path) -> Result<Device, Error> {
    // A path with a zero byte in it names nothing.
    let name = CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| Error::Absent)?;
    let device = Device::open(&name)?;
    // /dev/rtc is a link to one that sysfs knows by name.
    let real = path.canonicalize().ok();
    let number = real.as_deref().and_then(Path::file_name);
    let delay =
        number.map(|number| Sysfs::new(Path::new("/sys/class/rtc").join(number)).set_delay());
    Ok(device.with_set_delay(delay.unwrap_or(Duration::ZERO)))
}
