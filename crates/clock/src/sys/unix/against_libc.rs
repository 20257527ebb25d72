//! This crate's declarations beside those of the `libc` crate.
//!
//! Every comparison is a constant: that the tests compile for a system is the proof.

use core::mem::offset_of;

use super::{FullRusage, clocks, errno};
use crate::sys::KernelTimespec;

macro_rules! same {
    ($($ours:expr, $theirs:expr;)*) => {
        $(const _: () = assert!($ours as i64 == $theirs as i64);)*
    };
}

same! {
    clocks::REALTIME, libc::CLOCK_REALTIME;
    errno::EINVAL, libc::EINVAL;
    errno::ENODEV, libc::ENODEV;
    errno::EOPNOTSUPP, libc::EOPNOTSUPP;
    errno::EBADF, libc::EBADF;
    errno::ESRCH, libc::ESRCH;
    errno::EPERM, libc::EPERM;
    errno::EACCES, libc::EACCES;
    errno::ENOSYS, libc::ENOSYS;
    errno::ENOENT, libc::ENOENT;
    errno::ENXIO, libc::ENXIO;
    errno::EBUSY, libc::EBUSY;
    errno::ENOTTY, libc::ENOTTY;
    errno::ECANCELED, libc::ECANCELED;
    errno::EMFILE, libc::EMFILE;
    errno::ENFILE, libc::ENFILE;
    errno::EINTR, libc::EINTR;
    errno::EAGAIN, libc::EAGAIN;
    size_of::<KernelTimespec>(), size_of::<libc::timespec>();
    offset_of!(KernelTimespec, nsec), offset_of!(libc::timespec, tv_nsec);
    size_of::<FullRusage>(), size_of::<libc::rusage>();
    offset_of!(FullRusage, system), offset_of!(libc::rusage, ru_stime);
    offset_of!(FullRusage, max_rss), offset_of!(libc::rusage, ru_maxrss);
    offset_of!(FullRusage, minor_faults), offset_of!(libc::rusage, ru_minflt);
    offset_of!(FullRusage, blocks_in), offset_of!(libc::rusage, ru_inblock);
    offset_of!(FullRusage, voluntary), offset_of!(libc::rusage, ru_nvcsw);
    offset_of!(FullRusage, involuntary), offset_of!(libc::rusage, ru_nivcsw);
}

#[cfg(not(target_vendor = "apple"))]
same! { clocks::MONOTONIC, libc::CLOCK_MONOTONIC; }

// The crate has no names for NetBSD's.
#[cfg(not(target_os = "netbsd"))]
same! {
    clocks::PROCESS_CPU, libc::CLOCK_PROCESS_CPUTIME_ID;
    clocks::THREAD_CPU, libc::CLOCK_THREAD_CPUTIME_ID;
}

#[cfg(target_vendor = "apple")]
same! {
    clocks::MONOTONIC, libc::CLOCK_UPTIME_RAW;
    clocks::MONOTONIC_COARSE, libc::CLOCK_UPTIME_RAW_APPROX;
    clocks::BOOTTIME, libc::CLOCK_MONOTONIC_RAW;
}

#[cfg(any(target_os = "freebsd", target_os = "dragonfly"))]
same! {
    clocks::REALTIME_COARSE, libc::CLOCK_REALTIME_FAST;
    clocks::MONOTONIC_COARSE, libc::CLOCK_MONOTONIC_FAST;
    clocks::BOOTTIME, libc::CLOCK_UPTIME;
}

#[cfg(target_os = "openbsd")]
same! { clocks::BOOTTIME, libc::CLOCK_BOOTTIME; }

#[cfg(not(any(target_os = "openbsd", target_os = "netbsd")))]
same! {
    size_of::<super::steer::NtpTimex>(), size_of::<libc::timex>();
    offset_of!(super::steer::NtpTimex, status), offset_of!(libc::timex, status);
    offset_of!(super::steer::NtpTimex, constant), offset_of!(libc::timex, constant);
    offset_of!(super::steer::NtpTimex, stbcnt), offset_of!(libc::timex, stbcnt);
}
