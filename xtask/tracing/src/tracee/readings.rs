//! Readings of every clock, between two of the counter.

use instanter_counter::ordered;
use std::mem::MaybeUninit;
use std::thread;
use std::time::Duration;

/// The clocks that are read, by the C library's names.
const CLOCKS: &[(&str, libc::clockid_t)] = &[
    ("REALTIME", libc::CLOCK_REALTIME),
    ("MONOTONIC", libc::CLOCK_MONOTONIC),
    ("BOOTTIME", libc::CLOCK_BOOTTIME),
    ("TAI", libc::CLOCK_TAI),
];

/// `clock_gettime(id)` — Returns the clock in nanoseconds, by the C library.
#[inline(always)]
pub fn clock(id: libc::clockid_t) -> i128 {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the C library writes a timespec, unless it returns an error.
    let time = unsafe {
        assert_eq!(libc::clock_gettime(id, time.as_mut_ptr()), 0, "clock {id}");
        time.assume_init()
    };
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

/// Reads all of them, and again when the monotonic clock shows so many nanoseconds more.
pub fn pace(nanoseconds: u64) {
    print();
    let start = clock(libc::CLOCK_MONOTONIC);
    while clock(libc::CLOCK_MONOTONIC) - start < i128::from(nanoseconds) {}
    print();
}

/// The same, with a sleep between.
pub fn sleep(nanoseconds: u64) {
    print();
    thread::sleep(Duration::from_nanos(nanoseconds));
    print();
}

/// Prints for each clock the reading that took least, of a few.
fn print() {
    for (name, id) in CLOCKS {
        let tries = (0..20).map(|_| {
            let before = ordered();
            let shown = clock(*id);
            (before, shown, ordered())
        });
        if let Some((before, shown, after)) = tries.min_by_key(|(before, _, after)| after - before)
        {
            println!("reading {name} {before} {shown} {after}");
        }
    }
}
