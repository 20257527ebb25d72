//! The kernels that are booted, and what each row expects.

use super::debian::{Mirror, Suites, files};
use super::guest;
use super::library::Library;
use super::limited;
use super::progress::Progress;
use super::qemu::{
    AARCH64, AARCH64_MAX, LOONGARCH64, Machine, POWERPC64LE, Parts, RISCV64, S390X, X86_64,
};
use super::report::{How, Outcome, Row};
use super::running::Run;
use super::verdict::{Expected, Said, Served};
use anyhow::{Result, anyhow};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A kernel and the way it is booted.
struct Boot {
    machine: &'static Machine,
    /// Start of the kernel's release; the newest that fits is taken.
    series: &'static str,
    /// The suite that has it.
    suite: &'static str,
    /// Boot parameters beside the console.
    parameters: &'static str,
    expected: Expected,
}

impl Boot {
    fn name(&self) -> String {
        let Boot { machine, series, parameters, .. } = self;
        let series =
            if series.ends_with('.') { format!("{series}x") } else { (*series).to_owned() };
        format!("{} {series} {parameters}", machine.name).trim_end().to_owned()
    }
}

/// An emulated TSC fails the kernel's checks now and then, unless it is told
/// to trust it.
const TSC: &str = "clocksource=tsc tsc=reliable";

/// Ticks without high resolution: the kernel offers `jiffies` beside the others,
/// and the program switches to each.
const JIFFIES_TOO: &str = "clocksource=tsc tsc=reliable highres=off nohz=off";

const FROM_PAGE: &[(&str, Served)] = &[
    ("REALTIME", Served::By("page")),
    ("MONOTONIC", Served::By("page")),
    ("MONOTONIC_RAW", Served::By("page")),
    ("BOOTTIME", Served::By("page")),
    ("TAI", Served::By("page")),
    ("REALTIME_COARSE", Served::By("page")),
    ("MONOTONIC_COARSE", Served::By("page")),
];

/// The clock source is none that user space can read; the coarse clocks need
/// none.
const COARSE_FROM_PAGE: &[(&str, Served)] = &[
    ("REALTIME", Served::NotBy("page")),
    ("MONOTONIC", Served::NotBy("page")),
    ("MONOTONIC_RAW", Served::NotBy("page")),
    ("BOOTTIME", Served::NotBy("page")),
    ("TAI", Served::NotBy("page")),
    ("REALTIME_COARSE", Served::By("page")),
    ("MONOTONIC_COARSE", Served::By("page")),
];

const FROM_SYSCALL: &[(&str, Served)] = &[
    ("REALTIME", Served::By("syscall")),
    ("MONOTONIC", Served::By("syscall")),
    ("MONOTONIC_RAW", Served::By("syscall")),
    ("BOOTTIME", Served::By("syscall")),
    ("TAI", Served::By("syscall")),
    ("REALTIME_COARSE", Served::By("syscall")),
    ("MONOTONIC_COARSE", Served::By("syscall")),
];

/// No layout of this CPU's page is known, but its vDSO is.
const FROM_VDSO: &[(&str, Served)] =
    &[("REALTIME", Served::By("vdso")), ("MONOTONIC", Served::By("vdso"))];

const fn boot(
    machine: &'static Machine,
    (series, suite): (&'static str, &'static str),
    parameters: &'static str,
    layout: &'static str,
    sources: &'static [(&'static str, Served)],
) -> Boot {
    Boot { machine, series, suite, parameters, expected: Expected { layout, sources } }
}

const BOOTS: &[Boot] = &[
    boot(&X86_64, ("5.10.", "bullseye"), TSC, "5.6 to 6.9", FROM_PAGE),
    boot(&X86_64, ("6.1.", "bookworm"), TSC, "5.6 to 6.9", FROM_PAGE),
    boot(&X86_64, ("6.12.", "trixie"), TSC, "6.10 to 6.12", FROM_PAGE),
    boot(&X86_64, ("6.16.", "trixie-backports"), TSC, "6.15 to 6.16", FROM_PAGE),
    boot(&X86_64, ("7.", "trixie-backports"), TSC, "6.17 and later", FROM_PAGE),
    boot(&X86_64, ("6.1.", "bookworm"), "clocksource=hpet", "5.6 to 6.9", COARSE_FROM_PAGE),
    boot(&X86_64, ("6.1.", "bookworm"), "clocksource=acpi_pm", "5.6 to 6.9", COARSE_FROM_PAGE),
    boot(&X86_64, ("6.1.", "bookworm"), "vdso=0", "none", FROM_SYSCALL),
    boot(&X86_64, ("6.12.", "trixie"), "notsc", "6.10 to 6.12", COARSE_FROM_PAGE),
    boot(&X86_64, ("6.12.", "trixie"), "tsc=unstable", "6.10 to 6.12", COARSE_FROM_PAGE),
    boot(&X86_64, ("6.12.", "trixie"), JIFFIES_TOO, "6.10 to 6.12", FROM_PAGE),
    boot(&AARCH64, ("5.10.", "bullseye"), "", "5.9 to 6.14, plain", FROM_PAGE),
    boot(&AARCH64, ("6.1.", "bookworm"), "", "5.9 to 6.14, plain", FROM_PAGE),
    boot(&AARCH64, ("6.12.", "trixie"), "", "5.9 to 6.14, plain", FROM_PAGE),
    boot(&AARCH64, ("7.", "trixie-backports"), "", "6.17 and later, plain", FROM_PAGE),
    boot(&AARCH64_MAX, ("7.", "trixie-backports"), "", "6.17 and later, plain", FROM_PAGE),
    boot(&RISCV64, ("6.12.", "trixie"), "", "none", FROM_VDSO),
    boot(&S390X, ("6.12.", "trixie"), "", "none", FROM_VDSO),
    boot(&POWERPC64LE, ("6.12.", "trixie"), "", "none", FROM_VDSO),
    boot(&LOONGARCH64, ("7.", "sid"), "", "none", FROM_VDSO),
];

