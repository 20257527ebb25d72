//! What is asked of the system: the same functions in one file a platform.
//!
//! | file | systems | how it is asked |
//! |---|---|---|
//! | `linux/` | Linux, Android | system calls, without a C library |
//! | `unix/` | FreeBSD, OpenBSD, NetBSD, DragonFly BSD, illumos and Solaris, Darwin | the C library, which is the interface there: system call numbers change between releases; where the page of FreeBSD, OpenBSD and Darwin is |
//! | `windows/` | Windows 10 and later | the Win32 functions; where the page is |
//! | `wasi.rs` | WASI 0.1 | its imports |
//! | `embedder/` | the browser, and programs without an operating system | functions that the program brings |

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[allow(dead_code)] // What one system lacks another has.
mod elsewhere;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux/mod.rs")]
#[cfg_attr(
    any(
        target_vendor = "apple",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "solaris",
    ),
    path = "unix/mod.rs"
)]
#[cfg_attr(windows, path = "windows/mod.rs")]
#[cfg_attr(all(target_os = "wasi", target_env = "p1"), path = "wasi.rs")]
#[cfg_attr(
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "solaris",
        windows,
        all(target_os = "wasi", target_env = "p1"),
    )),
    path = "embedder/mod.rs"
)]
mod platform;
mod timex;

pub(crate) use platform::*;
pub(crate) use timex::Timex;

use instanter_page::Timespec;

/// An error number of the system, positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

/// Linux' `struct __kernel_timespec`, and the C library's `struct timespec` on every
/// system of 64 bits.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct KernelTimespec {
    pub(crate) sec: i64,
    pub(crate) nsec: i64,
}

impl From<KernelTimespec> for Timespec {
    #[inline]
    fn from(time: KernelTimespec) -> Timespec {
        Timespec { sec: time.sec, nsec: time.nsec as u32 }
    }
}

impl From<Timespec> for KernelTimespec {
    #[inline]
    fn from(time: Timespec) -> KernelTimespec {
        KernelTimespec { sec: time.sec, nsec: i64::from(time.nsec) }
    }
}

/// Linux' `struct __kernel_itimerspec`, the same on every 64-bit CPU.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct TimerSpec {
    pub(crate) interval: KernelTimespec,
    pub(crate) value: KernelTimespec,
}
