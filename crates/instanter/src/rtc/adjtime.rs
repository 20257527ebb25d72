//! `/etc/adjtime`: what `hwclock` remembers of the hardware clock.
//!
//! Three lines, the first two about the clock's drift:
//!
//! ```text
//! 0.000000 1720000000 0.000000     seconds a day, when adjusted last, remainder
//! 1720000000                       when calibrated last
//! UTC                              or LOCAL: whose time the clock shows
//! ```
//!
//! Without the file, or without its third line, the clock shows UTC.
//!
//! # References
//! [`adjtime_config(5)`](https://man7.org/linux/man-pages/man5/adjtime_config.5.html)

use std::fmt;
use std::io;
use std::path::Path;

use super::{Error, Reckoning};

/// WASI's error for a path that leads out of the folders that a program was given
/// (`__WASI_ERRNO_NOTCAPABLE`).
const ENOTCAPABLE: i32 = 76;

/// The content of `/etc/adjtime`. Its lines about drift are kept as they are.
///
/// ```
/// use instanter::rtc::{Adjtime, Reckoning};
/// let adjtime = Adjtime::read("0.25 1720000000 0.0\n1720000000\nLOCAL\n")?;
/// assert_eq!(adjtime.reckoning(), Reckoning::Local);
/// let text = adjtime.with_reckoning(Reckoning::Utc).to_string();
/// assert_eq!(text, "0.25 1720000000 0.0\n1720000000\nUTC\n");
/// # Ok::<(), instanter::rtc::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjtime {
    drift: String,
    calibration: String,
    reckoning: Reckoning,
}

impl Default for Adjtime {
    /// What there is where there is no file: no drift, never calibrated, UTC.
    fn default() -> Adjtime {
        Adjtime {
            drift: "0.0 0 0.0".to_owned(),
            calibration: "0".to_owned(),
            reckoning: Reckoning::Utc,
        }
    }
}

impl Adjtime {
    /// Where the file is.
    pub const PATH: &str = "/etc/adjtime";

    /// Reads the text of the file. Lines that are missing are as without a file.
    ///
    /// # Errors
    /// [`Error::Adjtime`] with the first line that is not as it should be.
    ///
    /// ```
    /// use instanter::rtc::{Adjtime, Reckoning};
    /// assert_eq!(Adjtime::read("")?.reckoning(), Reckoning::Utc);
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn read(text: &str) -> Result<Adjtime, Error> {
        let mut adjtime = Adjtime::default();
        for (index, line) in text.lines().take(3).map(str::trim).enumerate() {
            let wrong = || Error::Adjtime { line: index + 1, text: line.to_owned() };
            match index {
                _ if line.is_empty() => {}
                0 if is_drift(line) => adjtime.drift = line.to_owned(),
                1 if line.parse::<i64>().is_ok() => adjtime.calibration = line.to_owned(),
                2 => {
                    adjtime.reckoning = match line {
                        "UTC" => Reckoning::Utc,
                        "LOCAL" => Reckoning::Local,
                        _ => return Err(wrong()),
                    }
                }
                _ => return Err(wrong()),
            }
        }
        Ok(adjtime)
    }

    /// Reads the file at a path, mostly [`PATH`](Adjtime::PATH). One that is not
    /// there is as [`default`](Adjtime::default).
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be read, and those of
    /// [`read`](Adjtime::read).
    ///
    /// ```
    /// use instanter::rtc::Adjtime;
    /// assert_eq!(Adjtime::load("/no/such/file")?, Adjtime::default());
    /// # Ok::<(), instanter::rtc::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Adjtime, Error> {
        let path = path.as_ref();
        match std::fs::read_to_string(path) {
            Ok(text) => Adjtime::read(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Adjtime::default()),
            // For a WebAssembly program that is as good as no file.
            Err(error) if cfg!(target_os = "wasi") && error.raw_os_error() == Some(ENOTCAPABLE) => {
                Ok(Adjtime::default())
            }
            Err(error) => Err(Error::File { path: path.into(), reason: error.to_string() }),
        }
    }

    /// Writes the file at a path.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be written.
    pub fn store(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        std::fs::write(path, self.to_string())
            .map_err(|error| Error::File { path: path.into(), reason: error.to_string() })
    }

    /// Returns whose time the hardware clock shows.
    ///
    /// ```
    /// use instanter::rtc::{Adjtime, Reckoning};
    /// assert_eq!(Adjtime::default().reckoning(), Reckoning::Utc);
    /// ```
    #[must_use]
    pub fn reckoning(&self) -> Reckoning {
        self.reckoning
    }

    /// Returns the same with another third line.
    ///
    /// ```
    /// use instanter::rtc::{Adjtime, Reckoning};
    /// let local = Adjtime::default().with_reckoning(Reckoning::Local);
    /// assert!(local.to_string().ends_with("LOCAL\n"));
    /// ```
    #[must_use]
    pub fn with_reckoning(self, reckoning: Reckoning) -> Adjtime {
        Adjtime { reckoning, ..self }
    }
}

