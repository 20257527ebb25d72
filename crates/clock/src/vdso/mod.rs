//! The vDSO's ELF image, read as plain bytes.
//!
//! The kernel maps a small shared library, the vDSO, into every process and
//! gives its address in the auxiliary vector (`AT_SYSINFO_EHDR`). No dynamic
//! linker has prepared it for us, and a sandbox, an emulator or a debugger may
//! have put something half-finished in its place. So it is parsed here from a
//! byte slice, with every read checked: [`Image::parse`] finds the tables,
//! [`Image::function`] looks one name up under one version, and
//! [`Image::symbols`] lists what there is. [`names`] says what each CPU's
//! kernel calls its functions.
//!
//! Both ELF classes and both byte orders are understood, whatever the CPU that
//! asks, so that the vDSO of another machine can be looked at from a file
//! ([`Image::parse_file`]).
//!
//! This module does *not* find the vDSO, make the slice, relocate anything or
//! call a function: that needs `unsafe` and lives with the caller.
//!
//! # Example
//!
//! This process's own vDSO, read through `/proc`:
//!
//! ```
//! # #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use instanter_clock::vdso::Image;
//! use std::os::unix::fs::FileExt;
//!
//! let maps = std::fs::read_to_string("/proc/self/maps")?;
//! # if !maps.contains("[vdso]") { return Ok(()); }
//! let line = maps.lines().find(|line| line.ends_with("[vdso]")).unwrap();
//! let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
//! let (from, to) = (u64::from_str_radix(from, 16)?, u64::from_str_radix(to, 16)?);
//! let mut bytes = vec![0; (to - from) as usize];
//! std::fs::File::open("/proc/self/mem")?.read_exact_at(&mut bytes, from)?;
//!
//! let image = Image::parse_at(&bytes, from)?;
//! let clock_gettime = image
//!     .function("__vdso_clock_gettime", Some("LINUX_2.6"))
//!     .map_err(|error| error.to_string())?;
//! println!("{:#x}", from + clock_gettime.offset as u64);
//! # Ok(())
//! # }
//! # #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
//! # fn main() {}
//! ```
//!
//! # References
//!
//! The System V gABI (chapters 4 and 5), the GNU extensions as in the LSB's
//! "Symbol Versioning" and `elf.h`, and the kernel's own reference parser
//! `tools/testing/selftests/vDSO/parse_vdso.c`.

mod dynamic;
mod elf;
mod error;
pub mod hash;
mod header;
mod image;
mod lookup;
pub mod names;
mod symbol;
mod table;
mod version;

pub use error::{ImageError, LookupError};
pub use image::Image;
pub use lookup::Function;
pub use symbol::{Binding, Symbol, SymbolKind, Symbols};
