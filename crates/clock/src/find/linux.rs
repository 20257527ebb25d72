//! Looking around on Linux: the start block, the vDSO, and the page before it.

use instanter_page::linux::{Cpu, LAYOUTS, Place, Proof, Reader, prove};

use super::probe::Probe;
use super::stack::StartBlock;
use super::{Auxv, Candidate, Functions, NoPage, NoVdso, Pin, Survey, Verdict};
use crate::vdso::{Image, names};
use crate::{Clock, Source, kernel};

impl Survey {
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
    // A CPU of 32 bits has two, and the one that does not end in 2038 has a name of its
    // own; of `clock_getres` most kernels have the other only.
    let (gettime, getres) = if cfg!(target_pointer_width = "64") {
        (names.clock_gettime, names.clock_getres)
    } else {
        (names.clock_gettime64.unwrap_or(names.clock_gettime), None)
    };
    let clock_gettime = base + find(gettime).map_err(NoVdso::Symbol)?.offset;
    let clock_getres = getres.and_then(|name| find(name).ok()).map(|found| base + found.offset);
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
