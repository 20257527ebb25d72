//! stub docs
#![cfg_attr(not(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64")), no_std)]
macro_rules! on_glibc { ($($item:item)*) => {$(
    #[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
    $item
)*}; }
on_glibc! {
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
    mod strftime;
    mod variables;
    mod zone;

    pub use clocks::{clock, clock_getres, clock_gettime, gettimeofday, time, times, timespec_get};
    pub use dates::{
        asctime, asctime_r, ctime, ctime_r, gmtime, gmtime_r, localtime, localtime_r, mktime, strftime,
        strftime_l, timegm, timelocal, tzset,
    };
}
