//! What a guest in which `fake` and `trace` are tried starts with: the command, the C library
//! that it needs, and programs in several languages.

use super::debian::{Mirror, Suites};
use super::initramfs;
use super::library::Library;
use super::limited::{self, Ended};
use super::suites::AARCH64;
use super::sysroot::Sysroot;
use crate::repository;
use anyhow::{Error, Result, bail};
use duct::{Expression, cmd};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LONGEST: Duration = Duration::from_secs(3000);

/// What all of the programs need that are linked dynamically.
const LIBRARIES: &[&str] = &["libc.so.6", "libm.so.6", "libgcc_s.so.1"];

const C_COMPILER: &str = "aarch64-linux-gnu-gcc";

/// What the guest starts with.
pub(super) struct Guest {
    pub(super) initramfs: PathBuf,
    /// Which programs there are, by their files' names.
    pub(super) programs: Vec<&'static str>,
    /// Names of those that are not, and reasons.
    pub(super) missing: Vec<String>,
}

/// Why there is none.
pub(super) enum Lack {
    /// This machine has not what it takes.
    Machine(Error),
    /// The programs do not build.
    Program(Error),
}

/// Builds everything.
pub(super) fn guest(cache: &Path, library: &Library) -> Result<Guest, Lack> {
    let found = Sysroot::find(cache, &AARCH64)
        .and_then(|sysroot| Ok((sysroot, shell(cache)?, library.flags(cache, AARCH64.target)?)));
    let (sysroot, shell, std) = found.map_err(Lack::Machine)?;
    let builder = Builder { folder: cache.join("tracing"), cache, library, std, sysroot };
    builder.guest(shell).map_err(Lack::Program)
}

/// A shell, whose children are to be followed.
fn shell(cache: &Path) -> Result<Vec<u8>> {
    const PROGRAM: &str = "usr/bin/dash";
    let folder = cache.join("tracing").join("shell");
    if !folder.join(PROGRAM).exists() {
        fs::create_dir_all(&folder)?;
        let mirror = Mirror::of_this_machine()?;
        let suites = Suites::open(cache, &mirror, &[AARCH64.suite], AARCH64.debian)?;
        suites.unpack("dash", &format!("./{PROGRAM}"), &folder)?;
    }
    Ok(fs::read(folder.join(PROGRAM))?)
}

struct Builder<'a> {
    folder: PathBuf,
    cache: &'a Path,
    library: &'a Library,
    /// Where the target's standard library is.
    std: Vec<String>,
    sysroot: Sysroot,
}

/// How a program has its libraries.
#[derive(Clone, Copy)]
enum Linked {
    Dynamically,
    Statically,
}