/// Whether a line has the drift in seconds a day, the time of the last
/// adjustment, and the remainder.
fn is_drift(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let is_number =
        |word: Option<&str>| word.is_some_and(|word| word.parse::<f64>().is_ok_and(f64::is_finite));
    is_number(words.next())
        && words.next().is_some_and(|word| word.parse::<i64>().is_ok())
        && is_number(words.next())
        && words.next().is_none()
}

/// The text of the file.
impl fmt::Display for Adjtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.drift, self.calibration, self.reckoning.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_as_they_are_found() {
        let table = [
            ("", "0.0 0 0.0\n0\nUTC\n"),
            ("\n\n\n", "0.0 0 0.0\n0\nUTC\n"),
            ("0.0 0 0.0\n0\nUTC\n", "0.0 0 0.0\n0\nUTC\n"),
            // hwclock's own.
            (
                "0.000000 1720000000 0.000000\n1720000000\nLOCAL\n",
                "0.000000 1720000000 0.000000\n1720000000\nLOCAL\n",
            ),
            (
                "-1.482347 1720000000 0.000000\n1720000000\nUTC",
                "-1.482347 1720000000 0.000000\n1720000000\nUTC\n",
            ),
            // timedatectl writes what it must.
            ("0.0 0 0\n0\nLOCAL\n", "0.0 0 0\n0\nLOCAL\n"),
            ("0.0 0 0\r\n0\r\nLOCAL\r\n", "0.0 0 0\n0\nLOCAL\n"),
            ("0.0 0 0.0\n", "0.0 0 0.0\n0\nUTC\n"),
            ("0.0 0 0.0\n-5\n", "0.0 0 0.0\n-5\nUTC\n"),
            ("0.0 0 0.0\n0\nUTC\nwhat follows is nobody's\n", "0.0 0 0.0\n0\nUTC\n"),
        ];
        for (text, want) in table {
            let got = Adjtime::read(text).map(|adjtime| adjtime.to_string());
            assert_eq!(got.as_deref(), Ok(want), "read({text:?})");
        }
    }

    #[test]
    fn files_that_are_not_as_they_should_be() {
        let table = [
            ("0.0 0\n0\nUTC\n", 1, "0.0 0"),
            ("0.0 0 0.0 0\n0\nUTC\n", 1, "0.0 0 0.0 0"),
            ("0.0 1.5 0.0\n0\nUTC\n", 1, "0.0 1.5 0.0"),
            ("nan 0 inf\n0\nUTC\n", 1, "nan 0 inf"),
            ("0.0 0 0.0\nnever\nUTC\n", 2, "never"),
            ("0.0 0 0.0\n0\nutc\n", 3, "utc"),
            ("0.0 0 0.0\n0\nLOCAL TIME\n", 3, "LOCAL TIME"),
        ];
        for (file, line, text) in table {
            let want = Error::Adjtime { line, text: text.to_owned() };
            assert_eq!(Adjtime::read(file), Err(want), "read({file:?})");
        }
        let error = Adjtime::read("0.0 0 0.0\n0\nutc").expect_err("small letters");
        let text = "/etc/adjtime, line 3: \"utc\" where there should be UTC or LOCAL";
        assert_eq!(error.to_string(), text);
    }
}
