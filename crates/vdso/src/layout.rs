//! What lies where: the memory that the image, its launcher and who counts share.
//!
//! ```text
//!  lower addresses                                              the image's first byte
//!  │ sites and frames │ shared │ control │ private │ image … │
//!  │  writable        │ wr.    │ read-only, shared │ per process │ read and execute │
//! ```
//!
//! Each part has a fixed distance from the image, so that the image finds it without
//! a relocation. All numbers are in this machine's byte order.

use core::sync::atomic::{AtomicI32, AtomicI64, AtomicU16, AtomicU32, AtomicU64};

use crate::line::Line;

/// The unit of the layout, in bytes: as large as the largest page of any machine.
pub const SLOT: usize = 0x1_0000;
/// How far before the image its [`Private`] lies.
pub const PRIVATE_BEFORE: usize = SLOT;
/// How far before the image [`Control`] lies.
pub const CONTROL_BEFORE: usize = 2 * SLOT;
/// How far before the image [`Shared`] lies.
pub const SHARED_BEFORE: usize = 3 * SLOT;
/// How far before the image [`Table`] lies, if it is there: the writable memory is
/// one piece that begins with the table and ends with [`Shared`].
pub const TABLE_BEFORE: usize = SHARED_BEFORE + TABLE_BYTES;
/// What [`Table`] takes, in whole [`SLOT`]s.
pub const TABLE_BYTES: usize = size_of::<Table>().next_multiple_of(SLOT);

/// How many clocks have a line: the POSIX clock ids 0 to 11.
pub const CLOCKS: usize = 12;
/// How many views of time one tree of processes can have.
pub const VIEWS: usize = 64;
/// How many entries the table of call sites has.
pub const SITES: usize = 8192;
/// How many entries the table of frames has.
pub const FRAMES: usize = 8192;
/// How many places after the first one are looked at in either table.
pub const PROBES: usize = 32;
/// How many frames at most are passed on the way to a call site.
pub const DEPTH: usize = 12;
/// How many callers there is room for in the table of remembered ways.
pub const MEMOS: usize = 4096;
/// How many ways from one caller are remembered.
pub const WAYS: usize = 8;
/// How many words of the stack a remembered way may depend on.
pub const WORDS: usize = 5;
/// Buckets of a histogram.
pub const BUCKETS: usize = 64;

/// Bit of [`Control::flags`]: reads are counted in [`Table`], and lines do not matter.
pub const COUNT: u32 = 1;
/// Bit of [`Control::flags`]: the thread pointer can be read (`rdfsbase` on x86-64).
pub const THREADS: u32 = 2;
/// Bit of [`Control::flags`]: [`NOTICE`] is called where the tables know nothing.
pub const NOTICES: u32 = 4;

/// The number of a system call that no kernel has. The image makes it where a tracer
/// is to be told something: its first argument is the reason
/// ([`NOTICE_FRAME`], [`NOTICE_SITE`]). Without a tracer it fails and nothing is lost.
pub const NOTICE: u32 = 0x1957;
/// Reason: no [`Frame`] for this return address. Arguments: the address, and the
/// stack pointer and the frame pointer that its code has after the return.
pub const NOTICE_FRAME: u64 = 1;
/// Reason: a [`Site`] was used for the first time. Arguments: its index, the return
/// address into the code that called the image, the stack pointer after that return, and
/// the frame pointer.
pub const NOTICE_SITE: u64 = 2;

/// The functions of a vDSO, as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Function {
    /// `clock_gettime`
    ClockGettime = 0,
    /// `gettimeofday`
    Gettimeofday = 1,
    /// `time`
    Time = 2,
    /// `clock_getres`
    ClockGetres = 3,
    /// `getcpu`
    Getcpu = 4,
    /// `getrandom`: forwarded, never counted
    Getrandom = 5,
    /// `sgx_enter_enclave`: forwarded, never counted
    SgxEnterEnclave = 6,
}

impl Function {
    /// All of them; the index is the number.
    pub const ALL: [Function; 7] = [
        Function::ClockGettime,
        Function::Gettimeofday,
        Function::Time,
        Function::ClockGetres,
        Function::Getcpu,
        Function::Getrandom,
        Function::SgxEnterEnclave,
    ];

