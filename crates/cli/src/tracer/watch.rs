//! Reads of the CPU's counter that are not trapped: where a program has them, and that one of
//! them is reached. Breakpoints of the CPU tell that: other code runs as fast as without, and
//! only switches from thread to thread take longer. What is not certain to be an instruction
//! may be data, so nothing is written there.
//!
//! Looked at is what is mapped when the program begins at its entry: its own file, and the
//! libraries that it is linked with; and later each file that it maps as code; nothing on a file
//! system that a program serves. A CPU has few breakpoints: before a function gets a second one,
//! each has its first, the program's own before those of libraries, and what is there first keeps
//! them. Threads that are there already get the breakpoints in a library that another one loads
//! when they next stop.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::rc::Rc;

use gimli::{BaseAddresses, EhFrame, EhFrameHdr, LittleEndian, UnwindSection};
use nix::libc;
use nix::sys::ptrace;
use nix::unistd::Pid;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Object, ObjectSection, ObjectSymbol, ReadCache, ReadRef, SymbolKind};

use super::maps::Maps;
use super::mounts::Mounts;
use super::space::Space;
use super::status::Status;
use super::stop::Call;
use super::symbols::short;
use super::{cpu, inject, remote};

/// What the threads of a process stop at.
#[derive(Clone, Debug)]
pub(super) enum Watch {
    Nothing,
    Entry(Entry),
    /// Instructions that read the counter, perhaps none yet.
    Reads(Rc<[u64]>),
}

/// The program's first instruction: when it is reached, libraries are there, and have not run.
/// Another one is in its place until then, which no other thread can come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    at: u64,
    /// What the program has there.
    word: [u8; 8],
}

/// Functions that read the counter for another reason than to know the time: to seed random
/// numbers, Go's and OpenSSL's, to wait for another while each time, glibc's, or to know how fast
/// it is should a recording be wanted, HotSpot's.
const NOT_FOR_TIME: &[&str] = &[
    "runtime.cputicks",
    "runtime.cputicks.abi0",
    "OPENSSL_rdtsc",
    "_ZN5Rdtsc10initializeEv",
    "__pthread_mutex_lock",
    "___pthread_mutex_lock",
    "__pthread_mutex_lock_full",
    "__pthread_mutex_cond_lock",
];

/// How names of glibc's files begin, which have its functions without their names; and its
/// loader, which measures how long it takes for who asks to be shown that.
const GLIBC: &[&str] = &["libc.so.", "libc-2.", "ld-linux", "ld-2."];

/// Has a program that was just loaded stop at its entry.
pub(super) fn await_entry(tid: i32, entry: u64, status: &Status) -> Watch {
    // The kernel would set both back to what is usual.
    let is_wanted = |set| status.has_signal(set, libc::SIGTRAP);
    if is_wanted("SigBlk") || is_wanted("SigIgn") {
        return Watch::Nothing;
    }
    broken(tid, entry).map_or(Watch::Nothing, Watch::Entry)
}

fn broken(tid: i32, at: u64) -> Option<Entry> {
    let mut word = [0; 8];
    remote::read(tid, at, &mut word).ok()?;
    let mut changed = word;
    changed[..cpu::BREAKPOINT.len()].copy_from_slice(cpu::BREAKPOINT);
    remote::force(tid, at, u64::from_ne_bytes(changed)).ok()?;
    Some(Entry { at, word })
}

impl Entry {
    /// Whether a thread has just come there, and the program's own instruction is to follow.
    fn is_reached(&self, tid: i32) -> bool {
        let Ok(mut registers) = cpu::get(tid) else { return false };
        if !registers.is_behind_breakpoint(self.at) {
            return false;
        }
        let back = remote::force(tid, self.at, u64::from_ne_bytes(self.word));
        back.is_ok() && cpu::set(tid, &registers).is_ok()
    }
}

/// Whether what a process maps is to be looked at: its program has begun.
pub(super) fn awaits_code(space: &Space) -> bool {
    matches!(space.watch, Watch::Reads(_))
}

