//! Whether the workspace builds for other systems, without a warning of clippy's; and
//! links, where a linker for them can be had.

use super::library::Library;
use super::linker;
use super::report::{Outcome, Row};
use crate::repository;
use anyhow::Result;
use std::path::Path;
use std::time::{Duration, Instant};

const STD: &str = "-Zbuild-std=core,alloc,std,panic_abort";
const ALLOC: &str = "-Zbuild-std=core,alloc";

/// A set of crates, and how it is built.
struct Set {
    name: &'static str,
    foundation: &'static str,
    crates: &'static [&'static str],
    more: &'static [&'static str],
}

/// Everything but `preload`, which stands in front of glibc, and what runs on the machine of
/// whoever develops.
const WORKSPACE: Set = Set {
    name: "workspace",
    foundation: STD,
    crates: &[
        "instanter",
        "instanter-abi",
        "instanter-civil",
        "instanter-cli",
        "instanter-clock",
        "instanter-counter",
        "instanter-keeper",
        "instanter-measure",
        "instanter-page",
        "instanter-zone",
    ],
    more: &["--all-features"],
};

/// The same without the command: a page in a browser has no command line.
const LIBRARIES: Set = Set {
    name: "libraries",
    crates: &[
        "instanter",
        "instanter-abi",
        "instanter-civil",
        "instanter-clock",
        "instanter-counter",
        "instanter-keeper",
        "instanter-measure",
        "instanter-page",
        "instanter-zone",
    ],
    ..WORKSPACE
};

/// What needs no operating system.
const BARE: Set = Set {
    name: "no_std",
    foundation: ALLOC,
    crates: &[
        "instanter",
        "instanter-civil",
        "instanter-clock",
        "instanter-counter",
        "instanter-keeper",
        "instanter-page",
        "instanter-zone",
    ],
    more: &["--no-default-features"],
};

/// The clock's declarations of the C library, which its unit tests compare with the crate
/// `libc` as constants: that they compile is the comparison.
const DECLARATIONS: Set = Set {
    name: "declarations against libc",
    foundation: STD,
    crates: &["instanter-clock"],
    more: &["--lib", "--profile", "test"],
};

const TARGETS: &[(&str, &[Set])] = &[
    ("x86_64-unknown-freebsd", &[WORKSPACE, DECLARATIONS]),
    ("aarch64-unknown-freebsd", &[WORKSPACE, DECLARATIONS]),
    ("x86_64-unknown-openbsd", &[WORKSPACE, DECLARATIONS]),
    ("x86_64-unknown-netbsd", &[WORKSPACE, DECLARATIONS]),
    ("x86_64-unknown-dragonfly", &[WORKSPACE, DECLARATIONS]),
    ("x86_64-unknown-illumos", &[WORKSPACE, DECLARATIONS]),
    ("x86_64-apple-darwin", &[WORKSPACE, DECLARATIONS]),
    ("aarch64-apple-darwin", &[WORKSPACE, DECLARATIONS]),
    ("aarch64-linux-android", &[WORKSPACE]),
    ("x86_64-pc-windows-gnu", &[WORKSPACE]),
    ("x86_64-pc-windows-msvc", &[WORKSPACE]),
    ("wasm32-wasip1", &[WORKSPACE]),
    ("wasm32-unknown-unknown", &[LIBRARIES]),
    ("x86_64-unknown-none", &[BARE]),
];

/// Targets whose programs are linked.
const LINKED: &[&str] = &["x86_64-unknown-freebsd", "aarch64-apple-darwin"];

/// The targets, each of which is one row of README's table.
pub(super) fn targets() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|(target, _)| *target)
}

/// Checks, and links, every row whose name contains `only`.
pub(super) fn run(cache: &Path, only: &str) -> Result<Vec<Row>> {
    let library = Library::find(cache);
    let mut rows = Vec::new();
    for (target, sets) in TARGETS.iter().filter(|(target, _)| target.contains(only)) {
        for set in *sets {
            let start = Instant::now();
            let (took, outcome) = match &library {
                Err(reason) => (Duration::ZERO, Outcome::Skipped(format!("{reason:#}"))),
                Ok(library) => {
                    let outcome = clippy(cache, library, target, set)?;
                    (start.elapsed(), outcome)
                }
            };
            let subject = format!("{}: clippy", set.name);
            rows.push(Row { name: (*target).to_owned(), took, subject, outcome });
        }
    }
    for target in LINKED.iter().filter(|target| target.contains(only)) {
        let start = Instant::now();
        let outcome = match &library {
            Err(reason) => Outcome::Skipped(format!("{reason:#}")),
            Ok(library) => linker::link(cache, library, target),
        };
        let (name, subject) = ((*target).to_owned(), "the command: linked".to_owned());
        rows.push(Row { name, took: start.elapsed(), subject, outcome });
    }
    Ok(rows)
}

fn clippy(cache: &Path, library: &Library, target: &str, set: &Set) -> Result<Outcome> {
    let folder = cache.join("check").display().to_string();
    let manifest = repository().join("Cargo.toml").display().to_string();
    let shared = ["clippy", "--quiet", "--manifest-path", &manifest, "--target-dir", &folder];
    let packages = set.crates.iter().flat_map(|package| ["--package", package]);
    let built_for = ["--target", target, set.foundation];
    let arguments = shared.into_iter().chain(packages).chain(built_for);
    let arguments = arguments.chain(set.more.iter().copied()).chain(["--", "--deny", "warnings"]);
    let built = library.cargo(arguments).unchecked().run()?;
    Ok(if built.status.success() {
        Outcome::Passed
    } else {
        Outcome::Failed("does not build without a warning, see above".to_owned())
    })
}
