//! What threads and processes have used.

use linux_raw_sys::general as nr;

use super::{Errno, call};

/// The kernel's `struct rusage` on 64-bit CPUs: two times of seconds and
/// microseconds, then fourteen counts.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Rusage {
    pub(crate) user: [i64; 2],
    pub(crate) system: [i64; 2],
    pub(crate) max_rss: i64,
    /// Never filled: `ixrss`, `idrss`, `isrss`.
    _memory: [i64; 3],
    pub(crate) minor_faults: i64,
    pub(crate) major_faults: i64,
    _swaps: i64,
    pub(crate) blocks_in: i64,
    pub(crate) blocks_out: i64,
    /// Never filled: messages sent and received, signals.
    _messages: [i64; 3],
    pub(crate) voluntary: i64,
    pub(crate) involuntary: i64,
}

const _: () = assert!(size_of::<Rusage>() == size_of::<nr::rusage>());

/// The kernel's `struct tms`, in ticks of 1/100 s.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Tms {
    pub(crate) user: i64,
    pub(crate) system: i64,
    pub(crate) children_user: i64,
    pub(crate) children_system: i64,
}

pub(crate) fn getrusage(who: i32) -> Result<Rusage, Errno> {
    let mut usage = Rusage::default();
    // SAFETY: the kernel writes one rusage.
    unsafe { call(nr::__NR_getrusage, [who as usize, (&raw mut usage).addr(), 0, 0, 0]) }?;
    Ok(usage)
}

/// Returns the ticks since some moment in the past, too.
pub(crate) fn times() -> Result<(Tms, u64), Errno> {
    let mut tms = Tms::default();
    // SAFETY: the kernel writes one tms.
    let ticks = unsafe { call(nr::__NR_times, [(&raw mut tms).addr(), 0, 0, 0, 0]) }?;
    Ok((tms, ticks as u64))
}