/// Has a thread stop at what its process is watched for, if that has changed since `former`, or
/// it is new: then it has none of the others' breakpoints.
pub(super) fn keep_up(tid: i32, space: &Space, former: &mut Rc<[u64]>) {
    if let (Watch::Reads(reads), Some(_)) = (&space.watch, space.image)
        && reads != former
    {
        former.clone_from(reads);
        // It may have been killed.
        let _ = cpu::watch(tid, reads);
    }
}

/// Where a thread that got `SIGTRAP` stands, if a breakpoint of the CPU is why.
fn breakpoint(tid: i32) -> Option<u64> {
    let about = ptrace::getsiginfo(Pid::from_raw(tid)).ok()?;
    let by_cpu = about.si_signo == libc::SIGTRAP && about.si_code == libc::TRAP_HWBKPT;
    by_cpu.then(|| cpu::get(tid).ok().map(|registers| registers.instruction()))?
}

/// Where a thread that got `SIGTRAP` is in what its process is watched for.
pub(super) enum Reached {
    /// At the program's beginning.
    Entry,
    /// At a read of the counter; it stops at none any more.
    Read,
    /// Where there was one, in a library that has gone.
    Former,
}

/// Nothing, if the signal is none of ours.
pub(super) fn reached(tid: i32, space: &mut Space) -> Option<Reached> {
    match &space.watch {
        Watch::Entry(entry) if entry.is_reached(tid) => {
            space.watch = Watch::Nothing;
            Some(Reached::Entry)
        }
        Watch::Reads(reads) => {
            let at = breakpoint(tid).filter(|at| reads.contains(at))?;
            let _ = cpu::watch(tid, &[]);
            let is_there = is_read(tid, at);
            if !is_there {
                space.watch = Watch::Reads(reads.iter().copied().filter(|it| *it != at).collect());
            }
            mend(tid, space);
            Some(if is_there { Reached::Read } else { Reached::Former })
        }
        Watch::Nothing | Watch::Entry(_) => None,
    }
}

/// Whether an instruction of a process reads the counter.
fn is_read(tid: i32, at: u64) -> bool {
    let mut bytes = [0; cpu::LONGEST_READ];
    let code = remote::read_some(tid, at, &mut bytes).ok().and_then(|got| bytes.get(..got));
    code.is_some_and(|code| cpu::like_counter_reads(code).first() == Some(&0))
}

/// After a stop at a breakpoint: a thread that blocks `SIGTRAP` or ignores it got it all the same,
/// and for that the kernel has set both back. What the program had asked for is set again.
fn mend(tid: i32, space: &mut Space) {
    const IGNORED: u64 = libc::SIG_IGN as u64;
    let Some(action) = space.action else { return };
    let (handler, set) = match action.first_chunk().map_or(0, |word| u64::from_ne_bytes(*word)) {
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
    files: HashMap<Key, Rc<[Read]>>,
}

/// A part of a file.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    device: u64,
    inode: u64,
    changed: (i64, i64, u64),
    offset: u64,
    length: u64,
}

/// A part of a file that is mapped as code.
struct Mapped<'a> {
    start: u64,
    length: u64,
    offset: u64,
    name: &'a str,
    /// Where it can be opened.
    paths: &'a [PathBuf],
}

impl Code {
    /// Has a process's first thread stop where its code reads the counter, as far as that can
    /// be had.
    pub(super) fn watch(&mut self, tid: i32) -> Watch {
        let process = Pid::from_raw(tid);
        let mounts = LazyCell::new(|| Mounts::of(tid));
        let mut reads = Vec::new();
        for mapping in Maps::of(process).files().filter(|mapping| mapping.executable) {
            // What has no device of its own may have a program instead.
            if mapping.device.starts_with("00:") && mounts.serve_device(&mapping.device) {
                continue;
            }
            reads.extend(self.reads(&Mapped {
                start: mapping.start,
                length: mapping.end - mapping.start,
                offset: mapping.offset,
                name: &mapping.name,
                paths: &mapping.files(process),
            }));
        }
        chosen(tid, &[], reads)
    }

