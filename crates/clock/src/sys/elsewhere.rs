//! What only Linux has, as the other systems answer for it: with a refusal that says so.

use core::convert::Infallible;
use core::ffi::CStr;

use instanter_page::Timespec;

use super::platform::errno;
use super::{Errno, KernelTimespec, TimerSpec, Timex};

#[cfg(windows)]
pub(crate) use super::platform::errno::spelled;

/// The name of an error number, as this system spells it.
#[cfg(not(windows))]
pub(crate) const fn spelled(name: &'static str) -> &'static str {
    name
}

/// What error texts say beyond the number.
pub(crate) const SETTING_NEEDS: &str = "setting a clock needs a privilege";
pub(crate) const UNSUPPORTED: &str = "not on this system";

/// Not on this system.
pub(crate) const NOT_HERE: Errno = Errno(errno::EOPNOTSUPP as i32);

/// Ids of clocks that a system does not have: numbers that no system gives a clock, from
/// which the name can be told.
pub(crate) mod lacking {
    /// The smallest number, and Linux' id of the clock.
    pub(crate) const fn lacking(linux_id: i32) -> i32 {
        i32::MIN + linux_id
    }

    pub(crate) const fn is_lacking(id: i32) -> bool {
        id < lacking(64)
    }

    pub(crate) const MONOTONIC_RAW: i32 = lacking(4);
    pub(crate) const REALTIME_COARSE: i32 = lacking(5);
    pub(crate) const MONOTONIC_COARSE: i32 = lacking(6);
    pub(crate) const BOOTTIME: i32 = lacking(7);
    pub(crate) const REALTIME_ALARM: i32 = lacking(8);
    pub(crate) const BOOTTIME_ALARM: i32 = lacking(9);
    pub(crate) const TAI: i32 = lacking(11);
    pub(crate) const PROCESS_CPU: i32 = lacking(2);
    pub(crate) const THREAD_CPU: i32 = lacking(3);

    pub(crate) const fn aux(index: usize) -> i32 {
        lacking(16 + index as i32)
    }

    /// No page is read here, unless the system's own file says otherwise.
    pub(crate) const ON_PAGE: [i32; 0] = [];

    /// What another process has used is not read by a clock's id here.
    pub(crate) const fn process_cpu(_: u32) -> i32 {
        lacking(40)
    }

    pub(crate) const fn thread_cpu(_: u32) -> i32 {
        lacking(41)
    }

    /// Clocks behind descriptors are Linux'.
    pub(crate) const fn of_descriptor(_: i32) -> i32 {
        lacking(42)
    }

    /// What a clock without an id is called.
    pub(crate) const fn name(id: i32) -> Option<&'static str> {
        const AUX: [&str; 8] = [
            "CLOCK_AUX0",
            "CLOCK_AUX1",
            "CLOCK_AUX2",
            "CLOCK_AUX3",
            "CLOCK_AUX4",
            "CLOCK_AUX5",
            "CLOCK_AUX6",
            "CLOCK_AUX7",
        ];
        Some(match id.wrapping_sub(i32::MIN) {
            2 => "CLOCK_PROCESS_CPUTIME_ID",
            3 => "CLOCK_THREAD_CPUTIME_ID",
            4 => "CLOCK_MONOTONIC_RAW",
            5 => "CLOCK_REALTIME_COARSE",
            6 => "CLOCK_MONOTONIC_COARSE",
            7 => "CLOCK_BOOTTIME",
            8 => "CLOCK_REALTIME_ALARM",
            9 => "CLOCK_BOOTTIME_ALARM",
            11 => "CLOCK_TAI",
            number @ 16..=23 => AUX[number as usize - 16],
            40 => "CPU time of a process",
            41 => "CPU time of a thread",
            42 => "clock of a file descriptor",
            _ => return None,
        })
    }

    /// What a clock without a name is of: here all that there are have names.
    pub(crate) fn subject(_: i32) -> Option<(&'static str, i32)> {
        None
    }
}

/// A device or a timer behind a descriptor: there is none.
#[derive(Debug)]
pub(crate) struct Descriptor(Infallible);

