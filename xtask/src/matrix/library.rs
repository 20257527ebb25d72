//! The source of Rust's own library, to build `core` and `std` for any CPU.
//!
//! A toolchain with the `rust-src` component has it. Else Debian's package of
//! the same release is unpacked into the cache folder: its files are those of
//! the release, so the stable compiler that is here builds them.
//!
//! What only compiles names the parts it stands on with `-Zbuild-std`. Where a build script
//! compiles for the target itself, and finds no `core` that is still to be built, the library
//! is built before and given as a folder (`flags`).

use super::debian::{Mirror, Suites};
use super::limited::{self, Ended};
use anyhow::{Context, Result, anyhow, bail};
use duct::cmd;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Building it, on a busy machine.
const LONGEST: Duration = Duration::from_secs(1800);

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

    /// What makes the compiler find a target's standard library: nothing, or its folder where
    /// the toolchain has none.
    pub(super) fn flags(&self, cache: &Path, target: &str) -> Result<Vec<String>> {
        if has_std(target)? {
            return Ok(vec![]);
        }
        let parent = cache.join("std").join(release()?);
        let folder = parent.join(target);
        if !folder.exists() {
            fs::create_dir_all(&parent)?;
            let partial = tempfile::tempdir_in(&parent)?;
            self.build(cache, target, partial.path())?;
            fs::rename(partial.keep(), &folder)?;
        }
        Ok(vec![format!("--sysroot={}", folder.display())])
    }

    /// Builds a target's standard library into a folder that is laid out like a toolchain's.
    fn build(&self, cache: &Path, target: &str, into: &Path) -> Result<()> {
        // Cargo builds it only as what something stands on.
        let nothing = into.join("nothing");
        fs::create_dir_all(nothing.join("src"))?;
        let manifest = nothing.join("Cargo.toml");
        fs::write(&manifest, "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n")?;
        fs::write(nothing.join("src/lib.rs"), "")?;
        let (manifest, built) = (manifest.display().to_string(), nothing.join("target"));
        let built_into = built.display().to_string();
        let fixed = ["build", "--release", "--manifest-path", &manifest];
        let more = ["--target-dir", &built_into, "--target", target];
        let foundation = ["-Zbuild-std=std,panic_unwind,test"];
        let command = self.cargo(fixed.into_iter().chain(more).chain(foundation));
        let log = limited::log(cache, &format!("std {target}"))?;
        let what = format!("Rust's library for {target}");
        match limited::run(&command, LONGEST, &log)? {
            Ended::Well => {}
            Ended::Badly => bail!("{what} does not build, see {}", log.display()),
            Ended::TooLate => bail!("{what} is not built in {} s", LONGEST.as_secs()),
        }
        let lib = into.join("lib/rustlib").join(target).join("lib");
        fs::create_dir_all(&lib)?;
        for library in libraries(&built.join(target).join("release/deps"))? {
            fs::copy(&library, lib.join(library.file_name().context("a library has a name")?))?;
        }
        fs::remove_dir_all(&nothing)?;
        Ok(())
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
    Ok(!libraries(Path::new(&folder))?.is_empty())
}

/// The libraries in a folder, if `std` is among them.
fn libraries(folder: &Path) -> Result<Vec<PathBuf>> {
    let Ok(files) = fs::read_dir(folder) else { return Ok(vec![]) };
    let mut found = Vec::new();
    for file in files {
        let path = file?.path();
        found.extend((path.extension() == Some("rlib".as_ref())).then_some(path));
    }
    let is_std = |path: &PathBuf| {
        path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("libstd-"))
    };
    Ok(if found.iter().any(is_std) { found } else { vec![] })
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
