//! Reads of the CPU's counter that are not trapped: where a program has them, and that one of
//! them is reached. Breakpoints of the CPU tell that, which cost nothing until then; the
//! program's code is read and not changed.
//!
//! Looked at is what is mapped when the program begins at its entry: its own file, and the
//! libraries that it is linked with. A CPU has few breakpoints, so a function gets one, and the
//! program's own come first.

use std::collections::HashMap;
use std::fs::File;
use std::rc::Rc;

use gimli::{BaseAddresses, EhFrame, EhFrameHdr, LittleEndian, UnwindSection};
use nix::libc;
use nix::sys::ptrace;
use nix::unistd::Pid;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Object, ObjectSection, ObjectSymbol, ReadCache, ReadRef, SymbolKind};

use super::maps::{Mapping, Maps};
use super::space::Space;
use super::status::Status;
use super::{cpu, inject, remote};

/// What the threads of a process stop at.
#[derive(Clone, Debug)]
pub(super) enum Watch {
    Nothing,
    /// The program's first instruction: libraries are there, and have not run.
    Entry(u64),
    /// Instructions that read the counter.
    Reads(Rc<[u64]>),
}

/// Functions that read the counter for another reason than to know the time: Go's and
/// OpenSSL's, which seed random numbers with it.
const NOT_FOR_TIME: &[&str] = &["runtime.cputicks", "runtime.cputicks.abi0", "OPENSSL_rdtsc"];

/// Entries of the auxiliary vector (`auxvec.h`).
const AT_BASE: u64 = 7;
const AT_ENTRY: u64 = 9;

/// Has a program that was just loaded stop at its entry.
pub(super) fn await_entry(tid: i32) -> Watch {
    let Some(entry) = auxiliary(tid, AT_ENTRY) else { return Watch::Nothing };
    match cpu::watch(tid, &[entry]) {
        Ok(()) => Watch::Entry(entry),
        // Here the CPU's breakpoints cannot be had.
        Err(_) => Watch::Nothing,
    }
}

/// Has the first thread stop at these.
pub(super) fn begin(tid: i32, reads: Rc<[u64]>) -> Watch {
    match cpu::watch(tid, &reads) {
        Ok(()) if !reads.is_empty() => Watch::Reads(reads),
        _ => Watch::Nothing,
    }
}

/// Has a new thread stop at what the others stop at: it has none of their breakpoints.
pub(super) fn inherit(tid: i32, space: &Space) {
    if let (Watch::Reads(reads), Some(_)) = (&space.watch, space.image) {
        // It may have been killed.
        let _ = cpu::watch(tid, reads);
    }
}

/// Has a thread stop nowhere.
pub(super) fn end(tid: i32) {
    let _ = cpu::watch(tid, &[]);
}

/// Where a thread that got `SIGTRAP` stands, if a breakpoint of the CPU is why.
pub(super) fn breakpoint(tid: i32) -> Option<u64> {
    let about = ptrace::getsiginfo(Pid::from_raw(tid)).ok()?;
    let by_cpu = about.si_signo == libc::SIGTRAP && about.si_code == libc::TRAP_HWBKPT;
    by_cpu.then(|| cpu::get(tid).ok().map(|registers| registers.instruction()))?
}

/// After a stop at a breakpoint: a thread that blocks `SIGTRAP` or ignores it got it all the same,
/// and for that the kernel has set both back. What the program had asked for is set again.
pub(super) fn mend(tid: i32, space: &mut Space) {
    const IGNORED: u64 = libc::SIG_IGN as u64;
    let Some(action) = space.action else { return };
    let [a, b, c, d, e, f, g, h, ..] = action;
    let (handler, set) = match u64::from_ne_bytes([a, b, c, d, e, f, g, h]) {
        0 => return,
        IGNORED => (false, "SigIgn"),
        _ => (true, "SigCgt"),
    };
    if Status::of(tid).has_signal(set, libc::SIGTRAP) {
        return;
    }
    if let Some(place) = space.borrow_scratch() {
        let arguments = [libc::SIGTRAP as u64, place, 0, 8, 0, 0];
        let gate = space.gate;
        // Both fail if the program ends meanwhile.
        let _ = remote::write(tid, place, &action)
            .map_err(Into::into)
            .and_then(|()| inject::call(tid, gate, libc::SYS_rt_sigaction, arguments));
        if handler {
            let _ = inject::block(tid, libc::SIGTRAP);
        }
        space.return_scratch(place);
    }
}

/// A value that the kernel gave a program.
fn auxiliary(tid: i32, tag: u64) -> Option<u64> {
    let bytes = std::fs::read(format!("/proc/{tid}/auxv")).ok()?;
    let mut words = bytes.chunks_exact(8).filter_map(|word| word.try_into().ok());
    let mut words = words.by_ref().map(u64::from_ne_bytes);
    loop {
        let (key, value) = (words.next()?, words.next()?);
        if key == tag {
            return Some(value);
        }
    }
}

/// An instruction that reads the counter.
#[derive(Clone, Copy, Debug)]
struct Read {
    /// Where it is in the file.
    offset: u64,
    /// How many there are before it in its function.
    before: usize,
}

/// Where the files that are mapped in the tree read the counter, once looked up.
#[derive(Debug, Default)]
pub(super) struct Code {
    files: HashMap<(Rc<str>, u64, u64), Rc<[Read]>>,
}

