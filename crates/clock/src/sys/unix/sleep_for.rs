//! Sleeping where the system sleeps for a length of time alone.
//!
//! What is left is computed anew from the clock each time, so that no error adds up. A
//! wall clock may be set meanwhile, and nobody would say so: it is looked at once a second.

use core::ffi::c_int;

use instanter_page::Timespec;

use super::{Errno, KernelTimespec, NOT_HERE, checked, clock_gettime, clocks, done};

unsafe extern "C" {
    #[link_name = "nanosleep"]
    fn c_nanosleep(length: *const KernelTimespec, rest: *mut KernelTimespec) -> c_int;
}

/// The longest piece of a sleep until a time of day.
const PIECE: Timespec = Timespec { sec: 1, nsec: 0 };
/// The longest piece of any other: the system takes no more than this many seconds.
const LONGEST: Timespec = Timespec { sec: 100_000_000, nsec: 0 };

/// Sleeps for a length of time, or, `absolute`, until the clock shows it. Returns what is
/// left where a signal ended the sleep.
pub(crate) fn clock_nanosleep(
    id: i32,
    absolute: bool,
    time: Timespec,
    rest: &mut Timespec,
) -> Result<(), Errno> {
    if [clocks::PROCESS_CPU, clocks::THREAD_CPU].contains(&checked(id)?) {
        return Err(NOT_HERE);
    }
    // A length of the wall clock's is one of the monotonic clock's.
    let id = if absolute || id != clocks::REALTIME { id } else { clocks::MONOTONIC };
    let until = if absolute { time } else { clock_gettime(id)?.shifted_by(time) };
    let longest = if id == clocks::REALTIME { PIECE } else { LONGEST };
    loop {
        let left = Timespec::from_nanos(until.as_nanos() - clock_gettime(id)?.as_nanos());
        if left <= Timespec::default() {
            *rest = Timespec::default();
            return Ok(());
        }
        let piece = KernelTimespec::from(left.min(longest));
        // SAFETY: one timespec is read.
        if let Err(errno) = done(unsafe { c_nanosleep(&piece, core::ptr::null_mut()) }) {
            let now = clock_gettime(id)?;
            *rest = Timespec::from_nanos((until.as_nanos() - now.as_nanos()).max(0));
            return Err(errno);
        }
    }
}