/// What `--brief` leaves out: others show most of what these do.
const LEFT_OUT: &[&str] = &[
    "x86-64 6.16.x clocksource=tsc tsc=reliable",
    "x86-64 6.1.x clocksource=acpi_pm",
    "x86-64 6.12.x tsc=unstable",
    "arm64 6.1.x",
    "arm64 6.12.x",
    "arm64 max 7.x",
    "riscv64 6.12.x",
    "ppc64le 6.12.x",
];

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    BOOTS.iter().map(Boot::name).collect()
}

/// Boots every row that is wanted.
pub(super) fn run(run: &mut Run) -> Result<()> {
    let library = Library::find(&run.cache);
    let mut initramfs = BTreeMap::new();
    for boot in BOOTS {
        let name = boot.name();
        if !run.begins(&name) {
            continue;
        }
        let row = row(run, boot, library.as_ref(), &mut initramfs)?;
        run.ended(&name, How::Ran, vec![row])?;
    }
    Ok(())
}

/// What the guests start with, by target.
type Built = BTreeMap<&'static str, Result<PathBuf>>;

fn row(
    run: &Run,
    boot: &Boot,
    library: Result<&Library, &anyhow::Error>,
    initramfs: &mut Built,
) -> Result<Row> {
    let (machine, cache) = (boot.machine, &run.cache);
    if run.brief && LEFT_OUT.contains(&boot.name().as_str()) {
        return Ok(skipped(boot, "left out by --brief".to_owned()));
    }
    if !machine.is_here() {
        return Ok(skipped(boot, format!("{} is not installed", machine.emulator)));
    }
    let library = match library {
        Ok(library) => library,
        Err(reason) => return Ok(skipped(boot, format!("{reason:#}"))),
    };
    let found = kernel(cache, machine, (boot.series, machine.debian), boot.suite)
        .and_then(|kernel| Ok((kernel, firmware(cache, machine)?)));
    let (kernel, firmware) = match found {
        Ok(found) => found,
        Err(reason) => return Ok(skipped(boot, format!("{reason:#}"))),
    };
    let built = initramfs
        .entry(machine.target)
        .or_insert_with(|| guest::initramfs(cache, library, machine));
    match built {
        Ok(initramfs) => {
            let parts = Parts {
                firmware: firmware.as_deref(),
                kernel: &kernel,
                initramfs,
                parameters: boot.parameters,
                processors: 1,
            };
            booted(cache, boot, &parts, &run.progress)
        }
        Err(reason) => Ok(failed(boot, format!("{reason:#}"))),
    }
}

fn skipped(boot: &Boot, reason: String) -> Row {
    Row {
        name: boot.name(),
        took: Default::default(),
        subject: String::new(),
        outcome: Outcome::Skipped(reason),
    }
}

fn failed(boot: &Boot, reason: String) -> Row {
    Row { outcome: Outcome::Failed(reason), ..skipped(boot, String::new()) }
}

fn booted(cache: &Path, boot: &Boot, parts: &Parts<'_>, progress: &Progress) -> Result<Row> {
    let name = boot.name();
    let log = limited::log(cache, &name)?;
    let start = Instant::now();
    let console = match boot.machine.boot(parts, &log) {
        Ok(console) => console,
        Err(reason) => {
            return Ok(Row { took: start.elapsed(), ..failed(boot, format!("{reason:#}")) });
        }
    };
    let took = start.elapsed();
    let said = Said::read(&console);
    for line in &said.lines {
        progress.say(&format!("  {line}"));
    }
    let mut subject = format!("{}, {} ok", said.layout.unwrap_or("no layout"), said.ok.len());
    if !said.skipped.is_empty() {
        subject.push_str(&format!(", {} skipped", said.skipped.len()));
    }
    Ok(Row { name, took, subject, outcome: said.judge(&boot.expected) })
}

