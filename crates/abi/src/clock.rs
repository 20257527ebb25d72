//! The clocks: the hot path, and what tells about it.
//!
//! Nothing here allocates, locks or leaves a message, so all of it may be called in a
//! signal handler.

use std::ffi::c_char;
use std::fmt;

use instanter::clock::{self, Clock, PAGE, WhyNot};
use instanter_counter::{Counter, Ordered, Relaxed};

use crate::boundary::{Growing, Outcome, Room, answer, put, put_growing};
use crate::status::{Status, Wrong};

/// In the flags of an instanter_time: both clocks are of one moment, from one reading of the
/// CPU's counter. Without it they were asked one after the other.
pub const INSTANTER_ONE_MOMENT: u32 = 1;

/// A moment on two clocks: the wall clock, which says what time it is, and the monotonic
/// clock, which says how long something took.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Wall clock: seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: i64,
    /// Nanoseconds within the second, below 1000000000.
    pub nanoseconds: u32,
    /// INSTANTER_ONE_MOMENT, or 0. More bits may come.
    pub flags: u32,
    /// Monotonic clock: nanoseconds since boot, without suspended time.
    pub monotonic_ns: i64,
}

/// A reading of one clock.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timespec {
    /// Whole seconds since the clock's origin, rounded towards the past.
    pub seconds: i64,
    /// Nanoseconds within the second, below 1000000000.
    pub nanoseconds: u32,
    /// Zero.
    pub reserved: u32,
}

impl From<clock::Timespec> for Timespec {
    #[inline(always)]
    fn from(time: clock::Timespec) -> Timespec {
        Timespec { seconds: time.sec, nanoseconds: time.nsec, reserved: 0 }
    }
}

/// Seven clocks at one moment.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Set it to sizeof(instanter_clocks).
    pub size: usize,
    /// CLOCK_REALTIME: the wall clock.
    pub realtime: Timespec,
    /// CLOCK_MONOTONIC: since boot, without suspended time.
    pub monotonic: Timespec,
    /// CLOCK_MONOTONIC_RAW: the same, never steered.
    pub monotonic_raw: Timespec,
    /// CLOCK_BOOTTIME: since boot, suspended time included.
    pub boottime: Timespec,
    /// CLOCK_TAI: International Atomic Time, where the kernel was told its offset.
    pub tai: Timespec,
    /// CLOCK_REALTIME_COARSE: the wall clock at the last tick.
    pub realtime_coarse: Timespec,
    /// CLOCK_MONOTONIC_COARSE: the monotonic clock at the last tick.
    pub monotonic_coarse: Timespec,
    /// The CPU's counter, of which all of them were computed, in ticks; 0 without
    /// INSTANTER_ONE_MOMENT.
    pub counter: u64,
    /// INSTANTER_ONE_MOMENT, or 0. More bits may come.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
}

impl Snapshot {
    const UNREAD: Timespec = Timespec { seconds: 0, nanoseconds: 0, reserved: 0 };
}

// SAFETY: `repr(C)`, the size first, and numbers.
unsafe impl Growing for Snapshot {
    const EMPTY: Snapshot = Snapshot {
        size: 0,
        realtime: Snapshot::UNREAD,
        monotonic: Snapshot::UNREAD,
        monotonic_raw: Snapshot::UNREAD,
        boottime: Snapshot::UNREAD,
        tai: Snapshot::UNREAD,
        realtime_coarse: Snapshot::UNREAD,
        monotonic_coarse: Snapshot::UNREAD,
        counter: 0,
        flags: 0,
        reserved: 0,
    };
    const FIRST_SIZE: usize = 136;
}

/// The links of the chain that serves clocks.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The kernel's time page, read without a call.
    Page = 1,
    /// The kernel's function in the vDSO.
    Vdso = 2,
    /// A system call.
    Syscall = 3,
    /// On systems other than Linux, their own function. The chain cannot be made to start
    /// there by this interface: it is what their pages do not serve.
    System = 4,
}