impl Builder<'_> {
    fn guest(&self, shell: Vec<u8>) -> Result<Guest> {
        let own = repository().join("xtask/tracing");
        let manifest = repository().join("Cargo.toml");
        let package = ["--package", "instanter-cli"];
        let command = self.cargo("command", &manifest, &package, Linked::Dynamically)?;
        let manifest = own.join("Cargo.toml");
        let dynamic =
            self.cargo("dynamic", &manifest, &["--bin", "tracee"], Linked::Dynamically)?;
        let all = self.cargo("static", &manifest, &["--bins"], Linked::Statically)?;
        let mut files = vec![
            ("bin/instanter".to_owned(), fs::read(command.join("instanter"))?),
            ("bin/sh".to_owned(), shell),
        ];
        for name in LIBRARIES {
            files.push((format!("lib/{name}"), self.sysroot.library(&AARCH64, name)?));
        }
        let interpreter = AARCH64.interpreter.trim_start_matches('/');
        files.push((interpreter.to_owned(), fs::read(self.sysroot.folder.join(interpreter))?));
        let mut programs = vec![
            ("dynamic-rust", fs::read(dynamic.join("tracee"))?),
            ("static-rust", fs::read(all.join("tracee"))?),
        ];
        let mut missing = Vec::new();
        let clock = own.join("programs/clock.c");
        // The reads of the command's own tests.
        let counts = repository().join("crates/cli/tests/trace/programs/counts.c");
        let tsc = repository().join("crates/cli/tests/fake/tsc.c");
        let arrivals = repository().join("crates/cli/tests/fake/arrivals.c");
        for (name, built) in [
            ("dynamic-c", self.c("dynamic-c", &clock, &[])),
            ("static-c", self.c("static-c", &clock, &["-static"])),
            ("dynamic-counts", self.c("dynamic-counts", &counts, &[])),
            ("static-counts", self.c("static-counts", &counts, &["-static"])),
            ("dynamic-tsc", self.c("dynamic-tsc", &tsc, &[])),
            ("static-tsc", self.c("static-tsc", &tsc, &["-static"])),
            ("dynamic-arrivals", self.c("dynamic-arrivals", &arrivals, &["-DLOOPBACK"])),
            ("static-go", self.go(&own.join("programs/clock"))),
        ] {
            match built? {
                Ok(program) => programs.push((name, program)),
                Err(reason) => missing.push(format!("{name}: {reason}")),
            }
        }
        let names = programs.iter().map(|(name, _)| *name).collect();
        let paths = programs.into_iter().map(|(name, it)| (format!("programs/{name}"), it));
        files.extend(paths);
        let initramfs = self.folder.join("initramfs.cpio");
        fs::write(&initramfs, initramfs::archive(&fs::read(all.join("init"))?, &files))?;
        Ok(Guest { initramfs, programs: names, missing })
    }

    /// Builds programs in Rust, and returns the folder that has them. Not optimised: that takes
    /// longer than it saves, even emulated.
    fn cargo(
        &self,
        what: &str,
        manifest: &Path,
        which: &[&str],
        linked: Linked,
    ) -> Result<PathBuf> {
        let (mut flags, folder) = match linked {
            Linked::Dynamically => (self.sysroot.flags(&AARCH64), self.folder.join("dynamic")),
            Linked::Statically => (self.sysroot.static_flags(&AARCH64), self.folder.join("static")),
        };
        flags.extend(self.std.iter().cloned());
        let setting = format!("target.{}.rustflags={flags:?}", AARCH64.target);
        let (manifest, target) = (manifest.display().to_string(), folder.display().to_string());
        let arguments = ["build", "--manifest-path", &manifest, "--target-dir", &target];
        let more = ["--target", AARCH64.target, "--config", &setting];
        let arguments = arguments.into_iter().chain(more).chain(which.iter().copied());
        let command = self
            .library
            .cargo(arguments)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0");
        self.built(what, &command)?;
        Ok(folder.join(AARCH64.target).join("debug"))
    }

    /// Builds a program in C. The inner error is why this machine cannot.
    fn c(&self, name: &str, source: &Path, flags: &[&str]) -> Result<Result<Vec<u8>, String>> {
        if let Err(reason) = links(flags) {
            return Ok(Err(reason));
        }
        let (program, source) = (self.folder.join(name), source.display().to_string());
        let target = program.display().to_string();
        // With signed return addresses, where the CPU has that.
        let signed = "-mbranch-protection=standard";
        let arguments = ["-O1", "-pthread", signed, "-o", &target, &source];
        let command = cmd(C_COMPILER, arguments.iter().chain(flags));
        self.built(name, &command)?;
        Ok(Ok(fs::read(program)?))
    }

    /// Builds a program in Go.
    fn go(&self, source: &Path) -> Result<Result<Vec<u8>, String>> {
        if !is_here("go", "version") {
            return Ok(Err("no go here (Debian's golang-go)".to_owned()));
        }
        let program = self.folder.join("static-go");
        let command = cmd!("go", "build", "-o", &program, ".")
            .dir(source)
            .env("CGO_ENABLED", "0")
            .env("GOOS", "linux")
            .env("GOARCH", "arm64")
            .env("GOFLAGS", "")
            .env("GO111MODULE", "on");
        self.built("static-go", &command)?;
        Ok(Ok(fs::read(program)?))
    }

    fn built(&self, what: &str, command: &Expression) -> Result<()> {
        let log = limited::log(self.cache, &format!("tracing build {what}"))?;
        match limited::run(command, LONGEST, &log)? {
            Ended::Well => Ok(()),
            Ended::Badly => bail!("{what} does not build, see {}", log.display()),
            Ended::TooLate => bail!("{what} is not built in {} s", LONGEST.as_secs()),
        }
    }
}

/// Whether there is a compiler, and a C library for it.
fn links(flags: &[&str]) -> Result<(), String> {
    if !is_here(C_COMPILER, "--version") {
        return Err(format!("no {C_COMPILER} here (Debian's gcc-aarch64-linux-gnu)"));
    }
    let arguments = ["-x", "c", "-o", "/dev/null", "-"];
    let command = cmd(C_COMPILER, arguments.iter().chain(flags));
    let command = command.stdin_bytes("#include <time.h>\nint main(void) { return 0; }\n");
    command
        .stderr_null()
        .run()
        .map(drop)
        .map_err(|_| format!("{C_COMPILER} has no C library (Debian's libc6-dev-arm64-cross)"))
}

fn is_here(program: &str, word: &str) -> bool {
    cmd!(program, word).stdout_null().stderr_null().run().is_ok()
}