/// Finds the newest kernel of a series and a flavour in the cache, or fetches it from a suite.
/// The plain flavour is named after the CPU.
pub(super) fn kernel(
    cache: &Path,
    machine: &Machine,
    (series, flavour): (&str, &str),
    suite: &str,
) -> Result<PathBuf> {
    let kernels = cache.join("kernels");
    let kernel = kernels.join(format!("{flavour}-{}", series.trim_end_matches('.')));
    if kernel.exists() {
        return Ok(kernel);
    }
    fs::create_dir_all(&kernels)?;
    let suites = Suites::open(cache, &Mirror::of_this_machine()?, &[suite], machine.debian)?;
    // From 7.x on the image's package is split, and `linux-image` but refers
    // to `linux-binary`.
    let mut newest = None;
    for kind in ["linux-image-", "linux-binary-"] {
        for package in suites.names(&format!("{kind}{series}"))? {
            let release = package.strip_prefix(kind).and_then(|rest| release(rest, flavour));
            newest = newest.max(release.map(|release| (release, kind == "linux-binary-", package)));
        }
    }
    let (_, _, package) =
        newest.ok_or_else(|| anyhow!("{suite} has no kernel {series}x for {flavour}"))?;
    println!("fetching {package}");
    let partial = tempfile::tempdir_in(&kernels)?;
    suites.unpack(&package, "*/vmlinu[xz]*", partial.path())?;
    let image = files(partial.path())?.pop().ok_or_else(|| anyhow!("{package} has no kernel"))?;
    fs::rename(image, &kernel)?;
    Ok(kernel)
}

/// Finds the machine's firmware in the cache, or fetches it.
fn firmware(cache: &Path, machine: &Machine) -> Result<Option<PathBuf>> {
    let Some(firmware) = &machine.firmware else { return Ok(None) };
    let folder = cache.join("kernels");
    let file = folder.join(firmware.package);
    if !file.exists() {
        let mirror = Mirror::of_this_machine()?;
        let suites = Suites::open(cache, &mirror, &[firmware.suite], machine.debian)?;
        println!("fetching {}", firmware.package);
        let partial = tempfile::tempdir_in(&folder)?;
        suites.unpack(firmware.package, firmware.file, partial.path())?;
        let unpacked = files(partial.path())?.pop();
        let unpacked = unpacked.ok_or_else(|| anyhow!("{} has none", firmware.package))?;
        fs::rename(unpacked, &file)?;
    }
    Ok(Some(file))
}

/// The numbers of the release of a kernel of a flavour; `None` for the other flavours.
///
/// `6.12.107+deb13-amd64` is of `amd64`, `6.12.107+deb13-cloud-amd64` is not.
fn release(rest: &str, flavour: &str) -> Option<Vec<u32>> {
    // POWER's is named otherwise than its CPU.
    let flavour = if flavour == "ppc64el" { "powerpc64le" } else { flavour };
    let release = rest.strip_suffix(flavour)?.strip_suffix('-')?;
    let numbers = release.replace("deb", "");
    numbers.split(['.', '-', '+']).map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_from_flavours() {
        let cases: &[(&str, &str, Option<&[u32]>)] = &[
            ("6.12.107+deb13-amd64", "amd64", Some(&[6, 12, 107, 13])),
            ("6.1.0-50-amd64", "amd64", Some(&[6, 1, 0, 50])),
            ("6.12.90+deb12.1-arm64", "arm64", Some(&[6, 12, 90, 12, 1])),
            ("6.12.107+deb13-powerpc64le", "ppc64el", Some(&[6, 12, 107, 13])),
            ("6.12.107+deb13-cloud-amd64", "amd64", None),
            ("6.12.107+deb13-rt-amd64", "amd64", None),
            ("6.12.107+deb13-amd64-unsigned", "amd64", None),
            ("6.12.107+deb13-arm64-16k", "arm64", None),
            ("6.12.107+deb13-arm64-16k", "arm64-16k", Some(&[6, 12, 107, 13])),
            ("6.12.107+deb13-arm64", "arm64-16k", None),
        ];
        for (name, cpu, want) in cases {
            let got = release(name, cpu);
            assert_eq!(got.as_deref(), *want, "release({name:?}, {cpu:?})");
        }
    }

    #[test]
    fn what_is_left_out_is_there() {
        for name in LEFT_OUT {
            assert!(names().iter().any(|row| row == name), "{name}");
        }
    }

    #[test]
    fn rows_have_names_of_their_own() {
        let mut names: Vec<String> = BOOTS.iter().map(Boot::name).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
