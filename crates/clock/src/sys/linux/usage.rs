//! What threads and processes have used.

use linux_raw_sys::general as nr;

use super::{Errno, call};

/// What the kernel's `struct rusage` says.
pub(crate) struct Rusage {
    /// Seconds and microseconds.
    pub(crate) user: [i64; 2],
    pub(crate) system: [i64; 2],
    pub(crate) max_rss: i64,
    pub(crate) minor_faults: i64,
    pub(crate) major_faults: i64,
    pub(crate) blocks_in: i64,
    pub(crate) blocks_out: i64,
    pub(crate) voluntary: i64,
    pub(crate) involuntary: i64,
}

/// `struct rusage`: two times, then fourteen counts, all of a word each. Of the
/// counts 1 to 3 are never filled (`ixrss`, `idrss`, `isrss`), nor are 6 (swaps) and
/// 9 to 11 (messages, signals).
type RusageWords = [isize; 18];

const _: () = assert!(size_of::<RusageWords>() == size_of::<nr::rusage>());

/// The kernel's `struct tms`, in ticks of 1/100 s.
pub(crate) struct Tms {
    pub(crate) user: i64,
    pub(crate) system: i64,
    pub(crate) children_user: i64,
    pub(crate) children_system: i64,
}

pub(crate) fn getrusage(who: i32) -> Result<Rusage, Errno> {
    let mut words = RusageWords::default();
    // SAFETY: the kernel writes one rusage.
    unsafe { call(nr::__NR_getrusage, [who as usize, (&raw mut words).addr(), 0, 0, 0]) }?;
    let [user, user_us, system, system_us, counts @ ..] = words.map(|word| word as i64);
    Ok(Rusage {
        user: [user, user_us],
        system: [system, system_us],
        max_rss: counts[0],
        minor_faults: counts[4],
        major_faults: counts[5],
        blocks_in: counts[7],
        blocks_out: counts[8],
        voluntary: counts[12],
        involuntary: counts[13],
    })
}

/// Returns the ticks since some moment in the past, too.
pub(crate) fn times() -> Result<(Tms, u64), Errno> {
    let mut words = [0isize; 4];
    // SAFETY: the kernel writes one tms.
    let ticks = unsafe { call(nr::__NR_times, [(&raw mut words).addr(), 0, 0, 0, 0]) }?;
    let [user, system, children_user, children_system] = words.map(|word| word as i64);
    Ok((Tms { user, system, children_user, children_system }, ticks as u64))
}
