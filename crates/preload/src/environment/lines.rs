//! Lines of pointers: the environment's, as they are and as they were.
//!
//! A cache line is read and compared as a whole, also where the array begins or ends
//! within it: what is around lies in the same page, so that it can be read, and does not
//! count.

use core::ffi::c_char;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// Pointers in a cache line.
pub(super) const LINE: usize = 8;

/// A cache line.
#[repr(align(64))]
pub(super) struct Words(pub [AtomicU64; LINE]);

impl Words {
    pub(super) const fn zeros() -> Words {
        Words([const { AtomicU64::new(0) }; LINE])
    }

    pub(super) fn set(&self, value: impl Fn(usize) -> u64) {
        for (index, word) in self.0.iter().enumerate() {
            word.store(value(index), Ordering::Relaxed);
        }
    }
}

/// Returns the number that the first element of an array has in its cache line.
pub(super) fn place_in_line(array: *mut *mut c_char) -> usize {
    array.addr() / size_of::<*mut c_char>() % LINE
}

/// # Safety
/// The array must have an element of this number.
#[inline(always)]
pub(super) unsafe fn element(array: *mut *mut c_char, index: usize) -> *mut c_char {
    // SAFETY: as the caller says; whole words, as in `variables`.
    unsafe { AtomicPtr::from_ptr(array.add(index)) }.load(Ordering::Relaxed)
}

/// Sets what of the first and the last line does not count, where pointers have the
/// numbers `begin` to `last`. Returns how many lines these are.
pub(super) fn set_ends(ends: &[Words; 2], begin: usize, last: usize) -> usize {
    let (last_line, last) = (last / LINE, last % LINE);
    let ignored = |is| if is { u64::MAX } else { 0 };
    ends[0].set(|at| ignored(at < begin || last_line == 0 && at > last));
    ends[1].set(|at| ignored(at > last));
    last_line + 1
}

/// Compares lines word by word. Of the first and of the last there is what does not count.
///
/// # Safety
/// The array must be one that a null ends, the same place as the remembered one, and begin
/// in the line at `at`.
#[inline(never)]
pub(super) unsafe fn same_by_words(
    mut at: *mut *mut c_char,
    lines: &[Words],
    ends: &[Words; 2],
) -> bool {
    static NOTHING: Words = Words::zeros();
    for (number, seen) in lines.iter().enumerate() {
        let ignored = match number {
            0 => &ends[0],
            _ if number + 1 == lines.len() => &ends[1],
            _ => &NOTHING,
        };
        let same = seen.0.iter().zip(&ignored.0).enumerate().all(|(index, (seen, ignored))| {
            // SAFETY: what is not ignored is an element: all before are the same as they
            // were, and none of those was the null that ends the array.
            ignored.load(Ordering::Relaxed) != 0
                || unsafe { element(at, index) }.addr() as u64 == seen.load(Ordering::Relaxed)
        });
        if !same {
            return false;
        }
        at = at.wrapping_add(LINE);
    }
    true
}

/// Comparing cache lines at once, which is most of what `localtime` does.
///
/// In assembly since Rust knows no reading beyond the end of an array. None of it writes
/// anything but registers.
#[cfg(target_arch = "x86_64")]
pub(super) mod wide {
    use super::{LINE, Words};
    use core::arch::asm;
    use core::ffi::c_char;

    /// Whether the CPU has AVX2.
    pub(in super::super) fn is_here() -> bool {
        std::arch::is_x86_feature_detected!("avx2")
    }

    /// # Safety
    /// As [`same_by_words`](super::same_by_words), on a CPU that has AVX2.
    #[inline(always)]
    pub(in super::super) unsafe fn same(
        at: *mut *mut c_char,
        lines: &[Words],
        ends: &[Words; 2],
    ) -> bool {
        // SAFETY: the first line has the array's first element. Each other begins with an
        // element, too: all before are the same as they were, and none of those was the
        // null that ends the array.
        unsafe {
            let same = are_same(at, lines, ends);
            // What comes after this uses halves of the registers, and must not wait for
            // the other halves.
            asm!("vzeroupper", options(nostack, nomem, preserves_flags));
            same
        }
    }

