//! The two hashes under which an ELF image files its symbols' names.
//!
//! Both are `const fn`, so the hash of a name known at build time costs
//! nothing at run time.
#![forbid(unsafe_code)]

/// Computes the System V hash of a name: the one of `DT_HASH`, and of the
/// version names in `DT_VERDEF`.
///
/// It fits in 28 bits.
///
/// # Example
///
/// ```
/// use instanter_clock::vdso::hash;
///
/// assert_eq!(hash::sysv("LINUX_2.6"), 0x3ae75f6);
/// ```
///
/// # References
///
/// gABI, chapter 5, "Hash Table".
#[must_use]
pub const fn sysv(name: &str) -> u32 {
    let name = name.as_bytes();
    let mut hash = 0_u32;
    let mut i = 0;
    while i < name.len() {
        // The gABI's text computes in `unsigned long`; only with 32 bits, or
        // with the top four always cleared, do all machines agree.
        hash = (hash << 4).wrapping_add(name[i] as u32);
        hash ^= (hash >> 24) & 0xf0;
        hash &= 0x0fff_ffff;
        i += 1;
    }
    hash
}

/// Computes the GNU hash of a name: the one of `DT_GNU_HASH`.
///
/// # Example
///
/// ```
/// use instanter_clock::vdso::hash;
///
/// assert_eq!(hash::gnu("__vdso_clock_gettime"), 0x6e43a318);
/// ```
///
/// # References
///
/// Bernstein's `h * 33 + c` from 5381, as binutils' `bfd_elf_gnu_hash`.
#[must_use]
pub const fn gnu(name: &str) -> u32 {
    let name = name.as_bytes();
    let mut hash = 5381_u32;
    let mut i = 0;
    while i < name.len() {
        hash = hash.wrapping_mul(33).wrapping_add(name[i] as u32);
        i += 1;
    }
    hash
}