pub(crate) const O_RDONLY: u32 = 0;

impl Descriptor {
    pub(crate) fn number(&self) -> i32 {
        match self.0 {}
    }

    pub(crate) fn open(_: &CStr, _: u32) -> Result<Descriptor, Errno> {
        Err(NOT_HERE)
    }

    pub(crate) fn read(&self, _: &mut [u8]) -> Result<usize, Errno> {
        match self.0 {}
    }

    /// # Safety
    /// None is needed.
    pub(crate) unsafe fn ioctl(&self, _: u32, _: usize) -> Result<usize, Errno> {
        match self.0 {}
    }

    pub(crate) fn wait_readable(&self, _: Option<KernelTimespec>) -> Result<bool, Errno> {
        match self.0 {}
    }
}

/// Linux' numbers, for a descriptor that there is not.
pub(crate) const TFD_TIMER_ABSTIME: u32 = 1;
pub(crate) const TFD_TIMER_CANCEL_ON_SET: u32 = 2;
pub(crate) const RTC_RD_TIME: u32 = 0x8024_7009;
pub(crate) const RTC_SET_TIME: u32 = 0x4024_700a;
pub(crate) const RTC_UIE_ON: u32 = 0x7003;
pub(crate) const RTC_UIE_OFF: u32 = 0x7004;

pub(crate) fn timerfd_create(_: i32) -> Result<Descriptor, Errno> {
    Err(NOT_HERE)
}

pub(crate) fn timerfd_settime(
    timer: &Descriptor,
    _: u32,
    _: &TimerSpec,
) -> Result<TimerSpec, Errno> {
    match timer.0 {}
}

pub(crate) fn timerfd_gettime(timer: &Descriptor) -> Result<TimerSpec, Errno> {
    match timer.0 {}
}

/// What was used, in the members that Linux fills.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rusage {
    /// Seconds and microseconds.
    pub(crate) user: [i64; 2],
    pub(crate) system: [i64; 2],
    /// In KiB.
    pub(crate) max_rss: i64,
    pub(crate) minor_faults: i64,
    pub(crate) major_faults: i64,
    pub(crate) blocks_in: i64,
    pub(crate) blocks_out: i64,
    pub(crate) voluntary: i64,
    pub(crate) involuntary: i64,
}

/// CPU times in ticks of 1/100 s.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tms {
    pub(crate) user: i64,
    pub(crate) system: i64,
    pub(crate) children_user: i64,
    pub(crate) children_system: i64,
}

/// Counts ticks of 1/100 s in what was used, and in the time of a clock.
///
/// Other systems' `times` counts in other ticks (FreeBSD's in 1/128 s), and theirs is
/// made of the same account.
pub(crate) fn times_of(own: &Rusage, children: &Rusage, elapsed: Timespec) -> (Tms, u64) {
    let ticks = |[sec, usec]: [i64; 2]| sec.saturating_mul(100) + usec / 10_000;
    let tms = Tms {
        user: ticks(own.user),
        system: ticks(own.system),
        children_user: ticks(children.user),
        children_system: ticks(children.system),
    };
    (tms, u64::try_from(elapsed.as_nanos() / 10_000_000).unwrap_or(0))
}

/// No clock is steered through this.
pub(crate) fn clock_adjtime(_: i32, _: &mut Timex) -> Result<u32, Errno> {
    Err(NOT_HERE)
}

/// Timer slack is Linux'.
pub(crate) fn timer_slack_ns() -> Result<u64, Errno> {
    Err(NOT_HERE)
}

/// There is no vDSO, and so never a function of one.
///
/// # Safety
/// None is needed.
pub(crate) unsafe fn vdso_call(_: *const (), _: i32, _: *mut KernelTimespec) -> i32 {
    -1
}

/// The environment is looked at where a page could be switched off.
pub(crate) fn variable(_: &CStr, _: &mut [u8]) -> Option<usize> {
    None
}

/// The names of clock sources are in Linux' sysfs.
pub(crate) fn read_file(_: &CStr, _: &mut [u8]) -> Result<usize, Errno> {
    Err(NOT_HERE)
}
