//! The options of `watch`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::failure::Failure;
use crate::watch::Which;

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Seconds between two looks [default: 0.5]
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    #[arg(hide_default_value = true)]
    pub(crate) interval: Duration,

    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) length: Option<Duration>,

    /// What clocks are compared with: raw, monotonic, realtime, boottime, tai, or a
    /// device such as /dev/ptp0 [default: raw]
    #[arg(long, value_name = "CLOCK", default_value = "raw", hide_default_value = true)]
    reference: String,

    /// Write what is seen to FILE, a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Overwrite the file of --record if it exists
    #[arg(long, requires = "record")]
    pub(crate) force: bool,

    /// Show what FILE recorded; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "length", "interval"])]
    pub(crate) replay: Option<PathBuf>,

    /// How many times faster to replay; 0 is without waiting [default: 1]
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
    #[arg(requires = "replay", hide_default_value = true)]
    speed: f64,

    /// Lines instead of a screen, as in a pipe
    #[arg(long)]
    pub(crate) plain: bool,

    /// Do not compare the CPUs' counters, which takes each CPU for a millisecond now
    /// and then
    #[arg(long)]
    pub(crate) no_coherence: bool,
}

impl WatchArgs {
    /// The reference, and the device that has to be read for it.
    pub(crate) fn reference(&self) -> Result<(Which, Option<&Path>), Failure> {
        let known = Which::ALL.into_iter().find(|which| which.word() == self.reference);
        match known {
            Some(which) if which != Which::Device || self.replay.is_some() => Ok((which, None)),
            _ if self.reference.starts_with('/') && self.replay.is_some() => {
                Ok((Which::Device, None))
            }
            _ if self.reference.starts_with('/') => {
                Ok((Which::Device, Some(Path::new(&self.reference))))
            }
            _ => Err(Failure::new(format!(
                "there is no clock {:?} to compare with: raw, monotonic, realtime, boottime, tai, \
                 or the path of a device",
                self.reference
            ))),
        }
    }

    /// How fast to replay; `None` is without waiting.
    pub(crate) fn speed(&self) -> Option<f64> {
        (self.speed > 0.0).then_some(self.speed)
    }
}

/// The shortest and the longest time that somebody means, in seconds.
const SECONDS: std::ops::RangeInclusive<f64> = 0.01..=31_622_400.0;

/// A length of time in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    if !SECONDS.contains(&number) {
        return Err(format!("{text:?} is not between {} and {}", SECONDS.start(), SECONDS.end()));
    }
    Duration::try_from_secs_f64(number).map_err(|error| format!("{text:?}: {error}"))
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=1e9).contains(&number) => Ok(number),
        _ => Err(format!("{text:?} is no speed: 1 as it was, 10 ten times as fast, 0 at once")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        for text in ["", "soon", "0", "-1", "NaN", "inf", "1e300", "0.001"] {
            let message = seconds(text).expect_err("refused");
            assert!(message.contains(&format!("{text:?}")), "{message}");
        }
        assert_eq!((speed("0"), speed("2.5")), (Ok(0.0), Ok(2.5)));
        for text in ["", "fast", "-1", "NaN", "inf"] {
            assert!(speed(text).is_err_and(|message| message.contains(&format!("{text:?}"))));
        }
    }
}
