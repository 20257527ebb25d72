//! The C library of another CPU, to link with and to run on, out of Debian's
//! packages. Nothing is installed.

use super::debian::{Mirror, Suites, files};
use anyhow::{Context, Result, anyhow};
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
        let interpreter = match cpu.emulator {
            // It looks below the folder itself.
            Some(_) => cpu.interpreter.to_owned(),
            None => format!("{}{}", self.folder.display(), cpu.interpreter),
        };
        self.linked(cpu, ["Scrt1.o", "crtbeginS.o", "crtendS.o"], Some(&interpreter))
    }

    /// The same for a program that has its libraries in it.
    pub(super) fn static_flags(&self, cpu: &Cpu) -> Vec<String> {
        let mut flags = self.linked(cpu, ["crt1.o", "crtbeginT.o", "crtend.o"], None);
        let more = ["-Ctarget-feature=+crt-static", "-Crelocation-model=static"];
        flags.extend(more.map(str::to_owned));
        flags
    }

    fn libraries(&self, cpu: &Cpu) -> PathBuf {
        self.folder.join("usr/lib").join(cpu.triple)
    }

    /// With the C library's first object, and the compiler's first and last.
    fn linked(
        &self,
        cpu: &Cpu,
        [start, begin, end]: [&str; 3],
        interpreter: Option<&str>,
    ) -> Vec<String> {
        let (libraries, gcc) = (self.libraries(cpu), &self.gcc);
        let before = [libraries.join(start), libraries.join("crti.o"), gcc.join(begin)];
        let mut after = vec![format!("--sysroot={}", self.folder.display())];
        after.extend(interpreter.map(|path| format!("--dynamic-linker={path}")));
        after.extend([&libraries, gcc].map(|folder| format!("-L{}", folder.display())));
        after.extend(interpreter.map(|_| format!("-rpath={}", libraries.display())));
        let last = [gcc.join(end), libraries.join("crtn.o")];
        after.extend(last.map(|object| object.display().to_string()));
        let linker = ["-Clinker=rust-lld", "-Clinker-flavor=gnu-lld", "-Zunstable-options"];
        let before = before.iter().map(|object| format!("-Zpre-link-args={}", object.display()));
        let after = after.iter().map(|argument| format!("-Clink-arg={argument}"));
        linker.iter().map(|&flag| flag.to_owned()).chain(before).chain(after).collect()
    }

    /// Reads a library.
    pub(super) fn library(&self, cpu: &Cpu, name: &str) -> Result<Vec<u8>> {
        let file = self.libraries(cpu).join(name);
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
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
