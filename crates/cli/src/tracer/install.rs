//! Mapping the image into a program that has just been loaded: at the exit of `execve`,
//! before its first instruction.
//!
//! The auxiliary vector on the program's stack is then changed to name our image. The
//! kernel's vDSO stays where it is, untouched: our image calls it, and signal handlers
//! return through it.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::Ordering::Relaxed;

use instanter_clock::vdso::Image;
use instanter_vdso::IMAGE;
use instanter_vdso::layout::{
    CLOCKS, CONTROL_BEFORE, Function, NOWHERE, PRIVATE_BEFORE, Page, Private, SHARED_BEFORE, SLOT,
    THREADS,
};
use nix::libc::{self, SYS_mmap, SYS_mprotect, SYS_shmat};

use super::events::Options;
use super::memory::Memory;
use super::page::{self, KernelPage};
use super::space::{SCRATCH_BYTES, Space};
use super::status::Status;
use super::watch::{self, Watch};
use super::{cpu, inject, kept, remote, trap};

/// Entries of the auxiliary vector (`auxvec.h`).
const AT_NULL: u64 = 0;
const AT_ENTRY: u64 = 9;
const AT_SYSINFO_EHDR: u64 = 33;
const AT_HWCAP2: u64 = 26;

/// Tags of the dynamic section of an ELF file, and what an entry takes (`elf.h`).
const DT_NULL: u64 = 0;
const DT_HASH: u64 = 4;
const DT_SYMTAB: u64 = 6;
const DT_GNU_HASH: u64 = 0x6fff_fef5;
const DYNAMIC_BYTES: usize = 16;

/// Words on a new program's stack after which it cannot be one: the kernel limits
/// arguments to 2³¹ bytes, and each takes a word.
const MOST_WORDS: u64 = 1 << 28;

/// What the kernel put on the stack of a new program.
struct Vector {
    /// Where it begins and how many bytes it has, the end included.
    place: (u64, u64),
    /// Where the value of `AT_SYSINFO_EHDR` is, and the value.
    vdso: Option<(u64, u64)>,
    hwcap2: u64,
    /// The program's first instruction.
    entry: Option<u64>,
}

