//! Finding where this machine keeps its time: auxiliary vector, vDSO, page.
//!
//! Happens once, at the first read. It makes about a dozen short system calls,
//! opens no file where the kernel has `PR_GET_AUXV`, allocates nothing, takes no
//! lock, and may run in several threads, or in a signal handler, at once: each
//! comes to the same result.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod auxv;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere.rs")]
mod look;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod probe;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod stack;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use look::Oracle;

use core::fmt;

use instanter_page::linux::{LAYOUTS, Layout, Proof, Refusal};

#[cfg(not(target_family = "wasm"))]
use crate::vdso::{ImageError, LookupError};
use crate::{Source, sys};

/// The first link of the chain that this process uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Nobody pinned it: the page, then the vDSO, then system calls.
    Free,
    /// Pinned to start at this source.
    At(Source),
    /// `INSTANTER_SOURCE` has a value that means nothing, and is ignored. Holds
    /// the start of the value.
    Unknown([u8; 16]),
}

impl Pin {
    /// Reads the value of `INSTANTER_SOURCE`.
    pub(crate) fn parse(value: &[u8]) -> Pin {
        match value {
            b"" => Pin::Free,
            b"page" => Pin::At(Source::Page),
            b"vdso" => Pin::At(Source::Vdso),
            b"syscall" => Pin::At(Source::Syscall),
            b"system" if !sys::IS_LINUX => Pin::At(Source::System),
            other => {
                let mut start = [0; 16];
                let length = other.len().min(start.len());
                start[..length].copy_from_slice(&other[..length]);
                Pin::Unknown(start)
            }
        }
    }

    /// Returns the first source that may be used.
    #[must_use]
    pub fn first(self) -> Source {
        match self {
            Pin::At(source) => source,
            Pin::Free | Pin::Unknown(_) => Source::Page,
        }
    }
}

/// Why the vDSO is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoVdso {
    /// The kernel gave the process none (`vdso=0`, an emulator, a sandbox).
    Absent,
    /// Its memory cannot be read.
    Unreadable,
    /// It is not an ELF image that can be read.
    #[cfg(not(target_family = "wasm"))]
    Image(ImageError),
    /// It has no `clock_gettime` of the right name and version.
    #[cfg(not(target_family = "wasm"))]
    Symbol(LookupError<'static>),
    /// What its functions are called on this CPU is not known.
    UnknownCpu,
}

impl fmt::Display for NoVdso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoVdso::Absent => f.write_str("the kernel gave this process no vDSO"),
            NoVdso::Unreadable => f.write_str("the vDSO's memory cannot be read"),
            #[cfg(not(target_family = "wasm"))]
            NoVdso::Image(error) => write!(f, "the vDSO is not a usable ELF image: {error}"),
            #[cfg(not(target_family = "wasm"))]
            NoVdso::Symbol(error) => write!(f, "the vDSO has no usable clock_gettime: {error}"),
            NoVdso::UnknownCpu => f.write_str("no vDSO is known for this CPU"),
        }
    }
}

/// Why no page is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPage {
    /// Pinned to another source.
    Pinned,
    /// The page of this CPU is not read.
    UnknownCpu,
    /// Without a vDSO there is no page before it.
    NoVdso,
    /// Whether memory can be read cannot be found out here (an emulator or a
    /// sandbox answers otherwise than Linux does).
    NoProbe,
    /// No candidate's memory can be read.
    Unreadable,
    /// Every candidate that can be read was refused: see [`Survey::candidates`].
    Refused,
    /// The system told this process of no page.
    Absent,
    /// The environment says that the page is not to be read (`LIBC_NOUSERTC` on OpenBSD).
    SwitchedOff,
    /// The page of this system is not laid out as Linux' is:
    /// [`explain_source`](crate::explain_source) says what became of it.
    OtherSystem,
}