/// Reads the wall clock and the monotonic clock at one moment, ordered between threads
/// as clock_gettime is: after an acquire load, neither reading is earlier than one that
/// another thread took and published before its release store.
///
/// Fails with INSTANTER_STATUS_DENIED where no clock answers, which takes a sandbox that
/// forbids clock_gettime and a process without vDSO.
///
/// Async-signal-safe.
///
/// # Safety
/// `time` is NULL or points to an instanter_time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_now(time: *mut Time) -> Status {
    // SAFETY: the caller's promise.
    unsafe { put_read(time, Ordered) }
}

/// Reads both clocks as instanter_now does, unordered with the instructions around it: a
/// third cheaper, and right for log stamps and for measuring within one thread.
///
/// Async-signal-safe.
///
/// # Safety
/// `time` is NULL or points to an instanter_time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_now_relaxed(time: *mut Time) -> Status {
    // SAFETY: the caller's promise.
    unsafe { put_read(time, Relaxed) }
}

/// The hot path: what is read goes from registers to where C wants it.
///
/// # Safety
/// `time` is null, or writable for a `Time`.
#[inline(always)]
unsafe fn put_read(time: *mut Time, counter: impl Counter) -> Status {
    match read_page(counter) {
        // SAFETY: the caller's promise.
        Some(read) => answer(|| unsafe { put(time, read) }),
        // SAFETY: the caller's promise.
        None => unsafe { put_asked(time) },
    }
}

#[cold]
#[inline(never)]
unsafe fn put_asked(time: *mut Time) -> Status {
    // SAFETY: the caller's promise.
    answer(|| unsafe { put(time, ask_kernel()?) })
}

#[inline(always)]
pub(crate) fn read(counter: impl Counter) -> Result<Time, Status> {
    read_page(counter).map_or_else(ask_kernel, Ok)
}

#[inline(always)]
fn read_page(counter: impl Counter) -> Option<Time> {
    let (wall, monotonic_ns) = PAGE.wall_and_nanos(counter)?;
    let (seconds, nanoseconds) = (wall.sec, wall.nsec);
    Some(Time { seconds, nanoseconds, flags: INSTANTER_ONE_MOMENT, monotonic_ns })
}

#[cold]
#[inline(never)]
fn ask_kernel() -> Result<Time, Status> {
    // The first reading comes here, too, finds the page and leaves it for the next.
    clock::prepare();
    if let Some(read) = read_page(Ordered) {
        return Ok(read);
    }
    let pair = clock::pair().map_err(|error| error.status())?;
    // 292 years of uptime fit.
    let nanos = pair.monotonic.sec.wrapping_mul(1_000_000_000);
    Ok(Time {
        seconds: pair.realtime.sec,
        nanoseconds: pair.realtime.nsec,
        flags: 0,
        monotonic_ns: nanos.wrapping_add(pair.monotonic.nsec.into()),
    })
}

/// Reads seven clocks at one moment.
///
/// Async-signal-safe.
///
/// # Safety
/// `clocks` is NULL or points to an instanter_clocks whose `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_snapshot(clocks: *mut Snapshot) -> Status {
    answer(|| {
        let all = clock::snapshot().map_err(|error| error.status())?;
        let value = Snapshot {
            size: 0,
            realtime: all.realtime.into(),
            monotonic: all.monotonic.into(),
            monotonic_raw: all.monotonic_raw.into(),
            boottime: all.boottime.into(),
            tai: all.tai.into(),
            realtime_coarse: all.realtime_coarse.into(),
            monotonic_coarse: all.monotonic_coarse.into(),
            counter: all.counter.unwrap_or(0),
            flags: if all.counter.is_some() { INSTANTER_ONE_MOMENT } else { 0 },
            reserved: 0,
        };
        // SAFETY: the caller's promise.
        unsafe { put_growing(clocks, value) }
    })
}

