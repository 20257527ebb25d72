//! What the BSDs and Darwin have from the one that they come from: the numbers of errors, and
//! where the last one is told. Two that came later are each system's own.

pub(crate) mod errno {
    pub(crate) use super::super::system::{ECANCELED, EOPNOTSUPP};

    pub(crate) const EINVAL: u32 = 22;
    pub(crate) const ENODEV: u32 = 19;
    pub(crate) const EBADF: u32 = 9;
    pub(crate) const ESRCH: u32 = 3;
    pub(crate) const EPERM: u32 = 1;
    pub(crate) const EACCES: u32 = 13;
    pub(crate) const ENOSYS: u32 = 78;
    pub(crate) const ENOENT: u32 = 2;
    pub(crate) const ENXIO: u32 = 6;
    pub(crate) const EBUSY: u32 = 16;
    pub(crate) const ENOTTY: u32 = 25;
    pub(crate) const EMFILE: u32 = 24;
    pub(crate) const ENFILE: u32 = 23;
    pub(crate) const EINTR: u32 = 4;
    pub(crate) const EAGAIN: u32 = 35;
}

/// The most memory that was resident, in KiB as the system tells it.
#[cfg(not(target_vendor = "apple"))]
pub(super) const fn kib(max_rss: i64) -> i64 {
    max_rss
}

#[cfg(not(target_os = "dragonfly"))]
pub(super) fn errno_now() -> i32 {
    unsafe extern "C" {
        #[cfg_attr(any(target_os = "freebsd", target_vendor = "apple"), link_name = "__error")]
        #[cfg_attr(any(target_os = "netbsd", target_os = "openbsd"), link_name = "__errno")]
        fn error_number() -> *mut i32;
    }
    // SAFETY: the address of the calling thread's number.
    unsafe { *error_number() }
}
