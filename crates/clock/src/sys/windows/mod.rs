//! Windows: the Win32 functions.
//!
//! Windows has no clock ids; the numbers here are Linux', for what comes closest:
//!
//! | clock | function | steps |
//! |---|---|---|
//! | `REALTIME` | `GetSystemTimePreciseAsFileTime` | 100 ns |
//! | `REALTIME_COARSE` | `GetSystemTimeAsFileTime` | a tick: 0.5 to 15.6 ms |
//! | `MONOTONIC` | `QueryUnbiasedInterruptTimePrecise`: without suspended time | 100 ns |
//! | `MONOTONIC_COARSE` | `QueryUnbiasedInterruptTime` | a tick |
//! | `BOOTTIME` | `QueryInterruptTimePrecise`: with suspended time | 100 ns |
//! | `MONOTONIC_RAW` | `QueryPerformanceCounter` | its frequency, mostly 100 ns |
//! | `PROCESS_CPU`, `THREAD_CPU` | `GetProcessTimes`, `GetThreadTimes` | a tick |
//!
//! Error numbers are those of `GetLastError`.
//!
//! # References
//! <https://learn.microsoft.com/windows/win32/sysinfo/time-functions>,
//! <https://learn.microsoft.com/windows/win32/api/realtimeapiset/>

pub(crate) mod page;

use core::ffi::{CStr, c_char, c_void};

use instanter_page::Timespec;

use super::Errno;
pub(crate) use super::elsewhere::*;

pub(crate) const IS_LINUX: bool = false;

pub(crate) mod clocks {
    pub(crate) use crate::sys::elsewhere::lacking::*;

    pub(crate) const REALTIME: i32 = 0;
    pub(crate) const MONOTONIC: i32 = 1;
    pub(crate) const PROCESS_CPU: i32 = 2;
    pub(crate) const THREAD_CPU: i32 = 3;
    pub(crate) const MONOTONIC_RAW: i32 = 4;
    pub(crate) const REALTIME_COARSE: i32 = 5;
    pub(crate) const MONOTONIC_COARSE: i32 = 6;
    pub(crate) const BOOTTIME: i32 = 7;

    pub(crate) const ON_PAGE: [i32; 6] =
        [REALTIME, MONOTONIC, MONOTONIC_RAW, BOOTTIME, REALTIME_COARSE, MONOTONIC_COARSE];

    pub(crate) const TABLE: [(i32, &str); 8] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (MONOTONIC_RAW, "CLOCK_MONOTONIC_RAW"),
        (BOOTTIME, "CLOCK_BOOTTIME"),
        (REALTIME_COARSE, "CLOCK_REALTIME_COARSE"),
        (MONOTONIC_COARSE, "CLOCK_MONOTONIC_COARSE"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
    ];
}

pub(crate) const fn name_without_id(id: i32) -> Option<&'static str> {
    clocks::name(id)
}

/// Numbers of `winerror.h`, under the names that the rest of the crate knows them by.
pub(crate) mod errno {
    pub(crate) const EINVAL: u32 = 87;
    pub(crate) const ENODEV: u32 = 55;
    pub(crate) const EOPNOTSUPP: u32 = 50;
    pub(crate) const EBADF: u32 = 6;
    pub(crate) const ESRCH: u32 = 1168;
    pub(crate) const EPERM: u32 = 1314;
    pub(crate) const EACCES: u32 = 5;
    pub(crate) const ENOSYS: u32 = 120;
    pub(crate) const ENOENT: u32 = 2;
    pub(crate) const ENXIO: u32 = 20;
    pub(crate) const EBUSY: u32 = 170;
    pub(crate) const ENOTTY: u32 = 1;
    pub(crate) const ECANCELED: u32 = 1223;
    pub(crate) const EMFILE: u32 = 4;
    pub(crate) const ENFILE: u32 = 1450;
    pub(crate) const EINTR: u32 = 995;
    pub(crate) const EAGAIN: u32 = 258;

    /// The name that `winerror.h` has for a number's.
    pub(crate) fn spelled(name: &'static str) -> &'static str {
        match name {
            "EINVAL" => "ERROR_INVALID_PARAMETER",
            "ENODEV" => "ERROR_DEV_NOT_EXIST",
            "EOPNOTSUPP" => "ERROR_NOT_SUPPORTED",
            "EBADF" => "ERROR_INVALID_HANDLE",
            "ESRCH" => "ERROR_NOT_FOUND",
            "EPERM" => "ERROR_PRIVILEGE_NOT_HELD",
            "EACCES" => "ERROR_ACCESS_DENIED",
            "ENOSYS" => "ERROR_CALL_NOT_IMPLEMENTED",
            "ENOENT" => "ERROR_FILE_NOT_FOUND",
            "ENXIO" => "ERROR_BAD_UNIT",
            "EBUSY" => "ERROR_BUSY",
            "ENOTTY" => "ERROR_INVALID_FUNCTION",
            "ECANCELED" => "ERROR_CANCELLED",
            "EMFILE" => "ERROR_TOO_MANY_OPEN_FILES",
            "ENFILE" => "ERROR_NO_SYSTEM_RESOURCES",
            other => other,
        }
    }
}

/// `FILETIME`: 100 ns, the low half first. Aligned to four bytes only.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct FileTime {
    low: u32,
    high: u32,
}

