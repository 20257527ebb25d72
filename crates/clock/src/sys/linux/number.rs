//! Numbers of the calls whose times have 64 bits on every CPU.
//!
//! CPUs of 32 bits have had a second family of them since Linux 5.1; the first ends
//! in 2038 and is not used.

#[cfg(target_pointer_width = "64")]
pub(super) use linux_raw_sys::general::{
    __NR_clock_adjtime as CLOCK_ADJTIME, __NR_clock_getres as CLOCK_GETRES,
    __NR_clock_gettime as CLOCK_GETTIME, __NR_clock_nanosleep as CLOCK_NANOSLEEP,
    __NR_clock_settime as CLOCK_SETTIME, __NR_ppoll as PPOLL,
    __NR_timerfd_gettime as TIMERFD_GETTIME, __NR_timerfd_settime as TIMERFD_SETTIME,
};
#[cfg(target_pointer_width = "32")]
pub(super) use linux_raw_sys::general::{
    __NR_clock_adjtime64 as CLOCK_ADJTIME, __NR_clock_getres_time64 as CLOCK_GETRES,
    __NR_clock_gettime64 as CLOCK_GETTIME, __NR_clock_nanosleep_time64 as CLOCK_NANOSLEEP,
    __NR_clock_settime64 as CLOCK_SETTIME, __NR_ppoll_time64 as PPOLL,
    __NR_timerfd_gettime64 as TIMERFD_GETTIME, __NR_timerfd_settime64 as TIMERFD_SETTIME,
};