    /// The name without prefix, as C programs know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Function::ClockGettime => "clock_gettime",
            Function::Gettimeofday => "gettimeofday",
            Function::Time => "time",
            Function::ClockGetres => "clock_getres",
            Function::Getcpu => "getcpu",
            Function::Getrandom => "getrandom",
            Function::SgxEnterEnclave => "sgx_enter_enclave",
        }
    }
}

/// What differs from process to process: written by the launcher after each `exec`,
/// read-only for the process.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Private {
    /// Where the kernel's functions are, by the number of [`Function`]; 0: it has none. For
    /// `clock_gettime` the image's own entry point may stand there, which makes the system
    /// call.
    pub kernel: [AtomicU64; 8],
    /// The kernel's vDSO: address of its first byte and of the one after its last.
    pub vdso: [AtomicU64; 2],
    /// The first of the lines ([`Control::lines`]) that this process sees: its view times
    /// [`CLOCKS`].
    pub lines: AtomicU32,
    /// The number under which this process is counted: a new one after each `fork`
    /// and `exec`, below 2¹⁶; 0: its reads are not counted.
    pub process: AtomicU32,
    /// Where the kernel's data page is.
    pub page: Page,
}

/// The first record of the kernel's data page, and what must be true of it.
///
/// A record begins with its sequence number and clock mode (`u32` each) and the counter's
/// value at its origin (`u64`). Then, where [`tail`](Page::tail) says, come `mult` and
/// `shift` (`u32` each) and for each clock id a base of two `u64`.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Page {
    /// Its address; where no page is known that of [`nowhere`](Page::nowhere), and never
    /// null.
    pub head: AtomicU64,
    /// The address of its `mult`.
    pub tail: AtomicU64,
    /// What [`PAGE_STATE`] must leave of the first word: the clock mode under which the
    /// record counts the CPU's counter, in the upper half.
    pub state: AtomicU64,
    /// [`NOWHERE`], where `head` points if no page is known: no branch is spent on that.
    pub nowhere: AtomicU64,
}

/// Keeps the clock mode and the lowest bit of the sequence number, which is odd while the
/// record is being written.
pub const PAGE_STATE: u64 = 0xffff_ffff_0000_0001;
/// The first word of a record that is never used.
pub const NOWHERE: u64 = u64::MAX;

/// What the launcher decides and all processes read.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Control {
    /// Odd while lines change.
    pub sequence: AtomicU32,
    /// [`COUNT`], [`THREADS`], [`NOTICES`].
    pub flags: AtomicU32,
    /// How many reads on each way to a call site are only counted after one that is timed, too,
    /// below 2¹⁶. With 0 all are timed.
    pub untimed: AtomicU64,
    /// The last argument of the system calls that the image makes itself, from its entry
    /// point: any number that no program would pass.
    pub password: AtomicU64,
    /// What each clock shows: [`CLOCKS`] lines, by clock id, for each view, which is one way
    /// to see time.
    pub lines: [Line; VIEWS * CLOCKS],
}

impl Control {
    /// The lines of a view, by clock id.
    #[must_use]
    pub fn view(&self, view: usize) -> &[Line] {
        self.lines.get(view * CLOCKS..(view + 1) * CLOCKS).unwrap_or_default()
    }
}

/// What processes write and all see: the first part.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Shared {
    /// How many reads a stepped clock has served, by view and by [`Line::counter`].
    pub reads: [[AtomicI64; 2]; VIEWS],
    /// In which second after its line's base a sloped clock was read last, by the index of the
    /// line: what saves a division ([`Line::slopes`]). Any value gives the right time.
    pub seconds: [AtomicI64; VIEWS * CLOCKS],
}

/// Where reads are counted.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Table {
    /// Reads that found no free place in `sites`: counted here and nowhere else.
    pub lost: AtomicU64,
    /// Empty; the next part begins at a cache line.
    pub reserved: [AtomicU64; 7],
    /// How to get from a return address to its caller's.
    pub frames: [Frame; FRAMES],
    /// Callers whose ways were gone before …
    pub memos: [Memo; MEMOS],
    /// … and the ways of each.
    pub ways: [[Way; WAYS]; MEMOS],
    /// Who reads what how often.
    pub sites: [Site; SITES],
}

