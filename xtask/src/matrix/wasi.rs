//! The command in WebAssembly, run by node's WASI, which gives it clocks and no files.

use super::debian::{Mirror, Suites};
use super::library::Library;
use super::limited::{self, Ended};
use super::report::{How, Outcome, Row};
use super::running::Run;
use crate::repository;
use anyhow::{Context, Result, anyhow, bail, ensure};
use duct::cmd;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const NAME: &str = "wasm32-wasip1 in node";
const TARGET: &str = "wasm32-wasip1";

/// On a busy machine: nothing of this takes more than some seconds on another.
const LONGEST: Duration = Duration::from_secs(120);

/// What node is to do with a program.
const HOST: &str = "\
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';
const [program, ...rest] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['instanter', ...rest], returnOnExit: true });
const module = await WebAssembly.compile(await readFile(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
";

/// Arguments, and the line that must be printed. Far ends of time included: numbers of 32
/// bits are the machine's own there. The moments are those of GNU date with the same zones.
const ANSWERS: &[(&[&str], &str)] = &[
    (
        &["date", "2024-07-01T12:00", "--in", "Asia/Tokyo", "--to", "America/New_York"],
        "2024-06-30T23:00:00-04:00[America/New_York]",
    ),
    (&["date", "@1720000000", "--to", "Europe/Berlin"], "2024-07-03T11:46:40+02:00[Europe/Berlin]"),
    (
        &["date", "@32519620800", "--to", "Europe/Berlin"],
        "3000-07-04T14:00:00+02:00[Europe/Berlin]",
    ),
    (
        &["date", "@-1000000000", "--to", "America/New_York"],
        "1938-04-24T18:13:20-04:00[America/New_York]",
    ),
];

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    vec![NAME.to_owned()]
}

/// Builds the command and runs it, if that is wanted.
pub(super) fn run(run: &mut Run) -> Result<()> {
    if !run.begins(NAME) {
        return Ok(());
    }
    let start = Instant::now();
    let prepared = prepare(&run.cache);
    let (subject, outcome) = match prepared {
        Err(reason) => (String::new(), Outcome::Skipped(format!("{reason:#}"))),
        Ok((library, libc)) => match tried(&run.cache, &library, &libc) {
            Ok(seen) => (seen, Outcome::Passed),
            Err(reason) => (String::new(), Outcome::Failed(format!("{reason:#}"))),
        },
    };
    let row = Row { name: NAME.to_owned(), took: start.elapsed(), subject, outcome };
    run.ended(NAME, How::Ran, vec![row])
}

/// Finds what is needed.
fn prepare(cache: &Path) -> Result<(Library, PathBuf)> {
    cmd!("node", "--version").stdout_null().stderr_null().run().context("node is not installed")?;
    Ok((Library::find(cache)?, libc(cache)?))
}

/// The folder of WASI's C library, out of Debian's package; fetched the first time.
fn libc(cache: &Path) -> Result<PathBuf> {
    let parent = cache.join("wasi-libc");
    let folder = parent.join("usr/lib/wasm32-wasi");
    if !folder.exists() {
        fs::create_dir_all(&parent)?;
        let cpu = cmd!("dpkg", "--print-architecture").read()?;
        let suites = Suites::open(cache, &Mirror::of_this_machine()?, &["trixie"], &cpu)?;
        suites.unpack("wasi-libc", "./usr/lib/wasm32-wasi/*", &parent)?;
    }
    Ok(folder)
}

fn tried(cache: &Path, library: &Library, libc: &Path) -> Result<String> {
    let program = build(cache, library, libc)?;
    let host = cache.join("wasi").join("host.mjs");
    fs::write(&host, HOST)?;
    let (program, host) = (program.display().to_string(), host.display().to_string());
    let instanter = |arguments: &[&str]| -> Result<String> {
        let log = limited::log(cache, "wasi")?;
        let fixed = ["--no-warnings", &host, &program];
        let command = cmd("node", fixed.into_iter().chain(arguments.iter().copied()));
        let ended = limited::run(&command, LONGEST, &log)?;
        let said = fs::read_to_string(&log)?;
        let arguments = arguments.join(" ");
        match ended {
            Ended::Well => Ok(said),
            Ended::Badly => bail!("instanter {arguments}: {}", said.trim()),
            Ended::TooLate => bail!("instanter {arguments}: killed after {} s", LONGEST.as_secs()),
        }
    };
    let unix_s = || anyhow::Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
    let before = unix_s()?;
    let now = number(&instanter(&["--json"])?, "unix_seconds")?;
    let after = unix_s()?;
    ensure!((before..=after).contains(&now), "now is {now}, not between {before} and {after}");
    let clocks = instanter(&["clocks", "--json"])?;
    let count = clocks.matches("\"source\": \"system\"").count();
    for clock in ["CLOCK_REALTIME", "CLOCK_MONOTONIC"] {
        ensure!(clocks.contains(&format!("\"{clock}\"")), "clocks has no {clock}");
    }
    let zone = instanter(&["zone", "Europe/Berlin"])?;
    ensure!(zone.contains("this program's copy of the tz database"), "zone says {zone:?}");
    for (arguments, want) in ANSWERS {
        let got = instanter(arguments)?;
        ensure!(
            got.trim() == *want,
            "{}: {:?}, expected {want:?}",
            arguments.join(" "),
            got.trim()
        );
    }
    Ok(format!("now, {count} clocks, zone, {} dates", ANSWERS.len()))
}

/// The whole number of a JSON object's field.
fn number(json: &str, field: &str) -> Result<u64> {
    let (_, rest) =
        json.split_once(&format!("\"{field}\":")).ok_or_else(|| anyhow!("no {field} in {json}"))?;
    let value = rest.trim_start();
    let end = value.find(|byte: char| !byte.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().with_context(|| format!("{field} is no number in {json}"))
}

fn build(cache: &Path, library: &Library, libc: &Path) -> Result<PathBuf> {
    let folder = cache.join("wasi");
    let manifest = repository().join("Cargo.toml").display().to_string();
    let start = libc.join("crt1-command.o");
    let flags = [
        "-Clink-self-contained=no".to_owned(),
        format!("-Lnative={}", libc.display()),
        format!("-Clink-arg={}", start.display()),
    ];
    let flags = format!("target.{TARGET}.rustflags={flags:?}");
    let target_folder = folder.display().to_string();
    let arguments = [
        "build",
        "--quiet",
        "--manifest-path",
        &manifest,
        "--target-dir",
        &target_folder,
        "--package",
        "instanter-cli",
        "--bin",
        "instanter",
        "--target",
        TARGET,
        "--config",
        &flags,
        "-Zbuild-std=core,alloc,std,panic_abort",
    ];
    let built = library.cargo(arguments).env("CARGO_PROFILE_DEV_DEBUG", "0").unchecked().run()?;
    ensure!(built.status.success(), "does not build, see above");
    Ok(folder.join(TARGET).join("debug/instanter.wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_fields() {
        for json in ["{\"now\": 15}", "{\n  \"now\":15,\n  \"then\": 2 }"] {
            assert_eq!(number(json, "now").unwrap(), 15, "{json}");
        }
        assert!(number("{\"now\": 1}", "then").is_err());
        assert!(number("{\"now\": null}", "now").is_err());
    }
}