    /// A thread has mapped a file as code, by this call.
    pub(super) fn mapped(&mut self, tid: i32, call: &Call, space: &mut Space) {
        let Watch::Reads(before) = &space.watch else { return };
        let Some(start) = cpu::get(tid).ok().and_then(|it| u64::try_from(it.result()).ok()) else {
            return;
        };
        let [_, length, _, _, file, offset] = call.arguments;
        let file = file as i32;
        if Mounts::of(tid).serve_file(tid, file) {
            return;
        }
        let path = PathBuf::from(format!("/proc/{tid}/fd/{file}"));
        let name = fs::read_link(&path).unwrap_or_default();
        let paths = [path];
        let name = &name.to_string_lossy();
        let reads = self.reads(&Mapped { start, length, offset, name, paths: &paths });
        if !reads.is_empty() {
            space.watch = chosen(tid, before, reads);
        }
    }

    /// Where what is mapped reads the counter, each with how many there are before it in its
    /// function.
    fn reads(&mut self, mapped: &Mapped<'_>) -> Vec<(usize, u64)> {
        if GLIBC.iter().any(|name| short(mapped.name).starts_with(name)) {
            return vec![];
        }
        let Some(about) = mapped.paths.iter().find_map(|path| path.metadata().ok()) else {
            return vec![];
        };
        // To open a device may do anything.
        if !about.is_file() {
            return vec![];
        }
        let key = Key {
            device: about.dev(),
            inode: about.ino(),
            // What is built anew may have the number of what was there before.
            changed: (about.mtime(), about.mtime_nsec(), about.len()),
            offset: mapped.offset,
            length: mapped.length,
        };
        let reads = self.files.entry(key).or_insert_with(|| {
            let file = mapped.paths.iter().find_map(|path| File::open(path).ok());
            file.and_then(|file| reads_in(file, mapped)).unwrap_or_default().into()
        });
        let place = |read: &Read| (read.before, read.offset - mapped.offset + mapped.start);
        reads.iter().map(place).collect()
    }
}

/// Has a thread stop at as many of these as can be watched, after what it stops at `before`.
fn chosen(tid: i32, before: &[u64], mut reads: Vec<(usize, u64)>) -> Watch {
    reads.sort_by_key(|(before, _)| *before);
    // Libraries may have gone.
    let mut all: Vec<u64> = before.iter().copied().filter(|at| is_read(tid, *at)).collect();
    all.extend(reads.into_iter().map(|(_, place)| place));
    // The kernel takes milliseconds for the first breakpoint of all.
    if !all.is_empty() {
        all.truncate(cpu::watchable(tid));
        if cpu::watch(tid, &all).is_err() {
            return Watch::Nothing;
        }
    }
    Watch::Reads(all.into())
}

/// Where in a file that is mapped like this the counter is read.
fn reads_in(file: File, mapped: &Mapped<'_>) -> Option<Vec<Read>> {
    let length = mapped.length.min(file.metadata().ok()?.len());
    let places = like_reads(&file, mapped.offset, mapped.offset.checked_add(length)?).ok()?;
    if places.is_empty() {
        return Some(vec![]);
    }
    let data = ReadCache::new(file);
    let functions = functions(&data, &places)?;
    let places: Vec<(u64, Option<Function>)> = places.into_iter().zip(functions).collect();
    let mut reads = Vec::new();
    // A function may have hundreds; it is decoded once.
    for alike in places.chunk_by(|one, next| one.1.is_some() && one.1 == next.1) {
        let function = alike[0].1.as_ref();
        if function.is_some_and(|function| function.for_other_ends) {
            continue;
        }
        let start = function.map_or(alike[0].0, |function| function.start);
        let within: Vec<usize> = alike.iter().map(|(place, _)| (place - start) as usize).collect();
        let length = within[within.len() - 1] + cpu::SHORTEST_READ;
        let code = function.and_then(|_| (&data).read_bytes_at(start, length as u64).ok());
        let certain = within.iter().zip(cpu::are_instructions(code, &within));
        let certain = certain.filter(|(_, certain)| *certain).enumerate();
        reads.extend(certain.map(|(before, (at, _))| Read { offset: start + *at as u64, before }));
    }
    Some(reads)
}

