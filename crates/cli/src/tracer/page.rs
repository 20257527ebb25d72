//! Where a program has the kernel's data page, for our image to read it there.

use instanter_clock::PAGE;
use instanter_clock::page::linux::Place;

/// What [`Page`](instanter_vdso::layout::Page) says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KernelPage {
    pub(super) head: u64,
    pub(super) tail: u64,
    pub(super) state: u64,
}

/// The page of a process whose kernel's vDSO begins at `vdso`.
///
/// It lies there as it does in this process, where it was compared with the kernel's answers.
/// `None`, if that failed, if the clocks do not count the CPU's counter, or if the CPU lacks the
/// instruction that the image reads it with: the image then calls the kernel's function.
pub(super) fn find(tid: i32, vdso: u64) -> Option<KernelPage> {
    instanter_clock::prepare();
    let own = PAGE.place()?;
    // What the page says where no time namespace hides it: there it fails the comparison.
    let mode = PAGE.frame(instanter_counter::ordered).ok()?.mode;
    if !has_instruction() {
        return None;
    }
    let place = Place::before_vdso(usize::try_from(vdso).ok()?, own.page_size, own.layout)?;
    let start = place.start.addr();
    let bytes = start + own.layout.record..start + own.layout.length();
    let maps = std::fs::read_to_string(format!("/proc/{tid}/maps")).ok()?;
    is_kernels(&maps, bytes.clone()).then(|| {
        let head = bytes.start as u64;
        let tail = head + own.layout.shape.mult() as u64;
        KernelPage { head, tail, state: u64::from(mode) << 32 }
    })
}

/// Whether these bytes lie in what the kernel calls `[vvar]`.
fn is_kernels(maps: &str, bytes: std::ops::Range<usize>) -> bool {
    maps.lines().any(|line| {
        let mut fields = line.split_ascii_whitespace();
        let range = fields.next().and_then(|range| range.split_once('-'));
        let number = |text| usize::from_str_radix(text, 16).ok();
        let Some((Some(start), Some(end))) = range.map(|(a, b)| (number(a), number(b))) else {
            return false;
        };
        start <= bytes.start && bytes.end <= end && fields.next_back() == Some("[vvar]")
    })
}

#[cfg(target_arch = "x86_64")]
fn has_instruction() -> bool {
    instanter_counter::x86_64::has_rdtscp()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_instruction() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_kernel_calls_so() {
        let maps = "7ffd3a9e8000-7ffd3a9ec000 r--p 00000000 00:00 0   [vvar]\n\
                    7ffd3a9ec000-7ffd3a9ee000 r--p 00000000 00:00 0   [vvar_vclock]\n\
                    7ffd3a9ee000-7ffd3a9f0000 r-xp 00000000 00:00 0   [vdso]\n";
        let table = [
            (0x7ffd_3a9e_8000..0x7ffd_3a9e_8200, true),
            (0x7ffd_3a9e_bf00..0x7ffd_3a9e_c000, true),
            (0x7ffd_3a9e_bf00..0x7ffd_3a9e_c001, false),
            (0x7ffd_3a9e_7fff..0x7ffd_3a9e_8200, false),
            (0x7ffd_3a9e_c000..0x7ffd_3a9e_c200, false),
        ];
        for (bytes, want) in table {
            assert_eq!(is_kernels(maps, bytes.clone()), want, "{bytes:x?}");
        }
        assert!(!is_kernels("", 0..1) && !is_kernels("nonsense [vvar]\n\n", 0..1));
    }

    /// Another process has it where this one does, relative to its vDSO.
    #[test]
    fn as_in_this_process() {
        let Some(vdso) = instanter_clock::survey().vdso else { return };
        let found = find(std::process::id() as i32, vdso as u64);
        if !PAGE.is_proved() || !has_instruction() {
            assert_eq!(found, None);
            return;
        }
        let (found, own) = (found.expect("it is proved"), PAGE.place().expect("it was found"));
        assert_eq!(found.head, (own.start.addr() + own.layout.record) as u64);
        assert!(found.tail > found.head && found.state >> 32 != 0 && found.state as u32 == 0);
    }
}
