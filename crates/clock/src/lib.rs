//! The clocks of a Linux machine, from the kernel's own time page.
//!
//! One read costs one look at the CPU's counter: no system call, no calibration
//! and no drift, because the line that turns the counter into time is the
//! kernel's own, taken from the page that the kernel keeps for its vDSO (see
//! [`instanter_page`]). Realtime and monotonic clock come from *one* counter
//! read, so they are one moment.
//!
//! # The chain
//!
//! ```text
//! page  ──▶  vDSO  ──▶  system call  ──▶  error
//! ```
//!
//! The page is used only after it was proved: at the first read, every clock
//! computed from it must fall between two of the kernel's answers, several times.
//! Each read after that checks the sequence number, the clock mode, `shift` and
//! `mult` again. Where a check fails the vDSO's function is called; where there is
//! none, or it gives no answer, the kernel; and where that is forbidden there is
//! an [`Error`], never a zero. [`source`] tells who serves a clock,
//! [`explain_source`] why not somebody faster, and the environment variable
//! `INSTANTER_SOURCE=page|vdso|syscall`, or [`pin`], make the chain start
//! elsewhere. The environment is read once, at the first read, as it was when the
//! program started.
//!
//! # Other systems
//!
//! There the chain is the system's page, where it has one that is read, and then the system's
//! own function ([`Source::System`], in `INSTANTER_SOURCE` the word `system`):
//!
//! | system | from its page | by its function |
//! |---|---|---|
//! | FreeBSD | wall clock, monotonic and up time, and their "fast" forms, which are as precise there; where the kernel counts the TSC or Arm's generic timer | CPU times; all, where it counts the HPET or a hypervisor's clock, or `kern.timecounter.fast_gettime` is off |
//! | OpenBSD | wall clock, monotonic clock and boot time | uptime, CPU times; all, where programs cannot read the counter or `LIBC_NOUSERTC` is in the environment |
//! | Darwin | the wall clock in nanoseconds, `CLOCK_UPTIME_RAW` and its approximate form, `CLOCK_MONOTONIC_RAW` | CPU times; the wall clock while its line is moved; all, where programs cannot read the counter |
//! | Windows | the last interrupt's system time and unbiased interrupt time; where the performance counter may be read by programs, also the precise ones and the counter | CPU times; all but the coarse, where it may not |
//! | NetBSD, DragonFly BSD, illumos, WASI | nothing | all |
//!
//! A page is proved there as it is here: at the first read each clock of it must fall between
//! two answers of the system's function, three times over, and a single one that does not gives
//! the whole page away. Each read after that looks whether the page stands still, counts the
//! same counter, and runs at about the same rate; else the function is asked, and the page is
//! proved again. [`explain_source`] says what was found.
//!
//! **No FreeBSD, OpenBSD or Darwin has run this**: their pages were kept, spoilt and exchanged by
//! tests, and the code that finds them was type-checked. Under Wine the coarse clocks of
//! Windows' page were compared with the functions; the precise ones are not on Wine's page.
//!
//! The environment is read by these systems' own means at the first reading, and no other
//! thread may be changing it then.
//!
//! # Where it may be used
//!
//! Anywhere: in a signal handler, after `fork`, before `main`, in a static binary,
//! without `std`, without a C library, without an allocator. Nothing blocks: there
//! is no lock, and state is a handful of atomics that every thread would fill
//! alike.
//!
//! # Beside reading
//!
//! On Linux, `shared` has clocks that processes publish for each other, read as the kernel's.
//!
//! Clocks are slept on ([`sleep`], [`Clock::sleep_until`]) and counted by timers
//! behind file descriptors ([`timer`]); [`usage`] has what threads and processes
//! have used, and [`rtc`] is the hardware clock. These are system calls, each of
//! them.
//!
//! # What it does not do
//!
//! It does not convert to dates (see `instanter-civil`), and it does not follow a
//! process that is checkpointed and restored on *another* kernel, whose page is
//! laid out otherwise: pin such a process to the vDSO.
//!
//! ```
//! use instanter_clock::{Clock, pair, snapshot};
//!
//! let now = pair()?; // wall and monotonic, one counter read
//! println!("{} s since 1970, {} s since boot", now.realtime, now.monotonic);
//!
//! let cpu = Clock::THREAD_CPU.now()?; // any clock of the kernel
//! println!("this thread has used {cpu} s");
//!
//! let all = snapshot()?; // seven clocks, one moment
//! assert!(all.boottime >= all.monotonic);
//! # Ok::<(), instanter_clock::Error>(())
//! ```
#![no_std]

#[cfg(not(any(target_pointer_width = "64", target_arch = "x86", target_family = "wasm")))]
compile_error!("instanter-clock is for CPUs of 64 bits, for x86 of 32, and for WebAssembly");

mod adjust;
mod chain;
mod clock;
#[cfg(not(any(
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
)))]
pub mod embedder;
mod epoch;
mod error;
mod find;
#[cfg(all(feature = "std", any(target_os = "linux", target_os = "android")))]
mod interop_fd;
#[cfg(feature = "std")]
mod interop_std;
mod kernel;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "link/linux.rs")]
#[cfg_attr(
    any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd", windows),
    path = "link/system.rs"
)]
#[cfg_attr(
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "openbsd",
        windows,
    )),
    path = "link/none.rs"
)]
mod link;
mod read;
pub mod rtc;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub mod shared;
mod source;
mod sys;
#[cfg(any(test, target_vendor = "apple", target_os = "freebsd", target_os = "openbsd", windows))]
mod systems;
pub mod timer;
pub mod usage;
#[cfg(not(target_family = "wasm"))]
pub mod vdso;
mod wait;

pub use adjust::{Adjustment, Discipline, Leap};
pub use chain::{PAGE, pin, prepare};
pub use clock::{Clock, DynamicClock};
pub use epoch::epoch;
pub use error::Error;
pub use find::{Auxv, AuxvOrigin, Candidate, Functions, NoPage, NoVdso, Pin, Survey, Verdict};
pub use instanter_page::linux::{Frame, Pair, Snapshot};
pub use instanter_page::{self as page, Timespec};
pub use read::{
    coarse_pair, monotonic_nanos, monotonic_nanos_relaxed, pair, pair_relaxed, snapshot, via,
};
pub use source::{
    ClockSourceName, Source, WhyNot, cost, explain_source, kernel_clock_source, source, survey,
};
pub use wait::{Sleep, sleep, timer_slack_ns};
