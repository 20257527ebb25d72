//! The structure that `adjtimex` takes, which `linux-raw-sys` does not have.

/// The kernel's `struct __kernel_timex`, the same on every 64-bit CPU.
///
/// # References
/// Linux `include/uapi/linux/timex.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timex {
    pub(crate) modes: u32,
    _pad: u32,
    pub(crate) offset: i64,
    pub(crate) freq: i64,
    pub(crate) maxerror: i64,
    pub(crate) esterror: i64,
    pub(crate) status: i32,
    _pad2: u32,
    pub(crate) constant: i64,
    pub(crate) precision: i64,
    pub(crate) tolerance: i64,
    pub(crate) time_sec: i64,
    pub(crate) time_usec: i64,
    pub(crate) tick: i64,
    pub(crate) ppsfreq: i64,
    pub(crate) jitter: i64,
    pub(crate) shift: i32,
    _pad3: u32,
    pub(crate) stabil: i64,
    pub(crate) jitcnt: i64,
    pub(crate) calcnt: i64,
    pub(crate) errcnt: i64,
    pub(crate) stbcnt: i64,
    pub(crate) tai: i32,
    _reserved: [i32; 11],
}

const _: () = assert!(size_of::<Timex>() == 208);

impl Timex {
    /// Asks for nothing and changes nothing.
    pub(crate) const NOTHING: Timex = Timex {
        modes: 0,
        _pad: 0,
        offset: 0,
        freq: 0,
        maxerror: 0,
        esterror: 0,
        status: 0,
        _pad2: 0,
        constant: 0,
        precision: 0,
        tolerance: 0,
        time_sec: 0,
        time_usec: 0,
        tick: 0,
        ppsfreq: 0,
        jitter: 0,
        shift: 0,
        _pad3: 0,
        stabil: 0,
        jitcnt: 0,
        calcnt: 0,
        errcnt: 0,
        stbcnt: 0,
        tai: 0,
        _reserved: [0; 11],
    };
}