impl Code {
    /// Where a process's code reads the counter: as many addresses as can be watched.
    pub(super) fn reads(&mut self, tid: i32) -> Rc<[u64]> {
        let process = Pid::from_raw(tid);
        let maps = Maps::of(process);
        // It measures how long it takes, for who asks it to show that.
        let loader = auxiliary(tid, AT_BASE).and_then(|base| maps.find(base));
        let loader = loader.map(|mapping| (mapping.device.clone(), mapping.inode));
        let mut reads = Vec::new();
        for mapping in maps.files().filter(|mapping| mapping.executable) {
            let file = (mapping.device.clone(), mapping.inode);
            if loader.as_ref() == Some(&file) {
                continue;
            }
            let key = (file.0, file.1, mapping.offset);
            let offsets = self.files.entry(key).or_insert_with(|| {
                let file = mapping.files(process).iter().find_map(|path| File::open(path).ok());
                file.and_then(|file| reads_in(file, mapping)).unwrap_or_default().into()
            });
            let place = |read: &Read| (read.before, read.offset - mapping.offset + mapping.start);
            reads.extend(offsets.iter().map(place));
        }
        reads.sort_by_key(|(before, _)| *before);
        reads.truncate(cpu::watchable(tid));
        reads.into_iter().map(|(_, place)| place).collect()
    }
}

/// Where in a file that is mapped like this the counter is read.
fn reads_in(file: File, mapping: &Mapping) -> Option<Vec<Read>> {
    let data = &ReadCache::new(file);
    let end = (mapping.end - mapping.start).checked_add(mapping.offset)?.min(data.len().ok()?);
    let code = data.read_bytes_at(mapping.offset, end.checked_sub(mapping.offset)?).ok()?;
    let bytes = cpu::like_counter_reads(code);
    if bytes.is_empty() {
        return Some(vec![]);
    }
    let functions = Functions::of(data, mapping, &bytes)?;
    let mut reads = Vec::new();
    let (mut last, mut before) = (None, 0);
    for (at, function) in bytes.iter().zip(&functions.0) {
        let start = function.as_ref().map(|function| function.start);
        let for_other_ends = function.as_ref().is_some_and(|function| function.for_other_ends);
        if for_other_ends || !cpu::is_instruction(code, start, *at) {
            continue;
        }
        before = if start.is_some() && start == last { before + 1 } else { 0 };
        last = start;
        reads.push(Read { offset: mapping.offset + *at as u64, before });
    }
    Some(reads)
}

/// The function of each of some places, if it is known.
struct Functions(Vec<Option<Function>>);

#[derive(Clone)]
struct Function {
    /// Where it begins, in the mapping.
    start: usize,
    for_other_ends: bool,
}

impl Functions {
    /// By the symbols of an ELF file, and where there are none by its tables for unwinding.
    /// Places are those of the mapping, in their order.
    fn of(data: &ReadCache<File>, mapping: &Mapping, places: &[usize]) -> Option<Functions> {
        let elf = ElfFile64::<object::Endianness, _>::parse(data).ok()?;
        let endian = elf.endian();
        let (offset, address) = elf.elf_program_headers().iter().find_map(|header| {
            let (offset, size) = (header.p_offset(endian), header.p_filesz(endian));
            let is_it = header.p_type(endian) == object::elf::PT_LOAD
                && (offset..offset.checked_add(size)?)
                    .contains(&(mapping.offset + *places.first()? as u64));
            is_it.then(|| (offset, header.p_vaddr(endian)))
        })?;
        // The address in the file of the mapping's first byte.
        let first = address.wrapping_add(mapping.offset.wrapping_sub(offset));
        let mut found = vec![None; places.len()];
        for symbol in elf.symbols().chain(elf.dynamic_symbols()) {
            if symbol.kind() != SymbolKind::Text || symbol.size() == 0 {
                continue;
            }
            let Some(start) = symbol.address().checked_sub(first) else { continue };
            let end = start.saturating_add(symbol.size());
            let begin = places.partition_point(|place| (*place as u64) < start);
            for (index, place) in places.iter().enumerate().skip(begin) {
                if *place as u64 >= end {
                    break;
                }
                let name = symbol.name_bytes().unwrap_or_default();
                let for_other_ends = NOT_FOR_TIME.iter().any(|known| known.as_bytes() == name);
                found[index] = Some(Function { start: start as usize, for_other_ends });
            }
        }
        let section = |name| {
            let section = elf.section_by_name(name)?;
            Some((section.address(), section.data().ok()?))
        };
        if let (Some(header), Some(frames)) = (section(".eh_frame_hdr"), section(".eh_frame")) {
            let unnamed = places.iter().zip(&mut found).filter(|(_, known)| known.is_none());
            for (place, function) in unnamed {
                *function = unwound(header, frames, first.wrapping_add(*place as u64))
                    .and_then(|start| usize::try_from(start.checked_sub(first)?).ok())
                    .map(|start| Function { start, for_other_ends: false });
            }
        }
        Some(Functions(found))
    }
}

/// Where the function begins that has this address, by the tables for unwinding.
fn unwound(header: (u64, &[u8]), frames: (u64, &[u8]), address: u64) -> Option<u64> {
    let bases = BaseAddresses::default().set_eh_frame_hdr(header.0).set_eh_frame(frames.0);
    let section = EhFrame::new(frames.1, LittleEndian);
    let header = EhFrameHdr::new(header.1, LittleEndian).parse(&bases, 8).ok()?;
    let table = header.table()?;
    let frame = table.fde_for_address(&section, &bases, address, EhFrame::cie_from_offset).ok()?;
    Some(frame.initial_address())
}
