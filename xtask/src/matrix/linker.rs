//! Linking for other systems, with the linker and the libraries' stubs that come with zig.
//!
//! Both come from the Python package index as wheels, which are archives: they are unpacked
//! into the cache folder, and nothing is installed.

use super::debian::quietly;
use super::library::Library;
use super::report::Outcome;
use crate::repository;
use anyhow::{Context, Result, bail};
use duct::cmd;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

const WHEELS: [&str; 2] = ["ziglang", "cargo-zigbuild"];

/// Links the command. What cannot be had skips the row.
pub(super) fn link(cache: &Path, library: &Library, target: &str) -> Outcome {
    match tools(cache) {
        Err(reason) => Outcome::Skipped(format!("{reason:#}")),
        Ok(tools) => match build(cache, library, target, &tools) {
            Ok(()) => Outcome::Passed,
            Err(reason) => Outcome::Failed(format!("{reason:#}")),
        },
    }
}

/// The folder into which the wheels are unpacked, fetching them the first time.
fn tools(cache: &Path) -> Result<PathBuf> {
    let folder = cache.join("zig");
    if folder.exists() {
        return Ok(folder);
    }
    let partial = tempfile::tempdir_in(cache)?;
    let into = partial.path().display().to_string();
    let options = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", &into];
    quietly(cmd("python3", options.into_iter().chain(WHEELS))).context("cannot fetch zig")?;
    fs::rename(partial.keep(), &folder)?;
    Ok(folder)
}

fn build(cache: &Path, library: &Library, target: &str, tools: &Path) -> Result<()> {
    let zigbuild = tools.join("bin/cargo-zigbuild");
    let zig = tools.join("ziglang/zig");
    let manifest = repository().join("Cargo.toml").display().to_string();
    let folder = cache.join("linked").display().to_string();
    let mut search = OsString::from(tools.join("bin"));
    // Darwin's programs are stripped by the tool chain's own objcopy.
    let sysroot = cmd!("rustc", "--print", "sysroot").read()?;
    for more in
        [Path::new(&sysroot).join("lib/rustlib/x86_64-unknown-linux-gnu/bin").into_os_string()]
            .into_iter()
            .chain(std::env::var_os("PATH"))
    {
        search.push(":");
        search.push(more);
    }
    let arguments = [
        "zigbuild",
        "--quiet",
        "--manifest-path",
        &manifest,
        "--target-dir",
        &folder,
        "--package",
        "instanter-cli",
        "--target",
        target,
        "-Zbuild-std=core,alloc,std,panic_abort",
    ];
    let output = library
        .environment(cmd(zigbuild, arguments))
        .env("CARGO_ZIGBUILD_ZIG_PATH", zig)
        .env("PATH", search)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .stderr_capture()
        .stdout_null()
        .unchecked()
        .run()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let line = complaint.lines().find(|line| line.contains("error")).unwrap_or("no word");
        bail!("{line}");
    }
    Ok(())
}
