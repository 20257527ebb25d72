//! Installing the C library: `libinstanter`, its header and what pkg-config needs.
//!
//! Everything is built before anything is copied, and files are put into place by a
//! rename: a program that runs with an older library keeps the file that it has.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::repository;

/// The number of the ABI, as in the soname.
const ABI: u32 = 0;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to, as /usr/local
    #[arg(long)]
    prefix: PathBuf,
    /// The folder of the libraries, if it is not PREFIX/lib
    #[arg(long)]
    libdir: Option<PathBuf>,
    /// Put before every path that is written to, and into no file: for packages
    #[arg(long)]
    destdir: Option<PathBuf>,
    /// Cargo's profile to build with
    #[arg(long, default_value = "release")]
    profile: String,
    /// Build for another target
    #[arg(long)]
    target: Option<String>,
}

/// Builds and installs.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let built = build(arguments)?;
    let prefix = std::path::absolute(&arguments.prefix)?;
    let libdir = match &arguments.libdir {
        Some(folder) => std::path::absolute(folder)?,
        None => prefix.join("lib"),
    };
    let include = prefix.join("include");
    let version = version()?;
    let shared = format!("libinstanter.so.{version}");
    let staged = |path: &Path| match &arguments.destdir {
        Some(folder) => folder.join(path.strip_prefix("/").unwrap_or(path)),
        None => path.to_owned(),
    };
    for folder in [&include, &libdir, &libdir.join("pkgconfig")] {
        let folder = staged(folder);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let header = fs::read(repository().join("crates/abi/include/instanter.h"))?;
    place(&staged(&include.join("instanter.h")), &header)?;
    place(&staged(&libdir.join("libinstanter.a")), &read(&built.join("libinstanter_c.a"))?)?;
    let mut private = "-lpthread -ldl -lm".to_owned();
    if let Some(unwinder) = unwinder(arguments.target.as_deref())? {
        place(&staged(&libdir.join("libinstanter_unwind.a")), &read(&unwinder)?)?;
        private.insert_str(0, "-linstanter_unwind ");
    }
    place(
        &staged(&libdir.join("pkgconfig/instanter.pc")),
        described(&prefix, &libdir, &version, &private).as_bytes(),
    )?;
    // Some targets have no shared libraries.
    let library = built.join("libinstanter_c.so");
    if library.exists() {
        place(&staged(&libdir.join(&shared)), &read(&library)?)?;
        link(&staged(&libdir.join(format!("libinstanter.so.{ABI}"))), &shared)?;
        link(&staged(&libdir.join("libinstanter.so")), &format!("libinstanter.so.{ABI}"))?;
    }
    println!("installed {shared} in {}", libdir.display());
    Ok(())
}

/// Builds the library, and returns the folder in which its files are.
fn build(arguments: &Arguments) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = repository().join("Cargo.toml");
    let mut words = vec!["build", "--package", "instanter-abi", "--profile", &arguments.profile];
    if let Some(target) = &arguments.target {
        words.extend(["--target", target]);
    }
    let target = target_folder(&cargo)?;
    let built = duct::cmd(&cargo, words)
        .before_spawn(move |command| {
            command.arg("--manifest-path").arg(&manifest);
            Ok(())
        })
        .unchecked()
        .run()?;
    if !built.status.success() {
        bail!("the library does not build, see above");
    }
    // The two names that are not their folders'.
    let folder = match arguments.profile.as_str() {
        "dev" | "test" => "debug",
        "bench" => "release",
        other => other,
    };
    Ok(target.join(arguments.target.as_deref().unwrap_or("")).join(folder))
}

/// Asks cargo where it builds.
fn target_folder(cargo: &std::ffi::OsStr) -> Result<PathBuf> {
    let manifest = repository().join("Cargo.toml");
    let told = duct::cmd(cargo, ["metadata", "--no-deps", "--format-version", "1"])
        .before_spawn(move |command| {
            command.arg("--manifest-path").arg(&manifest);
            Ok(())
        })
        .read()?;
    let key = "\"target_directory\":\"";
    let start = told.find(key).context("cargo metadata tells no target folder")? + key.len();
    let length = told[start..].find('"').context("cargo metadata tells no target folder")?;
    Ok(PathBuf::from(&told[start..start + length]))
}

/// The workspace's version, which is this program's own folder's neighbour's.
fn version() -> Result<String> {
    let manifest = fs::read_to_string(repository().join("Cargo.toml"))?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    let version =
        line.and_then(|rest| rest.strip_suffix('"')).context("no version in Cargo.toml")?;
    Ok(version.to_owned())
}

/// Returns the library that unwinds the stack, for a target whose toolchain brings its own:
/// Rust's for musl does, and the C compiler's is made for another C library.
fn unwinder(target: Option<&str>) -> Result<Option<PathBuf>> {
    let Some(target) = target else { return Ok(None) };
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let libraries = duct::cmd!(rustc, "--print", "target-libdir", "--target", target).read()?;
    let library = Path::new(&libraries).join("self-contained/libunwind.a");
    Ok(library.exists().then_some(library))
}

/// What pkg-config is told.
fn described(prefix: &Path, libdir: &Path, version: &str, private: &str) -> String {
    let template = include_str!("../../crates/abi/instanter.pc.in");
    template
        .replace("@prefix@", &prefix.display().to_string())
        .replace("@libdir@", &libdir.display().to_string())
        .replace("@version@", version)
        .replace("@private@", private)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| file.display().to_string())
}

/// Writes a file beside its place, and puts it there.
fn place(file: &Path, bytes: &[u8]) -> Result<()> {
    let beside = file.with_added_extension("new");
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, file));
    written.with_context(|| file.display().to_string())
}

fn link(file: &Path, leads_to: &str) -> Result<()> {
    let beside = file.with_added_extension("new");
    // What a run left that did not come to its end.
    let _ = fs::remove_file(&beside);
    let linked =
        std::os::unix::fs::symlink(leads_to, &beside).and_then(|()| fs::rename(&beside, file));
    linked.with_context(|| file.display().to_string())
}