impl FileTime {
    fn ticks(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// `SYSTEMTIME`: a date and a time of day in UTC, to the millisecond.
#[repr(C)]
#[derive(Default)]
struct SystemTime {
    fields: [u16; 8],
}

type Handle = *mut c_void;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetSystemTimePreciseAsFileTime(time: *mut FileTime);
    fn GetSystemTimeAsFileTime(time: *mut FileTime);
    fn QueryPerformanceCounter(count: *mut i64) -> i32;
    fn QueryPerformanceFrequency(per_second: *mut i64) -> i32;
    fn QueryUnbiasedInterruptTime(time: *mut u64) -> i32;
    fn GetSystemTimeAdjustment(adjustment: *mut u32, increment: *mut u32, off: *mut i32) -> i32;
    fn GetCurrentProcess() -> Handle;
    fn GetCurrentThread() -> Handle;
    fn GetProcessTimes(
        process: Handle,
        created: *mut FileTime,
        ended: *mut FileTime,
        kernel: *mut FileTime,
        user: *mut FileTime,
    ) -> i32;
    fn GetThreadTimes(
        thread: Handle,
        created: *mut FileTime,
        ended: *mut FileTime,
        kernel: *mut FileTime,
        user: *mut FileTime,
    ) -> i32;
    fn FileTimeToSystemTime(from: *const FileTime, into: *mut SystemTime) -> i32;
    fn SetSystemTime(time: *const SystemTime) -> i32;
    fn CreateWaitableTimerExW(
        attributes: *const c_void,
        name: *const u16,
        flags: u32,
        access: u32,
    ) -> Handle;
    fn SetWaitableTimer(
        timer: Handle,
        due: *const i64,
        period: i32,
        completion: *const c_void,
        argument: *const c_void,
        resume: i32,
    ) -> i32;
    fn WaitForSingleObject(handle: Handle, milliseconds: u32) -> u32;
    fn CloseHandle(handle: Handle) -> i32;
    fn GetEnvironmentVariableA(name: *const c_char, into: *mut u8, size: u32) -> u32;
    fn GetLastError() -> u32;
}

// In no import library of older tool chains, so the linker makes the entries itself.
#[link(name = "api-ms-win-core-realtime-l1-1-1", kind = "raw-dylib")]
unsafe extern "system" {
    fn QueryInterruptTimePrecise(time: *mut u64);
    fn QueryUnbiasedInterruptTimePrecise(time: *mut u64);
}

/// 1601-01-01 to 1970-01-01 in units of 100 ns.
const UNIX_EPOCH: u64 = 116_444_736_000_000_000;
const _: () = assert!(UNIX_EPOCH == (369 * 365 + 89) * 86_400 * 10_000_000);

const TICKS_PER_SECOND: u64 = 10_000_000;
const NANOS_PER_TICK: u32 = 100;

/// Turns units of 100 ns into a length of time.
fn length(ticks: u64) -> Timespec {
    Timespec {
        sec: (ticks / TICKS_PER_SECOND) as i64,
        nsec: (ticks % TICKS_PER_SECOND) as u32 * NANOS_PER_TICK,
    }
}

/// Turns units of 100 ns since 1601 into Unix time.
fn unix(time: FileTime) -> Timespec {
    let since_1601 = length(time.ticks());
    Timespec { sec: since_1601.sec - (UNIX_EPOCH / TICKS_PER_SECOND) as i64, ..since_1601 }
}

/// Turns Unix time into units of 100 ns since 1601, rounded up.
fn file_time(time: Timespec) -> Option<i64> {
    time.sec
        .checked_mul(TICKS_PER_SECOND as i64)?
        .checked_add(i64::from(time.nsec.div_ceil(NANOS_PER_TICK)))?
        .checked_add(UNIX_EPOCH as i64)
        .filter(|ticks| *ticks >= 0)
}

/// Counts of a counter as a length of time, whatever its frequency: whole seconds first,
/// so that nothing overflows and nothing is rounded twice.
fn counted(count: i64, per_second: i64) -> Option<Timespec> {
    let (count, per_second) = (u64::try_from(count).ok()?, u64::try_from(per_second).ok()?);
    let sec = count.checked_div(per_second)?;
    let rest = u128::from(count % per_second) * 1_000_000_000 / u128::from(per_second);
    Some(Timespec { sec: i64::try_from(sec).ok()?, nsec: rest as u32 })
}

fn last_error() -> Errno {
    // SAFETY: reads the thread's own number.
    Errno(unsafe { GetLastError() } as i32)
}

fn done(outcome: i32) -> Result<(), Errno> {
    if outcome == 0 { Err(last_error()) } else { Ok(()) }
}

fn no_such_clock(id: i32) -> Errno {
    if clocks::is_lacking(id) { NOT_HERE } else { Errno(errno::EINVAL as i32) }
}

/// User and kernel time, in units of 100 ns.
fn cpu_times(of_thread: bool) -> Result<(u64, u64), Errno> {
    let [mut created, mut ended, mut kernel, mut user] = [FileTime::default(); 4];
    // SAFETY: four times are written, and the handles are the caller's own.
    done(unsafe {
        if of_thread {
            GetThreadTimes(GetCurrentThread(), &mut created, &mut ended, &mut kernel, &mut user)
        } else {
            GetProcessTimes(GetCurrentProcess(), &mut created, &mut ended, &mut kernel, &mut user)
        }
    })?;
    Ok((user.ticks(), kernel.ticks()))
}

pub(crate) fn clock_gettime(id: i32) -> Result<Timespec, Errno> {
    let mut time = FileTime::default();
    let (mut ticks, mut count, mut per_second) = (0u64, 0i64, 0i64);
    // SAFETY: each function writes one number or one FILETIME.
    unsafe {
        match id {
            clocks::REALTIME => {
                GetSystemTimePreciseAsFileTime(&mut time);
                Ok(unix(time))
            }
            clocks::REALTIME_COARSE => {
                GetSystemTimeAsFileTime(&mut time);
                Ok(unix(time))
            }
            clocks::MONOTONIC => {
                QueryUnbiasedInterruptTimePrecise(&mut ticks);
                Ok(length(ticks))
            }
            clocks::MONOTONIC_COARSE => {
                done(QueryUnbiasedInterruptTime(&mut ticks))?;
                Ok(length(ticks))
            }
            clocks::BOOTTIME => {
                QueryInterruptTimePrecise(&mut ticks);
                Ok(length(ticks))
            }
            clocks::MONOTONIC_RAW => {
                done(QueryPerformanceCounter(&mut count))?;
                done(QueryPerformanceFrequency(&mut per_second))?;
                counted(count, per_second).ok_or(Errno(errno::EINVAL as i32))
            }
            clocks::PROCESS_CPU | clocks::THREAD_CPU => {
                let (user, kernel) = cpu_times(id == clocks::THREAD_CPU)?;
                Ok(length(user + kernel))
            }
            _ => Err(no_such_clock(id)),
        }
    }
}

pub(crate) fn clock_getres(id: i32) -> Result<Timespec, Errno> {
    match id {
        clocks::REALTIME | clocks::MONOTONIC | clocks::BOOTTIME => Ok(length(1)),
        clocks::MONOTONIC_RAW => {
            let mut per_second = 0;
            // SAFETY: writes one number.
            done(unsafe { QueryPerformanceFrequency(&mut per_second) })?;
            counted(1, per_second).ok_or(Errno(errno::EINVAL as i32))
        }
        clocks::REALTIME_COARSE
        | clocks::MONOTONIC_COARSE
        | clocks::PROCESS_CPU
        | clocks::THREAD_CPU => {
            let (mut adjustment, mut increment, mut off) = (0, 0, 0);
            // SAFETY: writes three numbers.
            done(unsafe { GetSystemTimeAdjustment(&mut adjustment, &mut increment, &mut off) })?;
            Ok(length(u64::from(increment)))
        }
        _ => Err(no_such_clock(id)),
    }
}

/// To the millisecond, which is what Windows takes.
pub(crate) fn clock_settime(id: i32, to: Timespec) -> Result<(), Errno> {
    if id != clocks::REALTIME {
        return Err(no_such_clock(id));
    }
    let ticks = file_time(to).ok_or(Errno(errno::EINVAL as i32))?;
    let file_time = FileTime { low: ticks as u32, high: (ticks >> 32) as u32 };
    let mut time = SystemTime::default();
    // SAFETY: the one reads a FILETIME and writes a SYSTEMTIME, which the other reads.
    unsafe {
        done(FileTimeToSystemTime(&file_time, &mut time))?;
        done(SetSystemTime(&time))
    }
}

/// A timer's handle, closed when dropped.
struct Timer(Handle);

impl Timer {
    /// One that keeps to its time, or, before Windows 10 1803, one that waits for a tick.
    fn new() -> Result<Timer, Errno> {
        const HIGH_RESOLUTION: u32 = 2;
        const ALL_ACCESS: u32 = 0x1f_0003;
        for flags in [HIGH_RESOLUTION, 0] {
            // SAFETY: no attributes and no name.
            let timer = unsafe {
                CreateWaitableTimerExW(core::ptr::null(), core::ptr::null(), flags, ALL_ACCESS)
            };
            if !timer.is_null() {
                return Ok(Timer(timer));
            }
        }
        Err(last_error())
    }