/// Where in this part of a file the bytes of such instructions are, in their order.
fn like_reads(file: &File, begin: u64, end: u64) -> io::Result<Vec<u64>> {
    const EACH: usize = 1 << 18;
    // As few pages as this takes stay in the CPU's caches.
    let mut bytes = vec![0; EACH + cpu::LONGEST_READ - 1];
    let mut places = Vec::new();
    for start in (begin..end).step_by(EACH) {
        let wanted = usize::try_from(end - start).unwrap_or(usize::MAX).min(bytes.len());
        let mut got = 0;
        while got < wanted {
            match file.read_at(&mut bytes[got..wanted], start + got as u64)? {
                0 => break,
                more => got += more,
            }
        }
        let found = cpu::like_counter_reads(&bytes[..got]).into_iter().filter(|at| *at < EACH);
        places.extend(found.map(|at| start + at as u64));
    }
    Ok(places)
}

#[derive(Clone, PartialEq, Eq)]
struct Function {
    /// Where it begins in the file.
    start: u64,
    for_other_ends: bool,
}

/// The function of each of some places in a segment of an ELF file, which are in their order:
/// by its symbols, and where there are none by its tables for unwinding.
fn functions(data: &ReadCache<File>, places: &[u64]) -> Option<Vec<Option<Function>>> {
    let elf = ElfFile64::<object::Endianness, _>::parse(data).ok()?;
    let endian = elf.endian();
    let first = *places.first()?;
    let segment = elf.elf_program_headers().iter().find(|header| {
        let start = header.p_offset(endian);
        let end = start.saturating_add(header.p_filesz(endian));
        header.p_type(endian) == object::elf::PT_LOAD && (start..end).contains(&first)
    })?;
    // What to add to a place for its address.
    let shift = segment.p_vaddr(endian).wrapping_sub(segment.p_offset(endian));
    let mut found = vec![None; places.len()];
    for symbol in elf.symbols().chain(elf.dynamic_symbols()) {
        if symbol.kind() != SymbolKind::Text || symbol.size() == 0 {
            continue;
        }
        let start = symbol.address().wrapping_sub(shift);
        let end = start.saturating_add(symbol.size());
        let begin = places.partition_point(|place| *place < start);
        let within = places[begin..].iter().take_while(|place| **place < end).count();
        if within > 0 {
            let name = symbol.name_bytes().unwrap_or_default();
            let for_other_ends = NOT_FOR_TIME.iter().any(|known| known.as_bytes() == name);
            found[begin..begin + within].fill(Some(Function { start, for_other_ends }));
        }
    }
    let section = |name| {
        let section = elf.section_by_name(name)?;
        Some((section.address(), section.data().ok()?))
    };
    if let (Some(header), Some(frames)) = (section(".eh_frame_hdr"), section(".eh_frame")) {
        let unnamed = places.iter().zip(&mut found).filter(|(_, known)| known.is_none());
        for (place, function) in unnamed {
            let start = unwound(header, frames, place.wrapping_add(shift));
            let start = start.map(|start| start.wrapping_sub(shift)).filter(|it| it <= place);
            *function = start.map(|start| Function { start, for_other_ends: false });
        }
    }
    Some(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever a part that is read at once ends.
    #[test]
    fn bytes_are_found_across_parts() {
        #[cfg(target_arch = "x86_64")]
        let read = [0x0f, 0x01, 0xf9];
        #[cfg(target_arch = "aarch64")]
        let read = 0xd53b_e040_u32.to_le_bytes();
        let edge = 1 << 18;
        let step = if cfg!(target_arch = "aarch64") { 4 } else { 1 };
        let folder = tempfile::tempdir().expect("a folder for now");
        let path = folder.path().join("code");
        let mut wanted: Vec<usize> = (edge - 4..=edge + 4).step_by(step).collect();
        wanted.extend([0, 2 * edge - step, 2 * edge + 40]);
        for place in wanted {
            let mut bytes = vec![0; place];
            bytes.extend(read);
            fs::write(&path, &bytes).expect("a file in it");
            let file = File::open(&path).expect("it is there");
            let (end, place) = (bytes.len() as u64, place as u64);
            assert_eq!(like_reads(&file, 0, end).expect("it is read"), [place], "{place}");
            // What the mapping ends before, and a file that is shorter than it.
            assert_eq!(like_reads(&file, 0, end - 1).expect("it is read"), [0; 0], "{place}");
            assert_eq!(like_reads(&file, 0, end + 5000).expect("it is read"), [place], "{place}");
        }
    }
}
