//! What the kernel told the process when it started, spoiled before the first
//! read: no vDSO, and a vDSO that is none.

use instanter_clock::{Clock, NoPage, NoVdso, Source, explain_source, source, survey};

use crate::{Outcome, Role, Test, all_clocks_agree, always, ensure, play};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "no_vdso_at_all", why_not: always, run: || play("no vdso", &[]) },
    Test { name: "a_vdso_that_is_no_elf_image", why_not: always, run: || play("zeros", &[]) },
    Test { name: "a_vdso_that_is_not_mapped", why_not: always, run: || play("unmapped", &[]) },
    Test { name: "a_vdso_without_functions", why_not: always, run: || play("stripped", &[]) },
    Test { name: "a_vdso_cut_short", why_not: always, run: || play("cut", &[]) },
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "no vdso", run: in_no_vdso },
    Role { name: "zeros", run: in_zeros },
    Role { name: "unmapped", run: in_unmapped },
    Role { name: "stripped", run: in_stripped },
    Role { name: "cut", run: in_cut },
];

/// Writes `to` over the address of the vDSO in the auxiliary vector on the stack,
/// as a debugger does. Returns what was there.
fn replace_vdso(to: usize) -> usize {
    unsafe extern "C" {
        static mut environ: *mut *mut libc::c_char;
    }
    // SAFETY: the environment's pointers end in a null, after which the kernel
    // put the auxiliary vector; nobody else runs yet who reads or writes it.
    unsafe {
        let mut word = environ.cast::<usize>();
        while *word != 0 {
            word = word.add(1);
        }
        let mut entry = word.add(1);
        while *entry != 0 {
            if *entry == libc::AT_SYSINFO_EHDR as usize {
                return std::mem::replace(&mut *entry.add(1), to);
            }
            entry = entry.add(2);
        }
    }
    0
}

/// Maps fresh memory of some pages, with `bytes` at its start.
fn map(pages: usize, bytes: &[u8]) -> usize {
    // SAFETY: new private memory, at least as long as the bytes.
    unsafe {
        let memory = libc::mmap(
            std::ptr::null_mut(),
            pages * 4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        assert_ne!(memory, libc::MAP_FAILED);
        assert!(bytes.len() <= pages * 4096);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), memory.cast(), bytes.len());
        memory.expose_provenance()
    }
}

/// Every clock must come from the kernel, rightly, and the reason be told.
fn only_the_kernel_serves(expected: fn(NoVdso) -> bool) -> Outcome {
    let found = survey();
    let why = found.functions.err().ok_or("a vDSO was found")?;
    ensure(expected(why), || format!("unexpected reason: {why}"))?;
    ensure(found.page.is_err(), || "a page was found".to_owned())?;
    for clock in Clock::ON_PAGE {
        ensure(source(clock) == Source::Syscall, || format!("{clock}: {}", source(clock)))?;
    }
    let (_, not_page, not_vdso) = explain_source(Clock::REALTIME);
    ensure(not_page.is_some() && not_vdso.is_some(), || "no reason given".to_owned())?;
    all_clocks_agree()
}

fn in_no_vdso() -> Outcome {
    replace_vdso(0);
    // Of most CPUs no page is known, vDSO or not.
    let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    let expected = if known { NoPage::NoVdso } else { NoPage::UnknownCpu };
    ensure(survey().page == Err(expected), || format!("{:?}", survey().page))?;
    only_the_kernel_serves(|why| why == NoVdso::Absent)
}

fn in_zeros() -> Outcome {
    replace_vdso(map(16, &[]) + 8 * 4096);
    only_the_kernel_serves(|why| matches!(why, NoVdso::Image(_)))
}

fn in_unmapped() -> Outcome {
    let start = map(16, &[]);
    // SAFETY: our own mapping, used by nobody.
    unsafe { libc::munmap(std::ptr::with_exposed_provenance_mut(start), 16 * 4096) };
    replace_vdso(start + 8 * 4096);
    only_the_kernel_serves(|why| why == NoVdso::Unreadable)
}

/// The bytes of the real vDSO.
fn image() -> Result<Vec<u8>, String> {
    use std::os::unix::fs::FileExt;
    let maps = std::fs::read_to_string("/proc/self/maps").map_err(|error| error.to_string())?;
    let Some(line) = maps.lines().find(|line| line.ends_with("[vdso]")) else {
        return Ok(Vec::new());
    };
    let range = line.split(' ').next().unwrap_or_default();
    let (from, to) = range.split_once('-').ok_or("an odd line in maps")?;
    let number = |text| u64::from_str_radix(text, 16).map_err(|error| error.to_string());
    let (from, to) = (number(from)?, number(to)?);
    let mut bytes = vec![0; (to - from) as usize];
    let memory = std::fs::File::open("/proc/self/mem").map_err(|error| error.to_string())?;
    memory.read_exact_at(&mut bytes, from).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// A sandbox's partial vDSO: a good image whose functions have other names.
fn in_stripped() -> Outcome {
    let mut bytes = image()?;
    if bytes.is_empty() {
        return Ok(());
    }
    for at in 0..bytes.len().saturating_sub(13) {
        if &bytes[at..at + 13] == b"clock_gettime" {
            bytes[at] = b'x';
        }
    }
    replace_vdso(map(bytes.len() / 4096 + 8, &[&[0; 6 * 4096], &bytes[..]].concat()) + 6 * 4096);
    only_the_kernel_serves(|why| matches!(why, NoVdso::Symbol(_)))
}

/// An image whose last page is not there.
fn in_cut() -> Outcome {
    let bytes = image()?;
    if bytes.len() <= 4096 {
        return Ok(());
    }
    let start = map(16, &[&[0; 6 * 4096], &bytes[..]].concat()) + 6 * 4096;
    // SAFETY: our own mapping, of which the image's last page is taken away.
    unsafe {
        let last = std::ptr::with_exposed_provenance_mut(start + bytes.len() - 4096);
        libc::munmap(last, 4096);
    }
    replace_vdso(start);
    only_the_kernel_serves(|why| why == NoVdso::Unreadable)
}
