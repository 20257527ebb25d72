//! Clock ids of Linux.

use linux_raw_sys::general as nr;

pub(crate) const REALTIME: i32 = nr::CLOCK_REALTIME as i32;
pub(crate) const MONOTONIC: i32 = nr::CLOCK_MONOTONIC as i32;
pub(crate) const PROCESS_CPU: i32 = nr::CLOCK_PROCESS_CPUTIME_ID as i32;
pub(crate) const THREAD_CPU: i32 = nr::CLOCK_THREAD_CPUTIME_ID as i32;
pub(crate) const MONOTONIC_RAW: i32 = nr::CLOCK_MONOTONIC_RAW as i32;
pub(crate) const REALTIME_COARSE: i32 = nr::CLOCK_REALTIME_COARSE as i32;
pub(crate) const MONOTONIC_COARSE: i32 = nr::CLOCK_MONOTONIC_COARSE as i32;
pub(crate) const BOOTTIME: i32 = nr::CLOCK_BOOTTIME as i32;
pub(crate) const REALTIME_ALARM: i32 = nr::CLOCK_REALTIME_ALARM as i32;
pub(crate) const BOOTTIME_ALARM: i32 = nr::CLOCK_BOOTTIME_ALARM as i32;
pub(crate) const TAI: i32 = nr::CLOCK_TAI as i32;

/// The first of the auxiliary clocks, and how many there are.
const AUX: i32 = nr::CLOCK_AUX as i32;

pub(crate) const fn aux(index: usize) -> i32 {
    AUX + index as i32
}

/// The clocks of the time page.
pub(crate) const ON_PAGE: [i32; 7] =
    [REALTIME, MONOTONIC, MONOTONIC_RAW, BOOTTIME, TAI, REALTIME_COARSE, MONOTONIC_COARSE];

/// Every clock with a fixed id, and its name: those of the page first.
pub(crate) const TABLE: [(i32, &str); 19] = [
    (REALTIME, "CLOCK_REALTIME"),
    (MONOTONIC, "CLOCK_MONOTONIC"),
    (MONOTONIC_RAW, "CLOCK_MONOTONIC_RAW"),
    (BOOTTIME, "CLOCK_BOOTTIME"),
    (TAI, "CLOCK_TAI"),
    (REALTIME_COARSE, "CLOCK_REALTIME_COARSE"),
    (MONOTONIC_COARSE, "CLOCK_MONOTONIC_COARSE"),
    (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
    (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
    (REALTIME_ALARM, "CLOCK_REALTIME_ALARM"),
    (BOOTTIME_ALARM, "CLOCK_BOOTTIME_ALARM"),
    (aux(0), "CLOCK_AUX0"),
    (aux(1), "CLOCK_AUX1"),
    (aux(2), "CLOCK_AUX2"),
    (aux(3), "CLOCK_AUX3"),
    (aux(4), "CLOCK_AUX4"),
    (aux(5), "CLOCK_AUX5"),
    (aux(6), "CLOCK_AUX6"),
    (aux(7), "CLOCK_AUX7"),
];

/// Bits of a CPU-time clock's id: `!pid << 3`, then these.
const CPU_TIME: i32 = 2; // CPUCLOCK_SCHED
const PER_THREAD: i32 = 4; // CPUCLOCK_PERTHREAD_MASK
/// And those of a clock behind a descriptor: `!fd << 3`, then this.
const CLOCKFD: i32 = 3;

pub(crate) const fn process_cpu(pid: u32) -> i32 {
    !(pid as i32) << 3 | CPU_TIME
}

pub(crate) const fn thread_cpu(tid: u32) -> i32 {
    !(tid as i32) << 3 | CPU_TIME | PER_THREAD
}

pub(crate) const fn of_descriptor(fd: i32) -> i32 {
    !fd << 3 | CLOCKFD
}

/// What a clock without a name is of, and the number of that.
pub(crate) fn subject(id: i32) -> Option<(&'static str, i32)> {
    let number = !(id >> 3);
    match id & 7 {
        _ if id >= 0 => None,
        2 => Some(("CPU time of process", number)),
        6 => Some(("CPU time of thread", number)),
        3 => Some(("clock of file descriptor", number)),
        _ => None,
    }
}
