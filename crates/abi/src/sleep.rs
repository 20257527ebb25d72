//! Waiting.

use instanter::clock::{Clock, Error, Timespec};
use instanter::wait::{Woken, try_sleep_precise_until};
use instanter::{Deadline, Duration, Time};

use crate::boundary::{answer, put_if_wanted};
use crate::clock::{check_nanoseconds, read};
use crate::status::{Status, Wrong};
use instanter_counter::Ordered;

/// Sleeps until a clock (CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, …) shows a
/// time; resumed after signals, and never early. A time that has passed is over at once.
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
pub extern "C" fn instanter_sleep_until(clock_id: i32, seconds: i64, nanoseconds: u32) -> Status {
    answer(|| {
        check_nanoseconds(nanoseconds)?;
        let time = Timespec::new(seconds, nanoseconds);
        Clock::from_id(clock_id).sleep_until(time).map_err(|error| error.status())
    })
}

/// Sleeps for so many nanoseconds of the monotonic clock, and wakes up as exactly as the
/// machine can: the last part, mostly below 100 µs, is spun through on the CPU. Never early;
/// signals do not lengthen it; no length, or a negative one, is over at once.
///
/// `late_ns` and `spun_ns`, unless NULL, get how much later it was than asked for, and how
/// much of it was spun through.
///
/// Async-signal-safe.
///
/// # Safety
/// `late_ns` and `spun_ns` are NULL or point to an int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_sleep_precise(
    length_ns: i64,
    late_ns: *mut i64,
    spun_ns: *mut i64,
) -> Status {
    answer(|| {
        let woken = if length_ns > 0 {
            // Not `Deadline::after`, which panics where there is no clock.
            let now = Deadline::monotonic(read(Ordered)?.monotonic_ns);
            try_sleep_precise_until(now + Duration::from_nanos(length_ns))
        } else {
            Ok(Woken { late: Duration::ZERO, spun: Duration::ZERO })
        };
        // SAFETY: the caller's promise.
        unsafe { report(woken, late_ns, spun_ns) }
    })
}

/// Sleeps as instanter_sleep_precise does, until a clock shows a time: CLOCK_MONOTONIC,
/// CLOCK_REALTIME or CLOCK_BOOTTIME. For what happens at a regular rate.
///
/// Async-signal-safe.
///
/// # Safety
/// As instanter_sleep_precise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_sleep_precise_until(
    clock_id: i32,
    seconds: i64,
    nanoseconds: u32,
    late_ns: *mut i64,
    spun_ns: *mut i64,
) -> Status {
    answer(|| {
        check_nanoseconds(nanoseconds)?;
        // 292 years of uptime fit; later than that is never.
        let since_boot = Timespec::new(seconds, nanoseconds).as_nanos();
        let since_boot = since_boot.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        let deadline = match Clock::from_id(clock_id) {
            Clock::MONOTONIC => Deadline::monotonic(since_boot),
            Clock::BOOTTIME => Deadline::boot(since_boot),
            Clock::REALTIME => Deadline::wall(Time::from_unix(seconds, nanoseconds)),
            _ => return Err(Status::Unsupported),
        };
        // SAFETY: the caller's promise.
        unsafe { report(try_sleep_precise_until(deadline), late_ns, spun_ns) }
    })
}

/// # Safety
/// The pointers are null, or writable.
unsafe fn report(
    woken: Result<Woken, Error>,
    late_ns: *mut i64,
    spun_ns: *mut i64,
) -> Result<(), Status> {
    let woken = woken.map_err(|error| error.status())?;
    // SAFETY: the caller's promise.
    unsafe {
        put_if_wanted(late_ns, woken.late.as_nanos());
        put_if_wanted(spun_ns, woken.spun.as_nanos());
    }
    Ok(())
}
