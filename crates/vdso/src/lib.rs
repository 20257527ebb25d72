//! A vDSO to put in the place of the kernel's.
//!
//! The kernel gives every program a small shared library, the vDSO, whose functions
//! read the clock without a system call, and says where it is in the auxiliary vector.
//! Programs go there in their own ways: through the C library, or, as Go's runtime
//! does, on their own. This crate holds another such library, [`IMAGE`]. A launcher
//! maps it into a program before its first instruction and writes *its* address into
//! the auxiliary vector; from then on every reading passes through it:
//!
//! ```text
//! program ──▶ IMAGE ──▶ the kernel's page, or its vDSO, untouched
//!               │  then: the line of the clock asked for (`Control`, read-only)
//!               └─ and, if asked for: who read what (`Table`)
//! ```
//!
//! Where the launcher has proved the kernel's data page, the image reads that itself
//! ([`Page`](layout::Page)); for everything else it calls the kernel's functions.
//!
//! - [`layout`]: what lies where in memory, and the structures that the image shares
//!   with its launcher ([`Control`](layout::Control), [`Private`](layout::Private)) and
//!   with who counts ([`Table`](layout::Table)).
//! - [`mod@line`]: what a faked clock shows.
//! - [`IMAGE`]: the ELF image, for the CPU for which this crate was compiled.
//!
//! The image has no relocations, one loadable segment, both kinds of symbol hashes, the
//! names and versions of the kernel's, and unwind information. What it does not do:
//! map itself (that is the launcher's), or see a program that reads the counter or
//! makes the system call itself.
//!
//! ```
//! use instanter_clock::vdso::Image;
//! let Some(bytes) = instanter_vdso::IMAGE else { return };
//! let image = Image::parse_file(bytes).unwrap();
//! assert_eq!(image.soname(), Some("linux-vdso.so.1"));
//! ```
#![no_std]

#[cfg(test)]
extern crate std;

pub mod layout;
pub mod line;

/// The ELF image; nothing where it was compiled for another system than Linux on
/// x86-64 or AArch64.
#[cfg(instanter_vdso_image)]
pub const IMAGE: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/image.so")));
/// The ELF image; nothing where it was compiled for another system than Linux on
/// x86-64 or AArch64.
#[cfg(not(instanter_vdso_image))]
pub const IMAGE: Option<&[u8]> = None;
