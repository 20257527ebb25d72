//! System calls that wait: which carry a time, where, and of what clock.
//!
//! A call's time is rewritten in scratch memory of ours, never in the caller's: what the
//! program keeps there is its own, and another thread may look at it. A call that was
//! interrupted is made again by the kernel, or by us, as the program made it at first; it
//! then still waits for the moment that was computed at its beginning.

use std::sync::OnceLock;

use nix::libc;

use super::clocks::{Clocks, Group};
use crate::tracer::{Call, Stop, When};

/// How a call says how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A pointer to a `timespec`.
    Timespec,
    /// A pointer to a `timeval`.
    Timeval,
    /// Milliseconds in the register.
    Milliseconds,
}

/// A call that waits.
#[derive(Clone, Copy, Debug)]
struct Wait {
    /// Which argument says how long.
    argument: usize,
    form: Form,
    /// Whether it is a moment, and of which clock; else a duration.
    until: Option<Group>,
    /// Which argument points to what gets the rest of the time if it is cut short.
    rest: Option<usize>,
    /// The kernel writes the rest over the time itself, however the call ends.
    updates: bool,
}

impl Wait {
    const fn span(argument: usize, form: Form) -> Wait {
        Wait { argument, form, until: None, rest: None, updates: false }
    }

    const fn until(argument: usize, group: Group) -> Wait {
        Wait { argument, form: Form::Timespec, until: Some(group), rest: None, updates: false }
    }

    const fn updated(self) -> Wait {
        Wait { updates: true, ..self }
    }
}

/// A wait that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    call: Call,
    /// The clock, and when on it the wait is over, in nanoseconds of what the program sees.
    group: Group,
    over: i128,
    /// Whether the call is about to be made a second time.
    again: bool,
}

const TIMER_ABSTIME: u64 = 1;
const FUTEX_CLOCK_REALTIME: u64 = 256;
/// `EINTR`, and what the kernel returns to itself to make a call again: `ERESTARTSYS`,
/// `ERESTARTNOINTR`, `ERESTARTNOHAND`, `ERESTART_RESTARTBLOCK`.
const EINTR: i64 = -(libc::EINTR as i64);
const RESTARTS: [i64; 4] = [-512, -513, -514, RESTART_BLOCK];
const RESTART_NO_HANDLER: i64 = -514;
const RESTART_BLOCK: i64 = -516;

/// Commands of `futex` that wait with a duration, and with a moment.
const FUTEX_WAIT: u64 = 0;
const FUTEX_UNTIL: [u64; 4] = [6, 9, 11, 13];
const FUTEX_LOCK_PI: u64 = 6;

/// Newer than some of the headers that this is compiled with.
const SYS_FUTEX_WAITV: i64 = 449;
const SYS_FUTEX_WAIT: i64 = 455;
const SYS_EPOLL_PWAIT2: i64 = 441;
/// Of x86-64; others have `ppoll` alone.
const SYS_POLL: i64 = 7;
const SYS_IO_PGETEVENTS: i64 = if cfg!(target_arch = "x86_64") { 333 } else { 292 };

/// A clock that a call names; what is not known is left alone.
fn named(clock: u64) -> Option<Group> {
    Group::of(clock as i32)
}

