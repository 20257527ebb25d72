//! The vDSO that this program was given.

use instanter_vdso::layout::{PRIVATE_BEFORE, Private, SLOT};
use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

/// Where it is; its end is that of the part in which its code can be.
pub fn place() -> Range<usize> {
    // SAFETY: looks a number up.
    let start = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) } as usize;
    start..start + SLOT
}

/// Prints whether it is ours and knows where the kernel's data page is.
pub fn page() {
    let image = place().start;
    let private = image.wrapping_sub(PRIVATE_BEFORE);
    if image == kernels().start || !is_mapped(private) {
        println!("page none");
        return;
    }
    // SAFETY: the memory is there, and its fields are atomic numbers, of which any is valid.
    let page = unsafe { &(*(private as *const Private)).page };
    let known = page.head.load(Relaxed) != (&raw const page.nowhere) as u64;
    println!("page {}", if known { "known" } else { "unknown" });
}

/// Where the kernel's own vDSO is.
pub fn kernels() -> Range<usize> {
    let maps = maps();
    let line = maps.lines().find(|line| line.ends_with("[vdso]"));
    line.and_then(range).unwrap_or_default()
}

fn is_mapped(address: usize) -> bool {
    maps().lines().any(|line| range(line).is_some_and(|range| range.contains(&address)))
}

fn maps() -> String {
    std::fs::read_to_string("/proc/self/maps").unwrap_or_default()
}

fn range(line: &str) -> Option<Range<usize>> {
    let (start, end) = line.split_once(' ')?.0.split_once('-')?;
    let number = |text| usize::from_str_radix(text, 16).ok();
    Some(number(start)?..number(end)?)
}