impl fmt::Display for NoPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoPage::Pinned => "pinned to another source",
            NoPage::UnknownCpu => "the page of this CPU is not read",
            NoPage::NoVdso => "there is no vDSO, so no page before it",
            NoPage::NoProbe => "whether memory can be read cannot be found out here",
            NoPage::Unreadable => "there is no readable memory where a page would be",
            NoPage::Refused => "every candidate was refused",
            NoPage::Absent => "the system told this process of no page",
            NoPage::SwitchedOff => "the environment says that the page is not to be read",
            NoPage::OtherSystem => "the page of this system is not Linux'",
        })
    }
}

/// The entries that matter for reading the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auxv {
    /// Where the vector came from.
    pub origin: AuxvOrigin,
    /// `AT_SYSINFO_EHDR`: address of the vDSO's ELF header.
    pub vdso: Option<usize>,
    /// `AT_PAGESZ`: bytes in a page.
    pub page_size: usize,
    /// `AT_HWCAP2`: features of the CPU, on some CPUs.
    pub hwcap2: usize,
    /// `AT_SECURE`: whether the program runs with more privilege than its caller.
    pub secure: bool,
    /// `AT_RANDOM`: address of sixteen random bytes, near the top of the stack.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    pub(crate) random: usize,
    /// Which entry is `AT_RANDOM`.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    pub(crate) random_index: usize,
    /// `AT_EXECFN`: address of the program's name, near the top of the stack.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    pub(crate) program_name: usize,
}

/// Where the auxiliary vector was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuxvOrigin {
    /// From the kernel, by `prctl(PR_GET_AUXV)` (since Linux 6.4).
    Prctl,
    /// From the file `/proc/self/auxv`.
    Proc,
    /// From nowhere: both were refused, or the system has none.
    Nowhere,
}

impl Auxv {
    /// The vector of a process that was told nothing.
    pub(crate) const NOTHING: Auxv = Auxv {
        origin: AuxvOrigin::Nowhere,
        vdso: None,
        page_size: 4096,
        hwcap2: 0,
        secure: false,
        random: 0,
        random_index: 0,
        program_name: 0,
    };
}

/// What became of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its memory cannot be read.
    Unreadable,
    /// It was compared with the kernel and refused.
    Refused(Refusal),
    /// It was compared with the kernel and agreed.
    Proved(Proof),
}

/// One place and layout that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Address of the data.
    pub address: usize,
    /// The layout.
    pub layout: &'static Layout,
    /// What became of it.
    pub verdict: Verdict,
}

/// The functions of the vDSO that are called, as addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Functions {
    /// Address of the vDSO's ELF header.
    pub image: usize,
    /// Address of `clock_gettime`.
    pub clock_gettime: usize,
    /// Address of `clock_getres`, where there is one.
    pub clock_getres: Option<usize>,
}

/// Everything that was found.
#[derive(Clone, Copy, Debug)]
pub struct Survey {
    /// The auxiliary vector.
    pub auxv: Auxv,
    /// Address of the vDSO as the program sees it. Differs from the auxiliary
    /// vector's where a debugger or a fake clock put another in its place.
    pub vdso: Option<usize>,
    /// What the environment says of the first link of the chain.
    pub pin: Pin,
    /// The first link of the chain: as the program pinned it, or the environment.
    pub first: Source,
    /// The vDSO's functions.
    pub functions: Result<Functions, NoVdso>,
    /// The page.
    pub page: Result<Proof, NoPage>,
    candidates: [Option<Candidate>; LAYOUTS.len()],
}

impl Survey {
    /// Returns the candidates that were tried, in order.
    pub fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins() {
        let table: [(&[u8], Source, bool); 7] = [
            (b"", Source::Page, true),
            (b"page", Source::Page, true),
            (b"vdso", Source::Vdso, true),
            (b"syscall", Source::Syscall, true),
            (b"VDSO", Source::Page, false),
            (b"vdso ", Source::Page, false),
            (b"a value that is longer than sixteen bytes", Source::Page, false),
        ];
        for (value, first, known) in table {
            let pin = Pin::parse(value);
            assert_eq!(pin.first(), first, "{pin:?}");
            assert_eq!(!matches!(pin, Pin::Unknown(_)), known, "{pin:?}");
        }
    }
}
