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
    // The kernel's own has no such neighbour.
    if !is_mapped(private) {
        println!("page none");
        return;
    }
    // SAFETY: the memory is there, and its fields are atomic numbers, of which any is valid.
    let page = unsafe { &(*(private as *const Private)).page };
    let known = page.head.load(Relaxed) != (&raw const page.nowhere) as u64;
    println!("page {}", if known { "known" } else { "unknown" });
}

fn is_mapped(address: usize) -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines().any(|line| {
        let range = line.split_once(' ').and_then(|(range, _)| range.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        range
            .and_then(|(start, end)| Some(number(start)?..number(end)?))
            .is_some_and(|range| range.contains(&address))
    })
}
