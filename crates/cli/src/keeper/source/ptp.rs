//! A clock behind a device: a network card's, or the host's of a virtual machine.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

use instanter::Duration;
use instanter_clock::{DynamicClock, Leap};
use instanter_keeper::{Clock as Kept, Clocks};

use super::realtime::nanos_of;
use super::{Comparison, Source, narrowest};
use crate::failure::Failure;

pub(super) struct Ptp {
    name: String,
    device: File,
    /// What it is ahead of UTC by.
    utc_offset_s: i32,
}

impl Ptp {
    pub(super) fn open(path: &Path, utc_offset_s: i32) -> Result<Ptp, Failure> {
        let name = path.display().to_string();
        let device = File::open(path).map_err(|error| {
            Failure::new(format!("cannot open the PTP clock {name:?}: {error}"))
        })?;
        let clock = Ptp { name, device, utc_offset_s };
        clock
            .clock()
            .now()
            .map_err(|error| Failure::new(format!("{:?} is no PTP clock: {error}", clock.name)))?;
        Ok(clock)
    }

    fn clock(&self) -> DynamicClock {
        DynamicClock::from_fd(self.device.as_raw_fd())
    }
}

impl Source for Ptp {
    fn compare(&mut self, ours: &Clocks) -> Result<Comparison, String> {
        // Each read goes over a bus, and some are slow.
        let read = narrowest(7, || self.clock().now())
            .map_err(|error| format!("cannot read {:?}: {error}", self.name))?;
        let theirs = read.time.as_nanos() - i128::from(self.utc_offset_s) * 1_000_000_000;
        let ours_ns = ours.time(Kept::Realtime, read.counter).as_nanos();
        Ok(Comparison {
            ahead_ns: theirs - ours_ns,
            uncertainty_ns: nanos_of(ours, read.counter, read.width) / 2 + 1,
            frequency: None,
            // The device does not say whether anybody disciplines it, nor how well.
            bound_ns: u64::MAX,
            synchronized: false,
            leap: Leap::None,
            tai_s: (self.utc_offset_s != 0).then_some(self.utc_offset_s),
        })
    }

    fn poll(&self) -> Option<Duration> {
        Some(Duration::from_seconds(1))
    }

    fn hint(&self, ahead_ns: i128) -> Option<String> {
        let seconds = ahead_ns.div_euclid(500_000_000).div_euclid(2);
        let counts_tai = self.utc_offset_s == 0 && (30..=40).contains(&seconds);
        counts_tai.then(|| {
            format!(
                "{:?} is {seconds} s ahead of the machine's wall clock, so it seems to count TAI: \
                 --utc-offset 37 makes UTC of it",
                self.name
            )
        })
    }
}