fn vector(tid: i32, stack: u64) -> io::Result<Vector> {
    let word = |index: u64| -> io::Result<u64> {
        let mut bytes = [0; 8];
        remote::read(tid, stack + 8 * index, &mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    };
    let strange = || io::Error::other("its stack does not begin as the kernel writes it");
    // The number of arguments, as many pointers, null; the environment, null; pairs.
    let mut at = word(0)?.checked_add(2).filter(|at| *at < MOST_WORDS).ok_or_else(strange)?;
    while word(at)? != 0 {
        at += 1;
        if at > MOST_WORDS {
            return Err(strange());
        }
    }
    at += 1;
    let start = at;
    let mut vector = Vector { place: (0, 0), vdso: None, hwcap2: 0, entry: None };
    loop {
        match (word(at)?, word(at + 1)?) {
            (AT_NULL, _) => {
                vector.place = (stack + 8 * start, 8 * (at + 2 - start));
                return Ok(vector);
            }
            (AT_SYSINFO_EHDR, value) => vector.vdso = Some((stack + 8 * (at + 1), value)),
            (AT_HWCAP2, value) => vector.hwcap2 = value,
            (AT_ENTRY, value) => vector.entry = Some(value),
            _ => {}
        }
        at += 2;
    }
}

/// The kernel's vDSO as a process has it.
struct Kernel {
    functions: [u64; 8],
    end: u64,
    gate: u64,
    /// Whether names can be found by their GNU hashes.
    has_gnu_hash: bool,
}

fn kernel(tid: i32, base: u64) -> io::Result<Kernel> {
    let wrong = |error: &dyn std::fmt::Display| {
        io::Error::other(format!("the kernel's vDSO cannot be read: {error}"))
    };
    let mut bytes = vec![0; 4096];
    remote::read(tid, base, &mut bytes)?;
    let length = Image::extent(&bytes).map_err(|error| wrong(&error))?;
    bytes.resize(length, 0);
    let got = remote::read_some(tid, base, &mut bytes)?;
    bytes.truncate(got);
    let image = Image::parse_at(&bytes, base).map_err(|error| wrong(&error))?;
    let mut functions = [0; 8];
    for function in Function::ALL.into_iter().filter(|function| cpu::may_be_forwarded(*function)) {
        let name = format!("{}{}", cpu::VDSO_PREFIX, function.name());
        if let Ok(found) = image.function(&name, None) {
            functions[function as usize] = base + found.offset as u64;
        }
    }
    if functions[Function::ClockGettime as usize] == 0 {
        return Err(wrong(&"it has no clock_gettime"));
    }
    // Instructions of one length elsewhere than on x86-64; there a match inside of
    // another instruction is one all the same to who jumps there.
    let step = if cfg!(target_arch = "x86_64") { 1 } else { 4 };
    let gate = (0..bytes.len())
        .step_by(step)
        .find(|&at| bytes[at..].starts_with(cpu::SYSTEM_CALL))
        .ok_or_else(|| wrong(&"it has no system call instruction"))?;
    let end = base + length.next_multiple_of(4096) as u64;
    let has_gnu_hash = dynamic_entry(&bytes, DT_GNU_HASH).is_some();
    Ok(Kernel { functions, end, gate: base + gate as u64, has_gnu_hash })
}

/// The image without the functions that this kernel lacks: programs look whether a name
/// is there to learn what the kernel can do.
///
/// And without GNU hashes where the kernel's has none: on AArch64, Go 1.19 and others look
/// `clock_gettime` up under the hash of its name on x86-64, which does no harm in the few
/// buckets of the older table. Among GNU hashes, which are preferred, they find nothing, and
/// make system calls: that shall be so only where it is without us.
fn image_for(functions: &[u64; 8], has_gnu_hash: bool) -> io::Result<Vec<u8>> {
    let mut bytes = IMAGE.ok_or_else(|| io::Error::other("no image for this CPU"))?.to_vec();
    let image = Image::parse_file(&bytes)
        .map_err(|error| io::Error::other(format!("our image: {error}")))?;
    let missing: Vec<u64> = image
        .symbols()
        .filter_map(Result::ok)
        .filter(|symbol| {
            let name = symbol.name.strip_prefix(cpu::VDSO_PREFIX).unwrap_or(symbol.name);
            Function::ALL
                .into_iter()
                .any(|function| function.name() == name && functions[function as usize] == 0)
        })
        .map(|symbol| symbol.value)
        .collect();
    let (table, count) =
        symbol_table(&bytes).ok_or_else(|| io::Error::other("our image has no symbols"))?;
    let symbols = bytes.get_mut(table..).unwrap_or_default().chunks_exact_mut(24).take(count);
    for symbol in symbols {
        let value = symbol[8..16].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if missing.contains(&value) {
            // `st_shndx` and `st_value`: defined nowhere.
            symbol[6..16].fill(0);
        }
    }
    if !has_gnu_hash && let Some(at) = dynamic_entry(&bytes, DT_GNU_HASH) {
        // The entries that follow, up to the one that ends them, each come one earlier.
        let end = dynamic_entry(&bytes, DT_NULL).map_or(at, |null| null + DYNAMIC_BYTES);
        bytes.copy_within(at + DYNAMIC_BYTES..end, at);
    }
    Ok(bytes)
}

/// Where in an ELF file of 64 bits, linked to address 0, the dynamic symbols are, and
/// how many.
fn symbol_table(bytes: &[u8]) -> Option<(usize, usize)> {
    let value = |tag| number(bytes, dynamic_entry(bytes, tag)? + 8, 8);
    let count = number(bytes, value(DT_HASH)? as usize + 4, 4)? as usize;
    Some((value(DT_SYMTAB)? as usize, count))
}

/// Where in an ELF file of 64 bits the first entry of the dynamic section is that has this
/// tag.
fn dynamic_entry(bytes: &[u8], tag: u64) -> Option<usize> {
    const PT_DYNAMIC: u64 = 2;
    let number = |at, size| number(bytes, at, size);
    let (headers, count) = (number(32, 8)? as usize, number(56, 2)? as usize);
    let dynamic = (0..count)
        .map(|index| headers + index * 56)
        .find(|at| number(*at, 4) == Some(PT_DYNAMIC))?;
    let (start, size) = (number(dynamic + 8, 8)? as usize, number(dynamic + 32, 8)? as usize);
    let mut entries = (start..start.checked_add(size)?).step_by(DYNAMIC_BYTES);
    entries.find(|at| number(*at, 8) == Some(tag))
}

/// A number of so many bytes, the lowest first.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// Maps everything, and changes the auxiliary vector. With [`Options::traps`], the image makes
/// system calls and does not call the kernel's vDSO for the time.
///
/// # Errors
/// Why this program cannot get our image. It has not run yet.
pub(super) fn install(
    tid: i32,
    memory: &Memory,
    process: u32,
    view: u32,
    options: Options,
) -> io::Result<Space> {
    let registers = cpu::get(tid)?;
    let vector = vector(tid, registers.stack())?;
    let (entry, base) = vector.vdso.ok_or_else(|| io::Error::other("it has no vDSO"))?;
    let kernel = kernel(tid, base)?;
    let image = image_for(&kernel.functions, kernel.has_gnu_hash)?;
    let image_bytes = (image.len() as u64).next_multiple_of(SLOT as u64);
    let below = (SHARED_BEFORE + memory.table_bytes()) as u64;
    let call = |what: &str, number: i64, arguments: [u64; 6]| {
        inject::call(tid, kernel.gate, number, arguments)
            .map_err(|error| io::Error::new(error.kind(), format!("{what}: {error}")))
    };

    let none = libc::PROT_NONE as u64;
    let write = (libc::PROT_READ | libc::PROT_WRITE) as u64;
    let anonymous = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE) as u64;
    let no_file = u64::MAX;
    let slot = SLOT as u64;
    let total = below + image_bytes + SCRATCH_BYTES + slot;
    let reserved = call("mmap", SYS_mmap, [0, total, none, anonymous, no_file, 0])?;
    let at = (reserved + below).next_multiple_of(slot);
    let replace = libc::SHM_REMAP as u64;
    let read_only = replace | libc::SHM_RDONLY as u64;
    let written = [memory.written_id() as u64, at - below, replace, 0, 0, 0];
    let control = [memory.control_id() as u64, at - CONTROL_BEFORE as u64, read_only, 0, 0, 0];
    // It may have become another user's before it became this program.
    let status = Status::of(tid);
    let user = status.user().ok_or_else(|| io::Error::other("it has gone"))?;
    memory.lend(user, || {
        call("shmat", SYS_shmat, written)?;
        call("shmat", SYS_shmat, control)
    })?;
    let private = at - PRIVATE_BEFORE as u64;
    let bytes = slot + image_bytes + SCRATCH_BYTES;
    call("mprotect", SYS_mprotect, [private, bytes, write, 0, 0, 0])?;

    let mut functions = kernel.functions;
    if options.traps {
        trap::set_in(tid, kernel.gate)
            .map_err(|error| io::Error::other(trap::described(&error)))?;
        // The kernel's would read the counter itself.
        let entry = image.get(24..32).and_then(|bytes| bytes.try_into().ok());
        let entry = entry.map(u64::from_le_bytes).filter(|entry| *entry != 0);
        let entry = entry.ok_or_else(|| io::Error::other("our image has no entry point"))?;
        functions[Function::ClockGettime as usize] = at + entry;
    }
    for (index, function) in functions.iter().enumerate() {
        remote::write(tid, private + 8 * index as u64, &function.to_ne_bytes())?;
    }
    let place = |offset: usize| private + offset as u64;
    remote::write(tid, place(std::mem::offset_of!(Private, vdso)), &base.to_ne_bytes())?;
    let end = kernel.end.to_ne_bytes();
    remote::write(tid, place(std::mem::offset_of!(Private, vdso) + 8), &end)?;
    let lines_at = std::mem::offset_of!(Private, lines);
    remote::write(tid, place(lines_at), &lines(view).to_ne_bytes())?;
    let process_at = std::mem::offset_of!(Private, process);
    remote::write(tid, place(process_at), &process.to_ne_bytes())?;
    // A program whose counter is trapped must not read it in the image either.
    let page = if options.traps { None } else { page::find(tid, base) };
    let page_at = place(std::mem::offset_of!(Private, page));
    remote::write(tid, page_at, &described(page, page_at))?;
    remote::write(tid, at, &image)?;

    let read = libc::PROT_READ as u64;
    let execute = (libc::PROT_READ | libc::PROT_EXEC) as u64;
    call("mprotect", SYS_mprotect, [at, image_bytes, execute, 0, 0, 0])?;
    remote::write(tid, entry, &at.to_ne_bytes())?;
    // Most programs take it from their stack. Where the kernel's copy cannot be changed,
    // those that ask for that find the kernel's vDSO.
    let _ = kept::replace(tid, kernel.gate, vector.place, at + image_bytes);
    call("mprotect", SYS_mprotect, [private, slot, read, 0, 0, 0])?;

    if cpu::has_thread_pointer(vector.hwcap2) {
        memory.control().flags.fetch_or(THREADS, Relaxed);
    }
    let watch = vector.entry.filter(|_| options.watches);
    Ok(Space {
        program: std::fs::read_link(format!("/proc/{tid}/exe")).unwrap_or_default(),
        process,
        view,
        image: Some(at),
        vdso: (base, kernel.end),
        gate: kernel.gate,
        scratch: at + image_bytes,
        used: HashSet::new(),
        watch: watch.map_or(Watch::Nothing, |entry| watch::await_entry(tid, entry, &status)),
        action: None,
    })
}

