//! The source of Rust's own library, to build `core` and `std` for any CPU.
//!
//! A toolchain with the `rust-src` component has it. Else Debian's package of
//! the same release is unpacked into the cache folder: its files are those of
//! the release, so the stable compiler that is here builds them.

use super::debian::{Mirror, Suites};
use anyhow::{Context, Result, anyhow};
use duct::cmd;
use std::fs;
use std::path::{Path, PathBuf};

/// Suites that may carry the package, the likeliest first.
const SUITES: &[&str] = &["trixie-backports", "forky", "sid"];

/// Where the library's source is, as `cargo -Zbuild-std` wants it.
pub(super) struct Library(PathBuf);

impl Library {
    /// Finds the source of this toolchain's library, fetching it the first time.
    pub(super) fn find(cache: &Path) -> Result<Library> {
        let sysroot = cmd!("rustc", "--print", "sysroot").read()?;
        let component = Path::new(&sysroot).join("lib/rustlib/src/rust/library");
        if component.join("core").is_dir() {
            return Ok(Library(component));
        }
        let release = release()?;
        let folder = cache.join("rust-src").join(&release);
        let library = |folder: &Path| folder.join(format!("usr/src/rustc-{release}/library"));
        if !folder.exists() {
            let parent = cache.join("rust-src");
            fs::create_dir_all(&parent)?;
            let partial = tempfile::tempdir_in(&parent)?;
            fetch(cache, &release, partial.path())?;
            fs::rename(partial.keep(), &folder)?;
        }
        Ok(Library(library(&folder)))
    }

    /// A cargo command that builds `core` or `std` along.
    pub(super) fn cargo<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> duct::Expression {
        self.environment(cmd("cargo", arguments))
    }

    /// The same for another command that runs cargo.
    pub(super) fn environment(&self, command: duct::Expression) -> duct::Expression {
        command
            // -Zbuild-std is for nightly compilers, or so that a release says
            // yes to it for the packages that are named here.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("__CARGO_TESTS_ONLY_SRC_ROOT", &self.0)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
    }
}

/// Whether the toolchain has a target's standard library, built.
pub(super) fn has_std(target: &str) -> Result<bool> {
    let folder = cmd!("rustc", "--print", "target-libdir", "--target", target).read()?;
    let Ok(files) = fs::read_dir(&folder) else { return Ok(false) };
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    Ok(names.into_iter().any(|name| name.starts_with("libstd-") && name.ends_with(".rlib")))
}

fn release() -> Result<String> {
    let version = cmd!("rustc", "--version").read()?;
    let release =
        version.split_whitespace().nth(1).with_context(|| format!("rustc says {version:?}"))?;
    Ok(release.to_owned())
}

fn fetch(cache: &Path, release: &str, into: &Path) -> Result<()> {
    let mirror = Mirror::of_this_machine()?;
    let cpu = cmd!("dpkg", "--print-architecture").read()?;
    let mut reason = anyhow!("Debian has it for other releases only");
    for suite in SUITES {
        let found = Suites::open(cache, &mirror, &[suite], &cpu)
            .and_then(|suites| Ok((suites.versions("rust-src")?, suites)));
        match found {
            Ok((versions, suites)) => {
                let same = |version: &String| version.starts_with(&format!("{release}+"));
                if let Some(version) = versions.into_iter().find(same) {
                    let pattern = format!("./usr/src/rustc-{release}/library");
                    return suites.unpack(&format!("rust-src={version}"), &pattern, into);
                }
            }
            Err(error) => reason = error,
        }
    }
    Err(reason.context(format!("no source of the library of Rust {release}")))
}
