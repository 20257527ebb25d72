//! The system calls that have to do with time, and the filter that stops at them.

use instanter_vdso::layout::NOTICE;
use nix::libc::{self, c_long};

use crate::tracer::{Filter, When};

/// What a system call does with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Reads a clock; which one, argument 0 says where there is `true`.
    Read(bool),
    /// Waits for a length of time, or no longer than that.
    Wait,
    /// Makes, sets, reads or deletes a timer.
    Timer,
    /// Sets a clock, or steers it.
    Set,
    /// Another program takes the place of this one; not counted.
    Exec,
}

/// When a system call is of interest, by an argument. Others are not stopped at.
#[derive(Clone, Copy, Debug)]
enum Only {
    Always,
    /// A pointer to a timeout is given in this argument.
    Pointer(u32),
    /// This argument is a number of milliseconds: neither 0, "no wait", nor -1, "for ever".
    Positive(u32),
    /// A futex operation that waits, with a timeout.
    FutexWait,
}

/// A system call that has to do with time.
pub(super) struct Call {
    pub(super) number: c_long,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    only: Only,
}

const fn call(number: c_long, name: &'static str, kind: Kind, only: Only) -> Call {
    Call { number, name, kind, only }
}

/// Those of every CPU; what only old ones have is in `sys`.
const COMMON: [Call; 37] = {
    use Kind::{Exec, Read, Set, Timer, Wait};
    use Only::{Always, FutexWait, Pointer};
    [
        call(libc::SYS_clock_gettime, "clock_gettime", Read(true), Always),
        call(libc::SYS_clock_getres, "clock_getres", Read(true), Always),
        call(libc::SYS_gettimeofday, "gettimeofday", Read(false), Always),
        call(libc::SYS_getcpu, "getcpu", Read(false), Always),
        call(libc::SYS_times, "times", Read(false), Always),
        call(libc::SYS_nanosleep, "nanosleep", Wait, Always),
        call(libc::SYS_clock_nanosleep, "clock_nanosleep", Wait, Always),
        // What the kernel makes of a wait that a stop interrupted.
        call(libc::SYS_restart_syscall, "restart_syscall", Wait, Always),
        call(libc::SYS_futex, "futex", Wait, FutexWait),
        // futex_wait and futex_waitv have one number on every CPU.
        call(449, "futex_waitv", Wait, Pointer(3)),
        call(455, "futex_wait", Wait, Pointer(4)),
        call(libc::SYS_ppoll, "ppoll", Wait, Pointer(2)),
        call(libc::SYS_pselect6, "pselect6", Wait, Pointer(4)),
        call(libc::SYS_epoll_pwait, "epoll_pwait", Wait, Only::Positive(3)),
        call(libc::SYS_epoll_pwait2, "epoll_pwait2", Wait, Pointer(3)),
        call(libc::SYS_rt_sigtimedwait, "rt_sigtimedwait", Wait, Pointer(2)),
        call(libc::SYS_recvmmsg, "recvmmsg", Wait, Pointer(4)),
        call(libc::SYS_mq_timedsend, "mq_timedsend", Wait, Pointer(4)),
        call(libc::SYS_mq_timedreceive, "mq_timedreceive", Wait, Pointer(4)),
        call(libc::SYS_semtimedop, "semtimedop", Wait, Pointer(3)),
        call(libc::SYS_io_getevents, "io_getevents", Wait, Pointer(4)),
        call(libc::SYS_timer_create, "timer_create", Timer, Always),
        call(libc::SYS_timer_settime, "timer_settime", Timer, Always),
        call(libc::SYS_timer_gettime, "timer_gettime", Timer, Always),
        call(libc::SYS_timer_getoverrun, "timer_getoverrun", Timer, Always),
        call(libc::SYS_timer_delete, "timer_delete", Timer, Always),
        call(libc::SYS_timerfd_create, "timerfd_create", Timer, Always),
        call(libc::SYS_timerfd_settime, "timerfd_settime", Timer, Always),
        call(libc::SYS_timerfd_gettime, "timerfd_gettime", Timer, Always),
        call(libc::SYS_setitimer, "setitimer", Timer, Always),
        call(libc::SYS_getitimer, "getitimer", Timer, Always),
        call(libc::SYS_clock_settime, "clock_settime", Set, Always),
        call(libc::SYS_settimeofday, "settimeofday", Set, Always),
        call(libc::SYS_adjtimex, "adjtimex", Set, Always),
        call(libc::SYS_clock_adjtime, "clock_adjtime", Set, Always),
        call(libc::SYS_execve, "execve", Exec, Always),
        call(libc::SYS_execveat, "execveat", Exec, Always),
    ]
};

