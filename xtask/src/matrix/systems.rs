//! Whether the workspace builds for other systems, without a warning of clippy's; and
//! links, where a linker for them can be had.

use super::library::Library;
use super::linker;
use super::report::{LINKED, Outcome, Row};
use super::running::Run;
use crate::repository;
use anyhow::Result;
use std::path::Path;
use std::time::Instant;

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

/// A system, and what is built for it.
pub(super) struct System {
    pub(super) target: &'static str,
    sets: &'static [Set],
    /// Whether the command is linked, too.
    linked: bool,
}

const fn system(target: &'static str, sets: &'static [Set]) -> System {
    System { target, sets, linked: false }
}

const fn linked(target: &'static str, sets: &'static [Set]) -> System {
    System { target, sets, linked: true }
}

/// Each of them is one row of README's table.
pub(super) const TARGETS: &[System] = &[
    linked("x86_64-unknown-freebsd", &[WORKSPACE, DECLARATIONS]),
    system("aarch64-unknown-freebsd", &[WORKSPACE, DECLARATIONS]),
    system("x86_64-unknown-openbsd", &[WORKSPACE, DECLARATIONS]),
    system("x86_64-unknown-netbsd", &[WORKSPACE, DECLARATIONS]),
    system("x86_64-unknown-dragonfly", &[WORKSPACE, DECLARATIONS]),
    system("x86_64-unknown-illumos", &[WORKSPACE, DECLARATIONS]),
    linked("x86_64-apple-darwin", &[WORKSPACE, DECLARATIONS]),
    linked("aarch64-apple-darwin", &[WORKSPACE, DECLARATIONS]),
    system("aarch64-linux-android", &[WORKSPACE]),
    system("x86_64-pc-windows-gnu", &[WORKSPACE]),
    system("x86_64-pc-windows-msvc", &[WORKSPACE]),
    system("wasm32-wasip1", &[WORKSPACE]),
    system("wasm32-unknown-unknown", &[LIBRARIES]),
    system("x86_64-unknown-none", &[BARE]),
];

/// Checks, and links, a row.
pub(super) fn rows(
    run: &Run,
    library: Result<&Library, &anyhow::Error>,
    system: &System,
) -> Result<Vec<Row>> {
    let cache = &run.cache;
    let mut rows = Vec::new();
    let mut tried = |subject: String, what: &dyn Fn(&Library) -> Result<Outcome>| {
        let start = Instant::now();
        let outcome = match library {
            Err(reason) => Outcome::Skipped(format!("{reason:#}")),
            Ok(library) => what(library)?,
        };
        let (name, took) = (system.target.to_owned(), start.elapsed());
        rows.push(Row { name, took, subject, outcome });
        anyhow::Ok(())
    };
    for set in system.sets {
        tried(format!("{}: clippy", set.name), &|library| {
            clippy(cache, library, system.target, set)
        })?;
    }
    if system.linked && !run.brief {
        tried(format!("the command: {LINKED}"), &|library| {
            Ok(linker::link(cache, library, system.target))
        })?;
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
