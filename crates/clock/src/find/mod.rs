//! Finding where this machine keeps its time: auxiliary vector, vDSO, page.
//!
//! Happens once, at the first read. It makes about a dozen short system calls,
//! opens no file where the kernel has `PR_GET_AUXV`, allocates nothing, takes no
//! lock, and may run in several threads, or in a signal handler, at once: each
//! comes to the same result.

mod auxv;
mod probe;
mod stack;

use core::fmt;

pub use auxv::{Auxv, AuxvOrigin};
use instanter_page::linux::{Cpu, LAYOUTS, Layout, Place, Proof, Reader, Refusal, prove};
use probe::Probe;
use stack::StartBlock;

use crate::vdso::{Image, ImageError, LookupError, names};
use crate::{Clock, Source, kernel};

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
    fn parse(value: &[u8]) -> Pin {
        match value {
            b"" => Pin::Free,
            b"page" => Pin::At(Source::Page),
            b"vdso" => Pin::At(Source::Vdso),
            b"syscall" => Pin::At(Source::Syscall),
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
    Image(ImageError),
    /// It has no `clock_gettime` of the right name and version.
    Symbol(LookupError<'static>),
    /// What its functions are called on this CPU is not known.
    UnknownCpu,
}

impl fmt::Display for NoVdso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoVdso::Absent => f.write_str("the kernel gave this process no vDSO"),
            NoVdso::Unreadable => f.write_str("the vDSO's memory cannot be read"),
            NoVdso::Image(error) => write!(f, "the vDSO is not a usable ELF image: {error}"),
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
        })
    }
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

    /// Looks around, and lets `reader` use the page that can be proved.
    pub(crate) fn take(reader: &Reader, pinned: Option<Source>) -> Survey {
        let auxv = Auxv::read();
        let probe = Probe::that_works(auxv.page_size);
        let mut value = [0; 24];
        let block = probe.and_then(|probe| StartBlock::find(&auxv, probe));
        let pin = match block.and_then(|block| block.variable(b"INSTANTER_SOURCE", &mut value)) {
            Some(value) if !auxv.secure => Pin::parse(value),
            _ => Pin::Free,
        };
        let first = pinned.unwrap_or(pin.first());
        let vdso = block.and_then(|block| block.vdso()).unwrap_or(auxv.vdso);
        let functions = find_functions(vdso, auxv.page_size, probe);
        prepare_counter(&auxv);
        let mut survey = Survey {
            auxv,
            vdso,
            pin,
            first,
            functions,
            page: Err(NoPage::Pinned),
            candidates: [None; LAYOUTS.len()],
        };
        if first == Source::Page {
            survey.page = survey.find_page(reader, probe);
        }
        survey
    }

    fn find_page(&mut self, reader: &Reader, probe: Option<Probe>) -> Result<Proof, NoPage> {
        let cpu = Cpu::this().ok_or(NoPage::UnknownCpu)?;
        let vdso = self.vdso.ok_or(NoPage::NoVdso)?;
        let probe = probe.ok_or(NoPage::NoProbe)?;
        let oracle = Oracle { functions: self.functions.ok() };
        let resolution = oracle.resolution();
        let layouts = LAYOUTS.iter().filter(|layout| layout.cpu == cpu);
        for (slot, layout) in self.candidates.iter_mut().zip(layouts) {
            let Some(place) = Place::before_vdso(vdso, self.auxv.page_size, layout) else {
                continue;
            };
            let address = place.start.addr();
            let verdict = if !probe.can_read_range(address, layout.length()) {
                Verdict::Unreadable
            } else {
                // SAFETY: readable just now, and the kernel never unmaps its
                // pages. One place only: the search ends with the first.
                let proved = unsafe {
                    prove(
                        reader,
                        place,
                        instanter_counter::ordered,
                        |clock| oracle.now(clock),
                        resolution,
                    )
                };
                match proved {
                    Ok(proof) => Verdict::Proved(proof),
                    Err(refusal) => Verdict::Refused(refusal),
                }
            };
            *slot = Some(Candidate { address, layout, verdict });
            if let Verdict::Proved(proof) = verdict {
                return Ok(proof);
            }
        }
        let refused =
            self.candidates().any(|candidate| matches!(candidate.verdict, Verdict::Refused(_)));
        Err(if refused { NoPage::Refused } else { NoPage::Unreadable })
    }
}

