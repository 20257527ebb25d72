//! WASI 0.1: the imports of `wasi_snapshot_preview1`.
//!
//! # References
//! <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md>

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

    /// `clockid`, in the names of POSIX.
    pub(crate) const TABLE: [(i32, &str); 4] = [
        (REALTIME, "CLOCK_REALTIME"),
        (MONOTONIC, "CLOCK_MONOTONIC"),
        (PROCESS_CPU, "CLOCK_PROCESS_CPUTIME_ID"),
        (THREAD_CPU, "CLOCK_THREAD_CPUTIME_ID"),
    ];
}

pub(crate) const fn name_without_id(id: i32) -> Option<&'static str> {
    clocks::name(id)
}

/// WASI's own numbers.
pub(crate) mod errno {
    pub(crate) const EINVAL: u32 = 28;
    pub(crate) const ENODEV: u32 = 43;
    pub(crate) const EOPNOTSUPP: u32 = 58; // notsup
    pub(crate) const EBADF: u32 = 8;
    pub(crate) const ESRCH: u32 = 71;
    pub(crate) const EPERM: u32 = 63;
    pub(crate) const EACCES: u32 = 2;
    pub(crate) const ENOSYS: u32 = 52;
    pub(crate) const ENOENT: u32 = 44;
    pub(crate) const ENXIO: u32 = 60;
    pub(crate) const EBUSY: u32 = 10;
    pub(crate) const ENOTTY: u32 = 59;
    pub(crate) const ECANCELED: u32 = 11;
    pub(crate) const EMFILE: u32 = 33;
    pub(crate) const ENFILE: u32 = 41;
    pub(crate) const EINTR: u32 = 27;
    pub(crate) const EAGAIN: u32 = 6;
}

/// `subscription`, for a clock: 48 bytes.
#[repr(C)]
struct Subscription {
    userdata: u64,
    /// `eventtype`: 0 is a clock.
    tag: u8,
    _padding: [u8; 7],
    id: u32,
    timeout: u64,
    precision: u64,
    /// `subclockflags`: 1 is absolute.
    flags: u16,
}

const _: () = assert!(size_of::<Subscription>() == 48);

/// `event`: 32 bytes.
#[repr(C)]
#[derive(Default)]
struct Event {
    userdata: u64,
    error: u16,
    kind: u8,
    nbytes: u64,
    flags: u16,
}

const _: () = assert!(size_of::<Event>() == 32);

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    #[link_name = "clock_time_get"]
    fn clock_time_get(id: i32, precision: u64, into: *mut u64) -> i32;
    #[link_name = "clock_res_get"]
    fn clock_res_get(id: i32, into: *mut u64) -> i32;
    #[link_name = "poll_oneoff"]
    fn poll_oneoff(
        subscriptions: *const Subscription,
        events: *mut Event,
        count: usize,
        happened: *mut usize,
    ) -> i32;
}

fn done(error: i32) -> Result<(), Errno> {
    if error == 0 { Ok(()) } else { Err(Errno(error)) }
}

fn checked(id: i32) -> Result<(), Errno> {
    if clocks::is_lacking(id) { Err(NOT_HERE) } else { Ok(()) }
}

fn from_nanos(nanos: u64) -> Timespec {
    Timespec::from_nanos(nanos.into())
}

pub(crate) fn clock_gettime(id: i32) -> Result<Timespec, Errno> {
    checked(id)?;
    let mut nanos = 0;
    // SAFETY: one number is written. The precision asks for the best there is.
    done(unsafe { clock_time_get(id, 1, &mut nanos) }).map(|()| from_nanos(nanos))
}

pub(crate) fn clock_getres(id: i32) -> Result<Timespec, Errno> {
    checked(id)?;
    let mut nanos = 0;
    // SAFETY: one number is written.
    done(unsafe { clock_res_get(id, &mut nanos) }).map(|()| from_nanos(nanos))
}

/// No import sets a clock.
pub(crate) fn clock_settime(_: i32, _: Timespec) -> Result<(), Errno> {
    Err(NOT_HERE)
}

pub(crate) fn clock_nanosleep(
    id: i32,
    absolute: bool,
    time: Timespec,
    _: &mut Timespec,
) -> Result<(), Errno> {
    checked(id)?;
    let timeout = u64::try_from(time.as_nanos()).map_err(|_| Errno(errno::EINVAL as i32))?;
    let subscription = Subscription {
        userdata: 0,
        tag: 0,
        _padding: [0; 7],
        id: id as u32,
        timeout,
        precision: 1,
        flags: absolute.into(),
    };
    let (mut event, mut happened) = (Event::default(), 0);
    // SAFETY: one subscription is read; at most one event and its count are written.
    done(unsafe { poll_oneoff(&subscription, &mut event, 1, &mut happened) })?;
    done(event.error.into())
}

/// The CPU time of a process, where the engine tells it: it does not divide it.
pub(crate) fn getrusage(_: i32) -> Result<Rusage, Errno> {
    Err(NOT_HERE)
}

pub(crate) fn times() -> Result<(Tms, u64), Errno> {
    Err(NOT_HERE)
}
