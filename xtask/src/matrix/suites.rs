//! The libraries' own tests on other CPUs, whose programs are emulated, or on this
//! one in its mode of 32 bits.

use super::library::Library;
use super::limited::{self, Ended};
use super::progress::Progress;
use super::report::{How, Outcome, Row};
use super::running::Run;
use super::sysroot::{Cpu, Sysroot, emulator};
use crate::repository;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const PACKAGES: &[&str] = &[
    "instanter-counter",
    "instanter-page",
    "instanter-clock",
    "instanter-civil",
    "instanter-zone",
];

/// Tests that are left out where they are emulated, by the beginning of their names, and
/// why.
const LEFT_OUT: &[(&str, &str)] =
    &[("sequence::model::", "every interleaving: takes minutes emulated, the same on every CPU")];

/// What `--brief` leaves out: CPUs like the first, of 64 bits and little-endian.
const LEFT_OUT_BRIEFLY: &[&str] =
    &["riscv64 tests in qemu-user", "ppc64le tests in qemu-user", "loongarch64 tests in qemu-user"];

/// Building included, on a busy machine.
const LONGEST: Duration = Duration::from_secs(3000);

/// This one's C library other parts use, too.
pub(super) const AARCH64: Cpu = Cpu {
    name: "aarch64 tests in qemu-user",
    target: "aarch64-unknown-linux-gnu",
    debian: "arm64",
    suite: "trixie",
    triple: "aarch64-linux-gnu",
    interpreter: "/lib/ld-linux-aarch64.so.1",
    emulator: Some("qemu-aarch64"),
};

const CPUS: &[Cpu] = &[
    AARCH64,
    Cpu {
        name: "riscv64 tests in qemu-user",
        target: "riscv64gc-unknown-linux-gnu",
        debian: "riscv64",
        suite: "trixie",
        triple: "riscv64-linux-gnu",
        interpreter: "/lib/ld-linux-riscv64-lp64d.so.1",
        emulator: Some("qemu-riscv64"),
    },
    Cpu {
        name: "s390x tests in qemu-user",
        target: "s390x-unknown-linux-gnu",
        debian: "s390x",
        suite: "trixie",
        triple: "s390x-linux-gnu",
        interpreter: "/lib/ld64.so.1",
        emulator: Some("qemu-s390x"),
    },
    Cpu {
        name: "ppc64le tests in qemu-user",
        target: "powerpc64le-unknown-linux-gnu",
        debian: "ppc64el",
        suite: "trixie",
        triple: "powerpc64le-linux-gnu",
        interpreter: "/lib64/ld64.so.2",
        emulator: Some("qemu-ppc64le"),
    },
    Cpu {
        name: "loongarch64 tests in qemu-user",
        target: "loongarch64-unknown-linux-gnu",
        debian: "loong64",
        suite: "sid",
        triple: "loongarch64-linux-gnu",
        interpreter: "/lib64/ld-linux-loongarch-lp64d.so.1",
        emulator: Some("qemu-loongarch64"),
    },
    Cpu {
        name: "i686 tests, native",
        target: "i686-unknown-linux-gnu",
        debian: "i386",
        suite: "trixie",
        triple: "i386-linux-gnu",
        interpreter: "/lib/ld-linux.so.2",
        emulator: None,
    },
];

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    CPUS.iter().map(|cpu| cpu.name.to_owned()).collect()
}

/// Runs the tests of every row that is wanted.
pub(super) fn run(run: &mut Run) -> Result<()> {
    let library = Library::find(&run.cache);
    for cpu in CPUS {
        if !run.begins(cpu.name) {
            continue;
        }
        let start = Instant::now();
        let (subject, outcome) = match &library {
            _ if run.brief && LEFT_OUT_BRIEFLY.contains(&cpu.name) => {
                (String::new(), Outcome::Skipped("left out by --brief".to_owned()))
            }
            Err(reason) => (String::new(), Outcome::Skipped(format!("{reason:#}"))),
            Ok(_) if cpu.emulator.is_none() && !cfg!(target_arch = "x86_64") => {
                (String::new(), Outcome::Skipped("this machine is no x86-64".to_owned()))
            }
            Ok(library) => tests(&run.cache, library, cpu, &run.progress)?,
        };
        let row = Row { name: cpu.name.to_owned(), took: start.elapsed(), subject, outcome };
        run.ended(cpu.name, How::Ran, vec![row])?;
    }
    Ok(())
}

