//! Who called: the stack of a stopped thread, from unwind tables and frame pointers.
//!
//! C, C++ and Rust describe each frame in `.eh_frame`; Go keeps frame pointers instead. What
//! has neither, such as most compiled code of Java, ends the stack there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::rc::Rc;

use gimli::{
    BaseAddresses, CfaRule, EhFrame, EhFrameHdr, LittleEndian, Register, RegisterRule,
    UnwindContext, UnwindSection, Vendor,
};
use nix::unistd::Pid;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Object, ObjectSection, ReadCache, ReadRef};

use super::memory::{self, Window};
use super::registers::{self, Registers};
use crate::tracer::maps::{Mapping, Maps};

/// Deeper stacks are cut off: recursion without end has no end here.
const DEEPEST: usize = 128;

/// Nothing is mapped below (`vm.mmap_min_addr`).
const LOWEST: u64 = 4096;

/// An image larger than this is no vDSO.
const LARGEST_IMAGE: u64 = 1 << 20;

/// How to get from a frame to its caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The canonical frame address: the stack pointer before the call, from the stack
    /// pointer, or else from the frame pointer.
    pub(super) from_fp: bool,
    pub(super) cfa: i64,
    /// Where the return address is, from there; `None` if it is in the register for it.
    pub(super) ra: Option<i64>,
    /// Where the caller's frame pointer is, from there; `None` if it is in its register.
    pub(super) fp: Option<i64>,
}

/// A frame that begins with a frame pointer: the caller's, and above it the return address.
const FRAME_POINTER: Step = Step { from_fp: true, cfa: 16, ra: Some(-8), fp: Some(-16) };

/// A function without a frame. On AArch64 those of the kernel's vDSO that read clocks are such,
/// and have no tables.
const LEAF: Step = Step { from_fp: false, cfa: 0, ra: None, fp: None };

/// The unwind tables of an ELF image, with its segments.
struct Image {
    /// File offset, size in the file, address: of each loaded segment.
    segments: Vec<(u64, u64, u64)>,
    header: Option<(u64, Vec<u8>)>,
    frames: Option<(u64, Vec<u8>)>,
    /// Go's compiler keeps frame pointers everywhere.
    is_go: bool,
    /// What was looked up already.
    steps: RefCell<HashMap<u64, Option<Step>>>,
}

/// What an image is known by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    /// Its device and inode.
    File(Rc<str>, u64),
    Vdso,
    /// Where it is in a process.
    Memory(Pid, u64),
}

/// The unwind tables of all images met so far.
#[derive(Default)]
pub(super) struct Unwinder {
    images: HashMap<Key, Option<Rc<Image>>>,
    context: UnwindContext<usize>,
}

impl Unwinder {
    /// Returns the addresses of a stack, innermost first: where it stands, then the return
    /// addresses. Where it ends because nothing is mapped at a return address, that one is
    /// returned, too: perhaps the mappings are not the newest.
    pub(super) fn stack(
        &mut self,
        process: Pid,
        maps: &Maps,
        regs: &Registers,
    ) -> (Vec<u64>, Option<u64>) {
        let mut window = Window::new(process);
        let mut stack = vec![regs.pc];
        let (mut pc, mut sp, mut fp, mut link) = (regs.pc, regs.sp, regs.fp, regs.link);
        while stack.len() < DEEPEST {
            // A call that is its function's last instruction returns to the next function.
            let place = if stack.len() == 1 { regs.place() } else { pc - 1 };
            let step = self.step(process, maps, place, link.is_some());
            let Some((next, cfa, next_fp)) = take(step, &mut window, sp, fp, link) else { break };
            // Anything else on the stack is no return address.
            if maps.code(next.wrapping_sub(1)).is_none() {
                let unmapped = next > LOWEST && maps.find(next).is_none();
                return (stack, unmapped.then_some(next));
            }
            (pc, sp, fp, link) = (next, cfa, next_fp, None);
            stack.push(pc);
        }
        (stack, None)
    }

    /// How to leave the function at an address, as well as can be told; `has_link` if the
    /// register for the return address is known.
    fn step(&mut self, process: Pid, maps: &Maps, place: u64, has_link: bool) -> Step {
        self.sure_step(process, maps, place).unwrap_or_else(|| {
            let is_vdso = maps.code(place).is_some_and(|mapping| mapping.name == "[vdso]");
            if has_link && is_vdso { LEAF } else { FRAME_POINTER }
        })
    }

    /// How to leave the function at an address; nothing if nobody says how.
    pub(super) fn sure_step(&mut self, process: Pid, maps: &Maps, place: u64) -> Option<Step> {
        let mapping = maps.code(place)?;
        let image = self.image(process, maps, mapping)?;
        let address = image.address(mapping, place)?;
        if let Some(known) = image.steps.borrow().get(&address) {
            return *known;
        }
        let step = image.step(&mut self.context, address);
        let step = step.or_else(|| image.is_go.then_some(FRAME_POINTER));
        image.steps.borrow_mut().insert(address, step);
        step
    }

    fn image(&mut self, process: Pid, maps: &Maps, mapping: &Mapping) -> Option<Rc<Image>> {
        // The kernel has one vDSO for all processes of 64 bits; an image without a file is
        // a process's own.
        let key = if mapping.is_file() {
            Key::File(Rc::clone(&mapping.device), mapping.inode)
        } else if mapping.name == "[vdso]" {
            Key::Vdso
        } else {
            Key::Memory(process, mapping.start)
        };
        if let Some(known) = self.images.get(&key) {
            return known.clone();
        }
        let image = load(process, maps, mapping).map(Rc::new);
        self.images.insert(key, image.clone());
        image
    }

