//! Installs the emulators, without changing what is installed already.

use super::debian::{Mirror, Suites, quietly};
use super::qemu::{AARCH64, LOONGARCH64, Machine, POWERPC64LE, RISCV64, S390X, X86_64};
use super::report::{Outcome, Row};
use anyhow::{Result, bail};
use duct::cmd;
use std::path::Path;
use std::time::Instant;

/// Each machine, and the packages it needs.
const NEEDS: &[(&Machine, &[&str])] = &[
    (&X86_64, &["qemu-system-x86", "seabios"]),
    (&AARCH64, &["qemu-system-arm"]),
    (&RISCV64, &["qemu-system-misc", "opensbi"]),
    (&S390X, &["qemu-system-misc"]),
    (&POWERPC64LE, &["qemu-system-ppc", "qemu-slof"]),
    (&LOONGARCH64, &["qemu-system-misc"]),
];

/// Installs what is missing.
pub(super) fn run(cache: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (machine, packages) in NEEDS {
        let start = Instant::now();
        let outcome = if machine.is_here() {
            Outcome::Passed
        } else {
            match install(cache, packages) {
                Err(reason) => Outcome::Skipped(format!("{reason:#}")),
                Ok(()) if machine.is_here() => Outcome::Passed,
                Ok(()) => Outcome::Failed(format!("{} is still missing", machine.emulator)),
            }
        };
        let (name, subject) = (machine.emulator.to_owned(), packages.join(" "));
        rows.push(Row { name, took: start.elapsed(), subject, outcome });
    }
    Ok(rows)
}

fn install(cache: &Path, packages: &[&str]) -> Result<()> {
    if cmd!("id", "-u").read()? != "0" {
        bail!("only root may install it");
    }
    let mirror = Mirror::of_this_machine()?;
    let cpu = cmd!("dpkg", "--print-architecture").read()?;
    let release = mirror.release.as_str();
    let (updates, backports) = (format!("{release}-updates"), format!("{release}-backports"));
    // The backport is the better emulator. The release's own will do.
    let mut refusal = None;
    for suites in [[release, &updates, &backports].as_slice(), &[release, &updates]] {
        let plan = Suites::open(cache, &mirror, suites, &cpu).and_then(|apt| {
            let wanted = if suites.len() == 3 { vec!["-t", &backports] } else { Vec::new() };
            let apt_get = |more: &[&str]| {
                let install = ["-q", "-y", "--no-install-recommends", "install"];
                let arguments = apt.options().iter().map(String::as_str);
                let arguments = arguments.chain(more.iter().copied()).chain(install);
                let arguments =
                    arguments.chain(wanted.iter().copied()).chain(packages.iter().copied());
                cmd("apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive")
            };
            let simulation = quietly(apt_get(&["--simulate"]))?;
            if let Some(package) = disturbed(&simulation) {
                bail!("installing it would replace or remove {package}");
            }
            quietly(apt_get(&["--no-remove"])).map(drop)
        });
        match plan {
            Ok(()) => return Ok(()),
            Err(reason) => refusal = refusal.or(Some(reason)),
        }
    }
    refusal.map_or(Ok(()), Err)
}

/// A package that is installed already and that the plan would not leave alone.
///
/// `Inst NAME [OLD] (NEW …)` replaces, `Inst NAME (NEW …)` adds.
fn disturbed(simulation: &str) -> Option<&str> {
    simulation.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        match (words.next()?, words.next()?, words.next()) {
            ("Remv", package, _) => Some(package),
            ("Inst", package, Some(old)) if old.starts_with('[') => Some(package),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_replaces_or_removes_is_seen() {
        let cases = [
            (
                "Inst qemu-system-arm (1:10.0 backports [amd64])\nConf qemu-system-arm (1:10.0)",
                None,
            ),
            (
                "Inst seabios (1.16 stable [all])\nInst libc6 [2.36] (2.41 testing [amd64]) []",
                Some("libc6"),
            ),
            ("Remv gdb [13.1]\nInst seabios (1.16 stable [all])", Some("gdb")),
            ("NOTE: This is only a simulation!", None),
        ];
        for (simulation, want) in cases {
            assert_eq!(disturbed(simulation), want, "disturbed({simulation:?})");
        }
    }
}