/// [`Page`] as it lies at `at` in a process.
fn described(page: Option<KernelPage>, at: u64) -> Vec<u8> {
    let nowhere = at + std::mem::offset_of!(Page, nowhere) as u64;
    let KernelPage { head, tail, state } =
        page.unwrap_or(KernelPage { head: nowhere, tail: nowhere, state: 0 });
    // In the order of its fields.
    const { assert!(std::mem::offset_of!(Page, nowhere) == 24) };
    [head, tail, state, NOWHERE].into_iter().flat_map(u64::to_ne_bytes).collect()
}

/// What [`Private::lines`] is for a view.
fn lines(view: u32) -> u32 {
    view * CLOCKS as u32
}

/// Changes a number in a process's [`Private`], which it may only read itself.
pub(super) fn set_private(tid: i32, space: &Space, view: Option<u32>) -> io::Result<()> {
    let Some(image) = space.image else { return Ok(()) };
    let at = image - PRIVATE_BEFORE as u64 + std::mem::offset_of!(Private, lines) as u64;
    // Both lie in one word.
    const { assert!(std::mem::offset_of!(Private, process) == std::mem::offset_of!(Private, lines) + 4) };
    const { assert!(std::mem::offset_of!(Private, lines).is_multiple_of(8)) };
    let mut bytes = [0; 8];
    remote::read(tid, at, &mut bytes)?;
    if let Some(view) = view {
        bytes[..4].copy_from_slice(&lines(view).to_ne_bytes());
    }
    bytes[4..].copy_from_slice(&space.process.to_ne_bytes());
    Ok(remote::force(tid, at, u64::from_ne_bytes(bytes))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK_GETTIME: usize = Function::ClockGettime as usize;

    #[test]
    fn the_image_has_what_the_kernels_vdso_has() {
        for has_gnu_hash in [true, false] {
            for lacks in [None, Some(CLOCK_GETTIME)] {
                let mut functions = [1; 8];
                if let Some(lacks) = lacks {
                    functions[lacks] = 0;
                }
                let bytes = image_for(&functions, has_gnu_hash).expect("an image");
                assert_eq!(dynamic_entry(&bytes, DT_GNU_HASH).is_some(), has_gnu_hash);
                // Nothing else is gone: by the other hashes, a name and its version are found.
                let image = Image::parse_file(&bytes).expect("it is as before");
                assert_eq!(image.soname(), Some("linux-vdso.so.1"));
                let name = format!("{}clock_gettime", cpu::VDSO_PREFIX);
                let found = image.function(&name, None).is_ok();
                assert_eq!(found, lacks.is_none(), "GNU hashes: {has_gnu_hash}");
                assert!(dynamic_entry(&bytes, DT_NULL).is_some());
            }
        }
    }

    /// What Go 1.19 has for `__kernel_clock_gettime`: the hash of `__vdso_clock_gettime`.
    #[test]
    #[cfg(target_arch = "aarch64")]
    fn the_bucket_of_another_name_leads_there() {
        let bytes = image_for(&[1; 8], false).expect("an image");
        let hashes = dynamic_entry(&bytes, DT_HASH).and_then(|at| number(&bytes, at + 8, 8));
        let buckets = hashes.and_then(|at| number(&bytes, at as usize, 4)).expect("a table");
        assert_eq!(0x0d35_ec75 % buckets, 0x0b0c_d725 % buckets, "of {buckets} buckets");
    }
}
