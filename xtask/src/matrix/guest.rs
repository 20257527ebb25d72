//! The program that a guest runs as `/init`.
//!
//! It has no C library and no startup code but its own, and it is linked by the
//! linker that comes with Rust, so that no cross compiler is needed.

use super::initramfs;
use super::library::Library;
use super::qemu::Machine;
use crate::repository;
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the program for a machine and returns the initramfs that holds it.
pub(super) fn initramfs(cache: &Path, library: &Library, machine: &Machine) -> Result<PathBuf> {
    let target_folder = cache.join("guest");
    let manifest = repository().join("xtask/guest/Cargo.toml");
    let (manifest, target_dir) =
        (manifest.display().to_string(), target_folder.display().to_string());
    let build = [
        "rustc",
        "--quiet",
        "--release",
        "--manifest-path",
        &manifest,
        "--target",
        machine.target,
        "--target-dir",
        &target_dir,
        "-Zbuild-std=core,alloc,compiler_builtins",
        // memcpy and its like, which a C library would have.
        "-Zbuild-std-features=compiler-builtins-mem",
        "--",
        "-Clinker=rust-lld",
        "-Clinker-flavor=ld.lld",
        "-Crelocation-model=static",
        "-Clink-arg=-static",
    ];
    if !library.cargo(build).unchecked().run()?.status.success() {
        bail!("the guest does not build for {}, see above", machine.target);
    }
    let program = fs::read(target_folder.join(machine.target).join("release/guest"))?;
    let archive = target_folder.join(format!("{}.cpio", machine.target));
    fs::write(&archive, initramfs::archive(&program, &[]))?;
    Ok(archive)
}