/// How the caller of the code at a return address is found. Who unwinds writes these,
/// the image reads them: `key` last, with release ordering.
///
/// All distances are from one register as it is after the return: the stack pointer, or
/// the frame pointer where [`from_frame`](Frame::from_frame) is not 0.
#[derive(Debug)]
#[repr(C)]
pub struct Frame {
    /// [`frame_key`] of the return address; 0: free.
    pub key: AtomicU64,
    /// Where the caller's return address lies.
    pub return_at: AtomicI32,
    /// What the caller's stack pointer is after its return; 0: this address *is* the
    /// call site, go no further.
    pub caller_at: AtomicI32,
    /// Where the caller's frame pointer lies, or [`KEPT`].
    pub frame_at: AtomicI32,
    /// Which register the distances are from; 0: the stack pointer.
    pub from_frame: AtomicU32,
}

/// A caller of the image, from which ways to call sites were gone before: a return address in
/// one thread with one stack pointer. Where everything that a way depended on is as it was, it
/// leads where it led, and the frames need not be looked up.
///
/// It is its thread's until that has ended: nobody else changes it.
#[derive(Debug)]
#[repr(C, align(128))]
pub struct Memo {
    /// [`frame_key`] of the return address into the code that called the image; 0: free.
    pub key: AtomicU64,
    /// The stack pointer after that return.
    pub stack: AtomicU64,
    /// The frame pointer after that return, if it matters ([`BY_FRAME`]).
    pub frame: AtomicU64,
    /// The thread pointer, or the register that stands for it ([`BY_REGISTER`]).
    pub thread: AtomicU64,
    /// [`asked`] for what, and in the lowest bits how it is known again: [`BY_FRAME`],
    /// [`SELF_POINTER`], [`BY_REGISTER`].
    pub asked: AtomicU64,
    /// The address of the word of the stack that tells the ways apart: the next return address.
    /// Where the caller is the call site itself, that of `key`.
    pub at: AtomicU64,
    /// What that word was on each way; 0: there is none.
    pub first: [AtomicU64; WAYS],
    /// 1 while somebody changes this: signal handlers, and threads that want the same free
    /// place, keep off.
    pub busy: AtomicU64,
}

/// A remembered way from a caller to a call site, but for its first word ([`Memo::first`]).
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Way {
    /// How many bytes into [`Table::sites`] the [`Site`] is: as long as this is here, it is
    /// this way's.
    pub site: AtomicU32,
    /// How many reads may be counted before one is to be timed.
    pub left: AtomicU16,
    /// How many more words of the stack there are to compare, in this order: each lies where
    /// those before it say that there is stack.
    pub count: AtomicU16,
    /// How far from the first word ([`Memo::at`]) they are, and [`WAY_BIAS`] more …
    pub at: [AtomicU32; WORDS - 1],
    /// … and what they were. Behind the last of them there is the first word once more, so
    /// that they can be compared in pairs.
    pub words: [AtomicU64; WORDS - 1],
}

/// What a distance in [`Way::at`] has more than it is, so that none is negative.
pub const WAY_BIAS: usize = 1 << 31;

/// Bit of [`Memo::asked`]: the way depends on the frame pointer.
pub const BY_FRAME: u64 = 1;
/// Bit of [`Memo::asked`]: the thread pointer points to itself, as the C library has it on
/// x86-64, so that it can be loaded, which is faster than to ask for it.
pub const SELF_POINTER: u64 = 2;

/// Bit of [`Memo::asked`]: a register that functions preserve points to what the thread
/// pointer points into, and stands for it. So it is in Go, where it is the `m` of a thread
/// whose own storage that is; to ask for the thread pointer itself takes long.
pub const BY_REGISTER: u64 = 4;
/// How far behind the address in the register the thread pointer may lie.
pub const REGISTER_REACH: usize = 1024;
/// All of these bits.
pub const HOW: u64 = BY_FRAME | SELF_POINTER | BY_REGISTER;