    #[inline(always)]
    unsafe fn are_same(mut at: *mut *mut c_char, lines: &[Words], ends: &[Words; 2]) -> bool {
        let Some((first, others)) = lines.split_first() else { return false };
        // SAFETY: as the caller says.
        unsafe {
            if !is_same_end(at, first, &ends[0]) {
                return false;
            }
            let Some((last, middle)) = others.split_last() else { return true };
            for line in middle {
                at = at.wrapping_add(LINE);
                if !is_same_line(at, line) {
                    return false;
                }
            }
            is_same_end(at.wrapping_add(LINE), last, &ends[1])
        }
    }

    /// # Safety
    /// There must be an array's element in the line. The array may begin or end within
    /// it: what is around is in the same page, so that it can be read, and is compared
    /// with what is not there.
    #[inline(always)]
    unsafe fn is_same_line(at: *mut *mut c_char, seen: &Words) -> bool {
        let equal: i32;
        // SAFETY: both are aligned to 64 bytes, and can be read as the caller says.
        unsafe {
            asm!(
                "vmovdqa ymm0, [{at}]",
                "vmovdqa ymm1, [{at} + 32]",
                "vpcmpeqd ymm0, ymm0, [{seen}]",
                "vpcmpeqd ymm1, ymm1, [{seen} + 32]",
                "vpand ymm0, ymm0, ymm1",
                "vpmovmskb {equal:e}, ymm0",
                at = in(reg) at,
                seen = in(reg) seen,
                equal = lateout(reg) equal,
                out("xmm0") _,
                out("xmm1") _,
                options(nostack, readonly, preserves_flags),
            );
        }
        equal == -1
    }

    /// The same, but for what is ignored.
    ///
    /// # Safety
    /// As [`is_same_line`].
    #[inline(always)]
    unsafe fn is_same_end(at: *mut *mut c_char, seen: &Words, ignored: &Words) -> bool {
        let equal: i32;
        // SAFETY: all are aligned to 64 bytes, and can be read as the caller says.
        unsafe {
            asm!(
                "vmovdqa ymm0, [{at}]",
                "vmovdqa ymm1, [{at} + 32]",
                "vpcmpeqd ymm0, ymm0, [{seen}]",
                "vpcmpeqd ymm1, ymm1, [{seen} + 32]",
                "vpor ymm0, ymm0, [{ignored}]",
                "vpor ymm1, ymm1, [{ignored} + 32]",
                "vpand ymm0, ymm0, ymm1",
                "vpmovmskb {equal:e}, ymm0",
                at = in(reg) at,
                seen = in(reg) seen,
                ignored = in(reg) ignored,
                equal = lateout(reg) equal,
                out("xmm0") _,
                out("xmm1") _,
                options(nostack, readonly, preserves_flags),
            );
        }
        equal == -1
    }
}

/// Nothing of the kind.
#[cfg(not(target_arch = "x86_64"))]
pub(super) mod wide {
    pub(in super::super) fn is_here() -> bool {
        false
    }

    pub(in super::super) use super::same_by_words as same;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arrays at every place in a line and of many lengths, each of their words and of
    /// those around changed: what is inside counts, and nothing else does.
    #[test]
    fn what_counts_is_compared_and_nothing_else() {
        for (begin, length) in (0..LINE).flat_map(|begin| (1..30).map(move |len| (begin, len))) {
            let ends = [const { Words::zeros() }; 2];
            let count = set_ends(&ends, begin, begin + length - 1);
            let (now, seen) = [(); 2].map(|()| [const { Words::zeros() }; 5]).into();
            for lines in [&now, &seen] {
                for (number, line) in lines.iter().enumerate() {
                    line.set(|index| 0x7F00_0000_1000 + (number * LINE + index) as u64);
                }
            }
            let at = now.as_ptr().cast_mut().cast();
            let are_same = || {
                // SAFETY: there are five lines to be read, at the beginning of a line.
                let by_words = unsafe { same_by_words(at, &seen[..count], &ends) };
                if wide::is_here() {
                    // SAFETY: as above, and the CPU can do it.
                    assert_eq!(unsafe { wide::same(at, &seen[..count], &ends) }, by_words);
                }
                by_words
            };
            assert!(are_same());
            for (index, word) in now.iter().flat_map(|line| &line.0).enumerate() {
                let value = word.load(Ordering::Relaxed);
                for change in [1, 1 << 31, 1 << 47] {
                    word.store(value ^ change, Ordering::Relaxed);
                    let counts = (begin..begin + length).contains(&index);
                    assert_eq!(are_same(), !counts, "word {index} of {begin} and {length}");
                }
                word.store(value, Ordering::Relaxed);
            }
        }
    }
}