    /// Waits for a time since 1601, or, negative, a length of time; in units of 100 ns.
    fn wait(&self, due: i64) -> Result<(), Errno> {
        const FOR_EVER: u32 = u32::MAX;
        let nothing = core::ptr::null();
        // SAFETY: the timer is ours; `due` is read before the function returns.
        unsafe {
            done(SetWaitableTimer(self.0, &due, 0, nothing, nothing, 0))?;
            match WaitForSingleObject(self.0, FOR_EVER) {
                0 => Ok(()),
                _ => Err(last_error()),
            }
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: ours, and given up.
        unsafe { CloseHandle(self.0) };
    }
}

/// Sleeps for a length of time, or, `absolute`, until the clock shows it. A timer for a
/// time of day follows whoever sets the clock; the others are looked after by reading the
/// clock, since a timer's own length may be off by a little.
pub(crate) fn clock_nanosleep(
    id: i32,
    absolute: bool,
    time: Timespec,
    _: &mut Timespec,
) -> Result<(), Errno> {
    if ![clocks::REALTIME, clocks::MONOTONIC, clocks::BOOTTIME].contains(&id) {
        return Err(if clocks::is_lacking(id) { NOT_HERE } else { Errno(errno::EINVAL as i32) });
    }
    // A length of the wall clock's is one of the monotonic clock's.
    let id = if absolute {
        id
    } else if id == clocks::REALTIME {
        clocks::MONOTONIC
    } else {
        id
    };
    let until = if absolute { time } else { clock_gettime(id)?.shifted_by(time) };
    let timer = Timer::new()?;
    loop {
        let left = until.as_nanos() - clock_gettime(id)?.as_nanos();
        if left <= 0 {
            return Ok(());
        }
        let due = if id == clocks::REALTIME { file_time(until) } else { None };
        let length =
            i64::try_from(left.unsigned_abs().div_ceil(NANOS_PER_TICK.into())).unwrap_or(i64::MAX);
        timer.wait(due.unwrap_or(-length))?;
    }
}

/// Copies the value of an environment variable, and returns its length. One that does not fit
/// counts as not there: there is no telling its beginning.
pub(crate) fn variable(name: &CStr, into: &mut [u8]) -> Option<usize> {
    let size = u32::try_from(into.len()).unwrap_or(u32::MAX);
    // SAFETY: the name ends in a zero, and at most `size` bytes are written.
    let length = unsafe { GetEnvironmentVariableA(name.as_ptr(), into.as_mut_ptr(), size) };
    (length > 0 && length < size).then_some(length as usize)
}

/// What the process or the thread has used: its times alone. Faults and the like are
/// counted by other functions, in other units.
pub(crate) fn getrusage(who: i32) -> Result<Rusage, Errno> {
    const OWN: i32 = 0;
    const THREAD: i32 = 1;
    let (user, kernel) = match who {
        OWN => cpu_times(false)?,
        THREAD => cpu_times(true)?,
        // Windows keeps no account of children that have ended.
        _ => return Err(NOT_HERE),
    };
    let time = |ticks: u64| {
        let time = length(ticks);
        [time.sec, i64::from(time.nsec / 1_000)]
    };
    Ok(Rusage { user: time(user), system: time(kernel), ..Rusage::default() })
}

pub(crate) fn times() -> Result<(Tms, u64), Errno> {
    let own = getrusage(0)?;
    Ok(times_of(&own, &Rusage::default(), clock_gettime(clocks::MONOTONIC)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_times() {
        let table = [
            (0, Timespec { sec: -11_644_473_600, nsec: 0 }),
            (UNIX_EPOCH, Timespec::default()),
            (UNIX_EPOCH + 12_345_678, Timespec { sec: 1, nsec: 234_567_800 }),
        ];
        for (ticks, time) in table {
            let from = FileTime { low: ticks as u32, high: (ticks >> 32) as u32 };
            assert_eq!(unix(from), time);
            assert_eq!(file_time(time), i64::try_from(ticks).ok());
        }
    }

    #[test]
    fn counts() {
        let table = [
            ((24_000_001, 24_000_000), Some(Timespec { sec: 1, nsec: 41 })),
            ((i64::MAX, 10_000_000), Some(Timespec { sec: 922_337_203_685, nsec: 477_580_700 })),
            ((1, 0), None),
            ((-1, 1), None),
        ];
        for ((count, per_second), want) in table {
            assert_eq!(counted(count, per_second), want, "counted({count}, {per_second})");
        }
    }
}