/// [`Frame::frame_at`]: the frame pointer is the caller's.
pub const KEPT: i32 = i32::MIN;

/// One call site in one thread.
///
/// Written by the thread to which it belongs (if [`THREADS`] is set: otherwise by all
/// of the process, and counts may be lost), read by anybody.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Site {
    /// [`FREE`], [`CLAIMED`] or [`READY`]; the fields below are valid from `READY` on.
    pub state: AtomicU32,
    /// [`Private::process`]
    pub process: AtomicU32,
    /// The number of the [`Function`].
    pub function: AtomicU32,
    /// The clock id asked for; 0 for functions without one.
    pub clock: AtomicI32,
    /// The return address at the call site.
    pub address: AtomicU64,
    /// The thread pointer of the thread (`fs` base, `tpidr_el0`), or 0.
    pub thread: AtomicU64,
    /// Calls.
    pub count: AtomicU64,
    /// Those that were timed.
    pub timed: AtomicU64,
    /// Their time together, in ticks of the counter.
    pub ticks: AtomicU64,
    /// The longest, in ticks.
    pub longest: AtomicU64,
    /// Their number by [`bucket`].
    pub buckets: [AtomicU32; BUCKETS],
}

/// [`Site::state`]: nobody's.
pub const FREE: u32 = 0;
/// [`Site::state`]: being filled in.
pub const CLAIMED: u32 = 1;
/// [`Site::state`]: in use.
pub const READY: u32 = 2;

/// The bucket of a duration in counter ticks: four to a doubling, from 16 ticks on.
///
/// ```
/// use instanter_vdso::layout::{bucket, bucket_from};
/// assert_eq!(bucket(15), 0);
/// assert_eq!(bucket_from(bucket(100)), 96);
/// ```
#[must_use]
#[inline(always)]
pub const fn bucket(ticks: u64) -> usize {
    if ticks < 16 {
        return 0;
    }
    let exponent = 63 - ticks.leading_zeros();
    let index = ((exponent - 4) * 4) as usize + ((ticks >> (exponent - 2)) & 3) as usize;
    if index < BUCKETS { index } else { BUCKETS - 1 }
}

/// The smallest duration of a bucket, in counter ticks.
#[must_use]
pub const fn bucket_from(bucket: usize) -> u64 {
    if bucket == 0 { 0 } else { (4 + bucket as u64 % 4) << (bucket / 4 + 2) }
}

/// What a return address is looked up under: the processes of a tree share one table,
/// and the upper 16 bits of an address of a program are zero.
#[must_use]
#[inline(always)]
pub const fn frame_key(process: u32, address: u64) -> u64 {
    address ^ ((process as u64) << 48)
}

/// A function, by its number, and the clock id with which it was called; without the bits of
/// [`HOW`].
#[must_use]
#[inline(always)]
pub const fn asked(function: u32, clock: i32) -> u64 {
    (clock as u32 as u64) << 32 | (function as u64) << 3
}

/// The first place for a key in a table of `places` (a power of two).
#[must_use]
#[inline(always)]
pub const fn place(key: u64, places: usize) -> usize {
    // Fibonacci hashing: 2⁶⁴ divided by the golden ratio, and of that the upper bits.
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - places.trailing_zeros())) as usize
}

/// What a call site is looked up under.
#[must_use]
#[inline(always)]
pub const fn site_key(process: u32, address: u64, thread: u64, function: u32, clock: i32) -> u64 {
    frame_key(process, address)
        ^ thread.rotate_left(20)
        ^ ((function as u64) << 7)
        ^ ((clock as u32 as u64) << 12)
}

const _: () = {
    assert!(size_of::<Private>() <= SLOT && size_of::<Control>() <= SLOT);
    assert!(size_of::<Shared>() <= SLOT);
    // So that their addresses are soon computed.
    assert!(size_of::<Memo>() == 128 && size_of::<Way>() == 64);
    assert!(SITES.is_power_of_two() && FRAMES.is_power_of_two() && MEMOS.is_power_of_two());
};