fn describe(call: &Call) -> Option<Wait> {
    let at = &call.arguments;
    let wait = match call.number {
        libc::SYS_nanosleep => Wait { rest: Some(1), ..Wait::span(0, Form::Timespec) },
        libc::SYS_clock_nanosleep if at[1] & TIMER_ABSTIME != 0 => Wait::until(2, named(at[0])?),
        libc::SYS_clock_nanosleep => {
            named(at[0])?;
            Wait { rest: Some(3), ..Wait::span(2, Form::Timespec) }
        }
        libc::SYS_futex => match at[1] & 0x7f {
            FUTEX_WAIT => Wait::span(3, Form::Timespec),
            FUTEX_LOCK_PI => Wait::until(3, Group::Realtime),
            _ if at[1] & FUTEX_CLOCK_REALTIME != 0 => Wait::until(3, Group::Realtime),
            _ => Wait::until(3, Group::Monotonic),
        },
        SYS_FUTEX_WAITV => Wait::until(3, named(at[4])?),
        SYS_FUTEX_WAIT => Wait::until(4, named(at[5])?),
        libc::SYS_ppoll => Wait::span(2, Form::Timespec).updated(),
        libc::SYS_pselect6 => Wait::span(4, Form::Timespec).updated(),
        libc::SYS_epoll_pwait => Wait::span(3, Form::Milliseconds),
        SYS_EPOLL_PWAIT2 => Wait::span(3, Form::Timespec),
        libc::SYS_rt_sigtimedwait => Wait::span(2, Form::Timespec),
        libc::SYS_recvmmsg => Wait::span(4, Form::Timespec).updated(),
        libc::SYS_mq_timedsend | libc::SYS_mq_timedreceive => Wait::until(4, Group::Realtime),
        libc::SYS_semtimedop => Wait::span(3, Form::Timespec),
        libc::SYS_io_getevents | SYS_IO_PGETEVENTS => Wait::span(4, Form::Timespec),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => Wait::span(2, Form::Milliseconds),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select => Wait::span(4, Form::Timeval).updated(),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => Wait::span(3, Form::Milliseconds),
        _ => return None,
    };
    Some(wait)
}

/// The calls that wait for a moment of some clock, and with `spans` those that wait for a
/// while, for the filter.
pub(super) fn filtered(spans: bool) -> Vec<(i64, When)> {
    let clocks = || vec![0, 1, 7, 8, 9, 11];
    let futex =
        |values: Vec<u32>| When::MaskedAndNotNull { argument: 1, mask: 0x7f, values, pointer: 3 };
    let until = FUTEX_UNTIL.map(|command| command as u32);
    let mut calls = vec![
        (libc::SYS_clock_nanosleep, When::OneOf(0, clocks())),
        (SYS_FUTEX_WAITV, When::NotNull(3)),
        (SYS_FUTEX_WAIT, When::NotNull(4)),
        (libc::SYS_mq_timedsend, When::NotNull(4)),
        (libc::SYS_mq_timedreceive, When::NotNull(4)),
    ];
    if !spans {
        calls.push((libc::SYS_futex, futex(until.to_vec())));
        return calls;
    }
    let mut all = until.to_vec();
    all.push(FUTEX_WAIT as u32);
    let endless = || vec![0, u32::MAX];
    calls.extend([
        (libc::SYS_futex, futex(all)),
        (libc::SYS_nanosleep, When::Always),
        (libc::SYS_ppoll, When::NotNull(2)),
        (libc::SYS_pselect6, When::NotNull(4)),
        (libc::SYS_epoll_pwait, When::NoneOf(3, endless())),
        (SYS_EPOLL_PWAIT2, When::NotNull(3)),
        (libc::SYS_rt_sigtimedwait, When::NotNull(2)),
        (libc::SYS_recvmmsg, When::NotNull(4)),
        (libc::SYS_semtimedop, When::NotNull(3)),
        (libc::SYS_io_getevents, When::NotNull(4)),
        (SYS_IO_PGETEVENTS, When::NotNull(4)),
    ]);
    #[cfg(target_arch = "x86_64")]
    calls.extend([
        (libc::SYS_poll, When::NoneOf(2, endless())),
        (libc::SYS_select, When::NotNull(4)),
        (libc::SYS_epoll_wait, When::NoneOf(3, endless())),
    ]);
    calls
}

const SECOND: i128 = 1_000_000_000;
/// What stands in for "never" where the clock is frozen: 30 years.
pub(super) const NEVER: i128 = 1_000_000_000 * SECOND;

/// Two words: seconds, and nanoseconds below a second.
pub(super) fn timespec(nanoseconds: i128) -> [u8; 16] {
    pair(nanoseconds, 1)
}

