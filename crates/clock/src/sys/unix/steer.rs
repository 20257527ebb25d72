//! The kernel's discipline of the wall clock: `ntp_adjtime`.
//!
//! It is the model that Linux' `adjtimex` follows, and the bits that both have are the same
//! numbers. Linux' own (the step, the tick) are refused: theirs mean something else here.

use core::ffi::c_int;

use super::super::Timex;
use super::{Errno, NOT_HERE, clocks, done};

/// A member of the structure: `long`, but 32 bits on illumos.
#[cfg(not(any(target_os = "illumos", target_os = "solaris")))]
pub(super) type Member = i64;
#[cfg(any(target_os = "illumos", target_os = "solaris"))]
pub(super) type Member = i32;

/// `struct timex`.
#[repr(C)]
#[derive(Default)]
pub(super) struct NtpTimex {
    pub(super) modes: u32,
    pub(super) offset: Member,
    pub(super) freq: Member,
    pub(super) maxerror: Member,
    pub(super) esterror: Member,
    pub(super) status: i32,
    pub(super) constant: Member,
    pub(super) precision: Member,
    pub(super) tolerance: Member,
    pub(super) ppsfreq: Member,
    pub(super) jitter: Member,
    pub(super) shift: i32,
    pub(super) stabil: Member,
    pub(super) jitcnt: Member,
    pub(super) calcnt: Member,
    pub(super) errcnt: Member,
    pub(super) stbcnt: Member,
}

unsafe extern "C" {
    fn ntp_adjtime(timex: *mut NtpTimex) -> c_int;
}

const ADJ_SETOFFSET: u32 = 0x0100;
const ADJ_TICK: u32 = 0x4000;
/// Microseconds between the ticks of a 100 Hz clock, which nobody can change here.
const TICK_US: i64 = 10_000;

/// Returns the clock's state (`TIME_OK` and so on).
#[allow(clippy::useless_conversion)] // 32 bits on some of these systems.
pub(crate) fn clock_adjtime(id: i32, timex: &mut Timex) -> Result<u32, Errno> {
    if id != clocks::REALTIME || timex.modes & (ADJ_SETOFFSET | ADJ_TICK) != 0 {
        return Err(NOT_HERE);
    }
    // What does not fit a member is beyond what the kernel takes, and is refused by it.
    let member = |value: i64| Member::try_from(value).unwrap_or(Member::MAX);
    let mut ntp = NtpTimex {
        modes: timex.modes,
        offset: member(timex.offset),
        freq: member(timex.freq),
        maxerror: member(timex.maxerror),
        esterror: member(timex.esterror),
        status: timex.status,
        constant: member(timex.constant),
        ..NtpTimex::default()
    };
    // SAFETY: one `struct timex` is read and written.
    let state = done(unsafe { ntp_adjtime(&mut ntp) })?;
    timex.offset = ntp.offset.into();
    timex.freq = ntp.freq.into();
    timex.maxerror = ntp.maxerror.into();
    timex.esterror = ntp.esterror.into();
    timex.status = ntp.status;
    timex.constant = ntp.constant.into();
    timex.tick = TICK_US;
    timex.tai = system_tai();
    Ok(state as u32)
}

/// TAI − UTC, where `ntp_gettime` tells it.
#[cfg(any(target_os = "freebsd", target_os = "dragonfly", target_vendor = "apple"))]
fn system_tai() -> i32 {
    use super::KernelTimespec;

    /// `struct ntptimeval`.
    #[repr(C)]
    #[derive(Default)]
    struct NtpTimeVal {
        time: KernelTimespec,
        maxerror: i64,
        esterror: i64,
        tai: i64,
        state: c_int,
    }

    unsafe extern "C" {
        fn ntp_gettime(time: *mut NtpTimeVal) -> c_int;
    }

    let mut time = NtpTimeVal::default();
    // SAFETY: one `struct ntptimeval` is written.
    match done(unsafe { ntp_gettime(&mut time) }) {
        Ok(_) => i32::try_from(time.tai).unwrap_or(0),
        Err(_) => 0,
    }
}

/// The others do not say: zero is what a kernel answers that was not told.
#[cfg(not(any(target_os = "freebsd", target_os = "dragonfly", target_vendor = "apple")))]
fn system_tai() -> i32 {
    0
}