    /// Forgets the images of a process that are in no file: its addresses are another
    /// program's now.
    pub(super) fn forget(&mut self, process: Pid) {
        self.images.retain(|key, _| !matches!(key, Key::Memory(of, _) if *of == process));
    }
}

/// Goes to the caller: the return address, the stack pointer there, and the frame pointer.
fn take(
    step: Step,
    window: &mut Window,
    sp: u64,
    fp: u64,
    link: Option<u64>,
) -> Option<(u64, u64, u64)> {
    let base = if step.from_fp { fp } else { sp };
    let cfa = base.checked_add_signed(step.cfa)?;
    let at = |window: &mut Window, offset: i64| window.word(cfa.checked_add_signed(offset)?);
    let next = match step.ra {
        Some(offset) => at(window, offset)?,
        None => link?,
    };
    let next = registers::unsigned(next);
    let next_fp = match step.fp {
        Some(offset) => at(window, offset)?,
        None => fp,
    };
    Some((next, cfa, next_fp))
}

fn load(process: Pid, maps: &Maps, mapping: &Mapping) -> Option<Image> {
    if mapping.is_file() {
        let file = mapping.files(process).iter().find_map(|path| File::open(path).ok())?;
        return read_image(&ReadCache::new(file));
    }
    // An image in memory alone: the vDSO, and what was put into its place.
    let (start, end) = if mapping.name.is_empty() {
        (mapping.start, mapping.end)
    } else {
        let ends =
            |ends: (u64, u64), next: &Mapping| (ends.0.min(next.start), ends.1.max(next.end));
        maps.named(&mapping.name).fold((mapping.start, mapping.end), ends)
    };
    let length = end.checked_sub(start).filter(|length| *length <= LARGEST_IMAGE)?;
    let mut bytes = vec![0; length as usize];
    let read = memory::read(process, start, &mut bytes);
    read_image(bytes.get(..read)?)
}

fn read_image<'data, R: ReadRef<'data>>(data: R) -> Option<Image> {
    let elf = ElfFile64::<object::Endianness, R>::parse(data).ok()?;
    let endian = elf.endian();
    let segments = elf
        .elf_program_headers()
        .iter()
        .filter(|header| header.p_type(endian) == object::elf::PT_LOAD)
        .map(|header| (header.p_offset(endian), header.p_filesz(endian), header.p_vaddr(endian)))
        .collect();
    let section = |name| {
        let section = elf.section_by_name(name)?;
        Some((section.address(), section.data().ok()?.to_vec()))
    };
    Some(Image {
        segments,
        header: section(".eh_frame_hdr"),
        frames: section(".eh_frame"),
        is_go: elf.section_by_name(".gopclntab").is_some(),
        steps: RefCell::default(),
    })
}

impl Image {
    /// The address in the file of one in the process.
    fn address(&self, mapping: &Mapping, place: u64) -> Option<u64> {
        let offset = place - mapping.start + mapping.offset;
        let (start, _, address) = self
            .segments
            .iter()
            .find(|(start, size, _)| (*start..start + size).contains(&offset))?;
        Some(offset - start + address)
    }

    fn step(&self, context: &mut UnwindContext<usize>, address: u64) -> Option<Step> {
        let (at, frames) = self.frames.as_ref()?;
        let mut section = EhFrame::new(frames, LittleEndian);
        if cfg!(target_arch = "aarch64") {
            // Signed return addresses have an instruction of their own.
            section.set_vendor(Vendor::AArch64);
        }
        let mut bases = BaseAddresses::default().set_eh_frame(*at);
        let row = match &self.header {
            Some((at, header)) => {
                bases = bases.set_eh_frame_hdr(*at);
                let header = EhFrameHdr::new(header, LittleEndian).parse(&bases, 8).ok()?;
                header.table()?.unwind_info_for_address(
                    &section,
                    &bases,
                    context,
                    address,
                    EhFrame::cie_from_offset,
                )
            }
            // Linked without a table to search in: one after the other.
            None => {
                section.unwind_info_for_address(&bases, context, address, EhFrame::cie_from_offset)
            }
        };
        let row = row.ok()?;
        let CfaRule::RegisterAndOffset { register, offset } = *row.cfa() else { return None };
        let from_fp = match register {
            registers::SP => false,
            registers::FP => true,
            _ => return None,
        };
        let saved = |register: Register| match row.register(register) {
            Some(RegisterRule::Offset(offset)) => Some(Some(offset)),
            None | Some(RegisterRule::SameValue | RegisterRule::Undefined) => Some(None),
            Some(_) => None,
        };
        Some(Step { from_fp, cfa: offset, ra: saved(registers::RA)?, fp: saved(registers::FP)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vdso_has_tables() {
        let own = nix::unistd::getpid();
        let maps = Maps::of(own);
        let Some(vdso) = maps.named("[vdso]").next() else { return };
        let image = load(own, &maps, vdso).expect("the vDSO is an ELF image");
        assert!(image.frames.is_some() && image.header.is_some());
        let text = vdso.start + 0x9c5;
        let address = image.address(vdso, text).expect("in a segment");
        let step = image.step(&mut UnwindContext::new(), address);
        assert!(step.is_some());
    }
}
