//! The hardware clock: read, set, and the system clock set from it.

use crate::console::Report;
use crate::kernel;
use core::ffi::CStr;
use instanter::Duration;
use instanter::clock::rtc::RtcDevice;
use instanter::rtc::{Device, Error, Reckoning, Rtc, RtcTime};
use instanter_clock::Clock;

const DEVICE: &CStr = c"/dev/rtc0";
const NAME: &CStr = c"/sys/class/rtc/rtc0/name";
/// What the clock shows, in seconds since 1970, as the kernel reckons.
const SECONDS: &CStr = c"/sys/class/rtc/rtc0/since_epoch";

const HOUR: i128 = 3_600_000_000_000;

/// How far apart two clocks may be that begin their seconds together, in an
/// emulator on a busy machine. One that was set without the half second's delay
/// of PCs would be ahead by 500 ms.
const TOGETHER: core::ops::RangeInclusive<i64> = -400_000_000..=200_000_000;

/// Everything, where there is such a clock.
pub fn all(report: &mut Report) {
    let mut name = [0; 64];
    let name = kernel::read_file(NAME, &mut name).unwrap_or("unnamed");
    let device = match Device::open(DEVICE) {
        Ok(device) => device,
        Err(error) if error.is_absent() => {
            return report.skipped(format_args!("rtc: the kernel has no {DEVICE:?}"));
        }
        Err(error) => return report.not_ok(format_args!("rtc {DEVICE:?}: {error}")),
    };
    report.say(format_args!("rtc {name}"));
    let delay = if name.starts_with("rtc_cmos") { Device::CMOS_SET_DELAY } else { Duration::ZERO };
    let mut clock = Rtc::with(device.with_set_delay(delay), Reckoning::Utc);
    outcome(report, "rtc read", reads(&mut clock));
    // Firmware's clock: set to 29 February 2004 it shows 1 March, to the kernel
    // and to us, and the beginning of its seconds cannot be chosen.
    if name.starts_with("rtc-efi") {
        return report.skipped(format_args!("rtc set: {name} is the firmware's"));
    }
    outcome(report, "rtc set", patiently(|| sets(&mut clock)));
    let set = patiently(|| systohc(report, &mut clock));
    outcome(report, "rtc systohc", set);
    outcome(report, "rtc hctosys", patiently(|| hctosys(&mut clock)));
    // The kernel lets one program have the device.
    drop(clock);
    match RtcDevice::open(DEVICE).map(|device| device.wait_for_update()) {
        Ok(Ok(true)) => report.ok(format_args!("rtc update interrupt")),
        Ok(Ok(false)) => report.skipped(format_args!("rtc update interrupt: none came")),
        Ok(Err(error)) | Err(error) => {
            report.skipped(format_args!("rtc update interrupt: {error}"));
        }
    }
}

enum Wrong {
    Library(Error),
    Kernel(syscalls::Errno),
    /// What was seen, and what was expected.
    Differs(&'static str, i128, i128),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Wrong {
        Wrong::Library(error)
    }
}

impl From<syscalls::Errno> for Wrong {
    fn from(error: syscalls::Errno) -> Wrong {
        Wrong::Kernel(error)
    }
}

fn outcome(report: &mut Report, name: &str, outcome: Result<(), Wrong>) {
    match outcome {
        Ok(()) => report.ok(format_args!("{name}")),
        Err(Wrong::Library(error)) => report.not_ok(format_args!("{name}: {error}")),
        Err(Wrong::Kernel(error)) => report.not_ok(format_args!("{name}: the kernel: {error}")),
        Err(Wrong::Differs(what, got, want)) => {
            report.not_ok(format_args!("{name}: {what} {got}, expected {want}"));
        }
    }
}

fn ensure(holds: bool, what: &'static str, got: i128, want: i128) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong::Differs(what, got, want)) }
}

/// Does it again if it fails: a busy machine may stop an emulator for a while, between a
/// clock's edge and its use. What is wrong is so each time.
fn patiently(mut attempt: impl FnMut() -> Result<(), Wrong>) -> Result<(), Wrong> {
    const MORE: usize = 4;
    for _ in 0..MORE {
        if let Ok(()) = attempt() {
            return Ok(());
        }
    }
    attempt()
}

/// The kernel's own account of what the clock shows.
fn seconds() -> Result<i128, syscalls::Errno> {
    let mut text = [0; 32];
    let text = kernel::read_file(SECONDS, &mut text)?;
    text.parse().map_err(|_| syscalls::Errno::EILSEQ)
}

/// Between two of the kernel's answers, and so on the edge of a second.
fn reads(clock: &mut Rtc<Device>) -> Result<(), Wrong> {
    for _ in 0..20 {
        let earlier = seconds()?;
        let ours = i128::from(clock.read()?.unix_seconds());
        let later = seconds()?;
        ensure((earlier..=later).contains(&ours), "shows", ours, earlier)?;
    }
    let earlier = seconds()?;
    let edge = i128::from(clock.drift()?.means.unix_seconds());
    let later = seconds()?;
    ensure(earlier < edge && edge <= later, "an edge at", edge, earlier + 1)
}

/// To a leap day long ago, and one to come.
fn sets(clock: &mut Rtc<Device>) -> Result<(), Wrong> {
    use instanter::rtc::Hardware;
    for (year, unix_s) in [(2004, 1_078_027_506), (2072, 3_223_944_306)] {
        let to = RtcTime { year, month: 2, day: 29, hour: 4, minute: 5, second: 6 };
        clock.hardware().set(to)?;
        let got = seconds()?;
        ensure((unix_s..unix_s + 5).contains(&got), "the kernel shows", got, unix_s)?;
        let got = i128::from(clock.read()?.unix_seconds());
        ensure((unix_s..unix_s + 5).contains(&got), "shows", got, unix_s)?;
    }
    Ok(())
}

/// From the system clock, whose seconds begin with the hardware clock's then.
fn systohc(report: &mut Report, clock: &mut Rtc<Device>) -> Result<(), Wrong> {
    let set = clock.systohc()?;
    let drift = clock.drift()?;
    report.say(format_args!("rtc set {} late, is {} ahead", set.late, drift.ahead));
    let ahead = drift.ahead.as_nanos();
    ensure(TOGETHER.contains(&ahead), "ahead by ns", ahead.into(), 0)
}

/// The system clock, an hour wrong, comes back.
fn hctosys(clock: &mut Rtc<Device>) -> Result<(), Wrong> {
    let wall = Clock::REALTIME.id();
    kernel::set_clock(wall, kernel::clock(wall)? + HOUR)?;
    let stepped = i128::from(clock.hctosys()?.ahead.as_nanos());
    let slack = i128::from(*TOGETHER.end());
    ensure((stepped + HOUR).abs() < 3 * slack, "stepped by ns", stepped, -HOUR)?;
    let ahead = clock.drift()?.ahead.as_nanos();
    ensure(TOGETHER.contains(&ahead), "ahead by ns", ahead.into(), 0)
}