/// The same for a time that may be before 1970, with a unit of nanoseconds or of more.
pub(super) fn signed(nanoseconds: i128, unit: i128) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(nanoseconds.div_euclid(SECOND) as i64).to_ne_bytes());
    bytes[8..].copy_from_slice(&((nanoseconds.rem_euclid(SECOND) / unit) as i64).to_ne_bytes());
    bytes
}

fn pair(nanoseconds: i128, unit: i128) -> [u8; 16] {
    let nanoseconds = nanoseconds.clamp(0, i128::from(i64::MAX));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&((nanoseconds / SECOND) as i64).to_ne_bytes());
    bytes[8..].copy_from_slice(&((nanoseconds % SECOND / unit) as i64).to_ne_bytes());
    bytes
}

/// Nanoseconds; nothing where the kernel would refuse the value.
pub(super) fn from_timespec(bytes: [u8; 16]) -> Option<i128> {
    from_pair(bytes, 1)
}

pub(super) fn from_pair(bytes: [u8; 16], unit: i128) -> Option<i128> {
    let [seconds, rest] = [0, 8]
        .map(|at| i128::from(i64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap_or_default())));
    let whole = seconds >= 0 && (0..SECOND / unit).contains(&rest);
    whole.then(|| seconds * SECOND + rest * unit)
}

/// At the entry of a call that waits. Nothing: it is none, or needs no change.
pub(super) fn enter(stop: &mut Stop<'_>, clocks: &Clocks, before: Option<Begun>) -> Option<Begun> {
    let call = stop.call;
    let wait = describe(&call)?;
    let view = stop.space.view as usize;
    let value = call.arguments[wait.argument];
    let asked = match wait.form {
        Form::Milliseconds => i128::from(value as i32) * 1_000_000,
        Form::Timespec => from_pair(stop.read(value).ok()?, 1)?,
        Form::Timeval => {
            // Microseconds of a second and more are allowed here.
            let bytes: [u8; 16] = stop.read(value).ok()?;
            let [seconds, rest] = [0, 8].map(|at| {
                i128::from(i64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap_or_default()))
            });
            if seconds < 0 || rest < 0 {
                return None;
            }
            seconds * SECOND + rest * 1000
        }
    };
    if wait.until.is_none() && asked == 0 {
        return None;
    }
    let group = wait.until.unwrap_or(Group::Monotonic);
    let over = match before {
        Some(begun) if begun.again && begun.call == call => begun.over,
        _ => match wait.until {
            Some(_) => asked,
            None => clocks.peek(view, group) + asked,
        },
    };
    let when = clocks.when(view, group, over);
    let real = super::clocks::real(group.fine());
    let scratch = stop.scratch()?;
    let left = when.map_or(NEVER, |when| (when - real).max(0));
    match wait.form {
        Form::Milliseconds => {
            if !milliseconds(stop, scratch, left) {
                return None;
            }
        }
        Form::Timespec => {
            let value = match wait.until {
                Some(_) => when.map_or(real + NEVER, |when| when.max(0)),
                None => left,
            };
            stop.write(scratch, &timespec(value)).ok()?;
            stop.set_argument(wait.argument, scratch);
        }
        Form::Timeval => {
            // Rounded up: not a moment early.
            stop.write(scratch, &pair(left + 999, 1000)).ok()?;
            stop.set_argument(wait.argument, scratch);
        }
    }
    if let Some(rest) = wait.rest {
        // We write it ourselves.
        stop.set_argument(rest, 0);
    }
    Some(Begun { call, group, over, again: false })
}

/// Whether the kernel has `epoll_pwait2`: Linux 5.11 and later.
fn has_epoll_pwait2() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        since(&release, (5, 11))
    })
}

/// Whether a kernel's release, such as `6.1.0-18-amd64`, is at least this one.
fn since(release: &str, least: (u32, u32)) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= least,
        _ => false,
    }
}

