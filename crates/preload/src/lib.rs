//! The C library's clock and calendar functions, for programs that nobody recompiles:
//! `LD_PRELOAD=libinstanter_preload.so program`.
//!
//! Programs in C, Python, Perl, awk or a shell ask the C library for the time of day, for
//! local time, and for its text. In glibc each conversion takes a global lock, and where
//! `TZ` is not set each `localtime` and `mktime` looks at `/etc/localtime`, a system call.
//! Here none of them does, and the answers are the same.
//!
//! # What it has
//!
//! * **Clocks**: `time`, `gettimeofday`, `clock_gettime`, `clock_getres`, `timespec_get`,
//!   `clock`, `times`, read from the kernel's page by `instanter-clock`.
//! * **Dates**: `gmtime`, `gmtime_r`, `localtime`, `localtime_r`, `mktime`, `timelocal`,
//!   `timegm`, `tzset`, `asctime`, `asctime_r`, `ctime`, `ctime_r`, `strftime`,
//!   `strftime_l`, and the second names that glibc has for some of them.
//!
//! # The same answers
//!
//! "The same" is meant to the letter: every field, `tm_zone`, `errno`, `tzname`, `timezone`
//! and `daylight`, buffers that functions share, when `TZ` is read again and when not, what
//! `mktime` makes of a local time that does not exist, what `strftime` leaves in a buffer
//! that is too small. The tests compare all this with the C library in the same process.
//!
//! A zone is *proved* before it is used: the C library is asked about each of its kinds of
//! time and about both sides of some transitions. What does not pass, and what is not plain
//! to begin with, is handed on to the C library, as slow as ever and as right: zones with
//! leap seconds (`right/`), summer time without rules (`CET-1CEST`) or with rules near the
//! turn of the year, digits in garbage, years before 0 and after 9999, names of days and
//! months in other locales than C's, and all zones after the first 512.
//!
//! # What is different, and accepted
//!
//! * Where `TZ` is not set, a change of `/etc/localtime` is seen when the next second of the
//!   monotonic clock begins, and not at the next call.
//! * In a process with several threads `localtime_r` and `ctime_r` leave `tzname`,
//!   `timezone` and `daylight` alone, as POSIX allows; glibc sets them. To set them safely
//!   takes glibc's lock, and a signal handler or the child of a fork might wait for it for
//!   ever. `localtime`, `mktime` and `tzset` set them.
//! * `TZ` is found changed by the pointers in `environ` and the value of `TZ`. A program
//!   that turns *another* variable into `TZ` by writing over its text where it lies is not
//!   noticed, until the next `setenv`.
//! * `errno` after a call that succeeded: where `TZ` names no file glibc leaves `ENOENT`
//!   each time that it looks for one, this only when it does. So with `/etc/localtime`
//!   missing.
//! * `mktime` remembers the last offset as a first guess, and this decides between the two
//!   meanings of a local time that exists twice. The guess here and the one in glibc are
//!   two: `%s` in the C library's `strftime`, called for another locale, uses the other.
//! * Memory: 30 to 40 KB a zone that was ever used, never freed, for at most 512 zones.
//! * `wcsftime`, `strptime`, `getdate` and `syslog` stay the C library's; its state follows
//!   when a change of `TZ` is noticed here.
//!
//! # Safe in somebody else's program
//!
//! There is no lock in this library. A conversion loads one pointer; whoever has to learn a
//! zone does so alone, and others are served by the C library meanwhile. The clocks neither
//! allocate nor look up symbols, so that an allocator may call them while it starts.
//! Environment variables are read as C reads them. Nothing panics on any input: no index
//! is unchecked, no arithmetic on what a program passes can overflow with a panic. Should
//! it happen all the same, or memory run out while a zone is learnt, the program is
//! aborted rather than unwound.
//!
//! Where there is no glibc of 64 bits (other systems, musl) this crate is empty.
#![cfg_attr(not(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64")), no_std)]
#![cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]

mod ascii;
mod calendar;
mod clocks;
mod compiled;
mod current;
mod dates;
mod environment;
mod errno;
mod file;
mod learn;
mod make;
mod names;
pub mod next;
mod recent;
mod strftime;
mod variables;
mod zone;

pub use clocks::{clock, clock_getres, clock_gettime, gettimeofday, time, times, timespec_get};
pub use dates::{
    asctime, asctime_r, ctime, ctime_r, gmtime, gmtime_r, localtime, localtime_r, mktime, strftime,
    strftime_l, timegm, timelocal, tzset,
};