/// Only older CPUs' tables have these: newer ones do with those above.
#[cfg(target_arch = "x86_64")]
const OLD: [Call; 5] = [
    call(libc::SYS_time, "time", Kind::Read(false), Only::Always),
    call(libc::SYS_poll, "poll", Kind::Wait, Only::Positive(2)),
    call(libc::SYS_select, "select", Kind::Wait, Only::Pointer(4)),
    call(libc::SYS_epoll_wait, "epoll_wait", Kind::Wait, Only::Positive(3)),
    call(libc::SYS_alarm, "alarm", Kind::Timer, Only::Always),
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: [Call; 0] = [];

/// Finds a system call by its number.
pub(super) fn find(number: i64) -> Option<&'static Call> {
    static ALL: [&[Call]; 2] = [&COMMON, &OLD];
    ALL.iter().flat_map(|calls| *calls).find(|call| call.number == number)
}

impl Only {
    fn when(self) -> When {
        match self {
            Only::Always => When::Always,
            Only::Pointer(argument) => When::NotNull(argument),
            Only::Positive(argument) => When::NoneOf(argument, vec![0, u32::MAX]),
            Only::FutexWait => When::MaskedAndNotNull {
                argument: 1,
                // Flags such as FUTEX_PRIVATE_FLAG lie above the operation.
                mask: 0x7f,
                values: [
                    libc::FUTEX_WAIT,
                    libc::FUTEX_LOCK_PI,
                    libc::FUTEX_WAIT_BITSET,
                    libc::FUTEX_WAIT_REQUEUE_PI,
                    libc::FUTEX_LOCK_PI2,
                ]
                .map(|operation| operation as u32)
                .to_vec(),
                pointer: 3,
            },
        }
    }
}

/// The filter that stops a process where it enters one of these system calls, and where
/// our vDSO tells something.
pub(super) fn filter() -> Filter {
    let calls = COMMON.iter().chain(&OLD).map(|call| (call.number, call.only.when()));
    let notice = (i64::from(NOTICE), When::Always);
    Filter::stop_at(&calls.chain([notice]).collect::<Vec<_>>())
}

/// A clock's name, from its id; for a process's or a thread's own, what it is.
pub(super) fn clock_name(id: i32) -> String {
    const NAMES: [(i32, &str); 11] = [
        (libc::CLOCK_REALTIME, "CLOCK_REALTIME"),
        (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC"),
        (libc::CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID"),
        (libc::CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID"),
        (libc::CLOCK_MONOTONIC_RAW, "CLOCK_MONOTONIC_RAW"),
        (libc::CLOCK_REALTIME_COARSE, "CLOCK_REALTIME_COARSE"),
        (libc::CLOCK_MONOTONIC_COARSE, "CLOCK_MONOTONIC_COARSE"),
        (libc::CLOCK_BOOTTIME, "CLOCK_BOOTTIME"),
        (libc::CLOCK_REALTIME_ALARM, "CLOCK_REALTIME_ALARM"),
        (libc::CLOCK_BOOTTIME_ALARM, "CLOCK_BOOTTIME_ALARM"),
        (libc::CLOCK_TAI, "CLOCK_TAI"),
    ];
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == id) {
        return (*name).to_owned();
    }
    // Negative ids: the lowest three bits say what kind (kernel, posix-timers.h).
    match (id < 0, id & 7) {
        (true, 3) => "a device's clock".to_owned(),
        (true, low) if low & 4 != 0 => "a thread's CPU time".to_owned(),
        (true, _) => "a process's CPU time".to_owned(),
        (false, _) => format!("clock {id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_one_number() {
        let mut numbers: Vec<_> = COMMON.iter().chain(&OLD).map(|call| call.number).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count, "two calls of one number");
        assert_eq!(find(libc::SYS_futex).map(|call| call.name), Some("futex"));
        assert!(find(libc::SYS_read).is_none());
    }

    #[test]
    fn clocks_have_names() {
        let table = [
            (0, "CLOCK_REALTIME"),
            (2, "CLOCK_PROCESS_CPUTIME_ID"),
            (11, "CLOCK_TAI"),
            (99, "clock 99"),
            // ((!1234) << 3) | 2: what clock_getcpuclockid(1234) makes.
            ((!1234) << 3 | 2, "a process's CPU time"),
            ((!1234) << 3 | 6, "a thread's CPU time"),
            ((!5) << 3 | 3, "a device's clock"),
        ];
        for (id, want) in table {
            assert_eq!(clock_name(id), want, "clock_name({id})");
        }
    }
}