/// A call whose time is a number of milliseconds becomes one that takes nanoseconds: at
/// rate 1000 a millisecond is a second. Older kernels have none for `epoll`: there it may
/// be a millisecond late.
fn milliseconds(stop: &mut Stop<'_>, scratch: u64, left: i128) -> bool {
    let is_poll = cfg!(target_arch = "x86_64") && stop.call.number == SYS_POLL;
    if !is_poll && !has_epoll_pwait2() {
        let milliseconds = (left + 999_999) / 1_000_000;
        stop.set_argument(3, milliseconds.min(i128::from(i32::MAX)) as u64);
        return true;
    }
    if stop.write(scratch, &timespec(left)).is_err() {
        return false;
    }
    match stop.call.number {
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => {
            stop.set_number(libc::SYS_ppoll);
            stop.set_argument(2, scratch);
            stop.set_argument(3, 0);
            stop.set_argument(4, 8);
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => {
            stop.set_number(SYS_EPOLL_PWAIT2);
            stop.set_argument(3, scratch);
            stop.set_argument(4, 0);
            stop.set_argument(5, 8);
        }
        _ => {
            stop.set_number(SYS_EPOLL_PWAIT2);
            stop.set_argument(3, scratch);
        }
    }
    true
}

/// At the exit. Returns the wait if it goes on; `retimed` is whether the clocks have
/// changed and this thread was interrupted because of it.
pub(super) fn leave(
    stop: &mut Stop<'_>,
    clocks: &Clocks,
    begun: Begun,
    retimed: bool,
) -> Option<Begun> {
    let wait = describe(&begun.call)?;
    let result = stop.registers.result();
    stop.restore_arguments();
    let view = stop.space.view as usize;
    let restarts = RESTARTS.contains(&result);
    if retimed && result == EINTR && !stop.has_signal() {
        stop.repeat();
        return Some(Begun { again: true, ..begun });
    }
    let left = || (begun.over - clocks.peek(view, begun.group)).max(0);
    let pointer = if wait.updates { Some(wait.argument) } else { wait.rest };
    if let Some(pointer) = pointer.map(|index| begun.call.arguments[index])
        && pointer != 0
        && (wait.updates || restarts || result == EINTR)
        && !(restarts && retimed)
    {
        let unit = if wait.form == Form::Timeval { 1000 } else { 1 };
        // The kernel ignores it, too, if it cannot write there.
        let _ = stop.write(pointer, &pair(left(), unit));
    }
    if result == RESTART_BLOCK {
        // The kernel would go on with what it remembers of the scratch memory; this way it
        // makes the call again, or returns EINTR if a handler runs, in the same cases.
        stop.set_result(RESTART_NO_HANDLER);
    }
    restarts.then_some(Begun { again: true, ..begun })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        assert_eq!(from_timespec(timespec(1_500_000_001)), Some(1_500_000_001));
        assert_eq!(from_pair(pair(1_500_000_001, 1000), 1000), Some(1_500_000_000));
        let mut bad = timespec(0);
        bad[8..].copy_from_slice(&1_000_000_000_i64.to_ne_bytes());
        assert_eq!(from_timespec(bad), None, "the kernel says EINVAL");
        assert_eq!(timespec(-5), timespec(0));
    }

    #[test]
    fn releases_are_compared_as_numbers() {
        let table = [
            ("5.10.0-30-amd64\n", false),
            ("5.11\n", true),
            ("6.1.0-18-arm64\n", true),
            ("6.18.5+\n", true),
            ("4.19.0\n", false),
            ("strange", false),
            ("", false),
        ];
        for (release, want) in table {
            assert_eq!(since(release, (5, 11)), want, "{release:?}");
        }
    }

    #[test]
    fn futexes_name_their_clock() {
        let of = |operation: u64| {
            let arguments = [0, operation, 0, 0x1000, 0, 0];
            describe(&Call { number: libc::SYS_futex, arguments, address: 0 }).unwrap().until
        };
        let table = [
            (0, None),
            (128, None),
            (9 | 128, Some(Group::Monotonic)),
            (9 | 128 | 256, Some(Group::Realtime)),
            (6, Some(Group::Realtime)),
            (13, Some(Group::Monotonic)),
            (13 | 256, Some(Group::Realtime)),
        ];
        for (operation, want) in table {
            assert_eq!(of(operation), want, "{operation}");
        }
    }
}
