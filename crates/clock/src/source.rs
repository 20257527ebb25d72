//! Who serves each clock, and why not somebody faster.

use core::fmt;

use instanter_page::Unreadable;
use instanter_page::linux::{Mode, Outside, Reader, Refusal, Trouble};

use crate::find::{NoPage, NoVdso, Survey};
use crate::{Clock, Error, chain, kernel, link, sys};

/// A link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Source {
    /// The kernel's time page, read by us: no call at all.
    Page = 1,
    /// The kernel's function in the vDSO: a call, in user space.
    Vdso = 2,
    /// The kernel: a system call.
    Syscall = 3,
    /// On systems other than Linux, their own function: of the C library, of Windows, of
    /// whatever runs a WebAssembly module. How it comes by the time is its business.
    System = 4,
}

impl Source {
    /// Returns the word for it: `page`, `vdso` or `syscall`, as in
    /// `INSTANTER_SOURCE`, or `system`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Source::Page => "page",
            Source::Vdso => "vdso",
            Source::Syscall => "syscall",
            Source::System => "system",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// `source(clock)` — Returns who serves `clock` in this process now.
///
/// A vDSO whose clock source cannot be read from user space makes the system call
/// itself, and so does it for clocks that it does not know: that counts as
/// [`Source::Syscall`].
///
/// ```
/// use instanter_clock::{Clock, Source, source};
/// assert_eq!(source(Clock::THREAD_CPU), Source::Syscall);
/// ```
#[must_use]
pub fn source(clock: Clock) -> Source {
    explain_source(clock).0
}

/// Why a clock is not served by a faster link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// The process is pinned to another source.
    Pinned(Source),
    /// The page and the vDSO do not have this clock.
    NotThere,
    /// The kernel's clock source cannot be read from user space.
    Mode(Mode),
    /// No page was found.
    NoPage(NoPage),
    /// The page was found and refused.
    Refused(Refusal),
    /// The page is known and cannot be read at the moment.
    Trouble(Trouble),
    /// The page of a system other than Linux gives no answer for this clock.
    Unreadable(Unreadable),
    /// The page of a system other than Linux disagrees with the system's own function.
    Outside(Outside),
    /// There is no usable vDSO.
    NoVdso(NoVdso),
    /// The system is not Linux, and is asked by its own function.
    OtherSystem,
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WhyNot::Pinned(source) => write!(f, "pinned to {source}"),
            WhyNot::NotThere if sys::IS_LINUX => f.write_str("only the kernel has it"),
            WhyNot::NotThere => f.write_str("the page does not have it"),
            WhyNot::Mode(mode) => write!(f, "the page counts {mode}"),
            WhyNot::NoPage(why) => why.fmt(f),
            WhyNot::Refused(why) => write!(f, "the page was refused: {why}"),
            WhyNot::Trouble(why) => why.fmt(f),
            WhyNot::Unreadable(why) => why.fmt(f),
            WhyNot::Outside(why) => write!(f, "the page was refused: {why}"),
            WhyNot::NoVdso(why) => why.fmt(f),
            WhyNot::OtherSystem => f.write_str("this system is asked by its own function"),
        }
    }
}

/// `explain_source(clock)` — Returns who serves `clock`, and for the links before
/// it why they do not.
///
/// Looks around afresh, so it takes some microseconds.
///
/// ```
/// use instanter_clock::{Clock, Source, explain_source};
/// let (source, why_not_page, _) = explain_source(Clock::MONOTONIC);
/// assert_eq!(source == Source::Page, why_not_page.is_none());
/// ```
#[must_use]
pub fn explain_source(clock: Clock) -> (Source, Option<WhyNot>, Option<WhyNot>) {
    let not_page = why_not_page(clock);
    if not_page.is_none() {
        return (Source::Page, None, None);
    }
    if !sys::IS_LINUX {
        return (Source::System, not_page, Some(WhyNot::OtherSystem));
    }
    let not_vdso = why_not_vdso(clock, not_page);
    if not_vdso.is_none() {
        return (Source::Vdso, not_page, None);
    }
    (Source::Syscall, not_page, not_vdso)
}

