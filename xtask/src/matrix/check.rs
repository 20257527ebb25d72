//! Whether the libraries build for CPUs and C libraries other than this one's, and the
//! workspace for other systems (`systems`).

use super::library::Library;
use super::report::{How, Outcome, Row};
use super::running::Run;
use crate::repository;
use anyhow::Result;
use std::path::Path;
use std::time::Instant;

const TARGETS: &[&str] = &[
    "aarch64-unknown-linux-gnu",
    "riscv64gc-unknown-linux-gnu",
    "powerpc64le-unknown-linux-gnu",
    "powerpc64-unknown-linux-gnu",
    "s390x-unknown-linux-gnu",
    "loongarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
];

/// Crates that are built together, and what they stand on.
const SETS: &[(&str, &[&str])] = &[
    (
        "-Zbuild-std=core",
        &["instanter-counter", "instanter-page", "instanter-keeper", "instanter-clock"],
    ),
    (
        "-Zbuild-std=core,alloc,std,panic_abort",
        &["instanter", "instanter-abi", "instanter-civil", "instanter-preload", "instanter-zone"],
    ),
];

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    TARGETS
        .iter()
        .copied()
        .chain(super::systems::TARGETS.iter().map(|system| system.target))
        .map(str::to_owned)
        .collect()
}

/// Checks every row that is wanted.
pub(super) fn run(run: &mut Run) -> Result<()> {
    let library = Library::find(&run.cache);
    for target in TARGETS {
        if run.begins(target) {
            let rows = SETS.iter().map(|set| row(&run.cache, library.as_ref(), target, set));
            let rows = rows.collect::<Result<Vec<Row>>>()?;
            run.ended(target, How::Built, rows)?;
        }
    }
    for system in super::systems::TARGETS {
        let target = system.target;
        if run.begins(target) {
            let rows = super::systems::rows(run, library.as_ref(), system)?;
            run.ended(target, How::Built, rows)?;
        }
    }
    Ok(())
}

fn row(
    cache: &Path,
    library: Result<&Library, &anyhow::Error>,
    target: &str,
    (foundation, crates): &(&str, &[&str]),
) -> Result<Row> {
    let start = Instant::now();
    let outcome = match library {
        Err(reason) => Outcome::Skipped(format!("{reason:#}")),
        Ok(library) => {
            let target_folder = cache.join("check").display().to_string();
            let manifest = repository().join("Cargo.toml").display().to_string();
            let shared = ["check", "--quiet", "--manifest-path", &manifest];
            let shared = shared.into_iter().chain(["--target-dir", &target_folder]);
            let packages = crates.iter().flat_map(|package| ["--package", package]);
            let built_for = ["--target", target, foundation];
            let built = library.cargo(shared.chain(packages).chain(built_for)).unchecked().run()?;
            if built.status.success() {
                Outcome::Passed
            } else {
                Outcome::Failed("does not build, see above".to_owned())
            }
        }
    };
    let (name, subject) = (target.to_owned(), crates.join(", "));
    Ok(Row { name, took: start.elapsed(), subject, outcome })
}
