//! The C library of another CPU, to link with and to run on, out of Debian's
//! packages. Nothing is installed.

use super::debian::{Mirror, Suites, files};
use anyhow::{Result, anyhow};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A CPU that Linux programs are built for.
pub(super) struct Cpu {
    /// What rows call it.
    pub(super) name: &'static str,
    /// Rust's name of the target.
    pub(super) target: &'static str,
    /// Debian's name of the CPU, and the suite that has it.
    pub(super) debian: &'static str,
    pub(super) suite: &'static str,
    /// The folder of its libraries.
    pub(super) triple: &'static str,
    /// The dynamic linker, as the C convention of the CPU has it.
    pub(super) interpreter: &'static str,
    /// The emulator; none where this machine's processor does.
    pub(super) emulator: Option<&'static str>,
}

/// An unpacked C library.
pub(super) struct Sysroot {
    pub(super) folder: PathBuf,
    /// What the compiler's own package brings.
    gcc: PathBuf,
}

impl Sysroot {
    /// Finds it in the cache, or fetches it.
    pub(super) fn find(cache: &Path, cpu: &Cpu) -> Result<Sysroot> {
        let parent = cache.join("sysroots");
        let folder = parent.join(cpu.debian);
        if !folder.exists() {
            fs::create_dir_all(&parent)?;
            let partial = tempfile::tempdir_in(&parent)?;
            fetch(cache, cpu, partial.path())?;
            fs::rename(partial.keep(), &folder)?;
        }
        // usr/lib/gcc/TRIPLE/VERSION, where the triple of i386 is i686's.
        let gcc = files(&folder.join("usr/lib/gcc"))?
            .into_iter()
            .find(|file| file.ends_with("crtbeginS.o"))
            .and_then(|file| Some(file.parent()?.to_owned()))
            .ok_or_else(|| anyhow!("no compiler's objects in {}", folder.display()))?;
        Ok(Sysroot { folder, gcc })
    }

    /// What makes the linker that comes with Rust do what a C compiler would make
    /// it do: the objects before and after the program, and the places of libraries.
    pub(super) fn flags(&self, cpu: &Cpu) -> Vec<String> {
        let libraries = self.folder.join("usr/lib").join(cpu.triple);
        let gcc = &self.gcc;
        let interpreter = match cpu.emulator {
            // It looks below the folder itself.
            Some(_) => cpu.interpreter.to_owned(),
            None => format!("{}{}", self.folder.display(), cpu.interpreter),
        };
        let before = [libraries.join("Scrt1.o"), libraries.join("crti.o"), gcc.join("crtbeginS.o")];
        let after = [
            format!("--sysroot={}", self.folder.display()),
            format!("--dynamic-linker={interpreter}"),
            format!("-L{}", libraries.display()),
            format!("-L{}", gcc.display()),
            format!("-rpath={}", libraries.display()),
            gcc.join("crtendS.o").display().to_string(),
            libraries.join("crtn.o").display().to_string(),
        ];
        let linker = ["-Clinker=rust-lld", "-Clinker-flavor=gnu-lld", "-Zunstable-options"];
        let before = before.iter().map(|object| format!("-Zpre-link-args={}", object.display()));
        let after = after.iter().map(|argument| format!("-Clink-arg={argument}"));
        linker.iter().map(|&flag| flag.to_owned()).chain(before).chain(after).collect()
    }
}

fn fetch(cache: &Path, cpu: &Cpu, into: &Path) -> Result<()> {
    let mirror = Mirror::of_this_machine()?;
    let suites = Suites::open(cache, &mirror, &[cpu.suite], cpu.debian)?;
    let compilers = suites.names("libgcc-")?;
    let newest = compilers
        .iter()
        .filter_map(|name| name.strip_prefix("libgcc-")?.strip_suffix("-dev")?.parse::<u32>().ok())
        .max()
        .ok_or_else(|| anyhow!("{} has no libgcc for {}", cpu.suite, cpu.debian))?;
    let packages = ["libc6", "libc6-dev", "libgcc-s1", &format!("libgcc-{newest}-dev")];
    for package in packages {
        suites.unpack(package, "./usr/*", into)?;
    }
    // Debian's folders of these names are links that one package has and the
    // others rely on.
    for name in ["lib", "lib64"] {
        if into.join("usr").join(name).is_dir() {
            symlink(Path::new("usr").join(name), into.join(name))?;
        }
    }
    Ok(())
}

/// Finds the emulator of a CPU's programs in the cache, or fetches it: Debian links
/// it statically, so it runs from wherever it is.
pub(super) fn emulator(cache: &Path, name: &str) -> Result<PathBuf> {
    const SUITE: &str = "trixie";
    let parent = cache.join("qemu-user");
    let program = parent.join("usr/bin").join(name);
    if !program.exists() {
        fs::create_dir_all(&parent)?;
        let cpu = duct::cmd!("dpkg", "--print-architecture").read()?;
        let suites = Suites::open(cache, &Mirror::of_this_machine()?, &[SUITE], &cpu)?;
        suites.unpack("qemu-user", "./usr/bin/qemu-*", &parent)?;
    }
    Ok(program)
}