fn why_not_page(clock: Clock) -> Option<WhyNot> {
    chain::prepare();
    if !kernel::is_on_page(clock) && !Clock::ON_PAGE.is_empty() {
        return Some(WhyNot::NotThere);
    }
    let first = chain::first();
    if first != Source::Page {
        return Some(WhyNot::Pinned(first));
    }
    link::why_not(clock)
}

fn why_not_vdso(clock: Clock, not_page: Option<WhyNot>) -> Option<WhyNot> {
    if !kernel::is_in_vdso(clock) {
        return Some(WhyNot::NotThere);
    }
    if chain::first() == Source::Syscall {
        return Some(WhyNot::Pinned(Source::Syscall));
    }
    if chain::functions().is_none() {
        return Some(WhyNot::NoVdso(survey().functions.err().unwrap_or(NoVdso::Absent)));
    }
    // The vDSO reads the same page, and makes the system call for the same reason.
    match not_page {
        Some(why @ WhyNot::Mode(Mode::Unreadable)) => Some(why),
        _ => None,
    }
}

/// `survey()` — Looks around as the first read does, and returns everything that
/// was found: the auxiliary vector, the vDSO's functions, each candidate for the
/// page and what became of it.
///
/// The process's own reader is not touched.
///
/// ```
/// let survey = instanter_clock::survey();
/// if let Ok(proof) = survey.page {
///     println!("layout {}, {} comparisons", proof.layout.kernels, proof.comparisons);
/// }
/// ```
#[must_use]
pub fn survey() -> Survey {
    let reader = Reader::new();
    Survey::take(&reader, chain::pinned())
}

/// Name of a kernel clock source, at most 31 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClockSourceName {
    bytes: [u8; 32],
    length: usize,
}

impl ClockSourceName {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or("?")
    }
}

impl fmt::Debug for ClockSourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for ClockSourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// `kernel_clock_source()` — Returns the kernel's current clock source: `tsc`,
/// `kvm-clock`, `hpet`, `arch_sys_counter`, … `None` where sysfs does not say.
///
/// ```
/// if let Some(name) = instanter_clock::kernel_clock_source() {
///     println!("the kernel counts {name}");
/// }
/// ```
#[must_use]
pub fn kernel_clock_source() -> Option<ClockSourceName> {
    const FILE: &core::ffi::CStr =
        c"/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let mut bytes = [0; 32];
    let read = sys::read_file(FILE, &mut bytes).ok()?;
    let name = bytes[..read].trim_ascii_end();
    (!name.is_empty()).then_some(ClockSourceName { bytes, length: name.len() })
}

/// `cost(clock)` — Returns what one ordered read of `clock` costs here and now,
/// in nanoseconds: the median of several short runs, loop included.
///
/// Takes about 20 µs for a clock that the page serves and a millisecond for one
/// that needs a system call. For distributions and peers see the command
/// `instanter bench`.
///
/// # Errors
/// Those of [`Clock::now`].
///
/// ```
/// use instanter_clock::{Clock, cost};
/// println!("{:.1} ns", cost(Clock::MONOTONIC)?);
/// # Ok::<(), instanter_clock::Error>(())
/// ```
pub fn cost(clock: Clock) -> Result<f64, Error> {
    const RUNS: usize = 9;
    const READS: u32 = 64;
    let mut nanos = [0u64; RUNS];
    for run in &mut nanos {
        let before = Clock::MONOTONIC.now()?;
        for _ in 0..READS {
            core::hint::black_box(clock.now()?);
        }
        let after = Clock::MONOTONIC.now()?;
        *run = u64::try_from(after.as_nanos() - before.as_nanos()).unwrap_or(0);
    }
    nanos.sort_unstable();
    Ok(nanos[RUNS / 2] as f64 / f64::from(READS))
}