fn tests(
    cache: &Path,
    library: &Library,
    cpu: &Cpu,
    progress: &Progress,
) -> Result<(String, Outcome)> {
    let prepared = Sysroot::find(cache, cpu).and_then(|sysroot| {
        let emulator = cpu.emulator.map(|name| emulator(cache, name)).transpose()?;
        // Rather than with each row's tests: that would be half of its time.
        Ok((sysroot, emulator, library.flags(cache, cpu.target)?))
    });
    let (sysroot, emulator, std) = match prepared {
        Ok(prepared) => prepared,
        Err(reason) => return Ok((String::new(), Outcome::Skipped(format!("{reason:#}")))),
    };
    let of_target =
        |key: &str, values: &[String]| format!("target.{}.{key}={values:?}", cpu.target);
    let flags: Vec<String> = sysroot.flags(cpu).into_iter().chain(std).collect();
    let mut settings = vec![of_target("rustflags", &flags)];
    if let Some(emulator) = emulator {
        let texts = [&emulator, Path::new("-L"), &sysroot.folder];
        let texts: Vec<String> = texts.iter().map(|path| path.display().to_string()).collect();
        settings.push(of_target("runner", &texts));
    }
    let manifest = repository().join("Cargo.toml").display().to_string();
    let target_folder = cache.join("suites").display().to_string();
    let fixed = [
        "test",
        "--tests",
        "--no-fail-fast",
        "--manifest-path",
        &manifest,
        "--target-dir",
        &target_folder,
        "--target",
        cpu.target,
    ];
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    let settings = settings.iter().flat_map(|setting| ["--config", setting.as_str()]);
    let left_out = if cpu.emulator.is_some() { LEFT_OUT } else { &[] };
    let skips = left_out.iter().flat_map(|(name, _)| ["--skip", name]);
    let skips = ["--"].into_iter().chain(skips);
    let command = library
        .cargo(fixed.into_iter().chain(packages).chain(settings).chain(skips))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Emulated, what is not optimised at all takes several times longer than building
        // it so takes more: mostly the standard library and the tests themselves.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", if cpu.emulator.is_some() { "1" } else { "0" })
        .env("CARGO_INCREMENTAL", "0")
        // What a test may do to this machine is not for an emulator to try.
        .env_remove("INSTANTER_TEST_DISTURB")
        .env_remove("INSTANTER_TEST_ALL");
    let log = limited::log(cache, cpu.name)?;
    let ended = limited::run(&command, LONGEST, &log)?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let said = Said::read(&text);
    for (name, reason) in left_out {
        progress.say(&format!("  skipped {name}*: {reason}"));
    }
    for line in said.skipped.iter().chain(&said.failed) {
        progress.say(&format!("  {line}"));
    }
    let mut subject = format!("{} tests", said.passed);
    let skipped = said.skipped.len() + said.filtered;
    if skipped > 0 {
        subject.push_str(&format!(", {skipped} skipped"));
    }
    let outcome = match ended {
        Ended::Well => Outcome::Passed,
        Ended::Badly if said.failed.is_empty() => {
            Outcome::Failed(format!("does not build or start, see {}", log.display()))
        }
        Ended::Badly => {
            Outcome::Failed(format!("{}, see {}", said.failed.join(", "), log.display()))
        }
        Ended::TooLate => Outcome::Failed(format!(
            "killed in {} after {} s, see {}",
            said.last.unwrap_or("the build"),
            LONGEST.as_secs(),
            log.display()
        )),
    };
    Ok((subject, outcome))
}

/// What test programs said.
struct Said<'a> {
    passed: usize,
    failed: Vec<&'a str>,
    /// Names and reasons, in the tests' own words.
    skipped: Vec<&'a str>,
    /// How many were left out by name.
    filtered: usize,
    /// The program that was started last.
    last: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn read(text: &'a str) -> Said<'a> {
        let mut said = Said { passed: 0, failed: vec![], skipped: vec![], filtered: 0, last: None };
        for line in text.lines().map(str::trim) {
            if let Some((_, count)) = line.split_once("measured; ") {
                let count = count.split_once(" filtered out").and_then(|it| it.0.parse().ok());
                said.filtered += count.unwrap_or(0);
            } else if let Some(test) = line.strip_prefix("test ") {
                if let Some((name, result)) = test.rsplit_once(" ... ") {
                    match result {
                        "ok" => said.passed += 1,
                        "FAILED" => said.failed.push(name.trim_end()),
                        _ => {}
                    }
                }
            } else if line.starts_with("skipped ") && !said.skipped.contains(&line) {
                said.skipped.push(line);
            } else if let Some(program) = line.strip_prefix("Running ") {
                said.last = program.split_once(" (").map(|(program, _)| program);
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_there() {
        for name in LEFT_OUT_BRIEFLY {
            assert!(names().iter().any(|row| row == name), "{name}");
        }
    }

    #[test]
    fn test_programs_are_understood() {
        let text = "     Running tests/local.rs (/target/debug/deps/local-97987a1d)\n\
                    test table_of_cases ... FAILED\n\
                    skipped child: this program cannot start itself\n\
                    test child              ... ok\n\
                    test no_vdso_at_all     ... ignored\n\
                    test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 3 filtered out; \
                    finished in 0.06s\n";
        let said = Said::read(text);
        assert_eq!((said.passed, said.failed), (1, vec!["table_of_cases"]));
        assert_eq!(said.skipped, ["skipped child: this program cannot start itself"]);
        assert_eq!(said.filtered, 3);
        assert_eq!(said.last, Some("tests/local.rs"));
    }
}