/// Who is asked for the time that a page is compared with: what this program
/// would use without the page. That is the vDSO, and only without one the
/// system call.
#[derive(Clone, Copy)]
pub(crate) struct Oracle {
    pub(crate) functions: Option<Functions>,
}

impl Oracle {
    pub(crate) fn now(self, index: usize) -> Option<instanter_page::Timespec> {
        let clock = Clock::from_id(index as i32);
        kernel::now_through(self.functions.map(|found| found.clock_gettime), clock).ok()
    }

    pub(crate) fn resolution(self) -> Option<u32> {
        let getres = self.functions.and_then(|found| found.clock_getres);
        kernel::resolution_through(getres, Clock::MONOTONIC).ok().map(|resolution| resolution.nsec)
    }
}

/// Returns the vDSO's bytes in memory, as far as they can be read.
fn image_at(
    address: usize,
    page_size: usize,
    probe: Option<Probe>,
) -> Result<&'static [u8], NoVdso> {
    // Where probing does not work, the kernel's word has to do.
    let readable = |length| probe.is_none_or(|probe| probe.can_read_range(address, length));
    if !readable(page_size) {
        return Err(NoVdso::Unreadable);
    }
    let start: *const u8 = core::ptr::with_exposed_provenance(address);
    // SAFETY: a page that is readable, or that the kernel said holds the vDSO;
    // the kernel does not change it while the process runs.
    let first = unsafe { core::slice::from_raw_parts(start, page_size) };
    let extent = Image::extent(first).map_err(NoVdso::Image)?;
    // The image is mapped in whole pages.
    let length = extent.next_multiple_of(page_size);
    // An image that ends early is cut: its functions may go on where nothing is.
    if !readable(length) {
        return Err(NoVdso::Unreadable);
    }
    // SAFETY: as above.
    Ok(unsafe { core::slice::from_raw_parts(start, length) })
}

fn find_functions(
    vdso: Option<usize>,
    page_size: usize,
    probe: Option<Probe>,
) -> Result<Functions, NoVdso> {
    let base = vdso.ok_or(NoVdso::Absent)?;
    let names = names::NATIVE.ok_or(NoVdso::UnknownCpu)?;
    let bytes = image_at(base, page_size, probe)?;
    let image = Image::parse_at(bytes, base as u64).map_err(NoVdso::Image)?;
    let find = |name| image.function(name, Some(names.version));
    let clock_gettime = base + find(names.clock_gettime).map_err(NoVdso::Symbol)?.offset;
    let clock_getres =
        names.clock_getres.and_then(|name| find(name).ok()).map(|found| base + found.offset);
    Ok(Functions { image: base, clock_gettime, clock_getres })
}

#[cfg(target_arch = "aarch64")]
fn prepare_counter(auxv: &Auxv) {
    let has_ecv = auxv.hwcap2 & linux_raw_sys::ptrace::HWCAP2_ECV as usize != 0;
    // SAFETY: only where the kernel says that the CPU has FEAT_ECV.
    unsafe { instanter_counter::aarch64::use_self_synchronized(has_ecv) };
}

#[cfg(not(target_arch = "aarch64"))]
fn prepare_counter(_: &Auxv) {}

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

    #[test]
    fn a_survey_without_vdso() {
        assert_eq!(find_functions(None, 4096, None), Err(NoVdso::Absent));
        // Nothing is mapped there: found out without a fault.
        assert_eq!(
            find_functions(Some(0x1000), 4096, Probe::that_works(4096)),
            Err(NoVdso::Unreadable)
        );
        // Readable, and no ELF image.
        static ZEROS: [u8; 3 * 4096] = [0; 3 * 4096];
        let inside = ZEROS.as_ptr().addr().next_multiple_of(4096);
        assert!(matches!(
            find_functions(Some(inside), 4096, Probe::that_works(4096)),
            Err(NoVdso::Image(_))
        ));
    }
}