/// Reads any clock of the kernel: CLOCK_REALTIME and the others of time.h, and what
/// clock_getcpuclockid and pthread_getcpuclockid return. Ordered between threads.
///
/// Async-signal-safe.
///
/// # Safety
/// `time` is NULL or points to an instanter_timespec.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_clock(clock_id: i32, time: *mut Timespec) -> Status {
    answer(|| {
        let now = Clock::from_id(clock_id).now().map_err(|error| error.status())?;
        // SAFETY: the caller's promise.
        unsafe { put(time, now.into()) }
    })
}

/// Tells which link of the chain serves a clock in this process now, and why no faster one
/// does: "page", or "vdso; not the page: pinned to vdso".
///
/// `source` gets an instanter_link, unless it is NULL. The text goes to `buffer`, as in
/// all functions that write one. Looks around afresh, so it takes some microseconds.
///
/// Async-signal-safe.
///
/// # Safety
/// `source` is NULL or points to an int32_t; `buffer` is NULL or has `capacity` bytes;
/// `length` is NULL or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_source(
    clock_id: i32,
    source: *mut i32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Status {
    answer(|| {
        let (link, not_page, not_vdso) = clock::explain_source(Clock::from_id(clock_id));
        let number = match link {
            clock::Source::Page => Link::Page,
            clock::Source::Vdso => Link::Vdso,
            clock::Source::Syscall => Link::Syscall,
            clock::Source::System => Link::System,
        };
        let told = match (source.is_null(), buffer.is_null() && length.is_null()) {
            (true, true) => Err(Status::Null),
            (true, false) => Ok(()),
            // SAFETY: the caller's promise.
            (false, _) => unsafe { put(source, number as i32) },
        };
        told?;
        if buffer.is_null() && length.is_null() && capacity == 0 {
            return Ok(());
        }
        // SAFETY: the caller's promise.
        let room = unsafe { Room::new(buffer, capacity, length) }?;
        room.put_shown(&Explained { link, not_page, not_vdso }, Status::Other)
    })
}

struct Explained {
    link: clock::Source,
    not_page: Option<WhyNot>,
    not_vdso: Option<WhyNot>,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.link.word())?;
        if let Some(why) = self.not_page {
            write!(f, "; not the page: {why}")?;
        }
        if let Some(why) = self.not_vdso {
            write!(f, "; not the vDSO: {why}")?;
        }
        Ok(())
    }
}

/// Returns a number that changes when time was disturbed: the wall clock was stepped, the
/// machine suspended, TAI's offset set, the kernel's clock source changed. Between two
/// equal numbers the clocks stand to each other as they did.
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn instanter_epoch() -> u64 {
    clock::epoch()
}

/// Finds and proves the kernel's time page now, rather than at the first reading. For a
/// program that is about to enter a sandbox: the search makes a few system calls, the
/// readings that follow make none.
///
/// Fails with INSTANTER_STATUS_DENIED where no clock answers.
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn instanter_prepare() -> Status {
    answer(|| {
        clock::prepare();
        clock::pair().map(drop).map_err(|error| error.status())
    })
}

/// Makes the chain start at an instanter_link, for the whole process and whatever the
/// environment says: INSTANTER_LINK_VDSO for a program that will be checkpointed and
/// restored on another kernel. To be called before other threads read a clock.
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn instanter_pin(source: i32) -> Status {
    answer(|| {
        let first = match source {
            number if number == Link::Page as i32 => clock::Source::Page,
            number if number == Link::Vdso as i32 => clock::Source::Vdso,
            number if number == Link::Syscall as i32 => clock::Source::Syscall,
            _ => return Err(Status::Argument),
        };
        clock::pin(first);
        Ok(())
    })
}

/// Refuses nanoseconds of a second or more: mostly another number in the wrong place.
#[inline(always)]
pub(crate) fn check_nanoseconds(nanoseconds: u32) -> Outcome {
    if nanoseconds < 1_000_000_000 { Ok(()) } else { Err(Status::Range) }
}
